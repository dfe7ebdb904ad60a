/* SPDX-License-Identifier: BSD-2-Clause */
/* A small VMBus client with messages, GPADLs and one channel's rings: bus.h. */
#include <errno.h>

#include "bus.h"
#include "vmbus/seam.h"

enum { VECTOR = 0x61, OFFERS_MAX = 16 };

static struct hv_message slots[HV_SINT_COUNT] __attribute__((aligned(4096)));
static uint64_t flags[512] __attribute__((aligned(4096)));
static uint8_t input[4096] __attribute__((aligned(4096)));
static uint8_t ring_memory[2 * RING_PAGES * 4096]
    __attribute__((aligned(4096)));
static struct wire_offer offers[OFFERS_MAX];
static unsigned offer_count;
static uint32_t connection = WIRE_CONNECTION_MESSAGE, next_gpadl = 0x100;
static volatile unsigned interrupts;

INTERRUPT(on_bus)
{
    (void)frame;
    interrupts++;
    mmio_write32(0xFEE000B0, 0);
}

static uint64_t now(void)
{
    return msr_read(HV_TIME_REF);
}

static void post(const void *message, uint32_t size)
{
    struct hv_post_input *in = (void *)input;
    uint64_t status, end = hang();

    do {
        memset(input, 0, sizeof *in);
        in->connection = connection;
        in->type = WIRE_POST_TYPE;
        in->size = size;
        memcpy(in->payload, message, size);
        status = hypercall(HV_CALL_POST_MESSAGE, (uint64_t)in, 0);
    } while (status == HV_INSUFFICIENT_BUFFERS && now() < end);
    if (status)
        check("the host takes a posted message within its deadline", false);
}

/* Takes the message in the slot, if there is one. */
static bool take(struct hv_message *copy)
{
    struct hv_message *slot = &slots[WIRE_SINT];

    if (!__atomic_load_n(&slot->type, __ATOMIC_ACQUIRE))
        return false;
    memcpy(copy, slot, sizeof *copy);
    __atomic_store_n(&slot->type, 0, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&slot->flags, __ATOMIC_SEQ_CST) & 1)
        msr_write(HV_EOM, 0);
    return true;
}

/* Waits for a message of `type` and keeps the offers that come before it. */
static bool await(uint32_t type, struct hv_message *m)
{
    uint64_t end = hang();

    while (now() < end) {
        const struct wire_header *h = (const void *)m->payload;

        let_in();
        if (!take(m))
            continue;
        if (h->type == WIRE_OFFER && offer_count < OFFERS_MAX)
            memcpy(&offers[offer_count++], m->payload, sizeof offers[0]);
        if (h->type == type)
            return true;
    }
    say("not ok - no message %u before the deadline\n", type);
    end_guest(VERDICT_TEST_FAILED);
}

void bus_connect(uint32_t version)
{
    struct wire_initiate_contact contact = {
        .header.type = WIRE_INITIATE_CONTACT, .version = version};
    struct wire_header request = {.type = WIRE_REQUEST_OFFERS};
    struct hv_message m;

    hypercall_on();
    set_gate(VECTOR, (void *)on_bus);
    mmio_write32(0xFEE000F0, 0x1FF);
    msr_write(HV_SIMP, (uint64_t)slots | 1);
    msr_write(HV_SIEFP, (uint64_t)flags | 1);
    msr_write(HV_SINT0 + WIRE_SINT, VECTOR);
    msr_write(HV_SCONTROL, 1);
    if (version >= 0x00050000) {
        connection = WIRE_CONNECTION_MULTI_MESSAGE;
        contact.target.sint = WIRE_SINT;
    }
    post(&contact, 40);
    await(WIRE_VERSION_RESPONSE, &m);
    check("the host accepts the guest's VMBus version", m.payload[8] == 1);
    post(&request, sizeof request);
    await(WIRE_ALL_OFFERS_DELIVERED, &m);
}

bool bus_find(const struct vmbus_guid *type, uint8_t last,
              struct wire_offer *offer)
{
    for (unsigned i = 0; i < offer_count; i++) {
        if (memcmp(&offers[i].type, type, sizeof *type) ||
            (last && offers[i].instance.bytes[15] != last))
            continue;
        *offer = offers[i];
        return true;
    }
    return false;
}

uint32_t bus_share(uint32_t relid, const void *pages, uint32_t count)
{
    uint8_t bytes[WIRE_MESSAGE_MAX];
    struct wire_gpadl_header *m = (void *)bytes;
    struct hv_message answer;
    uint32_t gpadl = next_gpadl++;

    *m = (struct wire_gpadl_header){.header.type = WIRE_GPADL_HEADER,
                                    .relid = relid,
                                    .gpadl = gpadl,
                                    .range_bytes = (uint16_t)(8 + 8 * count),
                                    .range_count = 1,
                                    .byte_count = count * 4096};
    for (uint32_t i = 0; i < count; i++) {
        uint64_t pfn = (uint64_t)pages / 4096 + i;

        memcpy(bytes + sizeof *m + 8 * i, &pfn, sizeof pfn);
    }
    post(bytes, (uint32_t)sizeof *m + 8 * count);
    await(WIRE_GPADL_CREATED, &answer);
    return gpadl;
}

