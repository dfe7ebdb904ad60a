/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens a network adapter by drivers/network/ and talks with its network: an
 * address by DHCP, ARP, echoes. With `pair` it opens two, and sends frames from
 * one to the other. There is no stack here: each frame is built
 * by hand.
 */
#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmbare.h"
#include "vmbare_options.h"

static VMBARE_OPTION with_pair = {
    .group = "network",
    .name = "pair",
    .type = VMBARE_FLAG,
    .help = "opens two adapters and sends frames from one to the other",
};

static VMBARE_OPTION adapter_mac = {
    .group = "network",
    .name = "mac",
    .type = VMBARE_TEXT,
    .help = "which adapter, as 00:15:5d:01:02:03; without it the first",
};

static VMBARE_OPTION adapter_mtu = {
    .group = "network",
    .name = "mtu",
    .type = VMBARE_NUMBER,
    .least = NETWORK_MTU_LEAST,
    .most = NETWORK_MTU_MOST,
    .otherwise = "1500",
    .help = "bytes of IP in a frame",
};

static VMBARE_OPTION adapter_vlan = {
    .group = "network",
    .name = "vlan",
    .type = VMBARE_NUMBER,
    .most = 4094,
    .otherwise = "0",
    .help = "the VLAN; 0: none",
};

static VMBARE_OPTION adapter_offloads = {
    .group = "network",
    .name = "offloads",
    .type = VMBARE_NUMBER,
    .most = NETWORK_OFFLOADS | NETWORK_SUBCHANNELS,
    .otherwise = "31",
    .help =
        "sum of 1 (sums of what is sent), 2 (of what is received), 4 (large "
        "sends), 8 (coalescing), 16 (several channels)",
};

static VMBARE_OPTION channels = {
    .group = "network",
    .name = "channels",
    .type = VMBARE_NUMBER,
    .least = 1,
    .most = 64,
    .otherwise = "1",
    .help = "waits until an adapter has so many channels, and uses them",
};

static VMBARE_OPTION pings = {
    .group = "network",
    .name = "pings",
    .type = VMBARE_NUMBER,
    .most = 60000,
    .otherwise = "100",
    .help = "how many echoes are asked for",
};

static VMBARE_OPTION returns = {
    .group = "network",
    .name = "returns",
    .type = VMBARE_NUMBER,
    .most = 1000,
    .otherwise = "0",
    .help = "after the talk: waits until the adapter went and came back so "
            "often, and talks again",
};

/* Six numbers of two digits; false: it is something else. */
static bool read_mac(const char *text, uint8_t mac[6])
{
    unsigned m[6];
    char end;

    /* The last conversion must fail: nothing may follow. */
    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &m[0], &m[1], &m[2], &m[3],
               &m[4], &m[5], &end) != 6)
        return false;
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)m[i];
    return true;
}

/* What the options ask of each adapter. */
static struct network_settings settings(void)
{
    return (struct network_settings){
        .mtu = (uint32_t)vmbare_option_number(&adapter_mtu),
        .vlan = (uint16_t)vmbare_option_number(&adapter_vlan),
        .offloads = (uint32_t)vmbare_option_number(&adapter_offloads),
    };
}

/* Two adapters of one switch talk with each other. */
static int talk_of_pair(void)
{
    static struct adapter a, b;
    struct network_settings s = settings();
    bool good;

    /* By their order, so that the suite knows which counters are whose. */
    s.which = NETWORK_INDEX;
    good = say_result(adapter_open(&a, &s), "the first adapter is up");
    s.index = 1;
    good &= say_result(adapter_open(&b, &s), "the second adapter is up");
    /* Each result is printed; all must be good. */
    if (good)
        good = pair_talk(&a, &b);
    if (good && vmbare_option_number(&channels) > 1)
        /* Several channels are tried with several flows. */
        good = flows_talk(&a, &b, (uint32_t)vmbare_option_number(&channels));
    adapter_close(&a, "first");
    adapter_close(&b, "second");
    return good ? VMBARE_PASSED : VMBARE_FAILED;
}

static uint32_t absences; /* that are waited for */

/* True: the adapter was told absent as often as is waited for. */
static bool has_gone(struct adapter *a)
{
    return __atomic_load_n(&a->inbox.links[NETWORK_ABSENT], __ATOMIC_ACQUIRE) >=
           absences;
}

/* The adapter goes while it is used, and comes back by itself. */
static bool talk_after_returns(struct adapter *a)
{
    uint32_t count = (uint32_t)vmbare_option_number(&returns);
    uint32_t n = (uint32_t)vmbare_option_number(&pings);

    while (absences < count) {
        bool is_back;

        /* The count of absences tells that it went, however short that was. */
        absences++;
        outside_load(a, has_gone);
        is_back =
            network_wait(&a->network, 120) == NETWORK_UP &&
            flows_await_channels(a, (uint32_t)vmbare_option_number(&channels));
        if (!say_result(is_back, "the adapter went and came back") ||
            !outside_talk(a, n))
            return false;
    }
    return true;
}

/* One adapter talks with whoever is on its network. */
static int talk_outside(void)
{
    static struct adapter a;
    struct network_settings s = settings();
    const char *mac = vmbare_option_text(&adapter_mac);
    bool good;

    if (mac && !read_mac(mac, s.mac)) {
        printf("# network: expected an address as 00:15:5d:01:02:03, found "
               "%s\n",
               mac);
        return VMBARE_USAGE;
    }
    if (mac)
        s.which = NETWORK_BY_MAC;
    good = say_result(adapter_open(&a, &s), "the adapter is up") &&
           outside_talk(&a, (uint32_t)vmbare_option_number(&pings)) &&
           talk_after_returns(&a);
    adapter_close(&a, "adapter");
    return good ? VMBARE_PASSED : VMBARE_FAILED;
}

int main(void)
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    /* There is no network without a bus. */
    if (facts.refusal) {
        printf("network: there is no VMBus here: %s\n", facts.refusal);
        return (int)facts.verdict;
    }
    return vmbare_option_flag(&with_pair) ? talk_of_pair() : talk_outside();
}
