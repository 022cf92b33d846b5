/* SPDX-License-Identifier: Apache-2.0
 * An element in C: lets so many Requests of one client through, and fails the others with RESOURCE_EXHAUSTED. A client is
 * known by the name of the path's first segment. A Close always passes: it gives back what a Request took. */
#include <catena.h>

#include <stdio.h>
#include <stdlib.h>

#include "buckets.h"
#include "config.h"

#define TEXT(literal) {(literal), sizeof(literal) - 1}

typedef struct element {
    const catena_host *host;
    const catena_call_api *call;
    const catena_message_api *message;
    rl_config config;
    rl_buckets *buckets;
} element;

static catena_str str(const char *text)
{
    catena_str s = {text, 0};
    while (text[s.len]) s.len++;
    return s;
}

static void tell(void *ctx, const char *pointer, const char *message)
{
    const catena_sink *sink = ctx;
    sink->problem(sink->ctx, CATENA_SEVERITY_ERROR, str(pointer), str(message));
}

static void validate(void *ctx, catena_view config, const catena_sink *sink)
{
    rl_config ignored;
    (void)ctx;
    (void)rl_config_read((const char *)config.ptr, config.len, &ignored, tell, (void *)sink);
}

static void destroy(void *self)
{
    element *e = self;
    rl_buckets_free(e->buckets);
    free(e);
}

static catena_status create(void *ctx, const catena_host *host, catena_str instance, catena_view config,
                            const uint32_t *value_offsets, void **self, const catena_sink *sink)
{
    (void)ctx, (void)instance, (void)value_offsets;
    element *e = calloc(1, sizeof *e);
    if (!e) {
        tell((void *)sink, "", "no memory");
        return CATENA_RESOURCE_EXHAUSTED;
    }
    e->host = host;
    e->call = host->service(host, "call/1");
    e->message = host->service(host, "message/1");
    if (!rl_config_read((const char *)config.ptr, config.len, &e->config, tell, (void *)sink)) {
        destroy(e);
        return CATENA_INVALID_ARGUMENT;
    }
    e->buckets = rl_buckets_make(e->config.rate, e->config.burst);
    if (!e->call || !CATENA_HAS(e->call, catena_call_api, now) || !e->message || !CATENA_HAS(e->message, catena_message_api, segment)
        || !e->buckets) {
        tell((void *)sink, "", e->buckets ? "the host lacks call/1 or message/1" : "no memory");
        destroy(e);
        return CATENA_FAILED_PRECONDITION;
    }
    *self = e;
    return CATENA_OK;
}

static catena_verdict fail(element *e, const catena_hop *hop, catena_str client, int64_t wait)
{
    char text[256];
    catena_error error = {.struct_size = sizeof error, .code = CATENA_RESOURCE_EXHAUSTED};
    if (wait < 0)
        snprintf(text, sizeof text, "no memory to count Requests");
    else
        snprintf(text, sizeof text, "client \"%.*s\" may make %g Requests in a second and %.0f at once: try again in %lld ms",
                 client.len > 100 ? 100 : (int)client.len, client.len ? client.ptr : "", e->config.rate, e->config.burst,
                 (long long)(wait / 1000000 + 1));
    error.text = str(text);
    e->host->set_error(e->host, hop->call, &error);
    return CATENA_FAIL;
}

static catena_verdict request(void *self, const catena_hop *hop)
{
    element *e = self;
    catena_segment first = {0};
    /* A Request without a path has no client yet; all such share one bucket. */
    if (e->message->segment(hop->message, 0, &first) != CATENA_OK) first.name.len = 0;
    int64_t wait = rl_buckets_take(e->buckets, first.name.ptr, first.name.len, e->call->now(e->host));
    return wait == 0 ? CATENA_NEXT : fail(e, hop, first.name, wait);
}

static const char *const services[] = {"call/1", "message/1", NULL};

static catena_type type = {
    .struct_size = sizeof(catena_type),
    .id = TEXT("ratelimit"),
    .version = TEXT("1.0.0"),
    .summary = TEXT("limits the rate of each client's Requests"),
    .validate = validate,
    .create = create,
    .destroy = destroy,
    .request = request,
};

static const catena_type *const types[] = {&type};

static const catena_module module = {
    .struct_size = sizeof(catena_module),
    .abi_minor = CATENA_ABI_MINOR,
    .n_types = 1,
    .types = types,
    .name = TEXT("ratelimit"),
    .version = TEXT("1.0.0"),
    .built_with = TEXT("c"),
    .services = services,
};

__attribute__((visibility("default")))
const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap)
{
    const uint32_t minor = CATENA_ABI_MINOR;
    if (offer->minor_min > minor || offer->minor_max < minor) {
        snprintf(why, cap, "ratelimit speaks catena %d.%u, this host %d.%u to %d.%u: rebuild it against the host's catena.h",
                 CATENA_ABI_MAJOR, minor, CATENA_ABI_MAJOR, offer->minor_min, CATENA_ABI_MAJOR, offer->minor_max);
        return NULL;
    }
    type.config_schema = str(rl_config_schema);
    return &module;
}
