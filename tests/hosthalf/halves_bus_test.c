/* The two halves: connected, unloaded, moved, side by side, starved. */
#include "halves.h"

#include <errno.h>

static void connects(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_host_status status;

    pair_publish(p, 0, 1, 0);
    pair_publish(p, 1, 2, 0);
    pair_connect(p);
    status = pair_status(p);
    assert_int_equal(status.version, t->version);
    assert_int_equal(status.features, t->features & VMBUS_FEATURES_IMPLEMENTED);
    assert_int_equal(vmbus_bus_features(p->bus), status.features);
    if (status.features & VMBUS_FEATURE_CLIENT_ID)
        assert_int_equal(status.client_id.bytes[7], 0xC1);
    assert_int_equal(p->offered, 2);
    pair_publish(p, 2, 3, 0); /* hot */
    assert_int_equal(p->offered, 3);
    pair_end(p);
}

static void unloads_and_reconnects(const struct terms *t)
{
    struct pair *p = pair_begin(t);

    pair_publish(p, 0, 1, 0);
    for (unsigned n = 1; n <= 10; n++) {
        struct vmbus_channel *c;

        pair_connect(p);
        c = pair_open(p, 1, 0, 2, 0);
        p->last_transaction = 0;
        pair_echo(p, 2);
        assert_int_equal(vmbus_bus_unload(p->bus), 0);
        assert_false(pair_status(p).connected);
        assert_int_equal(pair_status(p).gpadls, 0);
        assert_int_equal(p->echo[0].closes, n);
        pair_close(p, c);
    }
    pair_end(p);
}

static void saved_and_restored(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_channel *c;
    struct outcome o = {0};

    pair_publish(p, 0, 1, 0);
    pair_publish(p, 1, 2, 0);
    pair_move(p); /* nobody there */
    pair_connect(p);
    pair_move(p); /* connected, all offered */
    assert_int_equal(p->offered, 2);
    c = pair_open(p, 1, 0, 2, 2);
    pair_echo(p, 5);
    for (unsigned n = 1; n <= 5; n++) {
        pair_move(p); /* open, the rings as they are */
        assert_int_equal(p->echo[0].restores, n);
        pair_echo(p, 5);
    }
    start_close(p, c, &o);
    p->echo[0].hold_close = false;
    assert_int_equal(p->rescinded, 0);
    vmbus_host_close_answer(p->echo[0].channel);
    await(p, &o, 0);
    pair_unclaim(p, c);
    pair_end(p);
}

static void hv_sock_is_refused(const struct terms *t)
{
    struct pair *p = pair_begin(t);
    struct vmbus_guid endpoint = {{1}}, service = {{2}};
    int status;

    pair_connect(p);
    status = vmbus_tl_connect(p->bus, &endpoint, &service, NULL);
    assert_int_equal(status, t->version < 0x00040000   ? -ENOTSUP
                             : t->version < 0x00040001 ? -ETIMEDOUT
                                                       : -ECONNREFUSED);
    pair_end(p);
}

static void two_beside_each_other(const struct terms *t)
{
    static const struct terms other = {0x00040000, 0};
    struct pair *a = begin_offered(t), *b = begin_offered(&other);

    pair_open(a, 1, 0, 1, 0);
    pair_open(b, 1, 0, 1, 3);
    for (unsigned n = 0; n < 10; n++) {
        pair_echo(a, 2);
        pair_echo(b, 3);
    }
    assert_int_equal(a->echo[0].packets, 20);
    assert_int_equal(b->echo[0].packets, 30);
    pair_close(a, a->c);
    pair_close(b, b->c);
    pair_end(a);
    pair_end(b);
}

/* Connects, opens and closes as far as memory allows. */
static void attempt(struct pair *p)
{
    const struct vmbus_open open = pair_parameters(p, 1, 1);
    struct vmbus_channel *c;

    if (vmbus_bus_connect(p->bus) != 0)
        return;
    c = vmbus_bus_next(p->bus, NULL);
    if (!c || vmbus_channel_claim(c) != 0)
        return;
    p->c = c;
    if (vmbus_channel_open(c, &open) == 0) {
        p->s->fail_at = 0;
        pair_echo(p, 1);
        assert_int_equal(vmbus_channel_close(c), 0);
    }
    vmbus_channel_unclaim(c);
    p->c = NULL;
}

/* Neither half may leak, hang or break a rule, whatever cannot be had. */
static void each_allocation_fails_once(const struct terms *t)
{
    uint64_t failed;

    for (uint64_t n = 1;; n++) {
        struct pair *p = pair_begin(t);

        p->starved = true;
        pair_publish(p, 0, 1, 0);
        p->s->fail_at = p->s->counts.allocations + n;
        attempt(p);
        p->s->fail_at = 0;
        hosted_advance(p->s, SEAM_S);
        failed = p->s->counts.failed;
        pair_end(p);
        if (failed == 0)
            break;
    }
}

int main(void)
{
    static const struct scenario scenarios[] = {
        SCENARIO(connects),
        SCENARIO(unloads_and_reconnects),
        SCENARIO(saved_and_restored),
        SCENARIO(hv_sock_is_refused),
        SCENARIO(two_beside_each_other),
        SCENARIO(each_allocation_fails_once),
    };

    return halves_run("halves.bus", scenarios,
                      sizeof(scenarios) / sizeof(scenarios[0]));
}
