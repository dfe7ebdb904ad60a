/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's second serial port, polled: see control.h. */
#include "control.h"

#include "bus.h"
#include "minihv.h"

enum {
    DATA = CONTROL_PORT,
    INTERRUPTS = CONTROL_PORT + 1,
    FIFO = CONTROL_PORT + 2,
    FORMAT = CONTROL_PORT + 3,
    MODEM = CONTROL_PORT + 4,
    STATUS = CONTROL_PORT + 5,
    FORMAT_8N1 = 3,
    FIFO_ON = 1,     /* and not emptied, if it was on */
    MODEM_READY = 3, /* DTR, RTS */
    HAS_BYTE = 1,
    CAN_SEND = 1 << 5,
    PERIOD = 2000, /* 0.2 ms */
    PERIOD_SHARED = 10000,
    STUCK = 10000000, /* 1 s without room */
    BYTES = 64,       /* of one poll */
};

static struct seam_timer timer;
static char line[CONTROL_LINE + 1];
static uint32_t length;
static bool busy; /* a command has not ended */
static bool too_long;
static bool stuck; /* the rest of this answer is dropped */

/* ---- writing ------------------------------------------------------------- */

/* A byte that is written without room would push out another. */
static void put(char c)
{
    uint64_t end = clock_now() + STUCK;

    while (!stuck && !(port_in8(STATUS) & CAN_SEND)) {
        stuck = clock_now() > end;
        if (stuck)
            say("minihv: the control port has taken no byte for a second: the "
                "rest of its answer is dropped\n");
    }
    if (!stuck)
        port_out8(DATA, (uint8_t)c);
}

static void put_text(const char *s)
{
    while (*s)
        put(*s++);
}

static void put_number(uint64_t v, unsigned base)
{
    char digits[24], *d = digits + sizeof digits - 1;

    *d = 0;
    do {
        *--d = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    put_text(d);
}

void control_say(const char *format, ...)
{
    va_list arguments;
    bool is_long;

    va_start(arguments, format);
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put(*f);
            continue;
        }
        is_long = *++f == 'l';
        f += is_long;
        if (*f == 's')
            put_text(va_arg(arguments, const char *));
        else
            put_number(is_long ? va_arg(arguments, uint64_t)
                               : va_arg(arguments, unsigned),
                       *f == 'x' ? 16 : 10);
    }
    va_end(arguments);
}

void control_end(void)
{
    busy = false;
}

/* ---- reading ------------------------------------------------------------- */

static void run(void)
{
    line[length] = 0;
    length = 0;
    busy = true;
    stuck = false;
    if (too_long) {
        too_long = false;
        control_say("error a line has at most %u bytes\n", CONTROL_LINE);
        control_end();
        return;
    }
    control_run(line);
}

static void take(char c)
{
    if (c == '\n' && (length || too_long))
        run();
    else if (c == '\n')
        return; /* an empty line asks for nothing */
    else if (length == CONTROL_LINE)
        too_long = true;
    else if (c != '\r')
        line[length++] = c;
}

static void poll(void *arg)
{
    (void)arg;
    for (int i = 0; i < BYTES && !busy && port_in8(STATUS) & HAS_BYTE; i++)
        take((char)port_in8(DATA));
    seam_timer_set(NULL, &timer,
                   clock_now() + (hv.has_host_cpu ? PERIOD : PERIOD_SHARED));
}

void control_start(void)
{
    port_out8(INTERRUPTS, 0);
    port_out8(FORMAT, FORMAT_8N1);
    port_out8(FIFO, FIFO_ON);
    port_out8(MODEM, MODEM_READY);
    timer.run = poll;
    seam_timer_set(NULL, &timer, clock_now());
}
