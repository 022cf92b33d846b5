/* SPDX-License-Identifier: Apache-2.0
 * Preloaded by hop.sh and transport.sh: counts what the allocator is asked for, so that "no allocation" is a count and not a belief.
 * A thread can ask for its own count; the count of all threads is kept in the file MALLOC_COUNT_FILE names, for another process. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local uint64_t count;

static _Atomic uint64_t *total;

uint64_t catena_allocations(void) { return count; }

static void counted(void)
{
    count++;
    if (total) atomic_fetch_add_explicit(total, 1, memory_order_relaxed);
}

__attribute__((constructor)) static void open_total(void)
{
    const char *path = getenv("MALLOC_COUNT_FILE");
    if (!path) return;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    if (ftruncate(file, sizeof *total) == 0) {
        void *place = mmap(NULL, sizeof *total, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (place != MAP_FAILED) total = place;
    }
    close(file);
}

void *malloc(size_t size) { counted(); return __libc_malloc(size); }
void *calloc(size_t items, size_t size) { counted(); return __libc_calloc(items, size); }
void *realloc(void *pointer, size_t size) { counted(); return __libc_realloc(pointer, size); }
void *aligned_alloc(size_t alignment, size_t size) { counted(); return __libc_memalign(alignment, size); }
void *memalign(size_t alignment, size_t size) { counted(); return __libc_memalign(alignment, size); }
int posix_memalign(void **out, size_t alignment, size_t size)
{
    counted();
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : 12;
}
