/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug console: see debug_port.h. */
#include "arch/console/debug_port.h"

#include "arch/cpu/io.h"

#define PORT 0xE9u

/* QEMU's device reads as the port's number; a bus on which nobody answers reads
 * as ones. */
bool debug_port_present(void)
{
    return inb(PORT) == PORT;
}

/* Raw text of an application comes whatever the threshold is; its level is not
 * that of an error. */
static void sink_write(struct log_sink *sink, enum log_level level,
                       const char *text, size_t length)
{
    (void)sink;
    if (level != LOG_ERROR)
        return;
    for (size_t i = 0; i < length; i++)
        outb(PORT, (uint8_t)text[i]);
}

struct log_sink *debug_port_sink(void)
{
    static struct log_sink sink = {
        .threshold = LOG_ERROR,
        .write = sink_write,
    };

    return &sink;
}
