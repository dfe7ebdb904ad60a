/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reference time is the guest's TSC, scaled. The reference TSC page holds the
 * same scale and offset, so page and MSR agree to the tick. The TSC is
 * calibrated against the HPET once, when minihv starts.
 */
#include "minihv.h"

static struct hv_reference_page *page;
static uint8_t page_memory[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)a * b >> 64);
}

uint64_t clock_guest_tsc(void)
{
    return tsc_read() + hv.vp[0].vmcb->tsc_offset;
}

uint64_t clock_now(void)
{
    return multiply_high(clock_guest_tsc(), hv.scale) - hv.time_start;
}

struct moment {
    uint64_t hpet, tsc;
};

/* Reads both clocks at nearly the same time. The build machine may stop this
 * virtual one for milliseconds between two instructions, so the narrowest of
 * several attempts counts. */
static struct moment both_clocks(void)
{
    enum { ATTEMPTS = 20 };
    struct moment best = {0, 0};
    uint64_t narrowest = UINT64_MAX;

    for (int i = 0; i < ATTEMPTS; i++) {
        uint64_t before = tsc_read(), ticks = hpet_read(),
                 width = tsc_read() - before;

        if (width >= narrowest)
            continue;
        narrowest = width;
        best = (struct moment){ticks, before + width / 2};
    }
    return best;
}

static uint64_t measure_frequency(void)
{
    enum { TICKS = 2000000, TICKS_PER_S = 100000000 }; /* 20 ms of 10 ns */
    struct moment begin = both_clocks(), end;

    do
        end = both_clocks();
    while (end.hpet - begin.hpet < TICKS);
    return (end.tsc - begin.tsc) * TICKS_PER_S / (end.hpet - begin.hpet);
}

void clock_prepare(void)
{
    unsigned __int128 scale = (unsigned __int128)10000000 << 64;

    hv.tsc_frequency = measure_frequency();
    hv.scale = (uint64_t)(scale / hv.tsc_frequency);
    hv.time_start = 0;
    hv.time_start = clock_now();
    page = (struct hv_reference_page *)page_memory;
    page->sequence = 1;
    page->scale = hv.scale;
    page->offset = -(int64_t)hv.time_start;
}

bool clock_page_write(uint64_t value)
{
    if (!overlay_move(hv.reference_tsc, value, page, NPT_READ))
        return false;
    hv.reference_tsc = value;
    return true;
}

void clock_sleep(uint64_t hundred_ns)
{
    uint64_t end = clock_now() + hundred_ns;

    while (clock_now() < end)
        cpu_relax();
}
