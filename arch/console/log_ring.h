/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of log lines: the oldest lines make room for the newest. Pure; the
 * caller holds the log's lock. */
#ifndef ARCH_LOG_RING_H
#define ARCH_LOG_RING_H

#include "arch/console/log.h"

struct log_ring {
    uint8_t *bytes;
    uint32_t size;           /* bytes, a power of two, 1024 at least */
    struct log_cursor first; /* the oldest line that is there */
    struct log_cursor next;  /* after the newest line */
};

/**
 * Append a copy of the text, of which LOG_TEXT_MAX characters are kept.
 *
 * @ns      time stamp
 * @length  of @text in bytes
 */
void log_ring_append(struct log_ring *ring, uint64_t ns, enum log_level level,
                     bool raw, const char *text, size_t length);

/** Does what log_read() does. */
bool log_ring_read(const struct log_ring *ring, struct log_cursor *cursor,
                   struct log_line *line);

/** Does what log_seek_last() does. */
void log_ring_seek_last(const struct log_ring *ring, struct log_cursor *cursor,
                        unsigned lines);

#endif
