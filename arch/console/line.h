/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Editing one line of input, with the lines before it. Pure: keys come in, and
 * what a terminal has to show goes out by a function.
 *
 * Keys may come from a serial terminal (keys.h makes them of bytes) or from a
 * keyboard, which knows them. What is shown consists of printable characters,
 * '\b', '\n' and '\a' alone, so that the screen of a machine understands it as
 * a terminal does. A line that is wider than the terminal is edited correctly,
 * but moving back over the edge is not shown.
 */
#ifndef ARCH_LINE_H
#define ARCH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_MAX     511u /* characters of a line, without its end */
#define LINE_HISTORY 16u  /* lines that are kept */

/* A key: a character from 0x20 to 0x7E, or one of these. */
enum line_key {
    KEY_NONE,
    KEY_ENTER = 0x100,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_UP,
    KEY_DOWN,
    KEY_BACKSPACE, /* takes out the character before the cursor */
    KEY_DELETE,    /* takes out the one at the cursor */
    KEY_KILL_END,  /* takes out all from the cursor on */
    KEY_KILL_LINE,
    KEY_KILL_WORD, /* takes out the word before the cursor */
    KEY_EOF,       /* in an empty line: end of input; else as KEY_DELETE */
};

enum line_state {
    LINE_EDITING,
    LINE_DONE, /* `text` is the line */
    LINE_EOF,  /* the person has ended the input */
};

struct line {
    void (*show)(const char *text, size_t length);
    char text[LINE_MAX + 1];
    uint32_t length, cursor;
    bool cut;       /* characters were left out, as the line was full */
    uint32_t lines; /* that are kept; the newest is number `lines` - 1 */
    uint32_t shown; /* the kept line that is edited; `lines`: none, a new one */
    char history[LINE_HISTORY]
                [LINE_MAX + 1]; /* line n is at n % LINE_HISTORY */
    char draft[LINE_MAX + 1];   /* the new line, while a kept one is shown */
};

/** Begin an empty line. The lines before it are kept. `show` must be set, and
 * all else zero before the first one. */
void line_begin(struct line *line);

/**
 * Take one key.
 *
 * @key     a character or enum line_key; any other value is ignored
 * @return  LINE_EDITING: the line goes on; LINE_DONE or LINE_EOF: the caller
 *          takes text[0] to text[length - 1], and calls line_begin()
 */
enum line_state line_key(struct line *line, unsigned key);

#endif
