/* SPDX-License-Identifier: Apache-2.0
 * The empty element in C: it has both hooks of a Request and does nothing in them. What a hop costs is measured with it. */
#include "catena.h"

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static catena_verdict request(void *self, const catena_hop *hop)
{
    (void)self;
    (void)hop;
    return CATENA_NEXT;
}

static catena_verdict request_reply(void *self, const catena_hop *hop, const catena_error *below)
{
    (void)self;
    (void)hop;
    (void)below;
    return CATENA_NEXT;
}

static const catena_type type = {
    .struct_size = sizeof(catena_type),
    .id = TEXT("cpass"),
    .version = TEXT("1"),
    .summary = TEXT("only forwards, in C"),
    .request = request,
    .request_reply = request_reply,
};

static const catena_type *const types[] = { &type };

static const catena_module module = {
    .struct_size = sizeof(catena_module),
    .n_types = 1,
    .types = types,
    .name = TEXT("cpass"),
    .version = TEXT("1"),
    .built_with = TEXT("cc"),
};

const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap)
{
    (void)offer;
    (void)why;
    (void)cap;
    return &module;
}
