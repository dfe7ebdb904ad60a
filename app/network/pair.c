/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two adapters of one switch: what one sends, the other must receive byte for
 * byte, with what stands beside it. Frames of all sizes, sums that the host
 * fills in, VLAN tags, and TCP segments that the host cuts or leaves whole.
 */
#include "network.h"

#include <stdio.h>
#include <string.h>

#define PORT 5000u
#define MANY 2000u

static struct ends ends = {.from = {192, 0, 2, 1}, .to = {192, 0, 2, 2}};

/* A frame of this test: others may be on the switch, too. */
static bool is_ours(const uint8_t *b, uint32_t size)
{
    return size >= 42 && frame_get16(b + 12) == 0x0800 &&
           !memcmp(b + 26, ends.from, 4) && (b[23] == 17 || b[23] == 6);
}

/* Bytes that another seed makes otherwise. */
static void fill(uint8_t *at, uint32_t size, uint32_t seed)
{
    for (uint32_t i = 0; i < size; i++)
        at[i] = (uint8_t)(i * 7 + seed + (i >> 8));
}

/* Sends a UDP frame of `size` bytes; false: it did not arrive as it was. */
static bool pass(struct adapter *a, struct adapter *b, uint32_t size,
                 const struct network_send_options *o)
{
    static struct frame f;
    const struct frame *got = &b->inbox.last;
    uint32_t data = size - 42;

    /*
     * The data differ from size to size, so that an older frame is not
     * taken for this one.
     */
    fill(frame_udp(&f, &ends, PORT, PORT, data), data, size);
    if (!o->fill)
        frame_udp_sum(&f);
    else
        frame_put16(f.bytes + 24, 0xBAD0); /* the host writes it */
    b->inbox.count = 0;
    if (!NT_SUCCESS(adapter_send(a, &f, o)) || !adapter_await(b, 1))
        return false;
    /* All but the sums must be the same, and the sums must be right. */
    return got->size == size && !memcmp(got->bytes, f.bytes, 24) &&
           !memcmp(got->bytes + 42, f.bytes + 42, data) &&
           frame_sums_good(got->bytes, got->size);
}

/* Frames from the smallest to the largest arrive with their bytes. */
static bool pass_sizes(struct adapter *a, struct adapter *b,
                       const struct network_send_options *o)
{
    uint32_t most = network_mtu(&a->network) + 14;

    /*
     * Each size up to 200, for the padding between messages; then in larger
     * steps.
     */
    for (uint32_t size = 60; size <= most; size += size < 200 ? 1 : 97)
        if (!pass(a, b, size, o)) {
            printf("# network: a frame of %u bytes is lost or wrong\n",
                   (unsigned)size);
            return false;
        }
    return pass(a, b, most, o);
}

/* What is refused, and changes nothing. */
static bool refuse(struct adapter *a)
{
    static struct frame f;
    struct network_send_options bad_vlan = {.vlan = 4095};
    struct network_send_options tcp = {.fill = NETWORK_FILL_TCP};

    /* One byte too long. */
    f.size = network_mtu(&a->network) + 15;
    if (adapter_send(a, &f, NULL) != STATUS_INVALID_PARAMETER)
        return false;
    frame_udp(&f, &ends, PORT, PORT, 100);
    /* 4095 is no VLAN. */
    if (adapter_send(a, &f, &bad_vlan) != STATUS_INVALID_PARAMETER)
        return false;
    /* A frame of UDP has no sum of TCP. */
    return adapter_send(a, &f, &tcp) ==
           (network_offloads(&a->network) & NETWORK_TX_CHECKSUM
                ? STATUS_INVALID_PARAMETER
                : STATUS_NOT_SUPPORTED);
}

/* Sums that the host fills in are right at the other end. */
static bool pass_sums(struct adapter *a, struct adapter *b)
{
    struct network_send_options o = {.fill =
                                         NETWORK_FILL_IP | NETWORK_FILL_UDP};
    uint32_t wanted = 0;

    /* Without the offload this frame carries its own sum. */
    if (!(network_offloads(&a->network) & NETWORK_TX_CHECKSUM))
        o.fill = 0;
    if (network_offloads(&b->network) & NETWORK_RX_CHECKSUM)
        wanted = NETWORK_IP_GOOD | NETWORK_UDP_GOOD;
    return pass_sizes(a, b, &o) && b->inbox.last.good == wanted;
}

