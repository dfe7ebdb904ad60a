/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hv_sock: asking the host for the channel of one socket. vmbus.h has the
 * rules for all requests.
 */
#ifndef VMBUS_HV_SOCK_H
#define VMBUS_HV_SOCK_H

#include "vmbus/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Ask the host to connect an endpoint of this guest to one of its services:
 * TL_CONNECT_REQUEST. The host grants it with an offer.
 *
 * @endpoint  a fresh GUID that the caller makes up
 * @service   the host's service
 * @silo      the container that is meant; may be NULL; sent from 5.2 on
 * @return    0: a channel of type `service` and instance `endpoint` is offered:
 *            find and claim it; -ECONNREFUSED: the host refused, host_status is
 *            its status; -ENOTSUP: version below 4.0; -EBUSY: a request for
 *            this endpoint and service is pending; -ETIMEDOUT: no offer, which
 *            is also how hosts below 4.1 refuse; -ENOMEM; else as in vmbus.h
 *
 * PASSIVE. [openvmm proto]
 */
int vmbus_tl_connect(struct vmbus_bus *bus, const struct vmbus_guid *endpoint,
                     const struct vmbus_guid *service,
                     const struct vmbus_guid *silo);

/** As vmbus_tl_connect(), without waiting: the GUIDs are copied, `done` gets
 * the outcome. PASSIVE.
 * @return  0: on its way; anything else: `done` will not be called */
int vmbus_tl_connect_start(struct vmbus_bus *bus,
                           const struct vmbus_guid *endpoint,
                           const struct vmbus_guid *service,
                           const struct vmbus_guid *silo, vmbus_done_fn *done,
                           void *arg);

#ifdef __cplusplus
}
#endif

#endif
