/* SPDX-License-Identifier: BSD-2-Clause */
/* The VP assist page, of which only the EOI hint is used. [TLFS] 7.8.7, 10.3.5;
 * wire reference B.9. */
#include "hv/hv.h"

#include <errno.h>

#include "arch/memory/pages.h"
#include "hv/msr.h"

/* Where the APIC is virtualised in hardware an EOI costs no exit. The
 * hypervisor then does not recommend its registers for it. */
bool hv_assist_offered(const struct hv_info *info)
{
    return (info->access & HV_ACCESS_INTR_CTRL) &&
           (info->recommend & HV_RECOMMEND_APIC_MSRS);
}

int hv_assist_enable(void)
{
    uint32_t *hint = pages_alloc(1, NULL);

    if (!hint)
        return -ENOMEM;
    /* Enable the page; what lies in it then is the hypervisor's. */
    msr_write(HV_MSR_VP_ASSIST, (msr_read(HV_MSR_VP_ASSIST) & ~HV_PAGE_BITS) |
                                    pages_frame(hint) * PAGE_SIZE | HV_ENABLE);
    /* No interrupt is in service, so no hint is true. */
    *hint = 0;
    this_cpu()->no_eoi = hint;
    return 0;
}

/* The page stays allocated, like those of the SynIC. */
void hv_assist_disable(void)
{
    uint64_t flags = interrupts_off();

    if (this_cpu()->no_eoi) {
        this_cpu()->no_eoi = NULL;
        msr_write(HV_MSR_VP_ASSIST,
                  msr_read(HV_MSR_VP_ASSIST) & ~(HV_PAGE_BITS | HV_ENABLE));
    }
    interrupts_restore(flags);
}
