/* SPDX-License-Identifier: Apache-2.0 */
#include "running.h"

static catena_call first;

/* The second call resumes a hook of the first one, which is over. */
static catena_verdict request(void *self, const catena_hop *hop)
{
    (void)self;
    if (first == 0) {
        first = hop->call;
        return CATENA_FAIL;
    }
    return odd_host->resume(odd_host, first, CATENA_FAIL, NULL) == CATENA_GONE ? CATENA_NEXT : CATENA_FAIL;
}
MODULE_WITH_ODD_AND_SLOW(request, pass)
