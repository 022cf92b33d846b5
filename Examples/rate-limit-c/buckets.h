/* SPDX-License-Identifier: Apache-2.0
 * Token buckets by name. A bucket that is full again says no more than one that never was, so it is forgotten: memory is
 * bounded by the names that were seen within burst/rate seconds. */
#ifndef RATELIMIT_BUCKETS_H
#define RATELIMIT_BUCKETS_H

#include <stddef.h>
#include <stdint.h>

typedef struct rl_buckets rl_buckets;

rl_buckets *rl_buckets_make(double rate, double burst); /* NULL: no memory */
void rl_buckets_free(rl_buckets *buckets);

/* Takes a token from the bucket of this name; time in nanoseconds, of a clock that never goes back. From any thread.
 * 0: taken. Above: none left, and so many nanoseconds until there is one. -1: no memory. */
int64_t rl_buckets_take(rl_buckets *buckets, const char *name, size_t length, uint64_t now);

#endif
