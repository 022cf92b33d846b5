/* SPDX-License-Identifier: Apache-2.0
 *
 * Is told to start, says so on standard error, and never says that it has started.
 */
#include "running.h"
#include <stdio.h>

static void start(void *self, catena_finished done, void *ctx)
{
    (void)self, (void)done, (void)ctx;
    fputs("never-starts: start\n", stderr);
}

MODULE_WITH(.create = create_odd, .start = start)
