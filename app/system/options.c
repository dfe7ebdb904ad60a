/* The command line: which options there are, and what they may say. */
#include <string.h>

#include "log.h"
#include "system.h"

#define NUMBER "a number"

/* Options of the system and of all applications (docs/options.md). */
static const char *const known[] = {
    "exit",  "quiet", "log",   "claims",  "cpus",   "crash",
    "fault", "end",   "test",  "seconds", "cycles", "vmbus.version",
    "lie",   "item",  "write", "no-bus",  NULL,
};

/* What may stand behind '=', where not whoever takes the option says so: words
 * with bars between them, or NUMBER. */
static const struct choice {
    const char *name;
    const char *values;
} choices[] = {
    {"log", "debug"}, {"crash", "halt|reset"}, {"write", "keep"},
    {"cpus", NUMBER}, {"seconds", NUMBER},     {"cycles", NUMBER},
    {"item", NUMBER},
};

static bool is_among(const char *word, const char *words)
{
    size_t length = strlen(word);

    while (words) {
        if (strncmp(words, word, length) == 0 &&
            (words[length] == '|' || !words[length]))
            return true;
        words = strchr(words, '|');
        words += words != NULL;
    }
    return false;
}

static bool is_good(const struct choice *choice)
{
    const struct cmdline *options = &the_system.options;
    const char *value = cmdline_value(options, choice->name);
    uint64_t number;

    if (!value)
        return true;
    if (strcmp(choice->values, NUMBER) == 0)
        return !cmdline_number(options, choice->name, &number);
    return is_among(value, choice->values);
}

/* Errors, which `quiet` shows too: the run does something else than asked. */
void system_options_take(void)
{
    struct cmdline *options = &the_system.options;
    const char *name;
    uint32_t cursor = 0;

    if (cmdline_parse(options, the_system.boot->cmdline,
                      sizeof(the_system.boot->cmdline))) {
        the_system.misunderstood++;
        log_printf(LOG_ERROR, "system: the command line is too long or has an "
                              "open quote; using what was understood");
    }
    while ((name = cmdline_next_unknown(options, &cursor, known)) != NULL) {
        the_system.misunderstood++;
        log_printf(LOG_ERROR,
                   "system: option '%s' is not known (docs/options.md)", name);
    }
    for (unsigned i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
        if (is_good(&choices[i]))
            continue;
        the_system.misunderstood++;
        log_printf(LOG_ERROR,
                   "system: found %s=%s, expected %s (docs/options.md)",
                   choices[i].name, cmdline_value(options, choices[i].name),
                   choices[i].values);
    }
}
