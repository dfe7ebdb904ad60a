/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks frame pointers: see backtrace.h.
 *
 *     rbp -> | caller's rbp | return address |   at higher addresses
 *                  |
 *                  +-> | its caller's rbp | return address | ...
 */
#include "arch/crash/backtrace.h"

#include <string.h>

/* How far up a walk goes when nobody can say what is readable: a stack of that
 * size is mapped for certain. */
#define BLIND_REACH (64u * 1024u)

static bool (*is_readable)(uint64_t address, size_t size);

enum backtrace_end backtrace_walk(uint64_t rbp, backtrace_read *read,
                                  void *context,
                                  uint64_t addresses[BACKTRACE_MAX],
                                  uint32_t *count)
{
    uint64_t frame[2];

    for (*count = 0;; rbp = frame[0]) {
        /* start.c and the entry of a processor begin with a frame pointer of 0.
         */
        if (rbp == 0)
            return BACKTRACE_COMPLETE;
        if (*count == BACKTRACE_MAX)
            return BACKTRACE_LIMIT;
        /* Compiled code keeps frame pointers aligned; anything else was
         * overwritten. */
        if (rbp % sizeof(uint64_t) != 0)
            return BACKTRACE_BROKEN;
        if (!read(context, rbp, frame))
            return BACKTRACE_UNREADABLE;
        /* No return address: an entry code's own frame. */
        if (frame[1] == 0)
            return BACKTRACE_COMPLETE;
        addresses[(*count)++] = frame[1];
        /* The stack grows down, so the caller's frame is above. A chain that
         * does not rise would loop. */
        if (frame[0] != 0 && frame[0] <= rbp)
            return BACKTRACE_BROKEN;
    }
}

/* Printed as the last line of a backtrace. */
const char *backtrace_end_name(enum backtrace_end end)
{
    static const char *const names[] = {
        [BACKTRACE_COMPLETE] = "complete",
        [BACKTRACE_UNREADABLE] = "ends at unreadable memory",
        [BACKTRACE_BROKEN] = "ends at a broken frame",
        [BACKTRACE_LIMIT] = "cut, too many frames",
    };

    return names[end];
}

void backtrace_set_readable(bool (*readable)(uint64_t address, size_t size))
{
    is_readable = readable;
}

/* `context` is the frame that the walk began with. */
static bool read_here(void *context, uint64_t address, uint64_t out[2])
{
    uint64_t start = *(const uint64_t *)context;

    if (is_readable) {
        if (!is_readable(address, 2 * sizeof(out[0])))
            return false;
    } else if (address < start || address - start > BLIND_REACH) {
        return false;
    }
    memcpy(out, (const void *)(uintptr_t)address, 2 * sizeof(out[0]));
    return true;
}

enum backtrace_end
backtrace_here(uint64_t rbp, uint64_t addresses[BACKTRACE_MAX], uint32_t *count)
{
    return backtrace_walk(rbp, read_here, &rbp, addresses, count);
}
