/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saved states made by hand: their checksums are right, what they say is not.
 */
#include "harness.h"
#include "forged_state.h"

#include <stdlib.h>

#include "save_rig.h"
#include "version/number.h"
#include "vmbus/ring_wire.h"

/* Offsets in a state of one packet: head, item and packet follow their
 * chunk's header. */
enum {
    HEAD_AT = sizeof(struct kmcl_chunk),
    CHUNK_AT = HEAD_AT + sizeof(struct kmcl_saved_head),
    ITEM_AT = CHUNK_AT + sizeof(struct kmcl_chunk),
    PACKET_AT = ITEM_AT + sizeof(struct kmcl_saved_item),
};

#define IN_HEAD(field)   (HEAD_AT + offsetof(struct kmcl_saved_head, field))
#define IN_ITEM(field)   (ITEM_AT + offsetof(struct kmcl_saved_item, field))
#define IN_PACKET(field) (PACKET_AT + offsetof(struct kmcl_saved_packet, field))

/* Words that hold more than one field. */
#define IN_KIND             4 /* of a chunk */
#define KIND(version, kind) ((version) | (uint32_t)(kind) << 16)
#define PACKET(type, queued, waits) \
    ((type) | (uint32_t)(queued) << 16 | (uint32_t)(waits) << 24)

static NTSTATUS restore(struct world *w, struct forged *f)
{
    return VmbChannelRestoreFromBuffer(w->server.ch, f->bytes, f->size);
}

static struct {
    uint32_t calls;
    bool twice;  /* restores another packet from the same bytes */
    bool spoils; /* changes them first */
} driver;

static NTSTATUS restore_packet(VMBCHANNEL ch, PVOID lib, UINT32 lib_size,
                               PVOID buffer, UINT32 size)
{
    VMBPACKET p = VmbPacketAllocate(ch), other;
    NTSTATUS status;

    (void)buffer;
    (void)size;
    driver.calls++;
    if (driver.spoils)
        *(uint8_t *)lib ^= 1;
    status = VmbPacketRestore(p, lib, lib_size);
    if (!NT_SUCCESS(status))
        VmbPacketFree(p);
    if (driver.twice) {
        other = VmbPacketAllocate(ch);
        CHECK_STATUS(VmbPacketRestore(other, lib, lib_size),
                     STATUS_INVALID_DEVICE_STATE);
        VmbPacketFree(other);
    }
    return status;
}

static void make(struct world *w, bool with_driver)
{
    memset(&driver, 0, sizeof(driver));
    server_make(w, &w->server, &test_instance);
    if (with_driver)
        CHECK_STATUS(VmbServerChannelInitSetSaveRestorePacketCallbacks(
                         w->server.ch, NULL, restore_packet),
                     STATUS_SUCCESS);
}

struct spoilt {
    const char *what;
    int32_t more; /* bytes of the packet's chunk, beside what it needs */
    bool head_only;
    uint32_t calls; /* of the driver */
    NTSTATUS status;
    struct {
        uint32_t at, value;
    } words[3];
};

#define DATA_ERROR .status = STATUS_DATA_ERROR

static const struct spoilt table[] = {
    {"nothing", .calls = 1},
    {"the magic", DATA_ERROR, .words = {{0, 1}}},
    {"the version", .status = STATUS_REVISION_MISMATCH,
     .words = {{IN_KIND, KIND(2, KMCL_CHUNK_HEAD)}}},
    {"head: nothing", .head_only = true, .words = {{IN_HEAD(chunks), 0}}},
    {"head: the next transaction is 0", .head_only = true, DATA_ERROR,
     .words = {{IN_HEAD(chunks), 0}, {IN_HEAD(next_transaction), 0}}},
    {"head: chunks that cannot be counted", .head_only = true, DATA_ERROR,
     .words = {{IN_HEAD(chunks), UINT32_MAX}}},
    {"head: another instance", .head_only = true, DATA_ERROR,
     .words = {{IN_HEAD(chunks), 0}, {IN_HEAD(instance), 1}}},
    {"head: a chunk less than there is", DATA_ERROR,
     .words = {{IN_HEAD(chunks), 0}}},
    {"item: shorter than itself", .more = -40, DATA_ERROR},
    {"item: longer than it says", .more = 8, DATA_ERROR},
    {"item: sizes whose sum overflows", DATA_ERROR,
     .words = {{IN_ITEM(lib_size), 0xffffff00},
               {IN_ITEM(driver_size), 0x118},
               {IN_ITEM(has_driver), 1}}},
    {"item: driver's bytes that round to none", DATA_ERROR,
     .words = {{IN_ITEM(driver_size), UINT32_MAX}, {IN_ITEM(has_driver), 1}}},
    {"item: a size that is not aligned", .more = 4, DATA_ERROR,
     .words = {{IN_ITEM(lib_size), 28}}},
    {"item: driver's bytes that nobody has", .more = 8, DATA_ERROR,
     .words = {{IN_ITEM(driver_size), 8}}},
    {"packet: shorter than itself", .more = -24, .calls = 1, DATA_ERROR,
     .words = {{IN_ITEM(lib_size), 0}}},
    {"packet: the magic", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(magic), 1}}},
    {"packet: its type", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(type), PACKET(RING_PACKET_GPA_DIRECT, 0, 1)}}},
    {"packet: a header", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(header_size), 8}}},
    {"packet: a size that rounds to none", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(type), PACKET(RING_PACKET_IN_BAND, 1, 1)},
               {IN_PACKET(size), UINT32_MAX}}},
    {"packet: bytes that are not there", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(type), PACKET(RING_PACKET_IN_BAND, 1, 1)},
               {IN_PACKET(size), 8}}},
    {"packet: in the ring, and bytes", .more = 8, .calls = 1, DATA_ERROR,
     .words = {{IN_ITEM(lib_size), 32}, {IN_PACKET(size), 8}}},
    {"packet: in the ring, and nothing awaited", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(type), PACKET(RING_PACKET_IN_BAND, 0, 0)}}},
    {"packet: parts that await no answer", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(type), PACKET(RING_PACKET_TRANSFER_PAGES, 1, 0)}}},
    {"packet: parts that end before their header", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(type), PACKET(RING_PACKET_TRANSFER_PAGES, 1, 1)},
               {IN_PACKET(header_size), 24}}},
    {"packet: no transaction", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(transaction), 0}}},
    {"packet: a transaction to come", .calls = 1, DATA_ERROR,
     .words = {{IN_PACKET(transaction), 10}}},
};

