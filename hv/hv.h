/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hv/: the hypervisor interface of Hyper-V, from CPUID to orderly end.
 *
 * Nothing here runs before ExitBootServices: until then the firmware owns
 * hypercall page and SynIC. Statuses are 0 or a negative errno; hypervisor
 * statuses are converted here and nowhere else.
 */
#ifndef HV_HV_H
#define HV_HV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/cpu/cpu.h"

/* ---- discovery (discover.c) ------------------------------------------- */

/* Privileges, CPUID 0x40000003 EAX. [TLFS] */
#define HV_ACCESS_REFERENCE_COUNTER (1u << 1)
#define HV_ACCESS_SYNIC             (1u << 2)
#define HV_ACCESS_STIMER            (1u << 3)
#define HV_ACCESS_HYPERCALL         (1u << 5)
#define HV_ACCESS_VP_INDEX          (1u << 6)
#define HV_ACCESS_RESET             (1u << 7)
#define HV_ACCESS_REFERENCE_TSC     (1u << 9)
#define HV_ACCESS_GUEST_IDLE        (1u << 10)
#define HV_ACCESS_FREQUENCIES       (1u << 11)
/* EBX. */
#define HV_POST_MESSAGES   (1u << 4)
#define HV_SIGNAL_EVENTS   (1u << 5)
#define HV_START_PROCESSOR (1u << 21)
/* EDX. */
#define HV_FEATURE_XMM_INPUT     (1u << 4)
#define HV_FEATURE_GUEST_IDLE    (1u << 5)
#define HV_FEATURE_FREQUENCIES   (1u << 8)
#define HV_FEATURE_CRASH         (1u << 10)
#define HV_FEATURE_STIMER_DIRECT (1u << 19)
/* Recommendations, 0x40000004 EAX. */
#define HV_RECOMMEND_NO_AUTO_EOI (1u << 9)

#define HV_LEAVES_MAX 20

/* What CPUID tells of the hypervisor. Leaves that the maximum does not cover
 * are not there: their fields are 0. */
struct hv_info {
    bool hypervisor; /* leaf 1 says that there is one */
    bool conforming; /* ... and it speaks Microsoft's interface, "Hv#1" */
    char vendor[13];
    uint32_t max_leaf;
    uint32_t access;      /* 0x40000003 EAX */
    uint32_t access_high; /* EBX */
    uint32_t features;    /* EDX */
    uint32_t recommend;   /* 0x40000004 EAX */
    uint32_t isolation;   /* 0x4000000C EBX [3:0]: 0 none */
    uint32_t leaves;      /* raw, for the report */
    struct {
        uint32_t number;
        struct cpuid_result value;
    } leaf[HV_LEAVES_MAX];
};

/* Fills *info; touches nothing. Any IRQL. */
void hv_discover(struct hv_info *info);

/*
 * Can VMBus run here? 0; -ENODEV: no hypervisor, or not this interface;
 * -ENOTSUP: a privilege is missing, or the VM is isolated. `why` (of `size`
 * bytes) says what was expected and what found.
 */
int hv_check(const struct hv_info *info, char *why, size_t size);

/* One line of what is odd but bearable, or NULL. `index` counts from 0. */
const char *hv_warning(const struct hv_info *info, unsigned index);

/* Privilege or feature number `index` of those that matter, and whether it is
 * granted. False: no more. */
bool hv_privilege(const struct hv_info *info, unsigned index, const char **name,
                  bool *granted);

/* MSR number `index` of those that the privileges let us read, with its value
 * now. False: no more. (report.c) */
bool hv_readable_msr(const struct hv_info *info, unsigned index,
                     uint32_t *number, const char **name, uint64_t *value);

/* ---- the partition (partition.c) -------------------------------------- */

/*
 * Names the guest to the hypervisor and enables the hypercall page.
 * *left_over: somebody left GUEST_OS_ID set, so perhaps a connected bus.
 * 0; -ENOMEM; -EIO: the page does not stay enabled. Once, PASSIVE.
 */
int hv_partition_setup(const struct hv_info *info, bool *left_over);

