/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of COM1 against a simulated 16550: present, absent and stuck. */
#include <stdbool.h>
#include <string.h>

#include "unit.h"

#include "fake_io.h"
#include "arch/console/serial.h"

#define COM1 0x3F8u

/* The simulated UART. */
static struct {
    bool absent;
    bool floating;  /* no UART, and reads give the last value written */
    bool no_status; /* the line status reads 0xFF */
    bool fifo;
    bool stuck;
    unsigned busy_reads; /* of the line status, after each full FIFO */
    uint8_t registers[8];
    uint8_t divisor[2];
    char sent[65536];
    unsigned length;
    unsigned in_fifo;
    unsigned busy;
    unsigned overruns;
    unsigned reads;
    int input;
} uart;

static bool divisor_shown(void)
{
    return uart.registers[3] & 0x80;
}

uint8_t inb(uint16_t port)
{
    assert_in_range(port, COM1, COM1 + 7);
    uart.reads++;
    if (uart.absent)
        return uart.floating ? uart.registers[0] : 0xFF;
    switch (port - COM1) {
    case 0:
        assert_true(uart.input >= 0);
        uart.reads--;
        port = (uint16_t)uart.input;
        uart.input = -1;
        return (uint8_t)port;
    case 2:
        return uart.fifo ? 0xC1 : 0x01;
    case 5:
        if (uart.no_status)
            return 0xFF;
        if (uart.busy > 0)
            uart.busy--;
        else if (!uart.stuck)
            uart.in_fifo = 0;
        return (uint8_t)((uart.in_fifo == 0 ? 0x60 : 0) |
                         (uart.input >= 0 ? 0x01 : 0));
    default:
        return uart.registers[port - COM1];
    }
}

void outb(uint16_t port, uint8_t value)
{
    assert_in_range(port, COM1, COM1 + 7);
    if (uart.floating)
        uart.registers[0] = value;
    if (uart.absent)
        return;
    if (port - COM1 < 2 && divisor_shown()) {
        uart.divisor[port - COM1] = value;
    } else if (port == COM1) {
        if (++uart.in_fifo > (uart.fifo ? 16 : 1))
            uart.overruns++;
        uart.busy = uart.busy_reads;
        uart.sent[uart.length++] = (char)value;
    } else {
        uart.registers[port - COM1] = value;
    }
}

uint16_t inw(uint16_t port)
{
    fail_msg("inw(0x%x)", port);
    return 0;
}

uint32_t inl(uint16_t port)
{
    fail_msg("inl(0x%x)", port);
    return 0;
}

void outw(uint16_t port, uint16_t value)
{
    fail_msg("outw(0x%x, 0x%x)", port, value);
}

void outl(uint16_t port, uint32_t value)
{
    fail_msg("outl(0x%x, 0x%x)", port, value);
}

static void reset_uart(void)
{
    memset(&uart, 0, sizeof(uart));
    uart.fifo = true;
    uart.input = -1;
    memset(uart.divisor, 0xEE, sizeof(uart.divisor));
}

static void send(const char *text)
{
    serial_write(text, strlen(text));
}

static void uart_is_set_to_115200_8n1_without_interrupts(void **state)
{
    (void)state;
    reset_uart();
    assert_true(serial_init());
    assert_true(serial_present());
    assert_int_equal(uart.divisor[0], 1); /* 115200 */
    assert_int_equal(uart.divisor[1], 0);
    assert_int_equal(uart.registers[3], 0x03); /* 8N1, divisor hidden */
    assert_int_equal(uart.registers[1], 0);    /* no interrupts */
    assert_int_equal(uart.registers[4], 0x03); /* DTR, RTS */
    assert_int_equal(uart.length, 0);
}

static void line_feed_is_sent_as_cr_lf(void **state)
{
    (void)state;
    reset_uart();
    serial_init();
    send("ok 1\nnot ok 2\n");
    assert_string_equal(uart.sent, "ok 1\r\nnot ok 2\r\n");
    assert_int_equal(uart.overruns, 0);
}

/* The FIFO is filled each time it is empty: few status reads, no loss. */
static void text_is_sent_in_pieces_of_the_fifo_without_loss(void **state)
{
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof(text));
    for (int fifo = 0; fifo <= 1; fifo++) {
        reset_uart();
        uart.fifo = fifo;
        uart.busy_reads = 20;
        serial_init();
        uart.reads = 0;
        serial_write(text, sizeof(text));
        assert_int_equal(uart.length, sizeof(text));
        assert_int_equal(uart.overruns, 0);
        assert_true(uart.reads <= 22 * (fifo ? 63 : 1000));
    }
}

static void missing_uart_is_found_out_and_left_alone(void **state)
{
    (void)state;
    reset_uart();
    uart.absent = true;
    assert_false(serial_init());
    assert_false(serial_present());
    assert_true(uart.reads <= 5);
    uart.reads = 0;
    send("nobody hears this\n");
    assert_int_equal(serial_read(), -1);
    assert_int_equal(uart.reads, 0); /* no access to the UART */
    reset_uart();
    uart.no_status = true; /* registers that store, but no UART */
    assert_false(serial_init());
    reset_uart();
    uart.absent = true;
    /* A bus without a device that keeps the last value. */
    uart.floating = true;
    assert_false(serial_init());
}

/* The first byte waits for a bounded time. Later bytes wait no more until the
 * UART drains again. */
static void stuck_uart_is_waited_for_once_only(void **state)
{
    unsigned first;

    (void)state;
    reset_uart();
    serial_init();
    uart.stuck = true;
    uart.in_fifo = 1;
    uart.reads = 0;
    send("this waits");
    first = uart.reads;
    assert_true(first > 1000 && first < 100000);
    assert_int_equal(uart.length, 0);
    uart.reads = 0;
    for (unsigned i = 0; i < 100; i++)
        send("this does not\n");
    assert_int_equal(uart.reads, 100);
    assert_int_equal(uart.length, 0);
    uart.stuck = false;
    send("again\n");
    assert_string_equal(uart.sent, "again\r\n");
    /* After that a byte is waited for as before. */
    uart.busy_reads = 500;
    send("0123456789");
    send("012345");
    assert_string_equal(uart.sent, "again\r\n0123456789012345");
}

static void serial_read_returns_a_byte_or_minus_1(void **state)
{
    (void)state;
    reset_uart();
    serial_init();
    assert_int_equal(serial_read(), -1);
    uart.input = 0xE4;
    assert_int_equal(serial_read(), 0xE4);
    assert_int_equal(serial_read(), -1);
}

static void serial_sink_writes_log_lines_to_com1(void **state)
{
    struct log_sink *sink = serial_sink();

    (void)state;
    reset_uart();
    serial_init();
    assert_int_equal(sink->threshold, LOG_INFO);
    sink->write(sink, LOG_ERROR, "line\n", 5);
    assert_string_equal(uart.sent, "line\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uart_is_set_to_115200_8n1_without_interrupts),
        cmocka_unit_test(line_feed_is_sent_as_cr_lf),
        cmocka_unit_test(text_is_sent_in_pieces_of_the_fifo_without_loss),
        cmocka_unit_test(missing_uart_is_found_out_and_left_alone),
        cmocka_unit_test(stuck_uart_is_waited_for_once_only),
        cmocka_unit_test(serial_read_returns_a_byte_or_minus_1),
        cmocka_unit_test(serial_sink_writes_log_lines_to_com1),
    };

    return cmocka_run_group_tests_name("serial", tests, NULL, NULL);
}
