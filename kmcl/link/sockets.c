/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients of hv_sock: asking the host for a connection, and taking those that
 * it asks for (kmcl/sockets.h). client.c finds the offers.
 *
 *   kmcl_client_ask()     TL_CONNECT_REQUEST
 *   the host's offer      binds the client, as any offer; the request has ended
 *   TL_CONNECT_RESULT     the request has ended, and no offer comes
 */
#include "kmcl/sockets.h"

#include "kmcl/channel/config.h"
#include "vmbus/hv_sock.h"

/* A request, until it is answered; the channel may be gone by then. */
struct asking {
    struct kmcl *root;
    FN_KMCL_ASKED *asked;
    PVOID context;
};

static void answered(void *arg, int status, uint32_t host_status)
{
    struct asking *a = arg;
    FN_KMCL_ASKED *asked = a->asked;
    PVOID context = a->context;

    (void)host_status;
    kmcl_free(a->root, a, sizeof(*a));
    asked(context, kmcl_status(status));
}

NTSTATUS kmcl_client_ask(VMBCHANNEL channel, FN_KMCL_ASKED *asked,
                         PVOID context)
{
    struct asking *a;
    int rc;

    if (!kmcl_channel_ok(channel) || channel->is_server ||
        channel->set.target != KMCL_TARGET_INSTANCE)
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(channel->s);
    a = kmcl_alloc(channel->root, sizeof(*a));
    if (!a)
        return STATUS_INSUFFICIENT_RESOURCES;
    *a = (struct asking){channel->root, asked, context};
    /* No silo: Linux names none either. */
    rc = vmbus_tl_connect_start(
        channel->root->bus, kmcl_guid(&channel->set.instance),
        kmcl_guid(&channel->set.type), NULL, answered, a);
    if (rc)
        kmcl_free(channel->root, a, sizeof(*a));
    return kmcl_status(rc);
}

NTSTATUS kmcl_client_set_accepts(VMBCHANNEL channel, BOOLEAN accepts)
{
    if (!kmcl_client_configurable(channel))
        return STATUS_INVALID_PARAMETER_1;
    channel->set.host_connects = accepts;
    return STATUS_SUCCESS;
}
