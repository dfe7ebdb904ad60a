/* SPDX-License-Identifier: BSD-2-Clause */
/* How a text file begins, as editors of all systems write it. Pure. */
#ifndef APP_SYSTEM_TEXT_FILE_H
#define APP_SYSTEM_TEXT_FILE_H

#include "app/system/options/settings.h"

/**
 * Pass over the mark that some editors put before UTF-8 text, and refuse text
 * in UTF-16, which PowerShell 5 and Notepad can write.
 *
 * @source  which file it is, for the complaint
 * @start   receives the place of the first character, at most @size
 * @return  false: it is UTF-16, and that was complained about
 */
bool text_file_begin(struct settings *s, enum vmbare_option_source source,
                     const char *bytes, size_t size, size_t *start);

#endif
