/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's end of the echo device's channel. */
#ifndef ECHO_CLIENT_H
#define ECHO_CLIENT_H

#include <stdbool.h>

#include "vmbare_events.h"
#include "vmbuskernelmodeclientlibapi.h"

struct client {
    VMBCHANNEL channel;
    struct vmbare_event is_open; /* a callback sets it: packets may be sent */
};

/**
 * Does the host offer the device?
 *
 * @return  true: client_start() will find it
 */
bool client_is_offered(void);

/**
 * Make the channel and open it. What went wrong is printed.
 *
 * @client  filled in; stays in place until client_stop()
 * @return  true: packets flow; false: nothing is left open
 */
bool client_start(struct client *client);

/**
 * Send a number and wait for its completion, at most a second.
 *
 * @client  which was started
 * @number  8 bytes that the device sends back
 * @answer  receives what it sent
 * @return  STATUS_SUCCESS; STATUS_CANCELLED: no answer in time;
 *          STATUS_DATA_ERROR: the answer is no number; else as
 *          VmbChannelSendSynchronousRequest
 */
NTSTATUS client_ask(struct client *client, UINT64 number, UINT64 *answer);

/**
 * Close the channel and free it.
 *
 * @client  which was started
 */
void client_stop(struct client *client);

#endif
