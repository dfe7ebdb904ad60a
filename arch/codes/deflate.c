/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DEFLATE with fixed codes: see deflate.h. [RFC 1951]
 *
 * At each place the longest piece that stood earlier in the text is looked for,
 * among the last places with the same three bytes. A piece becomes a pair of
 * length and distance, any other byte is written as it is.
 */
#include "arch/codes/deflate.h"

#include <stdbool.h>
#include <string.h>

#define LENGTH_MIN 3u
#define LENGTH_MAX 258u

/* Earlier places by the hash of their first three bytes: the last ones, in a
 * small ring. More of them compress hardly better. */
#define HASHES 1024u
#define PLACES 8u

#define BLOCK_LAST    1u /* the block is the last one ... */
#define BLOCK_FIXED   1u /* ... and uses the fixed codes */
#define END_OF_BLOCK  256u
#define FIRST_LENGTH  257u
#define DISTANCE_BITS 5u

/* First length of each code, and how many more bits follow. [RFC 1951 3.2.5] */
static const struct {
    uint16_t first;
    uint8_t bits;
} lengths[] = {
    {3, 0},   {4, 0},   {5, 0},   {6, 0},   {7, 0},   {8, 0},
    {9, 0},   {10, 0},  {11, 1},  {13, 1},  {15, 1},  {17, 1},
    {19, 2},  {23, 2},  {27, 2},  {31, 2},  {35, 3},  {43, 3},
    {51, 3},  {59, 3},  {67, 4},  {83, 4},  {99, 4},  {115, 4},
    {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0},
};

#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static struct {
    uint16_t place[PLACES]; /* plus one; 0: none yet */
    uint8_t next;           /* which one is overwritten next */
} earlier[HASHES];

/* Bits on their way out: the first one is the lowest of a byte. */
struct bits {
    uint8_t *out;
    uint32_t held, count;
};

/* The codes are at most 9 bits long and 13 more for a distance, so what waits
 * for its byte to fill fits in a word. */
static void put_bits(struct bits *b, uint32_t value, unsigned count)
{
    b->held |= value << b->count;
    b->count += count;
    while (b->count >= 8) {
        *b->out++ = (uint8_t)b->held;
        b->held >>= 8;
        b->count -= 8;
    }
}

/* Huffman codes go out with their highest bit first. */
static void put_code(struct bits *b, uint32_t code, unsigned count)
{
    while (count-- > 0)
        put_bits(b, code >> count & 1, 1);
}

/* A literal or a length by the fixed code. [RFC 1951 3.2.6] */
static void put_symbol(struct bits *b, uint32_t symbol)
{
    if (symbol < 144)
        put_code(b, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(b, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(b, symbol - 256, 7);
    else
        put_code(b, 0xC0 + symbol - 280, 8);
}

/* The largest first length that is not above it names the code; what is missing
 * follows as bits. */
static void put_length(struct bits *b, uint32_t length)
{
    uint32_t i = LENGTHS - 1;

    while (lengths[i].first > length)
        i--;
    put_symbol(b, FIRST_LENGTH + i);
    put_bits(b, length - lengths[i].first, lengths[i].bits);
}

/* Distances 1 to 4 have a code each. From there on two codes share a number of
 * more bits, which grows by one from pair to pair. */
static void put_distance(struct bits *b, uint32_t distance)
{
    uint32_t value = distance - 1, more = 0;

    if (value < 4) {
        put_code(b, value, DISTANCE_BITS);
        return;
    }
    while (value >> (more + 2))
        more++;
    put_code(b, 2 * more + (value >> more), DISTANCE_BITS);
    put_bits(b, value & ((1u << more) - 1), more);
}

/* Multiplication spreads the three bytes over the upper bits, which are kept:
 * ten of them, for HASHES lists. */
static uint32_t hash(const char *text)
{
    uint32_t three = (uint8_t)text[0] | (uint32_t)(uint8_t)text[1] << 8 |
                     (uint32_t)(uint8_t)text[2] << 16;

    return three * 0x9E3779B1u >> 22;
}

/* A place with fewer than three bytes after it cannot begin a piece. */
static void remember(const char *text, size_t at, size_t length)
{
    uint32_t h;

    if (length - at < LENGTH_MIN)
        return;
    h = hash(text + at);
    earlier[h].place[earlier[h].next] = (uint16_t)(at + 1);
    earlier[h].next = (earlier[h].next + 1) % PLACES;
}

/* How many bytes are the same at both places, up to the longest piece that has
 * a code. The earlier piece may run into the later one: that repeats it. */
static uint32_t common(const char *a, const char *b, size_t room)
{
    uint32_t most = room < LENGTH_MAX ? (uint32_t)room : LENGTH_MAX, n = 0;

    while (n < most && a[n] == b[n])
        n++;
    return n;
}

/* The longest piece that begins at `at` and also stood earlier; 0: none. */
static uint32_t find(const char *text, size_t at, size_t length,
                     uint32_t *distance)
{
    uint32_t best = 0, h;

    if (length - at < LENGTH_MIN)
        return 0;
    h = hash(text + at);
    for (unsigned i = 0; i < PLACES; i++) {
        uint32_t place = earlier[h].place[i], n;

        if (place == 0)
            continue;
        n = common(text + place - 1, text + at, length - at);
        if (n >= LENGTH_MIN && n > best) {
            best = n;
            *distance = (uint32_t)(at - (place - 1));
        }
    }
    return best;
}

/* A piece that begins one byte later may be longer by more than that byte. */
static bool later_is_better(const char *text, size_t at, size_t length,
                            uint32_t now)
{
    uint32_t distance;

    return at + 1 < length && find(text, at + 1, length, &distance) > now + 1;
}

/* One block is enough, and there is no other kind: the fixed codes fit a text
 * of letters and digits well enough, and need no table of their own. */
size_t deflate_text(uint8_t *out, const char *text, size_t length)
{
    struct bits b = {.out = out};
    uint32_t size, distance = 0;

    if (length > DEFLATE_TEXT_MAX)
        length = DEFLATE_TEXT_MAX;
    memset(earlier, 0, sizeof(earlier));
    put_bits(&b, BLOCK_LAST | BLOCK_FIXED << 1, 3);
    for (size_t at = 0; at < length;) {
        size = find(text, at, length, &distance);
        /* Remember every place that is passed, for the pieces to come. */
        remember(text, at, length);
        if (size == 0 || later_is_better(text, at, length, size)) {
            put_symbol(&b, (uint8_t)text[at++]);
            continue;
        }
        put_length(&b, size);
        put_distance(&b, distance);
        while (--size > 0)
            remember(text, ++at, length);
        at++;
    }
    put_symbol(&b, END_OF_BLOCK);
    /* Fill the last byte with zeroes. */
    put_bits(&b, 0, 7);
    return (size_t)(b.out - out);
}
