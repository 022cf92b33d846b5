/* SPDX-License-Identifier: Apache-2.0
 *
 * The Catena element ABI, major 1, minor 0 (draft: it may still change until it is declared frozen).
 *
 * A *module* is a shared library that exports one function, catena_module_v1. It offers *element types*. The host makes
 * *instances* of them, links the instances into *chains*, and drives Request and Close calls through a chain: on the way in
 * from head to tail, on the way out from tail to head. An element never calls the next one: each hook answers with a verdict
 * and the host goes on, so no element can stop a Close from reaching the rest, and a half-done Request is undone by the host.
 *
 *      load      catena_module_v1(offer)              once a module
 *      check     type->validate(config)               pure; also for `catena validate`
 *      make      type->create(config) -> self         memory only
 *      run       start -> hooks ... -> stop           start may do I/O
 *      end       destroy                              the module itself is never unloaded
 *
 * THREADS. Each function below carries one tag:
 *   [load]   one function at a time, from whatever thread of the host; nothing else of this instance runs meanwhile.
 *   [loop]   the home loop of the connection: one thread at a time for one connection, so that what belongs to a connection
 *            needs no lock. `self` is shared by all loops. In elements above the chain's anchor: the loop the call arrived on.
 *   [any]    any thread at any time; never blocks.
 * No hook may block: a hook holds up every connection of its loop.
 *
 * OWNERSHIP. "Borrowed" means valid until the function that received it returns. What the host copies it copies at once.
 * Nobody frees what another allocated. Numbers (catena_call, catena_conn, ...) name one life of one thing: a number whose
 * thing has ended is recognised, nothing happens, and the answer is CATENA_GONE. 0 is never a valid number.
 *
 * GROWTH. All structs but the five views of section 1 begin with struct_size, set by whoever makes the struct. Fields are
 * only ever appended; read an appended one through CATENA_HAS. A new need is a new service revision ("timer/2") or an
 * appended field, never a change. Flag bits that a host does not know are refused when the module is loaded.
 */
#ifndef CATENA_H
#define CATENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CATENA_ABI_MAJOR 1
#define CATENA_ABI_MINOR 0

