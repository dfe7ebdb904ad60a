/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests the second processor, started by HvStartVirtualProcessor, or with the
 * word 'sipi' by INIT and SIPI. It must have its own index and SynIC, wake up
 * for each interrupt, and get its own messages.
 */
#include "guest.h"

enum {
    ICR_LOW = 0x300,
    ICR_HIGH = 0x310,
    VECTOR = 0x65,
    TIMER_VECTOR = 0x66,
    BACK_VECTOR = 0x67,
    ROUNDS = 2000,
    RESTARTS = 20,
    LOW_PAGE = 0x8000,
    ASSERT = 1 << 14,
    DELIVER_LOWEST = 1 << 8,
    DELIVER_NMI = 4 << 8,
    DELIVER_INIT = 5 << 8,
    DELIVER_STARTUP = 6 << 8,
    LOGICAL = 1 << 11,
    ALL = 2 << 18,
    OTHERS = 3 << 18,
};

#define APIC UINT64_C(0xFEE00000)

static struct hv_start_input start __attribute__((aligned(4096)));
static uint8_t stack[16384] __attribute__((aligned(16)));
static volatile unsigned stage, wakes, timers, back;
static volatile bool both;  /* the second processor is to send, too */
static volatile bool alone; /* the first processor makes no exits now */
static volatile unsigned nmis[2], arrived[2]; /* by APIC id */
static volatile uint64_t index, apic;

static void eoi(void)
{
    mmio_write32(APIC + 0xB0, 0);
}

static uint32_t own_id(void)
{
    return mmio_read32(APIC + 0x20) >> 24 & 1;
}

INTERRUPT(on_wake)
{
    (void)frame;
    arrived[own_id()]++;
    __atomic_fetch_add(&wakes, 1, __ATOMIC_SEQ_CST);
    eoi();
}

INTERRUPT(on_nmi)
{
    (void)frame;
    nmis[own_id()]++;
}

INTERRUPT(on_timer)
{
    (void)frame;
    timers++;
    eoi();
}

INTERRUPT(on_back)
{
    (void)frame;
    back++;
    eoi();
}

static void send_to(uint32_t destination, uint32_t icr)
{
    mmio_write32(APIC + ICR_HIGH, destination << 24);
    mmio_write32(APIC + ICR_LOW, icr);
}

/* Sends one interrupt after the other and takes what comes meanwhile. Returns
 * false if one does not arrive. */
static bool send_many(uint32_t destination, uint32_t vector,
                      volatile unsigned *counter)
{
    unsigned from = *counter;

    for (unsigned i = 1; i <= ROUNDS; i++) {
        uint64_t end = hang();

        send_to(destination, ASSERT | vector);
        while (*counter < from + i && msr_read(HV_TIME_REF) < end)
            let_in();
        if (*counter < from + i)
            return false;
    }
    return true;
}

/* To 10 ms from now. */
static void set_timer(void)
{
    msr_write(HV_STIMER0_CONFIG + 1, msr_read(HV_TIME_REF) + 100000);
    msr_write(HV_STIMER0_CONFIG, TIMER_VECTOR << 4 | 1 << 12 | 1);
}

static void second_main(void)
{
    index = msr_read(HV_VP_INDEX);
    apic = cpuid(1, 0).ebx >> 24;
    mmio_write32(APIC + 0xF0, 0x1FF);
    mmio_write32(APIC + 0xD0, UINT32_C(1) << 25); /* logical id 2 */
    stage = 1;
    while (!alone)
        cpu_relax();
    set_timer();
    for (;;) {
        __asm__ volatile("sti; hlt");
        if (both) {
            both = false;
            (void)send_many(0, BACK_VECTOR, &back);
            stage = 2;
        }
    }
}

static struct hv_segment segment(uint16_t selector, uint16_t attributes)
{
    return (struct hv_segment){
        .limit = 0xFFFFFFFF, .selector = selector, .attributes = attributes};
}