/* Takes all of it back, after the last hypercall. */
void hv_partition_end(void);

/* ---- hypercalls (hypercall.c) ----------------------------------------- */

#define HV_CALL_FLUSH_SPACE_EX  0x0013u
#define HV_CALL_POST_MESSAGE    0x005cu
#define HV_CALL_SIGNAL_EVENT    0x005du
#define HV_CALL_START_PROCESSOR 0x0099u

/* Raw results: status in bits 15:0, reps completed in 43:32. <= DISPATCH. */
uint64_t hv_call_fast(uint64_t control, uint64_t first, uint64_t second);
/* `words` beyond the two registers travel in XMM0-5: at most 14 in all. */
uint64_t hv_call_xmm(uint64_t control, const uint64_t *words, unsigned count);
/* `size` bytes (at most 4,096) through this processor's input page. */
uint64_t hv_call_slow(uint64_t control, const void *input, size_t size);

/* "insufficient buffers"; the number in hex for those without a name. */
const char *hv_status_name(uint16_t status);

/*
 * 0; -EAGAIN: the queue is full or memory is short just now; -ENOENT: no such
 * connection id; -EACCES; -EIO: anything else, logged by name. <= DISPATCH.
 */
int hv_post_message(uint32_t connection, uint32_t type, const void *payload,
                    uint32_t size);
int hv_signal_event(uint32_t connection, uint16_t flag);

/* ---- SynIC (synic.c) -------------------------------------------------- */

#define HV_SINT_TIMER 1u
#define HV_SINT_VMBUS 2u

#define HV_MESSAGE_PAYLOAD 240u
#define HV_EVENT_FLAGS     2048u

/* Who takes what arrives on SINT2: at DISPATCH on the processor it came to. */
struct hv_synic_client {
    void (*message)(uint32_t type, const void *payload, uint32_t size);
    void (*event)(uint32_t flag);
    /* After the events of each interrupt: there may have been none, for old
     * protocols tell of theirs in a page of their own. */
    void (*interrupt)(void);
};

/*
 * Enables the SynIC of the running processor: pages, SINT2 unmasked. Messages
 * go to `client` (the same for all). 0 or -ENOMEM. Interrupts may be off.
 */
int hv_synic_enable(const struct hv_info *info, const struct hv_synic_client *);

/* Masks and disables it on the running processor. */
void hv_synic_disable(void);

/* Looks at the message slot of the running processor without interrupts, for
 * crash paths: copies one message's payload, returns its size, 0 for none. */
uint32_t hv_synic_poll(uint8_t payload[HV_MESSAGE_PAYLOAD]);

/* ---- time (clock.c, stimer.c) ----------------------------------------- */

/* The clock that was chosen, in words. */
const char *hv_clock_name(void);

/* Registers the reference TSC page or the reference counter as the clock.
 * False: the hypervisor offers neither. Once, PASSIVE. */
bool hv_clock_setup(const struct hv_info *info);
void hv_clock_end(void);

/* TSC and APIC clock in Hz as the hypervisor tells them, else 0. */
uint64_t hv_tsc_frequency(const struct hv_info *info);
uint64_t hv_apic_frequency(const struct hv_info *info);

/* Registers synthetic timer 0 of each processor as the timer device. False:
 * not offered, or it does not count in our clock. Needs SynIC and clock. */
bool hv_stimer_setup(const struct hv_info *info);
/* Per processor, after hv_synic_enable. */
void hv_stimer_enable(void);
void hv_stimer_disable(void);

/* Registers the guest-idle MSR as the way to sleep, where it is offered. */
bool hv_idle_setup(const struct hv_info *info);

/* ---- processors, crash, reset (processor.c, crash.c) ------------------- */

/* This processor's number as the hypervisor counts; 0 where not told. */
uint32_t hv_vp_index(const struct hv_info *info);

/* Registers HvStartVirtualProcessor as the starter, where it is offered. */
bool hv_starter_setup(const struct hv_info *info);

/* Registers the crash MSRs with the crash report and the reset MSR with
 * power_reset, each where it is offered. */
void hv_crash_setup(const struct hv_info *info);

#endif
