/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bus against a real host: QEMU's balloon channel over the full path,
 * again and again. The host's trace is held against the claims of app/system.
 *
 * `test=` picks one: cycles (`cycles=N`), large, processor, reconnect
 * (`cycles=N`), or hold (keeps it open for a while; only when asked).
 */
#include <stdlib.h>
#include <string.h>

#include "arch/time/clock.h"
#include "vmbus/guid.h"
#include "vmbus/packet.h"
#include "arch/memory/pages.h"
#include "vmbus/ring.h"
#include "app/system/platform/platform.h"
#include "tests/guest/tap.h"
#include "vmbus/vmbus.h"
#include "arch/time/wait.h"

#define SMALL 4
#define LARGE 1024 /* data pages: 4 MiB each way, so many GPADL bodies */

#define IN_BAND          6
#define VERSION_REQUEST  1
#define VERSION_RESPONSE 2
#define VERSION_SIZE     16
#define ANSWER_DEADLINE  (60 * CLOCK_UNITS_PER_S)

/* For a test's host that never answers. */
#define HOLD_DEADLINE (300 * CLOCK_UNITS_PER_S)

/* The dynamic-memory protocol's version messages. H4 [qemu dynmem-proto.h] */
struct version_message {
    uint16_t type, size;
    uint32_t transaction;
    uint32_t version; /* response: bit 0 accepted */
    uint32_t last;
};

struct peer {
    struct vmbus_channel *channel;
    struct version_message answer;
    bool answered;
    uint32_t cpu; /* where the event came */
};

static struct vmbus_bus *bus;

static uint64_t pages_used(void)
{
    struct pages_count count;

    pages_counted(&count);
    return count.used;
}

static unsigned times(unsigned otherwise)
{
    const char *text = vmbare_option("cycles");

    return text ? (unsigned)strtoul(text, NULL, 0) : otherwise;
}

static enum vmbus_event_result take_event(void *arg)
{
    struct peer *p = arg;
    struct ring_reader *rx = vmbus_channel_rx(p->channel);
    uint32_t at = ring_reader_start(rx);
    struct ring_packet packet;
    uint8_t body[256];

    while (ring_read(rx, &at, &packet, body, sizeof(body)) == 0) {
        if (packet.type != IN_BAND || packet.size < VERSION_SIZE)
            continue;
        memcpy(&p->answer, body, sizeof(p->answer));
        p->cpu = this_cpu()->index;
        __atomic_store_n(&p->answered, true, __ATOMIC_RELEASE);
    }
    if (ring_reader_commit(rx, at))
        vmbus_channel_signal(p->channel);
    return VMBUS_EVENT_DRAINED;
}

static bool answered(void *arg)
{
    return __atomic_load_n(&((struct peer *)arg)->answered, __ATOMIC_ACQUIRE);
}

/* One packet there and one back: rings, signal and event are all used. */
static bool ask_version(struct peer *p, uint32_t transaction)
{
    const struct version_message ask = {VERSION_REQUEST, VERSION_SIZE,
                                        transaction, 0x20000, 0};
    struct ring_writer *tx = vmbus_channel_tx(p->channel);
    uint32_t at = ring_writer_start(tx);

    p->answered = false;
    if (packet_write_in_band(tx, &at, 0, false, &ask, sizeof(ask)))
        return false;
    if (ring_writer_commit(tx, at))
        vmbus_channel_signal(p->channel);
    if (wait_until(answered, p, clock_now() + ANSWER_DEADLINE,
                   "the balloon's version response"))
        return false;
    return p->answer.type == VERSION_RESPONSE &&
           p->answer.transaction == transaction && (p->answer.version & 1);
}

static bool claim(struct peer *p)
{
    /* dynamic-memory [linux hyperv.h] */
    static const struct vmbus_guid type =
        VMBUS_GUID_INIT(0x525074dc, 0x8985, 0x46e2, 0x80, 0x57, 0xa3, 0x07,
                        0xdc, 0x18, 0xa5, 0x02);

    memset(p, 0, sizeof(*p));
    p->channel = vmbus_bus_find(bus, &type, NULL, 0);
    return p->channel && vmbus_channel_claim(p->channel) == 0;
}

