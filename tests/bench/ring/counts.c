/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures fences, signals and copied bytes of the ring. Prints lines of
 * bench.tsv.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count_access.h"
#include "vmbus/ring.h"
#include "vmbus/seam.h"

#define DATA_SIZE 65536u
#define BURST     32u

struct counted counted;

static struct ring_control control;
static uint8_t data[DATA_SIZE] __attribute__((aligned(4096)));
static uint8_t payload[1472], body[1472];
static struct ring_writer writer;
static struct ring_reader reader;
static uint64_t needless;

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    fprintf(stderr, "%s: %s: %s\n", function, expression, hint);
    abort();
}

/* Sends `count` packets in one commit and counts the signal if it is due. */
static bool send(uint32_t count, uint32_t size)
{
    struct ring_packet packet = {.type = RING_PACKET_IN_BAND, .size = size};
    uint32_t before = ring_writer_start(&writer), at = before;
    bool signal;

    for (uint32_t i = 0; i < count; i++)
        if (ring_write(&writer, &at, &packet, payload) != 0)
            abort();
    signal = ring_writer_commit(&writer, at);
    if (signal && (control.interrupt_mask != 0 || control.read_index != before))
        needless++;
    return signal;
}

/* Runs a reader: masks, drains, commits, unmasks. Returns the packets read. */
static uint32_t drain(void)
{
    struct ring_packet packet;
    uint32_t at, count = 0;

    ring_reader_mask(&reader);
    do {
        at = ring_reader_start(&reader);
        while (ring_read(&reader, &at, &packet, body, sizeof(body)) == 0)
            count++;
        ring_reader_commit(&reader, at);
    } while (ring_reader_unmask(&reader));
    return count;
}

/* Sends 1,000 packets in bursts of 32 to a reader that runs when signalled. */
static void count_signals(void)
{
    uint32_t signals = 0, received = 0;

    for (uint32_t left = 1000; left > 0;) {
        uint32_t burst = left < BURST ? left : BURST;

        left -= burst;
        if (send(burst, 64)) {
            signals++;
            received += drain();
        }
    }
    if (received != 1000)
        abort();
    printf("ring.signals_per_1000.drain32\t%u\tsignals\n", signals);
    printf("ring.needless_signals\t%llu\tsignals\n",
           (unsigned long long)needless);
}

static void count_fences(void)
{
    uint64_t sending = 0, receiving = 0;

    for (uint32_t i = 0; i < 1000; i++) {
        counted.fences = 0;
        send(BURST, 64);
        sending += counted.fences;
        counted.fences = 0;
        drain();
        receiving += counted.fences;
    }
    printf("ring.fences_per_packet.batch32\t%g\tfences\n",
           (double)sending / (1000 * BURST));
    printf("ring.fences_per_packet.drain32\t%g\tfences\n",
           (double)receiving / (1000 * BURST));
}

static void count_bytes(void)
{
    void *in_place;
    uint32_t at;
    struct ring_packet packet = {.type = RING_PACKET_IN_BAND, .size = 1472};

    counted.bytes = 0;
    send(1, 1472);
    drain();
    printf("ring.copied_bytes_per_1472\t%llu\tbytes\n",
           (unsigned long long)counted.bytes);
    at = ring_writer_start(&writer);
    counted.bytes = 0;
    if (ring_reserve(&writer, at, 1472, &in_place) != 0 || in_place == NULL)
        abort();
    memset(in_place, 1, 1472);
    ring_seal(&writer, &at, &packet);
    ring_writer_commit(&writer, at);
    drain();
    printf("ring.copied_bytes_per_1472.in_place\t%llu\tbytes\n",
           (unsigned long long)counted.bytes);
}

int main(void)
{
    struct ring_area area = {&control, data, DATA_SIZE, false};

    if (ring_writer_attach(&writer, &area) != 0 ||
        ring_reader_attach(&reader, &area) != 0)
        abort();
    count_bytes();
    count_signals();
    count_fences();
    return 0;
}
