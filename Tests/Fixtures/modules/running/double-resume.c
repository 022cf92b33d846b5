/* SPDX-License-Identifier: Apache-2.0 */
#include "running.h"

static catena_verdict request(void *self, const catena_hop *hop)
{
    (void)self;
    for (int i = 0; i < 2; i++) odd_host->resume(odd_host, hop->call, CATENA_NEXT, NULL);
    return CATENA_PENDING;
}
MODULE_WITH_ODD_AND_SLOW(request, pass)
