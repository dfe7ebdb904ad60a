/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How large a packet can become on the wire with a channel's settings.
 */
#include "kmcl/base/channel.h"

/* One MDL can start and end inside a page, so each adds up to two frames. */
uint64_t kmcl_external_header(uint32_t data_size, uint32_t chain)
{
    uint64_t frames = data_size / SEAM_PAGE_SIZE + 2 * (uint64_t)chain;

    return sizeof(struct ring_gpa_header) +
           chain * (uint64_t)sizeof(struct ring_gpa_range) + frames * 8;
}

uint32_t kmcl_largest_body(const struct kmcl_settings *set)
{
    uint64_t external = kmcl_external_header(set->max_external, set->max_chain);
    uint64_t inline_bytes = ((uint64_t)set->max_packet + 7) & ~UINT64_C(7);

    /* External data cannot go through a pipe. */
    if (set->flags & VMBUS_CHANNEL_INIT_FLAG_IS_PIPE)
        external = 0;
    /* A pipe's frame header is smaller than any external header. */
    if (external < sizeof(struct ring_pipe_header))
        external = sizeof(struct ring_pipe_header);
    return (uint32_t)(external + inline_bytes);
}
