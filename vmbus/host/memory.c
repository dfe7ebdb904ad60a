/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What servers map of their guest's memory: GPADLs, for as long as they like,
 * and the pages of one packet's external data. Every offset and size that a
 * server takes from a packet is checked here against what the guest really
 * shares.
 */
#include "vmbus/host/private.h"

/*
 * Mapped once, and not while it holds open rings, which have a mapping of their
 * own.
 */
int vmbus_host_gpadl_map(struct vmbus_host_channel *channel, uint32_t handle,
                         struct vmbus_host_gpadl *gpadl)
{
    struct vmbus_host *h = channel->host;
    struct host_gpadl *g = vmbus_host_gpadl_find(channel, handle);
    uint8_t irql;
    void *base;

    if (!g || g->state != HOST_GPADL_READY)
        return -ENOENT;
    if (g->base || vmbus_host_gpadl_rings(g))
        return -EBUSY;
    base = seam_map(h->seam, g->buffer, g->page_count, g->page_count);
    if (!base)
        return -EFAULT;
    irql = seam_lock(h->seam, &h->lock);
    g->base = base;
    seam_unlock(h->seam, &h->lock, irql);
    *gpadl = (struct vmbus_host_gpadl){
        .handle = handle,
        .range_count = g->range_count,
        .page_count = g->page_count,
        .pfns = g->buffer,
        .base = base,
    };
    return 0;
}

/*
 * The mapping is hidden under the lock before it goes, so that a lookup at
 * DISPATCH finds either the whole of it or nothing.
 */
void vmbus_host_gpadl_unmap(struct vmbus_host_channel *channel, uint32_t handle)
{
    struct vmbus_host *h = channel->host;
    struct host_gpadl *g = vmbus_host_gpadl_find(channel, handle);
    uint8_t irql;
    void *base;

    SEAM_ASSERT(h->seam, g && g->base, "only what is mapped is unmapped");
    irql = seam_lock(h->seam, &h->lock);
    base = g->base;
    g->base = NULL;
    seam_unlock(h->seam, &h->lock, irql);
    seam_unmap(h->seam, base, g->page_count, g->page_count);
    vmbus_host_gpadl_settle(h, g);
    h->upper->drain_step(h);
}

/* Under the lock, since this runs at DISPATCH. */
int vmbus_host_gpadl_range(struct vmbus_host_channel *channel, uint32_t handle,
                           uint32_t index, struct vmbus_host_range *range)
{
    struct vmbus_host *h = channel->host;
    uint8_t irql = seam_lock(h->seam, &h->lock);
    struct host_gpadl *g = vmbus_host_gpadl_find(channel, handle);
    int status = -ENOENT;

    if (g && g->base && index < g->range_count) {
        *range = g->ranges[index];
        status = 0;
    }
    seam_unlock(h->seam, &h->lock, irql);
    return status;
}

/* The comparison is made so that offset + size cannot overflow. */
void *vmbus_host_gpadl_at(struct vmbus_host_channel *channel, uint32_t handle,
                          uint32_t offset, uint32_t size)
{
    struct vmbus_host *h = channel->host;
    uint8_t irql = seam_lock(h->seam, &h->lock);
    struct host_gpadl *g = vmbus_host_gpadl_find(channel, handle);
    uint8_t *at = NULL;

    if (g && g->base && offset <= g->ranges[0].size &&
        size <= g->ranges[0].size - offset)
        at = (uint8_t *)g->base + g->ranges[0].offset + offset;
    seam_unlock(h->seam, &h->lock, irql);
    return at;
}

/* Step 1: the frames must be exactly those that offset and size span. */
int vmbus_host_memory_map(struct vmbus_host_channel *channel, uint32_t offset,
                          uint32_t size, const uint64_t *pfns, uint32_t count,
                          struct vmbus_host_memory *memory)
{
    struct vmbus_host *h = channel->host;
    uint64_t end = (uint64_t)offset + size;
    void *base;

    if (offset >= SEAM_PAGE_SIZE || size == 0 ||
        count != (end + SEAM_PAGE_SIZE - 1) / SEAM_PAGE_SIZE)
        return -EINVAL;
    if (count > VMBUS_HOST_MEMORY_PAGES)
        return -E2BIG;
    /* Step 2: a packet of a channel that closed has no memory any more. */
    if (channel->state != HOST_OPEN)
        return -ENOTCONN;
    base = seam_map(h->seam, pfns, count, count);
    if (!base)
        return -EFAULT;
    channel->memory_maps++;
    *memory = (struct vmbus_host_memory){
        .data = (uint8_t *)base + offset,
        .size = size,
        .mapping = base,
        .page_count = count,
    };
    return 0;
}

/* The counter keeps the channel from closing under a mapping. */
void vmbus_host_memory_unmap(struct vmbus_host_channel *channel,
                             struct vmbus_host_memory *memory)
{
    struct vmbus_host *h = channel->host;

    SEAM_ASSERT(h->seam, memory->mapping && channel->memory_maps > 0,
                "only what is mapped is unmapped");
    seam_unmap(h->seam, memory->mapping, memory->page_count,
               memory->page_count);
    channel->memory_maps--;
    memory->mapping = NULL;
    memory->data = NULL;
}
