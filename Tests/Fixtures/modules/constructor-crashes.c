/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

__attribute__((constructor)) static void crash(void) { raise(SIGSEGV); }
MODULE_WITH()
