/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hv/: the hypervisor interface of Hyper-V, from CPUID to an orderly end.
 *
 * Nothing here runs before ExitBootServices: until then the firmware owns the
 * hypercall page and the SynIC. Functions return 0 or a negative errno; the
 * hypervisor's statuses are converted here and nowhere else.
 */
#ifndef HV_HV_H
#define HV_HV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/cpu/cpu.h"

/* ---- discovery (discover.c) ------------------------------------------- */

/* Privileges of the partition, CPUID 0x40000003 EAX. [TLFS] 2.4 */
#define HV_ACCESS_REFERENCE_COUNTER (1u << 1)
#define HV_ACCESS_SYNIC             (1u << 2)
#define HV_ACCESS_STIMER            (1u << 3)
#define HV_ACCESS_INTR_CTRL         (1u << 4)
#define HV_ACCESS_HYPERCALL         (1u << 5)
#define HV_ACCESS_VP_INDEX          (1u << 6)
#define HV_ACCESS_RESET             (1u << 7)
#define HV_ACCESS_REFERENCE_TSC     (1u << 9)
#define HV_ACCESS_GUEST_IDLE        (1u << 10)
#define HV_ACCESS_FREQUENCIES       (1u << 11)
/* Privileges, EBX of the same leaf. */
#define HV_POST_MESSAGES   (1u << 4)
#define HV_SIGNAL_EVENTS   (1u << 5)
#define HV_START_PROCESSOR (1u << 21)
/* Features, EDX of the same leaf. */
#define HV_FEATURE_XMM_INPUT     (1u << 4)
#define HV_FEATURE_GUEST_IDLE    (1u << 5)
#define HV_FEATURE_FREQUENCIES   (1u << 8)
#define HV_FEATURE_CRASH         (1u << 10)
#define HV_FEATURE_STIMER_DIRECT (1u << 19)
/* Recommendations, CPUID 0x40000004 EAX. */
#define HV_RECOMMEND_APIC_MSRS   (1u << 3)
#define HV_RECOMMEND_NO_AUTO_EOI (1u << 9)

#define HV_LEAVES_MAX 20

/* What CPUID says of the hypervisor. Leaves that its maximum does not cover are
 * not there: their fields are 0. */
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

/**
 * Ask CPUID for everything that hv/ decides by. Touches nothing else.
 *
 * @info  filled
 *
 * IRQL: any.
 */
void hv_discover(struct hv_info *info);

/**
 * Decide whether VMBus can run here.
 *
 * @why     receives, with an error, what was expected and what was found
 * @size    of @why in bytes
 * @return  0; -ENODEV: there is no hypervisor, or not one with Microsoft's
 *          interface; -ENOTSUP: a privilege is missing, or the VM is isolated
 *
 * IRQL: any.
 */
int hv_check(const struct hv_info *info, char *why, size_t size);

/**
 * A line about something that is missing but not needed.
 *
 * @index  0, 1, ... until the result is NULL
 */
const char *hv_warning(const struct hv_info *info, unsigned index);

/**
 * A privilege or feature of those that vmbare looks at, when it is not there.
 *
 * @index   0, 1, ...
 * @return  its name in [TLFS]; NULL: there is none of that index
 */
const char *hv_lacks(const struct hv_info *info, unsigned index);

/**
 * The title of a group of flags, for hv_flag(): "may use", "recommends".
 *
 * @group   0, 1, ...
 * @return  constant; NULL: there is none of that number
 */
const char *hv_flag_group(unsigned group);

/**
 * A flag that is set, in words.
 *
 * @group   of hv_flag_group()
 * @index   0, 1, ... of those that are set
 * @return  constant; NULL: there is none of that index
 */
const char *hv_flag(const struct hv_info *info, unsigned group, unsigned index);

/**
 * Who the hypervisor is, in words: "Microsoft Hv, Windows build 20348, 10.0".
 *
 * @out  receives the text; 64 bytes are enough
 */
void hv_host_name(const struct hv_info *info, char *out, size_t size);

