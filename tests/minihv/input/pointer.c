/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of a PS/2 mouse: see pointer.h. */
#include "pointer.h"

enum {
    BUTTONS = 7,
    ALWAYS = 1 << 3, /* in the first byte */
    X_NEGATIVE = 1 << 4,
    Y_NEGATIVE = 1 << 5,
};

void pointer_reset(struct pointer *p, bool has_wheel)
{
    *p = (struct pointer){
        .has_wheel = has_wheel, .x = POINTER_CENTRE, .y = POINTER_CENTRE};
}

static uint16_t moved(uint16_t from, int32_t counts)
{
    int32_t to = from + counts * POINTER_STEP;

    if (to < 0)
        return 0;
    return to > POINTER_MAX ? POINTER_MAX : (uint16_t)to;
}

bool pointer_take(struct pointer *p, uint8_t byte)
{
    uint8_t first;

    if (!p->have && !(byte & ALWAYS))
        return false;
    p->byte[p->have++] = byte;
    if (p->have < (p->has_wheel ? 4 : 3))
        return false;
    p->have = 0;
    first = p->byte[0];
    p->buttons = first & BUTTONS;
    p->x = moved(p->x, p->byte[1] - (first & X_NEGATIVE ? 256 : 0));
    /* PS/2 counts upwards, the screen downwards; the wheel likewise. */
    p->y = moved(p->y, -(p->byte[2] - (first & Y_NEGATIVE ? 256 : 0)));
    p->wheel = p->has_wheel ? (int16_t) - (int8_t)p->byte[3] : 0;
    return true;
}
