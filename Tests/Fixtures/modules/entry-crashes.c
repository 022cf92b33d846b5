/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

ENTRY(raise(SIGBUS); return NULL;)