static uint64_t start_by_hypercall(uint32_t vp)
{
    struct table_register gdt, idt;
    uint16_t code, data;

    __asm__ volatile("sgdt %0" : "=m"(gdt));
    __asm__ volatile("sidt %0" : "=m"(idt));
    __asm__ volatile("mov %%cs, %0" : "=r"(code));
    __asm__ volatile("mov %%ds, %0" : "=r"(data));
    start = (struct hv_start_input){
        .partition = UINT64_MAX,
        .vp_index = vp,
        .rip = (uint64_t)second_main,
        .rsp = (uint64_t)stack + sizeof stack - 8,
        .rflags = 2,
        .cs = segment(code, 0xA09B),
        .ds = segment(data, 0xC093),
        .es = segment(data, 0xC093),
        .ss = segment(data, 0xC093),
        .tr = segment(0, 0x008B),
        .ldtr = segment(0, 0x0082),
        .gdtr = {.limit = gdt.limit, .base = gdt.base},
        .idtr = {.limit = idt.limit, .base = idt.base},
        .efer = msr_read(MSR_EFER),
        .cr0 = CR_READ(0),
        .cr3 = CR_READ(3),
        .cr4 = CR_READ(4),
        .pat = UINT64_C(0x0007040600070406),
    };
    return hypercall(HV_CALL_START_VP, (uint64_t)&start, 0);
}

static void wait_for(volatile unsigned *counter, unsigned n)
{
    uint64_t end = hang();

    while (*counter < n && msr_read(HV_TIME_REF) < end)
        let_in();
}

static void send(uint32_t icr)
{
    send_to(1, icr);
}

/* Waits without one exit, but for the end of what arrives: the processor's
 * clock is the guest's own. */
static void wait_alone(volatile unsigned *counter, unsigned n)
{
    uint64_t end = tsc_read() + 20 * msr_read(HV_TSC_FREQUENCY);

    alone = true;
    __asm__ volatile("sti");
    while (*counter < n && tsc_read() < end)
        cpu_relax();
    __asm__ volatile("cli");
}

static void check_hypercall_start(void)
{
    check("starting VP 7, which does not exist, gives status 0x0E",
          start_by_hypercall(7) == HV_INVALID_VP_INDEX);
    check("the hypercall that starts VP 1 succeeds",
          start_by_hypercall(1) == 0);
    wait_for(&stage, 1);
    check("the second processor runs with VP index 1 and APIC id 1",
          stage == 1 && index == 1 && apic == 1);
    check("starting VP 1 a second time gives status 0x15",
          start_by_hypercall(1) == HV_INVALID_VP_STATE);
    wait_alone(&timers, 1);
    check("the second processor gets its own synthetic timer while the first "
          "makes no exit",
          timers == 1);
    for (unsigned i = 1; i <= ROUNDS; i++) {
        send(1 << 14 | VECTOR);
        wait_for(&wakes, i);
    }
    check("each of 2000 interrupts wakes the second processor from HLT",
          wakes == ROUNDS);
}

/* Each write of the ICR runs beside one of the other processor. */
static void check_both_send(void)
{
    uint64_t end;

    both = true;
    check("2000 interrupts arrive at the second processor, which sends as many "
          "meanwhile",
          send_many(1, VECTOR, &wakes));
    end = hang();
    while (stage < 2 && msr_read(HV_TIME_REF) < end)
        let_in();
    check("the other 2000 arrive at the first", back == ROUNDS);
}

/* Sends a command that both, one or none may get. What must come is awaited,
 * what must not come gets a moment. */
static bool reaches(uint32_t destination, uint32_t icr, unsigned first,
                    unsigned second)
{
    arrived[0] = arrived[1] = 0;
    send_to(destination, icr | ASSERT | VECTOR);
    wait_for(&arrived[0], first);
    wait_for(&arrived[1], second);
    wait_a_moment();
    return arrived[0] == first && arrived[1] == second;
}

static void check_destinations(void)
{
    mmio_write32(APIC + 0xD0, UINT32_C(1) << 24); /* logical id 1 */
    check("an interrupt to an APIC id reaches that processor alone",
          reaches(0, 0, 1, 0) && reaches(1, 0, 0, 1));
    check("an interrupt to an id that no processor of the guest has reaches "
          "none",
          reaches(2, 0, 0, 0));
    check("an interrupt to id 0xFF reaches both", reaches(0xFF, 0, 1, 1));
    check("an interrupt to all or to all others reaches these",
          reaches(0, ALL, 1, 1) && reaches(0, OTHERS, 0, 1));
    check("an interrupt to logical ids reaches those that have them",
          reaches(2, LOGICAL, 0, 1) && reaches(3, LOGICAL, 1, 1) &&
              reaches(4, LOGICAL, 0, 0));
    check("an interrupt of lowest priority reaches one",
          reaches(3, LOGICAL | DELIVER_LOWEST, 1, 0));
}

