/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of an answer (http.h). It grows by doubling, so that equal pages
 * take equal memory whatever their numbers are, and ends at HTTP_TEXT_MOST.
 *
 * Words of others, a host's or a peer's, go through http_html() and
 * http_string(): after them no byte can end the place that it was put into.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/http.h"

#define ROOM_FIRST 4096u
#define LINE_MAX   1024u

/* True: there is room for so many more bytes. */
static bool make_room(struct http_text *text, size_t size)
{
    size_t room = text->room ? text->room : ROOM_FIRST;
    char *bytes;

    if (text->failed || size > HTTP_TEXT_MOST - text->size)
        return false;
    /* Cannot overflow: the sum is at most HTTP_TEXT_MOST. */
    while (room < text->size + size)
        room *= 2;
    if (room == text->room)
        return true;
    bytes = realloc(text->bytes, room);
    if (!bytes)
        return false;
    text->bytes = bytes;
    text->room = room;
    return true;
}

/* A text that has failed stays so: half of an answer is none. */
void http_add(struct http_text *text, const void *bytes, size_t size)
{
    if (!make_room(text, size)) {
        text->failed = true;
        return;
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
}

/* By way of a line, because the size must be known before there is room. What
 * is longer is our own mistake, and is seen as a failed answer. */
void http_print(struct http_text *text, const char *format, ...)
{
    char line[LINE_MAX];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof(line))
        text->failed = true;
    else
        http_add(text, line, (size_t)size);
}

/* Bytes that are not ASCII could be half of a character. */
static bool is_plain(char c)
{
    return c >= ' ' && c <= '~';
}

/* The five characters that mean something in text or in an attribute. */
void http_html(struct http_text *text, const char *words)
{
    static const struct {
        char c;
        const char *word;
    } special[] = {{'<', "&lt;"},
                   {'>', "&gt;"},
                   {'&', "&amp;"},
                   {'"', "&quot;"},
                   {'\'', "&#39;"}};

    for (; *words; words++) {
        const char *as = NULL;

        for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
            if (special[i].c == *words)
                as = special[i].word;
        if (as)
            http_add(text, as, strlen(as));
        else if (is_plain(*words) || *words == '\n')
            http_add(text, words, 1);
        else
            http_add(text, "?", 1);
    }
}

/* Both formats escape the same three, and nothing else that is ASCII. */
void http_string(struct http_text *text, const char *words)
{
    for (; *words; words++) {
        if (*words == '"' || *words == '\\')
            http_add(text, "\\", 1);
        if (*words == '\n')
            http_add(text, "\\n", 2);
        else if (is_plain(*words))
            http_add(text, words, 1);
        else
            http_add(text, "?", 1);
    }
}
