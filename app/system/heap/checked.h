/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heap with checks (arch/heapcheck), as the functions around newlib's call
 * it. An image has it only if it was linked with HEAP_LDFLAGS (HEAP=check), and
 * it does something only with the option heap=check.
 *
 * A mistake ends in the crash report. All functions are for the IRQLs of
 * malloc: PASSIVE and DISPATCH.
 */
#ifndef APP_SYSTEM_HEAP_CHECKED_H
#define APP_SYSTEM_HEAP_CHECKED_H

#include <stdbool.h>
#include <stddef.h>

#include "arch/heapcheck/heapcheck.h"

/**
 * Take malloc's lock, and say whether a call is to be checked. The caller gives
 * the lock back by checked_leave().
 *
 * @return  false: the option is not given, or newlib's own malloc is calling
 *          itself; the call goes to newlib unchanged
 */
bool checked_enter(void);

/** Give the lock back. */
void checked_leave(void);

/**
 * Remember a call.
 *
 * @name   of the function, a constant
 * @frame  its __builtin_frame_address(0)
 */
struct heapcheck_call checked_call(const char *name, const void *frame);

/* ---- after checked_enter() has returned true; these leave the lock ---- */

/** As heapcheck_allocate(); NULL sets errno to ENOMEM. */
void *checked_allocate(size_t size, size_t align, enum heapcheck_owner owner,
                       const struct heapcheck_call *call);

/** As free(). */
void checked_free(void *block, const struct heapcheck_call *call);

/** As realloc(). The block always moves, so that the old pointer is found
 * where somebody keeps it. */
void *checked_resize(void *block, size_t size, enum heapcheck_owner owner,
                     const struct heapcheck_call *call);

/** The bytes of a block, as they were asked for. */
size_t checked_size(void *block, const struct heapcheck_call *call);

/**
 * Check all blocks, and say which were not freed. At the end only.
 *
 * @return  true: there are leaks
 */
bool checked_end(const struct heapcheck_call *call);

#endif
