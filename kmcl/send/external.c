/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * External data of a send: the GPA-direct header, built from frame numbers, and
 * the two functions that send it. No byte of the data itself is touched.
 *
 * One range per MDL, because only the first page of a range may start
 * anywhere but at 0 and only the last may end early. MDL chains are the
 * caller's and trusted; their sizes are checked against the channel's maxima,
 * for which the packet object has room.
 */
#include "kmcl/base/channel.h"
#include "kmcl/send/send.h"

/* With FORCE_MDL_LENGTH the first MDL alone counts, and its bytes reach to
 * the end of its last page. */
static uint64_t bytes_described(const struct kmcl_window *w)
{
    uint64_t sum = 0;

    if (w->forced)
        return (uint64_t)packet_gpa_frames(w->mdl->ByteOffset,
                                           w->mdl->ByteCount) *
                   SEAM_PAGE_SIZE -
               w->mdl->ByteOffset;
    for (PMDL mdl = w->mdl; mdl; mdl = mdl->Next)
        sum += mdl->ByteCount;
    return sum;
}

static inline NTSTATUS window_set(struct kmcl_window *w, uint32_t offset,
                                  uint32_t length)
{
    uint64_t bytes = bytes_described(w);
    uint64_t end = w->forced && !length ? w->mdl->ByteCount : bytes;

    /* The window begins inside the bytes that are described. */
    if (offset >= end)
        return STATUS_INVALID_PARAMETER_5;
    /* It also ends there; without a length it reaches to the end [D]. */
    if (length > bytes - offset)
        return STATUS_INVALID_PARAMETER_6;
    if (!length && end - offset > UINT32_MAX)
        return STATUS_INVALID_PARAMETER_6;
    w->offset = offset;
    w->length = length ? length : (uint32_t)(end - offset);
    return STATUS_SUCCESS;
}

/* The header is built in the packet's body, and leaves room there for the
 * inline bytes. The maxima of the channel are checked where each part is known;
 * a packet made before they were raised has less room. */
static inline void begin(struct packet_gpa_builder *b, VMBPACKET p)
{
    uint32_t inline_room = (p->channel->set.max_packet + 7) & ~7u;

    packet_gpa_begin(b, p->body,
                     p->capacity > inline_room ? p->capacity - inline_room : 0);
}

/* Closes the header and counts what was lent. */
static uint32_t finish(VMBPACKET p, struct packet_gpa_builder *b,
                       uint32_t bytes)
{
    kmcl_count(&p->channel->root->stats.external_bytes, bytes);
    return packet_gpa_end(b);
}

static inline __attribute__((always_inline)) uint32_t
window_header(VMBPACKET packet, const struct kmcl_window *w)
{
    struct kmcl_settings *set = &packet->channel->set;
    struct packet_gpa_builder b;
    uint32_t skip = w->offset, left = w->length;

    begin(&b, packet);
    /* The maxima are what the packet has room for. */
    if (left > set->max_external)
        return 0;
    /* One range per MDL. The window was checked, so the chain is long enough.
     */
    for (PMDL mdl = w->mdl; left; mdl = mdl->Next) {
        uint32_t bytes = w->forced ? skip + left : mdl->ByteCount;
        uint32_t take;

        /* The window begins in a later MDL. */
        if (skip >= bytes) {
            skip -= bytes;
            continue;
        }
        take = bytes - skip < left ? bytes - skip : left;
        if (b.ranges == set->max_chain ||
            !packet_gpa_add(&b, mdl->Pfns, mdl->ByteOffset + skip, take))
            return 0;
        skip = 0;
        left -= take;
    }
    return finish(packet, &b, w->length);
}

uint32_t kmcl_external_pfns(VMBPACKET packet, const PFN_NUMBER *pfns,
                            uint32_t count)
{
    struct kmcl_settings *set = &packet->channel->set;
    struct packet_gpa_builder b;
    uint64_t bytes = (uint64_t)count * SEAM_PAGE_SIZE;

    begin(&b, packet);
    if (bytes > set->max_external ||
        !packet_gpa_add(&b, pfns, 0, (uint32_t)bytes))
        return 0;
    return finish(packet, &b, (uint32_t)bytes);
}

NTSTATUS kmcl_window_set(struct kmcl_window *w, uint32_t offset,
                         uint32_t length)
{
    return window_set(w, offset, length);
}

uint32_t kmcl_external_window(VMBPACKET packet, const struct kmcl_window *w)
{
    return window_header(packet, w);
}

/* ---- sending them -------------------------------------------------------- */

NTSTATUS VmbPacketSendWithExternalMdl(VMBPACKET PacketObject, PVOID Buffer,
                                      UINT32 BufferLength, PMDL ExternalDataMdl,
                                      UINT32 MdlOffset, UINT32 MdlLength,
                                      UINT32 Flags)
{
    struct kmcl_window window = {.mdl = ExternalDataMdl};
    uint32_t header;
    NTSTATUS status = kmcl_check_send(PacketObject, Buffer, BufferLength);

    if (status)
        return status;
    if ((Flags & ~VMBUS_CHANNEL_FORMAT_FLAGS) ||
        !(Flags & VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION))
        return STATUS_INVALID_PARAMETER_7;
    if (!ExternalDataMdl)
        return STATUS_INVALID_PARAMETER_4;
    status = kmcl_check_external(PacketObject->channel);
    if (status)
        return status;
    /* With this flag the length may pass the first MDL, up to the end of its
     * last page [D]. */
    window.forced = Flags & VMBUS_CHANNEL_FORMAT_FLAG_FORCE_MDL_LENGTH;
    /* The window first, because its error names its own arguments. */
    status = window_set(&window, MdlOffset, MdlLength);
    if (status)
        return status;
    /* Only now is anything written: the header, into the packet. */
    header = window_header(PacketObject, &window);
    if (!header)
        return STATUS_INVALID_PARAMETER_4;
    return kmcl_submit_external(PacketObject, header, Buffer, BufferLength);
}

NTSTATUS VmbPacketSendWithExternalPfns(VMBPACKET PacketObject, PVOID Buffer,
                                       UINT32 BufferLength,
                                       PPFN_NUMBER ExternalDataPfns,
                                       UINT32 PfnLength, UINT32 Flags)
{
    const uint32_t wait = VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION;
    uint32_t header;
    NTSTATUS status = kmcl_check_send(PacketObject, Buffer, BufferLength);

    if (status)
        return status;
    if ((Flags & ~(wait | VMBUS_CHANNEL_FORMAT_FLAG_PAGED_BUFFER)) ||
        !(Flags & wait))
        return STATUS_INVALID_PARAMETER_6;
    /* An empty array is refused by its length, below. */
    if (!ExternalDataPfns)
        return STATUS_INVALID_PARAMETER_4;
    status = kmcl_check_external(PacketObject->channel);
    if (status)
        return status;
    /* Whole pages, in the order of the array [D]. */
    header = kmcl_external_pfns(PacketObject, ExternalDataPfns, PfnLength);
    if (!header)
        return STATUS_INVALID_PARAMETER_5;
    return kmcl_submit_external(PacketObject, header, Buffer, BufferLength);
}
