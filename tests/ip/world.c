/* SPDX-License-Identifier: BSD-2-Clause */
/* Time, and what happens in it (world.h). */
#include "world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vmbare.h"
#include "vmbare_events.h"

/* A frame on its way. */
struct flight {
    struct flight *next;
    uint64_t due;
    struct end *to;
    uint32_t size;
    uint8_t bytes[];
};

static uint64_t now;
static struct flight *flights; /* in the order of their arrival */
static struct vmbare_timer *timers;
static struct fate fate;
static uint32_t state; /* of the random numbers */
static unsigned locks;
static void (*each)(void);

#define USUAL_DELAY 1000u /* 100 us */

/* ---- chance -------------------------------------------------------------- */

static uint32_t chance(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static bool happens(unsigned percent)
{
    return chance() % 100 < percent;
}

/* ---- wires --------------------------------------------------------------- */

static void launch(struct end *to, const uint8_t *frame, uint32_t size)
{
    struct flight *new = malloc(sizeof(*new) + size), **at = &flights;

    new->due = now + USUAL_DELAY;
    if (fate.latest && happens(fate.late))
        new->due += chance() % fate.latest;
    new->to = to;
    new->size = size;
    memcpy(new->bytes, frame, size);
    while (*at && (*at)->due <= new->due)
        at = &(*at)->next;
    new->next = *at;
    *at = new;
}

void world_send(struct end *end, const void *frame, uint32_t size)
{
    if (!end->other || happens(fate.lost))
        return;
    launch(end->other, frame, size);
    if (happens(fate.doubled))
        launch(end->other, frame, size);
}

static int link_send(void *context, const struct ip_part *parts, unsigned count,
                     uint32_t fill)
{
    uint8_t frame[65536];
    struct end *end = context;
    uint32_t size = 0;

    assert(!fill);
    if (end->full)
        return -1;
    for (unsigned i = 0; i < count; i++) {
        assert(parts[i].size && size + parts[i].size <= sizeof(frame));
        memcpy(frame + size, parts[i].bytes, parts[i].size);
        size += parts[i].size;
    }
    world_send(end, frame, size);
    return 0;
}

struct ip_link world_link(struct end *end, uint8_t number)
{
    return (struct ip_link){
        .context = end,
        .send = link_send,
        .mac = {0x00, 0x15, 0x5d, 0x00, 0xab, number},
        .mtu = 1500,
        .up = true,
    };
}

void world_wire(struct end *one, struct end *two)
{
    one->other = two;
    two->other = one;
}

/* ---- what happens -------------------------------------------------------- */

void world_begin(uint32_t seed, const struct fate *new)
{
    struct flight *flight;

    while ((flight = flights) != NULL) {
        flights = flight->next;
        free(flight);
    }
    assert(!timers && !locks);
    state = seed;
    fate = new ? *new : (struct fate){0};
    each = NULL;
}

static void arrive(void)
{
    struct flight *flight = flights;
    struct end *to = flight->to;

    flights = flight->next;
    to->arrived++;
    if (to->side)
        to->side->frame(flight->bytes, flight->size, false);
    else if (to->take)
        to->take(to, flight->bytes, flight->size);
    free(flight);
}

static void unlink_timer(struct vmbare_timer *timer)
{
    struct vmbare_timer **at = &timers;

    while (*at && *at != timer)
        at = &(*at)->next;
    if (*at)
        *at = timer->next;
}

static struct vmbare_timer *first_timer(void)
{
    struct vmbare_timer *first = timers;

    for (struct vmbare_timer *t = timers; t; t = t->next)
        if (t->due < first->due)
            first = t;
    return first;
}

static void expire(struct vmbare_timer *timer)
{
    timer->expired = true;
    if (timer->period) {
        timer->due += timer->period;
    } else {
        timer->set = false;
        unlink_timer(timer);
    }
    if (timer->function)
        timer->function(timer->context);
}

/* The next thing, if it comes before `limit`; else time passes until then.
 * False: time has passed. */
static bool step(uint64_t limit)
{
    struct vmbare_timer *timer = first_timer();
    uint64_t due = timer ? timer->due : UINT64_MAX;
    bool frame = flights && flights->due <= due;

    if (frame)
        due = flights->due;
    if (due > limit || due == UINT64_MAX) {
        if (limit > now)
            now = limit;
        return false;
    }
    if (due > now)
        now = due;
    if (frame)
        arrive();
    else
        expire(timer);
    if (each)
        each();
    return true;
}

bool world_run(bool (*done)(void *context), void *context, double seconds)
{
    uint64_t limit = now + (uint64_t)(seconds * (double)SECOND);

    while (!done(context))
        if (!step(limit))
            return done(context);
    return true;
}

static bool never(void *context)
{
    (void)context;
    return false;
}

void world_pass(double seconds)
{
    (void)world_run(never, NULL, seconds);
}

void world_each(void (*function)(void))
{
    each = function;
}

unsigned world_locks(void)
{
    return locks;
}

/* ---- vmbare.h ------------------------------------------------------------ */

uint32_t vmbare_seed(void *out, uint32_t size)
{
    memset(out, 0x5a, size);
    return size;
}

uint64_t vmbare_now(void)
{
    return now;
}

/* 2026-11-30 00:00:00 UTC at the start. */
int64_t vmbare_wall(void)
{
    return INT64_C(17959968000000000) + (int64_t)now;
}

void vmbare_sleep(double seconds)
{
    world_pass(seconds);
}

uint64_t vmbare_after(double seconds)
{
    return now + (uint64_t)(seconds * (double)SECOND);
}

uint32_t vmbare_crc32(uint32_t before, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t crc = ~before;

    while (size--) {
        crc ^= *at++;
        for (unsigned i = 0; i < 8; i++)
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

/* ---- vmbare_events.h ----------------------------------------------------- */

enum vmbare_status vmbare_lock_take(struct vmbare_lock *lock)
{
    if (lock->taken)
        return VMBARE_MISUSE;
    lock->taken = 1;
    locks++;
    return VMBARE_OK;
}

enum vmbare_status vmbare_lock_give(struct vmbare_lock *lock)
{
    assert(lock->taken);
    lock->taken = 0;
    locks--;
    return VMBARE_OK;
}

enum vmbare_status vmbare_timer_init(struct vmbare_timer *timer,
                                     const char *name, enum vmbare_level level,
                                     void (*function)(void *context),
                                     void *context)
{
    memset(timer, 0, sizeof(*timer));
    timer->source.name = name;
    timer->source.kind = 2;
    timer->level = (uint8_t)level;
    timer->function = function;
    timer->context = context;
    return VMBARE_OK;
}

enum vmbare_status vmbare_timer_set(struct vmbare_timer *timer, uint64_t due,
                                    uint64_t period)
{
    unlink_timer(timer);
    timer->due = due;
    timer->period = period;
    timer->set = true;
    timer->next = timers;
    timers = timer;
    return VMBARE_OK;
}

enum vmbare_cancelled vmbare_timer_cancel(struct vmbare_timer *timer,
                                          uint64_t deadline)
{
    bool set = timer->set;

    (void)deadline;
    unlink_timer(timer);
    timer->set = false;
    return set ? VMBARE_CANCELLED : VMBARE_NOT_SET;
}

void vmbare_event_init(struct vmbare_event *event, const char *name,
                       enum vmbare_event_kind kind)
{
    *event = (struct vmbare_event){.source = {1, name},
                                   .all = kind == VMBARE_ALL_WAITS};
}

enum vmbare_status vmbare_event_set(struct vmbare_event *event)
{
    assert(event->source.kind == 1);
    event->set = true;
    return VMBARE_OK;
}

enum vmbare_status vmbare_event_clear(struct vmbare_event *event)
{
    event->set = false;
    return VMBARE_OK;
}

/* The first that is set, or -1. */
static int which_is_set(struct vmbare_source *const what[], unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        assert(what[i]->kind == 1);
        if (((struct vmbare_event *)what[i])->set)
            return (int)i;
    }
    return -1;
}

/* The world goes on while somebody waits, and only then. */
enum vmbare_status vmbare_wait(struct vmbare_source *const what[],
                               unsigned count, uint64_t deadline,
                               unsigned *which)
{
    struct vmbare_event *event;
    int first;

    assert(!locks);
    while ((first = which_is_set(what, count)) < 0)
        if (deadline <= now || !step(deadline))
            return VMBARE_LATE;
    event = (struct vmbare_event *)what[first];
    event->set = event->all;
    if (which)
        *which = (unsigned)first;
    return VMBARE_OK;
}

enum vmbare_status vmbare_wait_for(struct vmbare_source *what,
                                   uint64_t deadline)
{
    return vmbare_wait(&what, 1, deadline, NULL);
}
