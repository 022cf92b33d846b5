/* SPDX-License-Identifier: Apache-2.0
 * SwiftPM wants a source in every C target. */
#include "CLibFuzzer.h"
