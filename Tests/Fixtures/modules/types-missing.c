/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static const catena_type *const *const types = NULL;
static catena_module module = {.struct_size = sizeof(catena_module), .n_types = 3};
ENTRY(module.types = types; return &module;)
