/* SPDX-License-Identifier: BSD-2-Clause */
/* Events: vmbare_events.h has their contract. */
#include "app/system/events/events.h"

/* Storage that was used before is overwritten: nobody may wait for it. */
void vmbare_event_init(struct vmbare_event *event, const char *name,
                       enum vmbare_event_kind kind)
{
    *event = (struct vmbare_event){
        .source = {.kind = EVENTS_EVENT, .name = name},
        .all = kind == VMBARE_ALL_WAITS,
    };
}

/* Clearing wakes waits, too; they look and find nothing. That is rarer than
 * it would be worth a case of its own. */
static enum vmbare_status change(struct vmbare_event *event, bool set,
                                 const char *function)
{
    uint8_t irql;

    if (!events_check(event ? &event->source : NULL, EVENTS_EVENT, function))
        return VMBARE_MISUSE;
    irql = events_lock();
    event->set = set;
    events_unlock_changed(irql);
    return VMBARE_OK;
}

/* The lock orders what was stored before against the wait that goes on. */
enum vmbare_status vmbare_event_set(struct vmbare_event *event)
{
    return change(event, true, __func__);
}

/* For events of all waits: one wait clears its event by itself. */
enum vmbare_status vmbare_event_clear(struct vmbare_event *event)
{
    return change(event, false, __func__);
}
