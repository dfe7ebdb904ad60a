/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user's calls for a channel, its GPADLs and its sub-channel.
 */
#include "bus_life_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "vmbus/packet.h"

#define PAGES 30u

enum vmbus_event_result answer(void *bus_life)
{
    struct bus_life *l = bus_life;
    struct ring_reader *rx = vmbus_channel_rx(l->c);
    struct ring_writer *tx = vmbus_channel_tx(l->c);
    uint32_t from = ring_reader_start(rx), to = ring_writer_start(tx);
    enum vmbus_event_result result = VMBUS_EVENT_DRAINED;
    struct ring_packet packet;
    uint64_t body[64];

    l->events++;
    for (int budget = 0; budget < 16; budget++) {
        int status = ring_read(rx, &from, &packet, body, sizeof(body));

        if (status != 0 && status != -EMSGSIZE)
            break;
        if (packet.transaction % 4 == 1)
            result = VMBUS_EVENT_MORE;
        else if (packet.transaction % 4 == 2)
            result = VMBUS_EVENT_LEFT;
        if (packet_write_completion(tx, &to, packet.transaction, body, 8) ==
            -EAGAIN) {
            vmbus_channel_await_room(l->c);
            break;
        }
    }
    if (ring_reader_commit(rx, from) || ring_writer_commit(tx, to))
        vmbus_channel_signal(l->c);
    return result;
}

void claim(struct bus_life *l)
{
    if (l->c)
        return;
    l->c = vmbus_bus_find(l->bus, NULL, NULL, 0);
    if (l->c && vmbus_channel_claim(l->c) != 0)
        l->c = NULL;
}

static void share(struct bus_life *l, uint32_t slot)
{
    uint64_t pfns[PAGES];
    struct vmbus_pages pages = {
        .pfns = pfns, .count = PAGES, .bytes = PAGES * 4096};
    int status;

    if (!l->c || l->memory[slot])
        return;
    l->memory[slot] = seam_pages_alloc(l->s, PAGES, pfns);
    if (!l->memory[slot])
        return;
    status = vmbus_gpadl_create(l->c, &pages, &l->gpadls[slot]);
    if (status == 0)
        return;
    if (status != -ESTALE)
        seam_pages_free(l->s, l->memory[slot], PAGES);
    l->memory[slot] = NULL;
}

static void unshare(struct bus_life *l, uint32_t slot)
{
    int status;

    if (!l->memory[slot])
        return;
    status = vmbus_gpadl_teardown(l->c, l->gpadls[slot]);
    if (status == 0)
        seam_pages_free(l->s, l->memory[slot], PAGES);
    else if (status != -ESTALE)
        abort();
    l->memory[slot] = NULL;
}

static enum vmbus_event_result sub_event(void *arg)
{
    struct bus_life *l = arg;

    l->events++;
    return VMBUS_EVENT_LEFT;
}

void open_sub(struct bus_life *l)
{
    struct vmbus_open o = {.tx_pages = 1,
                           .rx_pages = 1,
                           .cpu = VMBUS_CPU_ANY,
                           .event = sub_event,
                           .arg = l};
    struct vmbus_channel *sub = vmbus_bus_find(l->bus, NULL, NULL, 1);

    if (l->sub || !sub || vmbus_channel_claim(sub) != 0)
        return;
    if (vmbus_channel_open(sub, &o) == 0)
        l->sub = sub;
    else
        vmbus_channel_unclaim(sub);
}

void close_sub(struct bus_life *l)
{
    if (!l->sub)
        return;
    vmbus_channel_close(l->sub);
    vmbus_channel_unclaim(l->sub);
    l->sub = NULL;
}

void leave(struct bus_life *l)
{
    close_sub(l);
    if (!l->c)
        return;
    hosted_advance(l->s, 200 * SEAM_S);
    for (uint32_t slot = 0; slot < BUS_LIFE_GPADLS; slot++)
        unshare(l, slot);
    if (vmbus_channel_is_open(l->c)) {
        int status = vmbus_channel_close(l->c);

        if (status != 0 && status != -ESTALE)
            abort();
    }
    vmbus_channel_unclaim(l->c);
    l->c = NULL;
}

static void send(struct bus_life *l)
{
    struct ring_writer *tx = vmbus_channel_tx(l->c);
    uint32_t at = ring_writer_start(tx);

    if (packet_write_in_band(tx, &at, 7, true, "abcdefgh", 8) == 0 &&
        ring_writer_commit(tx, at))
        vmbus_channel_signal(l->c);
}

void act_on_channel(struct bus_life *l, uint8_t what)
{
    static const uint8_t words[VMBUS_USER_DATA_SIZE] = "for the device";
    struct vmbus_open o = {.tx_pages = 1 + what % 40,
                           .rx_pages = 1,
                           .cpu = what & 1,
                           .low_latency = what & 2,
                           .timeout = what & 0x40 ? 9 * SEAM_S : 0,
                           .user_data = what & 0x80 ? words : NULL,
                           .event = answer,
                           .arg = l};
    uint16_t old;

    if (what & 8) { /* hv_sock needs these below 5.0 */
        o.tx_pages = 5;
        o.rx_pages = what & 0x10 ? 5 : 4;
    }
    switch (what % 8) {
    case 0:
    case 1:
        started(l, vmbus_channel_open_start(l->c, &o, done, l));
        break;
    case 2:
        started(l, vmbus_channel_close_start(l->c, done, l));
        break;
    case 3:
        started(l, vmbus_channel_set_cpu_start(l->c, what >> 7, done, l));
        break;
    case 4:
        share(l, what >> 6);
        break;
    case 5:
        unshare(l, what >> 6);
        break;
    case 6:
        if (vmbus_channel_is_open(l->c))
            send(l);
        vmbus_channel_await_room(l->c);
        break;
    default:
        vmbus_channel_kick(l->c);
        vmbus_channel_set_latency(l->c, what, what & 8 ? &old : NULL);
        break;
    }
}
