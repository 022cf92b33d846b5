/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

__attribute__((constructor)) static void leave(void) { _exit(3); }
MODULE_WITH()
