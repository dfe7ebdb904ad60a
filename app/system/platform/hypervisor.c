/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bringing up hv/, or what stands in for it where there is no hypervisor.
 *
 *     what            on Hyper-V                      elsewhere
 *     clock           reference TSC page or MSR       ACPI timer
 *     timer           synthetic timer 0               local APIC's timer
 *     processors      each with its own SynIC         without
 */
#include "app/system/platform/platform.h"

#include <errno.h>

#include "arch/acpi/acpi.h"
#include "arch/time/apic_timer.h"
#include "arch/time/clock.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/irql.h"
#include "arch/console/format.h"
#include "arch/console/log.h"
#include "arch/acpi/physical.h"
#include "arch/time/pm_clock.h"
#include "arch/smp/smp.h"
#include "arch/time/timer.h"
#include "arch/time/wait.h"

/*
 * How long the other processors may take at the end to switch their SynIC off.
 */
#define OFF_DEADLINE (10 * CLOCK_UNITS_PER_S)

static bool synthetic_timer;
static bool has_clock;
static uint32_t processors_off;

/* Notes why there will be no VMBus. The machine goes on without it. */
static void refuse(enum vmbare_verdict verdict)
{
    the_platform.verdict = verdict;
    log_printf(LOG_ERROR, "hv: %s", the_platform.refusal);
}

/*
 * The clock of last resort, and with it the timer. Without the ACPI timer time
 * stands still, and only what needs no time works. False: there is none.
 */
static bool use_machine_clock(struct acpi *acpi)
{
    struct acpi_power power;

    if (acpi_read_fadt(acpi, &power) || !pm_clock_setup(&power)) {
        log_printf(LOG_ERROR,
                   "system: no clock: neither the hypervisor nor ACPI (%s) "
                   "has one; sleeping will not end, one processor is used",
                   acpi->error[0] ? acpi->error : "its timer stands still");
        return false;
    }
    return true;
}

/*
 * The ACPI timer turns over every 4.7 s, and somebody has to read it in
 * between, even when an application computes for a minute without a call.
 */
static void keep_looking(void *arg)
{
    static struct timer timer = {.run = keep_looking};

    (void)arg;
    timer_set(&timer, clock_now() + PM_CLOCK_MAX_SLEEP);
}

/*
 * Runs on each processor for itself: SynIC registers and timers belong to it.
 */
static void enable_here(struct cpu *cpu)
{
    const struct hv_info *hv = &the_platform.hv;

    if (!the_platform.hyperv)
        return;
    cpu->vp_index = hv_vp_index(hv);
    if (hv_synic_enable(hv, &platform_synic_client)) {
        log_printf(LOG_ERROR, "hv: no memory for the SynIC of processor %u",
                   cpu->index);
        return;
    }
    if (synthetic_timer)
        hv_stimer_enable();
    /* Without a page for the hint each interrupt has its EOI, as before. */
    if (hv_assist_offered(hv))
        (void)hv_assist_enable();
}

/*
 * Writes GUEST_OS_ID and enables the hypercall page. An identity that is
 * already set means that earlier software may still be connected to the bus.
 */
static bool start_partition(void)
{
    if (hv_partition_setup(&the_platform.hv, &the_platform.left_over))
        return false;
    if (the_platform.left_over)
        log_printf(LOG_WARNING, "hv: GUEST_OS_ID is already set: earlier "
                                "software may have left its VMBus connected, "
                                "so UNLOAD is sent first");
    return true;
}

/* What is odd about this host, but bearable. */
static void warn(void)
{
    const char *warning;

    for (unsigned i = 0; (warning = hv_warning(&the_platform.hv, i)); i++)
        log_printf(LOG_WARNING, "hv: %s", warning);
}

/*
 * Checks what the host grants before anything is switched on, and refuses by
 * name what cannot work.
 */
static void start_hyperv(void)
{
    int status = hv_check(&the_platform.hv, the_platform.refusal,
                          sizeof(the_platform.refusal));

    if (status) {
        refuse(status == -ENODEV ? VMBARE_NO_HYPERVISOR : VMBARE_UNSUPPORTED);
        return;
    }
    warn();
    if (!start_partition()) {
        format_print(the_platform.refusal, sizeof(the_platform.refusal),
                     "the hypercall page cannot be enabled");
        refuse(VMBARE_UNSUPPORTED);
        return;
    }
    the_platform.hyperv = true;
    hv_starter_setup(&the_platform.hv);
    hv_idle_setup(&the_platform.hv);
}

