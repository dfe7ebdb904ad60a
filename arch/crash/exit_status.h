/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts that a test's host understands. One table for all hosts, see
 * docs/exit-statuses.md. Written to the isa-debug-exit port, the value v ends
 * QEMU with status 2v + 1.
 */
#ifndef ARCH_EXIT_STATUS_H
#define ARCH_EXIT_STATUS_H

enum exit_status {
    EXIT_STATUS_PASSED = 0x10,        /* QEMU 33 */
    EXIT_STATUS_FAILED = 0x11,        /* QEMU 35: a test failed */
    EXIT_STATUS_NO_HYPERVISOR = 0x12, /* QEMU 37: not on Hyper-V */
    EXIT_STATUS_UNSUPPORTED = 0x13,   /* QEMU 39: a host we cannot use */
    EXIT_STATUS_CRASH = 0x14,         /* QEMU 41 */
    EXIT_STATUS_TIMEOUT = 0x15,       /* QEMU 43 */
    /* 0x16 and 0x17 are minihv's own. */
    EXIT_STATUS_USAGE = 0x18, /* QEMU 49: wrong options */
};

#endif
