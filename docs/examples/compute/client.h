/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's end of the channel: requests without waiting, and answers as
 * messages. */
#ifndef COMPUTE_CLIENT_H
#define COMPUTE_CLIENT_H

#include <stdbool.h>

#include "request.h"
#include "vmbare_events.h"

/* An answer, or that there was none. */
struct outcome {
    bool good; /* false: refused, or the channel has ended */
    struct answer answer;
};

/* Where answers arrive: wait for it, then take them. */
extern struct vmbare_messages client_answers;

/**
 * Open a channel to the server on the loopback. What went wrong is printed.
 *
 * @return  true: requests may be sent
 */
bool client_start(void);

/**
 * Send a request, and do not wait for its answer.
 *
 * @return  false: it could not be sent
 */
bool client_send(const struct request *request);

/** Close the channel. */
void client_stop(void);

#endif
