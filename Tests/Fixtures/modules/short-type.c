/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

MODULE_WITH(.struct_size = 16)
