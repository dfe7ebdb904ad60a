/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data and functions that minihv's files share: the partition, its processors,
 * and the functions of each file. All of it runs in host mode, in the copy of
 * minihv that the guest cannot see. Interrupts are always off (GIF is 0 from
 * the first VM exit on).
 */
#ifndef MINIHV_H
#define MINIHV_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apic.h"
#include "config.h"
#include "hyperv.h"
#include "machine.h"
#include "vmbus/wire/memory.h"
#include "vmcb.h"

#define PAGE_SIZE 4096u
#define VP_MAX    4
#define RAM_MAX   48

/* RCX of the one VMMCALL that minihv's own code in the guest makes, after
 * ExitBootServices has returned. */
#define PRIVATE_CALL UINT64_C(0x6D696E6968760001)

/* The guest's physical addresses end here, as CPUID says: one table of nested
 * paging. */
#define GPA_BITS     39
#define GPA_END      (UINT64_C(1) << GPA_BITS)
#define HPET_ADDRESS UINT64_C(0xFED00000)

enum {
    PORT_VERDICT = 0xF4, /* isa-debug-exit */
    PORT_RESET = 0xCF9,
    PORT_PCI_DATA = 0xCFC, /* of PCI, with the address in 0xCF8 */
    PCI_PORTS = 4,
    PORT_PM1_CONTROL = 0x604, /* q35: soft-off is written here */
};

struct range {
    uint64_t base, end;
};

/* Data that the EFI program gathers and passes to the takeover. */
struct boot {
    struct config config;
    struct range self;   /* the copy of minihv */
    struct range heap;   /* memory of seam_alloc() and seam_map() */
    struct range disk;   /* contents of opt/disk; may be empty */
    uint64_t trampoline; /* a page below 1 MB to start processors from */
    uint32_t cpu_count;
    uint32_t ram_count;
    struct range ram[RAM_MAX];
};

struct registers {
    uint64_t rbx, rcx, rdx, rsi, rdi, rbp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
};

/* Messages of one SINT that wait for its slot. */
struct message_queue {
    uint32_t head, count;
    struct hv_message message[HV_MESSAGE_BUFFERS];
};

struct synic {
    struct spinlock lock;
    uint64_t control, simp, siefp;
    uint64_t sint[HV_SINT_COUNT];
    struct hv_message *slots; /* the overlay pages: always there, shown */
    uint64_t *flags;          /* to the guest while SIMP, SIEFP enable */
    struct message_queue queue[HV_SINT_COUNT];
};

struct stimer {
    uint64_t config, count;
    uint64_t due;       /* reference time of the next expiry */
    bool message_waits; /* expired, its message not yet in the slot */
    uint64_t expired;
    uint64_t unanswered; /* when its interrupt was sent; 0: taken, or none */
};

enum step_reason { STEP_NONE, STEP_APIC_WRITE, STEP_SHADOW, STEP_IRET };

/* A single guest instruction that runs under the trap flag. */
struct step {
    enum step_reason reason;
    uint64_t flags;  /* TF and IF to restore */
    uint32_t offset; /* APIC register that is written */
};

enum vp_state { VP_OFF, VP_WAITS_FOR_SIPI, VP_STARTING, VP_RUNS };

struct vp {
    struct registers regs; /* first: vmrun.S knows its offsets */
    uint64_t vmcb_address; /* at 112 */
    struct vmcb *vmcb;
    uint32_t index, apic_id;
    uint32_t number; /* the VP index that the guest sees */
    enum vp_state state;
    struct synic synic;
    struct stimer timer[HV_TIMER_COUNT];
    uint64_t vp_assist;
    uint64_t apic_base;     /* IA32_APIC_BASE, as the guest sees it */
    uint64_t icr;           /* of x2APIC mode, as last written */
    uint32_t ldr, dfr;      /* logical id of xAPIC mode, as last written */
    uint32_t kick;          /* of nmi.c */
    bool nmi_waits;         /* one for the guest */
    bool nmi_blocked;       /* the guest handles one: until its IRET */
    bool init_waits;        /* an INIT stops it at its next exit */
    bool left_work;         /* in this exit, for the host half */
    uint64_t auto_waits[4]; /* vectors, of SINTs with AutoEOI */
    struct step step;
    uint64_t exits;
    uint32_t npt_seen; /* hv.npt_generation that its TLB agrees with */
};

enum counter {
    COUNT_CPUID,
    COUNT_MSR,
    COUNT_HYPERCALL,
    COUNT_IO,
    COUNT_NMI,
    COUNT_NESTED_FAULT,
    COUNT_STEP,
    COUNT_INTERRUPTS,
    COUNT_AUTO_EOI,
    COUNT_REPEATED, /* of COUNT_INTERRUPTS' ones, lost by QEMU */
    COUNT_MESSAGES_IN,
    COUNT_MESSAGES_OUT,
    COUNT_SIGNALS_IN,
    COUNT_SIGNALS_OUT,
    COUNT_MONITOR_SIGNALS,
    COUNT_TIMERS,
    COUNT_HEARTBEATS,
    COUNT_DISK_READS,
    COUNT_DISK_WRITES,
    COUNT_PACKETS,
    COUNT_RULES_BROKEN,
    COUNTERS,
};

