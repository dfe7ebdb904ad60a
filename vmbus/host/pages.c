/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of the guest's memory that belong to the connection: the monitor page
 * that is read for signals, and before 2.4 the interrupt page.
 */
#include "vmbus/host/private.h"

/* One page, mapped once. */
static void *map_page(struct vmbus_host *h, uint64_t gpa)
{
    const uint64_t pfn = gpa / SEAM_PAGE_SIZE;

    return seam_map(h->seam, &pfn, 1, 1);
}

static void unmap_page(struct vmbus_host *h, void *page)
{
    if (page)
        seam_unmap(h->seam, page, 1, 1);
}

/* Puts a new monitor page in place; event paths on other processors see the
 * old one or the new one, and the old one is unmapped when none uses it. */
static void swap_monitor(struct vmbus_host *h, struct wire_monitor_page *page)
{
    uint8_t irql = seam_lock(h->seam, &h->lock);
    struct wire_monitor_page *old = h->monitor_page;

    h->monitor_page = page;
    seam_unlock(h->seam, &h->lock, irql);
    unmap_page(h, old);
}

/* As above, for the interrupt page. */
static void swap_interrupt(struct vmbus_host *h,
                           struct wire_interrupt_page *page)
{
    uint8_t irql = seam_lock(h->seam, &h->lock);
    struct wire_interrupt_page *old = h->interrupt_page;

    h->interrupt_page = page;
    seam_unlock(h->seam, &h->lock, irql);
    unmap_page(h, old);
}

/* Two pages or none, each whole. */
int vmbus_host_monitor_map(struct vmbus_host *h, const uint64_t gpa[2])
{
    void *page = NULL;

    if ((gpa[0] == 0) != (gpa[1] == 0) ||
        (gpa[0] | gpa[1]) % SEAM_PAGE_SIZE != 0)
        return -EINVAL;
    /* Of the two only child-to-parent is read; nothing is written to the
     * other one, so it needs no mapping. [openvmm server] */
    if (gpa[1] != 0) {
        page = map_page(h, gpa[1]);
        if (!page)
            return -EFAULT;
    }
    swap_monitor(h, page);
    h->monitor_gpa[0] = gpa[0];
    h->monitor_gpa[1] = gpa[1];
    return 0;
}

/* There must be one, and it is whole. */
int vmbus_host_interrupt_map(struct vmbus_host *h, uint64_t gpa)
{
    void *page;

    if (gpa == 0 || gpa % SEAM_PAGE_SIZE != 0)
        return -EINVAL;
    page = map_page(h, gpa);
    if (!page)
        return -EFAULT;
    swap_interrupt(h, page);
    h->interrupt_gpa = gpa;
    return 0;
}

/* Before the guest may use its memory for something else. */
void vmbus_host_pages_unmap(struct vmbus_host *h)
{
    swap_monitor(h, NULL);
    swap_interrupt(h, NULL);
    h->monitor_gpa[0] = 0;
    h->monitor_gpa[1] = 0;
    h->interrupt_gpa = 0;
}
