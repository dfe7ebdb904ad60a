/* The two halves: channels opened, closed, rescinded, modified. */
#include "halves.h"

#include <errno.h>

static void opens_and_closes(const struct terms *t)
{
    struct pair *p = begin_offered(t);

    for (unsigned n = 0; n < 20; n++) {
        pair_open(p, 1, 0, 1 + n, n % 4);
        pair_echo(p, 2);
        pair_close(p, p->c);
    }
    assert_int_equal(p->echo[0].opens, 20);
    assert_int_equal(p->echo[0].closes, 20);
    pair_end(p);
}

static void servers_take_their_time(const struct terms *t)
{
    struct pair *p = begin_offered(t);
    struct outcome o = {0};
    struct vmbus_channel *c = pair_open(p, 1, 0, 1, 0);

    start_close(p, c, &o);
    vmbus_host_close_answer(p->echo[0].channel);
    await(p, &o, 0);
    pair_unclaim(p, c);
    pair_end(p);
}

static void an_open_that_its_server_refuses_fails(const struct terms *t)
{
    struct pair *p = begin_offered(t);
    struct echo *e = &p->echo[0];
    struct outcome o = {0};
    struct vmbus_channel *c = start_open(p, &o);

    e->open = false;
    vmbus_host_open_answer(e->channel, 0xC0000022);
    await(p, &o, -EIO);
    assert_int_equal(o.host_status, 0xC0000022);
    assert_int_equal(pair_status(p).gpadls, 0);
    pair_unclaim(p, c);
    pair_end(p);
}

static void rescinded_when_offered(const struct terms *t)
{
    struct pair *p = begin_offered(t);

    pair_withdraw(p, 0);
    assert_int_equal(p->rescinded, 1);
    assert_int_equal(pair_status(p).channels, 0); /* released */
    assert_null(vmbus_bus_next(p->bus, NULL));
    pair_publish(p, 0, 1, 0);
    assert_int_equal(p->offered, 2);
    pair_end(p);
}

static void rescinded_when_open(const struct terms *t)
{
    struct pair *p = begin_offered(t);
    struct vmbus_channel *c = pair_open(p, 1, 0, 2, 1);

    pair_echo(p, 3);
    pair_withdraw(p, 0);
    assert_int_equal(p->rescinded, 1);
    assert_true(vmbus_channel_rescinded(c));
    assert_int_equal(pair_status(p).channels, 1);
    pair_close(p, c);
    assert_int_equal(pair_status(p).channels, 0);
    pair_publish(p, 0, 1, 0); /* the relid is used again */
    pair_open(p, 1, 0, 2, 1);
    p->last_transaction = 0;
    pair_echo(p, 3);
    pair_close(p, p->c);
    pair_end(p);
}

static void rescinded_when_opening(const struct terms *t)
{
    struct pair *p = begin_offered(t);
    struct outcome o = {0};
    struct vmbus_channel *c = start_open(p, &o);

    pair_withdraw(p, 0);
    await(p, &o, -ENODEV);
    pair_unclaim(p, c);
    assert_int_equal(pair_status(p).channels, 0);
    pair_end(p);
}

static void subchannels(const struct terms *t)
{
    struct pair *p = begin_offered(t);
    struct vmbus_channel *primary, *sub[2];

    primary = pair_open(p, 1, 0, 1, 0);
    pair_publish(p, 1, 1, 1);
    pair_publish(p, 2, 1, 2);
    for (uint16_t n = 0; n < 2; n++) {
        sub[n] = pair_open(p, 1, (uint16_t)(n + 1), 1, n + 1u);
        p->c = sub[n];
        p->last_transaction = 0;
        pair_echo(p, 5);
        assert_int_equal(p->echo[n + 1].packets, 5);
    }
    assert_int_equal(pair_status(p).open_channels, 3);
    assert_int_equal(vmbus_channel_close(primary), -EBUSY);
    pair_close(p, sub[1]);
    pair_close(p, sub[0]);
    pair_close(p, primary);
    p->c = NULL;
    pair_end(p);
}

static void modified(const struct terms *t)
{
    struct pair *p = begin_offered(t);
    struct vmbus_channel *c = pair_open(p, 1, 0, 1, 1);

    pair_echo(p, 1);
    if (t->version < 0x00040001) {
        assert_int_equal(vmbus_channel_set_cpu(c, 3), -ENOTSUP);
    } else {
        struct vmbus_host_channel_info info;

        assert_int_equal(p->event_cpu, 1);
        assert_int_equal(vmbus_channel_set_cpu(c, 3), 0);
        hosted_run(p->s);
        vmbus_host_channel_info(p->echo[0].channel, &info);
        assert_int_equal(info.target_vp, seam_vp_index(p->s, 3));
        pair_echo(p, 1);
        assert_int_equal(p->event_cpu, 3);
    }
    pair_close(p, c);
    pair_end(p);
}

int main(void)
{
    static const struct scenario scenarios[] = {
        SCENARIO(opens_and_closes),
        SCENARIO(servers_take_their_time),
        SCENARIO(an_open_that_its_server_refuses_fails),
        SCENARIO(rescinded_when_offered),
        SCENARIO(rescinded_when_open),
        SCENARIO(rescinded_when_opening),
        SCENARIO(subchannels),
        SCENARIO(modified),
    };

    return halves_run("halves.channel", scenarios,
                      sizeof(scenarios) / sizeof(scenarios[0]));
}
