/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmbare_log.h: lines of the application in the system's log. They may have a
 * threshold of their own, which the log's sinks know nothing of: a line that is
 * to be shown gets a level that they show, and one that is not is left out.
 */
#include "vmbare_log.h"

#include <stdarg.h>

#include "app/system/root/log_level.h"
#include "app/system/options/options.h"
#include "arch/console/format.h"

/* In the list of options only where the application writes log lines. */
VMBARE_OPTION option_app_log = {
    .group = "system",
    .name = "app.log",
    .type = VMBARE_WORD,
    .words = "error|warning|info|debug",
    .help = "print the application's log lines up to this level; without it "
            "log decides",
};

/* `quiet` is for a run in which errors only are wanted, whoever makes them. */
static enum log_level threshold(void)
{
    if (vmbare_option_flag(&option_quiet) ||
        !vmbare_option_given(&option_app_log))
        return log_level_system();
    return log_level_of(vmbare_option_text(&option_app_log));
}

int vmbare_log_shows(enum vmbare_log_level level)
{
    return (unsigned)level <= (unsigned)threshold();
}

/* The level that the log gets. False: the line is left out, because the sinks
 * would show it. What no sink shows may stay in the ring for a crash report. */
static bool choose(enum vmbare_log_level level, enum log_level *out)
{
    enum log_level shown = log_level_system();

    *out = (enum log_level)level;
    if (!vmbare_log_shows(level))
        return *out > shown;
    if (*out > shown)
        *out = shown;
    return true;
}

void vmbare_log_as(const char *name, enum vmbare_log_level level,
                   const char *format, ...)
{
    /* An ordinary line needs no word. */
    static const char *const words[] = {"error: ", "warning: ", "", "debug: "};
    char text[LOG_TEXT_MAX + 1];
    enum log_level chosen;
    va_list arguments;

    if ((unsigned)level > VMBARE_LOG_DEBUG)
        level = VMBARE_LOG_ERROR; /* a number that is none shall be seen */
    if (!choose(level, &chosen))
        return;
    va_start(arguments, format);
    format_print_v(text, sizeof(text), format, arguments);
    va_end(arguments);
    log_printf(chosen, "%s: %s%s", name, words[level], text);
}
