/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is agreed with the host when the channel is open (life.h), in the
 * order that hosts demand:
 *
 *     INIT 6.1, 6.0, 5, 4, 2, 1     until one is accepted
 *     NDIS_CONFIG, NDIS_VERSION     MTU, VLAN, RSC; not answered
 *     receive buffer, send buffer   each a GPADL
 *     RNDIS INITIALIZE              how many messages go in one packet
 *     address, frame size, cable
 *     offloads
 *     sub-channels                  which open by themselves, in their time
 *     packet filter                 from here on frames come
 *
 * [linux netvsc.c] [linux rndis_filter.c] [openvmm netvsp]
 */
#include "drivers/network/life/life.h"

/* Frames may come before the link is told: they are delivered. */
void network_agree(struct network_driver *d)
{
    uint32_t agreeing = PHASE_AGREEING;

    if (!network_agree_on_nvsp(d) || !network_agree_on_rndis(d) ||
        !network_agree_on_subchannels(d) || !network_open_filter(d))
        return;
    /* Unless the channel has begun to close. */
    if (!__atomic_compare_exchange_n(&d->phase, &agreeing, PHASE_READY, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return;
    /* The next end of the channel is followed by a quick attempt again. */
    d->queues[0].failures = 0;
    network_count(&d->statistics.openings, 1);
    d->problem[0] = 0;
    network_tell_media(d);
}
