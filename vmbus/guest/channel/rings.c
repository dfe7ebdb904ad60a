/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pages of a channel's two rings: allocated together, mapped so that no
 * packet wraps where the platform can do that, and attached. [openvmm proto]
 *
 *   page of the GPADL
 *     0 | control page, guest to host     <- outgoing ring
 *     1 | data, `tx` pages
 *       | ...
 *  1+tx | control page, host to guest     <- incoming ring: downstream_page
 *  2+tx | data, `rx` pages
 *       | ...
 *
 * Each ring is mapped with its data pages twice in a row:
 *
 *   | control | data 1 .. n | data 1 .. n again |
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/wire/memory.h"

/* Where one ring lies: doubly mapped, or as it was allocated if the platform
 * cannot map it so. */
static struct ring_area area_of(void **mapping, struct seam *s, uint8_t *pages,
                                const uint64_t *pfns, uint32_t n)
{
    uint8_t *base;
    struct ring_area area = {0};

    *mapping = seam_map(s, pfns, n, 1);
    base = *mapping ? *mapping : pages;
    area.control = (struct ring_control *)base;
    area.data = base + SEAM_PAGE_SIZE;
    area.size = (n - 1) * SEAM_PAGE_SIZE;
    area.twice = *mapping != NULL;
    return area;
}

static int attach(struct channel_rings *r, struct seam *s)
{
    uint8_t *rx_pages = (uint8_t *)r->pages + r->tx_count * SEAM_PAGE_SIZE;
    uint32_t rx_count = r->count - r->tx_count;
    struct ring_area tx, rx;
    int status;

    tx = area_of(&r->tx_mapping, s, r->pages, r->pfns, r->tx_count);
    rx = area_of(&r->rx_mapping, s, rx_pages, &r->pfns[r->tx_count], rx_count);
    /* Both control pages are zero before the host gets them: seam_pages_alloc()
     * gives no others. */
    status = ring_writer_attach(&r->tx, &tx);
    return status ? status : ring_reader_attach(&r->rx, &rx);
}

int vmbus_rings_alloc(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct seam *s = c->bus->seam;
    struct channel_rings *r = &c->rings;
    int status;

    memset(r, 0, sizeof(*r));
    r->tx_count = o->tx_pages + 1;
    r->count = r->tx_count + o->rx_pages + 1;
    r->pfns = seam_alloc(s, r->count * sizeof(uint64_t));
    if (!r->pfns)
        return -ENOMEM;
    r->pages = seam_pages_alloc(s, r->count, r->pfns);
    if (!r->pages) {
        seam_free(s, r->pfns, r->count * sizeof(uint64_t));
        return -ENOMEM;
    }
    status = attach(r, s);
    SEAM_ASSERT(s, status == 0, "fresh rings are sound");
    return 0;
}

void vmbus_rings_free(struct vmbus_channel *c, bool leak)
{
    struct seam *s = c->bus->seam;
    struct channel_rings *r = &c->rings;

    if (r->rx_mapping)
        seam_unmap(s, r->rx_mapping, r->count - r->tx_count, 1);
    if (r->tx_mapping)
        seam_unmap(s, r->tx_mapping, r->tx_count, 1);
    /* Leaked on purpose: the host may still write them. */
    if (!leak)
        seam_pages_free(s, r->pages, r->count);
    seam_free(s, r->pfns, r->count * sizeof(uint64_t));
    memset(r, 0, sizeof(*r));
}
