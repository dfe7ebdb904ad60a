/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state machine, and the MMIO space that an open channel has.
 */
#ifndef KMCL_ADVANCE_H
#define KMCL_ADVANCE_H

#include "kmcl/base/channel.h"

/**
 * Moves the channel on as far as it goes now, and calls the state-change
 * callbacks that are due. Where something must happen first it returns, and
 * whoever makes that happen calls it again, or kmcl_advance_soon().
 *
 * While it is on a stack for this channel, a nested call returns at once and
 * leaves the work to the one below. PASSIVE.
 */
void kmcl_advance(VMBCHANNEL ch);

/* ---- mmio.c ------------------------------------------------------------ */

/**
 * Reserves guest MMIO space for an offer, out of the range of kmcl_attach().
 *
 * @megabytes  that the device needs, 0..65535
 * @optional   more that it would like, 0..65535
 * @return     0: the channel has what it needs, maybe with the optional part;
 *             -ENOMEM: no free piece is large enough (logged)
 *
 * PASSIVE.
 */
int kmcl_mmio_reserve(VMBCHANNEL ch, uint32_t megabytes, uint32_t optional);

/* Gives it back; a channel without any is left as it is. PASSIVE. */
void kmcl_mmio_release(VMBCHANNEL ch);

#endif