#if defined(__clang__)
#define CATENA_SENDABLE __attribute__((swift_attr("@Sendable"))) /* plain or immutable data: Swift may share it between threads */
#else
#define CATENA_SENDABLE
#endif
#ifdef __cplusplus
extern "C" {
#endif

/* ================================================================ 1. plain data ================================================ */

/* The five views are frozen: they carry no struct_size and never change. */
typedef struct CATENA_SENDABLE catena_str {  /* UTF-8 text, not NUL-terminated. ptr may be NULL when len is 0. */
    const char *ptr;
    size_t len;
} catena_str;
typedef struct CATENA_SENDABLE catena_view { /* bytes. ptr NULL: absent; ptr set and len 0: present and empty. */
    const uint8_t *ptr;
    size_t len;
} catena_view;
typedef struct CATENA_SENDABLE catena_field { /* one key and value of a log line */
    catena_str key, value;
} catena_field;
typedef struct CATENA_SENDABLE catena_url { /* a URL held in place: plain bytes, so it can be a context value and be kept */
    uint32_t len;                           /* 0: no URL */
    char text[252];
} catena_url;
typedef struct CATENA_SENDABLE catena_segment { /* one path segment; views borrowed */
    catena_str name, id, token;
    int64_t expires_unix_ns;                /* nanoseconds since 1970 (UTC); INT64_MIN: not set */
} catena_segment;

typedef uint64_t catena_call;      /* a ticket for ONE hook of one call; over when that hook's verdict is given */
typedef uint64_t catena_conn;      /* one incarnation of a connection: from its first Request until its slots are dropped */
typedef uint64_t catena_leg;       /* the client side of a connection: one use of a client chain, with a transport and own slots */
typedef uint64_t catena_transport; /* one counted reference to a transport */
typedef uint64_t catena_op;        /* a timer, an event, a client call: something that can be cancelled */

typedef uint32_t catena_status;    /* 0: ok. 1 to 16: the gRPC codes. From 0x100: answers of the host */
#define CATENA_OK                ((catena_status)0)
#define CATENA_CANCELLED         ((catena_status)1)
#define CATENA_UNKNOWN           ((catena_status)2)
#define CATENA_INVALID_ARGUMENT  ((catena_status)3)
#define CATENA_DEADLINE_EXCEEDED ((catena_status)4)
#define CATENA_NOT_FOUND         ((catena_status)5)
#define CATENA_ALREADY_EXISTS    ((catena_status)6)
#define CATENA_PERMISSION_DENIED ((catena_status)7)
#define CATENA_RESOURCE_EXHAUSTED ((catena_status)8)
#define CATENA_FAILED_PRECONDITION ((catena_status)9)
#define CATENA_ABORTED           ((catena_status)10)
#define CATENA_OUT_OF_RANGE      ((catena_status)11)
#define CATENA_UNIMPLEMENTED     ((catena_status)12)
#define CATENA_INTERNAL          ((catena_status)13)
#define CATENA_UNAVAILABLE       ((catena_status)14)
#define CATENA_DATA_LOSS         ((catena_status)15)
#define CATENA_UNAUTHENTICATED   ((catena_status)16)
#define CATENA_GONE              ((catena_status)0x100) /* what the number names has ended; nothing was done */
#define CATENA_BUSY              ((catena_status)0x101) /* not now: the caller does not have the turn */
#define CATENA_MISUSE            ((catena_status)0x102) /* a rule of this header was broken; nothing was done, the host logs who */

/* A NetworkServiceRequest (a Close carries only its connection): opaque, in host memory, read and written with "message/1". */
typedef struct catena_msg catena_msg;

#define CATENA_ERROR_INDEFINITE  ((uint32_t)1) /* the next hop's answer was not seen: the call may have taken effect there */
#define CATENA_ERROR_REFUSED     ((uint32_t)2) /* said by a GUARD: nothing below was reached, nothing has changed */
typedef struct catena_error {
    uint32_t struct_size;
    uint32_t flags;
    catena_status code;                        /* 1 to 16 */
    uint32_t reserved;
    catena_str text;                           /* for people; without the element's name, which is in origin */
    catena_str origin;                         /* instance path of the element that began it, "forwarder/connect"; empty: the host fills it in */
    const struct catena_error *cause; /* what this error replaced on its way out */
} catena_error;

/* What a hook answers. A value outside this list fails the call with INTERNAL and names the element. */
typedef uint32_t catena_verdict;
#define CATENA_NEXT              ((catena_verdict)0) /* in: go on below. out: pass on what came from below */
#define CATENA_DONE              ((catena_verdict)1) /* Request in: turn round here, ok. out: ok, whatever came from below.
                                                        Close in: nothing to close here. Honoured from the anchor down, where the host
                                                        knows no open connection; elsewhere it counts as NEXT */
#define CATENA_FAIL              ((catena_verdict)2) /* error as given with set_error or resume. Close in: recorded, then as NEXT, its own
                                                        close_reply included (but see GUARD). out: replaces the error, which becomes its cause */
#define CATENA_PENDING           ((catena_verdict)3) /* exactly one resume(hop->call) will come, from any thread, perhaps before the hook returns */
#define CATENA_AGAIN             ((catena_verdict)4) /* request_reply of AGAIN types, on an error: run everything below me once more.
                                                        Of a call that was cancelled it counts as NEXT */

/* Why a Close or an event runs, or why a slot is dropped. */
typedef uint32_t catena_reason;
#define CATENA_CALLER            ((catena_reason)0)  /* a caller asked */
#define CATENA_EVENT             ((catena_reason)1)  /* an element asked */
#define CATENA_ROLLBACK          ((catena_reason)2)  /* the first Request failed */
#define CATENA_RESELECT          ((catena_reason)3)  /* another endpoint is to be chosen; drops nothing */
#define CATENA_MOVED_URL         ((catena_reason)4)  /* the client URL has changed */
#define CATENA_RETRY             ((catena_reason)5)  /* an earlier Close failed */
#define CATENA_HANDED_OVER       ((catena_reason)6)  /* the next generation has it; say nothing to the next hop */
#define CATENA_REMOVED           ((catena_reason)7)  /* the incarnation was cancelled */
#define CATENA_EXPIRED           ((catena_reason)8)  /* nobody came back for it in time */
#define CATENA_STOPPING          ((catena_reason)9)  /* the host stops */

/* ================================================================ 2. a call, as one element sees it ============================ */

#define CATENA_HOP_FIRST         ((uint32_t)1) /* no open connection yet: a failure is rolled back. Without an anchor: every Request */
#define CATENA_HOP_CANCELLED     ((uint32_t)2) /* the caller left or time ran out, and it still counts here */
#define CATENA_HOP_EVENT         ((uint32_t)4) /* an element began it: no caller, no peer, no metadata */
#define CATENA_HOP_KNOWN         ((uint32_t)8) /* Close: the host has an open connection for it */

/* Borrowed; what it points to is the element's until the verdict, and while PENDING through the ticket. */
typedef struct catena_hop {
    uint32_t struct_size;
    uint32_t flags;
    catena_call call;              /* the ticket of this hook */
    catena_conn conn;              /* 0 above the anchor and in a chain without one */
    catena_leg leg;                /* client chain: the leg this call belongs to; else 0 */
    uint64_t deadline_ns;          /* on the clock of "call/1" now(); for this element; 0: none */
    void *call_slot; /* call_slot_size bytes, zeroed when the call enters (AGAIN zeroes those below) */
    void *conn_slot; /* conn_slot_size bytes of this connection (client chain: of this leg); NULL where there is none */
    void *values;  /* context values: add the offset of the declaration */
    catena_msg *message;           /* this call's own; changed in place on both ways */
    catena_reason reason;          /* of a Close or an event */
    uint32_t attempt;              /* 1, 2, .. under AGAIN */
} catena_hop;

/* ================================================================ 3. an element type =========================================== */

/* Flags of a type. */
#define CATENA_TYPE_ANCHOR       ((uint32_t)1) /* serialize: binds calls to their connection. Below it are slots, first or refresh, one
                                                  loop, events. Its own conn_slot lives as long as any call of the id or the connection,
                                                  and is there also for a connection that is not open. Its reply hooks never answer
                                                  PENDING: with them the turn passes on. At most one in a chain. In a
                                                  client chain used below another anchor it is inert: its hooks are not called. */
#define CATENA_TYPE_GUARD        ((uint32_t)2) /* authorize: FAIL from close stops the Close here; nothing below has changed. Needs close */
#define CATENA_TYPE_AGAIN        ((uint32_t)4) /* may say AGAIN; the host keeps message and values as they were when it said NEXT,
                                                  and puts them back before its request_reply sees an error. Needs request_reply */
#define CATENA_TYPE_NEEDS_ANCHOR ((uint32_t)8) /* makes no sense without an anchor above it. Implied by conn_slot_size > 0 */

/* Context values: one typed place in the call per key. A required consumer without a provider is a config error. */
#define CATENA_VALUE_PROVIDES    ((uint32_t)1)
#define CATENA_VALUE_CONSUMES    ((uint32_t)2)
#define CATENA_VALUE_OPTIONAL    ((uint32_t)4)  /* consumer: does without; reads zero bytes where nobody wrote */
#define CATENA_VALUE_UP          ((uint32_t)8)  /* written below, read above on the way out */
#define CATENA_VALUE_KEPT        ((uint32_t)16) /* plain bytes: stored with the connection, so that events begin with it */
typedef struct CATENA_SENDABLE catena_value_decl {
    uint32_t struct_size;          /* the same in all entries of one list, which lie this far apart */
    uint32_t flags;                /* PROVIDES, CONSUMES or both, and what else applies */
    catena_str key;                /* "catena.clienturl"; one key has one size in a chain */
    uint32_t size, align;          /* size: 1 to 4096; align: 1, 2, 4, 8 or 16 */
} catena_value_decl;

/* Keys that several elements share. */
#define CATENA_KEY_CLIENT_URL "catena.clienturl" /* catena_url: where the client side goes */
#define CATENA_KEY_EXECUTOR   "catena.executor"  /* const catena_executor *: see section 5 */

#define CATENA_SEVERITY_ERROR    ((uint32_t)1)
#define CATENA_SEVERITY_WARNING  ((uint32_t)2)
#define CATENA_USE_CLIENT        ((uint32_t)1)   /* a client chain, for "chain/1" */
/* Where validate and create report. Borrowed. pointer: an RFC 6901 JSON pointer into the element's own config, "" for all of it. */
typedef struct catena_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void *ctx;                     /* pass it back */
    void (*problem)(void *ctx, uint32_t severity, catena_str pointer, catena_str message);
    /* This element uses that chain. Called by validate; the uses are numbered 0, 1, .. in this order. */
    void (*uses_chain)(void *ctx, catena_str pointer, catena_str chain, uint32_t role);
} catena_sink;