/* Steps of a guest's start; each is marked once with the guest's TSC. */
enum mark {
    MARK_BOOT_SERVICES, /* ExitBootServices has returned */
    MARK_CONTACT,       /* VERSION_RESPONSE is in the slot */
    MARK_OFFERS,        /* the last offer */
    MARK_OPEN,          /* the first OPENCHANNEL_RESULT */
    MARK_PACKET,        /* the guest's first packet was read */
    MARKS,
};

/* The partition: one per run. */
struct hv {
    struct boot boot;
    struct config config;
    struct vp vp[VP_MAX];
    uint32_t vp_count;
    bool has_host_cpu; /* the last processor runs the host half */
    uint32_t host_apic_id;
    bool boot_services_over;
    uint32_t cpus_up; /* processors in host or guest mode of minihv */
    uint32_t npt_generation;

    uint64_t os_id, hypercall, reference_tsc;
    uint64_t crash[5];

    uint64_t tsc_frequency;
    uint64_t scale;      /* 100 ns per TSC tick, 64 fractional bits */
    uint64_t time_start; /* scaled TSC at reference time 0 */
    uint64_t deadline;   /* reference time at which the run is a hang */
    uint64_t count[COUNTERS];
    uint64_t mark[MARKS]; /* guest TSC; 0: not reached */
};
extern struct hv hv;

static inline void count(enum counter c)
{
    __atomic_fetch_add(&hv.count[c], 1, __ATOMIC_RELAXED);
}

/* ---- text.c: the debug console at port 0xE9 ---------------------------- */

/* Prints text when its line ends. Formats: %s %c %d %u %x %p with l, ll, z,
 * width and zero padding. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_v(const char *format, va_list arguments);
/* Prints the text of an event, with at most two %lx or %lu. */
void say_literal(const char *format, uint64_t a, uint64_t b);

/* ---- report.c ---------------------------------------------------------- */

/* Remembers one event; `text` is a literal with at most two %lx. */
void event(const struct vp *vp, const char *text, uint64_t a, uint64_t b);

/* Handles a rule that the guest broke. With config.strict the run ends in a
 * report; otherwise the rule is counted and logged. */
