/*
 * The tests' world on the build machine: the deterministic seam, a loopback,
 * a bus on it, KMCL on both halves.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "hosted.h"
#include "host.h"
#include "loopback.h"
#include "runner.h"
#include "vmbus.h"

struct platform {
    struct seam *s;
    struct loopback *loopback;
    struct vmbus_bus *bus;
    jmp_buf trap;
    bool abandoned;
    struct pages {
        struct pages *next;
        void *pages;
        uint32_t count;
    } * pages;
};

static struct kmcl *the_kmcl;

struct kmcl *seam_default_kmcl(void)
{
    return the_kmcl;
}

/* ---- the loopback below ------------------------------------------------- */

static int post(void *peer, uint32_t connection, uint32_t type,
                const void *payload, uint32_t size)
{
    return loopback_post(peer, connection, type, payload, size);
}

static int signal_event(void *peer, uint32_t connection, uint16_t flag)
{
    return loopback_signal(peer, connection, flag);
}

static void guest_message(void *context, const void *payload, uint32_t size)
{
    vmbus_message_arrived(context, payload, size);
}

static void guest_event(void *context, uint32_t cpu, uint16_t flag)
{
    (void)cpu;
    vmbus_event_arrived(context, flag);
}

/* The wall clock of the tests: 1 January 2026 at the seam's time 0. */
static int64_t system_time(void *context)
{
    struct seam *s = context;

    return INT64_C(134117280000000000) + (int64_t)seam_now(s);
}

static void attach(struct world *w)
{
    struct platform *p = w->platform;
    struct kmcl_config config = {0};

    config.seam = p->s;
    config.bus = p->bus;
    config.host = loopback_host(p->loopback);
    config.server = &kmcl_server_half;
    config.mmio_base = UINT64_C(0x1000000000);
    config.mmio_size = 64 << 20;
    config.system_time = system_time;
    config.context = p->s;
    CHECK_EQ(kmcl_attach(&config, &w->kmcl), 0);
    the_kmcl = w->kmcl;
    w->device = kmcl_bus_device(w->kmcl);
}

static void detach(struct world *w)
{
    kmcl_detach(w->kmcl);
    the_kmcl = NULL;
}

/* The loopback, the bus on it, connected, and KMCL. */
static void start(struct world *w, uint32_t max_gpadls)
{
    static const struct loopback_guest guest = {guest_message, guest_event};
    struct vmbus_host_config host_config = {.max_gpadls = max_gpadls};
    struct platform *p = w->platform;

    CHECK_EQ(loopback_create(p->s, &host_config, &p->loopback), 0);
    p->s->post = post;
    p->s->signal = signal_event;
    p->s->peer = p->loopback;
    CHECK_EQ(vmbus_bus_create(p->s, NULL, &p->bus), 0);
    loopback_attach(p->loopback, &guest, p->bus);
    CHECK_EQ(vmbus_bus_connect(p->bus), 0);
    attach(w);
}

static void stop(struct world *w)
{
    struct platform *p = w->platform;

    hosted_run(p->s);
    detach(w);
    CHECK_EQ(vmbus_bus_unload(p->bus), 0);
    hosted_run(p->s);
    loopback_attach(p->loopback, NULL, NULL);
    vmbus_bus_destroy(p->bus);
    loopback_destroy(p->loopback);
}

void world_default_bus(struct world *w, bool is)
{
    the_kmcl = is ? w->kmcl : NULL;
}

void world_limit_gpadls(struct world *w, uint32_t limit)
{
    stop(w);
    start(w, limit);
}

void world_move_host(struct world *w, void (*down)(struct world *w),
                     void (*up)(struct world *w))
{
    static const struct vmbus_host_config config;
    struct loopback *loopback = w->platform->loopback;
    size_t size = 0;
    void *image;

    (void)vmbus_host_save(world_host(w), NULL, 0, &size);
    image = malloc(size);
    CHECK_EQ(vmbus_host_save(world_host(w), image, size, &size), 0);
    vmbus_host_reset(world_host(w));
    down(w);
    detach(w);
    CHECK_EQ(loopback_restart(loopback, &config), 0);
    attach(w);
    CHECK_EQ(vmbus_host_restore(world_host(w), image, size), 0);
    free(image);
    up(w);
    vmbus_host_restore_end(world_host(w));
}

struct world *world_create(void)
{
    struct world *w = calloc(1, sizeof(*w));
    struct platform *p = calloc(1, sizeof(*p));

