/* SPDX-License-Identifier: Apache-2.0 */
#include "running.h"

static void *steal(void *ticket)
{
    catena_status answer = odd_host->resume(odd_host, (uintptr_t)ticket, CATENA_FAIL, NULL);
    slow_host->resume(slow_host, (uintptr_t)ticket, answer == CATENA_GONE ? CATENA_NEXT : CATENA_FAIL, NULL);
    return NULL;
}

static catena_verdict wait(void *self, const catena_hop *hop)
{
    (void)self;
    return on_a_thread(steal, hop->call);
}
MODULE_WITH_ODD_AND_SLOW(pass, wait)
