#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct vmbus_host_config any_guest = {.vp_count = 4};

/* ---- the platform ------------------------------------------------------- */

static int post(void *context, uint32_t vp, uint8_t sint, const void *payload,
                uint32_t size)
{
    struct script *s = context;
    struct heard *h;

    if (s->room == 0)
        return -EAGAIN;
    if (s->room != UINT32_MAX)
        s->room--;
    if (s->post_status)
        return s->post_status;
    assert_true(s->heard_count < HEARD_MAX);
    assert_true(size <= 240);
    h = &s->heard[(s->heard_first + s->heard_count++) % HEARD_MAX];
    h->vp = vp;
    h->sint = sint;
    h->message.size = size;
    memcpy(h->message.at, payload, size);
    return 0;
}

static int signal_guest(void *context, uint32_t vp, uint8_t sint, uint16_t flag)
{
    struct script *s = context;

    s->signals[s->signal_count++ % 64] =
        (struct signalled){.vp = vp, .sint = sint, .flag = flag};
    return 0;
}

static int want_service(void *context, const struct vmbus_host_connect *request)
{
    struct script *s = context;

    s->connect = *request;
    s->connects++;
    return s->connect_status;
}

static void rule_broken(void *context, enum vmbus_host_rule rule, uint32_t type,
                        uint32_t relid)
{
    struct script *s = context;

    s->rules++;
    s->last_rule = rule;
    s->last_type = type;
    s->last_relid = relid;
}

const struct vmbus_host_ops ops_of_script = {
    .post = post,
    .signal = signal_guest,
    .connect = want_service,
    .rule_broken = rule_broken,
};

struct vmbus_host *script_another(struct script *s,
                                  const struct vmbus_host_config *config)
{
    struct vmbus_host *h = NULL;

    assert_int_equal(vmbus_host_create(s->seam, &ops_of_script, s, config, &h),
                     0);
    return h;
}

struct script *script_begin(const struct vmbus_host_config *config)
{
    struct script *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    s->seam = hosted_create(1);
    s->room = UINT32_MAX;
    s->connection = 1;
    s->connect_status = -ECONNREFUSED;
    s->host = script_another(s, config);
    return s;
}

void script_end(struct script *s)
{
    uint64_t left;
    jmp_buf out;

    /* A test that has failed leaves its channels behind. */
    s->seam->on_assert = &out;
    if (setjmp(out) != 0) {
        print_error("not ended: %s\n", s->seam->assert_hint);
        return;
    }
    vmbus_host_destroy(s->host);
    left = s->seam->counts.pages;
    hosted_destroy(s->seam, left);
    free(s);
    assert_int_equal(left, 0);
}

/* ---- a server ----------------------------------------------------------- */

static void opened(void *context, struct vmbus_host_channel *channel,
                   const struct vmbus_host_open *open)
{
    struct server *v = context;

    /* On a restore it comes before vmbus_host_offer has returned. */
    v->channel = channel;
    v->opened++;
    v->open = *open;
    if (!v->holds_open)
        vmbus_host_open_answer(channel, v->refuse);
}

static void closed(void *context, struct vmbus_host_channel *channel)
{
    struct server *v = context;

    v->closed++;
    if (v->other) {
        assert_int_equal(vmbus_host_signal(channel), -ENOTCONN);
        vmbus_host_open_answer(v->other->channel, 0);
    }
    if (v->withdraws)
        withdraw(v);
    else if (!v->holds_close)
        vmbus_host_close_answer(channel);
}

static void signalled(void *context, struct vmbus_host_channel *channel)
{
    struct server *v = context;

    assert_ptr_equal(v->channel, channel);
    assert_int_equal(seam_irql(v->script->seam), SEAM_DISPATCH);
    v->signalled++;
}

static void gpadl_created(void *context, struct vmbus_host_channel *channel,
                          uint32_t handle)
{
    struct server *v = context;

    assert_ptr_equal(v->channel, channel);
    v->created++;
    v->handle = handle;
}

static void gpadl_teardown(void *context, struct vmbus_host_channel *channel,
                           uint32_t handle)
{
    struct server *v = context;

    v->torn++;
    v->handle = handle;
    if (!v->holds_gpadl)
        vmbus_host_gpadl_unmap(channel, handle);
}

const struct vmbus_host_server noting_server = {
    .opened = opened,
    .closed = closed,
    .signalled = signalled,
    .gpadl_created = gpadl_created,
    .gpadl_teardown = gpadl_teardown,
};

struct vmbus_host_offer an_offer(uint8_t type, uint8_t instance,
                                 uint16_t subchannel)
{
    struct vmbus_host_offer o = {.subchannel = subchannel};

    memset(o.type.bytes, type, 16);
    memset(o.instance.bytes, instance, 16);
    return o;
}

void publish(struct script *s, struct server *v, uint8_t type, uint8_t instance,
             uint16_t subchannel)
{
    struct vmbus_host_offer o = an_offer(type, instance, subchannel);

    v->script = s;
    assert_int_equal(
        vmbus_host_offer(s->host, &o, &noting_server, v, &v->channel), 0);
}

