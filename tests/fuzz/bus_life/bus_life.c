#include "bus_life.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"

#define PAGES 30u

static const uint32_t versions[] = {
    0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
    0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000,
};

uint8_t steer(struct steering *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

void bus_life_begin(struct bus_life *l, uint32_t version)
{
    struct vmbus_config config = {0};
    struct peer_offer *first;

    memset(l, 0, sizeof(*l));
    config.newest = versions[version % 11];
    config.leak_limit = 1000;
    config.client_id.bytes[0] = version & 1;
    config.unload_first = version & 0x40;
    l->s = hosted_create(2);
    l->p = peer_create(l->s);
    first = peer_offer(l->p, 5, 0x55, 0);
    first->bytes[189] = version >> 4 & 1;         /* has a monitor */
    first->bytes[57] = version & 0x20 ? 0x20 : 0; /* is an hv_sock channel */
    peer_offer(l->p, 6, 0x55, 1);
    if (vmbus_bus_create(l->s, &config, &l->bus) != 0)
        abort();
    l->p->bus = l->bus;
}

/* Reads what is there and answers each packet. */
static enum vmbus_event_result event(void *arg)
{
    struct bus_life *l = arg;
    struct ring_reader *rx = vmbus_channel_rx(l->c);
    struct ring_writer *tx = vmbus_channel_tx(l->c);
    uint32_t from = ring_reader_start(rx), to = ring_writer_start(tx);
    enum vmbus_event_result result = VMBUS_EVENT_DRAINED;
    struct ring_packet packet;
    uint64_t body[64];

    l->events++;
    for (int budget = 0; budget < 16; budget++) {
        int status = ring_read(rx, &from, &packet, body, sizeof(body));

        if (status != 0 && status != -EMSGSIZE)
            break;
        if (packet.transaction % 4 == 1)
            result = VMBUS_EVENT_MORE;
        else if (packet.transaction % 4 == 2)
            result = VMBUS_EVENT_LEFT;
        if (packet_write_completion(tx, &to, packet.transaction, body, 8) ==
            -EAGAIN) {
            vmbus_channel_await_room(l->c);
            break;
        }
    }
    if (ring_reader_commit(rx, from) || ring_writer_commit(tx, to))
        vmbus_channel_signal(l->c);
    return result;
}

static void done(void *arg, int status, uint32_t host_status)
{
    struct bus_life *l = arg;

    if ((status == -EIO) < (host_status != 0) && status != -ECONNREFUSED)
        abort();
    l->pending--;
}

/* Counts a request that was accepted. */
static void started(struct bus_life *l, int status)
{
    if (status == 0)
        l->pending++;
}

static void claim(struct bus_life *l)
{
    if (l->c)
        return;
    l->c = vmbus_bus_find(l->bus, NULL, NULL, 0);
    if (l->c && vmbus_channel_claim(l->c) != 0)
        l->c = NULL;
}

static void share(struct bus_life *l, uint32_t slot)
{
    uint64_t pfns[PAGES];
    struct vmbus_pages pages = {
        .pfns = pfns, .count = PAGES, .bytes = PAGES * 4096};
    int status;

    if (!l->c || l->memory[slot])
        return;
    l->memory[slot] = seam_pages_alloc(l->s, PAGES, pfns);
    if (!l->memory[slot])
        return;
    status = vmbus_gpadl_create(l->c, &pages, &l->gpadls[slot]);
    if (status == 0)
        return;
    if (status != -ESTALE)
        seam_pages_free(l->s, l->memory[slot], PAGES);
    l->memory[slot] = NULL;
}

static void unshare(struct bus_life *l, uint32_t slot)
{
    int status;

    if (!l->memory[slot])
        return;
    status = vmbus_gpadl_teardown(l->c, l->gpadls[slot]);
    if (status == 0)
        seam_pages_free(l->s, l->memory[slot], PAGES);
    else if (status != -ESTALE)
        abort();
    l->memory[slot] = NULL;
}

static enum vmbus_event_result sub_event(void *arg)
{
    struct bus_life *l = arg;

    l->events++;
    return VMBUS_EVENT_LEFT;
}

static void open_sub(struct bus_life *l)
{
    struct vmbus_open o = {.tx_pages = 1,
                           .rx_pages = 1,
                           .cpu = VMBUS_CPU_ANY,
                           .event = sub_event,
                           .arg = l};
    struct vmbus_channel *sub = vmbus_bus_find(l->bus, NULL, NULL, 1);

    if (l->sub || !sub || vmbus_channel_claim(sub) != 0)
        return;
    if (vmbus_channel_open(sub, &o) == 0)
        l->sub = sub;
    else
        vmbus_channel_unclaim(sub);
}

static void close_sub(struct bus_life *l)
{
    if (!l->sub)
        return;
    vmbus_channel_close(l->sub);
    vmbus_channel_unclaim(l->sub);
    l->sub = NULL;
}

/* Gives the channel up, whatever it takes. */
static void leave(struct bus_life *l)
{
    close_sub(l);
    if (!l->c)
        return;
    hosted_advance(l->s, 200 * SEAM_S);
    for (uint32_t slot = 0; slot < BUS_LIFE_GPADLS; slot++)
        unshare(l, slot);
    if (vmbus_channel_is_open(l->c)) {
        int status = vmbus_channel_close(l->c);

        if (status != 0 && status != -ESTALE)
            abort();
    }
    vmbus_channel_unclaim(l->c);
    l->c = NULL;
}

static void send(struct bus_life *l)
{
    struct ring_writer *tx = vmbus_channel_tx(l->c);
    uint32_t at = ring_writer_start(tx);

    if (packet_write_in_band(tx, &at, 7, true, "abcdefgh", 8) == 0 &&
        ring_writer_commit(tx, at))
        vmbus_channel_signal(l->c);
}

static void act_on_channel(struct bus_life *l, uint8_t what)
{
    struct vmbus_open o = {.tx_pages = 1 + what % 40,
                           .rx_pages = 1,
                           .cpu = what & 1,
                           .low_latency = what & 2,
                           .event = event,
                           .arg = l};
    uint16_t old;

    if (what & 8) { /* what hv_sock wants below 5.0 */
        o.tx_pages = 5;
        o.rx_pages = what & 0x10 ? 5 : 4;
    }
    switch (what % 8) {
    case 0:
    case 1:
        started(l, vmbus_channel_open_start(l->c, &o, done, l));
        break;
    case 2:
        started(l, vmbus_channel_close_start(l->c, done, l));
        break;
    case 3:
        started(l, vmbus_channel_set_cpu_start(l->c, what >> 7, done, l));
        break;
    case 4:
        share(l, what >> 6);
        break;
    case 5:
        unshare(l, what >> 6);
        break;
    case 6:
        if (vmbus_channel_is_open(l->c))
            send(l);
        vmbus_channel_await_room(l->c);
        break;
    default:
        vmbus_channel_kick(l->c);
        vmbus_channel_set_latency(l->c, what, what & 8 ? &old : NULL);
        break;
    }
}

static void told(void *arg, struct vmbus_channel *c)
{
    struct bus_life *l = arg;

    if (vmbus_channel_offer(c)->relid == 0)
        abort();
    l->events++;
}

static void observe(struct bus_life *l)
{
    if (l->observing) {
        vmbus_bus_unobserve(l->bus, &l->observer);
    } else {
        l->observer.offered = told;
        l->observer.rescinded = told;
        l->observer.arg = l;
        vmbus_bus_observe(l->bus, &l->observer);
    }
    l->observing = !l->observing;
}

/* What every user may ask and never gets. */
static void ask_for_nonsense(struct bus_life *l)
{
    static const uint64_t pfn = 1;
    const struct vmbus_pages pages[] = {
        {&pfn, VMBUS_GPADL_PAGES_MAX + 1, 0, 4096},
        {&pfn, 0, 0, 4096},
        {&pfn, 1, 4096, 1},
        {&pfn, 1, 0, 0},
        {&pfn, 1, 1, 4096},
        {&pfn, 2, 0, 4096},
    };
    const struct vmbus_open opens[] = {
        {.tx_pages = 0, .rx_pages = 1, .event = event},
        {.tx_pages = 1, .rx_pages = 0, .event = event},
        {.tx_pages = 1, .rx_pages = 1},
        {.tx_pages = 1, .rx_pages = 1, .event = event, .cpu = 9},
        {.tx_pages = 8190, .rx_pages = 1, .event = event},
    };
    uint32_t handle;

    if (!l->c)
        return;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        if (vmbus_gpadl_create(l->c, &pages[i], &handle) == 0)
            abort();
    for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++)
        if (vmbus_channel_open(l->c, &opens[i]) == 0)
            abort();
    if (vmbus_channel_claim(l->c) == 0 ||
        vmbus_gpadl_teardown(l->c, 0xDEAD) == 0 ||
        vmbus_channel_set_cpu(l->c, 9) == 0)
        abort();
}

