/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests every mode of the echo device. 'stream' sends many packets, so that
 * both sides work on the rings at the same time. 'figures' prints what a packet
 * costs the guest. 'misdeed' breaks a rule.
 */
#include "bus.h"
#include "tests/minihv/devices/echo.h"

enum { BODY = 8192, STREAM = 20000, ROUNDS = 100 };

static const struct vmbus_guid echo_type = ECHO_TYPE;
static uint64_t body[BODY / 8];
static uint8_t payload[4096];

static bool begin(struct client *c, enum echo_mode mode)
{
    memset(c, 0, sizeof *c);
    if (!bus_find(&echo_type, (uint8_t)mode, &c->offer)) {
        check("the host offers the echo device", false);
        return false;
    }
    bus_open(c);
    return true;
}

static void fill(uint8_t *p, uint32_t size, uint32_t seed)
{
    for (uint32_t i = 0; i < size; i++)
        p[i] = (uint8_t)(seed * 31 + i);
}

static bool answer_is(const struct ring_packet *packet, uint16_t type,
                      uint64_t transaction, uint32_t size)
{
    return packet->type == type && packet->transaction == transaction &&
           packet->size == ((size + 7) & ~7u) && !memcmp(body, payload, size);
}

static void check_in_band(void)
{
    struct ring_packet packet;
    struct client c;
    unsigned good = 0, total = 0;
    uint64_t last = 0;

    if (!begin(&c, ECHO_IN_BAND))
        return;
    for (uint32_t size = 0; size <= 2000; size += 40, total += 2) {
        fill(payload, size, size);
        packet_write_in_band(&c.out, &c.at, size, true, payload, size);
        bus_send(&c);
        if (bus_receive(&c, &packet, body, sizeof body))
            good += answer_is(&packet, RING_PACKET_COMPLETION, size, size);
        packet_write_in_band(&c.out, &c.at, ~size, false, payload, size);
        bus_send(&c);
        /* The device chooses a new transaction for each packet. */
        if (bus_receive(&c, &packet, body, sizeof body))
            good += packet.transaction > last &&
                    answer_is(&packet, RING_PACKET_IN_BAND, packet.transaction,
                              size);
        last = packet.transaction;
    }
    check("in-band packets come back, with and without a completion request",
          good == total);
    bus_close(&c);
}

static bool send_external(struct client *c, uint32_t operation, uint8_t *data,
                          uint32_t size, struct echo_external *answer)
{
    struct echo_external request = {.operation = operation};
    struct ring_packet packet;

    if (!bus_write_pages(c, 7, true, data, size, &request, sizeof request))
        return false;
    bus_send(c);
    if (!bus_receive(c, &packet, body, sizeof body))
        return false;
    memcpy(answer, body, sizeof *answer);
    return packet.type == RING_PACKET_COMPLETION && packet.transaction == 7;
}

static void check_external(void)
{
    static uint8_t area[5 * 4096] __attribute__((aligned(4096)));
    uint8_t *data = area + 100;
    uint32_t size = sizeof area - 300, sum = 0, right = 0;
    struct echo_external answer;
    struct client c;

    if (!begin(&c, ECHO_EXTERNAL))
        return;
    fill(area, sizeof area, 3);
    for (uint32_t i = 0; i < size; i++)
        sum += data[i];
    check("the echo device reads external data from five pages",
          send_external(&c, ECHO_SUM, data, size, &answer) &&
              answer.sum == sum && answer.bytes == size);
    check("the echo device writes external data",
          send_external(&c, ECHO_INVERT, data, size, &answer) &&
              answer.bytes == size);
    for (uint32_t i = 0; i < sizeof area; i++) {
        bool inside = i >= 100 && i < 100 + size;
        uint8_t old = (uint8_t)(3 * 31 + i);

        right += area[i] == (inside ? (uint8_t)~old : old);
    }
    check("the echo device inverts each byte of the range and no other",
          right == sizeof area);
    bus_close(&c);
}

static void check_transfer(void)
{
    static uint8_t buffer[4 * 4096] __attribute__((aligned(4096)));
    struct echo_transfer t = {.offset = 4000, .size = 5000, .seed = 77};
    struct packet_transfer found;
    struct ring_packet packet;
    struct client c;
    uint32_t right = 0;

    if (!begin(&c, ECHO_TRANSFER))
        return;
    t.gpadl = bus_share(c.offer.relid, buffer, 4);
    packet_write_in_band(&c.out, &c.at, 5, true, &t, sizeof t);
    bus_send(&c);
    bus_receive(&c, &packet, body, sizeof body);
    memcpy(&t, body, sizeof t);
    check("the echo device accepts a transfer into the GPADL",
          packet.type == RING_PACKET_COMPLETION && !t.status);
    bus_receive(&c, &packet, body, sizeof body);
    check("a transfer-page packet names the range that was written",
          !packet_parse_transfer_pages(&packet, body, sizeof buffer, &found) &&
              found.range_count == 1 && found.ranges[0].byte_offset == 4000 &&
              found.ranges[0].byte_count == 5000);
    for (uint32_t i = 0; i < 5000; i++)
        right += buffer[4000 + i] == (uint8_t)(77 + i);
    check("the transferred data is in the guest's buffer", right == 5000);
    packet_write_completion(&c.out, &c.at, packet.transaction, NULL, 0);
    bus_send(&c);
    t.size = sizeof buffer;
    packet_write_in_band(&c.out, &c.at, 6, true, &t, sizeof t);
    bus_send(&c);
    bus_receive(&c, &packet, body, sizeof body);
    memcpy(&t, body, sizeof t);
    check("a transfer past the end of the buffer is refused", t.status == 1);
    bus_unshare(c.offer.relid, t.gpadl);
    bus_close(&c);
}

