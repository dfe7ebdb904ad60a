/* SPDX-License-Identifier: BSD-2-Clause */
/* Lock, memory and words for arch/heapcheck: see checked.h. */
#include "app/system/heap/checked.h"

#include <errno.h>
#include <reent.h>
#include <string.h>

#include "arch/console/log.h"
#include "arch/cpu/cpu.h"
#include "arch/crash/backtrace.h"
#include "arch/crash/crash.h"
#include "arch/memory/image.h"
#include "arch/memory/pages.h"
#include "arch/smp/smp.h"
#include "vmbare_options.h"

/* malloc's lock, which its holder may take again (arch/libc/lock.c), and
 * newlib's own functions (functions.c). */
void __malloc_lock(struct _reent *state);
void __malloc_unlock(struct _reent *state);
void *__real__malloc_r(struct _reent *state, size_t size);
void __real__free_r(struct _reent *state, void *block);

/* In the list of options only where the checks are linked. */
static VMBARE_OPTION heap_option = {
    .group = "system",
    .name = "heap",
    .type = VMBARE_WORD,
    .words = "off|check",
    .otherwise = "off",
    .help = "check the use of malloc, free, new and delete, and count at the "
            "end what was not freed",
};

static bool started; /* heapcheck_start() was called */
static bool inside;  /* newlib's malloc or free is running for us */

/* What the checks' own memory comes from. */
static void *take(size_t bytes)
{
    void *memory;

    inside = true;
    memory = __real__malloc_r(_REENT, bytes);
    inside = false;
    return memory;
}

/* Both are called by arch/heapcheck, under the lock. */
static void give(void *memory)
{
    inside = true;
    __real__free_r(_REENT, memory);
    inside = false;
}

/* Pages have a guard page behind them, and are not part of the heap. */
static void *records(size_t bytes)
{
    return pages_alloc((uint32_t)((bytes + PAGE_SIZE - 1) / PAGE_SIZE), NULL);
}

static const struct heapcheck_memory memory = {take, give, records};

/* newlib's malloc and free call each other by names that lead here. */
bool checked_enter(void)
{
    __malloc_lock(_REENT);
    if (inside || strcmp(vmbare_option_text(&heap_option), "check") != 0)
        return false;
    if (!started)
        heapcheck_start(&memory);
    started = true;
    return true;
}

void checked_leave(void)
{
    __malloc_unlock(_REENT);
}

/* The first address is the return address of the function that is `frame`'s. */
struct heapcheck_call checked_call(const char *name, const void *frame)
{
    struct heapcheck_call call = {.name = name};
    uint64_t addresses[BACKTRACE_MAX];
    uint32_t count;

    backtrace_here((uint64_t)(uintptr_t)frame, addresses, &count);
    for (uint32_t i = 0; i < count && i < HEAPCHECK_CALLERS; i++)
        call.callers[i] = addresses[i];
    return call;
}

/* ---- what was found ---- */

/* An error, which `quiet` shows too. */
static void say(const char *line)
{
    log_printf(LOG_ERROR, "heap: %s", line);
}

/* The machine ends: after a mistake nothing that the program says can be
 * believed. */
static void judge(const struct heapcheck_fault *fault)
{
    struct crash_info info = {
        .reason = "wrong use of the heap",
        .detail = heapcheck_kind_name(fault->kind),
        .rbp = (uint64_t)(uintptr_t)__builtin_frame_address(0),
        .cpu = this_cpu()->index,
    };

    if (fault->kind == HEAPCHECK_FINE)
        return;
    heapcheck_say_fault(fault, image_start(), image_end() - image_start(), say);
    smp_stop_others();
    crash_report(&info);
}

/* The lock is free before anything is said: the log takes others. */
static void leave_and_judge(const struct heapcheck_fault *fault)
{
    checked_leave();
    judge(fault);
}

/* ---- the calls ---- */

void *checked_allocate(size_t size, size_t align, enum heapcheck_owner owner,
                       const struct heapcheck_call *call)
{
    void *block = heapcheck_allocate(size, align, owner, call);

    checked_leave();
    if (!block)
        errno = ENOMEM;
    return block;
}

void checked_free(void *block, const struct heapcheck_call *call)
{
    struct heapcheck_fault fault;

    heapcheck_free(block, call, &fault);
    leave_and_judge(&fault);
}

/* A block that is damaged or not the caller's is not copied. */
void *checked_resize(void *block, size_t size, enum heapcheck_owner owner,
                     const struct heapcheck_call *call)
{
    struct heapcheck_fault fault = {.kind = HEAPCHECK_FINE};
    size_t before = 0;
    void *moved;

    if (block)
        heapcheck_look(block, &before, call, &fault);
    moved = fault.kind == HEAPCHECK_FINE
                ? heapcheck_allocate(size, HEAPCHECK_ALIGN, owner, call)
                : NULL;
    if (moved && block) {
        memcpy(moved, block, before < size ? before : size);
        heapcheck_free(block, call, &fault);
    }
    leave_and_judge(&fault);
    if (!moved)
        errno = ENOMEM;
    return moved;
}

size_t checked_size(void *block, const struct heapcheck_call *call)
{
    struct heapcheck_fault fault = {.kind = HEAPCHECK_FINE};
    size_t size = 0;

    if (block)
        heapcheck_look(block, &size, call, &fault);
    leave_and_judge(&fault);
    return size;
}

/* Leaks are counted under the same lock as the checks, and told after them: a
 * mistake matters more. */
bool checked_end(const struct heapcheck_call *call)
{
    struct heapcheck_fault fault;
    struct heapcheck_leaks leaks;

    heapcheck_all(call, &fault);
    heapcheck_leaks(&leaks);
    leave_and_judge(&fault);
    heapcheck_say_leaks(&leaks, image_start(), image_end() - image_start(),
                        say);
    return leaks.blocks > 0;
}
