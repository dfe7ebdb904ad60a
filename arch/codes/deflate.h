/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compression of a report, so that it fits into few QR codes: one block of raw
 * DEFLATE with the fixed codes, which every zlib can decompress. [RFC 1951]
 *
 * A report of 5 KB shrinks to about two fifths. Nothing is allocated: it must
 * work in a crash.
 */
#ifndef ARCH_CODES_DEFLATE_H
#define ARCH_CODES_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

/* The longest text, for positions have 16 bits. */
#define DEFLATE_TEXT_MAX 32768u

/* The most bytes that @length bytes of text can become: nine bits each. */
#define DEFLATE_SIZE(length) ((length) + (length) / 8 + 4)

/**
 * Compress a text. One caller at a time, because the table of earlier places is
 * static.
 *
 * @out     receives at most DEFLATE_SIZE(@length) bytes
 * @text    @length bytes, at most DEFLATE_TEXT_MAX; what is longer is cut
 * @return  the number of bytes written
 */
size_t deflate_text(uint8_t *out, const char *text, size_t length);

#endif
