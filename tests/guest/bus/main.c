/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the bus against a real host. They open and use QEMU's balloon
 * channel many times. The suite compares the host's trace with the claims of
 * app/system.
 *
 * The option `test=` picks one: cycles (`cycles=N`), large, processor,
 * reconnect
 * (`cycles=N`), or hold, which runs only when it is picked and keeps the
 * channel open for a while.
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
#define LARGE \
    1024 /* data pages: 4 MiB each way, so the GPADL has many bodies */

#define IN_BAND          6
#define VERSION_REQUEST  1
#define VERSION_RESPONSE 2
#define VERSION_SIZE     16
#define ANSWER_DEADLINE  (60 * CLOCK_UNITS_PER_S)

/* Deadline for a suite that never types the key. */
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
    uint32_t cpu; /* the processor that took the event */
};

static VMBARE_OPTION test_option = {
    .group = "test-bus",
    .name = "test",
    .type = VMBARE_WORD,
    .words = "large|processor|cycles|reconnect|hold",
    .help = "run only this test; hold: leave a channel open, and wait",
};

static VMBARE_OPTION cycles_option = {
    .group = "test-bus",
    .name = "cycles",
    .type = VMBARE_NUMBER,
    .most = UINT32_MAX,
    .help = "how often a test does what it does",
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
    return vmbare_option_given(&cycles_option)
               ? (unsigned)vmbare_option_number(&cycles_option)
               : otherwise;
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

/* Sends one packet and waits for its answer, so both rings, the signal and the
 * event are used. */
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

/* Claims and opens a channel, exchanges one packet each way, closes it and
 * tears it down. */
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

    /* One cycle before counting, because tables and malloc's first blocks stay.
     */
    if (!tap_ok(cycle(SMALL, 0, 0), "a channel is opened, answers its version, "
                                    "is closed and torn down"))
        return;
    before = pages_used();
    while (done < wanted && cycle(SMALL, 0, done + 1))
        done++;
    tap_ok(done == wanted, "%u of %u cycles get their answer from the host",
           done, wanted);
    tap_ok(pages_used() == before, "the guest loses no page in %u cycles",
           done);
    tap_ok(vmbus_bus_stats(bus)->pages_leaked == 0 &&
               vmbus_bus_stats(bus)->messages_refused == 0,
           "the bus leaks no page and the host refuses no message");
}

static void test_large(void)
{
    tap_ok(cycle(LARGE, 0, 1),
           "a channel with rings of 2 x 4 MiB opens, with 73 GPADL bodies");
}

static void test_processor(void)
{
    if (cpu_count() < 2)
        tap_skip("events arrive on processor 1", "one processor");
    else
        tap_ok(cycle(SMALL, 1, 1),
               "events of a channel for processor 1 arrive on processor 1");
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
    tap_ok(done == wanted,
           "%u of %u times the bus is unloaded, connected again and used", done,
           wanted);
    tap_ok(pages_used() == before, "the guest loses no page in %u connections",
           done);
}

/* The suite resets the machine while the channel is open. The next boot must
 * find a working host, and goes on when the suite types a key. */
static void test_hold(void)
{
    static struct peer p;
    uint64_t end = clock_now() + HOLD_DEADLINE;

    if (!tap_ok(claim(&p) && open_channel(&p, SMALL, 0) == 0 &&
                    ask_version(&p, 1),
                "the channel is opened and used"))
        return;
    tap_note("holding");
    while (vmbare_key() != 'q' && clock_now() < end)
        vmbare_sleep(0.1);
    tap_ok(clock_now() < end, "the suite types the key before the deadline");
    tap_ok(vmbus_channel_close(p.channel) == 0, "the channel is closed");
    vmbus_channel_unclaim(p.channel);
}

static const struct tap_test tests[] = {
    {"large", test_large},
    {"processor", test_processor},
    {"cycles", test_cycles},
    {"reconnect", test_reconnect},
};

int main(void)
{
    const char *only = vmbare_option_text(&test_option);

    bus = the_platform.seam.bus;
    if (!tap_ok(bus && vmbus_bus_connected(bus),
                "the guest is connected to a VMBus"))
        return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
    if (only && strcmp(only, "hold") == 0)
        test_hold();
    else
        tap_run(tests, sizeof(tests) / sizeof(*tests), only);
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
