/* SPDX-License-Identifier: Apache-2.0
 *
 * What a module needs that runs: two element types, "odd" and "slow", each of which has kept its host. "slow" stands behind "odd"
 * and answers from a thread of its own, so that something can go wrong while it is waited for.
 */
#include "../odd.h"
#include <pthread.h>

#define FOR_SOME __attribute__((unused)) /* what one module needs, another does not */

FOR_SOME static const catena_host *odd_host, *slow_host;
static void *const no_self = NULL;

FOR_SOME static catena_status create_odd(void *ctx, const catena_host *host, catena_str instance, catena_view config,
                                const uint32_t *value_offsets, void **self, const catena_sink *sink)
{
    (void)ctx, (void)instance, (void)config, (void)value_offsets, (void)sink;
    odd_host = host;
    *self = no_self;
    return CATENA_OK;
}

FOR_SOME static catena_status create_slow(void *ctx, const catena_host *host, catena_str instance, catena_view config,
                                 const uint32_t *value_offsets, void **self, const catena_sink *sink)
{
    (void)ctx, (void)instance, (void)config, (void)value_offsets, (void)sink;
    slow_host = host;
    *self = no_self;
    return CATENA_OK;
}

/* Runs `body` with a ticket on another thread. */
FOR_SOME static catena_verdict on_a_thread(void *(*body)(void *), catena_call ticket)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, (void *)(uintptr_t)ticket) != 0) abort();
    pthread_detach(thread);
    return CATENA_PENDING;
}

#define MODULE_WITH_ODD_AND_SLOW(odd_hook, slow_hook)                                                                    \
    static const catena_type odd = {GOOD_TYPE, .create = create_odd, .request = odd_hook};                               \
    static const catena_type slow = {GOOD_TYPE, .id = TEXT("slow"), .create = create_slow, .request = slow_hook};        \
    static const catena_type *const types[] = {&odd, &slow};                                                             \
    static const catena_module module = {GOOD_MODULE, .n_types = COUNT(types)};                                          \
    ENTRY(return &module;)

/* "slow" as it should be: answers by itself. */
FOR_SOME static catena_verdict pass(void *self, const catena_hop *hop)
{
    (void)self, (void)hop;
    return CATENA_NEXT;
}
