/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's VGA card: see vga.h. */
#include "vga.h"

#include "minihv.h"
#include "pci.h"
#include "synthvid.h"

enum {
    PCI_ID = 0x11111234,
    PORT_INDEX = 0x1CE,
    PORT_DATA = 0x1CF,
    WIDTH = 1,
    HEIGHT = 2,
    DEPTH = 3,
    ENABLE = 4,
    VIRTUAL_WIDTH = 6,
    OFFSET_X = 8,
    OFFSET_Y = 9,
    ON = 1 << 0,
    LINEAR = 1 << 6,
    KEEP = 1 << 7, /* what is in the memory */
    PORT_FLIP_FLOP = 0x3DA,
    PORT_ATTRIBUTE = 0x3C0,
    NOT_BLANK = 0x20,
};

uint64_t vga_find(void)
{
    uint64_t config = pci_find(PCI_ID);

    return config ? mmio_read32(config + PCI_BAR) & ~UINT64_C(0xF) : 0;
}

static void put(uint16_t index, uint32_t value)
{
    port_out16(PORT_INDEX, index);
    port_out16(PORT_DATA, (uint16_t)value);
}

void vga_show(const struct synthvid_screen *s)
{
    uint32_t bytes = s->depth / 8;

    if (!s->active)
        return;
    put(ENABLE, 0);
    put(WIDTH, s->width);
    put(HEIGHT, s->height);
    put(DEPTH, s->depth);
    put(ENABLE, ON | LINEAR | KEEP);
    put(VIRTUAL_WIDTH, s->pitch / bytes);
    put(OFFSET_X, s->offset % s->pitch / bytes);
    put(OFFSET_Y, s->offset / s->pitch);
    port_in8(PORT_FLIP_FLOP);
    port_out8(PORT_ATTRIBUTE, NOT_BLANK);
}
