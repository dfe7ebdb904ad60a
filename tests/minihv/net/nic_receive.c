/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest receives: an RNDIS message in a section of its receive buffer,
 * told by a transfer-page packet. The section is free again when the guest has
 * completed the packet.
 *
 *   free --> filled --> kmcl_server_send_parts --> the guest's --> free
 */
#include "bus.h"
#include "minihv.h"
#include "bytes.h"
#include "checksum.h"
#include "hash.h"
#include "kmcl/kmcl.h"
#include "large.h"
#include "nic.h"

/* ---- sections ------------------------------------------------------------ */

void nic_fill_pool(struct nic *nic)
{
    sections_fill(&nic->sections, nic->nvsp.recv.count);
}

static uint8_t *bytes_of(const struct nic *nic, const struct section *s)
{
    const struct nvsp_buffer *b = &nic->nvsp.recv;

    return b->base + (size_t)s->index * b->section;
}

/* ---- packets ------------------------------------------------------------- */

/* The guest has read the sections, or its channel has closed. */
static VOID came_back(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                      UINT32 size)
{
    struct section *chain = VmbPacketGetPointer(packet);
    struct nic *nic = nic_of(VmbChannelGetPointer(VmbPacketGetChannel(packet)));

    VmbPacketFree(packet);
    if (NT_SUCCESS(status) &&
        (size < 8 || get32(buffer) != NVSP_RNDIS_COMPLETE))
        rule_broken(&hv.vp[0],
                    "channel network: a receive completion of %u bytes that is "
                    "none",
                    size);
    sections_give_back(&nic->sections, chain);
}

/* Sends a chain whose sections hold `sizes` bytes. */
static void send(struct nic *nic, uint32_t channel, struct section *chain,
                 const uint32_t *sizes, uint32_t type)
{
    VMBPACKET packet = VmbPacketAllocate(nic->channels[channel].channel);
    struct kmcl_part parts[NIC_PARTS];
    uint8_t m[NVSP_SIZE_V61] = {0};
    uint32_t count = 0;

    for (struct section *s = chain; s; s = s->next, count++)
        parts[count] = (struct kmcl_part){
            .bytes = sizes[count],
            .offset = (uint32_t)(bytes_of(nic, s) - nic->nvsp.recv.base)};
    put32(m, NVSP_RNDIS);
    put32(m + 4, type);
    put32(m + 8, NVSP_NO_SECTION);
    if (!packet) {
        sections_give_back(&nic->sections, chain);
        return;
    }
    VmbPacketSetPointer(packet, chain);
    VmbPacketSetCompletionRoutine(packet, came_back);
    if (NT_SUCCESS(kmcl_server_send_parts(
            packet, nic->nvsp.recv.id, parts, count, m,
            nic->nvsp.version == NVSP_V61 ? NVSP_SIZE_V61 : NVSP_SIZE,
            VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION)))
        return;
    VmbPacketFree(packet);
    sections_give_back(&nic->sections, chain);
}

void nic_send_control(struct nic *nic, const uint8_t *bytes, uint32_t size)
{
    struct section *s;

    if (!nic->open[0] || !nic->nvsp.recv.base || size > nic->nvsp.recv.section)
        return;
    s = sections_take(&nic->sections, SECTIONS_FOR_CONTROL, 1);
    if (!s)
        return;
    memcpy(bytes_of(nic, s), bytes, size);
    send(nic, 0, s, &size, NVSP_CONTROL);
}

/* ---- frames -------------------------------------------------------------- */

static bool passes(const struct rndis *r, const uint8_t *frame)
{
    uint8_t both = 0xFF;

    if (r->filter & RNDIS_PROMISCUOUS)
        return true;
    for (uint32_t i = 0; i < 6; i++)
        both &= frame[i];
    if (both == 0xFF)
        return r->filter & RNDIS_BROADCAST;
    if (frame[0] & 1)
        return r->filter & (RNDIS_MULTICAST | RNDIS_ALL_MULTICAST);
    for (uint32_t i = 0; i < 6; i++)
        if (frame[i] != r->mac[i])
            return false;
    return r->filter & RNDIS_DIRECTED;
}

