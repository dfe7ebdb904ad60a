/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Splitting a command line into options and looking them up (cmdline.h). Pure:
 * the text is copied into the structure, cut into words in place, and the
 * options point into it.
 */
#include "app/system/root/cmdline.h"

#include <errno.h>
#include <string.h>

#include "app/system/platform/digits.h"

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

/* Does the word end in .efi, in any case? */
/* The UEFI shell puts the program's name first; it is no option. */
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

/* From the last to the first: a later option of the same name wins. */
static const struct cmdline_option *find(const struct cmdline *cmdline,
                                         const char *name)
{
    for (uint32_t i = cmdline->count; i > 0; i--) {
        if (strcmp(cmdline->options[i - 1].name, name) == 0)
            return &cmdline->options[i - 1];
    }
    return NULL;
}

bool cmdline_has(const struct cmdline *cmdline, const char *name)
{
    return find(cmdline, name) != NULL;
}

const char *cmdline_value(const struct cmdline *cmdline, const char *name)
{
    const struct cmdline_option *option = find(cmdline, name);

    return option != NULL ? option->value : NULL;
}

static int parse_number(const char *text, uint64_t *number)
{
    unsigned base = 10;
    uint64_t value;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (!digits_read(&text, base, UINT64_MAX, &value) || *text != '\0')
        return -EINVAL;
    *number = value;
    return 0;
}

/*
 * "0x" announces base 16, anything else is read in base 10, to the end of the
 * text.
 */
int cmdline_number(const struct cmdline *cmdline, const char *name,
                   uint64_t *number)
{
    const struct cmdline_option *option = find(cmdline, name);

    if (option == NULL)
        return -ENOENT;
    if (option->value == NULL)
        return -EINVAL;
    return parse_number(option->value, number);
}

/* The entry of the table for an option of this name; NULL: there is none. */
static const char *entry_of(const char *name, const char *const *known)
{
    size_t length = strlen(name);

    for (; *known != NULL; known++) {
        if (strncmp(*known, name, length) == 0 &&
            ((*known)[length] == '\0' || (*known)[length] == '='))
            return *known;
    }
    return NULL;
}

/*
 * True: `value` is one of `words`, which are separated by bars. The word N
 * alone means any number.
 */
static bool is_among(const char *value, const char *words)
{
    size_t length = strlen(value);
    uint64_t number;

    if (strcmp(words, "N") == 0)
        return parse_number(value, &number) == 0;
    if (strchr(value, '|') != NULL)
        return false;
    for (; words != NULL; words = strchr(words, '|')) {
        words += *words == '|';
        if (strncmp(words, value, length) == 0 &&
            (words[length] == '\0' || words[length] == '|'))
            return true;
    }
    return false;
}

/*
 * An option without a value is good whatever its entry lists, because whoever
 * uses it decides what that means.
 */
const struct cmdline_option *cmdline_next_wrong(const struct cmdline *cmdline,
                                                uint32_t *cursor,
                                                const char *const *known,
                                                const char **expected)
{
    while (*cursor < cmdline->count) {
        const struct cmdline_option *option = &cmdline->options[(*cursor)++];
        const char *words;

        *expected = entry_of(option->name, known);
        if (*expected == NULL)
            return option;
        words = strchr(*expected, '=');
        if (words != NULL && option->value != NULL &&
            !is_among(option->value, words + 1))
            return option;
    }
    return NULL;
}
