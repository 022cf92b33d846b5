/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static catena_status create(void *ctx, const catena_host *host, catena_str instance, catena_view config,
                            const uint32_t *value_offsets, void **self, const catena_sink *sink)
{
    (void)ctx, (void)host, (void)instance, (void)config, (void)value_offsets, (void)self, (void)sink;
    return CATENA_UNAVAILABLE;
}
MODULE_WITH(.create = create)