typedef struct catena_host catena_host;
typedef void (*catena_finished)(void *ctx, const catena_error *error);
typedef struct catena_writer {     /* bytes go here, in as many pieces as you like; borrowed */
    uint32_t struct_size;
    uint32_t reserved;
    void *ctx;
    void (*put)(void *ctx, catena_view bytes);
} catena_writer;

/* Static data of the module; lives as long as the process. All hooks may be NULL; an absent hook is NEXT and costs nothing. */
typedef struct CATENA_SENDABLE catena_type {
    uint32_t struct_size;
    uint32_t flags;
    catena_str id;                 /* "connect": what chains.json calls it; [a-z0-9][a-z0-9._-]{0,63} */
    catena_str version;            /* of the element, for people */
    catena_str summary;            /* one line */
    catena_str config_schema;      /* JSON Schema 2020-12 of its config; empty: none given */
    void *ctx;                     /* handed to validate and create */
    uint32_t call_slot_size, conn_slot_size; /* bytes, 16-aligned, at most 65536 each */
    const catena_value_decl *values;
    uint32_t n_values;             /* at most 256 */
    uint32_t state_schema, state_oldest;     /* slots that outlive the process: version written, oldest read; 0: not durable */
    uint32_t reserved;

    /* [load] Checks a config (JSON text, an object) and reports every problem and every chain it uses. Pure: no thread, file,
       socket or memory stays. May be called any number of times. */
    void (*validate)(void *ctx, catena_view config, const catena_sink *sink);
    /* [load] Makes an instance from a config that validate accepted. Memory only. `host` is this instance's own and valid until
       destroy; resolve services here. instance: its path, "forwarder/connect"; valid until destroy. value_offsets: one for
       each declaration, in order; borrowed. Sets *self. CATENA_OK, or another status with at least one problem told to sink. */
    catena_status (*create)(void *ctx, const catena_host *host, catena_str instance, catena_view config,
                            const uint32_t *value_offsets, void **self, const catena_sink *sink);
    /* [load] May do I/O. Calls done exactly once, now or later, from any thread. Elements start tail to head. */
    void (*start)(void *self, catena_finished done, void *ctx);
    /* [load] No call is in the element any more, and every connection slot has been dropped. done as above. Also called when another
       element failed to start. */
    void (*stop)(void *self, catena_finished done, void *ctx);
    /* [load] The last call for this instance. */
    void (*destroy)(void *self);

    /* [loop] The way in of a Request. NEXT obliges the element to a later close (a Close, or ROLLBACK when a first Request fails);
       FAIL does not: an element that fails on the way in has cleaned up after itself. Above the anchor there is no ROLLBACK for
       a Request that never passed it: nobody knows there whether it is the first one. */
    catena_verdict (*request)(void *self, const catena_hop *hop);
    /* [loop] The way out, if request ended in NEXT. below: NULL, or why the part below failed, borrowed. When a first Request failed,
       everything below this element has been undone already. After a FAIL here on a first Request the host undoes what is below. */
    catena_verdict (*request_reply)(void *self, const catena_hop *hop, const catena_error *below);
    /* [loop] The way in of a Close. Must bear repetition: a Close may come for what is closed already, and then sees fresh slots.
       An anchor that resumed a Close with DONE is asked once more if the incarnation it was shown is still open when that is heard.
       But if another Close has been below since this one came, or the anchor began it, DONE and FAIL end it there. */
    catena_verdict (*close)(void *self, const catena_hop *hop);
    catena_verdict (*close_reply)(void *self, const catena_hop *hop, const catena_error *below);
    /* [loop] The verdict you owe is not waited for any more (hop of the PENDING hook): a Request's caller left its place in front
       of the anchor or in the queue, or time ran out; of a Close below the anchor, its closeTimeout. Still resume exactly once,
       soon: after 5 s, counted from the end of the client calls that this hook began, the host answers for you with INTERNAL. It
       then keeps what the hook could touch until you resume, goes on with copies, and calls you no more for this connection. */
    void (*cancel)(void *self, const catena_hop *hop);

    /* [loop] The call ends, or AGAIN begins the part below anew: last touch of the call slot. For each element that the call
       reached and that has a hook for its verb. Needs a call_slot_size. */
    void (*call_dropped)(void *self, void *call_slot);
    /* [loop] Last touch of the connection slot. Do not wait here. Timers, posts and events that name it have been cancelled.
       Needs a conn_slot_size. */
    void (*conn_dropped)(void *self, catena_conn conn, void *conn_slot, catena_reason why);

    /* Slots that outlive the process (state_schema > 0, which needs conn_save, conn_load and a conn_slot_size). [loop], with no
       call of the connection under way. */
    void (*conn_save)(void *self, const void *conn_slot, uint32_t schema, const catena_writer *to);
    catena_status (*conn_load)(void *self, void *conn_slot, uint32_t schema, catena_view bytes);
    /* The slot was loaded and its connection is open: arm timers and watches again. */
    void (*conn_restored)(void *self, catena_conn conn, catena_leg leg, void *conn_slot);

    /* [any] Further interfaces of the instance by id, "name/1"; NULL: none. */
    const void *(*extension)(void *self, const char *id);
} catena_type;