void withdraw(struct server *v)
{
    vmbus_host_withdraw(v->channel);
    v->channel = NULL;
}

/* ---- bytes -------------------------------------------------------------- */

struct bytes message(uint32_t type, uint32_t size)
{
    struct bytes b = {.size = size};

    put32(&b, 0, type);
    return b;
}

struct bytes hex(const char *text)
{
    struct bytes b = {.size = 0};
    unsigned value;
    int used;

    while (sscanf(text, " %2x%n", &value, &used) == 1) {
        b.at[b.size++] = (uint8_t)value;
        text += used;
    }
    return b;
}

static void put(struct bytes *b, uint32_t at, uint64_t value, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        b->at[at + i] = (uint8_t)(value >> 8 * i);
}

void put8(struct bytes *b, uint32_t at, uint8_t value)
{
    put(b, at, value, 1);
}

void put16(struct bytes *b, uint32_t at, uint16_t value)
{
    put(b, at, value, 2);
}

void put32(struct bytes *b, uint32_t at, uint32_t value)
{
    put(b, at, value, 4);
}

void put64(struct bytes *b, uint32_t at, uint64_t value)
{
    put(b, at, value, 8);
}

static uint64_t get(const struct bytes *b, uint32_t at, uint32_t size)
{
    uint64_t value = 0;

    assert_true(at + size <= b->size);
    for (uint32_t i = 0; i < size; i++)
        value |= (uint64_t)b->at[at + i] << 8 * i;
    return value;
}

uint32_t get16(const struct bytes *b, uint32_t at)
{
    return (uint32_t)get(b, at, 2);
}

uint32_t get32(const struct bytes *b, uint32_t at)
{
    return (uint32_t)get(b, at, 4);
}

uint64_t get64(const struct bytes *b, uint32_t at)
{
    return get(b, at, 8);
}

/* ---- the guest speaks --------------------------------------------------- */

void say(struct script *s, const struct bytes *b)
{
    assert_int_equal(vmbus_host_message(s->host, s->connection, b->at, b->size),
                     0);
}

void say_hex(struct script *s, const char *text)
{
    const struct bytes b = hex(text);

    say(s, &b);
}

void say_header(struct script *s, uint32_t type)
{
    const struct bytes b = message(type, 8);

    say(s, &b);
}

void say_relid(struct script *s, uint32_t type, uint32_t relid)
{
    struct bytes b = message(type, 12);

    put32(&b, 8, relid);
    say(s, &b);
}

/* A contact as Linux sends it: 40 bytes, from 5.0 on with SINT 2. */
struct bytes contact(uint32_t version, uint32_t vp)
{
    struct bytes b = message(14, 40);

    put32(&b, 8, version);
    put32(&b, 12, vp);
    if (version >= 0x00050000)
        put8(&b, 16, 2);
    return b;
}

struct bytes open_message(uint32_t relid, uint32_t open_id, uint32_t gpadl,
                          uint32_t vp, uint32_t downstream)
{
    struct bytes b = message(5, 148);

    put32(&b, 8, relid);
    put32(&b, 12, open_id);
    put32(&b, 16, gpadl);
    put32(&b, 20, vp);
    put32(&b, 24, downstream);
    return b;
}

struct bytes gpadl_header(uint32_t relid, uint32_t handle, uint32_t size,
                          uint32_t offset, const uint64_t *pfns, uint32_t count)
{
    uint32_t here = count < 26 ? count : 26;
    struct bytes b = message(8, 28 + 8 * here);

    put32(&b, 8, relid);
    put32(&b, 12, handle);
    put16(&b, 16, (uint16_t)(8 + 8 * count));
    put16(&b, 18, 1);
    put32(&b, 20, size);
    put32(&b, 24, offset);
    for (uint32_t i = 0; i < here; i++)
        put64(&b, 28 + 8 * i, pfns[i]);
    return b;
}

struct bytes gpadl_body(uint32_t handle, const uint64_t *pfns, uint32_t count)
{
    struct bytes b = message(9, 16 + 8 * count);

    put32(&b, 12, handle);
    for (uint32_t i = 0; i < count; i++)
        put64(&b, 16 + 8 * i, pfns[i]);
    return b;
}

void say_gpadl(struct script *s, uint32_t relid, uint32_t handle,
               const uint64_t *pfns, uint32_t count)
{
    struct bytes b = gpadl_header(relid, handle, count * 4096, 0, pfns, count);

    say(s, &b);
    for (uint32_t at = 26; at < count; at += 28) {
        b = gpadl_body(handle, pfns + at, count - at < 28 ? count - at : 28);
        say(s, &b);
    }
}

void say_teardown(struct script *s, uint32_t relid, uint32_t handle)
{
    struct bytes b = message(11, 16);

    put32(&b, 8, relid);
    put32(&b, 12, handle);
    say(s, &b);
}

void say_modify(struct script *s, uint32_t relid, uint32_t vp)
{
    struct bytes b = message(22, 16);

    put32(&b, 8, relid);
    put32(&b, 12, vp);
    say(s, &b);
}

/* ---- the guest hears ---------------------------------------------------- */

struct bytes hear(struct script *s)
{
    struct bytes b;