static void check_pipe(void)
{
    static const uint32_t sizes[] = {1, 8, 100, 3000, 0};
    struct ring_packet packet;
    struct packet_pipe frame;
    unsigned good = 0;
    struct client c;

    if (!begin(&c, ECHO_PIPE))
        return;
    for (unsigned i = 0; i < 5; i++) {
        fill(payload, sizes[i], i);
        packet_write_pipe(&c.out, &c.at, i, false, payload, sizes[i]);
        bus_send(&c);
        bus_receive(&c, &packet, body, sizeof body);
        good += !packet_parse_pipe(&packet, body, &frame) &&
                frame.size == sizes[i] &&
                !memcmp(frame.data, payload, sizes[i]);
    }
    check("pipe frames come back, an empty one as well", good == 5);
    bus_close(&c);
}

/* Writes until the ring is full, then reads one packet. A host with its own
 * processor empties the ring meanwhile. */
static void check_stream(void)
{
    uint64_t sent = 0, received = 0, wrong = 0;
    struct ring_packet packet;
    struct client c;

    if (!begin(&c, ECHO_IN_BAND))
        return;
    while (received < STREAM) {
        uint64_t word = sent * UINT64_C(0x9E3779B97F4A7C15);

        if (sent < STREAM && sent - received < 100 &&
            !packet_write_in_band(&c.out, &c.at, sent, true, &word,
                                  sizeof word)) {
            sent++;
            bus_send(&c);
            continue;
        }
        if (!bus_receive(&c, &packet, body, sizeof body))
            break;
        wrong += packet.transaction != received ||
                 body[0] != received * UINT64_C(0x9E3779B97F4A7C15);
        received++;
    }
    say("# stream: %lu sent, %lu received, %lu wrong\n", sent, received, wrong);
    check("20000 packets come back in order, each with its own bytes",
          received == STREAM && !wrong);
    bus_close(&c);
}

/* Sends one packet that the external mode must refuse. A strict host ends the
 * run; another one stops serving the channel. */
static void misdeed(const char *words)
{
    static uint8_t area[4096] __attribute__((aligned(4096)));
    struct ring_packet packet = {.type = RING_PACKET_TRANSFER_PAGES};
    struct echo_external request = {.operation = ECHO_SUM};
    uint64_t end;
    struct client c;

    if (!begin(&c, ECHO_EXTERNAL))
        return;
    if (has_word(words, "ring"))
        bus_break_ring(&c);
    else if (has_word(words, "unknown-type"))
        ring_write(&c.out, &c.at, &packet, NULL);
    else if (has_word(words, "unasked"))
        bus_write_pages(&c, 1, false, area, sizeof area, &request,
                        sizeof request);
    else
        packet_write_in_band(&c.out, &c.at, 1, true, &request, sizeof request);
    bus_send(&c);
    bus_write_pages(&c, 2, true, area, sizeof area, &request, sizeof request);
    bus_send(&c);
    for (end = msr_read(HV_TIME_REF) + 2000000; msr_read(HV_TIME_REF) < end;)
        cpu_relax();
    check("the host no longer serves a channel that broke a rule",
          !ring_reader_used(&c.in));
    bus_close(&c);
}

/*
 * Prints what a packet costs in TSC ticks, which with -icount and exact=1 count
 * the guest's own instructions. The guest writes `batch` packets before one
 * signal, and reads the completions one by one. The runner subtracts a run of
 * few rounds from one of many, which cancels the fixed costs.
 */
static void figures(uint32_t size, uint32_t batch, uint32_t rounds)
{
    struct ring_packet packet;
    uint64_t begin_tsc;
    struct client c;

    if (!begin(&c, ECHO_IN_BAND))
        return;
    fill(payload, size, 1);
    begin_tsc = tsc_read();
    for (uint32_t i = 0; i < rounds; i++) {
        for (uint32_t k = 0; k < batch; k++)
            packet_write_in_band(&c.out, &c.at, i, true, payload, size);
        bus_send(&c);
        for (uint32_t k = 0; k < batch; k++)
            bus_receive(&c, &packet, body, sizeof body);
    }
    say("# figures: %u packets, %lu ticks\n", rounds * batch,
        tsc_read() - begin_tsc);
    bus_close(&c);
}

void guest_main(const char *words)
{
    bus_connect(has_word(words, "old") ? 0x00030000 : 0x00050003);
    if (has_word(words, "stream")) {
        check_stream();
    } else if (has_word(words, "misdeed")) {
        misdeed(words);
    } else if (has_word(words, "figures")) {
        figures(has_word(words, "large") ? 1472 : 64,
                has_word(words, "batch") ? 32 : 1,
                has_word(words, "many") ? 2 * ROUNDS : ROUNDS);
    } else {
        check_in_band();
        check_external();
        check_transfer();
        check_pipe();
    }
    bus_leave();
}
