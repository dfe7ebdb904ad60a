/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * COM1, polled, 115200 8N1, if a 16550 answers there.
 *
 * Many generation-2 VMs have no serial port; nothing waits for it then. A port
 * that stops draining costs one bounded wait. From then on only what fits
 * without waiting is sent, until the port drains again.
 */
#ifndef ARCH_SERIAL_H
#define ARCH_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "arch/console/log.h"

/**
 * Look for the UART (scratch register and line status) and set it up, by about
 * 15 port accesses.
 *
 * @return  true: it is there
 *
 * IRQL: PASSIVE, once.
 */
bool serial_init(void);

/** Was the UART found? */
bool serial_present(void);

/** Send text; '\n' is sent as '\r' '\n'. What does not fit in a bounded time is
 * dropped. Without a UART it returns at once. IRQL: any. */
void serial_write(const char *text, size_t length);

/** Has a byte come that serial_read() would return? IRQL: any. */
bool serial_waiting(void);

/** The next byte received (0..255), or -1 when there is none or no UART. Never
 * waits. */
int serial_read(void);

/** The log's sink for COM1, with threshold LOG_INFO; for log_add_sink(). */
struct log_sink *serial_sink(void);

#endif
