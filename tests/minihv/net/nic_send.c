/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest sends: NVSP messages, and RNDIS messages in a section of its
 * send buffer or in its pages. These are copied once and read from the copy,
 * because the guest can change its memory at any time.
 */
#include "bus.h"
#include "minihv.h"
#include "bytes.h"
#include "checksum.h"
#include "nic.h"

/* One packet is handled at a time, on the processor of the host half. */
static uint8_t message[NIC_MESSAGE_MAX] __attribute__((aligned(16)));

/* ---- fetching ------------------------------------------------------------ */

static const char *copy_pages(VMBPACKETCOMPLETION packet, uint32_t *size)
{
    PMDL mdl;

    if (VmbChannelPacketGetExternalData(packet, 0, &mdl))
        minihv_failed("network: no memory for an MDL");
    for (*size = 0; mdl; mdl = mdl->Next) {
        uint32_t bytes = MmGetMdlByteCount(mdl);
        const uint8_t *from;

        if (bytes > sizeof message - *size)
            return "more bytes in one packet than a device takes";
        from = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
        if (!from)
            return "pages outside of the guest's memory";
        memcpy(message + *size, from, bytes);
        *size += bytes;
    }
    return NULL;
}

static const char *fetch(struct nic *nic, VMBPACKETCOMPLETION packet,
                         bool has_pages, const struct nvsp_rndis *m,
                         uint32_t *size)
{
    if (m->section == NVSP_NO_SECTION)
        return has_pages ? copy_pages(packet, size)
                         : "an RNDIS packet with neither section nor pages";
    *size = m->size;
    memcpy(message,
           nic->nvsp.send.base + (size_t)m->section * nic->nvsp.send.section,
           m->size);
    return NULL;
}

/* ---- frames -------------------------------------------------------------- */

/* Sends the frames of one packet, which stand one behind the other. */
static const char *send_frames(struct nic *nic, uint32_t size)
{
    uint32_t at = 0, length = 0;

    if (!nic->rndis.ready)
        return "a frame before RNDIS INIT";
    for (uint32_t n = 0; at < size; n++, at += length) {
        struct net_frame frame;
        const char *wrong =
            packet_read(message + at, size - at, &length, &frame);

        if (!wrong && n >= RNDIS_PACKETS)
            wrong = "more RNDIS packets in one than were promised";
        if (!wrong && !frame.has_large)
            wrong = sum_complete(&frame);
        if (!wrong && !frame.has_large && frame.size > nic->rndis.frame_max)
            wrong = "a frame that is longer than was agreed";
        if (wrong)
            return wrong;
        nic->sent++;
        if (nic->rndis.link)
            switch_send(&nic->port, &frame);
        events_frame_sent(nic);
    }
    return NULL;
}

/* ---- messages ------------------------------------------------------------ */

static void complete(VMBPACKETCOMPLETION packet, uint32_t status)
{
    uint8_t answer[8];

    put32(answer, NVSP_RNDIS_COMPLETE);
    put32(answer + 4, status);
    VmbChannelPacketComplete(packet, answer, sizeof answer);
}

static const char *take_control(struct nic *nic, uint32_t size,
                                struct rndis_answer *answer)
{
    const char *wrong;

    if (size > RNDIS_CONTROL_MAX)
        return "an RNDIS control message of more than 1024 bytes";
    nic->rndis.frame_max = nic->nvsp.frame_max;
    nic->rndis.rsc = nic->nvsp.capabilities & NVSP_CAP_RSC;
    wrong = rndis_take(&nic->rndis, message, size, answer);
    return wrong;
}

static const char *take_rndis(struct device *d, VMBPACKETCOMPLETION packet,
                              const uint8_t *m, uint32_t bytes, bool has_pages)
{
    static struct rndis_answer answer;
    struct nic *nic = nic_of(d);
    struct nvsp_rndis rndis;
    uint32_t size = 0;
    const char *wrong = nvsp_rndis(&nic->nvsp, m, bytes, &rndis);

    answer.size = 0;
    if (!wrong && !device_asked(packet))
        wrong = "an RNDIS packet without the completion flag";
    if (!wrong && rndis.control && d->subchannel)
        wrong = "an RNDIS control message on a sub-channel";
    if (!wrong)
        wrong = fetch(nic, packet, has_pages, &rndis, &size);
    if (!wrong)
        wrong = rndis.control ? take_control(nic, size, &answer)
                              : send_frames(nic, size);
    if (wrong)
        return wrong;
    complete(packet, NVSP_SUCCESS);
    if (answer.size)
        nic_send_control(nic, answer.bytes, answer.size);
    return NULL;
}

/* What a message has changed for the device. */
static void follow(struct nic *nic, uint32_t type)
{
    if (type == NVSP_INIT && nic->nvsp.version)
        say("minihv: network protocol %u.%u\n", nic->nvsp.version >> 16,
            nic->nvsp.version & 0xFFFF);
    else if (type == NVSP_SEND_RECV_BUF || type == NVSP_REVOKE_RECV_BUF)
        nic_fill_pool(nic);
    else if (type == NVSP_SUBCHANNEL)
        nic_offer_subchannels(nic);
}

static const char *take_nvsp(struct device *d, VMBPACKETCOMPLETION packet,
                             const uint8_t *m, uint32_t size)
{
    struct nic *nic = nic_of(d);
    struct nvsp_answer answer;
    const char *wrong;

    if (d->subchannel)
        return "something else than frames on a sub-channel";
    wrong = nvsp_take(&nic->nvsp, m, size, &answer);
    if (!wrong && answer.needed && !device_asked(packet))
        wrong = "a request without the completion flag";
    if (wrong)
        return wrong;
    VmbChannelPacketComplete(packet, answer.bytes, answer.size);
    follow(nic, get32(m));
    return NULL;
}

VOID nic_take(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
              UINT32 size, UINT32 flags)
{
    struct device *d = VmbChannelGetPointer(channel);
    bool has_pages = flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA;
    const char *wrong;

    if (size >= 4 && get32(buffer) == NVSP_RNDIS)
        wrong = take_rndis(d, packet, buffer, size, has_pages);
    else
        wrong = take_nvsp(d, packet, buffer, size);
    if (wrong)
        device_broken(d, packet, wrong);
}
