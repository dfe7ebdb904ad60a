/* SPDX-License-Identifier: BSD-2-Clause */
/* Command lines: see sources.h; vmbare.conf is read by conf.c. */
#include "app/system/options/sources.h"

#include <errno.h>
#include <string.h>

#include "app/system/options/text_file.h"

/* Why not all of a command line was understood. */
static void complain_of_line(struct settings *s, int status,
                             enum vmbare_option_source source)
{
    char origin[VMBARE_ORIGIN_MAX];

    settings_origin(source, 0, origin);
    if (status == -E2BIG)
        settings_complain(s,
                          "%s: found more than %u characters or %u options, "
                          "expected fewer: put some into vmbare.conf",
                          origin, CMDLINE_TEXT_MAX - 1, CMDLINE_OPTIONS_MAX);
    else
        settings_complain(s,
                          "%s: found a quote that is not closed: add a second "
                          "one",
                          origin);
}

/* What could be read of a text that is not well formed is judged all the same:
 * a person then sees everything that is wrong at once. */
void sources_read_line(struct settings *s, struct cmdline *room,
                       const char *text, size_t size,
                       enum vmbare_option_source source)
{
    int status = cmdline_parse(room, text, size);

    if (status)
        complain_of_line(s, status, source);
    for (uint32_t i = 0; i < room->count; i++)
        settings_give(s, &(struct setting){
                             .name = room->options[i].name,
                             .value = room->options[i].value,
                             .source = source,
                         });
}

void sources_read_cmd(struct settings *s, struct cmdline *room,
                      const char *bytes, size_t size)
{
    size_t start = 0, end;

    if (!text_file_begin(s, VMBARE_FROM_CMD, bytes, size, &start))
        return;
    for (end = start; end < size && bytes[end] != '\n' && bytes[end] != '\r';)
        end++;
    sources_read_line(s, room, bytes + start, end - start, VMBARE_FROM_CMD);
}
