/* SPDX-License-Identifier: Apache-2.0 */
#include "odd.h"

extern int answer;
int answer = 42;
