/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

__attribute__((constructor)) static void crash(void)
{
    fputs("about to fail\ncannot find the \x1b[31mcard\n", stderr);
    abort();
}
MODULE_WITH()
