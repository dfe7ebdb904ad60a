/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one context that lwIP runs in. It is a lock: whoever holds it is the
 * stack. Frames come in deferred work, lwIP's time passes in a timer at
 * DISPATCH, and an application's calls come in between; so the stack answers
 * while an application computes.
 *
 * The lock raises to DISPATCH, so on its own processor nothing of the stack can
 * come in between, and another processor spins. It is held for one frame, one
 * tick or one call. The adapter's driver is called with it held and must not
 * wait; and it must hold no lock of its own when it delivers a frame, or two
 * processors could wait for each other.
 */
#include <assert.h>

#include "drivers/ip.h"
#include "drivers/ip/private.h"
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include "vmbare.h"
#include "vmbare_events.h"

/* What lwIP's shortest timer, that of TCP, needs. */
#define TICK        UINT64_C(2500000) /* 250 ms */
#define MILLISECOND 10000u            /* of vmbare_now */

struct ip_interface ip_interface;

static struct vmbare_lock lock;
static struct vmbare_timer timer;
static bool initialized;

void ip_enter(void)
{
    enum vmbare_status taken = vmbare_lock_take(&lock);

    assert(taken == VMBARE_OK); /* not twice: a callback of lwIP is inside */
    (void)taken;
}

void ip_leave(void)
{
    /* What the stack has sent to itself arrives now. */
    netif_poll_all();
    (void)vmbare_lock_give(&lock);
}

/* Milliseconds for lwIP, which counts modulo 2^32: it compares differences. */
u32_t sys_now(void)
{
    return (u32_t)(vmbare_now() / MILLISECOND);
}

/* lwIP runs what is due since the last tick. One that is missed, because the
 * lock was held for long, is made up for by the next. */
static void tick(void *context)
{
    (void)context;
    ip_enter();
    sys_check_timeouts();
    ip_leave();
}

void ip_context_start(void)
{
    /* lwIP is initialized once; it has no end. */
    if (!initialized) {
        initialized = true;
        ip_enter();
        lwip_init();
        ip_leave();
    }
    (void)vmbare_timer_init(&timer, "the network's clock", VMBARE_DISPATCH,
                            tick, NULL);
    (void)vmbare_timer_set(&timer, vmbare_now() + TICK, TICK);
}

void ip_context_stop(void)
{
    /* A tick is short: the wait is for one on another processor. */
    (void)vmbare_timer_cancel(&timer, VMBARE_FOREVER);
}
