/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer's door for programs that have a main of their own, as every executable of SwiftPM has. LLVM ships no header for it:
 * https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
 */
#ifndef CATENA_CLIBFUZZER_H
#define CATENA_CLIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* Runs until it is told to stop by its options; one_input returns 0. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));

#endif
