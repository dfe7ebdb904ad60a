/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver of QEMU's virtio console: see virtio.h. Both queues are in memory
 * that is mapped at its own address. Only the card looks at them: the guest has
 * no driver for it.
 */
#include "virtio.h"

#include "heap.h"
#include "minihv.h"
#include "pci.h"

enum {
    PCI_ID = 0x10031AF4,
    PCI_PORTS_MASTER_SILENT = 0x405, /* no INTx */
    BAR_IS_PORTS = 1,
    QUEUE_FRAME = 8, /* ports of the legacy interface */
    QUEUE_SIZE = 12,
    QUEUE_SELECT = 14,
    NOTIFY = 16,
    STATUS = 18,
    STATUS_READY = 7, /* seen, driven, ready */
    FROM_OUTSIDE = 0, /* queues */
    TO_OUTSIDE = 1,
    SIZE = 128, /* of both queues of port 0, in QEMU */
    RX_SLOTS = 32,
    RX_BYTES = 4096,
    TX_SLOTS = 32,
    TX_BYTES = 20480,
    NO_INTERRUPT = 1,
    CARD_WRITES = 2,
    QUEUE_PAGES = 2,
};
_Static_assert(TX_BYTES >= FRAME_HEADER + FRAME_MAX, "a frame is whole");

struct descriptor {
    uint64_t address;
    uint32_t size;
    uint16_t flags, next;
};

struct available {
    uint16_t flags, index, slot[SIZE];
};

struct used {
    uint16_t flags, index;
    struct {
        uint32_t slot, size;
    } done[SIZE];
};

struct queue {
    struct descriptor *descriptor;
    struct available *available;
    volatile struct used *used;
    uint8_t *buffers;
    uint16_t taken; /* of used */
};

static uint16_t ports;
static struct queue rx, tx;

/* ---- queues -------------------------------------------------------------- */

static void add(struct queue *q, uint16_t number, uint16_t slot)
{
    q->available->slot[q->available->index % SIZE] = slot;
    __atomic_store_n(&q->available->index, (uint16_t)(q->available->index + 1),
                     __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    port_out16(ports + NOTIFY, number);
}

static bool has_done(const struct queue *q)
{
    uint16_t index = q->used->index;

    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return index != q->taken;
}

static void start_queue(struct queue *q, uint16_t number, uint32_t slots,
                        uint32_t bytes, uint16_t flags)
{
    uint32_t buffer_pages = slots * bytes / PAGE_SIZE;
    uint8_t *memory = heap_pages(QUEUE_PAGES + buffer_pages);

    port_out16(ports + QUEUE_SELECT, number);
    if (!memory || port_in16(ports + QUEUE_SIZE) != SIZE)
        minihv_failed("the virtio console: expected memory, and %u entries in "
                      "a queue, found %u",
                      SIZE, port_in16(ports + QUEUE_SIZE));
    *q = (struct queue){
        .descriptor = (struct descriptor *)memory,
        .available =
            (struct available *)(memory + SIZE * sizeof *q->descriptor),
        .used = (volatile struct used *)(memory + PAGE_SIZE),
        .buffers = memory + QUEUE_PAGES * PAGE_SIZE,
    };
    q->available->flags = NO_INTERRUPT;
    for (uint32_t i = 0; i < slots; i++)
        q->descriptor[i] =
            (struct descriptor){.address = (uint64_t)(q->buffers + i * bytes),
                                .size = bytes,
                                .flags = flags};
    port_out32(ports + QUEUE_FRAME, (uint32_t)((uint64_t)memory / PAGE_SIZE));
}

bool virtio_start(void)
{
    uint64_t config = pci_find(PCI_ID);
    uint32_t bar = config ? mmio_read32(config + PCI_BAR) : 0;

    if (!(bar & BAR_IS_PORTS))
        return false;
    ports = (uint16_t)(bar & ~3u);
    mmio_write32(config + PCI_COMMAND, PCI_PORTS_MASTER_SILENT);
    port_out8(ports + STATUS, 0);
    start_queue(&rx, FROM_OUTSIDE, RX_SLOTS, RX_BYTES, CARD_WRITES);
    start_queue(&tx, TO_OUTSIDE, TX_SLOTS, TX_BYTES, 0);
    port_out8(ports + STATUS, STATUS_READY);
    for (uint32_t i = 0; i < RX_SLOTS; i++)
        add(&rx, FROM_OUTSIDE, (uint16_t)i);
    return true;
}

/* ---- bytes --------------------------------------------------------------- */

/* Slots are used and come back in turn. */
bool virtio_has_room(void)
{
    while (has_done(&tx))
        tx.taken++;
    return (uint16_t)(tx.available->index - tx.taken) < TX_SLOTS;
}

void virtio_send(const uint8_t *head, uint32_t head_size, const uint8_t *data,
                 uint32_t size)
{
    uint16_t slot = tx.available->index % TX_SLOTS;
    uint8_t *to = tx.buffers + (size_t)slot * TX_BYTES;

    memcpy(to, head, head_size);
    memcpy(to + head_size, data, size);
    tx.descriptor[slot].size = head_size + size;
    add(&tx, TO_OUTSIDE, slot);
}

void virtio_poll(void (*take)(const uint8_t *bytes, uint32_t size))
{
    while (has_done(&rx)) {
        uint32_t slot = rx.used->done[rx.taken % SIZE].slot % RX_SLOTS;
        uint32_t size = rx.used->done[rx.taken % SIZE].size;

        rx.taken++;
        take(rx.buffers + (size_t)slot * RX_BYTES,
             size < RX_BYTES ? size : RX_BYTES);
        add(&rx, FROM_OUTSIDE, (uint16_t)slot);
    }
}
