/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In a file of its own: channel.h declares what <string.h> declares.
 */
#include "hosted_peek.h"

#include "kmcl/base/channel.h"

bool peek_left_to_other(VMBCHANNEL ch)
{
    return ch->delivery == KMCL_DELIVERY_PASSIVE && ch->in.first;
}

bool peek_passive_waits(VMBCHANNEL ch)
{
    return ch->delivery == KMCL_DELIVERY_PASSIVE_DUE &&
           ch->passive_work.queued && !ch->lock.taken;
}

bool peek_locked(VMBCHANNEL ch)
{
    return ch->lock.taken;
}

UINT32 peek_sent(VMBCHANNEL ch)
{
    return ch->sent.count;
}
