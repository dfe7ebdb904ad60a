/* SPDX-License-Identifier: BSD-2-Clause */
/* The option log as a level: see log_level.h. */
#include "app/system/root/log_level.h"

#include <string.h>

#include "app/system/options/options.h"

/* In the order of enum log_level. */
static const char *const words[] = {"error", "warning", "info", "debug"};

/* The option accepts no other word, so the search always ends. */
enum log_level log_level_of(const char *word)
{
    unsigned level = LOG_ERROR;

    while (level < LOG_DEBUG && strcmp(words[level], word) != 0)
        level++;
    return (enum log_level)level;
}

enum log_level log_level_system(void)
{
    if (vmbare_option_flag(&option_quiet))
        return LOG_ERROR;
    return log_level_of(vmbare_option_text(&option_log));
}
