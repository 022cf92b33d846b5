/* SPDX-License-Identifier: Apache-2.0
 * The config of "ratelimit": two numbers. What is wrong with one is told to a function, each mistake with its place, so that
 * the host can show them all. */
#ifndef RATELIMIT_CONFIG_H
#define RATELIMIT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

typedef struct rl_config {
    double rate;  /* Requests in a second, above 0, at most 1000000 */
    double burst; /* Requests at once, 1 to 1000000, a whole number */
} rl_config;

/* Is told of a mistake: a JSON pointer into the config, and a sentence. Texts are borrowed. */
typedef void (*rl_problem)(void *ctx, const char *pointer, const char *message);

/* The keys as JSON Schema says them. */
extern const char rl_config_schema[];

/* Reads a JSON object. false: problem was called at least once. */
bool rl_config_read(const char *json, size_t length, rl_config *out, rl_problem problem, void *ctx);

#endif
