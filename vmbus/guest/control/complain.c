/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Complaints about the host, and the memory that it may keep.
 */
#include "vmbus/guest/bus.h"

#include "vmbus/wire/rate.h"

/* A host that sends nothing but rubbish must not fill the log, and one that
 * sends some now and then must be noticed. */
bool vmbus_complaint_is_due(struct vmbus_bus *bus, enum complaint_kind kind)
{
    return line_is_due(&bus->complaints[kind]);
}

void vmbus_locked_leak(struct vmbus_bus *bus, uint32_t pages, const char *what)
{
    count(&bus->stats.pages_leaked, pages);
    seam_log(bus->seam, SEAM_LOG_WARNING,
             "vmbus: %u pages of %s are leaked: the host did not say that it "
             "let go; %llu of at most %u so far",
             pages, what, (unsigned long long)bus->stats.pages_leaked,
             bus->config.leak_limit);
    if (bus->stats.pages_leaked <= bus->config.leak_limit || bus->stopped)
        return;
    /* A host that never confirms would take all memory, a few pages at a time:
     * stop before that. Channels that are open stay open. */
    bus->stopped = true;
    seam_log(bus->seam, SEAM_LOG_ERROR,
             "vmbus: stopped: the host keeps more memory than leak_limit "
             "allows; nothing new is opened, restart the VM");
}

/* After the end of the connection nothing comes any more. */
void vmbus_locked_answer_given_up(struct vmbus_bus *bus)
{
    if (bus->state == BUS_CONNECTED || bus->state == BUS_OFFERS)
        bus->late_answers++;
}

bool vmbus_locked_answer_is_late(struct vmbus_bus *bus)
{
    if (!bus->late_answers)
        return false;
    bus->late_answers--;
    count(&bus->stats.answers_late, 1);
    return true;
}
