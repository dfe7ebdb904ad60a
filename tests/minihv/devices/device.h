/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part that all devices share: each channel is a KMCL server endpoint on
 * minihv's host half. A device fills in a struct device. It uses only
 * vmbuskernelmodeclientlibapi.h and minihv's report functions.
 */
#ifndef MINIHV_DEVICE_H
#define MINIHV_DEVICE_H

#include "vmbus/guid.h"
#include "vmbuskernelmodeclientlibapi.h"

struct vmbus_host;

struct device {
    const char *name;
    struct vmbus_guid type, instance;
    UINT16 subchannel;     /* 0: primary */
    UINT32 flags;          /* VMBUS_SERVER_CHANNEL_INIT_FLAG_* */
    UINT32 packet_max;     /* bytes of the largest packet or answer */
    UINT32 external_max;   /* bytes of GPA-direct data; 0: KMCL's default */
    UINT16 mmio_megabytes; /* that the offer asks for */
    bool at_passive;       /* packets come at PASSIVE, to map memory */
    PFN_VMB_CHANNEL_PROCESS_PACKET packet;
    PFN_VMB_CHANNEL_OPENED opened;             /* may be NULL, */
    PFN_VMB_CHANNEL_POST_STARTED post_started; /* as all below */
    PFN_VMB_CHANNEL_SUSPEND suspend;
    PFN_VMB_CHANNEL_CLOSED closed;
    VMBCHANNEL channel; /* set by device_create() */
};

/* Attaches KMCL to the host half. */
void devices_attach(struct vmbus_host *host);

/* Counts KMCL's delivered packets, and its refusals as broken rules. */
void devices_watch(void);

/* Creates and configures the channel; VmbChannelGetPointer gives the device. */
void device_create(struct device *d);

/* Offers the channel; VmbChannelDisable withdraws it. */
void device_offer(struct device *d);

/* Creates the devices of whoever links minihv with some of its own; there are
 * none by itself. */
void device_prepare_more(void);

/* Returns true if the packet requests its completion. */
bool device_asked(VMBPACKETCOMPLETION packet);

/* Handles a guest that broke the device's protocol. With strict the run ends in
 * a report; otherwise the channel is no longer served. */
void device_broken(struct device *d, VMBPACKETCOMPLETION packet,
                   const char *why);

#endif
