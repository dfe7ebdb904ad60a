/* Whole steps of a guest: connected, offered, open, closed. */
#include "script.h"

struct bytes contact_gives(struct script *s, const struct bytes *b,
                           uint8_t supported, uint8_t connection_state)
{
    struct bytes answer;

    say(s, b);
    answer = hear(s);
    assert_int_equal(get32(&answer, 0), 15);
    assert_int_equal(answer.at[8], supported);
    assert_int_equal(answer.at[9], connection_state);
    assert_int_equal(status_of(s).connected,
                     supported == 1 && connection_state == 0);
    return answer;
}

struct bytes connect_from(struct script *s, uint32_t version, uint32_t vp)
{
    struct bytes b = contact(version, vp), answer;
    uint64_t interrupt = 0;
    void *page = NULL;

    /* The page may go at once: the host half holds its own mapping. */
    if (version < 0x00020004) {
        page = seam_pages_alloc(s->seam, 1, &interrupt);
        put64(&b, 16, interrupt << 12);
    }
    s->connection = version >= 0x00050000 ? 4 : 1;
    answer = contact_gives(s, &b, 1, 0);
    assert_int_equal(status_of(s).version, version);
    if (page)
        seam_pages_free(s->seam, page, 1);
    return answer;
}

void connect_at(struct script *s, uint32_t version)
{
    connect_from(s, version, 0);
}

void connect_with(struct script *s, uint32_t features)
{
    struct bytes b = contact(0x00060000, 0);

    put32(&b, 20, features);
    if (features & 8)
        b.size = 56;
    s->connection = 4;
    contact_gives(s, &b, 1, 0);
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

void begin_featured(struct script *s, struct server *v,
                    const struct vmbus_host_config *config)
{
    configure(s, config);
    if (v)
        publish(s, v, 1, 1, 0);
    connect_with(s, config->features);
    take_offers(s);
}

void share(struct script *s, uint32_t relid, uint32_t handle,
           const uint64_t *pfns, uint32_t count)
{
    say_gpadl(s, relid, handle, pfns, count);
    hear_created(s, relid, handle, 0);
}

void *share_rings(struct script *s, uint32_t relid, uint32_t handle)
{
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(s->seam, 4, pfns);

    share(s, relid, handle, pfns, 4);
    return pages;
}

void *begin_open(struct script *s, struct server *v, uint32_t version)
{
    struct bytes b = open_message(1, 0x77, RING_GPADL, 0, 2);
    void *pages;

    begin_offered(s, v, version);
    pages = share_rings(s, 1, RING_GPADL);
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

void *begin_closing(struct script *s, struct server *v, uint32_t version)
{
    void *pages = begin_open(s, v, version);

    assert_true(v->holds_close);
    say_relid(s, 7, 1);
    say_teardown(s, 1, RING_GPADL);
    hear_nothing(s);
    return pages;
}

void release_last(struct script *s, uint32_t relid)
{
    say_relid(s, 13, relid);
    assert_int_equal(status_of(s).channels, 0);
}

void release_and_free(struct script *s, void *pages, uint32_t count)
{
    say_teardown(s, 1, RING_GPADL);
    hear_torndown(s, RING_GPADL);
    release_last(s, 1);
    seam_pages_free(s->seam, pages, count);
}
