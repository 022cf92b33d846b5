/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose code runs on this thread, so that a crash can be laid at an element's door. It is C because it is read inside a signal
 * handler, where no runtime may be entered, and because one store for each hook is all that it may cost.
 */
#ifndef CATENA_CRASH_H
#define CATENA_CRASH_H

#include <catena.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One function of one element instance. Texts end with NUL; all of it lives as long as the process. */
typedef struct CATENA_SENDABLE catena_crash_site {
    const char *element; /* "forwarder/connect" */
    const char *module;  /* the file */
    const char *function;
} catena_crash_site;

/* What runs on one thread. */
typedef struct catena_crash_thread {
    const catena_crash_site *site; /* NULL: no element's code */
    const catena_hop *hop;         /* of the call that is walked, for its connection's id; NULL: none */
    catena_str connection;         /* the id, where there is no hop */
} catena_crash_thread;

extern __thread catena_crash_thread catena_crash_here __attribute__((tls_model("initial-exec")));

/* This function of an element is about to run on this thread. Any thread; one store. */
static inline void catena_crash_enter(const catena_crash_site *site) { catena_crash_here.site = site; }

/* The call whose hooks are about to run, or NULL. Any thread. */
static inline void catena_crash_walk(const catena_hop *hop) { catena_crash_here.hop = hop; }

/* Everything that this thread says of itself; for code that runs inside of other code and puts back what was there. */
static inline catena_crash_thread catena_crash_get(void) { return catena_crash_here; }
static inline void catena_crash_set(catena_crash_thread here) { catena_crash_here = here; }

/* Lets the process say, in the last line that it writes to standard error, which element has crashed it, and then die of the same
   signal. Once, before elements run; a second time does nothing. The crash handler of the Swift runtime is put aside for crashes
   in elements unless the environment asks for it (SWIFT_BACKTRACE), as it takes seconds in which nobody serves.
   `messages`: how the id of a call's connection is read; lives as long as the process. */
void catena_crash_install(const catena_message_api *messages);

/* Gives the calling thread a stack for the handler, so that a stack that overflows is told too. Once for each thread. */
void catena_crash_prepare_thread(void);

#ifdef __cplusplus
}
#endif
#endif