/* What was found, without what the guest does not want to know. */
static uint32_t wanted_sums(const struct rndis *r, const struct net_frame *f)
{
    enum { RECEIVE = 2 };
    const struct rndis_offloads *o = &r->offloads;
    uint32_t found = sum_check(f->data, f->size), wanted = 0;
    bool four = found & (RX_IP_GOOD | RX_IP_BAD);

    if (o->ip & RECEIVE)
        wanted |= RX_IP_GOOD | RX_IP_BAD;
    if ((four ? o->tcp4 : o->tcp6) & RECEIVE)
        wanted |= RX_TCP_GOOD | RX_TCP_BAD;
    if ((four ? o->udp4 : o->udp6) & RECEIVE)
        wanted |= RX_UDP_GOOD | RX_UDP_BAD;
    return found & wanted;
}

/* Puts a frame into as many sections as it needs, as one packet. */
static void put_frame(struct nic *nic, struct net_frame *f)
{
    uint32_t room = nic->rndis.frame_max, sizes[NIC_PARTS], n = 0;
    uint32_t count = (f->size + room - 1) / room;
    uint32_t queue = hash_queue(&nic->rndis, f);
    struct section *chain;

    if (!nic->open[queue])
        queue = 0;
    chain = count <= NIC_PARTS
                ? sections_take(&nic->sections, SECTIONS_FOR_DATA, count)
                : NULL;
    if (!chain) {
        nic->dropped++;
        return;
    }
    nic->last_part = (uint16_t)(nic->last_part + (count > 1));
    nic->coalesced += count > 1;
    for (struct section *s = chain; s; s = s->next, n++) {
        uint32_t at = n * room, left = f->size - at,
                 take = left < room ? left : room;
        uint8_t part = PART_ALONE;

        if (count > 1)
            part = (uint8_t)(PART_ANY | (n ? 0 : PART_FIRST) |
                             (s->next ? 0 : PART_LAST));
        packet_write(bytes_of(nic, s), NVSP_HEADROOM, f, take, part,
                     nic->last_part);
        memcpy(bytes_of(nic, s) + NVSP_HEADROOM, f->data + at, take);
        sizes[n] = NVSP_HEADROOM + take;
    }
    nic->received++;
    nic->received_by[queue]++;
    send(nic, queue, chain, sizes, NVSP_DATA);
}

static void put_segment(void *context, struct net_frame *segment)
{
    struct nic *nic = context;

    segment->checksum = wanted_sums(&nic->rndis, segment);
    segment->has_checksum = segment->checksum;
    put_frame(nic, segment);
}

/* A large frame stays whole for a guest that coalesces, else it is cut. */
static void put_large(struct nic *nic, struct net_frame *f)
{
    static uint8_t segment[9300];
    const struct rndis_offloads *o = &nic->rndis.offloads;
    bool whole = f->large & LARGE_IP6 ? o->rsc6 : o->rsc4;

    if (!whole) {
        large_cut(f, segment, nic->rndis.frame_max, put_segment, nic);
        return;
    }
    if (large_whole(f))
        return;
    f->has_checksum = true;
    f->checksum = RX_TCP_GOOD | RX_TCP_STALE;
    if (!(f->large & LARGE_IP6))
        f->checksum |= RX_IP_GOOD;
    put_frame(nic, f);
}

void nic_deliver(struct net_port *port, const struct net_frame *frame)
{
    struct nic *nic =
        (struct nic *)(void *)((uint8_t *)port - offsetof(struct nic, port));
    struct net_frame f = *frame;

    if (!nic->open[0] || !nic->nvsp.recv.base || !nic->rndis.link ||
        !nic->rndis.ready || !passes(&nic->rndis, f.data))
        return;
    f.has_hash = false;
    if (f.has_large) {
        put_large(nic, &f);
        return;
    }
    if (f.size > nic->rndis.frame_max) {
        nic->dropped++;
        return;
    }
    put_segment(nic, &f);
}
