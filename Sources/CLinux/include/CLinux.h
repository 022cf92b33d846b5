/* SPDX-License-Identifier: Apache-2.0
 *
 * A few calls of Linux that Swift's Glibc module does not show: glibc hides them without _GNU_SOURCE, or they take variable
 * arguments. Each is one call, with its errno; what they are for stands where they are used.
 */
#ifndef CLINUX_H
#define CLINUX_H

#include <stdbool.h>

/* An empty file in memory that can be sealed, closed on exec; -1: see errno. name: at most 249 bytes, shown in /proc. */
int clinux_memory_file(const char *name);

/* Nobody writes to the file or changes its size any more, this process included. -1: see errno. */
int clinux_seal(int memory_file);

/* Does an access control list give more people access than the mode shows? */
bool clinux_has_access_list(int file);

/* A pipe, both ends closed on exec: [0] is read from, [1] is written to. -1: see errno. */
int clinux_pipe(int ends[2]);

/* From now on this process is killed when the thread that started it ends. */
void clinux_die_with_parent(void);

#endif
