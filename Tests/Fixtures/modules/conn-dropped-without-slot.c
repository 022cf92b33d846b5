/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static void dropped(void *self, catena_conn conn, void *slot, catena_reason why) { (void)self, (void)conn, (void)slot, (void)why; }
MODULE_WITH(.conn_dropped = dropped)
