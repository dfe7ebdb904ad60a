/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys of a serial terminal: see keys.h. An arrow is ESC [ A or ESC O A, the
 * key Delete ESC [ 3 ~. A control character ends a sequence that is not whole,
 * so Enter is always Enter.
 */
#include "arch/console/keys.h"

#define ESCAPE  0x1B
#define RUBOUT  0x7F
#define CONTROL 0x20 /* control characters are below */
#define LARGE   99u  /* no key has such a number */

/* Control characters as Emacs and most shells use them; '\b' is Ctrl-H. */
static const uint16_t control_keys[CONTROL] = {
    ['A' & 0x1F] = KEY_HOME,
    ['B' & 0x1F] = KEY_LEFT,
    ['D' & 0x1F] = KEY_EOF,
    ['E' & 0x1F] = KEY_END,
    ['F' & 0x1F] = KEY_RIGHT,
    ['\b'] = KEY_BACKSPACE,
    ['\t'] = ' ',
    ['\n'] = KEY_ENTER,
    ['\r'] = KEY_ENTER,
    ['K' & 0x1F] = KEY_KILL_END,
    ['N' & 0x1F] = KEY_DOWN,
    ['P' & 0x1F] = KEY_UP,
    ['U' & 0x1F] = KEY_KILL_LINE,
    ['W' & 0x1F] = KEY_KILL_WORD,
};

/* The last byte of ESC [ or ESC O. */
static unsigned of_letter(uint8_t byte)
{
    switch (byte) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'C':
        return KEY_RIGHT;
    case 'D':
        return KEY_LEFT;
    case 'F':
        return KEY_END;
    case 'H':
        return KEY_HOME;
    default:
        return KEY_NONE;
    }
}

/* The number between ESC [ and '~': two terminals differ in Home and End. */
static unsigned of_number(uint32_t number)
{
    switch (number) {
    case 1:
    case 7:
        return KEY_HOME;
    case 3:
        return KEY_DELETE;
    case 4:
    case 8:
        return KEY_END;
    default:
        return KEY_NONE;
    }
}

/* Outside a sequence, or instead of the rest of one. Windows sends "\r\n" for
 * Enter, which is one line end. Bytes of UTF-8 are no keys. */
static unsigned plain(struct keys *keys, uint8_t byte)
{
    bool second = keys->returned && byte == '\n';

    /* Whatever was begun is over, and this byte may begin something new. */
    keys->returned = byte == '\r';
    keys->state = byte == ESCAPE ? KEYS_ESCAPE : KEYS_PLAIN;
    keys->number = 0;
    keys->more = false;
    /* The rest of a line end that was taken already. */
    if (second)
        return KEY_NONE;
    if (byte < CONTROL)
        return control_keys[byte];
    if (byte == RUBOUT)
        return KEY_BACKSPACE;
    return byte < RUBOUT ? byte : KEY_NONE;
}

/* Digits, then a letter or '~'. Further numbers tell of Shift and Ctrl. */
static unsigned sequence(struct keys *keys, uint8_t byte)
{
    if (byte >= '0' && byte <= '9' && !keys->more && keys->number < LARGE)
        keys->number = keys->number * 10 + (byte - '0');
    if (byte == ';')
        keys->more = true;
    /* Digits, ';' and the like go on; any other byte is the last one. */
    if (byte < '@')
        return KEY_NONE;
    /* The last byte says which key it was, '~' together with the number. */
    keys->state = KEYS_PLAIN;
    return byte == '~' ? of_number(keys->number) : of_letter(byte);
}

unsigned keys_take(struct keys *keys, uint8_t byte)
{
    /* No key has a control character inside: what was begun is given up. */
    if (keys->state == KEYS_PLAIN || byte < CONTROL)
        return plain(keys, byte);
    if (keys->state == KEYS_SEQUENCE)
        return sequence(keys, byte);
    /* After ESC: one of two ways to go on. */
    if (keys->state == KEYS_ESCAPE && (byte == '[' || byte == 'O')) {
        keys->state = byte == '[' ? KEYS_SEQUENCE : KEYS_ONE_MORE;
        return KEY_NONE;
    }
    /* After ESC O: the key. After ESC alone: a character with Alt, ignored. */
    if (keys->state == KEYS_ONE_MORE) {
        keys->state = KEYS_PLAIN;
        return of_letter(byte);
    }
    keys->state = KEYS_PLAIN;
    return KEY_NONE;
}
