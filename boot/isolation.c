/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds isolated VMs while whoever started the image can still be told. Their
 * memory is shared with the host page by page, so nothing that comes later
 * would work. CPUID is all that may be asked here. */
#include "boot/isolation.h"

#include "boot/refuse.h"

#define LEAF_MAX_BASIC  0x0u
#define LEAF_FEATURES   0x1u
#define LEAF_TDX        0x21u
#define LEAF_HYPERVISOR 0x40000000u
#define LEAF_INTERFACE  0x40000001u
#define LEAF_ISOLATION  0x4000000cu
#define INTERFACE_HV1   0x31237648u /* "Hv#1" */
#define HYPERVISOR_BIT  (1u << 31)

struct cpuid_result boot_ask_cpuid(uint32_t leaf)
{
    return cpuid(leaf, 0);
}

/* "IntelTDX    " in EBX, EDX, ECX. [linux tdx.h] */
static bool is_tdx(boot_cpuid *ask)
{
    struct cpuid_result r;

    if (ask(LEAF_MAX_BASIC).eax < LEAF_TDX)
        return false;
    r = ask(LEAF_TDX);
    return r.ebx == 0x65746e49 && r.edx == 0x5844546c && r.ecx == 0x20202020;
}

/* The kind of isolation that Microsoft's interface tells; 0: none. [TLFS] 2.4,
 * [hvgdk] */
static uint32_t isolation(boot_cpuid *ask)
{
    if (!(ask(LEAF_FEATURES).ecx & HYPERVISOR_BIT) ||
        ask(LEAF_HYPERVISOR).eax < LEAF_ISOLATION ||
        ask(LEAF_INTERFACE).eax != INTERFACE_HV1)
        return 0;
    return ask(LEAF_ISOLATION).ebx & 0xf;
}

bool boot_is_isolated(boot_cpuid *ask)
{
    static const char *const names[] = {"none", "VBS", "SEV-SNP", "TDX", "CCA"};
    uint32_t type = isolation(ask);
    const char *name =
        type < sizeof(names) / sizeof(*names) ? names[type] : "unknown kind";

    /* A TDX guest may also see another hypervisor's leaves, or none. */
    if (type == 0 && is_tdx(ask))
        name = "TDX";
    else if (type == 0)
        return false;
    boot_refuse("this is an isolated VM (%s): its memory and hypercall rules "
                "are not supported; use a VM without isolation",
                name);
    return true;
}