void rule_broken(struct vp *vp, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void guest_misbehaved(struct vp *vp, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void minihv_failed(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Ends the run because the emulator broke a rule of SVM. minihv_host.py knows
 * the words of this report, and repeats the run. */
_Noreturn void qemu_failed(struct vp *vp, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void say_counts(void);
void mark(enum mark m);

/* Prints the counters and leaves QEMU with 2 * verdict + 1. */
_Noreturn void end_run(uint8_t verdict);

/* Ends the run in a report when the guest's deadline has passed. */
void check_deadline(struct vp *vp);

enum { VERDICT_MISBEHAVED = 0x16, VERDICT_FAILED = 0x17 };

/* ---- tables.c: own paging, GDT, IDT ------------------------------------ */

void tables_prepare(void);
void tables_load(void);
uint64_t tables_root(void);
void tables_gdt(struct table_register *out);

/* ---- npt.c: what the guest sees at each physical page ------------------ */

enum { NPT_NONE = 0, NPT_READ = 5, NPT_WRITE = 7 };

void npt_prepare(void);
uint64_t npt_root(const struct vp *vp);
void npt_map(uint64_t gpa, uint64_t page, uint32_t access);
void npt_map_for(const struct vp *vp, uint64_t gpa, uint64_t page,
                 uint32_t access);
void npt_hide(struct range r);
/* Takes 2 MiB of memory from the guest, or gives them back. Returns false, and
 * does nothing, if they hold a page that is shown in another way. */
bool npt_take_block(uint64_t gpa, bool take);

/* ---- memory.c: guest memory as the host may touch it ------------------- */

bool guest_owns(uint64_t gpa, uint64_t size);

/* Returns the input or output of a hypercall, or NULL unless it lies inside one
 * page of guest memory that is no overlay. */
void *guest_pointer(uint64_t gpa, uint32_t size);

/* Shows `page` to the guest at bits 63:12 of the MSR while its bit 0 is set.
 * `old` is the MSR's old value. Returns false if the page must not be covered.
 */
bool overlay_move(uint64_t old, uint64_t new, const void *page,
                  uint32_t access);
bool overlay_covers(uint64_t gpa);

/* ---- vmcb.c ------------------------------------------------------------ */

void vmcb_prepare(struct vp *vp);
void vmcb_from_here(struct vp *vp, uint64_t rip, uint64_t rsp);
void vmcb_from_sipi(struct vp *vp, uint8_t vector);
void vmcb_from_context(struct vp *vp, const struct hv_start_input *in);
void vmcb_inject(struct vp *vp, uint32_t vector);
void vmcb_inject_interrupt(struct vp *vp, uint8_t vector);
bool vmcb_injects(const struct vp *vp); /* something, at the next entry */

/* ---- exits.c, cpuid.c, msr.c, hypercall.c ------------------------------ */

void vp_exit(struct vp *vp); /* called by vmrun.S for every exit */
void exit_cpuid(struct vp *vp);
void exit_msr(struct vp *vp);
void exit_hypercall(struct vp *vp);
/* Ends the instruction that has exited: the next one is `length` bytes behind
 * it, and a guest that steps gets its #DB. */
void skip_instruction(struct vp *vp, uint32_t length);
/* Does the work of the host half, which has no processor of its own. */
void host_pump(void);
bool hv_msr_read(struct vp *vp, uint32_t number, uint64_t *value);
bool hv_msr_write(struct vp *vp, uint32_t number, uint64_t value);

/* ---- step.c ------------------------------------------------------------ */

void step_apic_write(struct vp *vp, uint32_t offset);
void step_shadow(struct vp *vp);
void step_iret(struct vp *vp);
void step_end(struct vp *vp); /* at the start of every exit */

/* ---- synic.c ----------------------------------------------------------- */

void synic_prepare(struct vp *vp);
bool synic_read(struct vp *vp, uint32_t number, uint64_t *value);
bool synic_write(struct vp *vp, uint32_t number, uint64_t value);

/* HV_SUCCESS, HV_INSUFFICIENT_BUFFERS. */
enum hv_status synic_post(struct vp *vp, uint32_t sint, uint32_t type,
                          const void *payload, uint32_t size);
bool synic_has_room(void); /* no source has all its buffers in use */
/* HV_SUCCESS, HV_INVALID_SYNIC. */
enum hv_status synic_signal(struct vp *vp, uint32_t sint, uint32_t flag);
/* Delivers waiting messages that now fit: after EOM, EOI, an expiry. */
void synic_redeliver(struct vp *vp);

/* ---- stimer.c ---------------------------------------------------------- */

bool stimer_read(struct vp *vp, uint32_t number, uint64_t *value);
bool stimer_write(struct vp *vp, uint32_t number, uint64_t value);
void stimer_expire(struct vp *vp);
uint64_t stimer_next(const struct vp *vp); /* UINT64_MAX: none */
/* Before an EOI of `vp`, which calls it: its timers' interrupts have come. */
void stimer_eoi(struct vp *vp);
/* Sends a timer's interrupt again that was lost; on the host's processor. */
void stimer_repeat(struct vp *vp);

/* ---- clock.c, hpet.c --------------------------------------------------- */

void clock_prepare(void);
bool clock_page_write(uint64_t value);
uint64_t clock_guest_tsc(void);
uint64_t clock_now(void);              /* reference time, 100 ns */
void clock_sleep(uint64_t hundred_ns); /* busy */

void hpet_prepare(void);
uint64_t hpet_read(void); /* 10 ns ticks */
/* One NMI for the boot processor, which calls it. An NMI of an earlier setting
 * is taken first. UINT64_MAX: none. */
void hpet_nmi_at(uint64_t reference);
/* Turns the timer off. Returns true if its time had come: then its NMI may be
 * pending, and the caller takes it. The boot processor calls it. */
bool hpet_stop(void);
void schedule_nmi(void);

/* ---- processors.c ------------------------------------------------------ */

void processor_enable_svm(uint32_t index);
void processors_boot_services_over(void);
struct vp *processor_of(uint32_t number); /* by VP index; NULL: none has it */
enum hv_status processors_start(struct vp *by, const struct hv_start_input *);
/* An INIT or SIPI of `by` for `vp`, with the low half of the ICR. */
void processors_init_sipi(struct vp *by, struct vp *vp, uint32_t icr);
/* Stops `vp`, which calls it, until a SIPI starts it from its reset state. */
_Noreturn void processors_stop(struct vp *vp);

/* ---- bus.c: the VMBus host ---------------------------------------------- */

void bus_prepare(void);
/* From HvPostMessage and HvSignalEvent of the guest. */
enum hv_status bus_message(uint32_t connection, uint32_t type,
                           const void *payload, uint32_t size);
enum hv_status bus_signal(uint32_t connection, uint16_t flag);
/* Does all host work that is due. Returns true if there was some. */
bool bus_pump(void);
uint64_t bus_next(void); /* reference time of the next work by time */

/* ---- takeover.c -------------------------------------------------------- */

_Noreturn void takeover(const struct boot *boot, uint64_t rip, uint64_t rsp);

/* ---- assembler --------------------------------------------------------- */

_Noreturn void vp_run(struct vp *vp);
/* Runs vp_run(vp) or another function on a stack of its own. */
_Noreturn void run_on_stack(void (*run)(void *), void *arg, void *stack_top);
/* Saves this processor's state and calls run(arg, rip, rsp). Returns as a
 * guest, when execution continues at that rip and rsp. */
void launch(void (*run)(const struct boot *, uint64_t, uint64_t),
            const struct boot *arg);
void load_segments(void);
void host_take_nmi(void);

#endif
