/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: which options there are, and what is said of wrong ones. */
#include "app/system/root/root.h"

#include "arch/console/log.h"

/*
 * Options of the system and of all applications (docs/options.md). The text
 * after '=' lists the values that an option accepts, N for a number. Options
 * without such a list check their value where they are used.
 */
static const char *const known[] = {
    "exit",          "quiet",      "log=debug",
    "claims",        "cpus=N",     "crash=halt|reset",
    "fault",         "end",        "test",
    "item=N",        "seconds=N",  "cycles=N",
    "vmbus.version", "write=keep", "no-bus",
    "gdb",           NULL,
};

static struct cmdline options;
static uint32_t misunderstood;

/* Errors, which `quiet` shows too: the run does something else than asked. */
static void report_wrong_options(void)
{
    const struct cmdline_option *wrong;
    const char *expected;
    uint32_t cursor = 0;

    while ((wrong = cmdline_next_wrong(&options, &cursor, known, &expected))) {
        misunderstood++;
        if (expected)
            log_printf(LOG_ERROR, "system: found %s=%s, expected %s",
                       wrong->name, wrong->value, expected);
        else
            log_printf(LOG_ERROR,
                       "system: option '%s' is not known (docs/options.md)",
                       wrong->name);
    }
}

_Static_assert(CMDLINE_TEXT_MAX < BOOT_CMDLINE_SIZE,
               "a text that boot/ has cut is seen to be too long");

void system_options_take(const struct boot_info *boot)
{
    if (cmdline_parse(&options, boot->cmdline, sizeof(boot->cmdline))) {
        misunderstood++;
        log_printf(LOG_ERROR,
                   "system: the command line is too long or has an open quote; "
                   "going on with the options before that place");
    }
    report_wrong_options();
}

const struct cmdline *system_options(void)
{
    return &options;
}

uint32_t system_options_misunderstood(void)
{
    return misunderstood;
}

const char *vmbare_option(const char *name)
{
    const char *value;

    if (!cmdline_has(&options, name))
        return NULL;
    value = cmdline_value(&options, name);
    return value ? value : "";
}
