/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pages that a connection shares: the interrupt page, by which channels
 * without an interrupt of their own are told apart, and the monitor pages, in
 * which the guest sets a bit instead of making a hypercall. [linux hyperv.h]
 */
#ifndef VMBUS_WIRE_PAGES_H
#define VMBUS_WIRE_PAGES_H

#include "vmbus/wire/wire.h"

/* One bit for each relid; the second half is guest to host.
 * [linux hyperv.h] */
struct wire_interrupt_page {
    uint32_t host_to_guest[512];
    uint32_t guest_to_host[512];
};
WIRE_SIZE(wire_interrupt_page, 4096);

struct wire_monitor_trigger {
    uint32_t pending;
    uint32_t armed;
};

struct wire_monitor_parameter {
    uint32_t connection;
    uint16_t flag;
    uint16_t reserved;
};

/* [linux hyperv.h] */
struct wire_monitor_page {
    uint32_t trigger_state; /* bits 3:0: group enabled */
    uint32_t reserved;
    struct wire_monitor_trigger trigger[4];
    uint8_t reserved2[24];
    int32_t next_check_time[4][32];
    uint16_t latency[4][32]; /* 100 ns */
    uint8_t reserved3[256];
    struct wire_monitor_parameter parameter[4][32];
    uint8_t reserved4[1984];
};
WIRE_SIZE(wire_monitor_page, 4096);
WIRE_AT(wire_monitor_page, trigger, 0x08);
WIRE_AT(wire_monitor_page, next_check_time, 0x40);
WIRE_AT(wire_monitor_page, latency, 0x240);
WIRE_AT(wire_monitor_page, parameter, 0x440);

#endif
