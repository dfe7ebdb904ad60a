/* Both halves over the loopback: made, connected, moved, ended. */
#include "pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the platform ------------------------------------------------------- */

static int post(void *peer, uint32_t connection, uint32_t type,
                const void *payload, uint32_t size)
{
    struct pair *p = peer;
    int status;

    p->sending = true;
    status = vmbus_loopback_post(p->lb, connection, type, payload, size);
    p->sending = false;
    return status;
}

static int signal_event(void *peer, uint32_t connection, uint16_t flag)
{
    struct pair *p = peer;
    int status;

    p->sending = true;
    status = vmbus_loopback_signal(p->lb, connection, flag);
    p->sending = false;
    return status;
}

static void arrived(void *context, const void *payload, uint32_t size)
{
    struct pair *p = context;

    assert_int_equal(p->s->irql, SEAM_DISPATCH);
    assert_false(p->sending); /* never from inside the call that sent */
    vmbus_message_arrived(p->bus, payload, size);
}

static void event_arrived(void *context, uint32_t cpu, uint16_t flag,
                          bool first)
{
    struct pair *p = context;

    assert_int_equal(p->s->cpu, cpu);
    assert_false(p->sending);
    if (first)
        vmbus_event_now(p->bus, flag, cpu);
    else
        vmbus_event_arrived(p->bus, flag);
}

static const struct loopback_guest guest = {
    .message = arrived,
    .event = event_arrived,
};

static void offered(void *arg, struct vmbus_channel *c)
{
    struct pair *p = arg;

    (void)c;
    p->offered++;
}

static void rescinded(void *arg, struct vmbus_channel *c)
{
    struct pair *p = arg;

    (void)c;
    p->rescinded++;
}

static bool host_has(const struct pair *p, uint32_t feature)
{
    return (p->terms.features & feature) != 0;
}

/* ---- beginning and ending ----------------------------------------------- */

struct pair *pair_begin(const struct terms *terms)
{
    struct pair *p = calloc(1, sizeof(*p));
    struct vmbus_config config = {
        .features = terms->features & VMBUS_FEATURES_IMPLEMENTED,
    };

    assert_non_null(p);
    p->terms = *terms;
    p->s = hosted_create(4);
    p->s->post = post;
    p->s->signal = signal_event;
    p->s->peer = p;
    p->host_config.max_version = terms->version;
    /* Pages of the server's own are not part of this pair's platform. */
    p->host_config.features =
        terms->features & VMBUS_HOST_FEATURES & ~VMBUS_FEATURE_SERVER_MONITOR;
    assert_int_equal(vmbus_loopback_create(p->s, &p->host_config, &p->lb), 0);
    config.no_features = config.features == 0;
    if (host_has(p, VMBUS_FEATURE_CLIENT_ID))
        memset(config.client_id.bytes, 0xC1, 16);
    assert_int_equal(vmbus_bus_create(p->s, &config, &p->bus), 0);
    vmbus_loopback_attach(p->lb, &guest, p);
    p->observer.offered = offered;
    p->observer.rescinded = rescinded;
    p->observer.arg = p;
    vmbus_bus_observe(p->bus, &p->observer);
    return p;
}

void pair_end(struct pair *p)
{
    for (unsigned rule = 0; rule < VMBUS_HOST_RULE_COUNT; rule++) {
        if (vmbus_host_rule_count(pair_host(p), rule))
            print_error("the guest half broke: %s\n",
                        vmbus_host_rule_text(rule));
        assert_int_equal(vmbus_host_rule_count(pair_host(p), rule), 0);
    }
    if (!p->starved)
        assert_int_equal(vmbus_bus_stats(p->bus)->messages_refused, 0);
    assert_int_equal(vmbus_bus_stats(p->bus)->rings_bad, 0);
    if (vmbus_bus_connected(p->bus))
        assert_int_equal(vmbus_bus_unload(p->bus), 0);
    vmbus_bus_unobserve(p->bus, &p->observer);
    hosted_run(p->s);
    vmbus_bus_destroy(p->bus);
    vmbus_loopback_attach(p->lb, NULL, NULL);
    for (unsigned n = 4; n-- > 0;) {
        if (p->echo[n].channel)
            pair_withdraw(p, n);
    }
    vmbus_loopback_destroy(p->lb);
    hosted_destroy(p->s, 0);
    free(p);
}

void pair_connect(struct pair *p)
{
    assert_int_equal(vmbus_bus_connect(p->bus), 0);
    assert_int_equal(vmbus_bus_version(p->bus), p->terms.version);
    hosted_run(p->s);
}

struct vmbus_host *pair_host(struct pair *p)
{
    return vmbus_loopback_host(p->lb);
}

struct vmbus_host_status pair_status(struct pair *p)
{
    struct vmbus_host_status status;

    vmbus_host_status(pair_host(p), &status);
    return status;
}

/* ---- a new host half in the place of the old one ------------------------ */

void pair_move(struct pair *p)
{
    bool published[4];
    uint8_t *image;
    size_t size;

    assert_int_equal(vmbus_host_save(pair_host(p), NULL, 0, &size), -ENOSPC);
    image = malloc(size);
    assert_int_equal(vmbus_host_save(pair_host(p), image, size, &size), 0);
    vmbus_host_reset(pair_host(p));
    for (unsigned n = 4; n-- > 0;) {
        published[n] = p->echo[n].channel != NULL;
        if (published[n])
            vmbus_host_withdraw(p->echo[n].channel);
    }
    assert_int_equal(vmbus_loopback_restart(p->lb, &p->host_config), 0);
    assert_int_equal(vmbus_host_restore(pair_host(p), image, size), 0);
    free(image);
    for (unsigned n = 0; n < 4; n++) {
        if (published[n])
            pair_publish(p, n, p->echo[n].instance, p->echo[n].index);
    }
    vmbus_host_restore_end(pair_host(p));
    hosted_run(p->s);
}
