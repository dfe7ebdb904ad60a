/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests every part of minihv's interface once: CPUID leaves, MSRs, hypercall
 * page, messages, flags, timers, clocks, and the documented answers to wrong
 * use. It needs strict=0, because it breaks rules on purpose.
 */
#include "guest.h"

enum { SINT = 2, VECTOR = 0x61, TIMER_SINT = 3, DIRECT_VECTOR = 0x62 };

static struct hv_message slots[HV_SINT_COUNT] __attribute__((aligned(4096)));
static uint64_t flags[512] __attribute__((aligned(4096)));
static uint8_t input[2 * 4096] __attribute__((aligned(4096)));
static struct hv_reference_page clock_page __attribute__((aligned(4096)));

enum { AUTO_SINT = 5, AUTO_VECTOR = 0xE1 };
static volatile unsigned autos, in_service;
static volatile unsigned interrupts, directs, messages, timer_messages;
static volatile uint32_t last_type;
static volatile uint64_t last_timer_delay;

static void eoi(void)
{
    mmio_write32(0xFEE000B0, 0);
}

static void take_message(volatile struct hv_message *slot)
{
    if (!slot->type)
        return;
    last_type = slot->type;
    messages++;
    if (slot->type == HV_MESSAGE_TIMER) {
        volatile struct hv_timer_message *t = (void *)slot->payload;

        timer_messages++;
        last_timer_delay = t->delivered - t->expired;
    }
    __atomic_store_n(&slot->type, 0, __ATOMIC_SEQ_CST);
    if (slot->flags & 1)
        msr_write(HV_EOM, 0);
}

INTERRUPT(on_sint)
{
    (void)frame;
    interrupts++;
    take_message(&slots[SINT]);
    take_message(&slots[TIMER_SINT]);
    eoi();
}

INTERRUPT(on_direct)
{
    (void)frame;
    directs++;
    eoi();
}

static void check_leaves(void)
{
    struct cpuid_result r = cpuid(0x40000000, 0);

    check("CPUID leaf 1 shows a hypervisor", cpuid(1, 0).ecx >> 31);
    check("CPUID leaf 0x40000000 shows Microsoft Hv",
          r.ebx == 0x7263694D && r.ecx == 0x666F736F && r.edx == 0x76482074);
    check("CPUID leaf 0x40000001 shows Hv#1",
          cpuid(0x40000001, 0).eax == 0x31237648);
    check("CPUID leaf 0x80000001 shows no SVM",
          !(cpuid(0x80000001, 0).ecx & 4));
}

static void check_hypercall_page(void)
{
    static uint8_t page[4096] __attribute__((aligned(4096)));
    uint32_t before = 0x12345678;

    memcpy(page, &before, 4);
    msr_write(HV_GUEST_OS_ID, 0);
    msr_write(HV_HYPERCALL, (uint64_t)page | 1);
    check("the hypercall page stays off without a guest OS id",
          !(msr_read(HV_HYPERCALL) & 1));
    msr_write(HV_GUEST_OS_ID, 1);
    msr_write(HV_HYPERCALL, (uint64_t)page | 1);
    check("the hypercall page holds VMMCALL and RET",
          *(volatile uint32_t *)page == 0xC3D9010F);
    check("a write to the hypercall page raises #GP", !store_try(page, 0));
    msr_write(HV_GUEST_OS_ID, 0);
    check(
        "guest OS id 0 removes the hypercall page and uncovers the page below",
        *(volatile uint32_t *)page == before);
    hypercall_on();
    check("an unknown hypercall gives status 2", hypercall(0x7777, 0, 0) == 2);
}

static void check_msrs(void)
{
    uint64_t v;

    check("the VP index of the boot processor is 0",
          msr_read(HV_VP_INDEX) == 0);
    check("a write to the VP index raises #GP", !msr_try_write(HV_VP_INDEX, 1));
    check("a write to the reference time raises #GP",
          !msr_try_write(HV_TIME_REF, 1));
    check("the MSR EOM can be read", msr_try_read(HV_EOM, &v));
    check("a read of an unknown MSR raises #GP", !msr_try_read(0x40000999, &v));
    check("the SynIC version is 1", msr_read(HV_SVERSION) == 1);
    check("each SINT starts masked", msr_read(HV_SINT0 + 5) == 0x10000);
    check("a SINT vector below 16 raises #GP",
          !msr_try_write(HV_SINT0 + 5, 15));
    check("the crash control MSR shows notify and message",
          msr_read(HV_CRASH_CTL) >> 62 == 3);
    check("EFER reads with SVME clear", !(msr_read(MSR_EFER) & EFER_SVME));
    check("a read of VM_CR raises #GP", !msr_try_read(MSR_VM_CR, &v));
}

