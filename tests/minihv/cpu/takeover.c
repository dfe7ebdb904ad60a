/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turns the running machine into a guest. This code runs in the hidden copy of
 * minihv, with the firmware's state still in the processor. It prepares the
 * host; then the original program continues as virtual processor 0.
 */
#include "minihv.h"

struct hv hv;

static uint8_t stack[65536] __attribute__((aligned(16)));

static void check_processor(void)
{
    enum { SVM = 1 << 2, NESTED_PAGING = 1 << 0 };

    if (!(cpuid(0x80000001, 0).ecx & SVM) ||
        !(cpuid(0x8000000A, 0).edx & NESTED_PAGING))
        minihv_failed("no SVM with nested paging: start QEMU with -accel tcg "
                      "-cpu max,+svm");
}

static void prepare_processors(void)
{
    uint32_t cpus = hv.boot.cpu_count;

    hv.vp_count = hv.config.processors;
    if (!hv.vp_count || hv.vp_count > VP_MAX || hv.vp_count > cpus)
        minihv_failed("processors=%u, but %u of at most %u can be given: "
                      "QEMU's -smp is %u",
                      hv.vp_count, cpus < VP_MAX ? cpus : VP_MAX, VP_MAX, cpus);
    hv.has_host_cpu = cpus > hv.vp_count;
    hv.host_apic_id = cpus - 1;
    hv.cpus_up = 1;
    for (uint32_t i = 0; i < hv.vp_count; i++) {
        hv.vp[i].index = hv.vp[i].apic_id = i;
        hv.vp[i].number = i ? i + hv.config.vpgap : 0;
        vmcb_prepare(&hv.vp[i]);
        x2apic_prepare(&hv.vp[i]);
        synic_prepare(&hv.vp[i]);
    }
    hv.vp[0].state = VP_RUNS;
}

static void run_guest(void *vp)
{
    tables_load();
    vp_run(vp);
}

void takeover(const struct boot *boot, uint64_t rip, uint64_t rsp)
{
    hv.boot = *boot;
    hv.config = boot->config;
    check_processor();
    tables_prepare();
    npt_prepare();
    prepare_processors();
    hpet_prepare();
    clock_prepare();
    npt_hide(hv.boot.self);
    npt_hide(hv.boot.heap);
    npt_hide(hv.boot.disk);
    npt_hide((struct range){APIC_ADDRESS + PAGE_SIZE, APIC_MESSAGES_END});
    vmcb_from_here(&hv.vp[0], rip, rsp);
    processor_enable_svm(0);
    bus_prepare();
    hv.deadline = clock_now() + hv.config.deadline * UINT64_C(10000000);
    say("minihv: TSC %lu Hz, %u of the guest's processors%s, VMBus up to "
        "%u.%u\n",
        hv.tsc_frequency, hv.vp_count,
        hv.has_host_cpu ? " and the host's own" : "", hv.config.version >> 16,
        hv.config.version & 0xFFFF);
    /* The work that the devices have queued may be due by now, and the IDT is
     * still the firmware's. */
    cpu_hold_nmi();
    schedule_nmi();
    run_on_stack(run_guest, &hv.vp[0], stack + sizeof stack);
}
