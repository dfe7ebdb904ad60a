/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of the layer on COM1, and the end of a run that cannot go on. */
#include "layer.h"

#define COM1        0x3f8u
#define LINE_STATUS (COM1 + 5)
#define ROOM        0x20u
#define POLLS       100000
#define DEBUG_EXIT  0xf4u
#define TEST_FAILED 0x11u

static void put(char c)
{
    for (int i = 0; i < POLLS && !(port_in8(LINE_STATUS) & ROOM); i++)
        cpu_relax();
    port_out8(COM1, (uint8_t)c);
}

void layer_say(const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            put('\r');
        put(*text);
    }
}

void layer_say_number(const char *text, uint64_t value)
{
    layer_say(text);
    layer_say(" 0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
        if (shift == 0 || value >> shift)
            put("0123456789abcdef"[value >> shift & 15]);
    }
    layer_say("\n");
}

_Noreturn void layer_fail(const char *reason)
{
    layer_say("layer: ");
    layer_say(reason);
    layer_say("\n");
    for (;;) {
        port_out8(DEBUG_EXIT, TEST_FAILED);
        __asm__ volatile("cli; hlt");
    }
}
