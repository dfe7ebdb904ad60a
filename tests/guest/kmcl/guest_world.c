/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of KMCL's tests inside the guest: it uses the guest's own interrupt
 * levels, clock and memory.
 */
#include "guest_world.h"

#include <setjmp.h>
#include <stdlib.h>

#include "allocations.h"
#include "vmbus/host.h"
#include "arch/console/log.h"
#include "arch/time/strand.h"
#include "arch/time/wait.h"
#include "vmbus/loopback.h"
#include "tests/kmcl/raw.h"
#include "vmbus/seam.h"
#include "settle.h"
#include "app/system/platform/platform.h"
#include "tests/kmcl/world_bus.h"

struct platform {
    struct seam seam;
    struct kmcl *default_before;
    struct strand *trap_strand; /* that the trap leads to */
    bool abandoned;
    jmp_buf trap;
    const char *hint;      /* of the assertion that was caught */
    struct log_cursor log; /* the log's end when the world began */
};

static struct world *the_world;

/* ---- assertions -------------------------------------------------------- */

static void caught(const char *hint)
{
    struct platform *p = the_world->platform;

    platform_assertion_hook = NULL;
    p->hint = hint;
    wait_left(p->trap_strand);
    longjmp(p->trap, 1);
}

jmp_buf *assert_trap(struct world *w)
{
    platform_assertion_hook = caught;
    w->platform->trap_strand = strand_current();
    return &w->platform->trap;
}

void assert_caught(struct world *w, const char *text, const char *file,
                   int line)
{
    seam_irql_lower(&w->platform->seam, SEAM_PASSIVE);
    if (!strstr(w->platform->hint, text))
        check_failed(file, line, text);
}

/* ---- the world --------------------------------------------------------- */

struct kmcl *world_set_default(struct kmcl *kmcl)
{
    return platform_default_kmcl(kmcl);
}

static void start(struct world *w, uint32_t max_gpadls)
{
    struct vmbus_host_config host_config = {.max_gpadls = max_gpadls};
    struct platform *p = w->platform;

    CHECK_EQ(vmbus_loopback_create(&p->seam, &host_config, &p->seam.loopback),
             0);
    p->seam.by_loopback = &platform_loopback_calls;
    world_connect(w, p->seam.loopback, &p->seam.bus);
    p->default_before = world_attach(w);
}

static void stop(struct world *w)
{
    struct platform *p = w->platform;

    world_disconnect(w, p->seam.loopback, p->default_before);
}

void guest_world_leave(void)
{
    struct platform *p = the_world->platform;

    platform_assertion_hook = NULL;
    seam_irql_lower(&p->seam, SEAM_PASSIVE);
    (void)world_set_default(p->default_before);
}

struct world *world_create(void)
{
    struct world *w = calloc(1, sizeof(*w));

    CHECK(w);
    w->platform = calloc(1, sizeof(*w->platform));
    CHECK(w->platform);
    the_world = w;
    log_seek_last(&w->platform->log, 0);
    allocations_watch(&w->platform->seam);
    raw_host_reset();
    world_callbacks_begin(w);
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
    free(p);
    free(w);
}

void world_limit_gpadls(struct world *w, uint32_t limit)
{
    stop(w);
    start(w, limit);
}

struct vmbus_host *world_host(struct world *w)
{
    return vmbus_loopback_host(w->platform->seam.loopback);
}

struct vmbus_bus *world_bus(struct world *w)
{
    return w->platform->seam.bus;
}

struct seam *world_seam(struct world *w)
{
    return &w->platform->seam;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static bool callbacks_ended(void *arg)
{
    (void)arg;
    return world_callbacks_ended();
}

/* A callback that waits stands on a stack of its own here, and the test goes on
 * meanwhile. On the build machine it would stand on top of the test: so the
 * test waits for it, unless it calls from inside a callback. */
static void let_callbacks_end(struct world *w)
{
    struct seam *s = &w->platform->seam;

    if (world_callbacks_wait(w))
        (void)seam_wait(s, callbacks_ended, NULL, seam_now(s) + 120 * SEAM_S,
                        "a test's callbacks to return");
}

/* What was due in this time, and all work that this led to, is done, however
 * late another processor comes to it. A test that calls from inside a callback
 * cannot wait for that. */
void world_advance(struct world *w, uint32_t milliseconds)
{
    struct seam *s = &w->platform->seam;
    uint64_t end = seam_now(s) + milliseconds * SEAM_MS;

    (void)seam_wait(s, never, NULL, end, "a test's time to pass");
    if (world_callbacks_wait(w))
        CHECK(settle_timers(end) && settle());
    let_callbacks_end(w);
}

/* Callbacks call this, too: all work is done then, but perhaps not all timers
 * of another processor. */
void world_run(struct world *w)
{
    world_advance(w, 4);
    CHECK(settle());
    let_callbacks_end(w);
}

bool world_is_one_stack(struct world *w)
{
    (void)w;
    return false;
}

bool world_is_virtual(struct world *w)
{
    (void)w;
    return false;
}

void world_fail_allocation(struct world *w, uint32_t nth)
{
    (void)w;
    allocations_fail(nth);
}

/* Returns KMCL's own count. */
uint64_t world_allocations(struct world *w)
{
    return kmcl_stats(w->kmcl)->allocations;
}

uint64_t world_blocks(struct world *w)
{
    (void)w;
    return allocations_blocks();
}

bool world_logged(struct world *w, const char *text)
{
    struct log_cursor at = w->platform->log;
    struct log_line line;

    while (log_read(&at, &line))
        if (!line.raw && strstr(line.text, text))
            return true;
    return false;
}

void world_abandon(struct world *w)
{
    w->platform->abandoned = true;
}
