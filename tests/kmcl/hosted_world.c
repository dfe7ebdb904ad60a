/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests' world on the build machine: the deterministic seam, a loopback,
 * a bus on it, KMCL on both halves.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/peer/hosted_loopback.h"
#include "vmbus/host.h"
#include "vmbus/loopback.h"
#include "runner.h"
#include "world_bus.h"

struct platform {
    struct seam *s;
    struct loopback *loopback;
    struct vmbus_bus *bus;
    jmp_buf trap;
    bool abandoned;
};

static struct kmcl *the_kmcl;

void *seam_root(void)
{
    return the_kmcl;
}

struct kmcl *world_set_default(struct kmcl *kmcl)
{
    struct kmcl *before = the_kmcl;

    the_kmcl = kmcl;
    return before;
}

/* ---- the loopback below ------------------------------------------------- */

/* The loopback, the bus on it, connected, and KMCL. */
static void start(struct world *w, uint32_t max_gpadls)
{
    struct vmbus_host_config host_config = {.max_gpadls = max_gpadls};
    struct platform *p = w->platform;

    CHECK_EQ(vmbus_loopback_create(p->s, &host_config, &p->loopback), 0);
    hosted_route(p->s, p->loopback);
    world_connect(w, p->loopback, &p->bus);
    (void)world_attach(w);
}

static void stop(struct world *w)
{
    world_disconnect(w, w->platform->loopback, NULL);
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
    kmcl_detach(w->kmcl);
    CHECK_EQ(vmbus_loopback_restart(loopback, &config), 0);
    (void)world_attach(w);
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
    world_free_pages(w);
    hosted_destroy(p->s, 0);
    free(p);
    free(w);
}

struct vmbus_host *world_host(struct world *w)
{
    return vmbus_loopback_host(w->platform->loopback);
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

void world_abandon(struct world *w)
{
    w->platform->abandoned = true;
}

bool world_is_one_stack(struct world *w)
{
    (void)w;
    return true;
}

bool world_is_virtual(struct world *w)
{
    (void)w;
    return true;
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

uint64_t world_bytes(struct world *w)
{
    return w->platform->s->counts.bytes;
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
