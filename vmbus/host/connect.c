/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hv_sock: a guest asks for a connection to a service of the host
 * (TL_CONNECT_REQUEST). The answer is an offer of a channel for this
 * connection, or a refusal. [linux hyperv.h] [openvmm proto]
 */
#include "vmbus/host/private.h"

/* TL_CONNECT_RESULT repeats both ids, so that the guest finds its request. */
static void send_refusal(struct vmbus_host *h, struct host_reply *r,
                         const struct vmbus_host_connect *request)
{
    const struct wire_tl_connect_result w = {
        .header.type = WIRE_TL_CONNECT_RESULT,
        .endpoint = request->endpoint,
        .service = request->service,
        .status = HOST_STATUS_REFUSED,
    };

    vmbus_host_reply_send(h, r, &w, sizeof(w));
}

/* Step 1: the silo id exists from 5.2 on. Linux sends the short form without
 * it in every version, so its absence is no fault. [linux channel.c] */
void vmbus_host_on_tl_connect(struct vmbus_host *h,
                              const struct host_message *m)
{
    struct vmbus_host_connect request = {
        .endpoint = m->tl_connect.endpoint,
        .service = m->tl_connect.service,
    };
    struct host_reply *r = vmbus_host_reply_take(h);

    if (h->version >= VMBUS_VERSION_5_2 && m->size >= sizeof(m->tl_connect))
        request.silo = m->tl_connect.silo;
    /* On success the offer that follows is the answer. 4.0 has no other. */
    if (h->ops.connect && h->ops.connect(h->context, &request) == 0)
        vmbus_host_reply_free(h, &r);
    else if (h->version < VMBUS_VERSION_4_1)
        vmbus_host_reply_free(h, &r);
    else
        send_refusal(h, r, &request);
}

/* For a platform that accepted the request first and failed later. */
int vmbus_host_connect_refuse(struct vmbus_host *host,
                              const struct vmbus_host_connect *request)
{
    struct host_reply *r;

    if (host->version == 0)
        return -ENOTCONN;
    if (host->version < VMBUS_VERSION_4_1)
        return -ENOTSUP;
    if (host->reply_count >= HOST_REPLIES_HIGH)
        return -EAGAIN;
    r = vmbus_host_reply_alloc(host);
    if (!r)
        return -ENOMEM;
    send_refusal(host, r, request);
    return 0;
}
