/*
 * Fuzzer: the host half against a hostile guest, with servers that do as they
 * like. The input is a program; whatever it does, the host half must not
 * touch memory that is not its own, must end, and must leave nothing behind.
 *
 *     byte 0     newest version
 *     byte 1     features of 6.0
 *     byte 2     bit 0: the server has monitor pages; bit 1: VPs unknown
 *     then operations, one byte each with operands (enum operation)
 */
#include "hosted.h"
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SERVERS     4u
#define FRAMES      64u
#define STEPS       400u
#define UNDELIVERED 80u /* 64, and what servers and the host half add */
#define LOSES       7u  /* with so much room left the slot loses a message */

enum operation {
    SAY_FIELDS,   /* type, size, seven fields of a byte each */
    SAY_BYTES,    /* size, bytes */
    SAY_CONTACT,  /* version, VP, features */
    SAY_GPADL,    /* relid, handle, pages: header and bodies */
    SAY_OPEN,     /* relid, handle, downstream page */
    SERVER,       /* server, what it does */
    EVENT,        /* connection */
    MONITOR,      /* id */
    ROOM,         /* messages that the guest takes */
    RESET,        /* nothing */
    SAVE_RESTORE, /* servers that come back (bits) */
    FORGE,        /* edits, servers, {offset, bits} */
    FAIL,         /* which allocation from now on fails */
    CREATE,       /* a config */
    LOOK,         /* a rule */
    OPERATIONS,
};

struct input {
    const uint8_t *at;
    size_t left;
};

struct server {
    struct world *w;
    struct vmbus_host_channel *channel;
    bool opening, closing, open;
    uint8_t manner;  /* bits: holds open, close, GPADL; refuses */
    uint32_t mapped; /* handle; 0: none */
    struct vmbus_host_memory memory;
};

struct world {
    struct seam *s;
    struct vmbus_host *host;
    struct vmbus_host_config config;
    struct server server[SERVERS];
    uint64_t pfns[FRAMES];
    uint8_t *pages;
    uint32_t room;
    uint32_t connection;
};

