/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A talk with the network outside: an address by DHCP (DISCOVER, OFFER), the
 * hardware address of who offered it by ARP, and echoes. Frames may be lost, so
 * each question is asked again.
 */
#include "network.h"

#include <stdio.h>
#include <string.h>

#include "vmbare.h"
#include "vmbare_events.h"

#define AGAIN_SECONDS 1.0
#define TRIES         60
#define PING_SIZE     1000u

/* What was learnt. */
static struct ends ends;

/* A DHCP server's answer. */
static bool is_offer(const uint8_t *b, uint32_t size)
{
    /* An answer of DHCP with our own number in it. */
    static const uint8_t cookie[] = {0x63, 0x82, 0x53, 0x63};

    return size >= 14 + 20 + 8 + 244 && frame_get16(b + 12) == 0x0800 &&
           b[23] == 17 && frame_get16(b + 36) == 68 && b[42] == 2 &&
           frame_get32(b + 46) == 0x766D6261 && !memcmp(b + 278, cookie, 4);
}

/* Somebody says which MAC address an IPv4 address has. */
static bool is_arp_answer(const uint8_t *b, uint32_t size)
{
    return size >= 42 && frame_get16(b + 12) == 0x0806 &&
           frame_get16(b + 20) == 2 && !memcmp(b + 28, ends.to, 4);
}

/* An answer to one of our echo requests. */
static bool is_echo(const uint8_t *b, uint32_t size)
{
    uint32_t number;

    if (size < 42 + PING_SIZE || frame_get16(b + 12) != 0x0800 || b[23] != 1 ||
        b[34] != 0 || frame_get16(b + 38) != 0x766D)
        return false;
    /* The data follow from the number, so each byte can be checked. */
    number = frame_get16(b + 40);
    for (uint32_t i = 0; i < PING_SIZE; i++)
        if (b[42 + i] != (uint8_t)(i + number))
            return false;
    return true;
}

/* Sends a frame until what is wanted has come. */
static bool ask(struct adapter *a, const struct frame *f,
                const struct network_send_options *options,
                bool (*wants)(const uint8_t *bytes, uint32_t size))
{
    /* What comes from here on counts. */
    a->inbox.count = 0;
    a->inbox.wants = wants;
    for (int i = 0; i < TRIES; i++) {
        uint64_t end = vmbare_after(AGAIN_SECONDS);
        NTSTATUS status = adapter_send(a, f, options);

        if (!NT_SUCCESS(status)) {
            printf("# network: send: status %08x\n", (unsigned)status);
            return false;
        }
        while (vmbare_now() < end) {
            if (__atomic_load_n(&a->inbox.count, __ATOMIC_ACQUIRE))
                return true;
            vmbare_sleep(0.001);
        }
    }
    return false;
}

/* Asks for an address, and takes the first that is offered. */
static bool discover(struct adapter *a, struct frame *f)
{
    const struct ends all = {.to = {255, 255, 255, 255},
                             .mac_to = {255, 255, 255, 255, 255, 255}};
    static const uint8_t options[] = {0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255};
    bool fills = network_offloads(&a->network) & NETWORK_TX_CHECKSUM;
    struct network_send_options o = {0};
    struct ends e = all;
    uint8_t *dhcp;

    memcpy(e.mac_from, a->mac, 6);
    dhcp = frame_udp(f, &e, 68, 67, 300);
    /* A request of one who has no address, over Ethernet. */
    dhcp[0] = 1;
    dhcp[1] = 1;
    dhcp[2] = 6;
    frame_put32(dhcp + 4, 0x766D6261);
    dhcp[10] = 0x80; /* the answer to all */
    memcpy(dhcp + 28, a->mac, 6);
    memcpy(dhcp + 236, options, sizeof(options));
    /*
     * The first frame already shows whether the host fills in sums: the
     * server drops a wrong one.
     */
    if (fills)
        o.fill = NETWORK_FILL_IP | NETWORK_FILL_UDP;
    else
        frame_udp_sum(f);
    if (!ask(a, f, &o, is_offer))
        return false;
    memcpy(ends.mac_from, a->mac, 6);
    /* What is offered is taken without a REQUEST: nobody else is here. */
    memcpy(ends.from, a->inbox.last.bytes + 58, 4);
    memcpy(ends.to, a->inbox.last.bytes + 26, 4);
    printf("# network: %u.%u.%u.%u offered %u.%u.%u.%u\n", ends.to[0],
           ends.to[1], ends.to[2], ends.to[3], ends.from[0], ends.from[1],
           ends.from[2], ends.from[3]);
    return true;
}

/* Asks for the router's MAC address. */
static bool resolve(struct adapter *a, struct frame *f)
{
    /* To all, because the owner of the address is what is asked for. */
    memset(ends.mac_to, 0xFF, 6);
    frame_arp(f, &ends);
    if (!ask(a, f, NULL, is_arp_answer))
        return false;
    memcpy(ends.mac_to, a->inbox.last.bytes + 22, 6);
    return true;
}

/* Most of them at once, so that many go in one packet; those that were lost
 * one after the other. */
static bool ping(struct adapter *a, struct frame *f, uint32_t pings)
{
    const struct network_send_options more = {.more = true};
    uint32_t got;

    a->inbox.count = 0;
    a->inbox.wants = is_echo;
    for (uint32_t i = 0; i < pings; i++) {
        frame_ping(f, &ends, (uint16_t)i, PING_SIZE);
        if (!NT_SUCCESS(adapter_send(a, f, &more)))
            return false;
        /* A pause after each eight, for QEMU's network keeps few. */
        if (i % 8 == 7) {
            network_flush(&a->network);
            vmbare_sleep(0.005);
        }
    }
    network_flush(&a->network);
    vmbare_sleep(1);
    got = __atomic_load_n(&a->inbox.count, __ATOMIC_ACQUIRE);
    printf("# network: %u of %u echoes at once\n", (unsigned)got,
           (unsigned)pings);
    /* Ask again for each that was lost. */
    for (; got < pings; got++) {
        frame_ping(f, &ends, (uint16_t)got, PING_SIZE);
        if (!ask(a, f, NULL, is_echo))
            return false;
    }
    return true;
}

bool outside_talk(struct adapter *a, uint32_t pings)
{
    static struct frame f;

    /* Each step needs what the one before has learnt. */
    return say_result(discover(a, &f), "a DHCP server offers an address") &&
           say_result(resolve(a, &f), "its address is told by ARP") &&
           say_result(ping(a, &f, pings), "it answers echoes");
}

void outside_load(struct adapter *a, bool (*is_over)(struct adapter *a))
{
    static struct frame f;

    for (uint16_t i = 0; !is_over(a); i++) {
        frame_ping(&f, &ends, i, PING_SIZE);
        /* A host that is about to take the adapter away waits for silence. */
        if (network_link(&a->network) == NETWORK_UP)
            (void)network_send(&a->network,
                               &(struct network_segment){f.bytes, f.size}, 1,
                               NULL);
        vmbare_sleep(0.02);
    }
}
