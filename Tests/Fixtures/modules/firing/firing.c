/* SPDX-License-Identifier: Apache-2.0 */
/* Elements that begin calls from inside of a chain, in C: "fire-request" sends each Request once more, from itself on; "fire-close"
 * closes each connection again, from itself on, and cancels it. Both ask for the turn from a thread of their own, unless their
 * config says {"thread": false}. */
#define _GNU_SOURCE
#include "../odd.h"
#include <pthread.h>
#include <string.h>

typedef struct firing {
    const catena_host *host;
    const catena_message_api *message;
    const catena_connection_api *connection;
    uint32_t executor;   /* where the value lies */
    bool on_thread;
} firing;

/* What is to be fired: from the hook to the end of what was begun. */
typedef struct shot {
    const firing *by;
    const catena_executor *executor;
    catena_conn conn;
    catena_msg *message;
    uint32_t verb;
    catena_job job;
} shot;

static void ended(void *arg, catena_op op, const catena_error *error, catena_msg *message)
{
    shot *it = arg;
    (void)op, (void)error, (void)message;
    if (it->verb == CATENA_VERB_CLOSE) it->executor->cancel(it->executor->ctx, it->conn);
    it->executor->finish(it->executor->ctx, it->job);
    free(it);
}

static void have_turn(void *arg, catena_job job, const catena_error *refused)
{
    shot *it = arg;
    if (refused) {
        it->by->message->release(it->message);
        free(it);
        return;
    }
    it->job = job;
    catena_start what = {
        .struct_size = sizeof what, .verb = it->verb, .from = CATENA_FROM_MY_NEXT, .reason = CATENA_EVENT, .message = it->message,
    };
    if (it->by->connection->start(it->by->host, it->conn, &what, ended, it) == 0) {
        it->executor->finish(it->executor->ctx, job);
        free(it);
    }
}

static void *ask(void *arg)
{
    shot *it = arg;
    it->executor->async_exec(it->executor->ctx, it->by->host, it->conn, have_turn, it);
    return NULL;
}

static catena_verdict fire(const firing *by, const catena_hop *hop, uint32_t verb)
{
    shot *it = malloc(sizeof *it);
    if (!it) abort();
    const catena_executor *executor = *(const catena_executor *const *)((const char *)hop->values + by->executor);
    *it = (shot){.by = by, .executor = executor, .conn = hop->conn, .message = by->message->clone(hop->message), .verb = verb};
    if (!by->on_thread) {
        ask(it);
        return CATENA_NEXT;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, ask, it) != 0) abort();
    pthread_detach(thread);
    return CATENA_NEXT;
}

static catena_verdict request(void *self, const catena_hop *hop) { return fire(self, hop, CATENA_VERB_REQUEST); }

static catena_verdict request_reply(void *self, const catena_hop *hop, const catena_error *below)
{
    return below ? CATENA_NEXT : fire(self, hop, CATENA_VERB_CLOSE);
}

static catena_status create(void *ctx, const catena_host *host, catena_str instance, catena_view config, const uint32_t *value_offsets,
                            void **self, const catena_sink *sink)
{
    (void)ctx, (void)instance, (void)sink;
    firing *made = malloc(sizeof *made);
    if (!made) abort();
    *made = (firing){
        .host = host, .message = host->service(host, "message/1"), .connection = host->service(host, "connection/1"),
        .executor = value_offsets[0], .on_thread = !memmem(config.ptr, config.len, "false", 5),
    };
    *self = made;
    return CATENA_OK;
}

static const catena_value_decl values[] = {
    {.struct_size = sizeof(catena_value_decl), .flags = CATENA_VALUE_CONSUMES, .key = TEXT(CATENA_KEY_EXECUTOR), .size = sizeof(void *),
     .align = _Alignof(void *)},
};
#define FIRING GOOD_TYPE, .flags = CATENA_TYPE_NEEDS_ANCHOR, .values = values, .n_values = COUNT(values), .create = create, .destroy = free
static const catena_type fire_request = {FIRING, .id = TEXT("fire-request"), .request = request};
static const catena_type fire_close = {FIRING, .id = TEXT("fire-close"), .request_reply = request_reply};
static const catena_type *const types[] = {&fire_request, &fire_close};
static const char *const services[] = {"message/1", "connection/1", NULL};
static const catena_module module = {GOOD_MODULE, .n_types = COUNT(types), .name = TEXT("firing"), .services = services};
ENTRY(return &module;)