static void build(struct forged *f, const struct spoilt *s)
{
    memset(f, 0, sizeof(*f));
    forged_head(f, sizeof(struct kmcl_saved_head), 1);
    if (!s->head_only)
        forged_packet(f, s->more);
    for (uint32_t n = 0; n < 3 && (s->words[n].at || s->words[n].value); n++)
        forged_put(f, s->words[n].at, s->words[n].value);
    if (s->more < 0) /* nothing of it behind the end */
        memset(f->bytes + f->size, 0, (uint32_t)-s->more);
    forged_seal(f);
}

static void spoilt_states(struct world *w)
{
    static struct forged f;

    for (size_t n = 0; n < sizeof(table) / sizeof(table[0]); n++) {
        const struct spoilt *s = &table[n];
        NTSTATUS status;

        build(&f, s);
        make(w, true);
        status = restore(w, &f);
        if (status != s->status || driver.calls != s->calls)
            check_failed(__FILE__, __LINE__, s->what);
        endpoint_end(&w->server);
    }
}

/* A whole buffer, then one chunk too many or of a wrong kind. */
static void wrong_chunks(struct world *w)
{
    static struct forged f;

    forged_completion(&f, 0, 0); /* not the head first */
    forged_seal(&f);
    make(w, false);
    CHECK_STATUS(restore(w, &f), STATUS_DATA_ERROR);
    endpoint_end(&w->server);

    memset(&f, 0, sizeof(f));
    forged_head(&f, 48, 1);
    forged_head(&f, 48, 1); /* a second one */
    forged_seal(&f);
    make(w, false);
    CHECK_STATUS(restore(w, &f), STATUS_DATA_ERROR);
    endpoint_end(&w->server);

    memset(&f, 0, sizeof(f));
    forged_head(&f, 56, 0); /* longer than a head */
    forged_seal(&f);
    make(w, false);
    CHECK_STATUS(restore(w, &f), STATUS_DATA_ERROR);
    endpoint_end(&w->server);
}

static NTSTATUS restore_completion(struct world *w, int32_t bytes,
                                   uint32_t said)
{
    static struct forged f;
    NTSTATUS status;

    memset(&f, 0, sizeof(f));
    forged_head(&f, 48, 1);
    forged_completion(&f, (uint32_t)bytes, said);
    forged_seal(&f);
    make(w, false);
    status = restore(w, &f);
    endpoint_end(&w->server);
    return status;
}

static void completions(struct world *w)
{
    CHECK_STATUS(restore_completion(w, 8, 8), STATUS_SUCCESS);
    CHECK_STATUS(restore_completion(w, 0, 8), STATUS_DATA_ERROR);
    CHECK_STATUS(restore_completion(w, 8, 0), STATUS_DATA_ERROR);
    CHECK_STATUS(restore_completion(w, -16, 0), STATUS_DATA_ERROR);
    CHECK_STATUS(restore_completion(w, 1024, 1024), STATUS_SUCCESS);
    CHECK_STATUS(restore_completion(w, 1032, 1025), STATUS_DATA_ERROR);
}

/* In each round one allocation more is there. */
static void little_memory(struct world *w)
{
    static struct forged f;
    NTSTATUS status;
    uint32_t n = 0;

    forged_head(&f, 48, 2);
    forged_packet(&f, 0);
    forged_completion(&f, 8, 8);
    forged_seal(&f);
    do {
        make(w, false);
        world_fail_allocation(w, ++n);
        status = restore(w, &f);
        world_fail_allocation(w, 0);
        CHECK(status == STATUS_SUCCESS ||
              status == STATUS_INSUFFICIENT_RESOURCES);
        endpoint_end(&w->server);
    } while (status != STATUS_SUCCESS);
    CHECK(n > 5);
}

