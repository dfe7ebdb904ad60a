/* SPDX-License-Identifier: BSD-2-Clause */
/* What CPUID says of the hypervisor, in words for a report. [TLFS] 2.4;
 * [hvdef]; wire reference, section A. */
#include "hv/hv.h"

#include "arch/console/format.h"

#define LEAF_VERSION 0x40000002u

/*
 * The names are short, because a report lists many of them on a line: the title
 * of their group completes them to a sentence ("may use: SynIC, VP index"). A
 * bit without a name here is not known to mean anything to a guest.
 */
struct flag {
    uint8_t bit;
    const char *name;
};

/* 0x40000003 EAX: which registers the partition may use. Without the SynIC and
 * hypercalls there is no VMBus; each other one has something in its place. */
static const struct flag low[] = {
    {0, "VP run time"},
    {1, "reference counter"},
    {2, "SynIC"},
    {3, "synthetic timers"},
    {4, "APIC registers"},
    {5, "hypercalls"},
    {6, "VP index"},
    {7, "reset register"},
    {8, "statistics"},
    {9, "reference TSC page"},
    {10, "guest idle"},
    {11, "frequency registers"},
    {12, "debug registers"},
    {13, "re-enlightenment"},
    {14, "root scheduler"},
    {15, "invariant TSC control"},
};

/* 0x40000003 EBX: which hypercalls it may make. A guest needs to post messages
 * and to signal events; most others are the root partition's. */
static const struct flag high[] = {
    {0, "create partitions"},
    {1, "partition id"},
    {2, "memory pool"},
    {3, "adjust message buffers"},
    {4, "post messages"},
    {5, "signal events"},
    {6, "create ports"},
    {7, "connect ports"},
    {8, "statistics pages"},
    {11, "debugging"},
    {12, "CPU management"},
    {13, "profiler"},
    {14, "VP exit tracing"},
    {15, "extended GVA ranges"},
    {16, "VSM"},
    {17, "VP registers"},
    {19, "fast output"},
    {20, "extended hypercalls"},
    {21, "start processors"},
    {22, "isolation"},
};

/* 0x40000003 EDX: what the hypervisor has. Some also need a right of EAX: the
 * frequencies do, direct timers need synthetic ones. */
static const struct flag features[] = {
    {1, "guest debugging"},
    {2, "performance monitor"},
    {3, "partitioning events"},
    {4, "XMM input"},
    {5, "guest idle state"},
    {6, "sleep state"},
    {7, "NUMA query"},
    {8, "frequencies"},
    {9, "synthetic machine check"},
    {10, "crash registers"},
    {11, "debug registers"},
    {12, "NPIEP"},
    {13, "can be disabled"},
    {14, "extended GVA flush"},
    {15, "XMM output"},
    {17, "SINT polling"},
    {18, "hypercall lock"},
    {19, "direct timers"},
    {20, "PAT for VSM"},
    {21, "BNDCFGS for VSM"},
    {22, "watchdog"},
    {23, "unhalted timer"},
    {24, "device domains"},
    {25, "S1 device domains"},
    {26, "LBR"},
    {27, "Intel PT"},
    {28, "cross-VTL flush"},
    {29, "idle speculation control"},
    {30, "GVA translation flags"},
    {31, "APIC EOI intercept"},
};

/* 0x40000004 EAX: what it recommends. Only "no AutoEOI" is followed here; the
 * others are for systems that do what these are about. */
static const struct flag recommended[] = {
    {0, "address-space switch by hypercall"},
    {1, "local flush by hypercall"},
    {2, "remote flush by hypercall"},
    {3, "APIC by MSR"},
    {4, "reset by MSR"},
    {5, "relaxed timing"},
    {6, "DMA remapping"},
    {7, "interrupt remapping"},
    {8, "x2APIC MSRs"},
    {9, "no AutoEOI"},
    {10, "cluster IPI"},
    {11, "sparse hypercalls"},
    {12, "nested"},
    {13, "INT for MBEC"},
    {14, "enlightened VMCS"},
    {15, "synced timeline"},
    {16, "core scheduler"},
    {17, "direct local flush"},
    {18, "no core sharing"},
    {19, "x2APIC"},
    {20, "restore time on resume"},
    {21, "MMIO config by hypercall"},
    {22, "GPA pinning"},
    {23, "wake VPs"},
};

/* A group of flags: where its word lies in struct hv_info. One table of groups
 * instead of a function for each word, so that a report has one loop and cannot
 * leave a group out. */
#define ROW(flags, member, title)                       \
    {                                                   \
        title, offsetof(struct hv_info, member), flags, \
            sizeof(flags) / sizeof((flags)[0])          \
    }

static const struct {
    const char *title;
    size_t member;
    const struct flag *flags;
    size_t count;
} groups[] = {
    ROW(low, access, "may use"),
    ROW(high, access_high, "may call"),
    ROW(features, features, "has"),
    ROW(recommended, recommend, "recommends"),
};

/* In the order of a report: rights first. */
const char *hv_flag_group(unsigned group)
{
    return group < sizeof(groups) / sizeof(*groups) ? groups[group].title
                                                    : NULL;
}

/* Counts the bits that are set, in the order of the table. Without Microsoft's
 * interface the words mean nothing, whatever they hold. */
const char *hv_flag(const struct hv_info *info, unsigned group, unsigned index)
{
    const uint32_t *word;

    /* A group that does not exist has no flags. */
    if (!hv_flag_group(group) || !info->conforming)
        return NULL;
    word = (const uint32_t *)((const char *)info + groups[group].member);
    /* Bits without a name are passed over: the raw leaf shows them. */
    for (size_t i = 0; i < groups[group].count; i++) {
        if ((*word >> groups[group].flags[i].bit & 1) && index-- == 0)
            return groups[group].flags[i].name;
    }
    return NULL;
}

/*
 * Only Windows' own hypervisor and those that pass for it have a build there:
 * EAX is the build, EBX the version with the major number in its upper half.
 * Others leave the leaf 0, or have something else in it. [TLFS] 2.4
 */
void hv_host_name(const struct hv_info *info, char *out, size_t size)
{
    const struct cpuid_result *r = NULL;

    /* A leaf that was not taken is past the hypervisor's maximum. */
    for (uint32_t i = 0; i < info->leaves; i++) {
        if (info->leaf[i].number == LEAF_VERSION)
            r = &info->leaf[i].value;
    }
    /* The vendor's name is shown as it is, whatever it pretends to be. */
    if (!info->hypervisor)
        format_print(out, size, "none (CPUID shows no hypervisor)");
    else if (!info->conforming || !r || r->eax == 0)
        format_print(out, size, "%s, which does not tell its build",
                     info->vendor);
    else
        format_print(out, size, "%s, Windows build %u, %u.%u", info->vendor,
                     r->eax, r->ebx >> 16, r->ebx & 0xffff);
}
