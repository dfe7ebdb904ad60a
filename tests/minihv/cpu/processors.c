/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other processors: the host's own, and a second one of the guest, which
 * HvStartVirtualProcessor or INIT and SIPI start. minihv takes both from the
 * firmware by its own INIT and SIPI, after ExitBootServices.
 */
#include "minihv.h"

enum {
    ICR_LOW = 0x300,
    ICR_HIGH = 0x310,
    SPURIOUS = 0xF0,
    ICR_INIT = 0x4500,
    ICR_STARTUP = 0x4600,
    APIC_ON = 0x1FF,
    STACK = 32768,
    MS = 10000,
    MODE_INIT = 5,
};

/* The fields that trampoline.S reads at trampoline_fields. */
struct trampoline_fields {
    uint32_t cr3;
    uint16_t gdt_limit;
    uint32_t gdt_base;
    uint16_t pad;
    uint32_t entry;
    uint16_t code_selector;
} __attribute__((packed));

extern uint8_t trampoline_start[], trampoline_end[], trampoline_fields[];
extern uint8_t trampoline_64[];

static uint8_t stacks[VP_MAX + 1][STACK] __attribute__((aligned(16)));
static uint8_t save_areas[VP_MAX + 1][PAGE_SIZE]
    __attribute__((aligned(PAGE_SIZE)));

uint64_t processor_stack;   /* of the processor that starts now */
static struct vp *starting; /* NULL: the host's processor */
static struct spinlock start_lock;

_Noreturn void processor_main(void);

void processor_enable_svm(uint32_t index)
{
    msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SVME);
    msr_write(MSR_VM_HSAVE, (uint64_t)save_areas[index]);
}

static void prepare_trampoline(void)
{
    uint8_t *page = (uint8_t *)hv.boot.trampoline;
    struct trampoline_fields *f;
    struct table_register gdt;

    memcpy(page, trampoline_start, (size_t)(trampoline_end - trampoline_start));
    f = (void *)(page + (trampoline_fields - trampoline_start));
    tables_gdt(&gdt);
    *f = (struct trampoline_fields){
        .cr3 = (uint32_t)tables_root(),
        .gdt_limit = gdt.limit,
        .gdt_base = (uint32_t)gdt.base,
        .entry = (uint32_t)(uint64_t)trampoline_64,
        .code_selector = 8,
    };
}

/* Starts processor `apic_id` in processor_main. Returns false if it did not. */
static bool start(uint32_t apic_id, uint32_t index, struct vp *vp)
{
    uint32_t high = apic_read(ICR_HIGH), before = hv.cpus_up;
    uint64_t end;

    prepare_trampoline();
    if (vp) { /* as the INIT leaves its APIC */
        vp_hold_kicks(vp);
        nmi_forget(vp);
        autoeoi_forget(vp);
        vp->ldr = 0;
        vp->dfr = UINT32_MAX;
    }
    starting = vp;
    processor_stack = (uint64_t)(stacks[index] + STACK);
    apic_write(ICR_HIGH, apic_id << 24);
    apic_write(ICR_LOW, ICR_INIT);
    clock_sleep(10 * MS);
    apic_write(ICR_HIGH, apic_id << 24);
    apic_write(ICR_LOW, ICR_STARTUP | (uint32_t)hv.boot.trampoline >> 12);
    end = clock_now() + 60 * 1000 * MS;
    while (__atomic_load_n(&hv.cpus_up, __ATOMIC_ACQUIRE) == before &&
           clock_now() < end)
        cpu_relax();
    apic_write(ICR_HIGH, high);
    return hv.cpus_up != before;
}

static _Noreturn void host_loop(void)
{
    apic_write(SPURIOUS, APIC_ON);
    for (;;) {
        for (uint32_t i = 0; i < hv.vp_count; i++)
            if (hv.vp[i].state == VP_RUNS) {
                stimer_expire(&hv.vp[i]);
                stimer_repeat(&hv.vp[i]);
            }
        if (!bus_pump())
            cpu_relax();
    }
}