/*
 * The synthetic timer is used only with the reference clock, because its
 * deadlines are times of that clock.
 */
static void start_clock_and_timer(struct acpi *acpi)
{
    const struct hv_info *hv = &the_platform.hv;
    bool reference = the_platform.hyperv && hv_clock_setup(hv);
    bool machine = !reference && use_machine_clock(acpi);

    has_clock = reference || machine;
    the_platform.clock = reference ? hv_clock_name()
                         : machine ? "ACPI power-management timer"
                                   : "none";
    synthetic_timer = reference && hv_stimer_setup(hv);
    if (!synthetic_timer)
        apic_timer_setup(the_platform.hyperv ? hv_apic_frequency(hv) : 0,
                         reference ? 0 : PM_CLOCK_MAX_SLEEP);
    if (machine)
        keep_looking(NULL);
    clock_set_sleep(wait_sleep);
}

/*
 * How many processors to start. Without VP_INDEX the hypervisor's numbers of
 * the others are unknown, and without a clock nobody knows how long to wait for
 * them: one, then.
 */
static uint32_t processor_limit(void)
{
    if (!has_clock)
        return 1;
    if (the_platform.hyperv && !(the_platform.hv.access & HV_ACCESS_VP_INDEX))
        return 1;
    return the_platform.config.processors;
}

/*
 * ACPI first, for the ACPI timer and the list of processors; then hv/, because
 * the clock comes from there; the others last, since starting them needs a
 * clock.
 */
void platform_hypervisor_setup(void)
{
    static struct acpi acpi;
    struct acpi_reader reader;

    physical_reader(&reader);
    if (acpi_open(&acpi, &reader, the_platform.config.boot->rsdp))
        log_printf(LOG_WARNING, "system: no ACPI tables: %s", acpi.error);
    start_hyperv();
    start_clock_and_timer(&acpi);
    enable_here(this_cpu());
    if (acpi.root)
        smp_start_others(&acpi, processor_limit(), enable_here);
    log_printf(LOG_INFO, "system: %u processor%s, clock %s, timer %s",
               cpu_count(), cpu_count() == 1 ? "" : "s", the_platform.clock,
               timer_device_name());
}

/* In the reverse order of enable_here. */
static void disable_here(void)
{
    hv_assist_disable();
    if (synthetic_timer)
        hv_stimer_disable();
    hv_synic_disable();
}

/*
 * Deferred work on another processor. The release order makes its MSR writes
 * visible before the count.
 */
static void disable_other(void *arg)
{
    (void)arg;
    disable_here();
    __atomic_fetch_add(&processors_off, 1, __ATOMIC_RELEASE);
}

/* Every processor but this one. */
static bool all_off(void *arg)
{
    (void)arg;
    return __atomic_load_n(&processors_off, __ATOMIC_ACQUIRE) ==
           cpu_count() - 1;
}

/*
 * SynIC registers can be written only by their own processor, so each switches
 * its own off. This one is last: its timer ends the wait. It happens once,
 * because a way of resetting may not exist, and then the application goes on
 * and ends in another way.
 */
void platform_hypervisor_end(void)
{
    static struct deferred_item items[CPUS_MAX];

    if (!the_platform.hyperv)
        return;
    the_platform.hyperv = false;
    for (uint32_t i = 1; i < cpu_count(); i++) {
        items[i].run = disable_other;
        items[i].level = IRQL_DISPATCH;
        deferred_queue(&items[i], i);
    }
    if (wait_until(all_off, NULL, clock_now() + OFF_DEADLINE,
                   "the other processors to switch their SynIC off"))
        log_printf(LOG_ERROR,
                   "hv: only %u of %u processors switched their "
                   "SynIC off within 10 s",
                   processors_off, cpu_count() - 1);
    disable_here();
    hv_clock_end();
    hv_partition_end();
}
