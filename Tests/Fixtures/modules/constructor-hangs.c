/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

__attribute__((constructor)) static void wait(void) { for (;;) pause(); }
MODULE_WITH()
