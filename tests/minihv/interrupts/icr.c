/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands of the guest's ICR. minihv finds out whom a command addresses and
 * sends it to each of these alone, so that none reaches the host's processor.
 * INIT and SIPI never reach the machine: processors.c does what they ask for.
 * [SDM] 3A, "Issuing Interprocessor Interrupts".
 */
#include "minihv.h"

enum {
    MODE_FIXED = 0,
    MODE_LOWEST = 1,
    MODE_NMI = 4,
    MODE_INIT = 5,
    MODE_STARTUP = 6,
    LOGICAL = 1 << 11,
    ASSERT = 1 << 14,
    NO_SHORTHAND = 0,
    SELF = 1,
    OTHERS = 3,
};

/* Logical ids are a mask of 8 bits, or 4 bits in each of 15 clusters; in x2APIC
 * mode 16 bits of the cluster that the id names. */
static bool has_logical_id(const struct vp *vp, uint32_t id, bool extended)
{
    uint32_t own = vp->ldr >> 24;

    if (extended)
        return id >> 16 == vp->apic_id >> 4 &&
               id & 0xFFFF & 1u << (vp->apic_id & 15);
    if (vp->dfr >> 28 == 0xF)
        return own & id;
    return (own >> 4 == id >> 4 || id >> 4 == 0xF) && own & id & 0xF;
}

static bool is_addressed(const struct vp *by, const struct vp *vp, uint32_t low,
                         uint32_t destination)
{
    uint32_t shorthand = low >> 18 & 3;
    bool extended = x2apic_is_on(by);

    if (shorthand == SELF)
        return vp == by;
    if (shorthand != NO_SHORTHAND)
        return vp != by || shorthand != OTHERS;
    if (destination == (extended ? UINT32_MAX : 0xFF))
        return true;
    return low & LOGICAL ? has_logical_id(vp, destination, extended)
                         : vp->apic_id == destination;
}

static void deliver(struct vp *by, struct vp *vp, uint32_t low)
{
    uint32_t mode = low >> 8 & 7;

    if (mode == MODE_STARTUP || (mode == MODE_INIT && low & ASSERT)) {
        processors_init_sipi(by, vp, low);
    } else if (vp->state != VP_RUNS) {
        return;
    } else if (mode == MODE_FIXED || mode == MODE_LOWEST) {
        apic_send(vp, ASSERT | (low & 0xFF));
    } else if (mode == MODE_NMI) {
        nmi_send(vp);
    }
}

void apic_guest_icr(struct vp *by, uint32_t low, uint32_t destination)
{
    event(by, "ICR 0x%lx to APIC 0x%lx", low, destination);
    for (uint32_t i = 0; i < hv.vp_count; i++) {
        struct vp *vp = &hv.vp[i];

        if (!is_addressed(by, vp, low, destination))
            continue;
        deliver(by, vp, low);
        if ((low >> 8 & 7) == MODE_LOWEST && vp->state == VP_RUNS)
            return;
    }
}
