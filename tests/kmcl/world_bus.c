/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the world's platforms do alike: world_bus.h.
 */
#include "world_bus.h"

#include <errno.h>
#include <stdlib.h>

#include "vmbus/host.h"
#include "vmbus/loopback.h"
#include "vmbus/seam.h"
#include "vmbus/vmbus.h"

#define LATERS 64u

/* ---- the bus ------------------------------------------------------------- */

static void guest_message(void *context, const void *payload, uint32_t size)
{
    vmbus_message_arrived(context, payload, size);
}

static void guest_event(void *context, uint32_t cpu, uint16_t flag, bool first)
{
    if (first)
        vmbus_event_now(context, flag, cpu);
    else
        vmbus_event_arrived(context, flag);
}

void world_connect(struct world *w, struct loopback *loopback,
                   struct vmbus_bus **bus)
{
    static const struct loopback_guest guest = {guest_message, guest_event};

    CHECK_EQ(vmbus_bus_create(world_seam(w), NULL, bus), 0);
    vmbus_loopback_attach(loopback, &guest, *bus);
    CHECK_EQ(vmbus_bus_connect(*bus), 0);
}

/* The wall clock of the tests: 1 January 2026 at the seam's time 0. */
static int64_t system_time(void *context)
{
    return TESTS_EPOCH + (int64_t)seam_now(context);
}

struct kmcl *world_attach(struct world *w)
{
    struct kmcl_config config = {
        .seam = world_seam(w),
        .bus = world_bus(w),
        .host = world_host(w),
        .server = &kmcl_server_half,
        .mmio_base = UINT64_C(0x1000000000),
        .mmio_size = 64 << 20,
        .system_time = system_time,
        .context = world_seam(w),
    };

    CHECK_EQ(kmcl_attach(&config, &w->kmcl), 0);
    w->device = kmcl_bus_device(w->kmcl);
    return world_set_default(w->kmcl);
}

void world_disconnect(struct world *w, struct loopback *loopback,
                      struct kmcl *before)
{
    struct vmbus_bus *bus = world_bus(w);

    world_run(w);
    (void)world_set_default(before);
    kmcl_detach(w->kmcl);
    CHECK_EQ(vmbus_bus_unload(bus), 0);
    world_run(w);
    vmbus_loopback_attach(loopback, NULL, NULL);
    vmbus_bus_destroy(bus);
    vmbus_loopback_destroy(loopback);
}

void world_default_bus(struct world *w, bool is)
{
    (void)world_set_default(is ? w->kmcl : NULL);
}

void world_client_only(struct world *w, void (*run)(void))
{
    struct kmcl_config config = {
        .seam = world_seam(w),
        .bus = world_bus(w),
        .host = world_host(w),
    };
    struct kmcl *kmcl, *before;

    CHECK_EQ(kmcl_attach(&config, &kmcl), -EINVAL); /* no code for it */
    config.host = NULL;
    config.server = &kmcl_server_half;
    CHECK_EQ(kmcl_attach(&config, &kmcl), -EINVAL); /* nothing to run it on */
    config.server = NULL;
    CHECK_EQ(kmcl_attach(&config, &kmcl), 0);
    before = world_set_default(kmcl);
    run();
    (void)world_set_default(before);
    kmcl_detach(kmcl);
}

/* ---- memory and time ----------------------------------------------------- */

struct world_pages {
    struct world_pages *next;
    void *pages;
    uint32_t count;
};

void *world_pages(struct world *w, uint32_t count)
{
    struct world_pages *p = calloc(1, sizeof(*p));

    CHECK(p);
    p->pages = seam_pages_alloc(world_seam(w), count, NULL);
    CHECK(p->pages);
    p->count = count;
    p->next = w->pages;
    w->pages = p;
    return p->pages;
}

void world_free_pages(struct world *w)
{
    while (w->pages) {
        struct world_pages *p = w->pages;

        w->pages = p->next;
        seam_pages_free(world_seam(w), p->pages, p->count);
        free(p);
    }
}

uint64_t world_pfn(struct world *w, const void *address)
{
    return seam_pfn(world_seam(w), address);
}

uint64_t world_now(struct world *w)
{
    return seam_now(world_seam(w));
}

struct later {
    struct seam_timer timer;
    struct seam_work work;
    struct seam *s;
    struct world *w;
    void (*f)(void *arg);
    void *arg;
};

static void later_run(void *arg)
{
    struct later l = *(struct later *)arg; /* it may be used again meanwhile */

    world_callback_enter(l.w);
    l.f(l.arg);
    world_callback_leave(l.w);
}

static void later_due(void *arg)
{
    struct later *l = arg;

    seam_work_queue(l->s, &l->work, 0);
}

void world_call_later(struct world *w, uint32_t milliseconds,
                      void (*f)(void *arg), void *arg)
{
    static struct later laters[LATERS];
    static uint32_t used;
    struct later *l = &laters[used++ % LATERS];

    memset(l, 0, sizeof(*l)); /* the one before it was due long ago */
    l->s = world_seam(w);
    l->w = w;
    l->f = f;
    l->arg = arg;
    l->work.run = later_run;
    l->work.arg = l;
    l->work.level = SEAM_PASSIVE;
    l->timer.run = later_due;
    l->timer.arg = l;
    seam_timer_set(l->s, &l->timer, seam_now(l->s) + milliseconds * SEAM_MS);
}
