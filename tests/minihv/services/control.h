/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control port: lines of words on QEMU's second serial port, which a socket
 * of the build machine leads to. Each line is answered by lines that begin with
 * "- ", if any, and one that begins with "ok" or "error". The next line is read
 * after that.
 */
#ifndef MINIHV_SERVICES_CONTROL_H
#define MINIHV_SERVICES_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CONTROL_PORT = 0x2F8, /* 8 ports, which the guest does not see */
    CONTROL_PORTS = 8,
    CONTROL_LINE = 14000, /* bytes of a line: COPY_DATA_MAX as hex, and words */
};

/* Starts to read. */
void control_start(void);

/* Runs the command in a line without its end, which it may change. commands.c
 * has it. */
void control_run(char *line);

/* Writes text; formats as of say(): %s %u %lu %x %d. */
void control_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The command's end: after it the next line is read. */
void control_end(void);

#endif
