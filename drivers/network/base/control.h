/* SPDX-License-Identifier: BSD-2-Clause */
/* RNDIS control: requests, and what the host says by itself. */
#ifndef DRIVERS_NETWORK_BASE_CONTROL_H
#define DRIVERS_NETWORK_BASE_CONTROL_H

#include "drivers/network/base/driver.h"

/* ---- control_send.c ------------------------------------------------------ */

/*
 * Sends a control message that lies in a page of the guest's.
 *
 * @mdl     of the page
 * @at      where in it the message begins
 * @size    its bytes
 * @shared  raised by 1 before the host has it, and taken back if it cannot be
 *          sent; `taken` lowers it
 * @taken   frees the packet, whose pointer is the driver
 * @return  false: it was not sent
 *
 * <= DISPATCH.
 */
bool network_send_control(struct network_driver *d, PMDL mdl, uint32_t at,
                          uint32_t size, uint32_t *shared,
                          PFN_VMB_PACKET_COMPLETION_ROUTINE taken);

/* ---- spread.c ------------------------------------------------------------ */

/* The id of requests that nobody waits for; those of network_ask() are below.
 */
#define SPREAD_ID 0xFFFF0000u

/*
 * The sub-channels that are open have changed: tells the host on which channels
 * to receive, once all that it has promised are open. Waits for nothing; calls
 * may come while another one is under way. <= DISPATCH.
 */
void network_spread(struct network_driver *d);

/* Takes the host's answer to one of these requests. <= DISPATCH. */
void network_spread_answered(struct network_driver *d, uint32_t status);

/* ---- control.c ----------------------------------------------------------- */

/*
 * Sends a request and waits for its answer.
 *
 * @type    RNDIS_INITIALIZE, RNDIS_QUERY or RNDIS_SET
 * @input   `size` bytes that go along
 * @return  true: d->control.answer has it, whatever its status; false: none
 *          came within ANSWER_SECONDS, or the channel has closed
 *
 * PASSIVE, not while another request is under way.
 */
bool network_ask(struct network_driver *d, uint32_t type, uint32_t oid,
                 const void *input, uint32_t size);

/*
 * Takes a control message of `size` bytes, a private copy: an answer, an
 * indication or a KEEPALIVE. <= DISPATCH, where packets are delivered.
 */
void network_take_control(struct network_driver *d, const uint32_t *message,
                          uint32_t size);

#endif