/* ================================================================ 4. the host and its services ================================= */

struct catena_host {
    uint32_t struct_size;
    uint32_t abi_minor;
    void *ctx;                     /* the host's own */
    /* [load] A service of section 5 by id; NULL: this host has none. Lives as long as the host. */
    const void *(*service)(const catena_host *h, const char *id);
    /* [any] The one answer that a PENDING hook owes. error: for FAIL, else NULL; copied. Never runs a hook inside itself.
       GONE: that hook has been answered already, or is not yours; nothing happened, and the host logs who. A second answer that
       comes before the first was heard fails the call with INTERNAL. */
    catena_status (*resume)(const catena_host *h, catena_call call, catena_verdict verdict, const catena_error *error);
    /* [loop] Inside a hook, before it returns FAIL: why. Copied. */
    void (*set_error)(const catena_host *h, catena_call call, const catena_error *error);
    /* [loop] Inside a hook: zeroed memory, 16-aligned, that dies with the call. NULL: more than 1 MiB was asked for in all. */
    void *(*alloc)(const catena_host *h, catena_call call, size_t bytes);
};

/* ================================================================ 5. services ================================================== */
/* Resolve once, in create. Offered by a host of minor 0: log/1, call/1, message/1, connection/1, timer/1, client/1, chain/1, anchor/1,
   watch/1, monitor/1. */

#define CATENA_LOG_ERROR         ((uint32_t)1)
#define CATENA_LOG_WARNING       ((uint32_t)2)
#define CATENA_LOG_INFO          ((uint32_t)3)
#define CATENA_LOG_DEBUG         ((uint32_t)4)
#define CATENA_LOG_TRACE         ((uint32_t)5)
typedef struct catena_log_api {    /* "log/1" */
    uint32_t struct_size, reserved;
    /* [any] Is a line of this level written just now? One load: ask before building text. */
    bool (*enabled)(const catena_host *h, uint32_t level);
    /* [any] One line; the host adds time, instance and, for a live ticket, the connection's id. text: constant and lower-case. */
    void (*write)(const catena_host *h, uint32_t level, catena_call call, catena_str text, const catena_field *fields, uint32_t n_fields);
    /* [load] This instance's own level, until the operator asks for more or puts it back. */
    void (*set_level)(const catena_host *h, uint32_t level);
} catena_log_api;

