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

/* ---- functions without a frame ------------------------------------------ */

/* A function is not longer than this; the longest one of newlib is half. */
#define FUNCTION_MAX 16384u

#define CALL_SIZE 5u /* of a direct call: 0xe8 and a distance */

static bool holds(const struct backtrace_code *code, uint64_t address)
{
    return address - code->start < code->size;
}

/* 16 bytes of code. */
static bool read_code(backtrace_read *read, void *context, uint64_t address,
                      uint8_t out[16])
{
    uint64_t words[2];

    if (!read(context, address, words))
        return false;
    memcpy(out, words, sizeof(words));
    return true;
}

/*
 * Does an indirect call end at b[8]? It is 0xff with the digit 2 in its second
 * byte: in a register, or in memory with 0, 1 or 4 more bytes of distance, and
 * one more byte for a scaled index. [Intel SDM 2A, CALL]
 */
static bool is_indirect_call(const uint8_t b[16])
{
    for (unsigned length = 2; length <= 7; length++) {
        const uint8_t *at = b + 8 - length;
        unsigned mode = at[1] >> 6, rm = at[1] & 7, more = 0;

        if (at[0] != 0xff || (at[1] >> 3 & 7) != 2)
            continue;
        if (mode != 3 && rm == 4)
            more++;
        if (mode == 1)
            more += 1;
        else if (mode == 2 ||
                 (mode == 0 && (rm == 5 || (more && (at[2] & 7) == 5))))
            more += 4;
        if (2 + more == length)
            return true;
    }
    return false;
}

/* Is a function of this many bytes before `rip` still, or again, without its
 * frame? Where it begins with the usual two instructions (push rbp; mov rbp,
 * rsp), only before them and at its return. */
static bool has_no_frame(uint64_t start, uint64_t rip, backtrace_read *read,
                         void *context)
{
    static const uint8_t usual[] = {0x55, 0x48, 0x89, 0xe5};
    uint8_t first[16], here[16];

    if (!read_code(read, context, start, first) ||
        !read_code(read, context, rip, here))
        return false;
    return memcmp(first, usual, sizeof(usual)) != 0 || rip == start ||
           here[0] == 0xc3;
}

/* The function that a direct call before `back` calls; 0: there is no call. */
static uint64_t called_from(uint64_t back, const uint8_t b[16])
{
    int32_t distance;

    if (b[8 - CALL_SIZE] != 0xe8)
        return 0;
    memcpy(&distance, b + 8 - CALL_SIZE + 1, sizeof(distance));
    return back + (uint64_t)(int64_t)distance;
}

enum backtrace_top backtrace_find_caller(uint64_t rip, uint64_t rsp,
                                         const struct backtrace_code *code,
                                         backtrace_read *read, void *context,
                                         uint64_t *caller)
{
    uint64_t top[2], start;
    uint8_t before[16];

    /* The word must be an address behind a call instruction. */
    if (rsp % sizeof(uint64_t) != 0 || !read(context, rsp, top) ||
        !holds(code, top[0]) || !holds(code, top[0] - 8) ||
        !read_code(read, context, top[0] - 8, before))
        return BACKTRACE_TOP_OTHER;
    *caller = top[0];
    start = called_from(top[0], before);
    /* A direct call tells its function, which must be the one that runs. */
    if (holds(code, rip) && holds(code, start))
        return start <= rip && rip - start < FUNCTION_MAX &&
                       has_no_frame(start, rip, read, context)
                   ? BACKTRACE_TOP_CALLER
                   : BACKTRACE_TOP_OTHER;
    if (!is_indirect_call(before) && !holds(code, start))
        return BACKTRACE_TOP_OTHER;
    /* A jump to where there is no code leaves nothing else on top. */
    return holds(code, rip) ? BACKTRACE_TOP_MAYBE : BACKTRACE_TOP_CALLER;
}

/* ---- in this machine's memory ------------------------------------------- */

void backtrace_set_readable(bool (*readable)(uint64_t address, size_t size))
{
    is_readable = readable;
}

/* `context` is the frame that the walk began with. */
static bool read_here(void *context, uint64_t address, uint64_t out[2])
{
    uint64_t start = *(const uint64_t *)context;

    /* Page zero is never mapped. */
    if (address == 0)
        return false;
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

enum backtrace_top backtrace_caller_here(uint64_t rip, uint64_t rsp,
                                         const struct backtrace_code *code,
                                         uint64_t *caller)
{
    return backtrace_find_caller(rip, rsp, code, read_here, &rsp, caller);
}
