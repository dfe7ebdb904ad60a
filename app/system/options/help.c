/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the option `help` prints: see help.h. Without printf, because each image
 * contains it.
 *
 *     disk:
 *       cycles=N        a number from 0 to 1000000; default: 1
 *                       how often the disk is opened again
 */
#include "app/system/options/help.h"

#include <string.h>

#include "app/system/options/settings.h"
#include "arch/console/format.h"

#define WIDTH        79u
#define COLUMN       18u  /* where the explanations begin */
#define EXPECTED_MAX 512u /* characters of a list of words */

/* Where the text goes, and how far the line has come. */
struct page {
    void (*write)(const char *text, size_t length);
    size_t column;
};

static void put(struct page *p, const char *text, size_t length)
{
    p->write(text, length);
    p->column += length;
}

static void new_line(struct page *p)
{
    p->write("\n", 1);
    p->column = 0;
}

static void go_to(struct page *p, size_t column)
{
    while (p->column < column)
        put(p, " ", 1);
}

/* Prints words between COLUMN and WIDTH. */
static void put_words(struct page *p, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, " ");

        if (p->column > COLUMN && p->column + 1 + length > WIDTH)
            new_line(p);
        if (p->column > COLUMN)
            put(p, " ", 1);
        go_to(p, COLUMN);
        put(p, text, length);
        text += length;
        text += strspn(text, " ");
    }
}

/* What stands behind the name: "=N", "=WORD", "=TEXT". */
static const char *shape(const struct vmbare_option *option)
{
    switch (option->type) {
    case VMBARE_NUMBER:
        return "=N";
    case VMBARE_WORD:
        return option->words[0] == '|' ? "[=WORD]" : "=WORD";
    case VMBARE_TEXT:
        return "=TEXT";
    case VMBARE_FLAG:
        break;
    }
    return "";
}

static void put_option(struct page *p, const struct vmbare_option *option)
{
    char expected[EXPECTED_MAX];

    put(p, "  ", 2);
    put(p, option->name, strlen(option->name));
    put(p, shape(option), strlen(shape(option)));
    /* A name that is too long gets a line of its own. */
    if (p->column >= COLUMN)
        new_line(p);
    settings_expected(option, expected, sizeof(expected));
    put_words(p, expected);
    if (option->otherwise) {
        put(p, ";", 1);
        put_words(p, "default:");
        put_words(p, option->otherwise);
    }
    new_line(p);
    put_words(p, option->help);
    new_line(p);
}

/* The option of a group whose name follows `after`, in the order of the
 * alphabet; NULL: there is none. Compilers reverse the order of declarations.
 */
static const struct vmbare_option *
next_of_group(const struct vmbare_option *option, uint32_t count,
              const char *group, const char *after)
{
    const struct vmbare_option *next = NULL;

    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(option[i].group, group) == 0 &&
            strcmp(option[i].name, after) > 0 &&
            (!next || strcmp(option[i].name, next->name) < 0))
            next = &option[i];
    }
    return next;
}

static void put_group(struct page *p, const struct vmbare_option *option,
                      uint32_t count, const char *group)
{
    const struct vmbare_option *next;
    const char *after = "";

    put(p, group, strlen(group));
    put(p, ":", 1);
    new_line(p);
    while ((next = next_of_group(option, count, group, after)) != NULL) {
        put_option(p, next);
        after = next->name;
    }
}

/* True: an option before this one has printed the whole group. */
static bool is_printed(const struct vmbare_option *option, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(option[i].group, option[index].group) == 0)
            return true;
    }
    return false;
}

void help_print(const struct vmbare_option *option, uint32_t count,
                void (*write)(const char *text, size_t length))
{
    struct page page = {.write = write};

    for (uint32_t i = 0; i < count; i++) {
        if (is_printed(option, i))
            continue;
        put_group(&page, option, count, option[i].group);
    }
}
