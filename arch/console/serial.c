/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * COM1: see serial.h. Registers and bits are those of the 16550's data sheet.
 *
 * Polled, without interrupts: the port must work in a crash, and before there
 * are interrupts. Every wait is bounded, because a host may connect the port to
 * a pipe that nobody reads.
 */
#include "arch/console/serial.h"

#include <stdint.h>

#include "arch/cpu/io.h"

#define COM1 0x3F8u

#define DATA          (COM1 + 0) /* divisor low byte while LCR_DIVISOR */
#define INTERRUPTS    (COM1 + 1) /* divisor high byte while LCR_DIVISOR */
#define FIFO          (COM1 + 2) /* read: interrupt identification */
#define LINE_CONTROL  (COM1 + 3)
#define MODEM_CONTROL (COM1 + 4)
#define LINE_STATUS   (COM1 + 5)
#define SCRATCH       (COM1 + 7)

#define LCR_8N1     0x03u
#define LCR_DIVISOR 0x80u
#define MCR_DTR_RTS 0x03u
#define FCR_ENABLE  0x07u /* on, and both directions emptied */
#define IIR_FIFO    0xC0u /* both set: the FIFO works (16550A) */
#define LSR_DATA    0x01u
#define LSR_EMPTY   0x20u /* transmitter FIFO empty */
#define LSR_NOBODY  0xFFu /* what a port without a device reads as */

#define DIVISOR_115200 1u
#define FIFO_SIZE      16u

/*
 * How often the line status is read before the UART counts as stuck. One read
 * takes about 1 us on hardware and more under a hypervisor, and 16 characters
 * take 1.4 ms: this is ten times the longest honest wait.
 */
#define WAIT_READS 14000u

static struct {
    bool present;
    bool stuck;     /* did not drain in time: waits no more until it does */
    uint32_t burst; /* characters that fit when it reports empty */
    uint32_t room;  /* of these, not used yet */
} com1;

/* Something else is written in between: a bus on which nobody answers may read
 * as the last value that was on it. */
static bool scratch_keeps(uint8_t value)
{
    outb(SCRATCH, value);
    outb(INTERRUPTS, 0);
    return inb(SCRATCH) == value;
}

/* Two values, because one of them could be there by accident. */
static bool answers(void)
{
    return inb(LINE_STATUS) != LSR_NOBODY && scratch_keeps(0x5A) &&
           scratch_keeps(0xA5);
}

bool serial_init(void)
{
    com1.present = answers();
    if (!com1.present)
        return false;
    outb(INTERRUPTS, 0);
    /* Set the speed: the divisor's registers show while LCR_DIVISOR is set. */
    outb(LINE_CONTROL, LCR_DIVISOR);
    outb(DATA, DIVISOR_115200);
    outb(INTERRUPTS, 0);
    /* Eight data bits, no parity, one stop bit; this hides the divisor again.
     */
    outb(LINE_CONTROL, LCR_8N1);
    outb(FIFO, FCR_ENABLE);
    outb(MODEM_CONTROL, MCR_DTR_RTS);
    /* Only a 16550A has a FIFO that works; older ones take one character at a
     * time. */
    com1.burst = (inb(FIFO) & IIR_FIFO) == IIR_FIFO ? FIFO_SIZE : 1;
    com1.room = 0;
    com1.stuck = false;
    return true;
}

bool serial_present(void)
{
    return com1.present;
}

/* Makes room for a character: an empty transmitter takes a whole burst. False:
 * there is no room now. */
static bool wait_for_room(void)
{
    uint32_t reads = com1.stuck ? 1 : WAIT_READS;

    if (com1.room > 0)
        return true;
    while (reads-- > 0) {
        if (inb(LINE_STATUS) & LSR_EMPTY) {
            com1.room = com1.burst;
            com1.stuck = false;
            return true;
        }
    }
    /* From now on each character gets one look instead of a wait. */
    com1.stuck = true;
    return false;
}

static bool send(char c)
{
    if (!wait_for_room())
        return false;
    com1.room--;
    outb(DATA, (uint8_t)c);
    return true;
}

/* Nothing is sent after a character that found no room: the rest would come out
 * of order when the port drains. */
void serial_write(const char *text, size_t length)
{
    if (!com1.present)
        return;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n' && !send('\r'))
            return;
        if (!send(text[i]))
            return;
    }
}

bool serial_waiting(void)
{
    return com1.present && (inb(LINE_STATUS) & LSR_DATA);
}

int serial_read(void)
{
    /* A look at the status only: nothing waits. */
    return serial_waiting() ? inb(DATA) : -1;
}

static void sink_write(struct log_sink *sink, enum log_level level,
                       const char *text, size_t length)
{
    (void)sink;
    (void)level;
    serial_write(text, length);
}

struct log_sink *serial_sink(void)
{
    static struct log_sink sink = {
        .threshold = LOG_INFO,
        .write = sink_write,
    };

    return &sink;
}