/**
 * An MSR of those that the privileges let us read, with its value now.
 *
 * @index   0, 1, ...
 * @return  false: there is none of that index
 */
bool hv_readable_msr(const struct hv_info *info, unsigned index,
                     uint32_t *number, const char **name, uint64_t *value);

/* ---- the partition (partition.c) -------------------------------------- */

/**
 * Name the guest to the hypervisor and enable the hypercall page.
 *
 * @left_over  receives true when somebody has left GUEST_OS_ID set, and with it
 *             perhaps a connected bus
 * @return     0; -ENOMEM; -EIO: the page is locked or does not stay enabled,
 *             which is logged
 *
 * IRQL: PASSIVE, once.
 */
int hv_partition_setup(const struct hv_info *info, bool *left_over);

/** Disable the hypercall page and clear GUEST_OS_ID. After the last hypercall.
 */
void hv_partition_end(void);

/* ---- hypercalls (hypercall.c) ----------------------------------------- */

#define HV_CALL_FLUSH_SPACE_EX        0x0013u
#define HV_CALL_POST_MESSAGE          0x005cu
#define HV_CALL_SIGNAL_EVENT          0x005du
#define HV_CALL_START_PROCESSOR       0x0099u
#define HV_CALL_VP_INDEX_FROM_APIC_ID 0x009au

/**
 * Make a fast hypercall: input in two registers.
 *
 * @control  call code and flags; the fast bit is added
 * @return   the raw result: status in bits 15:0, reps completed in 43:32
 *
 * IRQL: any.
 */
uint64_t hv_call_fast(uint64_t control, uint64_t first, uint64_t second);

/**
 * Make a fast hypercall with input in XMM registers. Only where the hypervisor
 * has HV_FEATURE_XMM_INPUT.
 *
 * @words   2 to 14 words (asserted); those after the second travel in XMM0 to
 *          XMM5
 * @return  as hv_call_fast()
 */
uint64_t hv_call_xmm(uint64_t control, const uint64_t *words, unsigned count);

/**
 * Make a hypercall whose input lies in memory: this processor's area.
 *
 * @input   copied
 * @size    at most 256 bytes (asserted)
 * @return  as hv_call_fast()
 *
 * IRQL: <= DISPATCH, on a processor with hv_synic_enable() done (asserted).
 */
uint64_t hv_call_slow(uint64_t control, const void *input, size_t size);

/**
 * Make a hypercall for a list of one element, with output.
 *
 * @input        the fixed part and the element, at most 256 bytes (asserted)
 * @output       receives @output_size bytes, at most 256 (asserted), which
 *               mean something only after success
 * @return, IRQL  as hv_call_slow()
 */
uint64_t hv_call_list(uint64_t control, const void *input, size_t size,
                      void *output, size_t output_size);

/** The name of a hypervisor status: "insufficient buffers"; "a status without a
 * name" for an unknown one. Constant. */
const char *hv_status_name(uint16_t status);

/**
 * Post a message to a connection of the host.
 *
 * @size    of @payload, at most 240 bytes
 * @return  0: the message is queued; -EAGAIN: the queue is full or memory is
 *          short just now; -ENOENT: there is no such connection id; -EACCES:
 *          not allowed; -EINVAL: too long; -EIO: anything else, logged by its
 *          name
 *
 * IRQL: <= DISPATCH. Source: [TLFS] 11.12.
 */
int hv_post_message(uint32_t connection, uint32_t type, const void *payload,
                    uint32_t size);

/**
 * Signal an event of a connection of the host.
 *
 * @flag    number of the flag that is set
 * @return  as hv_post_message()
 *
 * IRQL: <= DISPATCH. Source: [TLFS] 11.
 */
int hv_signal_event(uint32_t connection, uint16_t flag);

/* ---- SynIC (synic.c) -------------------------------------------------- */

#define HV_SINT_TIMER 1u
#define HV_SINT_VMBUS 2u

#define HV_MESSAGE_PAYLOAD 240u
#define HV_EVENT_FLAGS     2048u

/* Who takes what arrives on SINT2: at DISPATCH, on the processor that it came
 * to. */
