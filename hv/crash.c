/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports a crash to the host, and asks it for a reset. [TLFS]; wire reference
 * B.8, B.9. */
#include "hv/hv.h"

#include <string.h>

#include "arch/crash/crash.h"
#include "hv/msr.h"
#include "arch/memory/pages.h"
#include "arch/acpi/power.h"

/*
 * The host reads the text by its physical address, and at most one page of it,
 * so it lies in a page of its own. What is longer is cut at the end: the reason
 * and the registers come first.
 */
static uint8_t text[PAGE_SIZE] __attribute__((aligned(4096)));

/* "VMB" and the vector; 0xff for what is no fault. It is never 0, and differs
 * from the reports of other systems. */
#define REASON     UINT64_C(0x564d4200)
#define REASON_OWN 0xffu

/* Fills P0 with the reason, P1 with the instruction, P2 with the faulting
 * address (or the stack), P3 and P4 with address and size of the text. */
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
    /* Write all parameters first. */
    for (unsigned i = 0; i < 5; i++)
        msr_write(HV_MSR_CRASH_P0 + i, p[i]);
    /* Write the control register last, and once: this makes the host look. Bit
     * 62 says that P3 and P4 describe a text; a host that knows no texts does
     * not show the bit when the register is read. */
    msr_write(HV_MSR_CRASH_CTL, HV_CRASH_NOTIFY | (msr_read(HV_MSR_CRASH_CTL) &
                                                   HV_CRASH_MESSAGE));
}

/* Does not return where the host honours it. */
static void reset(void)
{
    msr_write(HV_MSR_RESET, 1);
}

/* Register only what the hypervisor offers: writing an MSR that is not there
 * faults. */
void hv_crash_setup(const struct hv_info *info)
{
    if (info->features & HV_FEATURE_CRASH)
        crash_set_reporter(report);
    if (info->access & HV_ACCESS_RESET)
        power_set_hypervisor_reset(reset);
}
