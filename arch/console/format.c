/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The formatter: see format.h.
 *
 * It is written for faults: no state, no memory of its own, no call of anything
 * but memcpy. Whatever the format and the arguments are, it ends: fields are
 * cut to FIELD_MAX, and an unknown conversion stops the reading of arguments.
 */
#include "arch/console/format.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Wider fields are cut to this: a wild width must not take for ever. */
#define FIELD_MAX 1024u

/* Where the text goes. The length counts on when the buffer is full, because
 * the caller wants to know how long the whole text is. */
struct output {
    char *out;
    size_t size;
    size_t length; /* of the whole text, may pass size */
};

enum width { WIDTH_CHAR, WIDTH_SHORT, WIDTH_INT, WIDTH_LONG, WIDTH_LLONG };

/* One conversion, as the characters after '%' describe it. */
struct spec {
    bool left;
    bool zero;
    bool has_precision;
    unsigned field;
    unsigned precision;
    enum width width;
};

static void put(struct output *output, char c)
{
    /* One place is kept for the terminating zero. */
    if (output->length + 1 < output->size)
        output->out[output->length] = c;
    output->length++;
}

static void put_repeated(struct output *output, char c, size_t count)
{
    /* The count is bounded by FIELD_MAX. */
    while (count-- > 0)
        put(output, c);
}

/* Each log line is made of such texts, so they are bounded once. */
static void put_text(struct output *output, const char *text, size_t length)
{
    size_t at = output->length, fits = 0;

    /* One place is kept for the terminating zero. */
    if (at + 1 < output->size)
        fits = output->size - 1 - at;
    if (fits > length)
        fits = length;
    if (fits > 0)
        memcpy(output->out + at, text, fits);
    output->length += length;
}

/* Prints `prefix` and `text` in a field; zeros go between the two. */
static void put_field(struct output *output, const struct spec *spec,
                      const char *prefix, size_t prefix_length,
                      const char *text, size_t length)
{
    size_t used = prefix_length + length;
    size_t padding = spec->field > used ? spec->field - used : 0;

    /* Blanks on the left, then prefix, zeros and text, then blanks on the
     * right. */
    if (!spec->left && !spec->zero)
        put_repeated(output, ' ', padding);
    put_text(output, prefix, prefix_length);
    if (!spec->left && spec->zero)
        put_repeated(output, '0', padding);
    put_text(output, text, length);
    if (spec->left)
        put_repeated(output, ' ', padding);
}

/* The digits are made from the last to the first, since division yields the
 * last one first. */
static void put_number(struct output *output, const struct spec *spec,
                       const char *prefix, size_t prefix_length, uint64_t value,
                       unsigned base, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char digits[20]; /* 2^64 - 1 has 20 decimal digits */
    size_t at = sizeof(digits);

    do {
        digits[--at] = set[value % base];
        value /= base;
    } while (value != 0);
    put_field(output, spec, prefix, prefix_length, digits + at,
              sizeof(digits) - at);
}

static void put_string(struct output *output, struct spec *spec,
                       const char *text)
{
    size_t limit = spec->has_precision ? spec->precision : SIZE_MAX;
    size_t length = 0;

    if (!text)
        text = "(null)";
    /* The precision bounds the reading too: the text may not be terminated. */
    while (length < limit && text[length] != '\0')
        length++;
    spec->zero = false;
    put_field(output, spec, "", 0, text, length);
}

static void put_signed(struct output *output, const struct spec *spec,
                       int64_t value)
{
    bool negative = value < 0;
    /* Negating as unsigned: the least value has no positive counterpart. */
    uint64_t magnitude = negative ? 0 - (uint64_t)value : (uint64_t)value;

    put_number(output, spec, "-", negative ? 1 : 0, magnitude, 10, false);
}

/* Reads on past FIELD_MAX, so that the rest of a wild number is not taken for
 * the conversion, but does not let the value overflow. */
static unsigned parse_decimal(const char **format)
{
    unsigned value = 0;

    while (**format >= '0' && **format <= '9') {
        if (value < FIELD_MAX)
            value = value * 10 + (unsigned)(**format - '0');
        (*format)++;
    }
    return value < FIELD_MAX ? value : FIELD_MAX;
}

static void parse_flags(const char **format, struct spec *spec)
{
    for (;; (*format)++) {
        if (**format == '-')
            spec->left = true;
        else if (**format == '0')
            spec->zero = true;
        else
            return;
    }
}

/* h and hh go down from int by one step each, l and ll go up; z is as long as l
 * here. */
static void parse_width(const char **format, struct spec *spec)
{
    spec->width = WIDTH_INT;
    if (**format == 'z') {
        spec->width = WIDTH_LONG;
        (*format)++;
    }
    for (; **format == 'l' && spec->width < WIDTH_LLONG; (*format)++)
        spec->width++;
    for (; **format == 'h' && spec->width > WIDTH_CHAR; (*format)++)
        spec->width--;
}

