/* SPDX-License-Identifier: Apache-2.0 */
#include "running.h"

static catena_verdict request(void *self, const catena_hop *hop)
{
    (void)self, (void)hop;
    return 77;
}
MODULE_WITH_ODD_AND_SLOW(request, pass)
