/* SPDX-License-Identifier: BSD-2-Clause */
/* RNDIS control: requests, and what the host says by itself. */
#ifndef DRIVERS_NETWORK_BASE_CONTROL_H
#define DRIVERS_NETWORK_BASE_CONTROL_H

#include "drivers/network/base/driver.h"

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
