/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

MODULE_WITH(.flags = CATENA_TYPE_GUARD)
