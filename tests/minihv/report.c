/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output for a person: events as they happen, and how a run ended. A report
 * names what was wrong, shows the registers and the last 50 events, and always
 * ends QEMU.
 */
#include "minihv.h"
#include "dynamic.h"
#include "input.h"
#include "net.h"
#include "sock.h"
#include "video.h"

enum { EVENTS = 256, SHOWN = 50 };

static struct {
    uint64_t time, a, b;
    const char *text;
    uint32_t vp;
} events[EVENTS];
static uint32_t next_event;
static struct spinlock report_lock;

static const char *const counter_names[COUNTERS] = {
    [COUNT_CPUID] = "exits.cpuid",
    [COUNT_MSR] = "exits.msr",
    [COUNT_HYPERCALL] = "exits.hypercall",
    [COUNT_IO] = "exits.io",
    [COUNT_NMI] = "exits.timer",
    [COUNT_NESTED_FAULT] = "exits.memory",
    [COUNT_STEP] = "exits.step",
    [COUNT_INTERRUPTS] = "interrupts",
    [COUNT_AUTO_EOI] = "interrupts.auto-eoi",
    [COUNT_REPEATED] = "interrupts.repeated",
    [COUNT_MESSAGES_IN] = "messages.from-guest",
    [COUNT_MESSAGES_OUT] = "messages.to-guest",
    [COUNT_SIGNALS_IN] = "signals.from-guest",
    [COUNT_SIGNALS_OUT] = "signals.to-guest",
    [COUNT_MONITOR_SIGNALS] = "signals.by-monitor",
    [COUNT_TIMERS] = "timers",
    [COUNT_HEARTBEATS] = "heartbeats",
    [COUNT_DISK_READS] = "disk.reads",
    [COUNT_DISK_WRITES] = "disk.writes",
    [COUNT_PACKETS] = "packets",
    [COUNT_RULES_BROKEN] = "rules-broken",
};

/* Prints the marks in TSC ticks since MARK_BOOT_SERVICES. */
static const char *const mark_names[MARKS] = {
    [MARK_CONTACT] = "contact",
    [MARK_OFFERS] = "offers",
    [MARK_OPEN] = "open",
    [MARK_PACKET] = "packet",
};

void event(const struct vp *vp, const char *text, uint64_t a, uint64_t b)
{
    uint32_t i = __atomic_fetch_add(&next_event, 1, __ATOMIC_RELAXED);

    i %= EVENTS;
    events[i].time = clock_now();
    events[i].vp = vp ? vp->index : VP_MAX;
    events[i].a = a;
    events[i].b = b;
    events[i].text = text;
}

static void say_time(uint64_t t)
{
    say("[%5lu.%06lu] ", t / 10000000, t / 10 % 1000000);
}

static void say_events(void)
{
    uint32_t end = next_event, n = end < SHOWN ? end : SHOWN;

    say("minihv: the last %u host events:\n", n);
    for (uint32_t i = end - n; i != end; i++) {
        uint32_t k = i % EVENTS;

        say("  ");
        say_time(events[k].time);
        if (events[k].vp == VP_MAX)
            say("host: ");
        else
            say("vp %u: ", events[k].vp);
        say_literal(events[k].text, events[k].a, events[k].b);
        say("\n");
    }
}

static void say_registers(const struct vp *vp)
{
    const struct registers *r = &vp->regs;
    const struct vmcb *b = vp->vmcb;

    say("minihv: vp %u at its last exit (0x%lx):\n", vp->index, b->exit_code);
    say("  rip %016lx rsp %016lx rflags %lx cpl %u\n", b->rip, b->rsp,
        b->rflags, b->cpl);
    say("  rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", b->rax, r->rbx,
        r->rcx, r->rdx);
    say("  rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", r->rsi, r->rdi,
        r->rbp, r->r8);
    say("  r9  %016lx r10 %016lx r11 %016lx r12 %016lx\n", r->r9, r->r10,
        r->r11, r->r12);
    say("  r13 %016lx r14 %016lx r15 %016lx\n", r->r13, r->r14, r->r15);
    say("  cr0 %lx cr2 %lx cr3 %lx cr4 %lx efer %lx\n", b->cr0, b->cr2, b->cr3,
        b->cr4, b->efer & ~(uint64_t)EFER_SVME);
    say("  cs %x idt %lx+%x gdt %lx+%x\n", b->cs.selector, b->idtr.base,
        b->idtr.limit, b->gdtr.base, b->gdtr.limit);
}

void mark(enum mark m)
{
    if (!hv.mark[m])
        hv.mark[m] = clock_guest_tsc();
}

void say_counts(void)
{
    for (int i = 0; i < COUNTERS; i++)
        say("minihv: count %s %lu\n", counter_names[i], hv.count[i]);
    net_say_counts();
    input_say_counts();
    video_say_counts();
    sock_say_counts();
    dynamic_say_counts();
    for (int i = MARK_BOOT_SERVICES + 1; i < MARKS; i++)
        if (hv.mark[i])
            say("minihv: count ticks.%s %lu\n", mark_names[i],
                hv.mark[i] - hv.mark[MARK_BOOT_SERVICES]);
}

void end_run(uint8_t verdict)
{
    say_counts();
    port_out8(PORT_VERDICT, verdict);
    /* Code after the port write runs only if QEMU has no isa-debug-exit. */
    port_out8(PORT_RESET, 6);
    for (;;)
        __asm__ volatile("cli; hlt");
}

static _Noreturn void report(struct vp *vp, const char *who, const char *format,
                             va_list arguments, uint8_t verdict)
{
    spin_lock(&report_lock); /* never released: only the first report counts */
    say("minihv: %s: ", who);
    say_v(format, arguments);
    say("\n");
    if (vp && vp->vmcb)
        say_registers(vp);
    say_events();
    end_run(verdict);
}

void guest_misbehaved(struct vp *vp, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report(vp, "guest misbehaved", format, arguments, VERDICT_MISBEHAVED);
}

void minihv_failed(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report(NULL, "failed", format, arguments, VERDICT_FAILED);
}

void qemu_failed(struct vp *vp, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report(vp, "QEMU failed", format, arguments, VERDICT_FAILED);
}

void rule_broken(struct vp *vp, const char *format, ...)
{
    va_list arguments;

    count(COUNT_RULES_BROKEN);
    va_start(arguments, format);
    if (hv.config.strict)
        report(vp, "guest misbehaved", format, arguments, VERDICT_MISBEHAVED);
    say("minihv: rule broken: ");
    say_v(format, arguments);
    say("\n");
    va_end(arguments);
}

void check_deadline(struct vp *vp)
{
    if (clock_now() >= hv.deadline)
        guest_misbehaved(vp, "hang: no end within %u s (deadline=)",
                         hv.config.deadline);
}