struct hv_synic_client {
    void (*message)(uint32_t type, const void *payload, uint32_t size);
    /* @first: of this turn of deferred work. What it leads to may be done at
     * once; for the others work is queued, so that everybody has his turn. */
    void (*event)(uint32_t flag, bool first);
    /* Before the events of each interrupt. There may be none: old protocols
     * show theirs in a page of their own. Returns the highest flag that anybody
     * waits for; those of the words after its own are not looked at. */
    uint32_t (*interrupt)(void);
};

/**
 * Enable the SynIC of the running processor: both pages, and SINT2 unmasked.
 *
 * @who     copied; the same for all processors
 * @return  0; -ENOMEM
 *
 * IRQL: PASSIVE; interrupts may be off.
 */
int hv_synic_enable(const struct hv_info *info,
                    const struct hv_synic_client *who);

/** Mask SINT2 and disable the SynIC of the running processor. Messages that
 * have not been taken are lost. */
void hv_synic_disable(void);

/**
 * Take one message of SINT2 without an interrupt, for crash paths. The slots of
 * all processors are looked at: the host answers on the one that made contact,
 * which may not be the one that crashed. The others must have stopped.
 *
 * @payload  receives the message
 * @return   its size in bytes; 0: there was none
 *
 * IRQL: any.
 */
uint32_t hv_synic_poll(uint8_t payload[HV_MESSAGE_PAYLOAD]);

/* ---- time (clock.c, stimer.c) ----------------------------------------- */

/** The clock that was chosen, in words; "none" before. Constant. */
const char *hv_clock_name(void);

/**
 * Register the reference TSC page, or else the reference counter, as the clock.
 *
 * @return  false: the hypervisor offers neither
 *
 * IRQL: PASSIVE, once.
 */
bool hv_clock_setup(const struct hv_info *info);

/** Give the reference TSC page back. Time goes on by the counter. */
void hv_clock_end(void);

/** The frequency of the time stamp counter in Hz; 0: the hypervisor does not
 * say. */
uint64_t hv_tsc_frequency(const struct hv_info *info);

/** The frequency of the APIC's timer in Hz; 0: the hypervisor does not say. */
uint64_t hv_apic_frequency(const struct hv_info *info);

/**
 * Register synthetic timer 0 of each processor as the timer device. Needs the
 * SynIC and the clock.
 *
 * @return  false: it is not offered, or it does not count in our clock
 */
bool hv_stimer_setup(const struct hv_info *info);

/** Enable the timer of the running processor, after hv_synic_enable() there. */
void hv_stimer_enable(void);

/** Disable the timer of the running processor. */
void hv_stimer_disable(void);

/* ---- the end of interrupts (assist.c) ---------------------------------- */

/** Whether the hypervisor has a hint which says that an interrupt needs no
 * EOI, and an EOI may leave the guest. */
bool hv_assist_offered(const struct hv_info *info);

/**
 * Use that hint on the running processor, where hv_assist_offered() is true.
 *
 * @return  0; -ENOMEM: no page for it, and each interrupt has its EOI
 *
 * Interrupts must be off, or none in service. Once per processor.
 */
int hv_assist_enable(void);

/** Use it no more on the running processor. IRQL: <= DISPATCH, in no
 * interrupt. */
void hv_assist_disable(void);

/**
 * Register the guest-idle MSR as the way to sleep.
 *
 * @return  false: it is not offered
 */
bool hv_idle_setup(const struct hv_info *info);

/* ---- processors, crash, reset (processor.c, crash.c) ------------------- */

/** The number of the running processor as the hypervisor counts; 0 where it
 * does not say. */
uint32_t hv_vp_index(const struct hv_info *info);

/**
 * Register HvStartVirtualProcessor as the starter of processors.
 *
 * @return  false: it is not offered
 */
bool hv_starter_setup(const struct hv_info *info);

/** Register the crash MSRs with the crash report, and the reset MSR with power
 * reset, each where it is offered. */
void hv_crash_setup(const struct hv_info *info);

#endif