    assert_true(s->heard_count > 0);
    b = s->heard[s->heard_first].message;
    s->heard_first = (s->heard_first + 1) % HEARD_MAX;
    s->heard_count--;
    return b;
}

void hear_hex(struct script *s, const char *text)
{
    const struct bytes expected = hex(text), found = hear(s);

    assert_int_equal(found.size, expected.size);
    assert_memory_equal(found.at, expected.at, expected.size);
}

void hear_nothing(struct script *s)
{
    if (s->heard_count)
        print_error("heard message type %u\n",
                    get32(&s->heard[s->heard_first].message, 0));
    assert_int_equal(s->heard_count, 0);
}

struct bytes hear_type(struct script *s, uint32_t type, uint32_t size)
{
    const struct bytes b = hear(s);

    assert_int_equal(get32(&b, 0), type);
    assert_int_equal(get32(&b, 4), 0);
    assert_int_equal(b.size, size);
    return b;
}

void hear_result(struct script *s, uint32_t relid, uint32_t open_id,
                 uint32_t status)
{
    const struct bytes b = hear_type(s, 6, 20);

    assert_int_equal(get32(&b, 8), relid);
    assert_int_equal(get32(&b, 12), open_id);
    assert_int_equal(get32(&b, 16), status);
}

void hear_created(struct script *s, uint32_t relid, uint32_t handle,
                  uint32_t status)
{
    const struct bytes b = hear_type(s, 10, 20);

    assert_int_equal(get32(&b, 8), relid);
    assert_int_equal(get32(&b, 12), handle);
    assert_int_equal(get32(&b, 16), status);
}

void hear_torndown(struct script *s, uint32_t handle)
{
    const struct bytes b = hear_type(s, 12, 12);

    assert_int_equal(get32(&b, 8), handle);
}

void forget_heard(struct script *s)
{
    s->heard_count = 0;
}

/* ---- whole steps -------------------------------------------------------- */

void connect_at(struct script *s, uint32_t version)
{
    struct bytes b = contact(version, 0);
    uint64_t interrupt = 0;
    void *page = NULL;

    /* The page may go at once: the host half holds its own mapping. */
    if (version < 0x00020004) {
        page = seam_pages_alloc(s->seam, 1, &interrupt);
        put64(&b, 16, interrupt << 12);
    }
    s->connection = version >= 0x00050000 ? 4 : 1;
    say(s, &b);
    b = hear(s);
    assert_int_equal(get32(&b, 0), 15);
    assert_int_equal(b.at[8], 1);
    assert_int_equal(b.at[9], 0);
    assert_int_equal(status_of(s).version, version);
    if (page)
        seam_pages_free(s->seam, page, 1);
}

void connect_with(struct script *s, uint32_t features)
{
    struct bytes b = contact(0x00060000, 0);

    put32(&b, 20, features);
    if (features & 8)
        b.size = 56;
    s->connection = 4;
    say(s, &b);
    b = hear(s);
    assert_int_equal(get32(&b, 0), 15);
    assert_int_equal(b.at[8], 1);
    assert_int_equal(b.at[9], 0);
}

void take_offers(struct script *s)
{
    struct bytes b;

    say_header(s, 3);
    do
        b = hear(s);
    while (get32(&b, 0) == 1);
    assert_int_equal(get32(&b, 0), 4);
}

void begin_offered(struct script *s, struct server *v, uint32_t version)
{
    publish(s, v, 0x11, 0x22, 0);
    connect_at(s, version);
    take_offers(s);
}

void *begin_open(struct script *s, struct server *v, uint32_t version)
{
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);
    struct bytes b;

    begin_offered(s, v, version);
    say_gpadl(s, 1, RING_GPADL, pfns, 4);
    hear_created(s, 1, RING_GPADL, 0);
    b = open_message(1, 0x77, RING_GPADL, 0, 2);
    if (version >= 0x00060000)
        b.size = 156;
    say(s, &b);
    if (!v->holds_open)
        hear_result(s, 1, 0x77, v->refuse);
    return pages;
}

void close_and_free(struct script *s, void *pages, uint32_t count)
{
    say_relid(s, 7, 1);
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    seam_pages_free(s->seam, pages, count);
}

void broke(struct script *s, enum vmbus_host_rule rule)
{
    if (s->rules != 1 || s->last_rule != rule)
        print_error("%u breaches, last: %s\n", s->rules,
                    s->rules ? vmbus_host_rule_text(s->last_rule) : "none");
    assert_int_equal(s->rules, 1);
    assert_int_equal(s->last_rule, rule);
    s->rules = 0;
}

void broke_nothing(struct script *s)
{
    if (s->rules)
        print_error("breach: %s\n", vmbus_host_rule_text(s->last_rule));
    assert_int_equal(s->rules, 0);
}

struct vmbus_host_status status_of(struct script *s)
{
    struct vmbus_host_status status;

    vmbus_host_status(s->host, &status);
    return status;
}

struct vmbus_host_channel_info info_of(const struct server *v)
{
    struct vmbus_host_channel_info info;

    vmbus_host_channel_info(v->channel, &info);
    return info;
}
