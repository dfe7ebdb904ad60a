/* SPDX-License-Identifier: BSD-2-Clause */
/* See words.h. */
#include "words.h"

char *words_take(char **line)
{
    char *word = *line, *end;

    while (*word == ' ')
        word++;
    for (end = word; *end && *end != ' '; end++)
        ;
    *line = end;
    if (*end) {
        *end = 0;
        do
            ++*line;
        while (**line == ' ');
    }
    return word;
}

bool words_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

bool words_number(const char *word, uint64_t most, uint64_t *value)
{
    uint64_t v = 0;

    if (!*word)
        return false;
    for (; *word; word++) {
        if (*word < '0' || *word > '9')
            return false;
        v = v * 10 + (uint64_t)(*word - '0');
        if (v > most)
            return false;
    }
    *value = v;
    return true;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

uint32_t words_hex(const char *word, uint8_t *bytes, uint32_t room)
{
    uint32_t n = 0;

    for (; word[0]; word += 2) {
        int high = digit(word[0]), low = high < 0 ? -1 : digit(word[1]);

        if (low < 0 || n == room)
            return 0;
        bytes[n++] = (uint8_t)(high << 4 | low);
    }
    return n;
}
