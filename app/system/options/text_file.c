/* SPDX-License-Identifier: BSD-2-Clause */
/* How a text file begins: see text_file.h. */
#include "app/system/options/text_file.h"

#include <string.h>

static bool begins_with(const char *bytes, size_t size, const char *mark)
{
    size_t length = strlen(mark);

    return size >= length && memcmp(bytes, mark, length) == 0;
}

bool text_file_begin(struct settings *s, enum vmbare_option_source source,
                     const char *bytes, size_t size, size_t *start)
{
    char origin[VMBARE_ORIGIN_MAX];

    *start = begins_with(bytes, size, "\xef\xbb\xbf") ? 3 : 0;
    if (!begins_with(bytes, size, "\xff\xfe") &&
        !begins_with(bytes, size, "\xfe\xff"))
        return true;
    settings_complain(s,
                      "%s: found UTF-16 text, expected ASCII: save the file as "
                      "UTF-8 or ANSI",
                      settings_origin(source, 0, origin));
    return false;
}
