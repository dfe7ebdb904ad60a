/* SPDX-License-Identifier: BSD-2-Clause */
/* GUEST_OS_ID and the hypercall page: see hv.h. [TLFS] 2.6, 3.13 */
#include "hv/hv.h"

#include <errno.h>

#include "hv/call.h"
#include "arch/console/log.h"
#include "hv/msr.h"
#include "arch/memory/pages.h"
#include "hv/percpu.h"
#include "version/number.h"

/*
 * Open-source encoding: bit 63, OS type in 62:56. 0x56 is nobody's; claiming
 * another system's type would bring its work-arounds upon us. The version
 * field (47:16) holds the major number and the build field (15:0) the minor
 * number and the patch, so 0.2.0 reads as 0x...000200. [TLFS] 2.6
 */
#define GUEST_OS_ID \
    (UINT64_C(1) << 63 | UINT64_C(0x56) << 56 | VMBARE_VERSION_NUMBER)

struct hv_cpu hv_cpus[CPUS_MAX];

void *hv_call_page;

/*
 * The page is an overlay: the hypervisor's code hides what lies behind. It is
 * mapped executable and not writable, as a write would fault.
 */
static int enable_page(void)
{
    uint64_t msr = msr_read(HV_MSR_HYPERCALL), address;
    void *page = pages_alloc(1, NULL);

    if (!page)
        return -ENOMEM;
    if (msr & HV_LOCKED) {
        log_printf(LOG_ERROR,
                   "hv: the hypercall page is locked by somebody "
                   "before us (MSR 0x%lx); reset the VM",
                   (unsigned long)msr);
        pages_free(page, 1);
        return -EIO;
    }
    address = pages_frame(page) * PAGE_SIZE;
    msr_write(HV_MSR_HYPERCALL, (msr & ~HV_PAGE_BITS) | address | HV_ENABLE);
    if (!(msr_read(HV_MSR_HYPERCALL) & HV_ENABLE)) {
        log_printf(LOG_ERROR, "hv: the hypercall page does not stay enabled");
        pages_free(page, 1);
        return -EIO;
    }
    pages_protect(page, PAGING_EXECUTE);
    hv_call_page = page;
    return 0;
}

int hv_partition_setup(const struct hv_info *info, bool *left_over)
{
    (void)info;
    *left_over = msr_read(HV_MSR_GUEST_OS_ID) != 0;
    msr_write(HV_MSR_GUEST_OS_ID, GUEST_OS_ID);
    return enable_page();
}

void hv_partition_end(void)
{
    if (!hv_call_page)
        return;
    msr_write(HV_MSR_HYPERCALL,
              msr_read(HV_MSR_HYPERCALL) & ~(HV_PAGE_BITS | HV_ENABLE));
    msr_write(HV_MSR_GUEST_OS_ID, 0);
    /* The page itself stays: nobody may run into reused memory there. */
    hv_call_page = NULL;
}
