/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other side of the ring. It writes whatever the input says, even between
 * two of our loads.
 */
#include <string.h>

#include "fuzz_ring.h"

static struct {
    uint32_t accesses; /* accesses left; 0: not armed */
    uint8_t *at;
    uint32_t value;
    uint32_t size;
} armed;

void ambush(void)
{
    if (armed.accesses == 0 || --armed.accesses != 0)
        return;
    memcpy(armed.at, &armed.value, armed.size);
}

/* Changes a word of the control page, or of the data near the read index. */
static uint8_t *victim(uint32_t which)
{
    static const uint8_t words[] = {0, 4, 8, 12, 64};
    uint32_t unit = read_at + 8 * (which / 8) + 2 * (which % 4);

    if (which % 8 < sizeof(words))
        return (uint8_t *)area.control + words[which % 8];
    return area.data + unit % area.size;
}

static uint32_t index_near(uint32_t around)
{
    uint32_t how = take(1);

    if (how >= 240)
        return take(4);
    return (around + how * 8) % area.size;
}

void arm(void)
{
    uint32_t which;

    armed.accesses = take(1) % 8 + 1;
    which = take(1);
    armed.at = victim(which);
    armed.size = which % 8 < 5 ? 4 : 2;
    armed.value = take(1) & 1 ? take(4) : index_near(read_at);
}

void disarm(void)
{
    armed.accesses = 0;
}

void spoil_control(void)
{
    *(uint32_t *)(void *)victim(take(1) % 5) = index_near(read_at);
}

void spoil_data(void)
{
    uint32_t at = index_near(read_at) % area.size;

    for (uint32_t count = take(1) % 64; count > 0; count--)
        area.data[at++ % area.size] = (uint8_t)take(1);
}

/* Writes a valid packet and lets the input change fields of it. */
void send_packet(void)
{
    uint32_t at = area.control->write_index % area.size & ~7u;
    uint32_t length = take(1), offset = take(1) % 8;
    const uint16_t descriptor[] = {(uint16_t)take(1), (uint16_t)offset,
                                   (uint16_t)length, 0};

    memcpy(area.data + at, descriptor, sizeof(descriptor));
    at = (at + 16) % area.size;
    for (uint32_t count = take(1) % 32; count > 0; count--)
        area.data[at++ % area.size] = (uint8_t)take(1);
    area.control->write_index =
        (area.control->write_index + length * 8 + 8) % area.size;
}
