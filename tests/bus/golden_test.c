/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an unmodified Linux sent and got (tests/golden): its host's messages go
 * to our guest half, and what we send must be what Linux sent, byte for byte,
 * but for the numbers of pages and processors.
 */
#include <stdio.h>

#include "fixture.h"

/* For the list of channels with the rescinded ones. */
#include "vmbus/guest/channel/channel.h"

#define RECORD "tests/golden/linux-6.1-protocol-5.3.txt"

/* Bytes that differ from machine to machine: from, below. */
static const struct {
    uint32_t type;
    uint32_t from;
    uint32_t below;
} machine_bytes[] = {
    {14, 12, 16}, /* target VP */
    {14, 24, 40}, /* monitor pages */
    {8, 28, 240}, /* frame numbers */
    {9, 16, 240}, /* frame numbers */
    {5, 20, 24},  /* target VP */
};

struct line {
    bool from_guest;
    uint32_t size;
    uint8_t bytes[240];
};

static bool read_line(FILE *file, struct line *l)
{
    char text[1024], way[16], hex[520];
    uint32_t type;

    if (!fgets(text, sizeof(text), file))
        return false;
    assert_int_equal(
        sscanf(text, "minihv: message %15s %u %*s %515s", way, &type, hex), 3);
    l->from_guest = strcmp(way, "from-guest") == 0;
    l->size = (uint32_t)strlen(hex) / 2;
    for (uint32_t i = 0; i < l->size; i++) {
        unsigned byte;

        assert_int_equal(sscanf(hex + 2 * (size_t)i, "%2x", &byte), 1);
        l->bytes[i] = (uint8_t)byte;
    }
    assert_int_equal(l->bytes[0], type);
    return true;
}

static bool is_machines(uint32_t type, uint32_t at)
{
    for (size_t i = 0; i < sizeof(machine_bytes) / sizeof(*machine_bytes); i++)
        if (machine_bytes[i].type == type && at >= machine_bytes[i].from &&
            at < machine_bytes[i].below)
            return true;
    return false;
}

static void same_message(const struct line *linux_sent,
                         const struct peer_message *we_sent)
{
    uint32_t type = linux_sent->bytes[0];

    assert_int_equal(we_sent->bytes[0], type);
    assert_int_equal(we_sent->size, linux_sent->size);
    for (uint32_t i = 0; i < linux_sent->size; i++)
        if (!is_machines(type, i) && linux_sent->bytes[i] != we_sent->bytes[i])
            fail_msg("message %u, byte %u: Linux sent %02x, we %02x", type, i,
                     linux_sent->bytes[i], we_sent->bytes[i]);
}

/* Linux's ring sizes of the two devices, data pages each way. */
static void open_next(struct fixture *f, uint32_t pages)
{
    struct vmbus_channel *c = vmbus_bus_find(f->bus, NULL, NULL, 0);

    assert_non_null(c);
    assert_int_equal(vmbus_channel_claim(c), 0);
    f->open.tx_pages = pages;
    f->open.rx_pages = pages;
    f->open.cpu = 0;
    assert_int_equal(
        vmbus_channel_open_start(c, &f->open, outcome_done, &f->outcome), 0);
}

static void the_guest_half_sends_what_linux_sends_byte_for_byte(void **state)
{
    struct fixture *f = *state;
    FILE *file = fopen(RECORD, "r");
    uint32_t opened = 0, compared = 0;
    struct line l;

    assert_non_null(file);
    fixture_version(f, 0x00050003);
    fixture_bus(f);
    for (uint32_t type = 0; type < 32; type++)
        f->p->rules[type].answer = PEER_SILENT;
    vmbus_bus_connect_start(f->bus, outcome_done, &f->outcome);
    while (read_line(file, &l)) {
        if (l.from_guest) {
            assert_true(compared < f->p->in_count);
            same_message(&l, &f->p->in[compared++]);
            continue;
        }
        peer_send(f->p, l.bytes, l.size, 0);
        hosted_run(f->s);
        /* Linux opens the heartbeat's channel first, then the disk's. */
        if ((l.bytes[0] == 4 || l.bytes[0] == 6) && opened < 2)
            open_next(f, opened++ ? 31 : 3);
        hosted_run(f->s);
    }
    fclose(file);
    assert_int_equal(compared, f->p->in_count);
    assert_int_equal(f->outcome.calls, 3);
    assert_int_equal(fixture_refused(f), 0);
    f->p->rules[16].answer = PEER_ANSWER;
    assert_int_equal(vmbus_bus_unload(f->bus), 0);
    for (struct vmbus_channel *c = f->bus->channels, *next; c; c = next) {
        next = c->next;
        assert_int_equal(vmbus_channel_close(c), 0);
        vmbus_channel_unclaim(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_guest_half_sends_what_linux_sends_byte_for_byte),
    };

    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
