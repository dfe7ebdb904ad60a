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
    SHORTHAND_OTHERS = 3,
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
            if (hv.vp[i].state == VP_RUNS)
                stimer_expire(&hv.vp[i]);
        if (!bus_pump())
            cpu_relax();
    }
}

void processor_main(void)
{
    struct vp *vp = starting;

    tables_load();
    processor_enable_svm(vp ? vp->index : VP_MAX);
    if (vp)
        vp->state = VP_RUNS;
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
    apic_update_watch(&hv.vp[0]);
}

bool processors_can_start(void)
{
    if (!hv.boot_services_over)
        return false;
    for (uint32_t i = 1; i < hv.vp_count; i++)
        if (hv.vp[i].state != VP_RUNS)
            return true;
    return false;
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
    apic_update_watch(by);
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

static void init_or_sipi(struct vp *by, struct vp *vp, uint32_t icr)
{
    if ((icr >> 8 & 7) == 5) {
        if (vp->state == VP_OFF)
            vp->state = VP_WAITS_FOR_SIPI;
    } else if (vp->state == VP_WAITS_FOR_SIPI && claim(vp)) {
        vmcb_from_sipi(vp, (uint8_t)icr);
        run(by, vp);
    }
}

/* Handles an INIT or SIPI of the guest, seen because ICR is watched. */
void processors_init_sipi(struct vp *by, uint32_t apic_id, uint32_t icr)
{
    bool others = icr >> 18 == SHORTHAND_OTHERS;

    event(by, "ICR 0x%lx to APIC 0x%lx", icr, apic_id);
    if (!hv.config.sipi)
        return;
    for (uint32_t i = 0; i < hv.vp_count; i++) {
        struct vp *vp = &hv.vp[i];

        if (vp != by && (others || vp->apic_id == apic_id))
            init_or_sipi(by, vp, icr);
    }
}
