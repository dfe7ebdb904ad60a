/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug console of QEMU, Bochs and Cloud Hypervisor: a port that takes
 * characters at once. */
#ifndef ARCH_DEBUG_PORT_H
#define ARCH_DEBUG_PORT_H

#include <stdbool.h>

#include "arch/console/log.h"

/** Does the port answer? It does with its own number, which a port without a
 * device does not. */
bool debug_port_present(void);

/** The log's sink for the port; for log_add_sink(). It takes errors only, as
 * each character may leave the guest: refusals and crash reports. */
struct log_sink *debug_port_sink(void);

#endif
