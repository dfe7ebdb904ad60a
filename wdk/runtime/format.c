/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's formats: wdk/print.h lists them. libc's printf knows neither %wZ
 * nor characters of 16 bits, and must not be in an image that prints by
 * DbgPrint alone.
 */
#include "wdk/print.h"

#include <stdbool.h>

/* Where the text goes, and how much of it there has been. */
struct text {
    char *to;
    size_t size;
    size_t length;
};

/* One conversion, as it is written. */
struct conversion {
    bool left, zero;
    int width, precision; /* -1: none */
    unsigned bytes;       /* of a number */
    bool wide;            /* before s, c or Z */
    char letter;
};

/* Counts what does not fit as well, so that the caller learns the length. */
static void put(struct text *t, char letter)
{
    if (t->length + 1 < t->size)
        t->to[t->length] = letter;
    t->length++;
}

static void pad(struct text *t, char letter, int count)
{
    for (; count > 0; count--)
        put(t, letter);
}

/* ---- reading a conversion ------------------------------------------------ */

/* No field is wider: the longest line of the log has fewer characters. */
#define WIDTH_MAX 1000

/* `*` takes the number from the arguments. */
static int read_number(const char **f, va_list *arguments)
{
    int number = 0;

    if (**f == '*') {
        (*f)++;
        return va_arg(*arguments, int);
    }
    for (; **f >= '0' && **f <= '9'; (*f)++) {
        /* More than a line is as good as a line. */
        if (number < WIDTH_MAX)
            number = number * 10 + (**f - '0');
    }
    return number;
}

/* Moves behind the word if it stands here. */
static bool starts(const char **f, const char *word)
{
    size_t i = 0;

    for (; word[i]; i++) {
        if ((*f)[i] != word[i])
            return false;
    }
    *f += i;
    return true;
}

/* long has 32 bits, as on Windows. */
static void read_size(const char **f, struct conversion *c)
{
    c->bytes = 4;
    if (starts(f, "I64") || starts(f, "ll") || starts(f, "z") || starts(f, "j"))
        c->bytes = 8;
    else if (starts(f, "I32"))
        c->bytes = 4;
    else if (starts(f, "I"))
        c->bytes = 8;
    else if (starts(f, "hh"))
        c->bytes = 1;
    else if (starts(f, "h"))
        c->bytes = 2;
    else if (starts(f, "w") || starts(f, "l"))
        c->wide = true;
}

/* Flags, width, precision, size and letter, in this order. `#`, `+` and a space
 * are read and have no effect. */
static struct conversion read_conversion(const char **f, va_list *arguments)
{
    struct conversion c = {.precision = -1};

    for (;; (*f)++) {
        if (**f == '-')
            c.left = true;
        else if (**f == '0')
            c.zero = true;
        else if (**f != '#' && **f != ' ' && **f != '+')
            break;
    }
    c.width = read_number(f, arguments);
    c.left |= c.width < 0;
    if (c.width > WIDTH_MAX || c.width < -WIDTH_MAX)
        c.width = WIDTH_MAX;
    if (c.width < 0)
        c.width = -c.width;
    if (**f == '.') {
        (*f)++;
        c.precision = read_number(f, arguments);
    }
    read_size(f, &c);
    c.letter = **f;
    if (c.letter)
        (*f)++;
    return c;
}

/* ---- writing it ---------------------------------------------------------- */

/* The low bytes of a number, widened again with or without its sign. */
static uint64_t cut(uint64_t value, unsigned bytes, bool is_signed)
{
    unsigned unused = 64 - 8 * bytes;

    value <<= unused;
    return is_signed ? (uint64_t)((int64_t)value >> unused) : value >> unused;
}

/* Blanks, sign, zeroes, digits, blanks. A precision counts digits, and `0`
 * fills the width with zeroes where there is none. */
static void write_digits(struct text *t, const struct conversion *c,
                         uint64_t value, bool negative, unsigned base)
{
    const char *set = c->letter == 'X' || c->letter == 'p' ? "0123456789ABCDEF"
                                                           : "0123456789abcdef";
    char digits[24];
    int count = 0, zeroes;

    do {
        digits[count++] = set[value % base];
        value /= base;
    } while (value);
    zeroes = c->precision - count;
    if (c->precision < 0 && c->zero && !c->left)
        zeroes = c->width - count - negative;
    if (zeroes < 0)
        zeroes = 0;
    if (!c->left)
        pad(t, ' ', c->width - count - zeroes - negative);
    if (negative)
        put(t, '-');
    pad(t, '0', zeroes);
    for (int i = count; i > 0; i--)
        put(t, digits[i - 1]);
    if (c->left)
        pad(t, ' ', c->width - count - zeroes - negative);
}