void bus_unshare(uint32_t relid, uint32_t gpadl)
{
    struct wire_gpadl_teardown m = {
        .header.type = WIRE_GPADL_TEARDOWN, .relid = relid, .gpadl = gpadl};
    struct hv_message answer;

    post(&m, sizeof m);
    await(WIRE_GPADL_TORNDOWN, &answer);
}

static struct ring_area area(uint8_t *pages)
{
    return (struct ring_area){.control = (struct ring_control *)pages,
                              .data = pages + 4096,
                              .size = (RING_PAGES - 1) * 4096};
}

void bus_open(struct client *c)
{
    struct wire_open m = {.header.type = WIRE_OPEN,
                          .relid = c->offer.relid,
                          .open_id = c->offer.relid,
                          .downstream_page = RING_PAGES};
    struct ring_area out, in;
    struct hv_message answer;
    uint32_t status;

    c->rings = ring_memory;
    memset(ring_memory, 0, sizeof ring_memory);
    out = area(c->rings);
    in = area(c->rings + RING_PAGES * 4096);
    check("the guest attaches to both rings of a channel",
          !ring_writer_attach(&c->out, &out) &&
              !ring_reader_attach(&c->in, &in));
    c->at = ring_writer_start(&c->out);
    c->gpadl = bus_share(c->offer.relid, c->rings, 2 * RING_PAGES);
    m.gpadl = c->gpadl;
    post(&m, WIRE_OPEN_SHORT);
    await(WIRE_OPEN_RESULT, &answer);
    memcpy(&status, answer.payload + 16, sizeof status);
    check("the host opens the channel", !status);
}

void bus_close(struct client *c)
{
    struct wire_relid m = {.header.type = WIRE_CLOSE, .relid = c->offer.relid};

    post(&m, sizeof m);
    bus_unshare(c->offer.relid, c->gpadl);
}

static void signal_host(const struct client *c)
{
    if (hypercall(HV_CALL_SIGNAL_EVENT | 1 << 16, c->offer.connection, 0))
        check("the host takes a signal of the channel", false);
}

bool bus_write_pages(struct client *c, uint64_t transaction, bool completion,
                     const void *data, uint32_t size, const void *payload,
                     uint32_t payload_size)
{
    uint64_t pfns[8], header[2 + 8], first = (uint64_t)data / 4096;
    struct packet_gpa_builder b;
    struct ring_packet packet = {
        .type = RING_PACKET_GPA_DIRECT,
        .flags = completion ? RING_FLAG_COMPLETION_REQUESTED : 0,
        .transaction = transaction,
    };
    struct ring_part parts[] = {{header, 0}, {payload, payload_size}};

    for (uint32_t i = 0; i < 8; i++)
        pfns[i] = first + i; /* memory is mapped one to one */
    packet_gpa_begin(&b, header, sizeof header);
    if (!packet_gpa_add(&b, pfns, (uint64_t)data % 4096, size))
        return false;
    parts[0].size = packet.header_size = packet_gpa_end(&b);
    packet.size = packet.header_size + payload_size;
    return !ring_write_parts(&c->out, &c->at, &packet, parts, 2);
}

void bus_send(struct client *c)
{
    if (ring_writer_commit(&c->out, c->at))
        signal_host(c);
}

/* Halts until the next interrupt, unless the channel's flag is set. */
static void rest(const struct client *c)
{
    uint64_t *word =
        flags + WIRE_SINT * HV_EVENT_FLAGS / 64 + c->offer.relid / 64;
    uint64_t bit = UINT64_C(1) << c->offer.relid % 64;

    if (__atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit)
        return;
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}

bool bus_receive(struct client *c, struct ring_packet *packet, void *body,
                 uint32_t capacity)
{
    uint64_t end = 0;

    for (;;) {
        uint32_t at = ring_reader_start(&c->in);
        int status = ring_read(&c->in, &at, packet, body, capacity);

        if (!status) {
            if (ring_reader_commit(&c->in, at))
                signal_host(c);
            return true;
        }
        /* Reading the time costs an exit, so only a wait reads it. */
        if (!end)
            end = hang();
        if (status != -EAGAIN || now() >= end)
            break;
        if (!ring_reader_unmask(&c->in))
            rest(c);
    }
    check("the host sends a packet before the deadline", false);
    return false;
}

void bus_break_ring(const struct client *c)
{
    *(volatile uint32_t *)c->rings = 4;
    signal_host(c);
}

void bus_leave(void)
{
    struct wire_header m = {.type = WIRE_UNLOAD};
    struct hv_message answer;

    post(&m, sizeof m);
    await(WIRE_UNLOAD_RESPONSE, &answer);
}

/* The rings call the seam for assertions, and this is all that they need. */
void seam_assert_failed(struct seam *s, const char *function,
                        const char *expression, const char *hint)
{
    (void)s;
    say("not ok - %s: %s: %s\n", function, expression, hint);
    end_guest(VERDICT_TEST_FAILED);
}
