/* SPDX-License-Identifier: BSD-2-Clause */
/* vmbare_log.h: the system's log, read by an application. */
#include "vmbare_log.h"

#include <string.h>

#include "arch/console/log.h"

_Static_assert(VMBARE_LOG_TEXT_MAX == LOG_TEXT_MAX + 1, "a line fits");

bool vmbare_log_read(struct vmbare_log_place *place,
                     struct vmbare_log_line *line)
{
    struct log_cursor cursor = {place->position, place->line};
    struct log_line read;

    if (!log_read(&cursor, &read))
        return false;
    *place = (struct vmbare_log_place){cursor.position, cursor.line};
    line->time = read.ns / 100;
    line->lost = read.lost;
    line->level = (enum vmbare_log_level)read.level;
    line->raw = read.raw;
    memcpy(line->text, read.text, sizeof(line->text));
    return true;
}
