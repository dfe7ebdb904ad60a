/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pure part of drivers/network/, without channel, memory or time: what is
 * agreed with the host. What is parsed is always a private copy of the host's
 * bytes. All functions may be called at any IRQL. Frames: frames.h.
 */
#ifndef DRIVERS_NETWORK_WIRE_PROTOCOL_H
#define DRIVERS_NETWORK_WIRE_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/network.h"
#include "drivers/network/wire/nvsp_wire.h"
#include "drivers/network/wire/rndis_wire.h"

/* ---- nvsp.c -------------------------------------------------------------- */

/* What the host said to a version. */
enum nvsp_opinion { NVSP_ACCEPTED, NVSP_REFUSED, NVSP_NONSENSE };

/**
 * Judges the completion of INIT.
 *
 * @answer  `size` bytes of it
 * @return  see enum nvsp_opinion
 */
enum nvsp_opinion nvsp_judge_init(const void *answer, uint32_t size);

/**
 * Judges the completion of SEND_RECEIVE_BUFFER.
 *
 * @answer  `size` bytes of it
 * @buffer  bytes of the receive buffer
 * @return  NULL: accepted; else what is wrong with the answer
 */
const char *nvsp_judge_receive(const void *answer, uint32_t size,
                               uint32_t buffer);

/**
 * Judges the completion of SEND_SEND_BUFFER.
 *
 * @answer   `size` bytes of it
 * @buffer   bytes of the send buffer
 * @section  receives the bytes of one section; 0: the host wants none to be
 *           used
 * @return   NULL: accepted or refused; else what is wrong with the answer
 */
const char *nvsp_judge_send(const void *answer, uint32_t size, uint32_t buffer,
                            uint32_t *section);

/* ---- rndis.c ------------------------------------------------------------- */

/* Bytes of a control message, either way, that this driver handles. */
#define RNDIS_CONTROL_MOST 1024u

/**
 * Write a request into `out`, which has room for RNDIS_CONTROL_MOST.
 *
 * @id      to know the answer by
 * @return  the bytes written, a multiple of 4
 */
uint32_t rndis_write_initialize(void *out, uint32_t id);

/**
 * The same for QUERY and SET.
 *
 * @type    RNDIS_QUERY or RNDIS_SET
 * @input   `size` bytes that go along, at most 640; NULL with 0
 * @return  the bytes written
 */
uint32_t rndis_write_request(void *out, uint32_t type, uint32_t id,
                             uint32_t oid, const void *input, uint32_t size);

/**
 * Writes the answer to a KEEPALIVE of the host.
 *
 * @id      as the host named it
 * @return  the bytes written
 */
uint32_t rndis_write_keepalive(void *out, uint32_t id);

/* What a control message is. */
enum rndis_kind {
    RNDIS_IS_ANSWER,
    RNDIS_IS_INDICATION,
    RNDIS_IS_KEEPALIVE,
    RNDIS_IS_OTHER, /* nothing to do */
};

struct rndis_control {
    enum rndis_kind kind;
    uint32_t type;       /* as on the wire */
    uint32_t id;         /* of an answer and of a KEEPALIVE */
    uint32_t status;     /* of an answer; what an indication says */
    const uint8_t *data; /* of an answer to QUERY; else NULL */
    uint32_t size;       /* its bytes */
};

/**
 * Reads a control message.
 *
 * @message  `size` bytes, aligned to 4
 * @control  filled with NULL only; `data` points into the message
 * @return   NULL; else what is wrong
 */
const char *rndis_read_control(const void *message, uint32_t size,
                               struct rndis_control *control);

/* What the answer to INITIALIZE allows, made safe. */
struct rndis_limits {
    uint32_t max_packets;  /* messages in one packet, 1 or more */
    uint32_t max_transfer; /* bytes of one packet */
    uint32_t alignment;    /* bytes, a power of two up to 64 */
};

/**
 * Reads the answer to INITIALIZE.
 *
 * @message  `size` bytes of it
 * @limits   filled with NULL only
 * @return   NULL; else what is wrong
 */
const char *rndis_read_limits(const void *message, uint32_t size,
                              struct rndis_limits *limits);

/* ---- offload.c ----------------------------------------------------------- */

/* The smallest MSS and the number of segments that hosts cut into. */
struct offload_choice {
    uint32_t offloads;  /* enum network_offload: on */
    uint32_t large_max; /* data bytes of a large send */
};

/**
 * Writes the input of a query for the host's capabilities.
 *
 * @version  of NVSP
 * @out      receives the header; the rest is zero
 * @return   its bytes: 112, 144 or 156
 */
uint32_t offload_write_query(uint32_t version,
                             struct rndis_offload_capabilities *out);

/**
 * Chooses from what the host can do.
 *
 * @answer  `size` bytes of the host's answer
 * @wanted  enum network_offload
 * @choice  filled; with an answer that makes no sense it has no offload
 * @return  NULL; else what is wrong
 */
const char *offload_choose(const void *answer, uint32_t size, uint32_t wanted,
                           struct offload_choice *choice);

/**
 * Writes the set that switches on what was chosen and all else off.
 *
 * @version  of NVSP
 * @out      filled
 * @return   its bytes: 22 or 28
 */
uint32_t offload_write_set(uint32_t version,
                           const struct offload_choice *choice,
                           struct rndis_offload_set *out);

#endif
