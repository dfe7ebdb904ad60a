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

/* Indexed by our processor index, not by the hypervisor's. */
struct hv_cpu hv_cpus[CPUS_MAX];

void *hv_call_page;

/* The page is an overlay: the hypervisor's code hides the memory behind it. It
 * is mapped executable and not writable, because a write to it would fault. */
static int enable_page(void)
{
    uint64_t msr = msr_read(HV_MSR_HYPERCALL), address;
    void *page = pages_alloc(1, NULL);

    if (!page)
        return -ENOMEM;
    /* Check the lock bit: a locked page cannot be moved, and its address
     * belongs to somebody before us. */
    if (msr & HV_LOCKED) {
        log_printf(LOG_ERROR,
                   "hv: earlier software has locked the hypercall page "
                   "(MSR 0x%lx); reset the VM",
                   (unsigned long)msr);
        pages_free(page, 1);
        return -EIO;
    }
    /* Write the frame with the enable bit, and keep the reserved bits. */
    address = pages_frame(page) * PAGE_SIZE;
    msr_write(HV_MSR_HYPERCALL, (msr & ~HV_PAGE_BITS) | address | HV_ENABLE);
    /* Read it back: the bit stays clear while GUEST_OS_ID is 0. [TLFS] 3.13 */
    if (!(msr_read(HV_MSR_HYPERCALL) & HV_ENABLE)) {
        log_printf(LOG_ERROR, "hv: the hypercall page does not stay enabled");
        pages_free(page, 1);
        return -EIO;
    }
    pages_protect(page, PAGING_EXECUTE);
    hv_call_page = page;
    return 0;
}

/* Set GUEST_OS_ID before the hypercall page: without an id the page is not
 * enabled. Look first whether somebody before us has set one. */
int hv_partition_setup(const struct hv_info *info, bool *left_over)
{
    (void)info;
    *left_over = msr_read(HV_MSR_GUEST_OS_ID) != 0;
    msr_write(HV_MSR_GUEST_OS_ID, GUEST_OS_ID);
    return enable_page();
}

/* In reverse order. Clearing the id alone would also disable the page, but
 * leaves its frame in the MSR. */
void hv_partition_end(void)
{
    if (!hv_call_page)
        return;
    msr_write(HV_MSR_HYPERCALL,
              msr_read(HV_MSR_HYPERCALL) & ~(HV_PAGE_BITS | HV_ENABLE));
    msr_write(HV_MSR_GUEST_OS_ID, 0);
    /* The memory stays allocated: no processor may run into reused memory
     * there. */
    hv_call_page = NULL;
}
