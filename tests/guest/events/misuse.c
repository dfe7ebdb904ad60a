/* SPDX-License-Identifier: BSD-2-Clause */
/* Misuse is refused in the guest, and what is misused still works after it; the
 * host looks for the lines of the log (tests/events/guest.py). */
#include "events.h"

#include "tests/guest/tap.h"
#include "vmbare.h"

static enum vmbare_status found;

static void wait_in_a_callback(void *context)
{
    struct vmbare_event *event = context;

    found = vmbare_wait_for(&event->source, vmbare_after(1));
    (void)vmbare_event_set(event);
}

static uint64_t wait_elsewhere(void *context)
{
    struct vmbare_event *event = context;

    return vmbare_wait_for(&event->source, vmbare_after(1));
}

static void at_dispatch(struct vmbare_event *event)
{
    struct vmbare_timer timer;

    vmbare_timer_init(&timer, "misuser", VMBARE_DISPATCH, wait_in_a_callback,
                      event);
    vmbare_timer_set(&timer, vmbare_now(), 0);
    tap_ok(vmbare_wait_for(&event->source, hang()) == VMBARE_OK &&
               found == VMBARE_MISUSE,
           "a wait in a callback at DISPATCH is refused");
    (void)vmbare_timer_cancel(&timer, hang());
}

static void with_a_lock(struct vmbare_event *event)
{
    static struct vmbare_lock lock;
    enum vmbare_status wait, again;

    (void)vmbare_lock_take(&lock);
    wait = vmbare_wait_for(&event->source, vmbare_after(1));
    again = vmbare_lock_take(&lock);
    tap_ok(vmbare_lock_give(&lock) == VMBARE_OK && wait == VMBARE_MISUSE,
           "a wait with a lock held is refused");
    tap_ok(again == VMBARE_MISUSE && vmbare_lock_give(&lock) == VMBARE_MISUSE,
           "a lock is not taken twice, nor given back twice");
}

void test_misuse(void)
{
    unsigned last = vmbare_processors() - 1;
    struct vmbare_event event, blank = {0};
    struct vmbare_work work;
    uint64_t result = 0;

    vmbare_event_init(&event, "event", VMBARE_ONE_WAIT);
    at_dispatch(&event);
    with_a_lock(&event);
    vmbare_work_init(&work, "elsewhere", wait_elsewhere, &event);
    (void)vmbare_run_on(&work, last, hang(), &result);
    tap_ok(result == (last ? VMBARE_MISUSE : VMBARE_LATE),
           "work may wait on processor 0 alone: status %u on processor %u",
           (unsigned)result, last);
    tap_ok(vmbare_work_queue(&work, last + 1) == VMBARE_MISUSE,
           "a processor that does not exist is refused");
    tap_ok(vmbare_event_set(&blank) == VMBARE_MISUSE,
           "an event that was not initialized is refused");
    (void)vmbare_event_set(&event);
    tap_ok(vmbare_wait_for(&event.source, hang()) == VMBARE_OK,
           "after all that a wait goes on as ever");
}
