/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A command line: words `name`, `name=value`, `name="value with blanks"`,
 * separated by blanks. Pure.
 */
#ifndef APP_SYSTEM_CMDLINE_H
#define APP_SYSTEM_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters with the final zero. One fewer than boot/ hands over, so that a
 * text which boot/ had to cut is too long here, and is not taken for whole. */
#define CMDLINE_TEXT_MAX    1023u
#define CMDLINE_OPTIONS_MAX 32u

struct cmdline_option {
    const char *name;  /* points into the cmdline's text */
    const char *value; /* NULL: only a name; "" for `name=` */
};

/* Do not copy it: the options point into the text. */
struct cmdline {
    char text[CMDLINE_TEXT_MAX];
    struct cmdline_option options[CMDLINE_OPTIONS_MAX];
    uint32_t count;
};

/*
 * Splits the text into options. Takes `length` characters, ends at a zero
 * character, and leaves out a first word that names the program (ends in .efi),
 * as the UEFI shell puts it there. Characters that are not printable ASCII
 * become '?'.
 *
 * 0; -E2BIG: too long or too many options: what fits was kept; -EINVAL: a
 * quote is not closed: the value goes to the end.
 */
int cmdline_parse(struct cmdline *cmdline, const char *text, size_t length);

/* The same for text of 16-bit characters. */
int cmdline_parse_ucs2(struct cmdline *cmdline, const uint16_t *text,
                       size_t length);

#endif
