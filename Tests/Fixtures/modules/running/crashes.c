/* SPDX-License-Identifier: Apache-2.0
 *
 * Crashes in one of its functions: WHERE is its name.
 */
#include "running.h"

static const catena_timer_api *timers;

static void crash_by_pointer(void) { *(volatile int *)(uintptr_t)sizeof(int) = 1; }

static uint64_t crash_by_depth(volatile uint64_t depth)
{
    volatile uint64_t room[64] = {depth};
    if (depth == UINT64_MAX) return 0;
    return crash_by_depth(depth + 1) + room[0];
}

static catena_status create(void *ctx, const catena_host *host, catena_str instance, catena_view config,
                            const uint32_t *value_offsets, void **self, const catena_sink *sink)
{
    timers = host->service(host, "timer/1");
    return create_odd(ctx, host, instance, config, value_offsets, self, sink);
}

static void fire(void *arg, void *conn_slot)
{
    (void)arg, (void)conn_slot;
    __builtin_trap();
}

static catena_verdict request(void *self, const catena_hop *hop)
{
    (void)self;
    if (WHERE == 1) crash_by_pointer();
    if (WHERE == 3) timers->at(odd_host, hop->conn, 0, 1, fire, NULL);
    return CATENA_NEXT;
}

static catena_verdict request_reply(void *self, const catena_hop *hop, const catena_error *below)
{
    (void)self, (void)hop, (void)below;
    if (WHERE == 2) return (catena_verdict)crash_by_depth(0);
    return CATENA_NEXT;
}

static void conn_dropped(void *self, catena_conn conn, void *conn_slot, catena_reason why)
{
    (void)self, (void)conn, (void)conn_slot, (void)why;
    if (WHERE == 4) abort();
}

MODULE_WITH(.create = create, .request = request, .request_reply = request_reply, .conn_dropped = conn_dropped, .conn_slot_size = 8)
