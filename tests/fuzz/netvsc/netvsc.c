/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of drivers/network/ before a hostile host. The input is what the host
 * does while the driver agrees with it, and after that a list of actions:
 *
 *   W at, bytes        write into the receive buffer
 *   P set, count ...   a packet with ranges     E end of batch
 *   N size, bytes      a message of NVSP, as a table of channels
 *   S                  the sub-channel opens; packets come on the primary
 * again; the host takes it away C, c               complete what was sent, well
 * or by the input X size ...         the application sends a frame F flushes R
 * the channel closes and opens again
 *
 * Each received frame is read to its last byte, and the host reads each packet
 * that is sent.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"
#include "host.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

#define RECEIVE 4u

static struct network_driver d;
static struct network_queue queues[2];
static struct network n = {&d};
static uint32_t total;

/* ---- memory, as the driver allocates it, but in sight of the sanitizer --- */

static PMDL describe(uint8_t *bytes, uint32_t size)
{
    PMDL mdl = calloc(1, sizeof(*mdl));

    mdl->MappedSystemVa = bytes;
    mdl->ByteCount = size;
    return mdl;
}

static uint8_t *large[LARGE_MOST];
static PMDL large_mdl[LARGE_MOST];

static void allocate(void)
{
    for (uint32_t i = 0; i < LARGE_MOST; i++) {
        large[i] = malloc(LARGE_PAGES * PAGE_SIZE_4K);
        large_mdl[i] = describe(large[i], LARGE_PAGES * PAGE_SIZE_4K);
    }
}

static void begin(void)
{
    static uint8_t *receive, *send, *page, *answer, *spread;
    static PMDL page_mdl, answer_mdl, spread_mdl;

    if (!receive) {
        receive = calloc(RECEIVE, PAGE_SIZE_4K);
        send = calloc(SEND_PAGES, PAGE_SIZE_4K);
        page = calloc(1, PAGE_SIZE_4K);
        answer = calloc(1, PAGE_SIZE_4K);
        page_mdl = describe(page, PAGE_SIZE_4K);
        answer_mdl = describe(answer, PAGE_SIZE_4K);
        spread = calloc(1, PAGE_SIZE_4K);
        spread_mdl = describe(spread, PAGE_SIZE_4K);
        allocate();
    }
    memset(&d, 0, sizeof(d));
    for (uint32_t i = 0; i < 2; i++) {
        memset(&queues[i], 0, offsetof(struct network_queue, coalesce));
        queues[i].coalesce.going = false;
        queues[i].kept_count = 0;
        queues[i].driver = &d;
        queues[i].index = i;
        queues[i].channel = (VMBCHANNEL)&queues[i];
    }
    d.channel = queues[0].channel;
    d.queues = queues;
    d.spread.page = spread;
    d.spread.mdl = spread_mdl;
    d.receive = receive;
    memset(receive, 0, RECEIVE * PAGE_SIZE_4K);
    d.receive_pages = RECEIVE;
    d.send = send;
    d.control.page = page;
    d.control.mdl = page_mdl;
    d.control.answer_page = answer;
    d.control.answer_mdl = answer_mdl;
    for (uint32_t i = 0; i < LARGE_MOST; i++) {
        d.sending.slots[SECTIONS_MOST + i].bytes = large[i];
        d.sending.slots[SECTIONS_MOST + i].mdl = large_mdl[i];
    }
}

/* ---- the application ----------------------------------------------------- */

static void received(void *context, const struct network_frame *frame)
{
    (void)context;
    if (frame->size < 14 || frame->size > 65535 || !frame->segments ||
        (d.settings.vlan && frame->vlan != d.settings.vlan))
        abort();
    for (uint32_t i = 0; i < frame->size; i++)
        total += frame->bytes[i];
}

static void told(void *context, enum network_link link)
{
    (void)context;
    if (link > NETWORK_REFUSED || (link == NETWORK_REFUSED && !d.problem[0]))
        abort();
}

/* Sends at once what waits, as a stack might. */
static void room(void *context)
{
    (void)context;
    network_flush(&n);
}

static void send(void)
{
    static uint8_t frame[65536];
    uint32_t size = host_take(2), cut = host_take(1);
    const struct network_send_options o = {
        .fill = host_take(1) & 7,
        .mss = host_take(2),
        .vlan = (uint16_t)host_take(2),
        .priority = host_take(1) & 7,
        .more = host_take(1) & 1,
    };
    struct network_segment parts[2] = {{frame, cut}, {frame + cut, 0}};

    host_bytes(frame, host_take(1));
    if (cut > size)
        parts[0].size = size;
    parts[1].size = size - parts[0].size;
    (void)network_send(&n, parts, 2, &o);
}

/* ---- a run --------------------------------------------------------------- */

static void open_channel(void)
{
    d.media = MEDIA_UNKNOWN;
    d.control.wait = CONTROL_IDLE;
    network_subchannels_forget(&d);
    d.phase = PHASE_AGREEING;
    d.link = NETWORK_OPENING;
    network_agree(&d);
}

static void close_channel(void)
{
    d.phase = PHASE_AWAY;
    network_slots_end(&queues[0]);
    network_subchannels_stop(&d);
    host_end();
}

static bool step(struct host *host)
{
    if (!host->left)
        return false;
    switch (*host->input) {
    case 'X':
        (void)host_take(1);
        send();
        return true;
    case 'F':
        (void)host_take(1);
        network_flush(&n);
        return true;
    case 'R':
        (void)host_take(1);
        close_channel();
        open_channel();
        return true;
    default:
        (void)host_act();
        return true;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct host *host;
    uint32_t what;

    begin();
    host = host_begin(input, size, &d);
    what = host_take(1);
    d.settings.offloads = what & NETWORK_OFFLOADS;
    d.settings.vlan = what & 0x10 ? 7 : 0;
    d.settings.mtu = what & 0x20 ? 9000 : 1500;
    d.queue_count = what & 0x80 ? 2 : 1;
    (void)network_subchannels_make(&d);
    d.settings.which = what & 0x40 ? NETWORK_BY_MAC : NETWORK_FIRST;
    d.events = (struct network_events){
        .received = received, .link = told, .room = room};
    open_channel();
    while (step(host))
        continue;
    close_channel();
    return 0;
}
