/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The storage protocol's client, on KMCL alone: finds the SCSI controller,
 * agrees with it, and carries SCSI commands with their data by MDL or by page
 * frames. What the commands mean is storage.h's.
 *
 *     closed -> opening: BEGIN, VERSION (6.2 .. 2.0), PROPERTIES, END -> ready
 *       ^                    |                                           |
 *       |                    v                                           |
 *       +---- closed/rescinded by the host, or by vstor_close -----------+
 *                         refused
 *
 * Sub-channels that the host promises are left alone: they are never asked
 * for, so the host offers none.
 */
#ifndef DRIVERS_VSTOR_H
#define DRIVERS_VSTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbuskernelmodeclientlibapi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The longest sense data that an answer carries, in bytes. */
#define VSTOR_SENSE_SIZE 20u

/* What one request may move at most, whatever the host promises. */
#define VSTOR_TRANSFER_MAX (256u << 10)
/* MDLs in a chain that a window may lie in. */
#define VSTOR_CHAIN_MAX 8u
/* How long the host may take for a command; it is told so. */
#define VSTOR_SECONDS 60u

/* Where a command's data goes; the values are the wire's. */
enum vstor_direction {
    VSTOR_TO_DEVICE = 0,
    VSTOR_FROM_DEVICE = 1,
    VSTOR_NO_DATA = 2,
};

/* How far the agreement with the controller has come. */
enum vstor_state {
    VSTOR_CLOSED,
    VSTOR_OPENING, /* enabled: waits for the offer, or is agreeing */
    VSTOR_READY,
    VSTOR_REFUSED, /* open, of no use: `problem` says why */
};

/* Zero before vstor_start. Read all at will, write nothing. */
struct vstor {
    VMBCHANNEL channel;
    enum vstor_state state;
    uint16_t version;     /* VSTOR_VERSION_*, when ready */
    uint16_t subchannels; /* promised, left alone */
    uint32_t packet_size;
    uint32_t max_transfer; /* bytes; ours and the host's */
    char problem[128];     /* expected, found, what to do; or "" */

    uint32_t under_way;
    uint64_t started, ended;
    uint64_t by_mdl, by_pfns; /* requests with data, by way of sending */
    uint64_t lies;            /* answers that made no sense */
    uint64_t notices;         /* packets that the host sent by itself */

    VMBPACKET spare; /* kept for the next request; vstor's own */
};

/* Where a command's data is: one of `mdl`, `pfns` or neither. */
struct vstor_data {
    PMDL mdl;         /* a chain; the window must lie inside one MDL of it */
    uint32_t offset;  /* bytes into the chain */
    bool forced;      /* FORCE_MDL_LENGTH: first MDL only, to its last page's
                         end */
    PPFN_NUMBER pfns; /* whole pages, copied by the send */
    uint32_t length;  /* bytes asked for */
};

/*
 * A SCSI command. The caller's memory, as the pages of its data: the host may
 * write them until vstor_over says that the request has ended.
 */
struct vstor_request {
    uint8_t target, lun;
    uint8_t cdb[16];
    uint8_t cdb_length;
    uint8_t direction; /* enum vstor_direction */
    struct vstor_data data;

    /* Results, valid when vstor_over says so. */
    bool over;
    /*
     *   STATUS_SUCCESS         the device has done it; `transferred` bytes
     *   STATUS_UNSUCCESSFUL    device or host refused: SRB status, SCSI status
     *                          or the host's own are not good; sense data
     *   STATUS_DATA_ERROR      the answer made no sense: `lie`
     *   STATUS_DEVICE_REMOVED  the channel closed first
     */
    NTSTATUS status;
    uint32_t transferred; /* bytes, never above data.length */
    uint32_t host_status; /* the packet's own, a NTSTATUS */
    uint8_t srb_status, scsi_status;
    uint8_t sense_length; /* 0: none is valid */
    uint8_t sense[VSTOR_SENSE_SIZE];
    const char *lie; /* what was wrong with the answer; NULL: nothing */

    struct vstor *owner; /* vstor's own */
};

/**
 * Allocates and enables the channel; it opens when the offer is there.
 * PASSIVE. Statuses: KMCL's.
 *
 * @v       set up by the caller as the structure says
 * @return  a success, or what KMCL returned
 */
NTSTATUS vstor_start(struct vstor *v);

/**
 * Enables a closed channel again, after vstor_pause or when the device went.
 * PASSIVE. Statuses: those of VmbChannelEnable.
 *
 * @v       started, its channel closed
 * @return  those of VmbChannelEnable
 */
NTSTATUS vstor_restart(struct vstor *v);

/**
 * Whether the host has offered the controller, and the channel opens or is open
 * on that offer. <= DISPATCH.
 *
 * @v       started
 * @return  true: there is an offer
 */
bool vstor_has_offer(const struct vstor *v);

/**
 * Closes the channel and keeps it. All requests end, those that the host had
 * not answered with STATUS_DEVICE_REMOVED. PASSIVE.
 *
 * @v  started
 */
void vstor_pause(struct vstor *v);

/**
 * Closes the channel and frees it. PASSIVE.
 *
 * @v  started
 */
void vstor_stop(struct vstor *v);

/**
 * Starts a command. <= DISPATCH.
 *
 * @v  started
 *
 *   STATUS_SUCCESS                 it is under way, or over already
 *   STATUS_DEVICE_REMOVED          the channel is not ready
 *   STATUS_INVALID_PARAMETER       length above max_transfer, data without
 *                                  length or the other way round, a window
 *                                  that is in no MDL or in two
 *   STATUS_INSUFFICIENT_RESOURCES  no packet object
 *   others                         those of the KMCL send
 *
 * r->status has the outcome once vstor_over() is true; struct vstor_request
 * lists it.
 */
NTSTATUS vstor_submit(struct vstor *v, struct vstor_request *r);

/**
 * The request has ended, and all that it changed can be seen.
 *
 * @r       as it was given to vstor_submit()
 * @return  true: it has ended
 */
bool vstor_over(const struct vstor_request *r);

#ifdef __cplusplus
}
#endif

#endif