/* A frame arrives with the tag that it was sent with. */
static bool pass_vlan(struct adapter *a, struct adapter *b, uint16_t vlan)
{
    const struct network_send_options o = {.vlan = vlan, .priority = 5};

    return pass(a, b, 300, &o) && b->inbox.last.vlan == vlan;
}

/* Faster than the host takes them: none may be lost on the way to it. */
static bool pass_many(struct adapter *a, struct adapter *b)
{
    static struct frame f;
    struct network_statistics before, after;
    uint32_t sent = 0;

    network_statistics(&a->network, &before);
    b->inbox.count = 0;
    for (; sent < MANY; sent++) {
        fill(frame_udp(&f, &ends, PORT, PORT, 100), 100, sent);
        frame_udp_sum(&f);
        if (!NT_SUCCESS(adapter_send(a, &f, NULL)))
            return false;
        /* The receiver has room for about a thousand. */
        /*
         * Wait for the receiver now and then, whose buffer has a thousand
         * places.
         */
        if (sent % 256 == 255 && !adapter_await(b, sent + 1))
            return false;
    }
    network_flush(&a->network);
    network_statistics(&a->network, &after);
    printf("# network: %u frames in %u packets\n", MANY,
           (unsigned)(after.packets_sent - before.packets_sent));
    return adapter_await(b, MANY);
}

/* A segment of 50,000 bytes: cut by the host, or coalesced again. */
static bool pass_large(struct adapter *a, struct adapter *b)
{
    enum { SIZE = 50000, MSS = 1400 };
    static struct frame f;
    const struct network_send_options o = {.mss = MSS};
    bool whole = network_offloads(&b->network) & NETWORK_RSC;
    const struct frame *got = &b->inbox.last;
    uint8_t *data = frame_tcp(&f, &ends, 1, SIZE);

    fill(data, SIZE, 3);
    b->inbox.count = 0;
    /* Without the offload such a frame is refused. */
    if (!(network_offloads(&a->network) & NETWORK_LARGE_SEND))
        return adapter_send(a, &f, &o) == STATUS_INVALID_PARAMETER ||
               adapter_send(a, &f, &o) == STATUS_NOT_SUPPORTED;
    if (!NT_SUCCESS(adapter_send(a, &f, &o)) ||
        !adapter_await(b, whole ? 1 : (SIZE + MSS - 1) / MSS))
        return false;
    printf("# network: the last of %u has %u bytes of %u segments\n",
           (unsigned)b->inbox.count, (unsigned)got->size, got->segments);
    /* Cut: the last segment holds what is left over. */
    if (!whole)
        return got->size == 54 + SIZE % MSS &&
               frame_sums_good(got->bytes, got->size) &&
               !memcmp(got->bytes + 54, data + SIZE - SIZE % MSS, SIZE % MSS);
    /* Whole again: every byte is there. */
    return got->size == 54 + SIZE && got->segments > 1 &&
           !memcmp(got->bytes + 54, data, SIZE);
}

bool pair_talk(struct adapter *a, struct adapter *b)
{
    const struct network_send_options none = {0};
    bool good;

    memcpy(ends.mac_from, a->mac, 6);
    memcpy(ends.mac_to, b->mac, 6);
    b->inbox.wants = is_ours;
    good = say_result(pass_sizes(a, b, &none), "frames of all sizes arrive");
    good &= say_result(refuse(a), "frames that cannot be sent are refused");
    good &= say_result(pass_sums(a, b), "sums are filled in and checked");
    good &= say_result(pass_vlan(a, b, 7), "a VLAN tag arrives");
    good &= say_result(pass_many(a, b), "2,000 frames at once arrive");
    good &= say_result(pass_large(a, b), "a large send arrives");
    return good;
}
