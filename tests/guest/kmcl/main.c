/*
 * KMCL's acceptance tests inside the guest: the same bodies as the hosted
 * suite, on the guest's own levels, clock and memory, over a loopback that is
 * made afresh for each. `item=N` runs one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "allocations.h"
#include "host.h"
#include "log.h"
#include "loopback.h"
#include "pages.h"
#include "raw.h"
#include "runner.h"
#include "seam.h"
#include "settle.h"
#include "system.h"
#include "tables.h"
#include "tap.h"

#define LATERS 64

struct platform {
    struct seam seam;
    struct loopback *loopback;
    struct kmcl *default_before;
    bool abandoned;
    jmp_buf trap;
    const char *hint;      /* of the assertion that was caught */
    struct log_cursor log; /* where it stood when the world began */
    struct pages {
        struct pages *next;
        void *pages;
        uint32_t count;
    } * pages;
};

static struct world *the_world;
static jmp_buf test_end;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    tap_note("%s:%d: failed: %s", file, line, what);
    longjmp(test_end, 1);
}

void check_equal(const char *file, int line, const char *what, long long found,
                 long long expected)
{
    if (found == expected)
        return;
    tap_note("%s: found %lld, expected %lld", what, found, expected);
    check_failed(file, line, what);
}

/* ---- assertions -------------------------------------------------------- */

static void caught(const char *hint)
{
    struct platform *p = the_world->platform;

    system_assertion_hook = NULL;
    p->hint = hint;
    longjmp(p->trap, 1);
}

jmp_buf *assert_trap(struct world *w)
{
    system_assertion_hook = caught;
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

static void guest_message(void *context, const void *payload, uint32_t size)
{
    vmbus_message_arrived(context, payload, size);
}

static void guest_event(void *context, uint32_t cpu, uint16_t flag)
{
    (void)cpu;
    vmbus_event_arrived(context, flag);
}

/* The clock of the tests: as in the hosted world, the seam's time from the
 * first of January 2026 on. */
static int64_t system_time(void *context)
{
    return INT64_C(134117280000000000) + (int64_t)seam_now(context);
}

static void start(struct world *w, uint32_t max_gpadls)
{
    static const struct loopback_guest guest = {guest_message, guest_event};
    struct vmbus_host_config host_config = {.max_gpadls = max_gpadls};
    struct kmcl_config config = {0};
    struct platform *p = w->platform;

    CHECK_EQ(loopback_create(&p->seam, &host_config, &p->seam.loopback), 0);
    p->seam.by_loopback = &system_loopback_calls;
    CHECK_EQ(vmbus_bus_create(&p->seam, NULL, &p->seam.bus), 0);
    loopback_attach(p->seam.loopback, &guest, p->seam.bus);
    CHECK_EQ(vmbus_bus_connect(p->seam.bus), 0);
    config.seam = &p->seam;
    config.bus = p->seam.bus;
    config.host = loopback_host(p->seam.loopback);
    config.server = &kmcl_server_half;
    config.mmio_base = UINT64_C(0x1000000000);
    config.mmio_size = 64 << 20;
    config.system_time = system_time;
    config.context = &p->seam;
    CHECK_EQ(kmcl_attach(&config, &w->kmcl), 0);
    w->device = kmcl_bus_device(w->kmcl);
    p->default_before = system_default_kmcl(w->kmcl);
}

void world_client_only(struct world *w, void (*run)(void))
{
    struct kmcl_config config = {
        .seam = &w->platform->seam,
        .bus = w->platform->seam.bus,
        .host = world_host(w),
    };
    struct kmcl *kmcl, *before;

    CHECK_EQ(kmcl_attach(&config, &kmcl), -EINVAL); /* no code for it */
    config.host = NULL;
    config.server = &kmcl_server_half;
    CHECK_EQ(kmcl_attach(&config, &kmcl), -EINVAL); /* nothing to run it on */
    config.server = NULL;
    CHECK_EQ(kmcl_attach(&config, &kmcl), 0);
    before = system_default_kmcl(kmcl);
    run();
    (void)system_default_kmcl(before);
    kmcl_detach(kmcl);
}

static void stop(struct world *w)
{
    struct platform *p = w->platform;

    world_run(w);
    (void)system_default_kmcl(p->default_before);
    kmcl_detach(w->kmcl);
    CHECK_EQ(vmbus_bus_unload(p->seam.bus), 0);
    world_run(w);
    loopback_attach(p->seam.loopback, NULL, NULL);
    vmbus_bus_destroy(p->seam.bus);
    loopback_destroy(p->seam.loopback);
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

        seam_pages_free(&p->seam, p->pages->pages, p->pages->count);
        free(p->pages);
        p->pages = next;
    }
    free(p);
    free(w);
}

