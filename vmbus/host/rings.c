/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A channel's two rings in the guest's memory: which GPADL can hold them, and
 * their mapping.
 *
 *     page 0 .. down-1        guest to host: control page, data
 *     page down .. last       host to guest: control page, data
 */
#include "vmbus/host/private.h"

/* One GPADL of one range holds both rings. */
struct host_gpadl *vmbus_host_rings_check(const struct vmbus_host_channel *ch,
                                          uint32_t handle,
                                          uint32_t downstream_page)
{
    struct host_gpadl *g = vmbus_host_gpadl_find(ch, handle);
    const struct vmbus_host_range *r;

    if (!g || g->state == HOST_GPADL_COLLECTING || g->range_count != 1)
        return NULL;
    r = &g->ranges[0];
    /* As many bytes as the pages have: then it also starts at a page's
     * beginning. Two pages each at least: control and data. */
    if (r->size != g->page_count * SEAM_PAGE_SIZE || downstream_page < 2 ||
        downstream_page >= g->page_count || g->page_count - downstream_page < 2)
        return NULL;
    return g;
}

/*
 * Maps one ring. Twice in a row, so that no packet wraps; once where the
 * platform cannot do that.
 */
static bool map(struct vmbus_host *h, const uint64_t *pfns, uint32_t pages,
                struct host_mapping *m)
{
    m->pages = pages;
    m->twice_from = 1;
    m->base = seam_map(h->seam, pfns, pages, 1);
    if (!m->base) {
        m->twice_from = pages;
        m->base = seam_map(h->seam, pfns, pages, pages);
    }
    return m->base != NULL;
}

/* Does nothing for a ring that is not mapped. */
static void unmap(struct vmbus_host *h, struct host_mapping *m)
{
    if (m->base)
        seam_unmap(h->seam, m->base, m->pages, m->twice_from);
    m->base = NULL;
}

/* Both rings or none, in the order in which unmapping reverses them. */
int vmbus_host_rings_map(struct vmbus_host_channel *ch,
                         const struct host_gpadl *g)
{
    struct vmbus_host *h = ch->host;
    uint32_t down = ch->downstream_page;

    if (!map(h, g->buffer, down, &ch->in))
        goto failed;
    if (!map(h, g->buffer + down, g->page_count - down, &ch->out))
        goto unmap_in;
    return 0;

unmap_in:
    unmap(h, &ch->in);
failed:
    host_log(h, HOST_LINE_RINGS, SEAM_LOG_ERROR,
             "vmbus host: %u ring pages of channel %u cannot be mapped",
             g->page_count, ch->relid);
    return -EFAULT;
}

void vmbus_host_rings_unmap(struct vmbus_host_channel *ch)
{
    unmap(ch->host, &ch->out);
    unmap(ch->host, &ch->in);
}

/* The control page comes first, the data after it. */
static struct ring_area area(const struct host_mapping *m)
{
    return (struct ring_area){
        .control = m->base,
        .data = (uint8_t *)m->base + SEAM_PAGE_SIZE,
        .size = (m->pages - 1) * SEAM_PAGE_SIZE,
        .twice = m->twice_from == 1,
    };
}

void vmbus_host_rings_areas(const struct vmbus_host_channel *ch,
                            struct vmbus_host_open *open)
{
    open->in = area(&ch->in);
    open->out = area(&ch->out);
}
