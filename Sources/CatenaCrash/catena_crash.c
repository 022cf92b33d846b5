/* SPDX-License-Identifier: Apache-2.0
 *
 * The handler. It calls nothing but write, sigaction and raise, except once: the id of the connection is asked of the message,
 * after all else has been written, so that a message which is broken too costs no more than its id.
 */
#define _GNU_SOURCE
#include "catena_crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

__thread catena_crash_thread catena_crash_here;

static const catena_message_api *messages;
static const struct {
    int number;
    const char *name;
} crashes[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGILL, "SIGILL"},
               {SIGFPE, "SIGFPE"},   {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"}};
enum { crash_count = sizeof(crashes) / sizeof(crashes[0]), stack_size = 64 * 1024, longest_id = 256 };

/* Who handled each signal before. */
static struct sigaction previous[crash_count];
static bool wants_backtrace;

/* A line in the making: one write where it can be, so that other threads' lines do not come in between. */
typedef struct line {
    char text[1024];
    size_t count;
} line;

static void add(line *to, const char *bytes, size_t count) {
    size_t room = sizeof(to->text) - to->count;
    if (count > room) count = room;
    memcpy(to->text + to->count, bytes, count);
    to->count += count;
}

static void say(line *to, const char *text) { add(to, text, strlen(text)); }

static void put(line *from) {
    const char *bytes = from->text;
    while (from->count > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, from->count);
        if (written <= 0) return;
        bytes += written;
        from->count -= (size_t)written;
    }
}

/* An id comes from outside: what could end the line or steer a terminal is shown as a dot. */
static void say_id(line *to, catena_str id) {
    char shown[longest_id];
    size_t count = id.len < longest_id ? id.len : longest_id;
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)id.ptr[i];
        shown[i] = byte < 0x20 || byte == 0x7f || byte == '"' ? '.' : (char)byte;
    }
    if (count == 0) return;
    say(to, ", connection \"");
    add(to, shown, count);
    say(to, "\"");
}

static void tell(const catena_crash_thread *here, const char *signal_name) {
    line first = {.count = 0}, rest = {.count = 0};
    say(&first, "catena: fatal: ");
    if (here->site == NULL) {
        say(&first, signal_name);
        say(&first, ", in no hook of an element\n");
        return put(&first);
    }
    say(&first, "element \"");
    say(&first, here->site->element);
    say(&first, "\" (module ");
    say(&first, here->site->module);
    say(&first, ") crashed the process with ");
    say(&first, signal_name);
    say(&first, " in ");
    say(&first, here->site->function);
    put(&first);
    catena_str id = here->connection;
    if (here->hop != NULL && here->hop->message != NULL && messages != NULL) {
        catena_view view = messages->get(here->hop->message, CATENA_F_ID);
        id.ptr = (const char *)view.ptr;
        id.len = view.ptr != NULL ? view.len : 0;
    }
    say_id(&rest, id);
    say(&rest, "\n");
    put(&rest);
}

static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    size_t index = 0;
    while (index < crash_count - 1 && crashes[index].number != number) index++;
    catena_crash_thread here = catena_crash_here;
    /* What another process sent says nothing of the code that runs here. */
    if (info->si_code <= 0 && info->si_pid != getpid()) here.site = NULL;

    /* From here on a crash of the handler itself ends the process. */
    struct sigaction next = {.sa_handler = SIG_DFL};
    sigemptyset(&next.sa_mask);
    for (size_t i = 0; i < crash_count; i++) sigaction(crashes[i].number, &next, NULL);

    tell(&here, crashes[index].name);

    if (here.site == NULL || wants_backtrace) {
        next = previous[index];
        sigaction(number, &next, NULL);
    }
    /* A fault happens again when the handler returns; a signal that was sent does not, nor a trap that stands behind its instruction. */
    if (info->si_code <= 0 || number == SIGTRAP) raise(number);
}

void catena_crash_install(const catena_message_api *api) {
    if (messages != NULL) return;
    messages = api;
    wants_backtrace = getenv("SWIFT_BACKTRACE") != NULL;
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    action.sa_sigaction = handle;
    sigemptyset(&action.sa_mask);
    for (size_t index = 0; index < crash_count; index++) sigaction(crashes[index].number, &action, &previous[index]);
}

void catena_crash_prepare_thread(void) {
    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_DISABLE)) return;
    /* Stays with the thread, which lives as long as the loop it runs. */
    void *memory = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return;
    stack = (stack_t){.ss_sp = memory, .ss_size = stack_size};
    if (sigaltstack(&stack, NULL) != 0) munmap(memory, stack_size);
}