typedef struct catena_call_api {   /* "call/1" */
    uint32_t struct_size, reserved;
    /* [loop] In request: a time for everything below me, begun anew at each descent, never past hop->deadline_ns. When it is
       over, the part below is cancelled and my request_reply sees DEADLINE_EXCEEDED. */
    catena_status (*deadline_below)(const catena_host *h, catena_call call, uint64_t duration_ns);
    /* [loop] The message of the call whose hook I hold PENDING; NULL: GONE. */
    catena_msg *(*message)(const catena_host *h, catena_call call);
    /* [loop] gRPC metadata of the caller: the value number i (0, 1, ..) of a lower-case key; absent: no such. Borrowed from the call. */
    catena_view (*metadata)(const catena_host *h, catena_call call, catena_str key, uint32_t i);
    /* [loop] The caller's address as text, "tcp://127.0.0.1:41312", "unix:///run/c.sock" or "inproc"; empty: none. Borrowed from
       the call. */
    catena_str (*peer)(const catena_host *h, catena_call call);
    /* [any] The monotonic clock of all deadlines and timers, in nanoseconds (CLOCK_MONOTONIC). */
    uint64_t (*now)(const catena_host *h);
    /* [any] Wall clock, nanoseconds since 1970, on that clock; a time long past is 0. */
    uint64_t (*from_unix)(const catena_host *h, int64_t unix_ns);
} catena_call_api;

#define CATENA_F_ID              ((uint32_t)1)  /* text */
#define CATENA_F_NETWORK_SERVICE ((uint32_t)2)  /* text */
#define CATENA_F_MECHANISM       ((uint32_t)3)  /* protobuf */
#define CATENA_F_CONTEXT         ((uint32_t)4)  /* protobuf */
#define CATENA_F_LABELS          ((uint32_t)5)  /* map, by key */
#define CATENA_F_PATH            ((uint32_t)6)  /* protobuf */
#define CATENA_F_ENDPOINT        ((uint32_t)7)  /* text */
#define CATENA_F_PAYLOAD         ((uint32_t)8)  /* text */
#define CATENA_F_STATE           ((uint32_t)9)  /* number: UP 0, DOWN 1, REFRESH_REQUESTED 2, RESELECT_REQUESTED 3 */
#define CATENA_F_CONNECTION      ((uint32_t)16) /* protobuf: all of the above */
#define CATENA_F_PREFERENCES     ((uint32_t)17) /* the mechanism preferences as they stand on the wire, tags included */
#define CATENA_F_REQUEST         ((uint32_t)18) /* protobuf: connection and preferences */
#define CATENA_F_PATH_INDEX      ((uint32_t)32) /* number: whose segment is ours */
#define CATENA_F_PARAMETERS      ((uint32_t)33) /* map, by key: of the mechanism */

/* The fields of the NSM API. All [any], but one thread at a time for one message: the hook through its hop, the owner of a clone.
   Views are borrowed until the next change of that message. Unknown protobuf fields survive every change. An empty text is
   absent, as in proto3. Setters answer INVALID_ARGUMENT to what cannot be, and then change nothing. */
typedef struct catena_message_api { /* "message/1" */
    uint32_t struct_size, reserved;
    catena_view (*get)(const catena_msg *m, uint32_t field);                     /* text and protobuf fields */
    catena_status (*set)(catena_msg *m, uint32_t field, catena_view value);      /* copied; absent view: removes */
    uint32_t (*number)(const catena_msg *m, uint32_t field);
    catena_status (*set_number)(catena_msg *m, uint32_t field, uint32_t value);
    catena_view (*get_key)(const catena_msg *m, uint32_t map, catena_str key);
    catena_status (*set_key)(catena_msg *m, uint32_t map, catena_str key, catena_view value); /* absent view: removes the key */
    uint32_t (*segments)(const catena_msg *m);                                   /* how many path segments */
    catena_status (*segment)(const catena_msg *m, uint32_t i, catena_segment *out); /* NOT_FOUND: no such */
    catena_status (*set_segment)(catena_msg *m, uint32_t i, const catena_segment *value); /* i == segments(): appends; beyond: invalid. Metrics and unknown fields stay */
    catena_status (*cut_segments)(catena_msg *m, uint32_t count);                /* keeps the first `count` */
    catena_msg *(*clone)(const catena_msg *m);                                   /* copy on write, never NULL; the caller's, until release. Also while another thread changes m */
    void (*release)(catena_msg *m);                                              /* a clone that was given to nobody */
    catena_status (*assign)(catena_msg *to, const catena_msg *from, uint32_t field); /* any protobuf or text field; absent there: removed here */
    bool (*equal)(const catena_msg *a, const catena_msg *b);                     /* but for tokens, expiries and metrics of the path */
    /* The field as JSON text (names and enums as in the .proto files), tokens redacted, at most `limit` bytes and then an ellipsis. */
    void (*json)(const catena_msg *m, uint32_t field, size_t limit, const catena_writer *to);
} catena_message_api;

