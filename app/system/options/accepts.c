/* SPDX-License-Identifier: BSD-2-Clause */
/* Which values an option accepts, and how that is said: settings.h. */
#include <string.h>

#include "app/system/platform/digits.h"
#include "app/system/options/settings.h"
#include "arch/console/format.h"

/* "0x" announces base 16; anything else is read in base 10, to the end of the
 * text. */
static bool is_number(const struct vmbare_option *option, const char *text,
                      uint64_t *number)
{
    unsigned base = 10;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    return digits_read(&text, base, option->most, number) && *text == '\0' &&
           *number >= option->least;
}

/* True: `value` is one of `words`, which are separated by bars. */
static bool is_among(const char *value, const char *words)
{
    size_t length = strlen(value);

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

/* The empty text is among the words only where nothing stands before the first
 * bar. */
static bool is_word(const char *words, const char *value)
{
    if (value[0] == '\0')
        return words[0] == '|';
    return is_among(value, words);
}

bool settings_accepts(const struct vmbare_option *option, const char *value,
                      uint64_t *number)
{
    switch (option->type) {
    case VMBARE_FLAG:
        *number = value == NULL || strcmp(value, "yes") == 0;
        return *number || strcmp(value, "no") == 0;
    case VMBARE_NUMBER:
        return value != NULL && is_number(option, value, number);
    case VMBARE_WORD:
        return is_word(option->words, value != NULL ? value : "");
    case VMBARE_TEXT:
        return value != NULL;
    }
    return false;
}

/* Adds `text` behind what `out` already has; as snprintf, counts what does not
 * fit. */
static size_t append(char *out, size_t size, size_t at, const char *text)
{
    return at + format_print(at < size ? out + at : NULL,
                             at < size ? size - at : 0, "%s", text);
}

/* "one of a, b, c" */
static size_t list_words(const char *words, char *text, size_t size)
{
    size_t at = append(text, size, 0,
                       words[0] == '|' ? "no value, or one of " : "one of ");

    for (words += words[0] == '|'; *words; words++) {
        char c[2] = {*words, '\0'};

        at = append(text, size, at, *words == '|' ? ", " : c);
    }
    return at;
}

size_t settings_expected(const struct vmbare_option *option, char *text,
                         size_t size)
{
    switch (option->type) {
    case VMBARE_FLAG:
        return append(text, size, 0, "yes, no or no value");
    case VMBARE_NUMBER:
        if (option->most == UINT64_MAX)
            return format_print(text, size, "a number of %llu or more",
                                (unsigned long long)option->least);
        return format_print(text, size, "a number from %llu to %llu",
                            (unsigned long long)option->least,
                            (unsigned long long)option->most);
    case VMBARE_WORD:
        return list_words(option->words, text, size);
    case VMBARE_TEXT:
        return append(text, size, 0, "a text");
    }
    return 0;
}
