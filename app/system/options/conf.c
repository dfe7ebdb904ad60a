/* SPDX-License-Identifier: BSD-2-Clause */
/* vmbare.conf, line by line: see sources.h. */
#include <string.h>

#include "app/system/options/sources.h"
#include "app/system/options/text_file.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts blanks from both ends; returns the new beginning. */
static char *trim(char *text)
{
    size_t length;

    while (is_blank(*text))
        text++;
    length = strlen(text);
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

/* A comment begins with # at the beginning of a line or behind a blank, and
 * outside of quotes, so that a value may contain one. */
static void cut_comment(char *line)
{
    bool quoted = false;

    for (char *at = line; *at; at++) {
        quoted ^= *at == '"';
        if (*at == '#' && !quoted && (at == line || is_blank(at[-1]))) {
            *at = '\0';
            return;
        }
    }
}

/* Values are shown in the log, so anything but printable ASCII is refused, and
 * so is a quote, which no other closes. Comments may contain what they like. */
static bool is_value(const char *text)
{
    for (; *text; text++) {
        if ((*text < ' ' && *text != '\t') || *text > '~' || *text == '"')
            return false;
    }
    return true;
}

/* A value may stand in quotes, as on the command line. */
static char *without_quotes(char *value)
{
    size_t length = strlen(value);

    if (length < 2 || value[0] != '"' || value[length - 1] != '"')
        return value;
    value[length - 1] = '\0';
    return value + 1;
}

/* A key is one word. */
static bool is_key(const char *name)
{
    return *name && is_value(name) && !strpbrk(name, " \t");
}

/* One line without its end; empty ones mean nothing. */
static void read_conf_line(struct settings *s, char *line, uint32_t number)
{
    struct setting given = {.source = VMBARE_FROM_CONF, .line = number};
    char *name, *equals;

    cut_comment(line);
    name = trim(line);
    if (*name == '\0')
        return;
    equals = strchr(name, '=');
    if (equals) {
        *equals = '\0';
        given.value = without_quotes(trim(equals + 1));
    }
    name = trim(name);
    if (!is_key(name) || (given.value && !is_value(given.value))) {
        settings_complain(s,
                          "vmbare.conf line %u: found something else, expected "
                          "NAME, NAME = VALUE or # COMMENT, in ASCII: correct "
                          "the line, or put # before it",
                          number);
        return;
    }
    given.name = name;
    settings_give(s, &given);
}

/* A zero byte would end a text too early; as another byte that is not ASCII it
 * is refused. */
static void replace_zeros(char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '\0')
            bytes[i] = '\x7f';
    }
}

void sources_read_conf(struct settings *s, char *bytes, size_t size)
{
    uint32_t number = 1;
    size_t at;

    if (!text_file_begin(s, VMBARE_FROM_CONF, bytes, size, &at))
        return;
    replace_zeros(bytes, size);
    bytes[size] = '\0';
    while (at < size) {
        char *end = memchr(bytes + at, '\n', size - at);
        char *line = bytes + at;

        at = end ? (size_t)(end - bytes) + 1 : size;
        if (end)
            *end = '\0';
        read_conf_line(s, line, number++);
    }
}
