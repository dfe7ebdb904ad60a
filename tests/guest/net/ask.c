/* SPDX-License-Identifier: BSD-2-Clause */
/* Names, time, the interface's facts, and a connection to outside (net.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/ip.h"
#include "net.h"
#include "vmbare.h"
#include "vmbare_events.h"

#define SECONDS 60

static void answer(int s, const char *text)
{
    (void)serve_send(s, text, strlen(text));
    (void)serve_send(s, "\n", 1);
}

void ask_name(int s, const char *name, int family)
{
    struct net_address address;
    char text[NET_TEXT_MAX];

    if (net_lookup(name, family, 0, &address, SECONDS))
        answer(s, strerror(errno));
    else
        answer(s, net_text(&address, text));
}

/* SNTP asks again by itself; there is no event for its answer. */
void ask_time(int s)
{
    uint64_t deadline = vmbare_after(SECONDS);
    struct ip_facts facts;
    char text[40];

    for (ip_facts(&facts); !facts.time_known && vmbare_now() < deadline;
         ip_facts(&facts))
        vmbare_sleep(0.1);
    snprintf(text, sizeof(text), "%s %ld", facts.time_known ? "known" : "not",
             (long)(ip_wall() / 10000000));
    answer(s, text);
}

void ask_facts(int s)
{
    struct ip_facts facts;
    char text[200];

    ip_facts(&facts);
    snprintf(text, sizeof(text), "address %s/%u\ngateway %s\nname %s\nmtu %u",
             facts.address, facts.prefix, facts.gateway, facts.name, facts.mtu);
    answer(s, text);
    for (unsigned i = 0; i < facts.address6_count; i++) {
        snprintf(text, sizeof(text), "address6 %s", facts.address6[i]);
        answer(s, text);
    }
    for (unsigned i = 0; i < IP_DNS_MAX && facts.dns[i][0]; i++) {
        snprintf(text, sizeof(text), "dns %s", facts.dns[i]);
        answer(s, text);
    }
}

void ask_call(int s, const char *name, uint32_t port)
{
    struct net_address to;
    char text[64] = "";
    ssize_t size = -1;
    int call;

    if (net_lookup(name, 0, port, &to, SECONDS)) {
        answer(s, strerror(errno));
        return;
    }
    call = net_socket((int)to.family, NET_STREAM);
    (void)net_timeout(call, SECONDS);
    if (net_connect(call, &to) == 0 && serve_send(call, "from the guest", 14))
        size = net_recv(call, text, sizeof(text) - 1);
    answer(s, size < 0 ? strerror(errno) : text);
    (void)net_close(call);
}