static void check_clock(void)
{
    volatile struct hv_reference_page *p = &clock_page;
    uint64_t a = msr_read(HV_TIME_REF), b, c;

    msr_write(HV_REFERENCE_TSC, (uint64_t)p | 1);
    check("the reference TSC page is valid", p->sequence && p->sequence != ~0u);
    b = (uint64_t)((unsigned __int128)tsc_read() * p->scale >> 64) +
        (uint64_t)p->offset;
    c = msr_read(HV_TIME_REF);
    say("# reference time %lu, page %lu, %lu; TSC %lu Hz\n", a, b, c,
        msr_read(HV_TSC_FREQUENCY));
    check("the reference TSC page and the MSR show the same, rising time",
          a <= b && b <= c);
}

static uint64_t post(uint32_t connection, uint32_t type, uint32_t size)
{
    struct hv_post_input *in = (void *)input;

    memset(input, 0, sizeof input);
    in->connection = connection;
    in->type = type;
    in->size = size;
    return hypercall(HV_CALL_POST_MESSAGE, (uint64_t)in, 0);
}

/* Writes a message that is valid on any ordinary page. */
static void write_good_post(void *place)
{
    struct hv_post_input *in = place;

    memset(in, 0, sizeof *in);
    in->connection = 1;
    in->type = 1;
    in->size = 8;
}

static void check_wrong_calls(void)
{
    check("a fast HvPostMessage gives status 2",
          hypercall(HV_CALL_POST_MESSAGE | 1 << 16, 0, 0) == HV_INVALID_CODE);
    check("HvPostMessage with misaligned input gives status 4",
          hypercall(HV_CALL_POST_MESSAGE, (uint64_t)input + 4, 0) ==
              HV_INVALID_ALIGNMENT);
    write_good_post(input + 4000);
    check("HvPostMessage with input across a page's end gives status 5",
          hypercall(HV_CALL_POST_MESSAGE, (uint64_t)input + 4000, 0) ==
              HV_INVALID_PARAMETER);
    write_good_post(&slots[10]); /* below the overlay, and on it */
    msr_write(HV_SIMP, (uint64_t)slots | 1);
    write_good_post(&slots[10]);
    check("HvPostMessage with input on an overlay gives status 5",
          hypercall(HV_CALL_POST_MESSAGE, (uint64_t)&slots[10], 0) ==
              HV_INVALID_PARAMETER);
    memset(&slots[10], 0, sizeof slots[10]);
    check("HvPostMessage with a payload of 241 bytes gives status 5",
          post(1, 1, 241) == HV_INVALID_PARAMETER);
    check("HvPostMessage with message type 0 gives status 5",
          post(1, 0, 8) == HV_INVALID_PARAMETER);
    check("HvPostMessage to an unknown connection gives status 0x12",
          post(99, 1, 8) == HV_INVALID_CONNECTION);
    check("HvPostMessage with a rep count gives status 3",
          hypercall(HV_CALL_POST_MESSAGE | UINT64_C(1) << 32, (uint64_t)input,
                    0) == HV_INVALID_INPUT);
    check("HvSignalEvent on an unknown connection gives status 0x12",
          hypercall(HV_CALL_SIGNAL_EVENT | 1 << 16, 0x999, 0) ==
              HV_INVALID_CONNECTION);
}

static void synic_on(void)
{
    set_gate(VECTOR, (void *)on_sint);
    set_gate(DIRECT_VECTOR, (void *)on_direct);
    mmio_write32(0xFEE000F0, 0x1FF);
    msr_write(HV_SIMP, (uint64_t)slots | 1);
    msr_write(HV_SIEFP, (uint64_t)flags | 1);
    msr_write(HV_SINT0 + SINT, VECTOR);
    msr_write(HV_SINT0 + TIMER_SINT, VECTOR);
    msr_write(HV_SCONTROL, 1);
}

static void wait_until(volatile unsigned *count, unsigned n)
{
    uint64_t end = hang();

    while (*count < n && msr_read(HV_TIME_REF) < end)
        let_in();
}

/* Every host answers INITIATE_CONTACT with version 0 by a refusal. */
static uint64_t contact(uint32_t version)
{
    struct hv_post_input *in = (void *)input;
    uint32_t *body = (uint32_t *)in->payload;

    memset(input, 0, sizeof input);
    in->connection = 1;
    in->type = 1;
    in->size = 40;
    body[0] = 14;
    body[2] = version;
    return hypercall(HV_CALL_POST_MESSAGE, (uint64_t)in, 0);
}

