/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nested page tables. The guest's physical memory is the machine's, with three
 * exceptions: an overlay page covers its place, minihv's own memory is
 * unmapped, and the HPET belongs to minihv (the guest finds a page of ones
 * there).
 */
#include "minihv.h"

enum {
    /* Overlays and hidden memory split pages in the tables of each processor.
     */
    POOL = 32 + 16 * VP_MAX,
    LARGE = 0x80,
    SHIFT_G = 30,
    SHIFT_M = 21,
    SHIFT_K = 12,
};
#define ADDRESS_MASK UINT64_C(0x000FFFFFFFFFF000)

/* One set per processor, because the APIC's page is watched for each alone. */
static uint64_t root[VP_MAX][512] __attribute__((aligned(PAGE_SIZE)));
static uint64_t giants[VP_MAX][512] __attribute__((aligned(PAGE_SIZE)));
static uint64_t pool[POOL][512] __attribute__((aligned(PAGE_SIZE)));
static uint32_t pool_used;
static struct spinlock lock; /* each processor maps for all of them */

void npt_prepare(void)
{
    for (int vp = 0; vp < VP_MAX; vp++) {
        for (uint64_t i = 0; i < 512; i++)
            giants[vp][i] = i << SHIFT_G | NPT_WRITE | LARGE;
        root[vp][0] = (uint64_t)giants[vp] | NPT_WRITE;
    }
}

uint64_t npt_root(const struct vp *vp)
{
    return (uint64_t)root[vp->index];
}

/* Returns the table below `*entry`. A large page is first replaced by smaller
 * pages of 1 << shift bytes. */
static uint64_t *split(uint64_t *entry, unsigned shift)
{
    uint64_t *table, large = *entry & LARGE, base = *entry & ADDRESS_MASK;

    if ((*entry & NPT_WRITE) && !large)
        return (uint64_t *)base;
    if (pool_used == POOL)
        minihv_failed("no table left for nested paging (%d in use)", POOL);
    table = pool[pool_used++];
    for (uint64_t i = 0; i < 512; i++)
        table[i] = !*entry ? 0
                           : (base + (i << shift)) | NPT_WRITE |
                                 (shift == SHIFT_M ? LARGE : 0);
    *entry = (uint64_t)table | NPT_WRITE;
    return table;
}

static uint64_t *leaf_2m(uint32_t vp, uint64_t gpa)
{
    uint64_t *pd = split(&giants[vp][gpa >> SHIFT_G & 511], SHIFT_M);

    return &pd[gpa >> SHIFT_M & 511];
}

void npt_map_for(const struct vp *vp, uint64_t gpa, uint64_t page,
                 uint32_t access)
{
    uint64_t entry = access ? page | access : 0, *pt;

    if (gpa >= GPA_END)
        return; /* there is nothing, and never will be */
    spin_lock(&lock);
    pt = split(leaf_2m(vp->index, gpa), SHIFT_K);
    if (pt[gpa >> SHIFT_K & 511] != entry) {
        pt[gpa >> SHIFT_K & 511] = entry;
        hv.npt_generation++; /* each processor flushes at its next entry */
    }
    spin_unlock(&lock);
}

void npt_map(uint64_t gpa, uint64_t page, uint32_t access)
{
    for (uint32_t i = 0; i < hv.vp_count; i++)
        npt_map_for(&hv.vp[i], gpa, page, access);
}

static void hide_2m(uint64_t gpa)
{
    for (uint32_t i = 0; i < hv.vp_count; i++)
        *leaf_2m(i, gpa) = 0;
}

static bool is_whole(uint32_t vp, uint64_t gpa)
{
    uint64_t entry = *leaf_2m(vp, gpa);

    return !entry || entry & LARGE;
}

bool npt_take_block(uint64_t gpa, bool take)
{
    bool whole = gpa < GPA_END;

    spin_lock(&lock);
    for (uint32_t i = 0; i < hv.vp_count; i++)
        whole = whole && is_whole(i, gpa);
    for (uint32_t i = 0; whole && i < hv.vp_count; i++)
        *leaf_2m(i, gpa) = take ? 0 : gpa | NPT_WRITE | LARGE;
    hv.npt_generation++;
    spin_unlock(&lock);
    return whole;
}

void npt_hide(struct range r)
{
    const uint64_t size = 1u << SHIFT_M;
    uint64_t gpa = r.base & ~(uint64_t)(PAGE_SIZE - 1);

    while (gpa < r.end) {
        if (!(gpa & (size - 1)) && r.end - gpa >= size) {
            hide_2m(gpa);
            gpa += size;
        } else {
            npt_map(gpa, 0, NPT_NONE);
            gpa += PAGE_SIZE;
        }
    }
}