/* Numbers of one, two or four bytes are passed as four. */
static void write_number(struct text *t, const struct conversion *c,
                         va_list *arguments)
{
    bool is_signed = c->letter == 'd' || c->letter == 'i';
    uint64_t value = c->bytes == 8 ? va_arg(*arguments, uint64_t)
                                   : va_arg(*arguments, uint32_t);
    bool negative;

    value = cut(value, c->bytes, is_signed);
    negative = is_signed && (int64_t)value < 0;
    write_digits(t, c, negative ? 0 - value : value, negative,
                 c->letter == 'x' || c->letter == 'X' ? 16
                 : c->letter == 'o'                   ? 8
                                                      : 10);
}

/* Of the one string that is given. A character of 16 bits becomes '?' where it
 * is no 7-bit letter. */
static char letter_at(const char *narrow, const WCHAR *wide, size_t at)
{
    if (narrow)
        return narrow[at];
    if (!wide)
        return 0;
    return wide[at] < 128 ? (char)wide[at] : '?';
}

static void write_string(struct text *t, const struct conversion *c,
                         const char *narrow, const WCHAR *wide, size_t length)
{
    int padding;

    if (c->precision >= 0 && (size_t)c->precision < length)
        length = (size_t)c->precision;
    padding = length < 1000 ? c->width - (int)length : 0;
    if (!c->left)
        pad(t, ' ', padding);
    for (size_t i = 0; i < length; i++)
        put(t, letter_at(narrow, wide, i));
    if (c->left)
        pad(t, ' ', padding);
}

/* Up to its zero, and no further than the precision allows to look. */
static void write_terminated(struct text *t, const struct conversion *c,
                             const char *narrow, const WCHAR *wide)
{
    size_t most = c->precision >= 0 ? (size_t)c->precision : SIZE_MAX;
    size_t length = 0;

    if (!narrow && !wide)
        narrow = "(null)";
    while (length < most && letter_at(narrow, wide, length))
        length++;
    write_string(t, c, narrow, wide, length);
}

/* Both kinds of counted string begin with the same two lengths; NULL is written
 * out. */
static void write_counted(struct text *t, const struct conversion *c,
                          const void *string)
{
    const UNICODE_STRING *wide = string;
    const ANSI_STRING *narrow = string;

    if (!string)
        write_terminated(t, c, NULL, NULL);
    else if (c->wide)
        write_string(t, c, NULL, wide->Buffer, wide->Length / sizeof(WCHAR));
    else
        write_string(t, c, narrow->Buffer, NULL, narrow->Length);
}

/* One character is a string of length one. */
static void write_letter(struct text *t, struct conversion *c, WCHAR letter)
{
    c->precision = -1;
    write_string(t, c, NULL, &letter, 1);
}

/* A letter that is not known stands for itself, so that a person sees it. */
static void write(struct text *t, struct conversion *c, va_list *arguments)
{
    switch (c->letter) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        write_number(t, c, arguments);
        break;
    case 'p':
        c->precision = 16; /* as Windows prints one */
        write_digits(t, c, (uintptr_t)va_arg(*arguments, void *), false, 16);
        break;
    case 'c':
    case 'C':
        write_letter(t, c, (WCHAR)va_arg(*arguments, int));
        break;
    case 's':
    case 'S':
        if (c->wide || c->letter == 'S')
            write_terminated(t, c, NULL, va_arg(*arguments, const WCHAR *));
        else
            write_terminated(t, c, va_arg(*arguments, const char *), NULL);
        break;
    case 'Z':
        write_counted(t, c, va_arg(*arguments, const void *));
        break;
    default: /* %% and what is not known */
        put(t, c->letter ? c->letter : '%');
        break;
    }
}

/* The list of arguments is the caller's, so a copy is walked. */
size_t WdkFormat(char *to, size_t size, const char *format, va_list arguments)
{
    struct text t = {.to = to, .size = size};
    va_list rest;

    va_copy(rest, arguments);
    while (*format) {
        if (*format != '%') {
            put(&t, *format++);
        } else {
            struct conversion c;

            format++;
            c = read_conversion(&format, &rest);
            write(&t, &c, &rest);
        }
    }
    va_end(rest);
    if (size)
        to[t.length < size ? t.length : size - 1] = 0;
    return t.length;
}
