/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static const catena_type type = {GOOD_TYPE};
static const catena_type *const types[] = {&type};
static const catena_module module = {GOOD_MODULE, .struct_size = 8};
ENTRY(return &module;)