static uint8_t take(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

/* Small numbers are themselves; the rest are those that matter. */
static uint32_t take_number(struct input *in)
{
    static const uint32_t special[] = {
        0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0xFFFF, 2047,   2048,
        4095,       4096,       4097,       8192,   0x2001, 0x10001,
        65528,      65520,      0x100000,   240,
    };
    uint8_t byte = take(in);

    return byte < 0xF0 ? byte : special[byte - 0xF0];
}

static uint32_t version_of(uint8_t byte)
{
    static const uint32_t versions[16] = {
        0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
        0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000, 0x00060000,
        0x00050003, 0x00000000, 0x00070000, 0x00050004};

    return versions[byte & 15];
}

/* ---- platform and servers ----------------------------------------------- */

static int post(void *context, uint32_t vp, uint8_t sint, const void *payload,
                uint32_t size)
{
    struct world *w = context;
    uint8_t copy[240];

    (void)vp;
    (void)sint;
    if (w->room == 0)
        return -EAGAIN;
    w->room--;
    memcpy(copy, payload, size);
    return w->room == LOSES ? -EIO : 0;
}

static int signal_guest(void *context, uint32_t vp, uint8_t sint, uint16_t flag)
{
    (void)context;
    (void)vp;
    (void)sint;
    (void)flag;
    return 0;
}

static void broken(void *context, enum vmbus_host_rule rule, uint32_t type,
                   uint32_t relid)
{
    (void)context;
    (void)type;
    (void)relid;
    if (rule >= VMBUS_HOST_RULE_COUNT)
        abort();
}

static int wanted(void *context, const struct vmbus_host_connect *request)
{
    (void)context;
    return request->service.bytes[0] & 1 ? 0 : -ECONNREFUSED;
}

static void let_go(struct server *v)
{
    if (v->memory.mapping)
        vmbus_host_memory_unmap(v->channel, &v->memory);
}

static void opened(void *context, struct vmbus_host_channel *channel,
                   const struct vmbus_host_open *open)
{
    struct server *v = context;

    v->channel = channel;
    v->opening = true;
    /* Both rings are ours to touch from end to end. */
    memset(open->out.control, 0, 64);
    open->out.data[open->out.size - 1] = 1;
    if (open->in.twice)
        open->in.data[2 * open->in.size - 1] ^= 1;
    if (v->manner & 1)
        return;
    v->opening = false;
    v->open = !(v->manner & 2);
    vmbus_host_open_answer(channel, v->manner & 2);
}

static void withdraw_one(struct server *v)
{
    let_go(v);
    if (v->mapped) {
        uint32_t handle = v->mapped;

        v->mapped = 0;
        vmbus_host_gpadl_unmap(v->channel, handle);
    }
    vmbus_host_withdraw(v->channel);
    v->channel = NULL;
    v->opening = v->closing = v->open = false;
}

/* The sub-channel goes before its primary. */
static void withdraw(struct server *v)
{
    struct server *sub = &v->w->server[SERVERS - 1];

    if (v == &v->w->server[0] && sub->channel)
        withdraw_one(sub);
    withdraw_one(v);
}

static void closed(void *context, struct vmbus_host_channel *channel)
{
    struct server *v = context;

    v->opening = v->open = false;
    let_go(v);
    if (v->manner & 16) {
        withdraw(v);
    } else if (v->manner & 4) {
        v->closing = true;
    } else {
        vmbus_host_close_answer(channel);
    }
}

static void created(void *context, struct vmbus_host_channel *channel,
                    uint32_t handle)
{
    struct server *v = context;

    if (channel != v->channel || handle == 0)
        abort();
}

static void torn(void *context, struct vmbus_host_channel *channel,
                 uint32_t handle)
{
    struct server *v = context;

    if (v->manner & 8)
        return;
    v->mapped = 0;
    vmbus_host_gpadl_unmap(channel, handle);
}

static void told(void *context, struct vmbus_host_channel *channel)
{
    struct server *v = context;

    if (channel != v->channel || !v->open)
        abort();
}

static const struct vmbus_host_server server = {
    .opened = opened,
    .closed = closed,
    .signalled = told,
    .gpadl_created = created,
    .gpadl_teardown = torn,
};

/* Leaves everything to the host half. */
static const struct vmbus_host_server passive;

static void publish(struct world *w, uint8_t n, uint8_t how)
{
    struct vmbus_host_offer o = {.flags = how & 0xF2, .monitor = how & 1};
    struct server *v = &w->server[n];

    /* The last is a sub-channel of the first. */
    o.subchannel = n == SERVERS - 1;
    o.instance.bytes[0] = n % (SERVERS - 1);
    v->w = w;
    if (vmbus_host_offer(w->host, &o, how & 4 ? &passive : &server, v,
                         &v->channel) != 0)
        v->channel = NULL;
}

static void map_gpadl(struct server *v, uint32_t handle)
{
    struct vmbus_host_gpadl g;
    struct vmbus_host_range r;
    uint32_t offset = handle * 129u, size = handle * 1001u;
    void *at;

    if (v->mapped || vmbus_host_gpadl_map(v->channel, handle, &g) != 0)
        return;
    v->mapped = handle;
    g.base[g.page_count * 4096u - 1] ^= 1;
    for (uint32_t i = 0; i < g.range_count; i++) {
        if (vmbus_host_gpadl_range(v->channel, handle, i, &r) != 0 ||
            r.first_page + r.page_count > g.page_count ||
            r.offset + (uint64_t)r.size > r.page_count * 4096u)
            abort();
    }
    /* Mappings may lie side by side, so a look past the end is told here. */
    at = vmbus_host_gpadl_at(v->channel, handle, offset, size);
    vmbus_host_gpadl_range(v->channel, handle, 0, &r);
    if (at && offset + size > r.size)
        abort();
    if (at)
        memset(at, 1, size);
}

/* How many frames a server says its external memory has: mostly right. */
static uint32_t pages_of(uint8_t how)
{
    if (how == 100)
        return 8194;
    return (how * 81u + 4095) / 4096 + (how % 32 == 31);
}

static void serve(struct world *w, struct input *in)
{
    struct server *v = &w->server[take(in) % SERVERS];
    uint8_t what = take(in), how = take(in);

    if (!v->channel) {
        publish(w, (uint8_t)(v - w->server), how);
        return;
    }
    switch (what % 8) {
    case 0:
        v->manner = how;
        break;
    case 1:
        if (v->opening) {
            v->opening = false;
            v->open = how % 4 != 0;
            vmbus_host_open_answer(v->channel, how % 4 == 0);
        }
        break;
    case 2:
        if (v->closing) {
            v->closing = false;
            vmbus_host_close_answer(v->channel);
        }
        break;
    case 3:
        map_gpadl(v, how);
        break;
    case 4:
        if (v->mapped) {
            uint32_t handle = v->mapped;

            v->mapped = 0;
            vmbus_host_gpadl_unmap(v->channel, handle);
        }
        break;
    case 5:
        if (!v->memory.mapping)
            vmbus_host_memory_map(v->channel, how * 17u, how * 64u,
                                  w->pfns + how % 32, pages_of(how),
                                  &v->memory);
        break;
    case 6:
        vmbus_host_signal(v->channel);
        break;
    default:
        withdraw(v);
    }
}

/* ---- the guest ---------------------------------------------------------- */

static void put32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}

