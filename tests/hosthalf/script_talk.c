/* The guest speaks, and hears. */
#include "script.h"

#include <string.h>

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

void say_open(struct script *s, uint32_t relid, uint32_t open_id,
              uint32_t gpadl, uint32_t vp, uint32_t downstream)
{
    const struct bytes b = open_message(relid, open_id, gpadl, vp, downstream);

    say(s, &b);
}

void say_gpadl_header(struct script *s, uint32_t relid, uint32_t handle,
                      uint32_t size, uint32_t offset, const uint64_t *pfns,
                      uint32_t count)
{
    const struct bytes b =
        gpadl_header(relid, handle, size, offset, pfns, count);

    say(s, &b);
}

void say_gpadl_body(struct script *s, uint32_t handle, const uint64_t *pfns,
                    uint32_t count)
{
    const struct bytes b = gpadl_body(handle, pfns, count);

    say(s, &b);
}

void say_gpadl(struct script *s, uint32_t relid, uint32_t handle,
               const uint64_t *pfns, uint32_t count)
{
    say_gpadl_header(s, relid, handle, count * 4096, 0, pfns, count);
    for (uint32_t at = 26; at < count; at += 28)
        say_gpadl_body(s, handle, pfns + at, count - at < 28 ? count - at : 28);
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

uint32_t hear_offer(struct script *s)
{
    const struct bytes b = hear_type(s, 1, 196);

    return get32(&b, 184);
}

void hear_rescind(struct script *s, uint32_t relid)
{
    const struct bytes b = hear_type(s, 2, 12);

    assert_int_equal(get32(&b, 8), relid);
}

/* A message of 20 bytes: two numbers of the request, and its status. */
static void hear_answer(struct script *s, uint32_t type, uint32_t relid,
                        uint32_t request, uint32_t status)
{
    const struct bytes b = hear_type(s, type, 20);

    assert_int_equal(get32(&b, 8), relid);
    assert_int_equal(get32(&b, 12), request);
    assert_int_equal(get32(&b, 16), status);
}

void hear_result(struct script *s, uint32_t relid, uint32_t open_id,
                 uint32_t status)
{
    hear_answer(s, 6, relid, open_id, status);
}

void hear_created(struct script *s, uint32_t relid, uint32_t handle,
                  uint32_t status)
{
    hear_answer(s, 10, relid, handle, status);
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
