/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls that wait: which of them are on the stack for a channel, and who
 * may call what from inside another's wait.
 *
 * Where PASSIVE code shares one stack, a callback that runs while a call waits
 * stands above it, and the call below cannot return before the callback does. A
 * call from that callback that waits for the one below would wait for ever. The
 * same holds inside a callback where PASSIVE work that waits has a stack of its
 * own (seam_strand()). So each waiting call is listed in its channel with its
 * stack, and a call that would close such a circle ends in an assertion that
 * names both of its ends. What waits on another stack is waited for, unless it
 * waits in turn, maybe over further channels, for a callback on the caller's
 * stack.
 */
#ifndef KMCL_WAIT_H
#define KMCL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "kmcl/types.h"

enum kmcl_call {
    KMCL_CALL_CREATE_GPADL,
    KMCL_CALL_DELETE_GPADL,
    KMCL_CALL_REQUEST,
    KMCL_CALL_PAUSE,
    KMCL_CALL_START, /* never waits itself; its callbacks may */
    KMCL_CALL_DISABLE,
    KMCL_CALL_CLEANUP,
};

/* One call that is on the stack, in the frame of that call. */
struct kmcl_wait {
    struct kmcl_wait *below; /* an earlier call for the same channel */
    enum kmcl_call call;
    uintptr_t strand; /* the stack that it waits on */
};

/**
 * Lists a call as waiting for something of the channel.
 *
 * @ch    the channel; it stays alive until kmcl_wait_end()
 * @w     storage in the caller's frame, filled in here
 * @call  which call it is
 *
 * PASSIVE.
 */
void kmcl_wait_begin(VMBCHANNEL ch, struct kmcl_wait *w, enum kmcl_call call);

/* Takes the call off the list again. PASSIVE. */
void kmcl_wait_end(VMBCHANNEL ch, struct kmcl_wait *w);

/* Whether such a call is on the stack for the channel. PASSIVE. */
bool kmcl_waits(VMBCHANNEL ch, enum kmcl_call call);

/* Whether a call of the GPADL functions waits for the host; the channel cannot
 * close before that has returned. PASSIVE. */
bool kmcl_waits_for_gpadl(VMBCHANNEL ch);

/**
 * Waits like seam_wait(), listed as `call`.
 *
 * @done, @arg, @deadline, @what  as for seam_wait()
 * @return  0, or -ETIMEDOUT at the deadline
 *
 * PASSIVE.
 */
int kmcl_wait(VMBCHANNEL ch, enum kmcl_call call, bool (*done)(void *arg),
              void *arg, uint64_t deadline, const char *what);

/**
 * What the four functions of a channel's life (Start, Pause, Disable, Cleanup)
 * require of their caller. Asserts: the handle is live, the level PASSIVE, no
 * callback of this channel is on the stack, and the call does not wait for one
 * that stands below it.
 *
 * @ch    any value
 * @call  which of the four it is
 */
void kmcl_check_caller(VMBCHANNEL ch, enum kmcl_call call);

#endif
