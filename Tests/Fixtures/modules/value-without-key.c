/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static const catena_value_decl values[] = {{GOOD_VALUE, .key = {NULL, 0}}};
MODULE_WITH(.values = values, .n_values = COUNT(values))
