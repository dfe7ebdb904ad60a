/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The appliance's network (network.h). The stack works by itself, in timers and
 * deferred work; what is here opens it, and looks once a second whether there
 * is something new to tell. That is a timer at PASSIVE, so it goes on after
 * main() has returned, as long as the machine stays.
 *
 * A host may offer an adapter late, or another one after a failure. So as long
 * as nothing is open, each change in the list of adapters is a reason to try.
 */
#include "network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "vmbare.h"
#include "vmbare_events.h"
#include "vmbare_log.h"

#define SECOND UINT64_C(10000000) /* of vmbare_now */

/* A link may be told of some time after the adapter has opened. */
#define LINK_SECONDS 3

static struct {
    bool begun, wrong; /* a wrong option stays wrong */
    struct address_facts now;
    struct address_words told; /* the last, without the seconds */
    uint32_t milestone;
    uint64_t looked; /* when the watch did so last */
    uint64_t seen;   /* the adapters that were offered at the last try */
    struct vmbare_timer timer;
} network;

/* ---- looking ------------------------------------------------------------- */

/* Counts the adapters, and returns a number that differs when others are
 * offered: relids are used again, but not at once. */
static uint64_t look_at_adapters(void)
{
    struct vmbare_offer offer;
    uint64_t sum = 0;

    network.now.adapters = 0;
    for (unsigned i = 0; vmbare_offer(i, &offer); i++) {
        if (offer.subchannel || strcmp(offer.class_name, "network") != 0)
            continue;
        network.now.adapters++;
        sum = sum * 4099 + offer.relid;
    }
    return sum;
}

/* The option belongs to drivers/ip, which reads it. */
static bool adapter_is_chosen(void)
{
    const struct vmbare_option *o = NULL;

    while ((o = vmbare_option_next(o)) != NULL)
        if (strcmp(o->name, "net.adapter") == 0)
            return vmbare_option_given(o);
    return false;
}

/* Both may change at any time; what is told is of one look. */
static void look(void)
{
    (void)look_at_adapters();
    if (network.now.open)
        ip_facts(&network.now.ip);
}

/* ---- opening ------------------------------------------------------------- */

/* Without an adapter the driver would wait for one, so it is not asked. */
static void try_to_open(void)
{
    uint64_t adapters = look_at_adapters();
    int result;

    if (network.now.open || network.wrong || adapters == network.seen)
        return;
    /* One try for each list of adapters: what has failed fails again, and each
     * try may take a minute. */
    network.seen = adapters;
    network.now.problem[0] = '\0';
    if (!network.now.adapters)
        return;
    result = ip_open(network.now.problem);
    network.now.open = result == 0;
    network.wrong = result == -EINVAL;
}

/* Is there a reason to wait on? Without a link there is none, once it has had
 * the time to be told. */
static bool may_come(void)
{
    const struct ip_facts *ip = &network.now.ip;

    if (!network.now.open || ip->address[0])
        return false;
    return ip->state == IP_LINK || ip->seconds < LINK_SECONDS;
}

/* In steps of a second at most: the link may go meanwhile. */
static void await_address(double seconds)
{
    uint64_t deadline = vmbare_after(seconds);

    for (look(); may_come() && vmbare_now() < deadline; look()) {
        uint64_t step = vmbare_now() + SECOND;

        (void)ip_wait(step < deadline ? step : deadline);
    }
}

/* ---- telling ------------------------------------------------------------- */

/* The words as they are now. True: they are new, or it is time for them. */
static bool is_news(struct address_words *words)
{
    struct address_facts still = network.now;
    struct address_words bare;
    bool waits = network.now.open && network.now.ip.origin != IP_FROM_DHCP &&
                 network.now.ip.origin != IP_FIXED;
    uint32_t milestone = waits ? address_milestone(network.now.ip.seconds) : 0;
    bool news;

    still.ip.seconds = 0;
    address_say(&still, &bare);
    address_say(&network.now, words);
    news = memcmp(&bare, &network.told, sizeof(bare)) != 0 ||
           milestone > network.milestone;
    network.told = bare;
    network.milestone = milestone;
    return news;
}

/* Each second: what has come, gone or changed since. */
static void watch(void *context)
{
    struct address_words words;

    (void)context;
    try_to_open();
    look();
    network.looked = vmbare_now();
    if (!is_news(&words))
        return;
    for (unsigned i = 0; i < words.count; i++)
        vmbare_log_as(i ? "        " : "network", VMBARE_LOG_INFO, "%s",
                      words.line[i]);
}

/* Others may ask between two looks of the watch. */
void network_facts(struct address_facts *facts)
{
    if (network.begun)
        look();
    *facts = network.now;
    if (network.begun)
        facts->silent = (uint32_t)((vmbare_now() - network.looked) / SECOND);
}

void network_print(void)
{
    struct address_words words;

    if (!network.begun)
        return;
    look();
    (void)is_news(&words); /* what is printed here is not told again */
    for (unsigned i = 0; i < words.count; i++)
        printf("%-12s%s\n", i ? "" : "network", words.line[i]);
}

/* ---- from the start to the end ------------------------------------------- */

bool network_begin(bool bus, double seconds)
{
    network.begun = true;
    network.now.bus = bus;
    network.now.chosen = adapter_is_chosen();
    if (!bus) /* nothing will come, and there may be no clock */
        return true;
    try_to_open();
    await_address(seconds);
    network.looked = vmbare_now();
    (void)vmbare_timer_init(&network.timer, "the appliance's network",
                            VMBARE_PASSIVE, watch, NULL);
    (void)vmbare_timer_set(&network.timer, vmbare_now() + SECOND, SECOND);
    return !network.wrong;
}

void network_end(void)
{
    if (!network.begun)
        return;
    network.begun = false;
    if (!network.now.bus)
        return;
    (void)vmbare_timer_cancel(&network.timer, VMBARE_FOREVER);
    if (network.now.open)
        ip_close();
    network.now.open = false;
}
