/* SPDX-License-Identifier: BSD-2-Clause */
/* Which synthetic MSRs may be read, for the report. [TLFS] */
#include "hv/hv.h"

#include "hv/msr.h"

/* Reading an MSR whose privilege is missing faults, so each has its condition.
 */
static const struct {
    uint32_t number;
    uint32_t access;  /* all of these bits of EAX */
    uint32_t feature; /* and of EDX */
    const char *name;
} msrs[] = {
    {HV_MSR_GUEST_OS_ID, HV_ACCESS_HYPERCALL, 0, "GUEST_OS_ID"},
    {HV_MSR_HYPERCALL, HV_ACCESS_HYPERCALL, 0, "HYPERCALL"},
    {HV_MSR_VP_INDEX, HV_ACCESS_VP_INDEX, 0, "VP_INDEX"},
    {HV_MSR_TIME_REF_COUNT, HV_ACCESS_REFERENCE_COUNTER, 0, "TIME_REF_COUNT"},
    {HV_MSR_REFERENCE_TSC, HV_ACCESS_REFERENCE_TSC, 0, "REFERENCE_TSC"},
    {HV_MSR_TSC_FREQUENCY, HV_ACCESS_FREQUENCIES, HV_FEATURE_FREQUENCIES,
     "TSC_FREQUENCY"},
    {HV_MSR_APIC_FREQUENCY, HV_ACCESS_FREQUENCIES, HV_FEATURE_FREQUENCIES,
     "APIC_FREQUENCY"},
    {HV_MSR_SCONTROL, HV_ACCESS_SYNIC, 0, "SCONTROL"},
    {HV_MSR_SVERSION, HV_ACCESS_SYNIC, 0, "SVERSION"},
    {HV_MSR_SIEFP, HV_ACCESS_SYNIC, 0, "SIEFP"},
    {HV_MSR_SIMP, HV_ACCESS_SYNIC, 0, "SIMP"},
    {HV_MSR_SINT0 + HV_SINT_VMBUS, HV_ACCESS_SYNIC, 0, "SINT2"},
    {HV_MSR_STIMER0_CONFIG, HV_ACCESS_STIMER, 0, "STIMER0_CONFIG"},
    {HV_MSR_CRASH_CTL, 0, HV_FEATURE_CRASH, "CRASH_CTL"},
};

/* Entries whose condition is not met are not counted. */
bool hv_readable_msr(const struct hv_info *info, unsigned index,
                     uint32_t *number, const char **name, uint64_t *value)
{
    for (unsigned i = 0; i < sizeof(msrs) / sizeof(*msrs); i++) {
        if ((info->access & msrs[i].access) != msrs[i].access ||
            (info->features & msrs[i].feature) != msrs[i].feature)
            continue;
        if (index-- > 0)
            continue;
        *number = msrs[i].number;
        *name = msrs[i].name;
        *value = msr_read(msrs[i].number);
        return true;
    }
    return false;
}
