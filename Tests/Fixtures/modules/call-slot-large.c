/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

MODULE_WITH(.call_slot_size = 65537)
