/* SPDX-License-Identifier: BSD-2-Clause */
/* The PS/2 controller: see ps2.h. */
#include "ps2.h"

#include "minihv.h"

enum {
    STATUS_FULL = 1 << 0,  /* a byte waits for us */
    STATUS_BUSY = 1 << 1,  /* ours is not taken yet */
    STATUS_MOUSE = 1 << 5, /* the byte is the mouse's */
    WRITE_MODE = 0x60,
    TO_MOUSE = 0xD4,
    MODE_TRANSLATE = 1 << 6, /* to set 1; no interrupts, both clocks run */
    SET_RATE = 0xF3,
    GET_ID = 0xF2,
    ENABLE = 0xF4,
    DEFAULTS = 0xF6,
    ACK = 0xFA,
    ID_WHEEL = 3,
    READS = 100000, /* until a controller counts as dead */
};

bool ps2_read(uint8_t *byte, bool *from_mouse)
{
    uint8_t status = port_in8(PS2_COMMAND);

    if (!(status & STATUS_FULL))
        return false;
    *from_mouse = status & STATUS_MOUSE;
    *byte = port_in8(PS2_DATA);
    return true;
}

static void write(uint16_t port, uint8_t value)
{
    for (int i = 0; i < READS; i++)
        if (!(port_in8(PS2_COMMAND) & STATUS_BUSY)) {
            port_out8(port, value);
            return;
        }
    minihv_failed("the PS/2 controller takes nothing: QEMU's machine must have "
                  "one (i8042)");
}

/* Returns the next byte of the keyboard or of the mouse; the other's are
 * dropped. */
static uint8_t answer(bool of_mouse)
{
    bool from_mouse;
    uint8_t byte;

    for (int i = 0; i < READS; i++)
        if (ps2_read(&byte, &from_mouse) && from_mouse == of_mouse)
            return byte;
    minihv_failed("the PS/2 %s does not answer",
                  of_mouse ? "mouse" : "keyboard");
}

/* Sends a command byte. A key that was on its way comes before its ACK. */
static void tell(bool mouse, uint8_t byte)
{
    if (mouse)
        write(PS2_COMMAND, TO_MOUSE);
    write(PS2_DATA, byte);
    for (int i = 0; i < READS; i++)
        if (answer(mouse) == ACK)
            return;
    minihv_failed("the PS/2 %s refuses the byte 0x%x",
                  mouse ? "mouse" : "keyboard", byte);
}

/* These three rates in a row ask a mouse to show that it has a wheel. */
static bool ask_for_wheel(void)
{
    static const uint8_t rates[] = {200, 100, 80};

    for (size_t i = 0; i < sizeof rates; i++) {
        tell(true, SET_RATE);
        tell(true, rates[i]);
    }
    tell(true, GET_ID);
    return answer(true) == ID_WHEEL;
}

void ps2_start(bool *has_wheel)
{
    bool from_mouse;
    uint8_t byte;

    for (int i = 0; i < READS && ps2_read(&byte, &from_mouse); i++)
        ;
    write(PS2_COMMAND, WRITE_MODE);
    write(PS2_DATA, MODE_TRANSLATE);
    tell(false, ENABLE);
    tell(true, DEFAULTS);
    *has_wheel = ask_for_wheel();
    tell(true, ENABLE);
}
