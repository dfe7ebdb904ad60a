/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All ends (private.h). An end outlives its socket: what was sent is still to
 * be delivered, the host has not answered, and a channel cannot be closed in
 * its own callbacks. So a piece of work, tend.c, looks at all of them whenever
 * something has changed that it may wait for.
 *
 * The list is short (HVSOCK_ENDS_MOST), so nothing is gained by an index.
 */
#include <errno.h>
#include <stdlib.h>

#include "drivers/hvsock/private.h"

static struct net_end *ends;
static unsigned count;
static struct vmbare_work work;

/* The newest is the first: whoever adds one while another walks the list does
 * not make that walk longer. */
struct net_end *hvsock_next(const struct net_end *after)
{
    return after ? after->next : ends;
}

/* Work that is queued already looks at everything, so a second call of this
 * need not be remembered. */
void hvsock_tend(void)
{
    (void)vmbare_work_queue(&work, 0);
}

/* ---- beginning ----------------------------------------------------------- */

/* Its time is over: for a connection, or for a host that takes the rest. */
static void late(void *context)
{
    struct net_end *end = context;

    /* Each kind of end has one use for its timer. */
    if (end->state == HVSOCK_LISTENING) {
        end->flags &= ~(uint32_t)HVSOCK_PAUSES;
    } else if (hvsock_is(end, HVSOCK_RELEASED)) {
        end->flags |= HVSOCK_OVER;
    } else if (end->state == HVSOCK_CONNECTING) {
        end->error = -ETIMEDOUT;
        net_wake(end->s);
    }
    hvsock_tend();
}

/* The bound counts ends that are closing as well, so a host that never lets go
 * of a stream cannot make this guest keep more and more of them. */
struct net_end *hvsock_new(int s)
{
    struct net_end *end =
        count < HVSOCK_ENDS_MOST ? calloc(1, sizeof(*end)) : NULL;

    if (!end)
        return NULL;
    end->s = s;
    (void)vmbare_timer_init(&end->timer, "a stream to the host", VMBARE_PASSIVE,
                            late, end);
    end->next = ends;
    ends = end;
    count++;
    return end;
}

/* ---- the end ------------------------------------------------------------- */

/* Whoever looks at the ends frees it, when nothing is awaited any more. */
void hvsock_release(struct net_end *end, bool over)
{
    end->s = -1;
    end->listener = NULL;
    end->flags |= HVSOCK_RELEASED;
    end->flags |= over ? HVSOCK_OVER : 0;
    hvsock_tend();
}

/* Only whoever tends the ends takes one out, so it is there. */
void hvsock_take_out(struct net_end *end)
{
    struct net_end **at = &ends;

    while (*at != end)
        at = &(*at)->next;
    *at = end->next;
    count--;
}

/* ---- who looks at them --------------------------------------------------- */

/* The work is made once: a second start finds it, maybe queued. */
void hvsock_ends_start(uint64_t (*tend)(void *context))
{
    if (!work.source.kind)
        (void)vmbare_work_init(&work, "hv_sock", tend, NULL);
}

/* A result is there as soon as no run is queued or under way. */
bool hvsock_is_tending(void)
{
    return vmbare_work_result(&work, VMBARE_NOW, NULL) != VMBARE_OK;
}
