/* SPDX-License-Identifier: BSD-2-Clause */
/* Telling the host of a crash, and asking it for a reset. B.8, B.9 [TLFS] */
#include "hv/hv.h"

#include <string.h>

#include "arch/crash/crash.h"
#include "hv/msr.h"
#include "arch/memory/pages.h"
#include "arch/acpi/power.h"

/*
 * The host reads the text by its physical address, at most one page, so it
 * lies in a page of its own; what is longer is cut at the end, as the reason
 * and the registers come first.
 */
static uint8_t text[PAGE_SIZE] __attribute__((aligned(4096)));

/* "VMB" and the vector, 0xff for what is no fault: never 0, and told apart
 * from other systems' reports. */
#define REASON     UINT64_C(0x564d4200)
#define REASON_OWN 0xffu

/* P0 reason, P1 instruction, P2 faulting address (or stack), P3 and P4 the
 * text. */
static void report(const struct crash_info *info, const char *message,
                   size_t length)
{
    const struct cpu_frame *f = info->frame;
    uint64_t p[5] = {
        REASON | (f ? f->vector & 0xff : REASON_OWN),
        f ? f->rip : info->rbp,
        info->has_address ? info->address : (f ? f->rsp : 0),
        pages_frame(text) * PAGE_SIZE,
        length < sizeof(text) ? length : sizeof(text),
    };

    memcpy(text, message, p[4]);
    for (unsigned i = 0; i < 5; i++)
        msr_write(HV_MSR_CRASH_P0 + i, p[i]);
    /* Once, and last: this is what makes the host look. */
    msr_write(HV_MSR_CRASH_CTL, HV_CRASH_NOTIFY | HV_CRASH_MESSAGE);
}

static void reset(void)
{
    msr_write(HV_MSR_RESET, 1);
}

void hv_crash_setup(const struct hv_info *info)
{
    if (info->features & HV_FEATURE_CRASH)
        crash_set_reporter(report);
    if (info->access & HV_ACCESS_RESET)
        power_set_hypervisor_reset(reset);
}