static void check_messages(void)
{
    unsigned answered = 0;

    messages = interrupts = 0;

    check("the host takes INITIATE_CONTACT", contact(0x7FFF0000) == 0);
    wait_until(&messages, 1);
    check("the answer to INITIATE_CONTACT raises one interrupt",
          interrupts == 1 && messages == 1);
    check("the answer to INITIATE_CONTACT has message type 1", last_type == 1);
    for (unsigned i = 0; i < 4; i++)
        answered += contact(0x7FFF0000) == 0;
    check("the host takes four more INITIATE_CONTACT", answered == 4);
    wait_until(&messages, 5);
    say("# %u messages, %u interrupts\n", messages, interrupts);
    check("after each EOM the next waiting answer is delivered", messages == 5);
}

/* Takes messages without EOM: an EOI alone must deliver the next one. */
INTERRUPT(on_sint_without_eom)
{
    (void)frame;
    interrupts++;
    if (slots[SINT].type) {
        messages++;
        __atomic_store_n(&slots[SINT].type, 0, __ATOMIC_SEQ_CST);
    }
    eoi();
}

static void check_eoi(void)
{
    messages = interrupts = 0;
    set_gate(VECTOR, (void *)on_sint_without_eom);
    contact(0x7FFF0000);
    contact(0x7FFF0000);
    contact(0x7FFF0000);
    wait_until(&messages, 3);
    check("an EOI also delivers the next waiting message", messages == 3);
    set_gate(VECTOR, (void *)on_sint);
}

/* Empties the slot when it has a message, and the mark if that is expected: a
 * host with its own processor may answer later. Returns the slot's flags. */
static uint8_t take_flags(bool marked)
{
    volatile struct hv_message *slot = &slots[SINT];
    uint64_t end = hang();
    uint8_t found;

    while ((!slot->type || (marked && !(slot->flags & 1))) &&
           msr_read(HV_TIME_REF) < end)
        cpu_relax();
    found = slot->flags;
    __atomic_store_n(&slots[SINT].type, 0, __ATOMIC_SEQ_CST);
    msr_write(HV_EOM, 0);
    return found;
}

static void check_marks(void)
{
    uint8_t first, second, third;

    contact(0x7FFF0000);
    contact(0x7FFF0000);
    contact(0x7FFF0000);
    first = take_flags(true);
    second = take_flags(true);
    third = take_flags(false);
    check("the slot has its mark exactly while more messages wait",
          first & 1 && second & 1 && !(third & 1));
}

static void check_timer_without_count(void)
{
    unsigned before = directs;

    msr_write(HV_STIMER0_CONFIG + 7, 0);
    msr_write(HV_STIMER0_CONFIG + 6, DIRECT_VECTOR << 4 | 1 << 12 | 1);
    check("a synthetic timer that is enabled with count 0 stays enabled",
          msr_read(HV_STIMER0_CONFIG + 6) & 1);
    let_in();
    check("a synthetic timer with count 0 does not expire", directs == before);
    msr_write(HV_STIMER0_CONFIG + 7, 1); /* long ago */
    wait_until(&directs, before + 1);
    check("an enabled synthetic timer expires when it gets a count",
          directs == before + 1 && !(msr_read(HV_STIMER0_CONFIG + 6) & 1));
}

static void check_timers(void)
{
    uint64_t now = msr_read(HV_TIME_REF);

    msr_write(HV_STIMER0_CONFIG + 1, now + 50000);
    msr_write(HV_STIMER0_CONFIG, TIMER_SINT << 16 | 1);
    wait_until(&timer_messages, 1);
    check("a one-shot synthetic timer sends one message", timer_messages == 1);
    check("a one-shot synthetic timer disables itself",
          !(msr_read(HV_STIMER0_CONFIG) & 1));
    msr_write(HV_STIMER0_CONFIG + 2, DIRECT_VECTOR << 4 | 1 << 12 | 2);
    msr_write(HV_STIMER0_CONFIG + 3, 20000);
    msr_write(HV_STIMER0_CONFIG + 2, DIRECT_VECTOR << 4 | 1 << 12 | 2 | 1);
    wait_until(&directs, 5);
    check("a periodic timer in direct mode raises interrupts", directs >= 5);
    msr_write(HV_STIMER0_CONFIG + 3, 0);
    check("count 0 stops a periodic synthetic timer",
          !(msr_read(HV_STIMER0_CONFIG + 2) & 1));
    check_timer_without_count();
    msr_write(HV_STIMER0_CONFIG + 5, UINT64_MAX); /* a valid count */
    msr_write(HV_STIMER0_CONFIG + 4, 1);
    check("a synthetic timer with SINT 0 cannot be enabled",
          !(msr_read(HV_STIMER0_CONFIG + 4) & 1));
}

/* The guest makes no exits here but those of the timer, which must reach it
 * while it computes and while it is in HLT. */