    if (!w || !p)
        abort();
    w->platform = p;
    p->s = hosted_create(1);
    p->s->quiet = true;
    start(w, 0);
    return w;
}

void world_destroy(struct world *w)
{
    struct platform *p = w->platform;

    if (p->abandoned)
        return;
    stop(w);
    while (p->pages) {
        struct pages *next = p->pages->next;

        seam_pages_free(p->s, p->pages->pages, p->pages->count);
        free(p->pages);
        p->pages = next;
    }
    hosted_destroy(p->s, 0);
    free(p);
    free(w);
}

struct vmbus_host *world_host(struct world *w)
{
    return loopback_host(w->platform->loopback);
}

struct vmbus_bus *world_bus(struct world *w)
{
    return w->platform->bus;
}

struct seam *world_seam(struct world *w)
{
    return w->platform->s;
}

/* ---- what tests ask of the platform ------------------------------------- */

void world_run(struct world *w)
{
    hosted_run(w->platform->s);
}

void world_advance(struct world *w, uint32_t milliseconds)
{
    hosted_advance(w->platform->s, milliseconds * SEAM_MS);
}

struct later {
    struct seam_timer timer;
    struct seam_work work;
    struct seam *s;
};

static void later_due(void *arg)
{
    struct later *l = arg;

    seam_work_queue(l->s, &l->work, 0);
}

/* Few and small: they stay until the process ends. */
void world_call_later(struct world *w, uint32_t milliseconds,
                      void (*f)(void *arg), void *arg)
{
    static struct later laters[16];
    static uint32_t used;
    struct later *l = &laters[used++];

    CHECK(used <= 16);
    l->s = w->platform->s;
    l->work.run = f;
    l->work.arg = arg;
    l->work.level = SEAM_PASSIVE;
    l->timer.run = later_due;
    l->timer.arg = l;
    seam_timer_set(l->s, &l->timer, seam_now(l->s) + milliseconds * SEAM_MS);
}

void world_abandon(struct world *w)
{
    w->platform->abandoned = true;
}

bool world_is_virtual(struct world *w)
{
    (void)w;
    return true;
}

uint64_t world_now(struct world *w)
{
    return seam_now(w->platform->s);
}

void *world_pages(struct world *w, uint32_t count)
{
    struct pages *p = calloc(1, sizeof(*p));

    CHECK(p);
    p->pages = seam_pages_alloc(w->platform->s, count, NULL);
    CHECK(p->pages);
    p->count = count;
    p->next = w->platform->pages;
    w->platform->pages = p;
    return p->pages;
}

uint64_t world_pfn(struct world *w, const void *address)
{
    return seam_pfn(w->platform->s, address);
}

void world_fail_allocation(struct world *w, uint32_t nth)
{
    struct seam *s = w->platform->s;

    s->fail_at = nth ? s->counts.allocations + nth : 0;
}

uint64_t world_allocations(struct world *w)
{
    return w->platform->s->counts.allocations;
}

uint64_t world_blocks(struct world *w)
{
    return w->platform->s->counts.blocks;
}

bool world_logged(struct world *w, const char *text)
{
    return hosted_logged(w->platform->s, text);
}

jmp_buf *assert_trap(struct world *w)
{
    w->platform->s->on_assert = &w->platform->trap;
    return &w->platform->trap;
}

void assert_caught(struct world *w, const char *text, const char *file,
                   int line)
{
    struct seam *s = w->platform->s;

    s->on_assert = NULL;
    s->irql = SEAM_PASSIVE;
    if (!s->assert_hint || !strstr(s->assert_hint, text)) {
        fprintf(stderr, "# the assertion said: %s\n",
                s->assert_hint ? s->assert_hint : "nothing");
        check_failed(file, line, text);
    }
}

void world_client_only(struct world *w, void (*run)(void))
{
    struct kmcl_config config = {
        .seam = w->platform->s,
        .bus = w->platform->bus,
        .host = world_host(w),
    };
    struct kmcl *kmcl;

    CHECK_EQ(kmcl_attach(&config, &kmcl), -EINVAL); /* no code for it */
    config.host = NULL;
    config.server = &kmcl_server_half;
    CHECK_EQ(kmcl_attach(&config, &kmcl), -EINVAL); /* nothing to run it on */
    config.server = NULL;
    CHECK_EQ(kmcl_attach(&config, &kmcl), 0);
    the_kmcl = kmcl;
    run();
    the_kmcl = w->kmcl;
    kmcl_detach(kmcl);
}
