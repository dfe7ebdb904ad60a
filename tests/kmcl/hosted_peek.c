/*
 * In a file of its own: channel.h declares what <string.h> declares.
 */
#include "hosted_peek.h"

#include "kmcl/channel/channel.h"

bool peek_left_to_other(VMBCHANNEL ch)
{
    return ch->pump_again;
}

bool peek_locked(VMBCHANNEL ch)
{
    return ch->lock.taken;
}

UINT32 peek_sent(VMBCHANNEL ch)
{
    return ch->sent.count;
}
