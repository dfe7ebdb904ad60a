/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hv_sock: streams between this guest and its host, without a network. After
 * hvsock_start() sockets of NET_VSOCK and NET_STREAM do what sockets.h says.
 *
 *     struct net_address to = {.family = NET_VSOCK, .port = 5000};
 *
 *     if (hvsock_start(problem))
 *         ...
 *     s = net_socket(NET_VSOCK, NET_STREAM);
 *     net_connect(s, &to);
 *
 * An address names a service: by its port, 1 to HVSOCK_PORT_MOST, or by a GUID
 * in `vsock`, which counts if it is not zero. Port p is the service
 * pppppppp-facb-11e6-bd58-64006a7986d3, p in hexadecimal. On Windows a service
 * is registered by that GUID.
 *
 * Hyper-V has no reset: a stream that ends without its end (the program of the
 * host died) is ECONNRESET here. net_connect() ends after 30 s at the latest.
 */
#ifndef DRIVERS_HVSOCK_H
#define DRIVERS_HVSOCK_H

#include <stdbool.h>

#include "drivers/sockets.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HVSOCK_PORT_MOST   0x7fffffffu
#define HVSOCK_ENDS_MOST   64u /* streams and listeners, closing ones too */
#define HVSOCK_PROBLEM_MAX 160u

/**
 * Carry NET_VSOCK from now on.
 *
 * @problem  receives a sentence after a failure
 * @return   0; -ENODEV: there is no VMBus; -ENOTSUP: the host's VMBus is
 * older than 4.0
 *
 * IRQL: PASSIVE.
 */
int hvsock_start(char problem[HVSOCK_PROBLEM_MAX]);

/**
 * End it. All sockets of NET_VSOCK fail with ENETDOWN, and are still to be
 * closed. Waits until closed streams have delivered what was sent, 8 s at most.
 *
 * IRQL: PASSIVE.
 */
void hvsock_stop(void);

/**
 * Read the name of a service: a port as a number, or a GUID as text.
 *
 * @text     "5000" or "00001388-facb-11e6-bd58-64006a7986d3"
 * @address  receives it, with true only
 * @return   false: the text is neither
 *
 * IRQL: any.
 */
bool hvsock_service(const char *text, struct net_address *address);

#ifdef __cplusplus
}
#endif

#endif
