/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Splitting a command line into options (cmdline.h). Pure: the text is copied
 * into the structure, cut into words in place, and the options point into it.
 */
#include "app/system/options/cmdline.h"

#include <errno.h>
#include <string.h>

/* A line end separates words, too: the text may come from a file. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * Ends the word at `text` with a zero and removes its quotes in place. Returns
 * where the next word may begin. *open: a quote was not closed.
 */
static char *split_word(char *text, bool *open)
{
    char *out = text;
    bool quoted = false;

    for (; *text != '\0' && (quoted || !is_blank(*text)); text++) {
        if (*text == '"')
            quoted = !quoted;
        else
            *out++ = *text;
    }
    *open = quoted;
    if (*text != '\0')
        text++;
    *out = '\0';
    return text;
}

/* Does the word end in .efi, in any case? The UEFI shell puts the program's
 * name first, and it is no option. */
static bool names_program(const char *word)
{
    static const char ending[] = ".efi";
    size_t length = strlen(word);

    if (length < sizeof(ending) - 1)
        return false;
    word += length - (sizeof(ending) - 1);
    for (size_t i = 0; i < sizeof(ending) - 1; i++) {
        char c = word[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != ending[i])
            return false;
    }
    return true;
}

/* Cuts "name=value" at the first '='; the value keeps any further one. */
static void add_option(struct cmdline *cmdline, char *word)
{
    struct cmdline_option *option = &cmdline->options[cmdline->count++];
    char *equals = strchr(word, '=');

    option->name = word;
    option->value = NULL;
    if (equals != NULL) {
        *equals = '\0';
        option->value = equals + 1;
    }
}

/* Splits cmdline->text, in which options then point. */
/*
 * An open quote does not end the work: its value goes to the end of the text.
 */
static int split(struct cmdline *cmdline)
{
    char *text = cmdline->text;
    bool first = true;
    int status = 0;

    cmdline->count = 0;
    for (;;) {
        char *word;
        bool open;

        while (is_blank(*text))
            text++;
        if (*text == '\0')
            return status;
        if (cmdline->count == CMDLINE_OPTIONS_MAX)
            return -E2BIG;
        word = text;
        text = split_word(text, &open);
        if (open)
            status = -EINVAL;
        if (!first || !names_program(word))
            add_option(cmdline, word);
        first = false;
    }
}

/* The word that the limit cut in two would be an option that nobody gave. */
static void drop_last_word(char *text, size_t length)
{
    while (length > 0 && !is_blank(text[length - 1]))
        length--;
    text[length] = '\0';
}

/* Options are shown in the log, so they are reduced to printable ASCII. */
static char printable(uint16_t c)
{
    if (c >= 0x20 && c < 0x7F)
        return (char)c;
    return c == '\t' || c == '\r' || c == '\n' ? ' ' : '?';
}

/*
 * A text that is too long is cut at a word and used as far as it goes; the
 * caller learns of it.
 */
int cmdline_parse_ucs2(struct cmdline *cmdline, const uint16_t *text,
                       size_t length)
{
    size_t at = 0;
    int status;

    for (; at < length && text[at] != 0; at++) {
        if (at == CMDLINE_TEXT_MAX - 1) {
            drop_last_word(cmdline->text, at);
            status = split(cmdline);
            return status == 0 ? -E2BIG : status;
        }
        cmdline->text[at] = printable(text[at]);
    }
    cmdline->text[at] = '\0';
    return split(cmdline);
}

int cmdline_parse(struct cmdline *cmdline, const char *text, size_t length)
{
    uint16_t wide[CMDLINE_TEXT_MAX];
    size_t at = 0;

    while (at < length && at < CMDLINE_TEXT_MAX && text[at] != '\0') {
        wide[at] = (unsigned char)text[at];
        at++;
    }
    return cmdline_parse_ucs2(cmdline, wide, at);
}
