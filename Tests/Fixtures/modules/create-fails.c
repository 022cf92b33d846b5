/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static catena_status create(void *ctx, const catena_host *host, catena_str instance, catena_view config,
                            const uint32_t *value_offsets, void **self, const catena_sink *sink)
{
    (void)ctx, (void)host, (void)instance, (void)config, (void)value_offsets, (void)self;
    sink->problem(sink->ctx, CATENA_SEVERITY_ERROR, (catena_str){NULL, 0}, (catena_str)TEXT("there is no card in slot 7: put one in"));
    return CATENA_UNAVAILABLE;
}
MODULE_WITH(.create = create)
