/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver of QEMU's e1000 (Intel 82540EM): two rings of descriptors, no
 * interrupts. Its registers and rings are in memory, which is mapped at its own
 * address. The firmware has given it an address; the guest sees the card and
 * has no driver for it. [intel 8254x]
 */
#include "e1000.h"

#include "heap.h"
#include "minihv.h"
#include "pci.h"

enum {
    PCI_ID = 0x100E8086,
    PCI_MEMORY_AND_MASTER = 6,
    CTRL = 0,
    CTRL_LINK_UP = 0x40,
    IMC = 0xD8,
    RCTL = 0x100,
    /* On, every address, broadcast, long frames, no CRC. */
    RCTL_ALL = 0x0400803A,
    TCTL = 0x400,
    TCTL_ON = 0x4010A, /* padded, with the usual collision distance */
    RX = 0x2800,       /* base, length, head, tail of each ring */
    TX = 0x3800,
    LENGTH = 8,
    HEAD = 0x10,
    TAIL = 0x18,
    SLOTS = 128,
    BUFFER = 2048,
    FRAME_MAX = 9022, /* MTU 9000, Ethernet's header, a tag and 4 to spare */
    DONE = 1,         /* in the status of a descriptor */
    END = 2,          /* the frame ends here */
    COMMAND = 0x0A,   /* insert CRC, report status */
    COMMAND_END = 1,
    BUDGET = 32,
};

struct descriptor {
    uint64_t address;
    uint16_t length;
    uint8_t word[2]; /* transmit: checksum offset, command */
    uint8_t status, other[3];
};
_Static_assert(sizeof(struct descriptor) == 16, "as the card reads it");

static uint64_t config, registers;
static struct descriptor *rx, *tx;
static uint8_t *buffers; /* of SLOTS received frames, then of SLOTS sent */
static uint32_t rx_next, tx_next;

/* A frame that comes in several buffers. */
static uint8_t whole[FRAME_MAX];
static uint32_t whole_size;
static bool whole_lost; /* it is too long, or the start of it is */

bool e1000_find(void)
{
    config = pci_find(PCI_ID);
    if (config)
        registers = mmio_read32(config + PCI_BAR) & ~UINT64_C(0xF);
    return registers != 0;
}

static void put(uint32_t at, uint32_t value)
{
    mmio_write32(registers + at, value);
}

static void start_ring(uint32_t at, const struct descriptor *ring)
{
    put(at, (uint32_t)(uint64_t)ring);
    put(at + 4, (uint32_t)((uint64_t)ring >> 32));
    put(at + LENGTH, SLOTS * sizeof *ring);
    put(at + HEAD, 0);
    put(at + TAIL, 0);
}

static void allocate(void)
{
    uint32_t pages = 2 + 2 * SLOTS * BUFFER / PAGE_SIZE;
    uint8_t *memory = heap_pages(pages);

    if (!memory)
        minihv_failed("no memory for the network card: %u pages", pages);
    rx = (struct descriptor *)memory;
    tx = (struct descriptor *)(memory + PAGE_SIZE);
    buffers = memory + 2 * PAGE_SIZE;
}

void e1000_start(void)
{
    if (!rx)
        allocate();
    mmio_write32(config + PCI_COMMAND, PCI_MEMORY_AND_MASTER);
    put(IMC, UINT32_MAX);
    put(RCTL, 0);
    put(TCTL, 0);
    put(CTRL, mmio_read32(registers + CTRL) | CTRL_LINK_UP);
    for (uint32_t i = 0; i < SLOTS; i++) {
        rx[i] =
            (struct descriptor){.address = (uint64_t)(buffers + i * BUFFER)};
        tx[i] = (struct descriptor){
            .address = (uint64_t)(buffers + (SLOTS + i) * BUFFER),
            .status = DONE};
    }
    rx_next = tx_next = whole_size = 0;
    whole_lost = false;
    start_ring(RX, rx);
    start_ring(TX, tx);
    put(RCTL, RCTL_ALL);
    put(TCTL, TCTL_ON);
    put(RX + TAIL, SLOTS - 1);
}

/* Are so many descriptors the card's no more? */
static bool has_room(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!(__atomic_load_n(&tx[(tx_next + i) % SLOTS].status,
                              __ATOMIC_ACQUIRE) &
              DONE))
            return false;
    return true;
}

bool e1000_send(const uint8_t *frame, uint32_t size)
{
    uint32_t count = (size + BUFFER - 1) / BUFFER;

    if (size > FRAME_MAX || !has_room(count))
        return false;
    while (count--) {
        struct descriptor *d = &tx[tx_next];
        uint32_t part = size < BUFFER ? size : BUFFER;

        memcpy((uint8_t *)d->address, frame, part);
        d->length = (uint16_t)part;
        d->word[1] = count ? COMMAND : COMMAND | COMMAND_END;
        d->status = 0;
        tx_next = (tx_next + 1) % SLOTS;
        frame += part;
        size -= part;
    }
    __atomic_thread_fence(__ATOMIC_RELEASE);
    put(TX + TAIL, tx_next);
    return true;
}

/* A frame, or a part of one: the last has END. */
static void take_part(const struct descriptor *d, uint8_t status,
                      void (*take)(uint8_t *frame, uint32_t size))
{
    uint32_t size = d->length;

    if (size > BUFFER || whole_size + size > sizeof whole)
        whole_lost = true;
    if (!whole_lost) {
        memcpy(whole + whole_size, (const uint8_t *)d->address, size);
        whole_size += size;
    }
    if (!(status & END))
        return;
    if (!whole_lost && whole_size >= 14)
        take(whole, whole_size);
    whole_size = 0;
    whole_lost = false;
}

void e1000_poll(void (*take)(uint8_t *frame, uint32_t size))
{
    for (int i = 0; i < BUDGET; i++) {
        struct descriptor *d = &rx[rx_next];
        uint8_t status = __atomic_load_n(&d->status, __ATOMIC_ACQUIRE);

        if (!(status & DONE))
            break;
        take_part(d, status, take);
        d->status = 0;
        __atomic_thread_fence(__ATOMIC_RELEASE);
        put(RX + TAIL, rx_next);
        rx_next = (rx_next + 1) % SLOTS;
    }
}
