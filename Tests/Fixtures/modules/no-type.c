/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static const catena_module module = {.struct_size = sizeof(catena_module)};
ENTRY(return &module;)
