/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The texts that options come from: the command line, vmbare.cmd, vmbare.conf.
 * Each function reads one text and gives the settings what it says; what cannot
 * be understood is complained about (settings.h). Pure.
 */
#ifndef APP_SYSTEM_SOURCES_H
#define APP_SYSTEM_SOURCES_H

#include "app/system/options/cmdline.h"
#include "app/system/options/settings.h"

/**
 * Read a command line.
 *
 * @room    keeps the words that the settings then point to
 * @text    at most @size characters, to the first zero
 * @source  VMBARE_FROM_LINE or VMBARE_FROM_CMD
 */
void sources_read_line(struct settings *s, struct cmdline *room,
                       const char *text, size_t size,
                       enum vmbare_option_source source);

/**
 * Read vmbare.cmd: its first line is a command line, the rest is not looked at.
 *
 * @room  as for sources_read_line()
 */
void sources_read_cmd(struct settings *s, struct cmdline *room,
                      const char *bytes, size_t size);

/**
 * Read vmbare.conf: lines of the form
 *
 *     # a comment
 *     cpus = 2         # another
 *     exit             # a flag may stand alone
 *
 * @bytes  @size bytes and one more, overwritten: the settings then point into
 *         them
 */
void sources_read_conf(struct settings *s, char *bytes, size_t size);

#endif
