/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeping a report's text: see capture.h. */
#include "arch/codes/capture.h"

#include <stdbool.h>
#include <string.h>

/* In the image: a crash must not allocate. */
static struct {
    bool on; /* between capture_begin() and capture_end() */
    size_t length;
    char text[CAPTURE_SIZE];
} kept;

/* Drops lines at the beginning until there is room for `size` bytes more. */
static void make_room(size_t size)
{
    size_t drop = kept.length + size - sizeof(kept.text);
    char *end;

    if (kept.length + size <= sizeof(kept.text))
        return;
    /* Whole lines go: half a line at the beginning would read like one. */
    end = memchr(kept.text + drop - 1, '\n', kept.length - (drop - 1));
    drop = end ? (size_t)(end + 1 - kept.text) : kept.length;
    memmove(kept.text, kept.text + drop, kept.length - drop);
    kept.length -= drop;
}

/* A piece is at most a line of the log, which is much shorter than the text. */
static void sink_write(struct log_sink *sink, enum log_level level,
                       const char *text, size_t length)
{
    (void)sink;
    (void)level;
    if (!kept.on || length > sizeof(kept.text))
        return;
    make_room(length);
    memcpy(kept.text + kept.length, text, length);
    kept.length += length;
}

struct log_sink *capture_sink(void)
{
    static struct log_sink sink = {
        .threshold = LOG_INFO,
        .write = sink_write,
    };

    return &sink;
}

/* The length first: a line that another processor logs meanwhile is then kept
 * whole or not at all. */
void capture_begin(void)
{
    kept.length = 0;
    kept.on = true;
}

/* The text stays: codes_show() may be called for it many times. */
size_t capture_end(const char **text)
{
    kept.on = false;
    *text = kept.text;
    return kept.length;
}
