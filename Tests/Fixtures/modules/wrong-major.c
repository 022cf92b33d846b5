/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

const void *catena_module_v2(void);
const void *catena_module_v2(void) { return NULL; }