/* Saved by a channel with larger packets. */
static void larger_packet(struct world *w)
{
    static struct forged f;

    forged_head(&f, 48, 1);
    forged_packet(&f, 2048);
    forged_put(&f, IN_ITEM(lib_size), 24 + 2048);
    forged_put(&f, IN_PACKET(type), PACKET(RING_PACKET_IN_BAND, 1, 1));
    forged_put(&f, IN_PACKET(size), 2048);
    forged_seal(&f);
    make(w, false);
    CHECK_STATUS(restore(w, &f), STATUS_INVALID_PARAMETER_3);
    endpoint_end(&w->server);
}

static void driver_misuse(struct world *w)
{
    static struct forged f;
    uint64_t lib[3] = {0};
    VMBPACKET p, own;

    build(&f, &table[0]);
    make(w, true);
    own = packet_own(w->server.ch);
    CHECK_STATUS(VmbPacketRestore(own, lib, sizeof(lib)),
                 STATUS_INVALID_PARAMETER_1); /* it has no routine */
    free(own);
    p = VmbPacketAllocate(w->server.ch);
    CHECK_STATUS(VmbPacketRestore(p, lib, sizeof(lib)),
                 STATUS_INVALID_DEVICE_STATE);
    f.size = CHUNK_AT; /* now a restore is under way */
    CHECK_STATUS(restore(w, &f), STATUS_MORE_PROCESSING_REQUIRED);
    CHECK_STATUS(VmbPacketRestore(p, NULL, 0), STATUS_INVALID_DEVICE_STATE);
    VmbPacketFree(p);
    endpoint_end(&w->server);

    build(&f, &table[0]);
    make(w, true);
    driver.twice = true;
    CHECK_STATUS(restore(w, &f), STATUS_SUCCESS);
    endpoint_end(&w->server);
    make(w, true);
    driver.spoils = true;
    CHECK_STATUS(restore(w, &f), STATUS_DATA_ERROR);
    endpoint_end(&w->server);
}

static void enabled(struct world *w)
{
    static struct forged f;

    build(&f, &table[0]);
    make(w, true);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(restore(w, &f), STATUS_INVALID_DEVICE_STATE);
    endpoint_end(&w->server);
}

/* Nothing in flight: all the same it is restored once. */
static void empty_once(struct world *w)
{
    static struct forged f;

    forged_head(&f, sizeof(struct kmcl_saved_head), 0);
    forged_seal(&f);
    make(w, false);
    CHECK_STATUS(restore(w, &f), STATUS_SUCCESS);
    CHECK_STATUS(restore(w, &f), STATUS_INVALID_DEVICE_STATE);
    endpoint_end(&w->server);
}

/* The head of the first unit that a save gave. */
static void writer_named(struct world *w)
{
    struct kmcl_saved_head head;

    saved_traffic(w, true);
    save_all(w);
    memcpy(&head, store.bytes[0] + sizeof(struct kmcl_chunk), sizeof(head));
    CHECK_EQ(head.writer, VMBARE_VERSION_NUMBER);
    saved_end(w);
}

/* A head of 0, as versions before 0.2.0 wrote, and one of a later version. */
static void any_writer(struct world *w)
{
    static const uint32_t writers[] = {0, 0x00FFFFFF};

    for (unsigned n = 0; n < 2; n++) {
        static struct forged f;

        f = (struct forged){0};
        forged_head(&f, sizeof(struct kmcl_saved_head), 0);
        forged_put(&f,
                   (uint32_t)(sizeof(struct kmcl_chunk) +
                              offsetof(struct kmcl_saved_head, writer)),
                   writers[n]);
        forged_seal(&f);
        make(w, false);
        CHECK_STATUS(restore(w, &f), STATUS_SUCCESS);
        endpoint_end(&w->server);
    }
}

const struct test kmcl_tests_forged_state[] = {
    {136, "the head of a saved state names the version that saved it",
     writer_named},
    {139, "VmbChannelRestoreFromBuffer refuses an enabled channel", enabled},
    {139, "an empty state is restored only once as well", empty_once},
    {140, "a state is restored whichever version of vmbare saved it",
     any_writer},
    {141, "VmbPacketRestore outside EvtRestorePacket is refused",
     driver_misuse},
    {142,
     "each field of a saved state is checked even if its checksum is right",
     spoilt_states},
    {142, "chunks at a wrong place of the state are refused", wrong_chunks},
    {142, "a saved completion whose size does not fit its chunk is refused",
     completions},
    {142, "a saved packet that is larger than this channel's is refused",
     larger_packet},
    {142, "a restore without memory fails and leaks nothing", little_memory},
    {0, NULL, NULL},
};