/* An NMI or INIT to a processor of the host would end this machine. */
static void check_host_is_safe(void)
{
    unsigned before = timers;

    for (uint32_t id = 2; id < 8; id++) {
        send_to(id, ASSERT | DELIVER_NMI);
        send_to(id, ASSERT | DELIVER_INIT);
        send_to(id, ASSERT | DELIVER_STARTUP | LOW_PAGE >> 12);
    }
    send_to(0, ASSERT | DELIVER_NMI | OTHERS);
    wait_for(&nmis[1], 1);
    wait_a_moment();
    check("an NMI to all others reaches the guest's other processor, once",
          nmis[0] == 0 && nmis[1] == 1);
    set_timer();
    wait_alone(&timers, before + 1);
    check("the host serves timers after NMI, INIT and SIPI to all other ids",
          timers == before + 1);
}

static void check_stop(void)
{
    unsigned before;

    send(DELIVER_INIT | 1 << 15); /* its end, which asks for nothing */
    before = wakes;
    send(ASSERT | VECTOR);
    wait_for(&wakes, before + 1);
    check("the end of an INIT does not stop a processor", wakes == before + 1);
    send_to(0, ASSERT | DELIVER_INIT | OTHERS);
    before = wakes;
    send(ASSERT | VECTOR);
    wait_a_moment();
    check("INIT stops the second processor", wakes == before);
}

/* cli; xor ax,ax; mov ds,ax; mov eax,0x40000000; cpuid; mov [0x8800],ebx;
 * mov dword [0x8804],'PQPQ'; hlt; jmp $-1 */
static const uint8_t real_mode[] = {
    0xFA, 0x31, 0xC0, 0x8E, 0xD8, 0x66, 0xB8, 0x00, 0x00, 0x00,
    0x40, 0x0F, 0xA2, 0x66, 0x89, 0x1E, 0x00, 0x88, 0x66, 0xC7,
    0x06, 0x04, 0x88, 0x50, 0x51, 0x50, 0x51, 0xF4, 0xEB, 0xFD};
/* Instead of its last instruction but one: cpuid, an exit; jmp $-2 */
static const uint8_t busy_end[] = {0x0F, 0xA2, 0xEB, 0xFC};
enum { END = sizeof real_mode - 3 };

/* Restarts the second processor, which then writes its result and ends in HLT,
 * or goes on with one exit after the other. Returns its first word, 0 if it
 * did not start. */
static uint32_t restart(bool busy)
{
    volatile uint32_t *result = (volatile uint32_t *)(LOW_PAGE + 0x800);
    uint64_t end;

    send(0x4500);
    memset((void *)LOW_PAGE, 0, 4096);
    memcpy((void *)LOW_PAGE, real_mode, sizeof real_mode);
    if (busy)
        memcpy((uint8_t *)LOW_PAGE + END, busy_end, sizeof busy_end);
    send(0x4600 | LOW_PAGE >> 12);
    send(0x4600 | LOW_PAGE >> 12);
    end = hang();
    while (result[1] != 0x51505150 && msr_read(HV_TIME_REF) < end)
        cpu_relax();
    return result[1] == 0x51505150 ? result[0] : 0;
}

static void check_sipi_start(const char *what)
{
    uint32_t found = restart(false);

    check(what, found != 0);
    check("the second processor finds Hyper-V in CPUID in real mode",
          found == 0x7263694D);
}

/* An INIT that meets an exit stops the processor before the INIT's NMI has
 * arrived. The next one finds it in HLT, where it needs an NMI. */
static void check_restarts(void)
{
    unsigned started = 0;

    while (started < RESTARTS && restart(started % 2 == 0))
        started++;
    check("INIT and SIPI restart a processor behind an INIT that met an exit",
          started == RESTARTS);
}

void guest_main(const char *words)
{
    hypercall_on();
    set_gate(VECTOR, (void *)on_wake);
    set_gate(TIMER_VECTOR, (void *)on_timer);
    set_gate(BACK_VECTOR, (void *)on_back);
    set_gate(2, (void *)on_nmi);
    mmio_write32(APIC + 0xF0, 0x1FF);
    if (!has_word(words, "sipi")) {
        check_hypercall_start();
        check_both_send();
        check_destinations();
        check_host_is_safe();
        check_stop();
    }
    check_sipi_start("INIT and SIPI start the second processor in real mode");
    check_sipi_start("INIT and SIPI restart a processor that runs");
    check_restarts();
}
