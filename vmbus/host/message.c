/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest sends: one copy, the checks that all messages have in common,
 * and the handler of its type. The table vmbus/wire/messages.c says for each
 * type its size, its direction, and from which version and with which feature
 * it exists.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/*
 * Reserved channels serve trusted VTLs, which a guest of this host half has
 * not.
 */
static void on_reserved(struct vmbus_host *h, const struct host_message *m)
{
    vmbus_host_rule_broken(h, VMBUS_HOST_RULE_RESERVED_CHANNEL, m->type,
                           m->relid.relid);
}

/* Handlers of what guests send; sizes and versions are in messages.c. */
static void (*const handlers[WIRE_TYPES])(struct vmbus_host *h,
                                          const struct host_message *m) = {
    [WIRE_REQUEST_OFFERS] = vmbus_host_on_request_offers,
    [WIRE_OPEN] = vmbus_host_on_open,
    [WIRE_CLOSE] = vmbus_host_on_close,
    [WIRE_GPADL_HEADER] = vmbus_host_on_gpadl_header,
    [WIRE_GPADL_BODY] = vmbus_host_on_gpadl_body,
    [WIRE_GPADL_TEARDOWN] = vmbus_host_on_gpadl_teardown,
    [WIRE_RELID_RELEASED] = vmbus_host_on_released,
    [WIRE_INITIATE_CONTACT] = vmbus_host_on_contact,
    [WIRE_UNLOAD] = vmbus_host_on_unload,
    [WIRE_OPEN_RESERVED] = on_reserved,
    [WIRE_CLOSE_RESERVED] = on_reserved,
    [WIRE_TL_CONNECT] = vmbus_host_on_tl_connect,
    [WIRE_MODIFY_CHANNEL] = vmbus_host_on_modify_channel,
    [WIRE_MODIFY_CONNECTION] = vmbus_host_on_modify_connection,
    [WIRE_PAUSE] = vmbus_host_on_pause,
    [WIRE_RESUME] = vmbus_host_on_resume,
};

/*
 * INITIATE_CONTACT and UNLOAD end whatever came before, so they are taken in
 * every state, even from a guest that ignores its answers.
 */
static bool begins_anew(uint32_t type)
{
    return type == WIRE_INITIATE_CONTACT || type == WIRE_UNLOAD;
}

/* Which rule a message breaks that the table refuses. */
static enum vmbus_host_rule rule_of(const struct vmbus_host *h,
                                    enum vmbus_verdict verdict)
{
    switch (verdict) {
    case VMBUS_MESSAGE_UNKNOWN:
        return VMBUS_HOST_RULE_UNKNOWN_MESSAGE;
    case VMBUS_MESSAGE_DIRECTION:
        return VMBUS_HOST_RULE_WRONG_DIRECTION;
    case VMBUS_MESSAGE_VERSION:
        if (h->drain != HOST_DRAIN_NONE)
            return VMBUS_HOST_RULE_UNLOADING;
        return h->version ? VMBUS_HOST_RULE_NOT_NEGOTIATED
                          : VMBUS_HOST_RULE_NOT_CONNECTED;
    default:
        return VMBUS_HOST_RULE_SHORT_MESSAGE;
    }
}

/*
 * Checks what depends on the connection's state, then calls the handler. A
 * message to the wrong connection id is counted and still handled, as Hyper-V
 * does.
 */
static void dispatch(struct vmbus_host *h, const struct host_message *m)
{
    uint32_t expected = h->version >= VMBUS_VERSION_5_0
                            ? WIRE_CONNECTION_MULTI_MESSAGE
                            : WIRE_CONNECTION_MESSAGE;

    if (!begins_anew(m->type)) {
        if (m->connection != expected)
            vmbus_host_rule_broken(h, VMBUS_HOST_RULE_WRONG_CONNECTION, m->type,
                                   0);
        if (h->flow != HOST_FLOWING && m->type != WIRE_RESUME) {
            vmbus_host_rule_broken(h, VMBUS_HOST_RULE_PAUSED, m->type, 0);
            return;
        }
    }
    handlers[m->type](h, m);
}

/*
 * Two connection ids carry messages: the classic one, and from 5.0 on a second
 * one on which many messages may be under way.
 */
bool vmbus_host_serves(const struct vmbus_host *host, uint32_t connection)
{
    return connection == WIRE_CONNECTION_MESSAGE ||
           (connection == WIRE_CONNECTION_MULTI_MESSAGE &&
            host->config.max_version >= VMBUS_VERSION_5_0);
}

/*
 * A guest that does not take its answers gets no further request in. Otherwise
 * the queue of answers would have no bound. A paused guest is exempt, since
 * only its RESUME lets the answers go.
 */
static bool must_wait(const struct vmbus_host *h, uint32_t type)
{
    return h->reply_count >= HOST_REPLIES_HIGH && !begins_anew(type) &&
           h->flow == HOST_FLOWING;
}

/* Step 1: refuse what no message of VMBus can be. */
int vmbus_host_message(struct vmbus_host *host, uint32_t connection,
                       const void *payload, uint32_t size)
{
    struct host_message m = {.connection = connection, .size = size};
    enum vmbus_verdict verdict;

    if (!vmbus_host_serves(host, connection))
        return -ENOENT;
    if (size > sizeof(m.bytes))
        return -EMSGSIZE;
    /* One copy: the bytes may lie in memory that the guest can write. */
    if (size)
        memcpy(m.bytes, payload, size);
    m.type = m.header.type;
    if (host->restoring || must_wait(host, m.type))
        return -EAGAIN;
    /* Step 2: reserve memory for the answer before the request is taken, so
     * that answering can never fail. Without memory the guest tries again. */
    if (!host->spare)
        host->spare = vmbus_host_reply_alloc(host);
    if (!host->spare)
        return -EAGAIN;

    /* Step 3: check the message against the table, and handle or report it. */
    host->used = true;
    verdict = vmbus_message_check(m.bytes, size, VMBUS_TO_HOST, host->version,
                                  host->features, &m.info);
    if (verdict == VMBUS_MESSAGE_OK)
        dispatch(host, &m);
    else
        vmbus_host_rule_broken(host, rule_of(host, verdict), m.type, 0);
    return 0;
}
