/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

MODULE_WITH(.conn_slot_size = 16, .state_oldest = 3)
