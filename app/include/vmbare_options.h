/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of an application or a driver: what a person may ask of it.
 *
 * An option is declared in the folder of whoever reads it, by a variable:
 *
 *     static VMBARE_OPTION cycles = {
 *         .group = "disk",
 *         .name = "cycles",
 *         .type = VMBARE_NUMBER,
 *         .most = 1000000,
 *         .otherwise = "1",
 *         .help = "how often the disk is opened again",
 *     };
 *
 *     for (uint64_t i = 0; i < vmbare_option_number(&cycles); i++)
 *
 * That is all: the system finds the declarations that the image contains. It
 * reads the command line, vmbare.cmd and vmbare.conf before main() runs, checks
 * each value against its declaration, and ends the run as a usage error when
 * one is wrong. The option `help` prints all of them (docs/options.md). A
 * declaration that nothing reads is not linked, and its name is not known.
 */
#ifndef APP_VMBARE_OPTIONS_H
#define APP_VMBARE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a value may be. */
enum vmbare_option_type {
    VMBARE_FLAG,   /* the name alone, or with =yes or =no */
    VMBARE_NUMBER, /* decimal, or hexadecimal with 0x, from least to most */
    VMBARE_WORD,   /* one of `words` */
    VMBARE_TEXT,   /* any text */
};

/* Where a value came from. A later one outranks those before it. */
enum vmbare_option_source {
    VMBARE_FROM_NOWHERE, /* not given, and there is no default */
    VMBARE_FROM_DEFAULT,
    VMBARE_FROM_CONF, /* the file vmbare.conf beside the image */
    VMBARE_FROM_CMD,  /* the file vmbare.cmd beside the image */
    VMBARE_FROM_LINE, /* the command line */
};

/* A declaration, and the value that the system found for it. */
struct vmbare_option {
    /* What the declaration says. */
    const char *group; /* whose option it is: "disk" */
    const char *name;  /* without '=' and blanks */
    enum vmbare_option_type type;
    /* VMBARE_WORD: "halt|reset". With a bar at its beginning the option may
     * also stand alone; its text is "" then. */
    const char *words;
    uint64_t least, most; /* VMBARE_NUMBER: both are allowed */
    const char
        *otherwise;   /* the default, as a person would write it, or NULL */
    const char *help; /* what it does, in a sentence or a few */

    /* What came of it. Only the system writes here. */
    const char *text; /* the value; NULL: none */
    uint64_t number;  /* VMBARE_NUMBER: the value; VMBARE_FLAG: 0 or 1 */
    enum vmbare_option_source source;
    uint32_t line; /* VMBARE_FROM_CONF: in which line, counted from 1 */
};

/* The type of the variables. The alignment keeps a compiler from leaving room
 * between those of one file. */
#define VMBARE_OPTION \
    struct vmbare_option __attribute__((section(".vmbare_options"), aligned(8)))

/**
 * Was there a value from outside?
 *
 * @option  a declaration
 * @return  false: the option has its default, or no value
 */
static inline bool vmbare_option_given(const struct vmbare_option *option)
{
    return option->source > VMBARE_FROM_DEFAULT;
}

/**
 * The value of an option of any type, as it was written.
 *
 * @option  a declaration of any type
 * @return  a constant text, "" for an option that stands alone; NULL: it was
 *          not given, and has no default
 */
static inline const char *vmbare_option_text(const struct vmbare_option *option)
{
    return option->text;
}

/**
 * The value of a VMBARE_NUMBER.
 *
 * @option  a declaration of that type
 * @return  from least to most; 0: it was not given, and has no default
 */
static inline uint64_t vmbare_option_number(const struct vmbare_option *option)
{
    return option->number;
}

/**
 * The value of a VMBARE_FLAG.
 *
 * @option  a declaration of that type
 * @return  false: it was not given, or is set to `no`
 */
static inline bool vmbare_option_flag(const struct vmbare_option *option)
{
    return option->number != 0;
}

/**
 * The options of this image, one after the other and in no certain order: the
 * system's, those of the application, those of the drivers that it uses.
 *
 * @o       the one before; NULL for the first
 * @return  the next one; NULL: no more
 */
const struct vmbare_option *vmbare_option_next(const struct vmbare_option *o);

#define VMBARE_ORIGIN_MAX 40u /* characters, the final zero included */

/**
 * Say where an option's value came from: "command line", "vmbare.cmd",
 * "vmbare.conf line 3", "default", "not given".
 *
 * @option  a declaration
 * @text    receives VMBARE_ORIGIN_MAX characters at most
 * @return  the same text
 */
const char *vmbare_option_origin(const struct vmbare_option *option,
                                 char text[VMBARE_ORIGIN_MAX]);

#ifdef __cplusplus
}
#endif

#endif
