/* SPDX-License-Identifier: BSD-2-Clause */
/* The adapter's life: its offer, its channel, what is agreed with the host. */
#ifndef DRIVERS_NETWORK_LIFE_LIFE_H
#define DRIVERS_NETWORK_LIFE_LIFE_H

#include <stddef.h>

#include "drivers/network/base/driver.h"

/* ---- offers.c ------------------------------------------------------------ */

/*
 * The instance of an adapter that is offered now.
 *
 * @index  0 for the first, in the order of the offers
 * @return false: there are not so many
 *
 * PASSIVE.
 */
bool network_offered(uint32_t index, GUID *instance);

/* ---- channel.c ----------------------------------------------------------- */

/*
 * Makes a channel for the adapter of this instance, or of any, and enables it.
 *
 * @instance  NULL: the first that is offered
 * @return    STATUS_SUCCESS, or KMCL's; then there is no channel
 *
 * PASSIVE.
 */
NTSTATUS network_channel_start(struct network_driver *d, LPCGUID instance);

/* Closes the channel and frees it, if there is one. PASSIVE. */
void network_channel_stop(struct network_driver *d);

/* ---- agree.c ------------------------------------------------------------- */

/*
 * Agrees with the host, from its version to the packet filter. Ends with
 * PHASE_READY and the link told, or with network_refuse(). PASSIVE.
 */
void network_agree(struct network_driver *d);

/* ---- queue.c ------------------------------------------------------------- */

/* The interface type of network adapters. */
extern const GUID network_class;

/*
 * Allocates and configures the channel of a queue, all but its target.
 *
 * @callbacks  copied; the channel's pointer is the queue
 * @return     STATUS_SUCCESS, or KMCL's; network_queue_free() follows always
 *
 * PASSIVE.
 */
NTSTATUS network_queue_make(struct network_queue *q,
                            PVMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks);

/* Enables the channel later, unless nobody wants it any more: the later the
 * more often it has failed. <= PASSIVE. */
void network_queue_again(struct network_queue *q);

/* Closes the channel, if there is one, and enables it no more. PASSIVE, not in
 * a callback of this channel. */
void network_queue_close(struct network_queue *q);

/* Frees the channel, which is closed, if there is one. PASSIVE. */
void network_queue_free(struct network_queue *q);

/* ---- subchannels.c ------------------------------------------------------- */

/* Makes the channels of all queues but the first. As network_queue_make(). */
NTSTATUS network_subchannels_make(struct network_driver *d);

/* A new opening of the primary begins without any. PASSIVE. */
void network_subchannels_forget(struct network_driver *d);

/* Closes them. PASSIVE; callbacks of the primary may call it. */
void network_subchannels_stop(struct network_driver *d);

/*
 * Asks the host for sub-channels, if they are wanted and it has them; they open
 * by themselves. False: refused, or the channel has closed. PASSIVE.
 */
bool network_agree_on_subchannels(struct network_driver *d);

/* ---- agree_nvsp.c -------------------------------------------------------- */

/* Room for the answer to an NVSP message, in words of 8 bytes. */
#define NVSP_ANSWER_WORDS 16

/*
 * Sends a message of NVSP and waits for its completion.
 *
 * @asked        what is asked for, in the text of a refusal
 * @message      `size` bytes, which are padded
 * @answer       NVSP_ANSWER_WORDS; filled with true
 * @answer_size  bytes at `answer`; receives those of the completion
 * @return       false: none has come, which was told with network_refuse(), or
 *               the channel has closed
 *
 * PASSIVE.
 */
bool network_ask_nvsp(struct network_driver *d, const char *asked,
                      const void *message, uint32_t size, uint64_t *answer,
                      UINT32 *answer_size);

/* Refuses the adapter because the host has not answered to `asked`. PASSIVE. */
void network_refuse_silence(struct network_driver *d, const char *asked);

/*
 * Agrees on the version and on what the adapter shall do, and shares the
 * buffers. False: refused, or the channel has closed. PASSIVE.
 */
bool network_agree_on_nvsp(struct network_driver *d);

/* ---- agree_rndis.c ------------------------------------------------------- */

/*
 * Asks for a property; its data have `size` bytes at least, and those are
 * copied. False: there is no such answer. PASSIVE.
 */
bool network_query(struct network_driver *d, uint32_t oid, void *data,
                   uint32_t size);

/* Sets a property from `size` bytes. False: the host has not done it. PASSIVE.
 */
bool network_set(struct network_driver *d, uint32_t oid, const void *input,
                 uint32_t size);

/*
 * Begins RNDIS, learns limits, address, frame size and cable, and agrees on the
 * offloads. False: refused, or the channel has closed. PASSIVE.
 */
bool network_agree_on_rndis(struct network_driver *d);

/* Sets the packet filter, after which frames come. False: as before. PASSIVE.
 */
bool network_open_filter(struct network_driver *d);

#endif
