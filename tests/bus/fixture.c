/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

void outcome_done(void *arg, int status, uint32_t host_status)
{
    struct outcome *o = arg;

    o->calls++;
    o->status = status;
    o->host_status = host_status;
}

static enum vmbus_event_result event(void *arg)
{
    struct fixture *f = arg;
    enum vmbus_event_result result = f->event_result;

    assert_int_equal(f->s->irql, SEAM_DISPATCH);
    f->events++;
    f->event_cpu = f->s->cpu;
    if (result == VMBUS_EVENT_MORE)
        f->event_result = VMBUS_EVENT_DRAINED;
    return result;
}

int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->s = hosted_create(2);
    f->p = peer_create(f->s);
    f->open.tx_pages = 2;
    f->open.rx_pages = 2;
    f->open.cpu = 1;
    f->open.event = event;
    f->open.arg = f;
    *state = f;
    return 0;
}

/* Whatever the test left open is closed here: nothing may be left. */
int fixture_teardown(void **state)
{
    struct fixture *f = *state;

    if (f->bus) {
        hosted_run(f->s);
        vmbus_bus_unload(f->bus);
        if (f->c) {
            vmbus_channel_close(f->c);
            vmbus_channel_unclaim(f->c);
        }
        vmbus_bus_destroy(f->bus);
    }
    peer_destroy(f->p);
    hosted_destroy(f->s, f->leaked);
    free(f);
    return 0;
}

void fixture_bus(struct fixture *f)
{
    assert_int_equal(vmbus_bus_create(f->s, &f->config, &f->bus), 0);
    f->p->bus = f->bus;
}

void fixture_connect(struct fixture *f)
{
    if (!f->bus)
        fixture_bus(f);
    assert_int_equal(vmbus_bus_connect(f->bus), 0);
    assert_true(vmbus_bus_connected(f->bus));
}

void fixture_channel(struct fixture *f)
{
    peer_offer(f->p, 5, 0x55, 0);
    fixture_connect(f);
    f->c = fixture_claim(f);
}

void fixture_open(struct fixture *f)
{
    if (!f->c)
        fixture_channel(f);
    assert_int_equal(vmbus_channel_open(f->c, &f->open), 0);
    assert_true(vmbus_channel_is_open(f->c));
    hosted_run(f->s);
    f->events = 0;
}

struct vmbus_channel *fixture_claim(struct fixture *f)
{
    struct vmbus_channel *c = vmbus_bus_find(f->bus, NULL, NULL, 0);

    assert_non_null(c);
    assert_int_equal(vmbus_channel_claim(c), 0);
    return c;
}

void fixture_deliver_one(struct fixture *f)
{
    assert_true(f->s->act(f->s->peer));
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void fixture_wait_a_second(struct fixture *f)
{
    uint64_t end = seam_now(f->s) + SEAM_S;

    assert_int_equal(seam_wait(f->s, never, NULL, end, "nothing"), -ETIMEDOUT);
}

uint8_t *fixture_contact_page(struct fixture *f, uint32_t at)
{
    const uint8_t *contact = peer_got(f->p, 14, 0)->bytes;

    return hosted_frame(f->s, peer_u64(contact, at) / 4096);
}

void fixture_nothing_is_left(struct fixture *f)
{
    assert_false(vmbus_channel_is_open(f->c));
    /* only the connection's own three pages */
    assert_int_equal(f->s->counts.pages, 3);
    assert_int_equal(f->s->counts.mappings, 0);
    assert_int_equal(vmbus_bus_stats(f->bus)->pages_leaked, 0);
}

void fixture_version(struct fixture *f, uint32_t version)
{
    f->config.newest = version;
    f->config.oldest = version;
    f->p->newest = version;
}

uint64_t fixture_refused(const struct fixture *f)
{
    return vmbus_bus_stats(f->bus)->messages_refused;
}