static void set_field(struct spec *spec, int field)
{
    if (field < 0)
        spec->left = true;
    /* As unsigned first: the least int has no positive counterpart. */
    spec->field = field < 0 ? 0u - (unsigned)field : (unsigned)field;
    if (spec->field > FIELD_MAX)
        spec->field = FIELD_MAX;
}

static void set_precision(struct spec *spec, int precision)
{
    /* A negative one counts as none, as in C. */
    spec->has_precision = precision >= 0;
    spec->precision = precision >= 0 ? (unsigned)precision : 0;
}

/* An argument narrower than int was widened by the call and must be narrowed
 * again: %hhd of 0x1ff is -1. */
static int64_t take_signed(enum width width, va_list *arguments)
{
    switch (width) {
    case WIDTH_LLONG:
        return va_arg(*arguments, long long);
    case WIDTH_LONG:
        return va_arg(*arguments, long);
    case WIDTH_SHORT:
        return (short)va_arg(*arguments, int);
    case WIDTH_CHAR:
        return (signed char)va_arg(*arguments, int);
    default:
        return va_arg(*arguments, int);
    }
}

/* The same for %u and %x: %hhx of -1 is ff. */
static uint64_t take_unsigned(enum width width, va_list *arguments)
{
    switch (width) {
    case WIDTH_LLONG:
        return va_arg(*arguments, unsigned long long);
    case WIDTH_LONG:
        return va_arg(*arguments, unsigned long);
    case WIDTH_SHORT:
        return (unsigned short)va_arg(*arguments, unsigned);
    case WIDTH_CHAR:
        return (unsigned char)va_arg(*arguments, unsigned);
    default:
        return va_arg(*arguments, unsigned);
    }
}

/* False: no such conversion. */
static bool convert(struct output *output, char conversion, struct spec *spec,
                    va_list *arguments)
{
    char c;

    switch (conversion) {
    case '%':
        put(output, '%');
        return true;
    case 'c':
        c = (char)va_arg(*arguments, int);
        spec->zero = false;
        put_field(output, spec, "", 0, &c, 1);
        return true;
    case 's':
        put_string(output, spec, va_arg(*arguments, const char *));
        return true;
    case 'd':
    case 'i':
        put_signed(output, spec, take_signed(spec->width, arguments));
        return true;
    case 'u':
        put_number(output, spec, "", 0, take_unsigned(spec->width, arguments),
                   10, false);
        return true;
    case 'x':
    case 'X':
        put_number(output, spec, "", 0, take_unsigned(spec->width, arguments),
                   16, conversion == 'X');
        return true;
    case 'p':
        put_number(output, spec, "0x", 2, (uintptr_t)va_arg(*arguments, void *),
                   16, false);
        return true;
    default:
        return false;
    }
}

/* Handles one conversion: *format comes in just after the '%' and leaves just
 * after the conversion's last character. False: there is no such conversion. */
static bool convert_next(struct output *output, const char **format,
                         va_list *arguments)
{
    struct spec spec = {0};

    parse_flags(format, &spec);
    if (**format == '*') {
        set_field(&spec, va_arg(*arguments, int));
        (*format)++;
    } else {
        spec.field = parse_decimal(format);
    }
    /* The precision; a '.' alone means 0. */
    if (**format == '.') {
        (*format)++;
        if (**format == '*') {
            set_precision(&spec, va_arg(*arguments, int));
            (*format)++;
        } else {
            set_precision(&spec, (int)parse_decimal(format));
        }
    }
    parse_width(format, &spec);
    if (!convert(output, **format, &spec, arguments))
        return false;
    (*format)++;
    return true;
}

/* The end of the text that begins at `text`: its terminating zero, or `stop`.
 * Nearly all characters are above both, which is one question. */
static const char *text_end(const char *text, char stop)
{
    for (;; text++) {
        unsigned char c = (unsigned char)*text;

        if (c <= '%' && (c == '\0' || c == (unsigned char)stop))
            return text;
    }
}

/* The text is copied until '%'; after an unknown conversion '%' is text as
 * well. */
size_t format_print_v(char *out, size_t size, const char *format,
                      va_list arguments)
{
    struct output output = {out, size, 0};
    bool readable = true; /* are the arguments still in step? */
    va_list copy;

    /* A va_list parameter may have decayed to a pointer; a copy has not, so
     * its address can be handed on. */
    va_copy(copy, arguments);
    for (;;) {
        const char *start = format;

        /* Arguments are out of step after an unknown conversion: their text is
         * printed as it stands. */
        format = text_end(format, readable ? '%' : '\0');
        put_text(&output, start, (size_t)(format - start));
        if (*format == '\0')
            break;
        start = format++;
        if (!convert_next(&output, &format, &copy)) {
            readable = false;
            put(&output, '%');
            format = start + 1;
        }
    }
    va_end(copy);
    /* Always terminated, also when it was cut. */
    if (size > 0)
        out[output.length < size ? output.length : size - 1] = '\0';
    return output.length;
}

size_t format_print(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    length = format_print_v(out, size, format, arguments);
    va_end(arguments);
    return length;
}
