/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static const catena_value_decl values[] = {{GOOD_VALUE, .align = 3}};
MODULE_WITH(.values = values, .n_values = COUNT(values))
