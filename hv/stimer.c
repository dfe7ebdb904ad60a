/* SPDX-License-Identifier: BSD-2-Clause */
/* Synthetic timer 0 of each processor as the timer device. [TLFS] 12.5; wire
 * reference B.7. */
#include "hv/hv.h"

#include "arch/interrupts/interrupts.h"
#include "hv/msr.h"
#include "hv/synic.h"
#include "arch/time/timer.h"

static bool direct; /* an interrupt of its own, instead of a message */

/*
 * Write the due time; with auto-enable that starts the timer. It is in
 * reference time, which is our clock. A time in the past fires at once, and 0
 * stops the timer.
 */
static void arm(uint64_t due)
{
    msr_write(HV_MSR_STIMER0_COUNT, due);
}

/* In direct mode the timer has an interrupt of its own, and no message. */
static void direct_interrupt(struct cpu_frame *frame)
{
    (void)frame;
    timer_interrupt();
}

/* Free the slot here and now: the next expiry needs it. */
static void message_interrupt(struct cpu_frame *frame)
{
    (void)frame;
    while (hv_synic_take_timer())
        ;
    timer_interrupt();
}

/* Without the reference counter our clock is another one, in whose time this
 * timer cannot be set. */
bool hv_stimer_setup(const struct hv_info *info)
{
    if (!(info->access & HV_ACCESS_STIMER) ||
        !(info->access & HV_ACCESS_REFERENCE_COUNTER))
        return false;
    direct = (info->features & HV_FEATURE_STIMER_DIRECT) != 0;
    interrupts_handle(VECTOR_STIMER,
                      direct ? direct_interrupt : message_interrupt, false);
    timer_set_device(arm, direct ? "synthetic timer, direct"
                                 : "synthetic timer, by message");
    return true;
}

/* Set the way of delivery first; the timer itself stays off until a count is
 * written. */
void hv_stimer_enable(void)
{
    uint64_t config = HV_STIMER_AUTO_ENABLE;

    if (direct) {
        config |= HV_STIMER_DIRECT | (uint64_t)VECTOR_STIMER
                                         << HV_STIMER_VECTOR_SHIFT;
    } else {
        hv_synic_unmask_timer(VECTOR_STIMER, true);
        config |= (uint64_t)HV_SINT_TIMER << HV_STIMER_SINT_SHIFT;
    }
    msr_write(HV_MSR_STIMER0_CONFIG, config);
}

/* Disable the timer before masking its SINT, so that no message comes
 * afterwards. */
void hv_stimer_disable(void)
{
    msr_write(HV_MSR_STIMER0_CONFIG, 0);
    msr_write(HV_MSR_STIMER0_COUNT, 0);
    if (!direct)
        hv_synic_unmask_timer(VECTOR_STIMER, false);
}
