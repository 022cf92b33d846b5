/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

extern int not_anywhere(void);
ENTRY(return not_anywhere() ? NULL : NULL;)
