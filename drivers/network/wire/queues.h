/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pure part of drivers/network/: several channels. What is parsed is always
 * a private copy of the host's bytes. All functions may be called at any IRQL.
 */
#ifndef DRIVERS_NETWORK_WIRE_QUEUES_H
#define DRIVERS_NETWORK_WIRE_QUEUES_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/network/wire/nvsp_wire.h"
#include "drivers/network/wire/rndis_wire.h"

/* Channels of an adapter that are used at most, the primary too. */
#define QUEUES_MOST 8u

/* What the host can receive on. */
struct rss_limits {
    uint32_t queues;  /* channels, the primary too; 1 or more */
    uint32_t entries; /* of the table, 1..RNDIS_RSS_ENTRIES */
};

/**
 * Writes the input of a query for RNDIS_OID_RSS_CAPABILITIES.
 *
 * @out  receives it
 */
void rss_write_query(struct rndis_rss_capabilities *out);

/**
 * Reads the answer.
 *
 * @answer  `size` bytes of it
 * @limits  filled with NULL only
 * @return  NULL; else what is wrong
 */
const char *rss_read_capabilities(const void *answer, uint32_t size,
                                  struct rss_limits *limits);

/**
 * Writes what is set by RNDIS_OID_RSS_PARAMETERS: the flows are shared out
 * evenly.
 *
 * @queues   `count` numbers of channels, 1..QUEUES_MOST of them; with one
 *           alone the host is told to receive on the primary only
 * @entries  of the table
 * @out      receives it
 * @return   the bytes that are to be sent
 */
uint32_t rss_write_set(const uint8_t *queues, uint32_t count, uint32_t entries,
                       struct rndis_rss_set *out);

/**
 * Judges the completion of NVSP_SUBCHANNEL.
 *
 * @answer  `size` bytes of it
 * @wanted  how many were asked for
 * @given   receives how many will be offered; 0: the host refuses
 * @return  NULL; else what is wrong, and none is given
 */
const char *nvsp_judge_subchannels(const void *answer, uint32_t size,
                                   uint32_t wanted, uint32_t *given);

/**
 * Reads NVSP_SEND_TABLE.
 *
 * @message  `size` bytes of it
 * @old      the version is 6.0 or less: some of these hosts name a wrong offset
 * @queues   that there are: each entry is below
 * @table    filled with NULL only
 * @return   NULL; else what is wrong
 */
const char *nvsp_read_table(const void *message, uint32_t size, bool old,
                            uint32_t queues, uint8_t table[NVSP_SEND_ENTRIES]);

/**
 * A number by which the frames of one flow are the same: made of the addresses
 * of IP and, where no fragment lacks them, of the ports of TCP and UDP.
 *
 * @head    the frame's first `size` bytes
 * @return  0 for a frame without IP
 */
uint32_t frame_flow(const uint8_t *head, uint32_t size);

#endif
