/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and layouts of the hypervisor's interface. Source: [TLFS]. They are
 * written separately from hv/, so that a number with a typing error in one of
 * the two does not agree with itself.
 */
#ifndef MINIHV_HYPERV_H
#define MINIHV_HYPERV_H

#include <stddef.h>
#include <stdint.h>

enum hv_msr {
    HV_GUEST_OS_ID = 0x40000000,
    HV_HYPERCALL = 0x40000001,
    HV_VP_INDEX = 0x40000002,
    HV_RESET = 0x40000003,
    HV_VP_RUNTIME = 0x40000010,
    HV_TIME_REF = 0x40000020,
    HV_REFERENCE_TSC = 0x40000021,
    HV_TSC_FREQUENCY = 0x40000022,
    HV_APIC_FREQUENCY = 0x40000023,
    HV_EOI = 0x40000070,
    HV_ICR = 0x40000071,
    HV_TPR = 0x40000072,
    HV_VP_ASSIST = 0x40000073,
    HV_SCONTROL = 0x40000080,
    HV_SVERSION = 0x40000081,
    HV_SIEFP = 0x40000082,
    HV_SIMP = 0x40000083,
    HV_EOM = 0x40000084,
    HV_SINT0 = 0x40000090,
    HV_SINT15 = 0x4000009F,
    HV_STIMER0_CONFIG = 0x400000B0,
    HV_STIMER3_COUNT = 0x400000B7,
    HV_GUEST_IDLE = 0x400000F0,
    HV_CRASH_P0 = 0x40000100,
    HV_CRASH_P4 = 0x40000104,
    HV_CRASH_CTL = 0x40000105,
    HV_MSR_FIRST = 0x40000000,
    HV_MSR_LAST = 0x4000FFFF,
};

/* CPUID 0x40000003 EAX: which MSRs the partition may use. */
enum hv_access {
    HV_ACCESS_RUNTIME = 1 << 0,
    HV_ACCESS_TIME_REF = 1 << 1,
    HV_ACCESS_SYNIC = 1 << 2,
    HV_ACCESS_STIMER = 1 << 3,
    HV_ACCESS_INTR_CTRL = 1 << 4,
    HV_ACCESS_HYPERCALL = 1 << 5,
    HV_ACCESS_VP_INDEX = 1 << 6,
    HV_ACCESS_RESET = 1 << 7,
    HV_ACCESS_REF_TSC = 1 << 9,
    HV_ACCESS_GUEST_IDLE = 1 << 10,
    HV_ACCESS_FREQUENCY = 1 << 11,
};

/* CPUID 0x40000003 EBX: which hypercalls. */
enum hv_rights {
    HV_RIGHT_POST = 1 << 4,
    HV_RIGHT_SIGNAL = 1 << 5,
    HV_RIGHT_START_VP = 1 << 21,
};

/* CPUID 0x40000003 EDX. */
enum hv_features {
    HV_FEATURE_IDLE = 1 << 5,
    HV_FEATURE_FREQUENCY = 1 << 8,
    HV_FEATURE_CRASH = 1 << 10,
    HV_FEATURE_DIRECT = 1 << 19,
};

enum hv_call {
    HV_CALL_POST_MESSAGE = 0x005C,
    HV_CALL_SIGNAL_EVENT = 0x005D,
    HV_CALL_START_VP = 0x0099,
    HV_CALL_VP_INDEX = 0x009A,
};

enum hv_status {
    HV_SUCCESS = 0x00,
    HV_INVALID_CODE = 0x02,
    HV_INVALID_INPUT = 0x03,
    HV_INVALID_ALIGNMENT = 0x04,
    HV_INVALID_PARAMETER = 0x05,
    HV_ACCESS_DENIED = 0x06,
    HV_INVALID_PARTITION = 0x0D,
    HV_INVALID_VP_INDEX = 0x0E,
    HV_INVALID_PORT = 0x11,
    HV_INVALID_CONNECTION = 0x12,
    HV_INSUFFICIENT_BUFFERS = 0x13,
    HV_INVALID_VP_STATE = 0x15,
    HV_INVALID_SYNIC = 0x18,
};

enum {
    HV_SINT_COUNT = 16,
    HV_SINT_MASKED = 1 << 16,
    HV_PAYLOAD_MAX = 240,
    HV_MESSAGE_BUFFERS = 16, /* per port: [TLFS] */
    HV_EVENT_FLAGS = 2048,
    HV_TIMER_COUNT = 4,
};
#define HV_MESSAGE_TIMER 0x80000010u

/* One slot of the message page. [TLFS] */
struct hv_message {
    uint32_t type; /* 0: the slot is free */
    uint8_t size;
    uint8_t flags; /* bit 0: more are waiting for this slot */
    uint16_t reserved;
    uint64_t sender;
    uint8_t payload[HV_PAYLOAD_MAX];
};
_Static_assert(sizeof(struct hv_message) == 256, "[TLFS] slot of 256 bytes");
_Static_assert(offsetof(struct hv_message, payload) == 16, "[TLFS] payload");

/* Input of HvGetVpIndexFromApicId for one id. [TLFS] */
struct hv_index_input {
    uint64_t partition;
    uint8_t vtl, reserved[7];
    uint32_t apic_id, more;
};
_Static_assert(offsetof(struct hv_index_input, apic_id) == 16, "[TLFS] list");

/* Input of HvPostMessage. [TLFS] */
struct hv_post_input {
    uint32_t connection;
    uint32_t reserved;
    uint32_t type;
    uint32_t size;
    uint8_t payload[HV_PAYLOAD_MAX];
};
_Static_assert(sizeof(struct hv_post_input) == 256, "[TLFS] HvPostMessage");

/* Payload of a timer message. [TLFS] */
struct hv_timer_message {
    uint32_t index;
    uint32_t reserved;
    uint64_t expired, delivered; /* reference time */
};
_Static_assert(sizeof(struct hv_timer_message) == 24, "[TLFS] timer message");

/* The reference TSC page. [TLFS] */
struct hv_reference_page {
    uint32_t sequence;
    uint32_t reserved;
    uint64_t scale;
    int64_t offset;
};

struct hv_segment {
    uint64_t base;
    uint32_t limit;
    uint16_t selector;
    uint16_t attributes;
};

struct hv_table {
    uint16_t pad[3];
    uint16_t limit;
    uint64_t base;
};

/* Input of HvStartVirtualProcessor. [TLFS] */
struct hv_start_input {
    uint64_t partition;
    uint32_t vp_index;
    uint8_t vtl;
    uint8_t pad[3];
    uint64_t rip, rsp, rflags;
    struct hv_segment cs, ds, es, fs, gs, ss, tr, ldtr;
    struct hv_table idtr, gdtr;
    uint64_t efer, cr0, cr3, cr4, pat;
};
_Static_assert(offsetof(struct hv_start_input, rip) == 16, "[TLFS] context");
_Static_assert(sizeof(struct hv_start_input) == 240, "[TLFS] 16 + 224");

#endif
