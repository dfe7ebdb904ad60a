/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of a channel together: preparing all of them for a new offer, and
 * ending what they await when the host has let go of it.
 */
#include "vmbus/guest/channel/channel.h"

void vmbus_channel_init(struct vmbus_channel *c)
{
    vmbus_open_init(c);
    vmbus_close_init(c);
    vmbus_modify_init(c);
    vmbus_channel_pump_init(c);
}

void vmbus_locked_channel_lost(struct vmbus_channel *c, int status)
{
    vmbus_locked_modify_lost(c, status);
    /* An open that waits for GPADL_CREATED, and a close that waits for
     * GPADL_TORNDOWN, ended with the rings' GPADL. */
    if (c->state == CHANNEL_OPENING)
        vmbus_locked_open_undo(c, status, 0);
}
