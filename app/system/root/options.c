/* The command line: which options there are, and words about wrong ones. */
#include "arch/console/log.h"
#include "app/system/system.h"

/* Options of the system and of all applications (docs/options.md). Behind '='
 * what a value may be, where not whoever takes the option says so. */
static const char *const known[] = {
    "exit",          "quiet",     "log=debug",
    "claims",        "cpus=N",    "crash=halt|reset",
    "fault",         "end",       "test",
    "item=N",        "seconds=N", "cycles=N",
    "vmbus.version", "lie",       "no-bus",
    "write=keep",    NULL,
};

/* Errors, which `quiet` shows too: the run does something else than asked. */
void system_options_take(void)
{
    struct cmdline *options = &the_system.options;
    const struct cmdline_option *wrong;
    const char *expected;
    uint32_t cursor = 0;

    if (cmdline_parse(options, the_system.boot->cmdline,
                      sizeof(the_system.boot->cmdline))) {
        the_system.misunderstood++;
        log_printf(LOG_ERROR, "system: the command line is too long or has an "
                              "open quote; using what was understood");
    }
    while ((wrong = cmdline_next_wrong(options, &cursor, known, &expected))) {
        the_system.misunderstood++;
        if (expected)
            log_printf(LOG_ERROR, "system: found %s=%s, expected %s",
                       wrong->name, wrong->value, expected);
        else
            log_printf(LOG_ERROR,
                       "system: option '%s' is not known (docs/options.md)",
                       wrong->name);
    }
}
