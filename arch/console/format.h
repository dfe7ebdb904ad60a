/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The formatter of everything that must print without the C library: from fault
 * handlers, at any IRQL, before and after there is a heap. It touches only its
 * arguments.
 */
#ifndef ARCH_FORMAT_H
#define ARCH_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/**
 * Format as vsnprintf does: %s %c %d %i %u %x %X %p %%, with hh h l ll z, a
 * width or '*', the flags '0' and '-', and a precision for %s. A null %s prints
 * '(null)'. An unknown conversion is printed as it stands and ends the
 * formatting of arguments, because their sizes are unknown from there on.
 *
 * @out     receives at most size - 1 characters and a terminating zero; may be
 *          NULL when @size is 0
 * @return  the length of the whole text; it was cut if that is @size or more
 */
size_t format_print_v(char *out, size_t size, const char *format,
                      va_list arguments);

/** The same with the arguments in line. */
size_t format_print(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