/* [loop] The end of what was started; once, and before the slots of the connection it names are dropped. error NULL: m is the answer
   (borrowed); of a Close, the message as it came back. After it op is GONE. */
typedef void (*catena_done)(void *arg, catena_op op, const catena_error *error, catena_msg *m);

#define CATENA_VERB_REQUEST      ((uint32_t)1)
#define CATENA_VERB_CLOSE        ((uint32_t)2)
#define CATENA_FROM_ANCHOR       ((uint32_t)0) /* like a call from outside that begins there: it waits its turn */
#define CATENA_FROM_MY_NEXT      ((uint32_t)1) /* begins just after me, as soon as nothing is below: by the anchor, which then must have the
                                                  turn, or by an element of the connection's chain inside its own job of the executor.
                                                  By such an element it leaves last() and the incarnation alone: a Close tells those
                                                  below it, and the executor's cancel the rest. */
typedef struct catena_start {
    uint32_t struct_size;
    uint32_t verb, from;
    catena_reason reason;
    uint64_t deadline_ns;          /* 0: the host's for events, 15 s (Close: closeTimeout) */
    catena_msg *message; /* taken over, also when refused. FROM_ANCHOR: NULL is the last good one. FROM_MY_NEXT: required */
} catena_start;
typedef struct catena_connection_api { /* "connection/1" */
    uint32_t struct_size, reserved;
    /* [loop] A Request has succeeded and no Close has ended it. This and last() change when the anchor's reply hook of that
       call has returned, and before anything that the hook resumed begins. */
    bool (*established)(const catena_host *h, catena_conn conn);
    const catena_msg *(*last)(const catena_host *h, catena_conn conn); /* [loop] the last good message, as at the anchor; borrowed */
    /* [any] Starts a call of the connection; done comes exactly once unless 0 is returned (gone, or not allowed: logged). A call that
       passes the anchor begins its time, if deadline_ns is 0, when its turn comes. */
    catena_op (*start)(const catena_host *h, catena_conn conn, const catena_start *what, catena_done done, void *arg);
    /* [any] Of a start or a client call: ends it soon with CANCELLED; done still comes. */
    catena_status (*cancel)(const catena_host *h, catena_op op);
    /* [any] Runs fn on the connection's loop, never inside this call. leg: 0, or the leg whose slot fn gets. If the connection
       ends before, fn runs with slot NULL; an anchor's with its slot as long as there is one. GONE: it has ended already; fn will not run. */
    catena_status (*post)(const catena_host *h, catena_conn conn, catena_leg leg, void (*fn)(void *arg, void *conn_slot), void *arg);
    /* [any] The id of a connection, also of one that has ended: of the last 1,024 at least. GONE: not known any more. */
    catena_status (*id)(const catena_host *h, catena_conn conn, const catena_writer *to);
} catena_connection_api;

typedef struct catena_timer_api {  /* "timer/1" */
    uint32_t struct_size, reserved;
    /* [any] fn on the connection's loop, once, not before at_ns; never after the slot was dropped, so arg must not own anything
       that nobody else frees. 0: the connection has ended, or the host stops. */
    catena_op (*at)(const catena_host *h, catena_conn conn, catena_leg leg, uint64_t at_ns, void (*fn)(void *arg, void *conn_slot), void *arg);
    /* [loop] true: fn will not run any more. */
    bool (*cancel)(const catena_host *h, catena_op timer);
} catena_timer_api;

#define CATENA_TRANSPORT_IDLE       ((uint32_t)0) /* will connect when it is used */
#define CATENA_TRANSPORT_CONNECTING ((uint32_t)1)
#define CATENA_TRANSPORT_READY      ((uint32_t)2)
#define CATENA_TRANSPORT_FAILING    ((uint32_t)3) /* the last attempt failed; the next call tries again */
#define CATENA_TRANSPORT_RETIRED    ((uint32_t)4) /* works for those that hold it; newcomers get another */
typedef struct catena_transport_options { /* those that share a transport share the first one's */
    uint32_t struct_size;
    uint32_t exclusive;            /* 1: not shared with anybody */
    uint64_t dial_timeout_ns;      /* longest attempt to connect; 0: 5 s */
    uint64_t keepalive_ns;         /* silence during a call after which the next hop is asked for a sign of life; 0: never */
    uint64_t keepalive_timeout_ns; /* how long it may owe one before the connection is given up; 0: 20 s */
    uint32_t max_message_size;     /* longest answer in bytes, a longer one is RESOURCE_EXHAUSTED; 0: 4 MiB (4194304) */
    uint32_t wait_for_ready;       /* 1: a call waits for a connection until its deadline; 0: it fails with the first attempt */
    uint64_t backoff_ns;           /* from a failed attempt's begin to the next; 0: 100 ms. It grows while attempts fail, */
    uint64_t backoff_max_ns;       /* to this; 0: 10 s. Never below backoff_ns, whatever is written here */
} catena_transport_options;
typedef struct catena_client_api { /* "client/1": transports are the host's, shared by URL, closed with their last reference */
    uint32_t struct_size, reserved;
    /* [any] One more reference to the transport for this URL (tcp://, unix://, inproc://). Does not connect yet.
       INVALID_ARGUMENT: not such a URL. */
    catena_status (*acquire)(const catena_host *h, catena_str url, const catena_transport_options *options, catena_transport *out);
    catena_status (*release)(const catena_host *h, catena_transport t);          /* [any] each number once */
    uint32_t (*state)(const catena_host *h, catena_transport t);                 /* [any] */
    catena_status (*retire)(const catena_host *h, catena_transport t);           /* [any] newcomers get another one */
} catena_client_api;

