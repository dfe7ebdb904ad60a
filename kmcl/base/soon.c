/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the lower folders get the state machine to look at a channel: by its
 * passive work item, whose function lifetime.c sets.
 */
#include "kmcl/base/channel.h"

void kmcl_advance_soon(VMBCHANNEL ch)
{
    seam_work_queue(ch->s, &ch->passive_work, 0);
}
