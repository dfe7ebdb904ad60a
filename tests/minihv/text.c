/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints formatted text to the debug console at port 0xE9. A line is often made
 * of several calls while another processor prints as well, so each processor
 * collects its line, and whole lines are printed.
 */
#include "minihv.h"

enum { PORT_CONSOLE = 0xE9, LINE_SIZE = 8192, CPUS = 8 };
_Static_assert(CPUS > VP_MAX && !(CPUS & (CPUS - 1)),
               "an APIC ID is cut to an index");

struct line {
    uint32_t length;
    char text[LINE_SIZE];
};

static struct spinlock console_lock;
static struct line lines[CPUS];
static struct line *line; /* of the processor that holds the lock */

/* A line that is longer than any of minihv's own is printed in pieces. */
static void put(char c)
{
    line->text[line->length++] = c;
    if (c != '\n' && line->length < LINE_SIZE)
        return;
    for (uint32_t i = 0; i < line->length; i++)
        port_out8(PORT_CONSOLE, (uint8_t)line->text[i]);
    line->length = 0;
}

static void put_number(uint64_t v, unsigned base, unsigned width, char pad)
{
    char digits[24];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    for (; width > n; width--)
        put(pad);
    while (n)
        put(digits[--n]);
}

static void put_signed(int64_t v, unsigned width, char pad)
{
    if (v < 0) {
        put('-');
        put_number(-(uint64_t)v, 10, width ? width - 1 : 0, pad);
    } else {
        put_number((uint64_t)v, 10, width, pad);
    }
}

static void put_string(const char *s, unsigned width)
{
    unsigned n = 0;

    for (; s && s[n]; n++)
        put(s[n]);
    for (; n < width; n++)
        put(' ');
}

/* Prints one conversion; `f` points after the '%'. Returns its end. */
static const char *convert(const char *f, va_list *arguments)
{
    char pad = ' ';
    unsigned width = 0;
    bool is_long = false;

    if (*f == '0') {
        pad = '0';
        f++;
    }
    while (*f >= '0' && *f <= '9')
        width = width * 10 + (unsigned)(*f++ - '0');
    for (; *f == 'l' || *f == 'z'; f++)
        is_long = true;
    switch (*f) {
    case 's':
        put_string(va_arg(*arguments, const char *), width);
        break;
    case 'c':
        put((char)va_arg(*arguments, int));
        break;
    case 'd':
        put_signed(is_long ? va_arg(*arguments, int64_t)
                           : va_arg(*arguments, int),
                   width, pad);
        break;
    case 'p':
        put_number((uint64_t)va_arg(*arguments, void *), 16, width, pad);
        break;
    case 'u':
    case 'x':
        put_number(is_long ? va_arg(*arguments, uint64_t)
                           : va_arg(*arguments, unsigned),
                   *f == 'x' ? 16 : 10, width, pad);
        break;
    default:
        put(*f);
    }
    return *f ? f + 1 : f;
}

static void put_formatted(const char *f, va_list *arguments)
{
    while (*f) {
        if (*f == '%')
            f = convert(f + 1, arguments);
        else
            put(*f++);
    }
}

void say_v(const char *format, va_list arguments)
{
    va_list copy;

    va_copy(copy, arguments);
    spin_lock(&console_lock);
    line = &lines[cpuid(1, 0).ebx >> 24 & (CPUS - 1)];
    put_formatted(format, &copy);
    spin_unlock(&console_lock);
    va_end(copy);
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_v(format, arguments);
    va_end(arguments);
}

static void say_unchecked(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_v(format, arguments);
    va_end(arguments);
}

void say_literal(const char *format, uint64_t a, uint64_t b)
{
    say_unchecked(format, a, b);
}
