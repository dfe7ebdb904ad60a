/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options with values: a list of declarations (vmbare_options.h), and what the
 * command line, vmbare.cmd and vmbare.conf give them. Pure: what is wrong is
 * told to a function of the caller's.
 */
#ifndef APP_SYSTEM_SETTINGS_H
#define APP_SYSTEM_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbare_options.h"

#define SETTINGS_LINE_MAX 240u /* characters of a complaint, with its zero */

struct settings {
    struct vmbare_option *option; /* `count` in a row */
    uint32_t count;
    /* Called with each thing that is wrong: a line without its end, which names
     * what was found, what was expected, and what to do. */
    void (*complain)(const char *line);
    uint32_t complaints; /* how many there were */
};

/* What a source gives to one option. */
struct setting {
    const char *name;
    const char *value; /* NULL: the name stands alone */
    enum vmbare_option_source source;
    uint32_t line; /* VMBARE_FROM_CONF: where it stands, from 1 */
};

/**
 * Give each option its default. Two options with one name, and a default that
 * the option itself does not accept, are complained about.
 */
void settings_begin(struct settings *s);

/**
 * Give a value to the option of that name. It replaces one of the same or a
 * lower rank, in whatever order the sources are read; in vmbare.conf an option
 * may have one value only. A name that is not known and a value that the option
 * does not accept are complained about, and change nothing.
 *
 * @given  its texts are kept, not copied
 */
void settings_give(struct settings *s, const struct setting *given);

/** Complain in the words of printf (arch/console/format.h). */
void settings_complain(struct settings *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * Does an option accept a value?
 *
 * @value   NULL: the name stands alone
 * @number  receives a number's value, and 0 or 1 for a flag
 */
bool settings_accepts(const struct vmbare_option *option, const char *value,
                      uint64_t *number);

/**
 * Say which values an option accepts: "a number from 1 to 64", "one of halt,
 * reset".
 *
 * @text    receives at most @size - 1 characters and a terminating zero
 * @return  the length of the whole text; it was cut if that is @size or more
 */
size_t settings_expected(const struct vmbare_option *option, char *text,
                         size_t size);

/**
 * Say where a value came from, as vmbare_option_origin() does.
 *
 * @line  for VMBARE_FROM_CONF, from 1; 0: the file as a whole
 */
const char *settings_origin(enum vmbare_option_source source, uint32_t line,
                            char text[VMBARE_ORIGIN_MAX]);

#endif
