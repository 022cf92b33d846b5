/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

ENTRY(for (;;) pause(); return NULL;)
