/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static void save(void *self, const void *slot, uint32_t schema, const catena_writer *to) { (void)self, (void)slot, (void)schema, (void)to; }
static catena_status load(void *self, void *slot, uint32_t schema, catena_view bytes)
{
    (void)self, (void)slot, (void)schema, (void)bytes;
    return CATENA_OK;
}
MODULE_WITH(.state_schema = 2, .state_oldest = 1, .conn_save = save, .conn_load = load)
