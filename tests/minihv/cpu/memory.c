/* SPDX-License-Identifier: BSD-2-Clause */
/* Decides which memory is the guest's, and places the overlay pages over it. */
#include "minihv.h"

static bool overlaps(struct range r, uint64_t base, uint64_t end)
{
    return base < r.end && r.base < end;
}

static bool is_minihv(uint64_t base, uint64_t end)
{
    return overlaps(hv.boot.self, base, end) ||
           overlaps(hv.boot.heap, base, end) ||
           overlaps(hv.boot.disk, base, end);
}

bool guest_owns(uint64_t gpa, uint64_t size)
{
    if (gpa + size < gpa || is_minihv(gpa, gpa + size))
        return false;
    for (uint32_t i = 0; i < hv.boot.ram_count; i++)
        if (gpa >= hv.boot.ram[i].base && gpa + size <= hv.boot.ram[i].end)
            return true;
    return false;
}

static bool enabled_at(uint64_t msr, uint64_t page)
{
    return (msr & 1) && (msr & ~(uint64_t)(PAGE_SIZE - 1)) == page;
}

bool overlay_covers(uint64_t gpa)
{
    uint64_t page = gpa & ~(uint64_t)(PAGE_SIZE - 1);

    if (enabled_at(hv.hypercall, page) || enabled_at(hv.reference_tsc, page))
        return true;
    for (uint32_t i = 0; i < hv.vp_count; i++)
        if (enabled_at(hv.vp[i].synic.simp, page) ||
            enabled_at(hv.vp[i].synic.siefp, page))
            return true;
    return false;
}

void *guest_pointer(uint64_t gpa, uint32_t size)
{
    if (gpa / PAGE_SIZE != (gpa + size - 1) / PAGE_SIZE)
        return NULL;
    if (overlay_covers(gpa) || !guest_owns(gpa, size))
        return NULL;
    return (void *)gpa;
}

/* The HPET is minihv's; the APIC's page and what is behind it send interrupts.
 */
static bool is_watched(uint64_t page)
{
    return page == HPET_ADDRESS ||
           (page >= APIC_ADDRESS && page < APIC_MESSAGES_END);
}

bool overlay_move(uint64_t old, uint64_t new, const void *page, uint32_t access)
{
    uint64_t was = old & ~(uint64_t)(PAGE_SIZE - 1);
    uint64_t is = new & ~(uint64_t)(PAGE_SIZE - 1);
    bool moves = !(old & 1) || was != is;

    if ((new & 1) && moves &&
        (overlay_covers(is) || is_minihv(is, is + PAGE_SIZE) || is_watched(is)))
        return false;
    if ((old & 1) && (!(new & 1) || moves))
        npt_map(was, was, NPT_WRITE);
    if (new & 1)
        npt_map(is, (uint64_t)page, access);
    return true;
}
