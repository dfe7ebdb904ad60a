/*
 * Reference time: the guest's TSC, scaled. The same scale and offset go to
 * the reference TSC page, so page and MSR agree to the tick. The TSC is
 * calibrated against the HPET once, as minihv starts.
 */
#include "minihv.h"

static struct hv_reference_page *page;
static uint8_t page_memory[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    return (uint64_t)((unsigned __int128)a * b >> 64);
}

static uint64_t guest_tsc(void)
{
    return tsc_read() + hv.vp[0].vmcb->tsc_offset;
}

uint64_t clock_now(void)
{
    return multiply_high(guest_tsc(), hv.scale) - hv.time_start;
}

static uint64_t measure_frequency(void)
{
    enum { TICKS = 2000000, TICKS_PER_S = 100000000 }; /* 20 ms of 10 ns */
    uint64_t begin = hpet_read(), tsc = tsc_read(), now;

    do
        now = hpet_read();
    while (now - begin < TICKS);
    return (tsc_read() - tsc) * TICKS_PER_S / (now - begin);
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
