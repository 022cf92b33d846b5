/* SPDX-License-Identifier: Apache-2.0
 * A hash table of short lists under one lock, which is held for a few comparisons and never while anything waits. */
#include "buckets.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { rows = 1024 };

typedef struct bucket {
    struct bucket *next;
    double tokens;
    uint64_t time; /* when tokens was true */
    size_t length;
    char name[];
} bucket;

struct rl_buckets {
    pthread_mutex_t lock;
    double rate, burst;
    bucket *row[rows];
};

rl_buckets *rl_buckets_make(double rate, double burst)
{
    rl_buckets *buckets = calloc(1, sizeof *buckets);
    if (!buckets) return NULL;
    if (pthread_mutex_init(&buckets->lock, NULL) != 0) {
        free(buckets);
        return NULL;
    }
    buckets->rate = rate;
    buckets->burst = burst;
    return buckets;
}

void rl_buckets_free(rl_buckets *buckets)
{
    if (!buckets) return;
    for (size_t i = 0; i < rows; i++)
        for (bucket *b = buckets->row[i], *next; b; b = next) {
            next = b->next;
            free(b);
        }
    pthread_mutex_destroy(&buckets->lock);
    free(buckets);
}

/* FNV-1a. */
static size_t row_of(const char *name, size_t length)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
    return hash % rows;
}

static void refill(const rl_buckets *buckets, bucket *b, uint64_t now)
{
    if (now <= b->time) return;
    b->tokens += (double)(now - b->time) * buckets->rate / 1e9;
    if (b->tokens > buckets->burst) b->tokens = buckets->burst;
    b->time = now;
}

/* The bucket of this name, full if it is new. Others of the row that are full are forgotten on the way. */
static bucket *find(rl_buckets *buckets, const char *name, size_t length, uint64_t now)
{
    bucket **row = &buckets->row[row_of(name, length)], *found = NULL;
    for (bucket **at = row; *at;) {
        bucket *b = *at;
        refill(buckets, b, now);
        if (b->length == length && (length == 0 || memcmp(b->name, name, length) == 0)) {
            found = b;
        } else if (b->tokens >= buckets->burst) {
            *at = b->next;
            free(b);
            continue;
        }
        at = &b->next;
    }
    if (found || !(found = malloc(sizeof *found + length))) return found;
    found->next = *row;
    found->tokens = buckets->burst;
    found->time = now;
    found->length = length;
    if (length > 0) memcpy(found->name, name, length);
    return *row = found;
}

int64_t rl_buckets_take(rl_buckets *buckets, const char *name, size_t length, uint64_t now)
{
    int64_t wait = -1;
    pthread_mutex_lock(&buckets->lock);
    bucket *b = find(buckets, name, length, now);
    if (b && b->tokens >= 1) {
        b->tokens -= 1;
        wait = 0;
    } else if (b) {
        wait = (int64_t)((1 - b->tokens) / buckets->rate * 1e9) + 1;
    }
    pthread_mutex_unlock(&buckets->lock);
    return wait;
}
