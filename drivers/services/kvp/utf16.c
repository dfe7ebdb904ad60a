/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTF-16 and UTF-8: see utf16.h. Each byte of a text comes from a host or an
 * application, so nothing is believed: what is cut off, too long for its
 * character, or half a pair is told from what is right.
 */
#include "drivers/services/kvp/utf16.h"

#include <stdbool.h>

#include "drivers/services/wire.h"

#define REPLACEMENT 0xFFFDu

/* The size that a host tells may be larger than its text. */
uint32_t utf16_length(const uint8_t *at, uint32_t bytes)
{
    uint32_t length = 0;

    while (length + 2 <= bytes && ic_get16(at + length))
        length += 2;
    return length;
}

/* Characters above U+FFFF are pairs of such units. */
static bool is_first_half(uint32_t c)
{
    return c >= 0xD800 && c < 0xDC00;
}

static bool is_second_half(uint32_t c)
{
    return c >= 0xDC00 && c < 0xE000;
}

/* Writes one character as 1 to 4 bytes; returns how many. */
static unsigned put_utf8(uint32_t c, char out[4])
{
    static const uint8_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    unsigned count = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (unsigned i = count; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(marks[count] | c);
    return count;
}

/* Takes one character, which is one unit or a pair. */
static uint32_t take_utf16(const uint8_t **at, const uint8_t *end)
{
    uint32_t c = ic_get16(*at), next;

    *at += 2;
    if (!is_first_half(c))
        return is_second_half(c) ? REPLACEMENT : c;
    next = *at < end ? ic_get16(*at) : 0;
    if (!is_second_half(next))
        return REPLACEMENT;
    *at += 2;
    return 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
}

/* Goes on to the end after the room has ended, to know what is needed. */
size_t utf16_read(const uint8_t *at, uint32_t bytes, char *text, size_t size)
{
    const uint8_t *end = at + bytes / 2 * 2;
    size_t needed = 0, used = 0;
    char out[4];

    while (at < end) {
        unsigned count = put_utf8(take_utf16(&at, end), out);

        /* Nothing may follow what did not fit. */
        if (used == needed && used + count < size) {
            memcpy(text + used, out, count);
            used += count;
        }
        needed += count;
    }
    text[used] = 0;
    return needed;
}

/* Takes one character of 1 to 4 bytes. UINT32_MAX: there is none. */
static uint32_t take_utf8(const uint8_t **at)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint8_t first = *(*at)++;
    unsigned more = first < 0x80       ? 0
                    : first >> 5 == 6  ? 1
                    : first >> 4 == 14 ? 2
                    : first >> 3 == 30 ? 3
                                       : 4;
    uint32_t c = more ? first & (0x3Fu >> more) : first;

    if (more > 3)
        return UINT32_MAX;
    for (unsigned i = 0; i < more; i++) {
        /* The final zero ends this, too. */
        if (**at >> 6 != 2)
            return UINT32_MAX;
        c = c << 6 | (*(*at)++ & 0x3F);
    }
    /* Refuse what has a shorter form, and halves of pairs. */
    if (c < least[more] || c > 0x10FFFF || is_first_half(c) ||
        is_second_half(c))
        return UINT32_MAX;
    return c;
}

/* Nothing of a wrong text is of use, so what was written before is left. */
uint32_t utf16_write(const char *text, uint8_t *at, uint32_t most)
{
    const uint8_t *from = (const uint8_t *)text;
    uint32_t used = 0;

    while (*from) {
        uint32_t c = take_utf8(&from), size = c < 0x10000 ? 2 : 4;

        if (c == UINT32_MAX || used + size > most)
            return UINT32_MAX;
        /* The first half of a pair; the second is written like any unit. */
        if (size == 4) {
            ic_put16(at + used, (uint16_t)(0xD800 + ((c - 0x10000) >> 10)));
            c = 0xDC00 + (c & 0x3FF);
        }
        ic_put16(at + used + size - 2, (uint16_t)c);
        used += size;
    }
    return used;
}
