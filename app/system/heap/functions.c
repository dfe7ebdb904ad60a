/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions that stand in the place of newlib's where HEAP_LDFLAGS says so
 * to the linker (ld's --wrap): there __real_NAME is newlib's and __wrap_NAME
 * ours. An application calls malloc and its like; newlib's stdio calls the
 * names with _r, with its own state.
 *
 * Each asks whether the call is to be checked; if not, newlib answers it as
 * ever. What stdio, the bus and KMCL allocate is checked as well, but is no
 * leak of the application's.
 */
#include "app/system/heap/checked.h"

#include <errno.h>
#include <reent.h>
#include <string.h>

struct seam;

/* newlib's functions and ours, by the linker's names. */
void *__real__malloc_r(struct _reent *state, size_t size);
void __real__free_r(struct _reent *state, void *block);
void *__real__calloc_r(struct _reent *state, size_t count, size_t size);
void *__real__realloc_r(struct _reent *state, void *block, size_t size);
void *__real__memalign_r(struct _reent *state, size_t align, size_t size);
size_t __real__malloc_usable_size_r(struct _reent *state, void *block);

void *__wrap__malloc_r(struct _reent *state, size_t size);
void __wrap__free_r(struct _reent *state, void *block);
void *__wrap__calloc_r(struct _reent *state, size_t count, size_t size);
void *__wrap__realloc_r(struct _reent *state, void *block, size_t size);
void *__wrap__memalign_r(struct _reent *state, size_t align, size_t size);
size_t __wrap__malloc_usable_size_r(struct _reent *state, void *block);

void *__wrap_malloc(size_t size);
void __wrap_free(void *block);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_memalign(size_t align, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);

/* The memory of the bus and of KMCL (vmbus/seam.h). */
void *__wrap_seam_alloc(struct seam *s, size_t size);
void __wrap_seam_free(struct seam *s, void *p, size_t size);

/* The call of the function in which it stands. */
#define CALL(name) checked_call(name, __builtin_frame_address(0))

/* For what newlib has answered, under the lock that checked_enter() took. */
static void *leave_with(void *block)
{
    checked_leave();
    return block;
}

/* malloc and memalign. */
static void *allocate(struct _reent *state, size_t size, size_t align,
                      enum heapcheck_owner owner, struct heapcheck_call call)
{
    if (checked_enter())
        return checked_allocate(size, align, owner, &call);
    return leave_with(align > HEAPCHECK_ALIGN
                          ? __real__memalign_r(state, align, size)
                          : __real__malloc_r(state, size));
}

/* calloc: the product of its arguments may be more than a size_t holds. */
static void *allocate_zeroed(struct _reent *state, size_t count, size_t size,
                             enum heapcheck_owner owner,
                             struct heapcheck_call call)
{
    size_t bytes;
    void *block;

    if (!checked_enter())
        return leave_with(__real__calloc_r(state, count, size));
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX; /* nobody has that */
    block = checked_allocate(bytes, HEAPCHECK_ALIGN, owner, &call);
    return block ? memset(block, 0, bytes) : NULL;
}

/* realloc. */
static void *resize(struct _reent *state, void *block, size_t size,
                    enum heapcheck_owner owner, struct heapcheck_call call)
{
    if (checked_enter())
        return checked_resize(block, size, owner, &call);
    return leave_with(__real__realloc_r(state, block, size));
}

/* free. */
static void release(struct _reent *state, void *block,
                    struct heapcheck_call call)
{
    if (checked_enter()) {
        checked_free(block, &call);
        return;
    }
    __real__free_r(state, block);
    checked_leave();
}

/* An alignment that is none would end in an endless search for a place. */
static void *allocate_aligned(struct _reent *state, size_t align, size_t size,
                              enum heapcheck_owner owner,
                              struct heapcheck_call call)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    return allocate(state, size,
                    align > HEAPCHECK_ALIGN ? align : HEAPCHECK_ALIGN, owner,
                    call);
}

/* ---- what an application calls ---- */

void *__wrap_malloc(size_t size)
{
    return allocate(_REENT, size, HEAPCHECK_ALIGN, HEAPCHECK_APPLICATION,
                    CALL("malloc"));
}

void __wrap_free(void *block)
{
    release(_REENT, block, CALL("free"));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocate_zeroed(_REENT, count, size, HEAPCHECK_APPLICATION,
                           CALL("calloc"));
}

void *__wrap_realloc(void *block, size_t size)
{
    return resize(_REENT, block, size, HEAPCHECK_APPLICATION, CALL("realloc"));
}

void *__wrap_memalign(size_t align, size_t size)
{
    return allocate_aligned(_REENT, align, size, HEAPCHECK_APPLICATION,
                            CALL("memalign"));
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
    return allocate_aligned(_REENT, align, size, HEAPCHECK_APPLICATION,
                            CALL("aligned_alloc"));
}

char *__wrap_strndup(const char *text, size_t most)
{
    size_t length = strnlen(text, most);
    char *copy = allocate(_REENT, length + 1, HEAPCHECK_ALIGN,
                          HEAPCHECK_APPLICATION, CALL("strndup"));

    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

char *__wrap_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = allocate(_REENT, size, HEAPCHECK_ALIGN, HEAPCHECK_APPLICATION,
                          CALL("strdup"));

    return copy ? memcpy(copy, text, size) : NULL;
}

/* ---- what newlib calls itself ---- */

void *__wrap__malloc_r(struct _reent *state, size_t size)
{
    return allocate(state, size, HEAPCHECK_ALIGN, HEAPCHECK_SYSTEM,
                    CALL("_malloc_r"));
}

void __wrap__free_r(struct _reent *state, void *block)
{
    release(state, block, CALL("_free_r"));
}

void *__wrap__calloc_r(struct _reent *state, size_t count, size_t size)
{
    return allocate_zeroed(state, count, size, HEAPCHECK_SYSTEM,
                           CALL("_calloc_r"));
}

void *__wrap__realloc_r(struct _reent *state, void *block, size_t size)
{
    return resize(state, block, size, HEAPCHECK_SYSTEM, CALL("_realloc_r"));
}

void *__wrap__memalign_r(struct _reent *state, size_t align, size_t size)
{
    return allocate_aligned(state, align, size, HEAPCHECK_SYSTEM,
                            CALL("_memalign_r"));
}

size_t __wrap__malloc_usable_size_r(struct _reent *state, void *block)
{
    struct heapcheck_call call = CALL("malloc_usable_size");
    size_t size;

    if (checked_enter())
        return checked_size(block, &call);
    size = __real__malloc_usable_size_r(state, block);
    checked_leave();
    return size;
}

/* ---- the bus and KMCL ---- */

/* Weak, because a program may put functions of its own there (a test of KMCL
 * does). */
__attribute__((weak)) void *__wrap_seam_alloc(struct seam *s, size_t size)
{
    (void)s;
    return allocate_zeroed(_REENT, 1, size, HEAPCHECK_SYSTEM,
                           CALL("seam_alloc"));
}

__attribute__((weak)) void __wrap_seam_free(struct seam *s, void *p,
                                            size_t size)
{
    (void)s;
    (void)size;
    release(_REENT, p, CALL("seam_free"));
}