static void say(struct world *w, const uint8_t *payload, uint32_t size)
{
    /* On the heap in its exact size, so that reading on is seen. */
    uint8_t *copy = malloc(size ? size : 1);

    memcpy(copy, payload, size);
    vmbus_host_message(w->host, w->connection, copy, size);
    free(copy);
}

static void say_fields(struct world *w, struct input *in)
{
    static const uint32_t at[] = {8, 12, 16, 20, 24, 28, 148};
    uint8_t m[256] = {0};
    uint8_t size;

    m[0] = take(in) % 32;
    size = take(in);
    for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++)
        put32(m + at[i], take_number(in));
    say(w, m, size > 250 ? 241 : size > 240 ? 156 : size);
}

static void say_bytes(struct world *w, struct input *in)
{
    uint8_t m[240] = {0};
    uint8_t size = take(in) % 241;

    for (uint32_t i = 0; i < size; i++)
        m[i] = take(in);
    m[0] %= 32;
    m[1] = m[2] = m[3] = 0;
    say(w, m, size);
}

static void say_contact(struct world *w, struct input *in)
{
    uint8_t m[56] = {14};
    uint32_t version = version_of(take(in));
    uint8_t how = take(in);

    put32(m + 8, version);
    put32(m + 12, how & 7);
    if (version < 0x00050000) {
        uint64_t gpa = w->pfns[0] << 12;

        memcpy(m + 16, &gpa, 8);
    } else {
        m[16] = how & 8 ? 2 : 0;
        m[20] = take(in);
    }
    if (how & 16) {
        uint64_t gpa[2] = {w->pfns[1] << 12, w->pfns[2] << 12};

        memcpy(m + 24, gpa, 16);
    }
    w->connection = how & 128 ? 2 : how & 32 ? 4 : 1;
    say(w, m, how & 64 ? 56 : 40);
}

static void say_gpadl(struct world *w, struct input *in)
{
    uint8_t m[240] = {8};
    uint32_t relid = take_number(in), handle = take(in), sent = 26;
    uint32_t count = take(in) % FRAMES + 1, short_of = take(in);

    put32(m + 8, relid);
    put32(m + 12, handle);
    m[16] = (uint8_t)(8 + 8 * count);
    m[17] = (uint8_t)((8 + 8 * count) >> 8);
    m[18] = 1;
    put32(m + 20, count * 4096 - (short_of > 200 ? short_of : 0));
    put32(m + 24, short_of > 200 ? 8 : 0);
    for (uint32_t i = 0; i < 26; i++)
        memcpy(m + 28 + 8 * i, &w->pfns[i % FRAMES], 8);
    say(w, m, count < 26 ? 28 + 8 * count : 240);
    while (sent < count && sent < 26 + short_of) {
        uint32_t here = count - sent < 28 ? count - sent : 28;

        memset(m, 0, sizeof(m));
        m[0] = 9;
        put32(m + 12, handle);
        for (uint32_t i = 0; i < here; i++)
            memcpy(m + 16 + 8 * i, &w->pfns[(sent + i) % FRAMES], 8);
        say(w, m, 16 + 8 * here);
        sent += here;
    }
}

