/* SPDX-License-Identifier: BSD-2-Clause */
/* Reference time: the TSC page, else the counter MSR. [TLFS] 12; wire reference
 * B.6. */
#include "hv/hv.h"

#include <stddef.h>

#include "arch/time/clock.h"
#include "hv/msr.h"
#include "arch/memory/pages.h"

/* The reference TSC page, written by the hypervisor. [TLFS] 12.7 */
struct reference_tsc {
    volatile uint32_t sequence; /* 0: not valid, use the counter */
    uint32_t reserved;
    volatile uint64_t scale; /* 64 fractional bits */
    volatile int64_t offset; /* 100 ns */
};
_Static_assert(offsetof(struct reference_tsc, offset) == 16, "TSC page");

/* Older hosts marked an invalid page by this number instead of 0. */
#define SEQUENCE_OLD_INVALID UINT32_MAX

static struct reference_tsc *page;
static bool counter;
static const char *name = "none";

/* The counter has units of 100 ns since the partition was made, which is our
 * clock's unit. Reading it leaves the guest. */
static uint64_t read_counter(void)
{
    return msr_read(HV_MSR_TIME_REF_COUNT);
}

/*
 * Scale and offset belong together only if the sequence is the same before and
 * after; it changes when the machine migrates. x86 does not reorder loads with
 * each other, and the compiler keeps the order of volatile accesses.
 */
static uint64_t read_page(void)
{
    for (;;) {
        /* Read the sequence first. */
        uint32_t sequence = page->sequence;
        uint64_t scale, tsc;
        int64_t offset;

        /* Take the counter when the page is marked invalid: it is, on a host
         * that cannot scale the TSC. */
        if (sequence == 0 || sequence == SEQUENCE_OLD_INVALID)
            return read_counter();
        /* Read scale and offset, then the TSC. The LFENCE in tsc_read() keeps
         * RDTSC after these loads. */
        scale = page->scale;
        offset = page->offset;
        tsc = tsc_read();
        /* Use them only if the sequence has not changed: time = (TSC * scale >>
         * 64) + offset. [TLFS] 12.7 */
        if (page->sequence == sequence)
            return (uint64_t)((unsigned __int128)tsc * scale >> 64) +
                   (uint64_t)offset;
    }
}

const char *hv_clock_name(void)
{
    return name;
}

/* Lay the page over memory of our own: write its frame with the enable bit, and
 * keep the reserved bits. The page stays allocated for ever. */
static bool enable_page(void)
{
    page = pages_alloc(1, NULL);
    if (!page)
        return false;
    msr_write(HV_MSR_REFERENCE_TSC,
              (msr_read(HV_MSR_REFERENCE_TSC) & ~HV_PAGE_BITS) |
                  pages_frame(page) * PAGE_SIZE | HV_ENABLE);
    return true;
}

/* Use the page only where the counter can stand in for it while it is invalid.
 */
bool hv_clock_setup(const struct hv_info *info)
{
    counter = (info->access & HV_ACCESS_REFERENCE_COUNTER) != 0;
    if (!counter)
        return false;
    if ((info->access & HV_ACCESS_REFERENCE_TSC) && enable_page()) {
        name = "reference TSC page";
        clock_register(read_page);
    } else {
        name = "reference counter MSR";
        clock_register(read_counter);
    }
    return true;
}

/* Switch to the counter before the page goes away. */
void hv_clock_end(void)
{
    if (!page)
        return;
    clock_register(read_counter);
    msr_write(HV_MSR_REFERENCE_TSC,
              msr_read(HV_MSR_REFERENCE_TSC) & ~(HV_PAGE_BITS | HV_ENABLE));
}

/* Ask for the MSR only where both the privilege and the feature are there:
 * otherwise reading it faults. [TLFS] 12 */
static uint64_t frequency(const struct hv_info *info, uint32_t msr)
{
    if (!(info->access & HV_ACCESS_FREQUENCIES) ||
        !(info->features & HV_FEATURE_FREQUENCIES))
        return 0;
    return msr_read(msr);
}

uint64_t hv_tsc_frequency(const struct hv_info *info)
{
    return frequency(info, HV_MSR_TSC_FREQUENCY);
}

uint64_t hv_apic_frequency(const struct hv_info *info)
{
    return frequency(info, HV_MSR_APIC_FREQUENCY);
}
