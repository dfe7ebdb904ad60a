/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests to whom an NMI belongs. minihv's own timer makes the guest exit with
 * NMIs, which the guest must never see; an NMI that the guest sends to itself
 * must arrive. The guest keeps two synthetic timers close together, so that
 * minihv moves its timer again and again while an NMI of it may be pending. An
 * NMI in the handler of another waits for its IRET; a guest that steps gets a
 * #DB behind each instruction, also behind those that minihv executes for it.
 */
#include "guest.h"

#define APIC UINT64_C(0xFEE00000)

enum { VECTOR = 0x62, ROUNDS = 20000, OWN = 20 };
enum { ID = 0x20, EOI = 0xB0, SPURIOUS = 0xF0 };

static volatile unsigned nmis, depth, deepest;
static volatile bool again;    /* the handler sends another NMI */
static volatile bool ended[2]; /* one for each synthetic timer */

static void send_to_self(void)
{
    enum { ICR_LOW = 0x300, ICR_HIGH = 0x310, DELIVER_NMI = 4 << 8 };

    mmio_write32(APIC + ICR_HIGH, mmio_read32(APIC + ID));
    mmio_write32(APIC + ICR_LOW, DELIVER_NMI | 1 << 14);
}

INTERRUPT(on_nmi)
{
    (void)frame;
    nmis++;
    if (++depth > deepest)
        deepest = depth;
    if (again) {
        again = false;
        send_to_self();
        for (volatile int i = 0; i < 100000; i++)
            cpu_relax();
    }
    depth--;
}

INTERRUPT(on_timer_0)
{
    (void)frame;
    ended[0] = true;
    mmio_write32(APIC + EOI, 0);
}

INTERRUPT(on_timer_1)
{
    (void)frame;
    ended[1] = true;
    mmio_write32(APIC + EOI, 0);
}

static void set_timer(uint32_t number, uint64_t count)
{
    ended[number] = false;
    msr_write(HV_STIMER0_CONFIG + 2 * number + 1, count);
    msr_write(HV_STIMER0_CONFIG + 2 * number,
              (VECTOR + number) << 4 | 1 << 12 | 1);
}

/* The first timer ends after 0 to 200 us, the second 0 to 30 us later. The
 * steps have no common factor with these, so the ends meet every moment of an
 * exit. */
static void check_timer_stays_hidden(void)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint64_t now = msr_read(HV_TIME_REF), first = now + i * 7 % 2000;

        set_timer(0, first);
        set_timer(1, first + i * 11 % 300);
        while (!(ended[0] && ended[1]) &&
               msr_read(HV_TIME_REF) < first + 1000000)
            let_in();
    }
    check("the guest gets none of the NMIs of minihv's timer", nmis == 0);
    if (nmis)
        say("# %u NMIs in %u rounds\n", nmis, ROUNDS);
}

/* No synthetic timer is set here, so no other NMI takes the place of one. */
static void check_own_arrive(void)
{
    unsigned sent;

    nmis = 0;
    for (sent = 0; sent < OWN && nmis == sent; sent++) {
        uint64_t end = hang();

        send_to_self();
        while (nmis == sent && msr_read(HV_TIME_REF) < end)
            ;
    }
    check("each NMI that the guest sends to itself arrives once", nmis == OWN);
    if (nmis != OWN)
        say("# %u NMIs arrived, %u were sent\n", nmis, sent);
}

static void wait_for(unsigned count)
{
    uint64_t end = hang();

    while (nmis < count && msr_read(HV_TIME_REF) < end)
        ;
}

static void check_one_at_a_time(void)
{
    nmis = deepest = 0;
    again = true;
    send_to_self();
    wait_for(2);
    check("an NMI that is sent in the handler of another arrives", nmis == 2);
    check("an NMI waits for the IRET of the handler before", deepest == 1);
    send_to_self();
    wait_for(3);
    check("behind both, one more NMI arrives", nmis == 3);
}

/* ---- steps --------------------------------------------------------------- */

struct frame {
    uint64_t rip, cs, rflags;
};

static volatile unsigned steps;
static volatile uint64_t stepped_to, status;

/* Ends the stepping. */
INTERRUPT(on_debug)
{
    struct frame *f = frame;
    uint64_t dr6;

    __asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
    __asm__ volatile("mov %0, %%dr6" : : "r"(UINT64_C(0xFFFF0FF0)));
    status = dr6;
    stepped_to = f->rip;
    steps++;
    f->rflags &= ~UINT64_C(0x100);
}

/* Runs one instruction with TF set. Its #DB must come directly behind it. */
#define CHECK_STEP(what, instruction, ...)                                   \
    do {                                                                     \
        uint64_t behind;                                                     \
        steps = 0;                                                           \
        __asm__ volatile("mov $0x40000002, %%ecx; xor %%eax, %%eax;"         \
                         "lea 1f(%%rip), %[behind]; pushfq;"                 \
                         "orq $0x100, (%%rsp); popfq;" instruction           \
                         "; 1: nop; nop"                                     \
                         : [behind] "=&r"(behind)                            \
                         : __VA_ARGS__                                       \
                         : "rax", "rbx", "rcx", "rdx", "memory", "cc");      \
        check(what, steps == 1 && stepped_to == behind && status >> 14 & 1); \
    } while (0)

static void check_steps(void)
{
    CHECK_STEP("a step over an instruction of the processor ends behind it",
               "lea 1(%%rax), %%rax", "r"(0));
    CHECK_STEP("a step over CPUID ends behind it", "cpuid", "r"(0));
    CHECK_STEP("a step over a read of an MSR ends behind it", "rdmsr", "r"(0));
    CHECK_STEP("a step over a write to the APIC ends behind it",
               "movl $0, (%[eoi])", [eoi] "r"(APIC + EOI));
}

void guest_main(const char *words)
{
    (void)words;
    set_gate(2, (void *)on_nmi);
    set_gate(VECTOR, (void *)on_timer_0);
    set_gate(VECTOR + 1, (void *)on_timer_1);
    mmio_write32(APIC + SPURIOUS, 0x1FF);
    check_timer_stays_hidden();
    check_own_arrive();
    check_one_at_a_time();
    set_gate(1, (void *)on_debug);
    check_steps();
}