typedef struct catena_leg_call {
    uint32_t struct_size;
    uint32_t verb;
    catena_reason reason;
    uint32_t reserved;
    uint64_t deadline_ns;          /* 0: the parent's; without a parent the host's for events */
    catena_msg *message;           /* taken over, also when refused */
    catena_call parent;            /* the hook that waits for it: gives its context values and its deadline; 0: none */
} catena_leg_call;
typedef struct catena_chain_api {  /* "chain/1": all [loop] of the connection */
    uint32_t struct_size, reserved;
    /* A new leg of this connection through the chain that this element uses (numbered by validate). Takes t over. 0: gone. */
    catena_leg (*open)(const catena_host *h, catena_conn conn, uint32_t use, catena_transport t);
    /* Runs a call through the leg's client chain, and from its end to the next hop. Begins after this hook has returned; a leg's
       calls run one after another. A first Request that fails is undone there before done comes; one that ended without a definite
       answer sends the next hop a Close, best effort. 0: gone. Cancel with "connection/1". */
    catena_op (*call)(const catena_host *h, catena_leg leg, const catena_leg_call *what, catena_done done, void *arg);
    /* The leg ends when its last call has: its slots are dropped and its transport reference is given back. Sends nothing. */
    catena_status (*drop)(const catena_host *h, catena_leg leg, catena_reason why);
    catena_transport (*transport)(const catena_host *h, catena_leg leg);         /* borrowed; 0: gone */
    /* The same next hop over another transport: slots stay, and the connection stays open. Takes t over. */
    catena_status (*rebind)(const catena_host *h, catena_leg leg, catena_transport t);
} catena_chain_api;

/* The serial executor of a connection: a context value that the anchor provides, not a host service. A job holds the
   connection's turn until finish, so what it starts FROM_MY_NEXT runs inside the turn. A Request carries it, one that an element
   starts as well; a Close does not (NULL). It may be kept: it lives as long as the elements do, and serves every connection of
   the chain. What is asked for an incarnation that was closed or cancelled is refused: ABORTED "executor is already canceled: <id>".
   No job may wait for a call that begins at the anchor: that one waits for the job. */
typedef uint64_t catena_job;
/* [loop] The turn is yours until finish(job). refused set: it was not run, job is 0, and this may be inside async_exec, on its thread. */
typedef void (*catena_job_fn)(void *arg, catena_job job, const catena_error *refused);
typedef struct CATENA_SENDABLE catena_executor {
    uint32_t struct_size, reserved;
    void *ctx;
    /* [any] fn is called exactly once, never inside this call unless refused. me: the host of whoever asks, which is named if the job
       does not finish and is the one that may start FROM_MY_NEXT inside it. OK, or why fn is or will be told that it was refused. */
    catena_status (*async_exec)(void *ctx, const catena_host *me, catena_conn conn, catena_job_fn fn, void *arg);
    void (*finish)(void *ctx, catena_job job);                                   /* [any] the turn passes on; once, else nothing happens */
    catena_status (*cancel)(void *ctx, catena_conn conn);                        /* [any] ends the incarnation when the turn is free; refuses all that follows */
} catena_executor;

#define CATENA_SIDE_SERVER       ((uint32_t)0) /* the chain is served: callers come from outside */
#define CATENA_SIDE_CLIENT       ((uint32_t)1) /* the chain begins its own connections */
#define CATENA_SIDE_INERT        ((uint32_t)2) /* a client chain used below another anchor: no hook will be called */
typedef struct catena_loan {       /* who has the turn for a job */
    uint32_t struct_size, reserved;
    const catena_host *to;         /* whose job it is: `me` of async_exec */
    const catena_executor *executor; /* the anchor's own */
    catena_job job;
} catena_loan;
typedef struct catena_anchor_api { /* "anchor/1": for ANCHOR types */
    uint32_t struct_size, reserved;
    /* [load] Which side of connections this anchor is on: CATENA_SIDE_... */
    uint32_t (*side)(const catena_host *h);
    /* [loop] In close_reply, when the Close failed: slots, last() and established() stay, for another try; a Request that comes is a
       first one on these slots, undone to the last element if it fails. At until_ns (0: never) what is kept is dropped, reason EXPIRED.
       GONE: nothing was below, as its connection had ended. */
    catena_status (*keep_after_close)(const catena_host *h, catena_call call, uint64_t until_ns);
    /* [loop] Ends the Request below that no caller began, at the anchor or in a job, with `why`; it comes out as any other. GONE: none runs. */
    catena_status (*abort)(const catena_host *h, catena_conn conn, const catena_error *why);
    /* [loop] A job has the turn, which must be free (else BUSY): call this, and its function at once, outside of hooks. Until it is
       called with NULL, FROM_MY_NEXT is allowed to loan->to, and no call passes the anchor. What the job started and is still below then
       keeps back whoever comes next. After the host's time for events and its grace (15 s each) the host names loan->to in the log, ends
       what is below, and calls loan->executor->finish in the job's place. */
    catena_status (*lend_turn)(const catena_host *h, catena_conn conn, const catena_loan *loan);
    /* [loop] Ends the incarnation as soon as nothing is below and no job has the turn: a Close, reason `why`, for the elements below the
       anchor that have seen none since their last Request, deepest first; then every slot is dropped. For the anchor it has ended at once:
       established() is false, and calls that it lets pass wait for that end. */
    catena_status (*end)(const catena_host *h, catena_conn conn, catena_reason why);
} catena_anchor_api;

