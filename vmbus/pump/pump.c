/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pump: the state machine of state.c with its work item, its timer and the
 * incoming ring's mask. See vmbus/pump.h for its contract.
 */
#include "vmbus/pump.h"

#include <stddef.h>

#include "vmbus/pump/state.h"
#include "vmbus/ring.h"

/* The mask dance, as the ring's protocol wants it: [linux ring_buffer.c]
 *
 *   mask -> read until empty -> commit -> unmask -> fence -> look again
 *
 * A packet written before the unmask became visible came without a signal, and
 * the last look finds it; one written later comes with a signal. */
static bool look(struct pump *p)
{
    enum vmbus_event_result result;

    /* Ask for no signals while we read anyway. */
    ring_reader_mask(p->rx);
    result = p->run(p->arg);
    if (result == VMBUS_EVENT_MORE)
        return true;
    /* Ask for signals again, and look for what came without one. */
    return result == VMBUS_EVENT_DRAINED && ring_reader_unmask(p->rx);
}

/* Does what a transition asked for. After PUMP_DO_REST the owner may free the
 * pump at once, on any processor: nothing here touches it afterwards. */
static void act(struct pump *p, enum pump_do what)
{
    if (what == PUMP_DO_QUEUE)
        seam_work_queue(p->s, &p->work, p->cpu);
    else if (what == PUMP_DO_REST)
        p->rest(p->arg);
}

/* The work item. It also runs for a pump that was stopped after it had been
 * queued: then it only ends the run, because the stop waits for that. */
static void run(void *arg)
{
    struct pump *p = arg;
    bool more = false;

    if (vmbus_pump_state_begin(&p->word) == PUMP_DO_RUN)
        more = look(p);
    act(p, vmbus_pump_state_end(&p->word, more));
}

/* The timer's function holds the pump from its setting on. Kicked first: a pump
 * that is stopping ignores that, and comes to rest by the release. */
static void timer_due(void *arg)
{
    struct pump *p = arg;

    vmbus_pump_kick(p);
    act(p, vmbus_pump_state_release(&p->word));
}

void vmbus_pump_init(struct pump *p, struct seam *s,
                     const struct pump_calls *calls, uint8_t level)
{
    p->s = s;
    p->run = calls->run;
    p->signal = calls->signal;
    p->rest = calls->rest;
    p->arg = calls->arg;
    p->work.run = run;
    p->work.arg = p;
    p->work.level = level;
    p->timer.run = timer_due;
    p->timer.arg = p;
}

void vmbus_pump_start(struct pump *p, struct ring_reader *rx, uint32_t cpu)
{
    p->rx = rx;
    p->cpu = cpu;
    SEAM_ASSERT(p->s, vmbus_pump_state_start(&p->word), "this pump is started");
}

/* Cancel the timer first. Its hold is given back here only if its function will
 * not run; one that has begun on another processor gives it back itself. */
bool vmbus_pump_stop(struct pump *p)
{
    uint8_t irql = seam_lock(p->s, &p->timer_lock);

    /* The state stays started meanwhile, so the release never means rest. */
    if (seam_timer_cancel(p->s, &p->timer))
        (void)vmbus_pump_state_release(&p->word);
    seam_unlock(p->s, &p->timer_lock, irql);
    return vmbus_pump_state_stop(&p->word) == PUMP_DO_REST;
}

bool vmbus_pump_ring(struct pump *p)
{
    return vmbus_pump_state_ring(&p->word) == PUMP_DO_QUEUE;
}

void vmbus_pump_queue(struct pump *p)
{
    seam_work_queue(p->s, &p->work, p->cpu);
}

/* The state is the same as in a run that was queued, so no other run begins
 * meanwhile, and a stop waits for its end. */
void vmbus_pump_run(struct pump *p, uint32_t cpu)
{
    if (p->cpu == cpu)
        run(p);
    else
        vmbus_pump_queue(p);
}

void vmbus_pump_kick(struct pump *p)
{
    if (vmbus_pump_ring(p))
        vmbus_pump_queue(p);
}

/* Every run of the timer's function that is to come holds the pump; the lock
 * keeps that number right when two processors set the timer at once. */
void vmbus_pump_kick_later(struct pump *p, uint64_t delay)
{
    uint8_t irql = seam_lock(p->s, &p->timer_lock);
    uint64_t due = seam_now(p->s) + delay;

    /* A timer that goes off before needs no setting, which can cost an exit. If
     * it is going off just now, its kick still follows. */
    if (seam_timer_is_armed(&p->timer) && p->timer.due <= due) {
        seam_unlock(p->s, &p->timer_lock, irql);
        return;
    }
    if (seam_timer_cancel(p->s, &p->timer) || vmbus_pump_state_hold(&p->word))
        seam_timer_set(p->s, &p->timer, due);
    seam_unlock(p->s, &p->timer_lock, irql);
}

/* A signal is a hypercall, and no lock is held across one. The hold keeps the
 * channel from being closed and freed between the unlock and the signal. */
struct pump *vmbus_pump_hold(struct pump *p)
{
    return p && vmbus_pump_state_hold(&p->word) ? p : NULL;
}

void vmbus_pump_bell(struct pump *held)
{
    if (!held)
        return;
    held->signal(held->arg);
    act(held, vmbus_pump_state_release(&held->word));
}
