/*
 * External data of a send: the GPA-direct header, built from frame numbers.
 * No byte of the data itself is touched.
 *
 * One range per MDL, because only the first page of a range may start
 * anywhere but at 0 and only the last may end early. MDL chains are the
 * caller's and trusted; their sizes are checked against the channel's maxima,
 * for which the packet object has room.
 */
#include "kmcl/channel/channel.h"
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

NTSTATUS kmcl_window_set(struct kmcl_window *w, uint32_t offset,
                         uint32_t length)
{
    uint64_t bytes = bytes_described(w);
    uint64_t end = w->forced && !length ? w->mdl->ByteCount : bytes;

    if (offset >= end)
        return STATUS_INVALID_PARAMETER_5;
    if (length > bytes - offset)
        return STATUS_INVALID_PARAMETER_6;
    if (!length && end - offset > UINT32_MAX)
        return STATUS_INVALID_PARAMETER_6;
    w->offset = offset;
    w->length = length ? length : (uint32_t)(end - offset);
    return STATUS_SUCCESS;
}

/* Where the next range goes in the packet's body, and what is left there. */
struct cursor {
    uint8_t *at;
    uint32_t ranges;
    uint32_t room;
};

/* One range of `count` bytes from `offset` of the frames on. */
static bool put_range(struct cursor *c, const PFN_NUMBER *pfns, uint32_t offset,
                      uint32_t count)
{
    struct ring_gpa_range range = {
        .byte_count = count,
        .byte_offset = offset % SEAM_PAGE_SIZE,
    };
    uint32_t frames = packet_gpa_frames(range.byte_offset, count);
    uint64_t bytes = sizeof(range) + (uint64_t)frames * sizeof(*pfns);

    if (bytes > c->room)
        return false;
    memcpy(c->at, &range, sizeof(range));
    memcpy(c->at + sizeof(range), pfns + offset / SEAM_PAGE_SIZE,
           (size_t)frames * sizeof(*pfns));
    c->at += bytes;
    c->room -= (uint32_t)bytes;
    c->ranges++;
    return true;
}

static struct cursor cursor_of(VMBPACKET p)
{
    struct kmcl_settings *set = &p->channel->set;
    uint64_t limit = kmcl_external_header(set->max_external, set->max_chain);
    uint32_t inline_room = (set->max_packet + 7) & ~7u;
    struct cursor c = {.at =
                           (uint8_t *)p->body + sizeof(struct ring_gpa_header)};

    /* A packet made before the maxima were raised has less room. */
    if (p->capacity < inline_room + sizeof(struct ring_gpa_header))
        return c;
    if (limit > p->capacity - inline_room)
        limit = p->capacity - inline_room;
    c.room = (uint32_t)limit - (uint32_t)sizeof(struct ring_gpa_header);
    return c;
}

static uint32_t finish(VMBPACKET p, const struct cursor *c, uint32_t bytes)
{
    struct ring_gpa_header header = {.range_count = c->ranges};

    memcpy(p->body, &header, sizeof(header));
    p->channel->root->stats.external_bytes += bytes;
    return (uint32_t)(c->at - (uint8_t *)p->body);
}

uint32_t kmcl_external_window(VMBPACKET packet, const struct kmcl_window *w)
{
    struct kmcl_settings *set = &packet->channel->set;
    struct cursor c = cursor_of(packet);
    uint32_t skip = w->offset, left = w->length;

    if (left > set->max_external)
        return 0;
    for (PMDL mdl = w->mdl; left; mdl = mdl->Next) {
        uint32_t bytes = w->forced ? skip + left : mdl->ByteCount;
        uint32_t take;

        if (skip >= bytes) {
            skip -= bytes;
            continue;
        }
        take = bytes - skip < left ? bytes - skip : left;
        if (c.ranges == set->max_chain ||
            !put_range(&c, mdl->Pfns, mdl->ByteOffset + skip, take))
            return 0;
        skip = 0;
        left -= take;
    }
    return finish(packet, &c, w->length);
}

uint32_t kmcl_external_pfns(VMBPACKET packet, const PFN_NUMBER *pfns,
                            uint32_t count)
{
    struct kmcl_settings *set = &packet->channel->set;
    struct cursor c = cursor_of(packet);
    uint64_t bytes = (uint64_t)count * SEAM_PAGE_SIZE;

    if (!count || bytes > set->max_external ||
        !put_range(&c, pfns, 0, (uint32_t)bytes))
        return 0;
    return finish(packet, &c, (uint32_t)bytes);
}
