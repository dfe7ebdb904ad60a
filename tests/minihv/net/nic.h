/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A network device: its channels, protocol states and receive sections. nic.c
 * has the channels, nic_send.c takes what the guest sends, nic_receive.c gives
 * it what it receives, events.c lets things happen to it.
 */
#ifndef MINIHV_NET_NIC_H
#define MINIHV_NET_NIC_H

#include "device.h"
#include "vmbus/seam.h"
#include "nvsp.h"
#include "rndis.h"
#include "sections.h"
#include "settings.h"
#include "switch.h"

enum {
    NIC_PARTS = 64,             /* sections of one packet */
    NIC_MESSAGE_MAX = 80 << 10, /* bytes of what a guest sends in one packet */
};

struct nic {
    struct device channels[NVSP_CHANNELS]; /* the primary comes first */
    bool open[NVSP_CHANNELS];
    uint32_t offered; /* sub-channels */
    struct nvsp nvsp;
    struct rndis rndis;
    struct net_port port;
    uint16_t last_part; /* id of the last coalesced frame */
    uint64_t sent, received, dropped, coalesced;
    uint64_t received_by[NVSP_CHANNELS];
    void (*gone)(void); /* the device goes; NULL: it does not */
    struct seam_work leave;
    struct seam_timer patience;
    struct sections sections;
};

/* Creates device `index` and offers it. */
void nic_prepare(struct nic *nic, uint32_t index);

/* Tells the guest that the device goes, and serves it until the guest has
 * closed it, or has had time enough; then the device is withdrawn with its
 * sub-channels, and `gone` is called. PASSIVE. */
void nic_withdraw(struct nic *nic, void (*gone)(void));

/* Offers the device again that has gone. PASSIVE. */
void nic_return(struct nic *nic);

/* The device whose channel this is. */
struct nic *nic_of(struct device *d);

/* ---- nic_send.c ---------------------------------------------------------- */

/* The packet callback of all channels. */
VOID nic_take(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
              UINT32 size, UINT32 flags);

/* ---- nic_receive.c ------------------------------------------------------- */

/* The guest has given its receive buffer, or revoked it: makes all sections
 * free that it does not still have, or none. */
void nic_fill_pool(struct nic *nic);

/* Sends a control message, an answer or an indication, on the primary. It is
 * lost if the guest has no section free. */
void nic_send_control(struct nic *nic, const uint8_t *bytes, uint32_t size);

/* The switch's way to the guest. */
void nic_deliver(struct net_port *port, const struct net_frame *frame);

/* ---- nic.c, net.c, events.c ---------------------------------------------- */

/* Offers the sub-channels that the guest has asked for. */
void nic_offer_subchannels(struct nic *nic);

/* Called for each frame that a device has sent. */
void events_frame_sent(struct nic *nic);

/* Takes the device away as the event `replug` does, and `done` is called then;
 * brings it back. Return NULL, or why that cannot be. DISPATCH or PASSIVE. */
const char *events_unplug(struct nic *first, void (*done)(void));
const char *events_plug(void);

/* Called when a device opens or closes: something is to be polled, or not. */
void net_poll(bool on);

#endif
