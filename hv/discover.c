/* SPDX-License-Identifier: BSD-2-Clause */
/* What CPUID says about the hypervisor: see hv.h. [TLFS] 2.4 */
#include "hv/hv.h"

#include <errno.h>
#include <string.h>

#include "arch/console/format.h"

#define LEAF_VENDOR     0x40000000u
#define LEAF_INTERFACE  0x40000001u
#define LEAF_PRIVILEGES 0x40000003u
#define LEAF_RECOMMEND  0x40000004u
#define LEAF_LAST       0x4000000cu
#define LEAF_ISOLATION  0x4000000cu
#define LEAF_VS_FIRST   0x40000080u
#define LEAF_VS_LAST    0x40000082u
#define LEAF_MIN        0x40000005u
#define LEAF_LIMIT      0x4000ffffu
#define INTERFACE_HV1   0x31237648u /* "Hv#1" */

/* Everything that hv/ looks at: in which word its bit is, whether vmbare can do
 * without it, and what to say when it is missing. */
static const struct {
    uint32_t bit;
    enum { LOW, HIGH, FEATURE } word;
    bool needed;
    const char *name;
    const char *without; /* what happens without it */
} privileges[] = {
    {HV_ACCESS_HYPERCALL, LOW, true, "AccessHypercallMsrs",
     "this hypervisor offers no hypercalls"},
    {HV_ACCESS_SYNIC, LOW, true, "AccessSynicRegs",
     "this hypervisor offers no SynIC"},
    {HV_POST_MESSAGES, HIGH, false, "PostMessages",
     "PostMessages is not advertised; trying all the same"},
    {HV_SIGNAL_EVENTS, HIGH, false, "SignalEvents",
     "SignalEvents is not advertised; trying all the same"},
    {HV_ACCESS_VP_INDEX, LOW, false, "AccessVpIndex",
     "AccessVpIndex is not granted: using one processor"},
    {HV_ACCESS_REFERENCE_COUNTER, LOW, false, "AccessPartitionReferenceCounter",
     NULL},
    {HV_ACCESS_REFERENCE_TSC, LOW, false, "AccessPartitionReferenceTsc", NULL},
    {HV_ACCESS_STIMER, LOW, false, "AccessSyntheticTimerRegs", NULL},
    {HV_ACCESS_INTR_CTRL, LOW, false, "AccessIntrCtrlRegs", NULL},
    {HV_ACCESS_FREQUENCIES, LOW, false, "AccessFrequencyRegs", NULL},
    {HV_ACCESS_RESET, LOW, false, "AccessResetReg", NULL},
    {HV_ACCESS_GUEST_IDLE, LOW, false, "AccessGuestIdleReg", NULL},
    {HV_START_PROCESSOR, HIGH, false, "StartVirtualProcessor", NULL},
    {HV_FEATURE_STIMER_DIRECT, FEATURE, false, "direct synthetic timers", NULL},
    {HV_FEATURE_XMM_INPUT, FEATURE, false, "XMM hypercall input", NULL},
    {HV_FEATURE_CRASH, FEATURE, false, "crash MSRs", NULL},
};

#define PRIVILEGES (sizeof(privileges) / sizeof(*privileges))

/* Kept raw: the report prints it. */
static void take_leaf(struct hv_info *info, uint32_t number)
{
    info->leaf[info->leaves].number = number;
    info->leaf[info->leaves++].value = cpuid(number, 0);
}

/* A leaf that was not taken reads as zero: nothing is offered. */
static const struct cpuid_result *leaf(const struct hv_info *info,
                                       uint32_t number)
{
    static const struct cpuid_result none;

    for (uint32_t i = 0; i < info->leaves; i++) {
        if (info->leaf[i].number == number)
            return &info->leaf[i].value;
    }
    return &none;
}

/* Ask only for leaves up to the maximum: those after it answer with the content
 * of something else. */
static void take_leaves(struct hv_info *info)
{
    for (uint32_t n = LEAF_VENDOR; n <= LEAF_LAST && n <= info->max_leaf; n++)
        take_leaf(info, n);
    for (uint32_t n = LEAF_VS_FIRST; n <= LEAF_VS_LAST && n <= info->max_leaf;
         n++)
        take_leaf(info, n);
}

