/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The address of a name (net_lookup() of sockets.h), by lwIP's DNS.
 *
 * lwIP cannot take a question back: it calls when there is an answer or when it
 * gives up, which may be after whoever asked has gone. So a question is memory
 * of its own, which the later of both frees.
 *
 * lwIP keeps answers as long as their servers allow, so a name that is asked
 * for again costs no packet. It asks the next server when one is silent, and
 * gives up after some seconds for each; a caller's own limit may come earlier.
 * Names that end in .local go to everybody on the link instead (RFC 6762).
 */
#include <errno.h>
#include <lwip/dns.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/ip/ends.h"
#include "drivers/ip/private.h"
#include "drivers/sockets.h"
#include "vmbare.h"
#include "vmbare_events.h"

struct question {
    struct vmbare_event answered;
    ip_addr_t address;
    enum {
        ASKED,
        FOUND,
        NOT_FOUND,
    } answer;
    bool left; /* nobody waits any more */
};

/* Called once for each question that lwIP has taken, under its lock. */
static void on_answer(const char *name, const ip_addr_t *address, void *context)
{
    struct question *q = context;

    (void)name;
    q->answer = address ? FOUND : NOT_FOUND;
    if (address)
        ip_addr_copy(q->address, *address);
    if (q->left)
        free(q);
    else
        (void)vmbare_event_set(&q->answered);
}

/* Without a family: IPv4 first, because a machine without a router for IPv6
 * reaches nobody by it. */
static uint8_t type_of(int family)
{
    return family == NET_IPV4   ? LWIP_DNS_ADDRTYPE_IPV4
           : family == NET_IPV6 ? LWIP_DNS_ADDRTYPE_IPV6
                                : LWIP_DNS_ADDRTYPE_IPV4_IPV6;
}

/* Begin. 0: the answer is there, -EAGAIN: it comes, others: it cannot. */
static int ask(struct question *q, const char *name, int family)
{
    err_t error = ERR_IF;

    vmbare_event_init(&q->answered, "an answer of DNS", VMBARE_ONE_WAIT);
    ip_enter();
    if (ip_interface.running)
        error = dns_gethostbyname_addrtype(name, &q->address, on_answer, q,
                                           type_of(family));
    if (error == ERR_OK)
        q->answer = FOUND; /* an address, or a name that is known already */
    ip_leave();
    return error == ERR_INPROGRESS ? -EAGAIN : ip_errno(error);
}

/* The end of waiting, with or without an answer. Frees the question, now or
 * when lwIP calls. */
static int finish(struct question *q, uint32_t port,
                  struct net_address *address)
{
    int result;

    ip_enter();
    result = q->answer == ASKED ? -ETIMEDOUT : q->answer == FOUND ? 0 : -ENOENT;
    if (!result)
        ip_address_out(&q->address, (uint16_t)port, address);
    q->left = true;
    if (q->answer != ASKED)
        free(q);
    ip_leave();
    return result;
}

/* One question for one family of addresses, and the wait for its answer. */
static int look_up(const char *name, int family, uint32_t port,
                   struct net_address *address, double seconds)
{
    uint64_t deadline = seconds < 0 ? VMBARE_FOREVER : vmbare_after(seconds);
    struct question *q;
    int result;

    if (!*name || strlen(name) >= DNS_MAX_NAME_LENGTH || port > UINT16_MAX)
        return -EINVAL;
    q = calloc(1, sizeof(*q));
    if (!q)
        return -ENOMEM;
    result = ask(q, name, family);
    if (result && result != -EAGAIN) {
        free(q);
        return result == -EINVAL ? -ENOENT : result; /* no server is known */
    }
    if (result)
        (void)vmbare_wait_for(&q->answered.source, deadline);
    return finish(q, port, address);
}

int net_lookup(const char *name, int family, uint32_t port,
               struct net_address *address, double seconds)
{
    int result = look_up(name, family, port, address, seconds);

    if (!result)
        return 0;
    errno = -result;
    return -1;
}