/* What the next hop says by itself. */
typedef uint32_t catena_sight;
#define CATENA_SIGHT_UP          ((catena_sight)0) /* it is there. m: the connection as the next hop reports it, its path index included */
#define CATENA_SIGHT_DOWN        ((catena_sight)1) /* the next hop has lost something beyond itself. m likewise */
#define CATENA_SIGHT_DELETED     ((catena_sight)2) /* it was closed there. m likewise */
#define CATENA_SIGHT_LOST        ((catena_sight)3) /* the way to the next hop was lost; error: how. The host looks for it, at most every 250 ms */
#define CATENA_SIGHT_MISSING     ((catena_sight)4) /* the way is there; the next hop does not have the connection, or has no way to say so */
/* [loop] conn_slot: of the leg that is watched or, if none was named, of the connection. m, error: borrowed; NULL where none is named above,
   and m also where the news is older than the watch. */
typedef void (*catena_watch_fn)(void *arg, void *conn_slot, catena_sight what, const catena_msg *m, const catena_error *error);
typedef struct catena_watch_api {  /* "watch/1": one stream for each transport and subject, shared by all legs, owned and re-opened by the host */
    uint32_t struct_size, reserved;
    /* [loop] What the monitor of the next hop says of a connection. leg: 0 is whichever of its legs is open, now and later. mine: this
       host's segment of its path, name and id. fn comes as often as there is news, first when the next hop has spoken, and never inside
       this call. A leg that is rebound is watched over its new transport. Ends with the leg (leg 0: with the incarnation) or by stop;
       arg must not own anything that nobody else frees. 0: gone. */
    catena_op (*connection)(const catena_host *h, catena_conn conn, catena_leg leg, const catena_segment *mine, catena_watch_fn fn, void *arg);
    /* [loop] The health of a service of the next hop (grpc.health.v1; "": the next hop as a whole). UP: SERVING. DOWN: anything else.
       LOST. MISSING: the next hop has no health service. m is NULL. Else as above. */
    catena_op (*health)(const catena_host *h, catena_conn conn, catena_leg leg, catena_str service, catena_watch_fn fn, void *arg);
    /* [loop] true: fn will not run any more. */
    bool (*stop)(const catena_host *h, catena_op watch);
} catena_watch_api;

#define CATENA_MONITOR_UPDATE    ((uint32_t)1) /* the connection is as m says */
#define CATENA_MONITOR_DELETE    ((uint32_t)2) /* it was closed; m: as it was last */
typedef struct catena_monitor_api { /* "monitor/1": the service MonitorConnections of a served chain */
    uint32_t struct_size, reserved;
    /* [load] In create: this chain serves it. queue: of how many connections a subscriber may leave news unread; past it its stream ends
       with RESOURCE_EXHAUSTED; 0: 4096. FAILED_PRECONDITION: the chain takes no calls from outside, or an element of it serves already. */
    catena_status (*serve)(const catena_host *h, uint32_t queue);
    /* [loop] Tells the subscribers that want to hear of it. By the element that serves; m: copied. */
    catena_status (*publish)(const catena_host *h, catena_conn conn, uint32_t event, const catena_msg *m);
} catena_monitor_api;

/* ================================================================ 6. a module ================================================== */

typedef struct catena_offer {      /* what the host speaks; borrowed */
    uint32_t struct_size;
    uint32_t minor_min, minor_max;
    uint32_t reserved;
} catena_offer;
typedef struct CATENA_SENDABLE catena_module { /* static data; lives as long as the process */
    uint32_t struct_size;
    uint32_t abi_minor;            /* the minor it was built for: between minor_min and minor_max */
    uint32_t n_types;              /* 1 to 256 */
    uint32_t reserved;
    const catena_type *const *types;
    catena_str name, version;      /* for people */
    catena_str built_with;         /* "swift 6.3.1", "gcc 12.2" */
    const char *const *services; /* ids it cannot do without, NULL-terminated; NULL: none */
} catena_module;
/* [load] The one exported symbol; the major is in its name. To refuse: write a sentence for people into why (at most cap
   bytes with the NUL) and return NULL. */
const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap);

/* Is an appended field there? */
#define CATENA_HAS(p, T, f) ((p)->struct_size >= offsetof(T, f) + sizeof((p)->f))

#ifdef __cplusplus
}
#endif
#endif