/* One question after the other; each answer says whether the next one means
 * anything. */
void hv_discover(struct hv_info *info)
{
    struct cpuid_result r = cpuid(1, 0);

    memset(info, 0, sizeof(*info));
    /* Look at leaf 1 first: without a hypervisor the other leaves mean nothing.
     */
    info->hypervisor = (r.ecx >> 31 & 1) != 0;
    if (!info->hypervisor)
        return;
    r = cpuid(LEAF_VENDOR, 0);
    /* Take the vendor's name. It is for the report only: Microsoft's interface
     * is recognised by leaf 0x40000001. */
    memcpy(info->vendor, &r.ebx, 4);
    memcpy(info->vendor + 4, &r.ecx, 4);
    memcpy(info->vendor + 8, &r.edx, 4);
    info->max_leaf = r.eax;
    /* Bound the maximum, which an odd hypervisor may set to anything. */
    if (info->max_leaf < LEAF_VENDOR || info->max_leaf > LEAF_LIMIT)
        info->max_leaf = LEAF_VENDOR;
    take_leaves(info);
    /* Require "Hv#1" and the five leaves that the interface always has. */
    info->conforming = info->max_leaf >= LEAF_MIN &&
                       leaf(info, LEAF_INTERFACE)->eax == INTERFACE_HV1;
    if (!info->conforming)
        return;
    /* Take privileges, features, recommendations and isolation. */
    info->access = leaf(info, LEAF_PRIVILEGES)->eax;
    info->access_high = leaf(info, LEAF_PRIVILEGES)->ebx;
    info->features = leaf(info, LEAF_PRIVILEGES)->edx;
    info->recommend = leaf(info, LEAF_RECOMMEND)->eax;
    info->isolation = leaf(info, LEAF_ISOLATION)->ebx & 0xf;
}

/* Does the hypervisor grant entry `i` of the table? */
static bool granted(const struct hv_info *info, unsigned i)
{
    uint32_t word = privileges[i].word == LOW    ? info->access
                    : privileges[i].word == HIGH ? info->access_high
                                                 : info->features;

    return (word & privileges[i].bit) != 0;
}

/* [TLFS] 2.4: EBX bits 3:0. */
static const char *isolation_name(uint32_t type)
{
    static const char *const names[] = {"none", "VBS", "SEV-SNP", "TDX", "CCA"};

    return type < sizeof(names) / sizeof(*names) ? names[type] : "unknown";
}

/* The order is from the most general reason to the most special one. */
int hv_check(const struct hv_info *info, char *why, size_t size)
{
    if (!info->hypervisor) {
        format_print(why, size,
                     "not running on Hyper-V (CPUID shows no "
                     "hypervisor)");
        return -ENODEV;
    }
    if (!info->conforming) {
        format_print(why, size,
                     "not running on Hyper-V (CPUID vendor '%s', no \"Hv#1\" "
                     "interface)",
                     info->vendor);
        return -ENODEV;
    }
    for (unsigned i = 0; i < PRIVILEGES; i++) {
        if (privileges[i].needed && !granted(info, i)) {
            format_print(why, size, "%s is not granted: %s", privileges[i].name,
                         privileges[i].without);
            return -ENOTSUP;
        }
    }
    if (info->isolation != 0) {
        format_print(why, size,
                     "this is an isolated VM (%s): its memory and hypercall "
                     "rules are not supported; use a VM without isolation",
                     isolation_name(info->isolation));
        return -ENOTSUP;
    }
    return 0;
}

/* Counts those entries only that have something to say. */
const char *hv_warning(const struct hv_info *info, unsigned index)
{
    for (unsigned i = 0; i < PRIVILEGES; i++) {
        if (privileges[i].needed || !privileges[i].without || granted(info, i))
            continue;
        if (index-- == 0)
            return privileges[i].without;
    }
    return NULL;
}

/* Needed or not: a report of a host that was refused shows the reason among
 * them, beside what else it lacks. */
const char *hv_lacks(const struct hv_info *info, unsigned index)
{
    for (unsigned i = 0; i < PRIVILEGES; i++) {
        if (!granted(info, i) && index-- == 0)
            return privileges[i].name;
    }
    return NULL;
}
