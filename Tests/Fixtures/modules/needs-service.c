/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

static const catena_type type = {GOOD_TYPE};
static const catena_type *const types[] = {&type};
static const char *const services[] = {"log/1", "teleport/7", NULL};
static const catena_module module = {GOOD_MODULE, .services = services};
ENTRY(return &module;)
