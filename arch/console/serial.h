/*
 * COM1, polled, 115200 8N1, if a 16550 answers there. Many generation-2 VMs
 * have none: nothing waits for it then. One that stops draining costs one
 * bounded wait, and from then on only what fits without waiting is sent
 * until it drains again.
 */
#ifndef ARCH_SERIAL_H
#define ARCH_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "arch/console/log.h"

/*
 * Looks for the UART (scratch register and line status) and sets it up;
 * about 15 port accesses. True: it is there. PASSIVE, once.
 */
bool serial_init(void);

bool serial_present(void);

/* Sends '\n' as '\r' '\n'. Without a UART it returns at once. Any IRQL. */
void serial_write(const char *text, size_t length);

/* The next byte received (0..255), or -1 when there is none or no UART. */
int serial_read(void);

/* The log's sink for COM1, threshold LOG_INFO; for log_add_sink. */
struct log_sink *serial_sink(void);

#endif
