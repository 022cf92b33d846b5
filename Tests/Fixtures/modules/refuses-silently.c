/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

ENTRY(return NULL;)