void world_default_bus(struct world *w, bool is)
{
    (void)system_default_kmcl(is ? w->kmcl : NULL);
}

void world_limit_gpadls(struct world *w, uint32_t limit)
{
    stop(w);
    start(w, limit);
}

struct vmbus_host *world_host(struct world *w)
{
    return loopback_host(w->platform->seam.loopback);
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

void world_advance(struct world *w, uint32_t milliseconds)
{
    struct seam *s = &w->platform->seam;

    (void)seam_wait(s, never, NULL, seam_now(s) + milliseconds * SEAM_MS,
                    "a test's time to pass");
}

/* What is due shortly, then what that led to. */
void world_run(struct world *w)
{
    world_advance(w, 4);
    CHECK(settle());
}

uint64_t world_now(struct world *w)
{
    return seam_now(&w->platform->seam);
}

bool world_is_virtual(struct world *w)
{
    (void)w;
    return false;
}

void *world_pages(struct world *w, uint32_t count)
{
    struct pages *p = calloc(1, sizeof(*p));

    CHECK(p);
    p->pages = seam_pages_alloc(&w->platform->seam, count, NULL);
    CHECK(p->pages);
    p->count = count;
    p->next = w->platform->pages;
    w->platform->pages = p;
    return p->pages;
}

uint64_t world_pfn(struct world *w, const void *address)
{
    return seam_pfn(&w->platform->seam, address);
}

void world_fail_allocation(struct world *w, uint32_t nth)
{
    (void)w;
    allocations_fail(nth);
}

/* KMCL's own. */
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

void world_call_later(struct world *w, uint32_t milliseconds,
                      void (*f)(void *arg), void *arg)
{
    static struct later laters[LATERS];
    static uint32_t used;
    struct later *l = &laters[used++ % LATERS];

    memset(l, 0, sizeof(*l)); /* the one before it was due long ago */
    l->s = &w->platform->seam;
    l->work.run = f;
    l->work.arg = arg;
    l->work.level = SEAM_PASSIVE;
    l->timer.run = later_due;
    l->timer.arg = l;
    seam_timer_set(l->s, &l->timer, seam_now(l->s) + milliseconds * SEAM_MS);
}

/* ---- running ----------------------------------------------------------- */

/* False: it left before its end. */
static bool run(const struct test *t)
{
    if (!setjmp(test_end)) {
        struct world *w = world_create();

        t->run(w);
        world_destroy(w);
        return true;
    }
    /* What it made stays where it is; the next one starts afresh. */
    system_assertion_hook = NULL;
    seam_irql_lower(&the_world->platform->seam, SEAM_PASSIVE);
    (void)system_default_kmcl(the_world->platform->default_before);
    return false;
}

static void run_all(uint32_t only, struct tally *tally)
{
    for (const struct test *const *table = kmcl_tables; *table; table++) {
        for (const struct test *t = *table; t->run; t++) {
            bool good;

            if (only && t->item != only)
                continue;
            good = run(t);
            tally_note(tally, t->item, good);
            tap_ok(good, "item %u: %s", (unsigned)t->item, t->what);
        }
    }
}

int main(void)
{
    static struct tally tally;
    const char *only = vmbare_option("item");

    run_all(only ? (uint32_t)strtoul(only, NULL, 10) : 0, &tally);
    tap_note("kmcl acceptance: %u of %u (in the guest)",
             (unsigned)tally_good(&tally), (unsigned)ITEMS);
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