static void look_around(struct bus_life *l)
{
    static const struct vmbus_guid none = {{9}};
    struct vmbus_channel *c = NULL;

    while ((c = vmbus_bus_next(l->bus, c)) != NULL)
        if (vmbus_bus_find(l->bus, &none, NULL, 0) ||
            vmbus_bus_find(l->bus, NULL, &none, 0) ||
            vmbus_bus_find(l->bus, NULL, NULL, 77))
            abort();
}

static void act_on_bus(struct bus_life *l, uint8_t what)
{
    if (what % 4 == 0)
        observe(l);
    else if (what % 4 == 1)
        ask_for_nonsense(l);
    else if (what % 4 == 2)
        look_around(l);
    else if (what & 4)
        l->s->fail_at = l->s->counts.allocations + 1 + (what >> 4 & 1);
    else if (l->sub)
        close_sub(l);
    else
        open_sub(l);
}

void bus_life_act(struct bus_life *l, uint8_t what)
{
    static const struct vmbus_guid endpoint = {{1}}, service = {{2}};

    claim(l);
    if (what >= 0x20 && l->c) {
        act_on_channel(l, what - 0x20);
        return;
    }
    if (what & 8) {
        act_on_bus(l, what);
        return;
    }
    switch (what % 8) {
    case 0:
        hosted_advance(l->s, (what + 1) * SEAM_S);
        break;
    case 1:
        started(l, vmbus_bus_connect_start(l->bus, done, l));
        break;
    case 2:
        started(l, vmbus_bus_unload_start(l->bus, done, l));
        break;
    case 3:
        started(l, vmbus_tl_connect_start(l->bus, &endpoint, &service, NULL,
                                          done, l));
        break;
    case 4:
        leave(l);
        break;
    case 5:
        peer_event(l->p, what >> 4 & 1, what & 0xF);
        break;
    case 6:
        vmbus_bus_connect(l->bus);
        break;
    default:
        hosted_run(l->s);
        break;
    }
}

void bus_life_end(struct bus_life *l)
{
    uint64_t leaked;

    l->s->fail_at = 0;
    hosted_advance(l->s, 400 * SEAM_S);
    if (l->observing)
        observe(l);
    vmbus_bus_unload(l->bus);
    hosted_advance(l->s, 400 * SEAM_S);
    leave(l);
    if (l->pending != 0)
        abort(); /* a request without an outcome */
    leaked = vmbus_bus_stats(l->bus)->pages_leaked;
    vmbus_bus_destroy(l->bus);
    peer_destroy(l->p);
    hosted_destroy(l->s, leaked);
}

static uint32_t poll(void *arg, uint8_t payload[240])
{
    struct bus_life *l = arg;

    memset(payload, 0, 240);
    l->s->now += SEAM_S / 8;
    payload[0] = (uint8_t)(l->events++ % 20);
    return l->events % 3 * 8;
}

void bus_life_crash(struct bus_life *l)
{
    int status = vmbus_bus_crash_unload(l->bus, SEAM_S, poll, l);

    if (status > 0)
        abort();
    vmbus_event_arrived(l->bus, 5);
    hosted_run(l->s);
    hosted_abandon(l->s);
    peer_destroy(l->p);
    hosted_destroy(l->s, 0);
}
