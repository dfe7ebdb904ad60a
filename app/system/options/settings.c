/* SPDX-License-Identifier: BSD-2-Clause */
/* Which value an option gets, and what is said of wrong ones: settings.h. */
#include "app/system/options/settings.h"

#include <stdarg.h>
#include <string.h>

#include "arch/console/format.h"

/* A list of values that is longer is not repeated in a complaint. */
#define EXPECTED_MAX 100u

void settings_complain(struct settings *s, const char *format, ...)
{
    char line[SETTINGS_LINE_MAX];
    va_list arguments;

    va_start(arguments, format);
    format_print_v(line, sizeof(line), format, arguments);
    va_end(arguments);
    s->complaints++;
    s->complain(line);
}

/* NULL: no option of the list has this name. */
static struct vmbare_option *find(const struct settings *s, const char *name)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const char *its = s->option[i].name;

        if (its[0] == name[0] && strcmp(its, name) == 0)
            return &s->option[i];
    }
    return NULL;
}

/* Both are mistakes of whoever wrote the declaration. A default is judged as a
 * value from outside is. */
static void begin_option(struct settings *s, struct vmbare_option *option)
{
    if (find(s, option->name) != option)
        settings_complain(s,
                          "%s: found a second option '%s', expected one: give "
                          "it another name where it is declared",
                          option->group, option->name);
    option->text = option->otherwise;
    option->number = 0;
    option->line = 0;
    option->source =
        option->otherwise ? VMBARE_FROM_DEFAULT : VMBARE_FROM_NOWHERE;
    if (option->otherwise &&
        !settings_accepts(option, option->otherwise, &option->number))
        settings_complain(s,
                          "%s: found the default '%s' of the option '%s', "
                          "which it does not accept: correct its declaration",
                          option->group, option->otherwise, option->name);
}

void settings_begin(struct settings *s)
{
    s->complaints = 0;
    for (uint32_t i = 0; i < s->count; i++)
        begin_option(s, &s->option[i]);
}

/* The value as it was written, so that a person finds it. */
static void complain_of_value(struct settings *s,
                              const struct vmbare_option *option,
                              const struct setting *given)
{
    char origin[VMBARE_ORIGIN_MAX], expected[EXPECTED_MAX];
    bool fits = settings_expected(option, expected, sizeof(expected)) <
                sizeof(expected);

    settings_origin(given->source, given->line, origin);
    settings_complain(s,
                      "%s: found %.32s%s%.32s, expected %s: correct it, or "
                      "leave it out",
                      origin, given->name, given->value ? "=" : " alone",
                      given->value ? given->value : "",
                      fits ? expected : "a word that the option help lists");
}

/* A file that says two things is a mistake; a command line is often made of
 * several parts, and its last word counts. */
static bool is_said_twice(const struct vmbare_option *option,
                          const struct setting *given)
{
    return given->source == VMBARE_FROM_CONF &&
           option->source == VMBARE_FROM_CONF;
}

/* Options that an image has only if it was built for them, and how. */
static const struct {
    const char *name, *build;
} elsewhere[] = {
    {"heap", "make HEAP=check"},
};

static void complain_of_name(struct settings *s, const struct setting *given)
{
    char origin[VMBARE_ORIGIN_MAX];

    settings_origin(given->source, given->line, origin);
    for (unsigned i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++) {
        if (strcmp(elsewhere[i].name, given->name) != 0)
            continue;
        settings_complain(s,
                          "%s: found the option '%s', which this image was "
                          "not built with, expected one that has it: build "
                          "it by %s",
                          origin, given->name, elsewhere[i].build);
        return;
    }
    settings_complain(s,
                      "%s: found the option '%.32s', which this image does "
                      "not know: the option help prints those that it knows",
                      origin, given->name);
}

void settings_give(struct settings *s, const struct setting *given)
{
    struct vmbare_option *option = find(s, given->name);
    char origin[VMBARE_ORIGIN_MAX];
    uint64_t number = 0;

    if (!option) {
        complain_of_name(s, given);
        return;
    }
    if (!settings_accepts(option, given->value, &number)) {
        complain_of_value(s, option, given);
        return;
    }
    if (is_said_twice(option, given)) {
        settings_origin(given->source, given->line, origin);
        settings_complain(s,
                          "%s: found '%s' again, expected it once: line %u has "
                          "it, too; remove one of them",
                          origin, option->name, option->line);
        return;
    }
    if (option->source > given->source)
        return;
    option->text = given->value ? given->value : "";
    option->number = number;
    option->source = given->source;
    option->line = given->line;
}

const char *settings_origin(enum vmbare_option_source source, uint32_t line,
                            char text[VMBARE_ORIGIN_MAX])
{
    static const char *const names[] = {
        [VMBARE_FROM_NOWHERE] = "not given", [VMBARE_FROM_DEFAULT] = "default",
        [VMBARE_FROM_CONF] = "vmbare.conf",  [VMBARE_FROM_CMD] = "vmbare.cmd",
        [VMBARE_FROM_LINE] = "command line",
    };

    if (line)
        format_print(text, VMBARE_ORIGIN_MAX, "%s line %u", names[source],
                     line);
    else
        format_print(text, VMBARE_ORIGIN_MAX, "%s", names[source]);
    return text;
}
