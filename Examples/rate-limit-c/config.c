/* SPDX-License-Identifier: Apache-2.0
 * A reader for one JSON object with two numbers in it. It knows all of JSON's grammar, as a user's own "x-" keys may hold
 * anything, but keeps nothing but the numbers; and it never reads past the length it was given. */
#include "config.h"

#include <stdio.h>
#include <string.h>

const char rl_config_schema[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":\"ratelimit\",\"type\":\"object\",\"properties\":{"
    "\"rate\":{\"description\":\"Requests of one client in a second\",\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1000000},"
    "\"burst\":{\"description\":\"Requests of one client at once\",\"type\":\"integer\",\"minimum\":1,\"maximum\":1000000,\"default\":1}},"
    "\"required\":[\"rate\"],\"patternProperties\":{\"^x-\":true},\"additionalProperties\":false}";

enum { max_depth = 64, max_key = 64 };

typedef struct reader {
    const char *at, *end;
} reader;

static void skip_space(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

static bool take(reader *r, char c)
{
    skip_space(r);
    if (r->at == r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool take_word(reader *r, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0) return false;
    r->at += length;
    return true;
}

static bool is_digit(const reader *r) { return r->at < r->end && *r->at >= '0' && *r->at <= '9'; }

/* A text as it is written, without the quotes. Escapes are stepped over and not resolved: no key of ours needs one. */
static bool read_text(reader *r, const char **text, size_t *length)
{
    if (!take(r, '"')) return false;
    *text = r->at;
    while (r->at < r->end && *r->at != '"') {
        if (*r->at == '\\' && ++r->at == r->end) return false;
        r->at++;
    }
    if (r->at == r->end) return false;
    *length = (size_t)(r->at - *text);
    r->at++;
    return true;
}

/* By hand, as strtod goes by the locale and wants a NUL. */
static bool read_number(reader *r, double *out)
{
    bool negative = r->at < r->end && *r->at == '-';
    double value = 0;
    int scale = 0, exponent = 0;
    if (negative) r->at++;
    if (!is_digit(r)) return false;
    for (; is_digit(r); r->at++) value = value * 10 + (*r->at - '0');
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        if (!is_digit(r)) return false;
        for (; is_digit(r); r->at++, scale--) value = value * 10 + (*r->at - '0');
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        bool down = false;
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) down = *r->at++ == '-';
        if (!is_digit(r)) return false;
        for (; is_digit(r); r->at++)
            if (exponent < 100000) exponent = exponent * 10 + (*r->at - '0');
        if (down) exponent = -exponent;
    }
    for (exponent += scale; exponent > 0 && value > 0 && value < 1e300; exponent--) value *= 10;
    for (; exponent < 0 && value > 0; exponent++) value /= 10;
    *out = negative ? -value : value;
    return true;
}

static bool skip_value(reader *r, int depth)
{
    const char *text;
    size_t length;
    double number;
    skip_space(r);
    if (r->at == r->end || depth > max_depth) return false;
    switch (*r->at) {
    case '"': return read_text(r, &text, &length);
    case 't': return take_word(r, "true");
    case 'f': return take_word(r, "false");
    case 'n': return take_word(r, "null");
    case '[':
        r->at++;
        if (take(r, ']')) return true;
        do {
            if (!skip_value(r, depth + 1)) return false;
        } while (take(r, ','));
        return take(r, ']');
    case '{':
        r->at++;
        if (take(r, '}')) return true;
        do {
            if (!read_text(r, &text, &length) || !take(r, ':') || !skip_value(r, depth + 1)) return false;
        } while (take(r, ','));
        return take(r, '}');
    default: return read_number(r, &number);
    }
}

/* A number, or any other value, which is not a number. */
static bool read_value(reader *r, double *number, bool *is_number)
{
    skip_space(r);
    *is_number = r->at < r->end && (*r->at == '-' || is_digit(r));
    return *is_number ? read_number(r, number) : skip_value(r, 1);
}

static bool read_members(reader *r, rl_config *out, bool *has_rate, bool *good, rl_problem problem, void *ctx)
{
    if (!take(r, '{')) return false;
    if (take(r, '}')) return true;
    do {
        const char *key;
        size_t length;
        double number = 0;
        bool is_number;
        if (!read_text(r, &key, &length) || !take(r, ':') || !read_value(r, &number, &is_number)) return false;
        if (length == 4 && memcmp(key, "rate", 4) == 0) {
            *has_rate = true;
            out->rate = number;
            if (is_number && number > 0 && number <= 1e6) continue;
            problem(ctx, "/rate", "expected a number above 0, at most 1000000");
        } else if (length == 5 && memcmp(key, "burst", 5) == 0) {
            out->burst = number;
            if (is_number && number >= 1 && number <= 1e6 && number == (double)(long)number) continue;
            problem(ctx, "/burst", "expected a whole number from 1 to 1000000");
        } else if (length >= 2 && memcmp(key, "x-", 2) == 0) {
            continue;
        } else {
            char message[max_key + 64];
            int shown = length > max_key ? max_key : (int)length;
            snprintf(message, sizeof message, "unknown key \"%.*s\": there are \"rate\" and \"burst\"", shown, key);
            problem(ctx, "", message);
        }
        *good = false;
    } while (take(r, ','));
    return take(r, '}');
}

bool rl_config_read(const char *json, size_t length, rl_config *out, rl_problem problem, void *ctx)
{
    reader r = {json, json + length};
    bool has_rate = false, good = true;
    out->rate = 0;
    out->burst = 1;
    if (!read_members(&r, out, &has_rate, &good, problem, ctx) || (skip_space(&r), r.at != r.end)) {
        problem(ctx, "", "expected a JSON object");
        return false;
    }
    if (!has_rate) {
        problem(ctx, "", "\"rate\" is missing: expected a number above 0, at most 1000000");
        good = false;
    }
    return good;
}