static void say_open(struct world *w, struct input *in)
{
    uint8_t m[156] = {5};

    put32(m + 8, take_number(in));
    put32(m + 12, 1);
    put32(m + 16, take(in));
    put32(m + 24, take_number(in));
    put32(m + 20, take_number(in));
    put32(m + 148, take_number(in));
    m[152] = take(in);
    m[154] = take(in);
    say(w, m, sizeof(m));
}

/* ---- save and restore --------------------------------------------------- */

static const struct vmbus_host_ops ops = {
    .post = post,
    .signal = signal_guest,
    .connect = wanted,
    .rule_broken = broken,
};

static void replace(struct world *w)
{
    vmbus_host_reset(w->host);
    for (unsigned n = 0; n < SERVERS; n++) {
        if (w->server[n].channel)
            withdraw(&w->server[n]);
    }
    vmbus_host_destroy(w->host);
    w->host = NULL;
    w->s->fail_at = 0;
    if (vmbus_host_create(w->s, &ops, w, &w->config, &w->host) != 0)
        abort();
}

static uint32_t crc32(const uint8_t *p, size_t size)
{
    uint32_t crc = 0xFFFFFFFF;

    while (size--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

static void come_back(struct world *w, uint8_t who)
{
    for (uint8_t n = 0; n < SERVERS; n++) {
        if (who >> n & 1)
            publish(w, n, 0);
    }
    vmbus_host_restore_end(w->host);
}

static void save_restore(struct world *w, uint8_t who)
{
    uint8_t *image;
    size_t size;

    if (vmbus_host_save(w->host, NULL, 0, &size) != -ENOSPC)
        abort();
    image = malloc(size);
    if (vmbus_host_save(w->host, image, size, &size) != 0)
        abort();
    replace(w);
    /* What we have saved ourselves is accepted. */
    if (vmbus_host_restore(w->host, image, size) != 0)
        abort();
    free(image);
    come_back(w, who);
}

/* Restores what was saved with some bytes changed, as somebody who knows the
 * checksum can make it. */
static void forge(struct world *w, struct input *in)
{
    uint8_t edits = take(in), who = take(in);
    uint8_t *image;
    size_t size;
    uint32_t crc;

    vmbus_host_save(w->host, NULL, 0, &size);
    image = malloc(size);
    vmbus_host_save(w->host, image, size, &size);
    for (uint8_t n = 0; n < edits % 8; n++) {
        size_t at = take(in) | (size_t)take(in) << 8;

        image[24 + at % (size - 24)] ^= take(in);
    }
    crc = crc32(image + 24, size - 24);
    memcpy(image + 12, &crc, 4);
    if (edits & 8)
        image[take(in) % 24] ^= take(in);
    replace(w);
    if (edits & 16)
        w->s->fail_at = w->s->counts.allocations + take(in);
    if (edits & 32)
        size -= take(in) % size;
    if (vmbus_host_restore(w->host, image, size) == 0)
        come_back(w, who);
    w->s->fail_at = 0;
    free(image);
}

/* A host half of any config, made and thrown away. */
static void create(struct world *w, struct input *in)
{
    struct vmbus_host_ops some = ops;
    struct vmbus_host_config config = {
        .min_version = version_of(take(in)),
        .max_version = version_of(take(in)),
        .features = take_number(in),
        .max_channels = take_number(in),
        .monitor_gpa = {take_number(in), take_number(in)},
    };
    struct vmbus_host *h;

    if (config.max_channels == 1)
        some.post = NULL;
    if (config.max_channels == 2)
        some.signal = NULL;
    if (vmbus_host_create(w->s, &some, w, &config, &h) == 0)
        vmbus_host_destroy(h);
}

/* Everything that only looks. */
static void look(struct world *w, struct input *in)
{
    uint8_t rule = take(in);
    struct vmbus_host_connect request = {.service = {{rule}}};
    struct vmbus_host_channel_info info;

    if (!vmbus_host_rule_text((enum vmbus_host_rule)rule))
        abort();
    vmbus_host_rule_count(w->host, (enum vmbus_host_rule)rule);
    vmbus_host_connect_refuse(w->host, &request);
    for (unsigned n = 0; n < SERVERS; n++) {
        if (w->server[n].channel)
            vmbus_host_channel_info(w->server[n].channel, &info);
    }
}

/* ---- running ------------------------------------------------------------ */

static void operate(struct world *w, struct input *in)
{
    switch (take(in) % OPERATIONS) {
    case SAY_FIELDS:
        say_fields(w, in);
        break;
    case SAY_BYTES:
        say_bytes(w, in);
        break;
    case SAY_CONTACT:
        say_contact(w, in);
        break;
    case SAY_GPADL:
        say_gpadl(w, in);
        break;
    case SAY_OPEN:
        say_open(w, in);
        break;
    case SERVER:
        serve(w, in);
        break;
    case EVENT:
        w->pages[2048] = take(in);
        vmbus_host_event(w->host, take_number(in) | (take(in) & 0x20) << 8,
                         take(in) & 1);
        break;
    case MONITOR:
        w->pages[2 * 4096 + 8] = take(in);
        vmbus_host_monitor_poll(w->host);
        break;
    case ROOM:
        w->room = take(in);
        vmbus_host_pump(w->host);
        break;
    case RESET:
        vmbus_host_reset(w->host);
        break;
    case SAVE_RESTORE:
        save_restore(w, take(in));
        break;
    case FORGE:
        forge(w, in);
        break;
    case CREATE:
        create(w, in);
        break;
    case LOOK:
        look(w, in);
        break;
    case FAIL:
        w->s->fail_at = w->s->counts.allocations + take(in) % 16;
        break;
    }
}

static void check(struct world *w)
{
    struct vmbus_host_status status;

    vmbus_host_status(w->host, &status);
    if (status.undelivered > UNDELIVERED ||
        status.gpadl_pages > w->config.max_gpadl_pages ||
        status.gpadls > w->config.max_gpadls)
        abort();
    vmbus_host_monitors(w->host);
}

/* One seam for all inputs, as making one is slow; each input leaves it as it
 * was, with nothing held but the guest's pages. */
static void begin(struct world *w)
{
    static struct seam *s;
    static uint8_t *pages;
    static uint64_t pfns[FRAMES];

    if (!s) {
        s = hosted_create(1);
        pages = seam_pages_alloc(s, FRAMES, pfns);
    }
    memset(pages, 0, FRAMES * 4096);
    w->s = s;
    w->pages = pages;
    memcpy(w->pfns, pfns, sizeof(pfns));
}

static void end(struct world *w)
{
    replace(w);
    vmbus_host_destroy(w->host);
    if (w->s->counts.blocks || w->s->counts.mappings ||
        w->s->counts.pages != FRAMES)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct world w = {.room = 200, .connection = 1};
    uint8_t flags;

    begin(&w);
    w.config.max_version = version_of(take(&in) % 11);
    w.config.features =
        take(&in) & VMBUS_HOST_FEATURES & ~VMBUS_FEATURE_SERVER_MONITOR;
    w.config.max_channels = 4;
    w.config.max_gpadls = 8;
    w.config.max_gpadl_pages = 256;
    flags = take(&in);
    w.config.vp_count = flags & 2 ? 0 : 4;
    if (flags & 1) {
        w.config.features |= VMBUS_FEATURE_SERVER_MONITOR;
        w.config.monitor_gpa[0] = w.pfns[3] << 12;
        w.config.monitor_gpa[1] = w.pfns[2] << 12;
    }
    if (vmbus_host_create(w.s, &ops, &w, &w.config, &w.host) != 0)
        abort();
    for (unsigned step = 0; in.left && step < STEPS; step++) {
        operate(&w, &in);
        check(&w);
    }
    end(&w);
    return 0;
}