static int open_channel(struct peer *p, uint32_t pages, uint32_t cpu)
{
    const struct vmbus_open open = {
        .tx_pages = pages,
        .rx_pages = pages,
        .cpu = cpu,
        .event = take_event,
        .arg = p,
    };

    return vmbus_channel_open(p->channel, &open);
}

/* Claim, open, one packet each way, close, tear down. */
static bool cycle(uint32_t pages, uint32_t cpu, uint32_t number)
{
    struct peer p;
    bool ok;

    if (!claim(&p))
        return false;
    ok = open_channel(&p, pages, cpu) == 0;
    ok = ok && ask_version(&p, number) && p.cpu == cpu;
    ok = vmbus_channel_close(p.channel) == 0 && ok;
    vmbus_channel_unclaim(p.channel);
    return ok;
}

static void test_cycles(void)
{
    unsigned wanted = times(1000), done = 0;
    uint64_t before;

    /* Once before counting: tables and malloc's first blocks stay. */
    if (!tap_ok(cycle(SMALL, 0, 0), "open, version exchange, close, torn down"))
        return;
    before = pages_used();
    while (done < wanted && cycle(SMALL, 0, done + 1))
        done++;
    tap_ok(done == wanted, "%u of %u cycles, each with an answer", done,
           wanted);
    tap_ok(pages_used() == before, "no page is lost in %u cycles", done);
    tap_ok(vmbus_bus_stats(bus)->pages_leaked == 0 &&
               vmbus_bus_stats(bus)->messages_refused == 0,
           "nothing leaked on purpose, no message refused");
}

static void test_large(void)
{
    tap_ok(cycle(LARGE, 0, 1), "rings of 2 x 4 MiB: one header, 73 bodies");
}

static void test_processor(void)
{
    if (cpu_count() < 2)
        tap_skip("opened on processor 1", "one processor");
    else
        tap_ok(cycle(SMALL, 1, 1), "opened on processor 1, events come there");
}

static void test_reconnect(void)
{
    unsigned wanted = times(100), done = 0;
    uint64_t before = 0;

    while (done < wanted && vmbus_bus_unload(bus) == 0 &&
           vmbus_bus_connect(bus) == 0 && cycle(SMALL, 0, done)) {
        done++;
        if (done == 1)
            before = pages_used();
    }
    tap_ok(done == wanted, "%u of %u times unloaded, connected again and used",
           done, wanted);
    tap_ok(pages_used() == before, "no page is lost in %u connections", done);
}

/* The test's host resets the machine with the channel open; the next boot then
 * finds the host as any other would, and goes on when the host types a key. */
static void test_hold(void)
{
    static struct peer p;
    uint64_t end = clock_now() + HOLD_DEADLINE;

    if (!tap_ok(claim(&p) && open_channel(&p, SMALL, 0) == 0 &&
                    ask_version(&p, 1),
                "opened and used"))
        return;
    tap_note("holding");
    while (vmbare_key() != 'q' && clock_now() < end)
        vmbare_sleep(0.1);
    tap_ok(clock_now() < end, "told to go on");
    tap_ok(vmbus_channel_close(p.channel) == 0, "closed");
    vmbus_channel_unclaim(p.channel);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"large", test_large},
    {"processor", test_processor},
    {"cycles", test_cycles},
    {"reconnect", test_reconnect},
};

int main(void)
{
    const char *only = vmbare_option("test");

    bus = the_platform.seam.bus;
    if (!tap_ok(bus && vmbus_bus_connected(bus), "connected"))
        return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
    if (only && strcmp(only, "hold") == 0)
        test_hold();
    for (unsigned i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
        if (!only || strcmp(only, tests[i].name) == 0)
            tests[i].run();
    }
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
