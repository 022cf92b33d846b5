/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static void dropped(void *self, void *slot) { (void)self, (void)slot; }
MODULE_WITH(.call_dropped = dropped)