static void check_timer_alone(void)
{
    unsigned before = directs;
    volatile uint64_t n;

    msr_write(HV_STIMER0_CONFIG + 3, msr_read(HV_TIME_REF) + 50000);
    msr_write(HV_STIMER0_CONFIG + 2, DIRECT_VECTOR << 4 | 1 << 12 | 1);
    __asm__ volatile("sti");
    for (n = 0; n < 2000000000 && directs == before; n++)
        ;
    __asm__ volatile("cli");
    check("a synthetic timer interrupts a guest that computes",
          directs == before + 1);
    msr_write(HV_STIMER0_CONFIG + 3, msr_read(HV_TIME_REF) + 50000);
    msr_write(HV_STIMER0_CONFIG + 2, DIRECT_VECTOR << 4 | 1 << 12 | 1);
    while (directs == before + 1)
        __asm__ volatile("sti; hlt; cli");
    check("a synthetic timer wakes a guest in HLT", directs == before + 2);
    msr_write(HV_STIMER0_CONFIG + 3, msr_read(HV_TIME_REF) + 50000);
    msr_write(HV_STIMER0_CONFIG + 2, DIRECT_VECTOR << 4 | 1 << 12 | 1);
    msr_read(HV_GUEST_IDLE);
    let_in();
    check("a synthetic timer ends the guest idle state", directs == before + 3);
}

/* Without an EOI, and without EOM while nothing waits. */
INTERRUPT(on_auto)
{
    (void)frame;
    autos++;
    in_service |= mmio_read32(0xFEE00100 + AUTO_VECTOR / 32 * 16);
    __atomic_store_n(&slots[AUTO_SINT].type, 0, __ATOMIC_SEQ_CST);
}

static void send_auto(void)
{
    msr_write(HV_STIMER0_CONFIG + 7, msr_read(HV_TIME_REF) + 20000);
    msr_write(HV_STIMER0_CONFIG + 6, AUTO_SINT << 16 | 1);
}

/* The flag AUTO_EOI is bit 17. The vector is of a higher class than those of
 * the other sources, which an interrupt that stays in service would block. */
static void check_auto_eoi(void)
{
    unsigned before = directs;

    set_gate(AUTO_VECTOR, (void *)on_auto);
    check("CPUID advises against AutoEOI, which all the same can be set",
          cpuid(0x40000004, 0).eax >> 9 & 1 &&
              msr_try_write(HV_SINT0 + AUTO_SINT, 1 << 17 | AUTO_VECTOR));
    send_auto();
    wait_until(&autos, 1);
    send_auto();
    wait_until(&autos, 2);
    check("interrupts with AutoEOI arrive one after the other without an EOI",
          autos == 2);
    check("an interrupt with AutoEOI is not in service while it is handled",
          !(in_service >> AUTO_VECTOR % 32 & 1));
    msr_write(HV_STIMER0_CONFIG + 3, msr_read(HV_TIME_REF) + 20000);
    msr_write(HV_STIMER0_CONFIG + 2, DIRECT_VECTOR << 4 | 1 << 12 | 1);
    wait_until(&directs, before + 1);
    check("behind interrupts with AutoEOI one of a lower class arrives",
          directs == before + 1);
    msr_write(HV_TPR, 0xE0);
    send_auto();
    wait_a_moment();
    check("an interrupt with AutoEOI waits for the task's priority",
          autos == 2);
    msr_write(HV_TPR, 0);
    wait_until(&autos, 3);
    check("an interrupt with AutoEOI arrives when the priority allows it",
          autos == 3);
    send_auto();
    while (autos == 3)
        __asm__ volatile("sti; hlt; cli");
    check("an interrupt with AutoEOI wakes a guest in HLT", autos == 4);
}

static void check_registers_kept(void)
{
    uint64_t x;

    __asm__ volatile("movq %1, %%xmm5; mov $0x40000000, %%eax; cpuid;"
                     "movq %%xmm5, %0"
                     : "=r"(x)
                     : "r"(UINT64_C(0x1122334455667788))
                     : "rax", "rbx", "rcx", "rdx");
    check("SSE registers keep their values across VM exits",
          x == UINT64_C(0x1122334455667788));
}

/* A generation-2 VM has no PCI: there is no host bridge at 0:0.0. */
static void check_no_pci(void)
{
    port_out32(0xCF8, 0x80000000);
    check("PCI has no device, with 32 bits", port_in32(0xCFC) == UINT32_MAX);
    check("PCI has no device, with 16 bits", port_in16(0xCFC) == 0xFFFF);
    check("PCI has no device, with 8 bits", port_in8(0xCFE) == 0xFF);
}

void guest_main(const char *words)
{
    (void)words;
    check_leaves();
    check_no_pci();
    check_hypercall_page();
    check_msrs();
    check_clock();
    check_wrong_calls();
    synic_on();
    check_timers();
    check_timer_alone();
    check_auto_eoi();
    check_registers_kept();
    check_messages();
    check_marks();
    check_eoi();
}