void processor_main(void)
{
    struct vp *vp = starting;

    tables_load();
    processor_enable_svm(vp ? vp->index : VP_MAX);
    if (vp) {
        vp_let_kicks(vp);
        vp->state = VP_RUNS;
    }
    __atomic_fetch_add(&hv.cpus_up, 1, __ATOMIC_RELEASE);
    if (!vp)
        host_loop();
    clock_sleep(hv.config.late * 1000 * MS);
    /* FS, GS, TR and LDTR are loaded by VMLOAD, not by VMRUN. */
    __asm__ volatile("vmload %0" : : "a"(vp->vmcb_address) : "memory");
    vp_run(vp);
}

/* Takes the other processors after ExitBootServices has returned, because they
 * then no longer belong to the firmware. */
void processors_boot_services_over(void)
{
    if (hv.has_host_cpu && !start(hv.host_apic_id, VP_MAX, NULL))
        minihv_failed("processor %u does not start", hv.host_apic_id);
    hv.vp[0].ldr = apic_read(APIC_LDR);
    hv.vp[0].dfr = apic_read(APIC_DFR);
    for (uint32_t i = 0; i < hv.vp_count; i++)
        apic_update_watch(&hv.vp[i]);
}

/* Claims processor `vp` for the one caller that may start it. */
static bool claim(struct vp *vp)
{
    bool mine;

    spin_lock(&start_lock);
    mine = vp->state != VP_RUNS && vp->state != VP_STARTING;
    if (mine)
        vp->state = VP_STARTING;
    spin_unlock(&start_lock);
    return mine;
}

static bool run(struct vp *by, struct vp *vp)
{
    bool up = start(vp->apic_id, vp->index, vp);

    if (!up)
        minihv_failed("processor %u does not start", vp->apic_id);
    event(by, "processor %lu runs", vp->index, 0);
    return up;
}

struct vp *processor_of(uint32_t number)
{
    for (uint32_t i = 0; i < hv.vp_count; i++) {
        if (hv.vp[i].number == number)
            return &hv.vp[i];
    }
    return NULL;
}

enum hv_status processors_start(struct vp *by, const struct hv_start_input *in)
{
    struct vp *vp = processor_of(in->vp_index);

    if (in->partition != UINT64_MAX) /* self */
        return HV_INVALID_PARTITION;
    if (!vp)
        return HV_INVALID_VP_INDEX;
    if (in->vtl)
        return HV_INVALID_PARAMETER;
    if (!hv.boot_services_over || !claim(vp))
        return HV_INVALID_VP_STATE;
    vmcb_from_context(vp, in);
    run(by, vp);
    return HV_SUCCESS;
}

/* An INIT of the boot processor restarts it from the reset vector: the guest
 * resets. Another that runs stops at its next exit. */
static void init(struct vp *by, struct vp *vp)
{
    if (vp->state == VP_OFF)
        vp->state = VP_WAITS_FOR_SIPI;
    if (vp->state != VP_RUNS)
        return;
    if (!vp->index) {
        say("minihv: the guest resets by an INIT of its boot processor\n");
        say_counts();
        port_out8(PORT_RESET, 6);
        return;
    }
    __atomic_store_n(&vp->init_waits, true, __ATOMIC_SEQ_CST);
    if (vp != by)
        vp_kick(vp);
}

void processors_stop(struct vp *vp)
{
    event(vp, "processor %lu stops", vp->index, 0);
    __atomic_store_n(&vp->state, VP_WAITS_FOR_SIPI, __ATOMIC_SEQ_CST);
    __atomic_store_n(&vp->init_waits, false, __ATOMIC_SEQ_CST);
    for (;;) /* until minihv's own INIT */
        __asm__ volatile("cli; hlt");
}

/* Waits until an INIT that came before has stopped the processor: its next exit
 * is only a kick away. */
static bool has_stopped(struct vp *vp)
{
    uint64_t end = clock_now() + 30 * 1000 * MS;

    while (__atomic_load_n(&vp->init_waits, __ATOMIC_SEQ_CST) &&
           clock_now() < end)
        cpu_relax();
    return vp->state == VP_WAITS_FOR_SIPI;
}

void processors_init_sipi(struct vp *by, struct vp *vp, uint32_t icr)
{
    if (!hv.config.sipi)
        return;
    if ((icr >> 8 & 7) == MODE_INIT)
        init(by, vp);
    else if (vp != by && has_stopped(vp) && claim(vp)) {
        vmcb_from_sipi(vp, (uint8_t)icr);
        run(by, vp);
    }
}
