/* SPDX-License-Identifier: BSD-2-Clause */
/* What the option `help` prints. Pure. */
#ifndef APP_SYSTEM_HELP_H
#define APP_SYSTEM_HELP_H

#include "vmbare_options.h"

/**
 * Print all options, those of a group together, each with its type, its range,
 * its default and what it does, in lines of at most 79 characters.
 *
 * @option  @count in a row
 * @write   called with pieces of the text, in order
 */
void help_print(const struct vmbare_option *option, uint32_t count,
                void (*write)(const char *text, size_t length));

#endif
