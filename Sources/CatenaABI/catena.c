/* SPDX-License-Identifier: Apache-2.0
 * SwiftPM wants a source file in a C target. This one makes the header stand alone: it is compiled with nothing before it. */
#include "catena.h"
