/*
 * Fault injection: a whole life of a bus, again and again, each time with one
 * thing going wrong: every allocation, every post, every message of the host,
 * one after the other. Each step must end with a status that this fault may
 * have, and at the end nothing is left but what was leaked on purpose.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/peer/peer.h"

/* What goes wrong; the number of the point is counted up until it is beyond
 * the last one. */
struct fault {
    const char *name;
    void (*set)(struct peer *p, uint32_t point);
    bool (*happened)(const struct peer *p);
    /* Statuses that steps may end with, 0 ends the list and is one. */
    int statuses[9];
};

struct life {
    const struct fault *fault;
    struct seam *s;
    struct peer *p;
    struct vmbus_bus *bus;
    struct vmbus_channel *c;
    uint32_t bad; /* steps with a status that cannot be */
};

static enum vmbus_event_result event(void *arg)
{
    (void)arg;
    return VMBUS_EVENT_DRAINED;
}

/* The step's own statuses come on top of the fault's. */
static int check(struct life *l, const char *step, int status, int own)
{
    if (status == 0 || status == own)
        return status;
    for (const int *s = l->fault->statuses; *s; s++)
        if (status == *s)
            return status;
    fprintf(stderr, "# %s: %s ended with %d\n", l->fault->name, step, status);
    l->bad++;
    return status;
}

static void share_pages(struct life *l)
{
    uint64_t pfns[30];
    struct vmbus_pages pages = {.pfns = pfns, .count = 30, .bytes = 30 * 4096};
    void *memory = seam_pages_alloc(l->s, 30, pfns);
    uint32_t handle;
    int status;

    if (!memory)
        return;
    status =
        check(l, "gpadl_create", vmbus_gpadl_create(l->c, &pages, &handle), 0);
    if (status == 0)
        status =
            check(l, "gpadl_teardown", vmbus_gpadl_teardown(l->c, handle), 0);
    if (status != -ESTALE)
        seam_pages_free(l->s, memory, 30);
}

static void use_channel(struct life *l)
{
    struct vmbus_open o = {
        .tx_pages = 20, .rx_pages = 20, .cpu = 1, .event = event};
    int status = check(l, "open", vmbus_channel_open(l->c, &o), 0);

    if (status)
        return;
    vmbus_channel_signal(l->c);
    peer_event(l->p, 1, 5);
    check(l, "set_cpu", vmbus_channel_set_cpu(l->c, 0), 0);
    share_pages(l);
    check(l, "close", vmbus_channel_close(l->c), 0);
}

static void use_bus(struct life *l)
{
    static const struct vmbus_guid endpoint = {{1}}, service = {{2}};

    hosted_run(l->s);
    l->c = vmbus_bus_find(l->bus, NULL, NULL, 0);
    if (l->c && vmbus_channel_claim(l->c) == 0) {
        use_channel(l);
        vmbus_channel_unclaim(l->c);
    }
    check(l, "tl_connect", vmbus_tl_connect(l->bus, &endpoint, &service, NULL),
          0);
    hosted_advance(l->s, 40 * SEAM_S); /* what is late comes now */
}

static void live(struct life *l)
{
    if (check(l, "create", vmbus_bus_create(l->s, NULL, &l->bus), 0))
        return;
    l->p->bus = l->bus;
    for (int connection = 0; connection < 2; connection++) {
        if (check(l, "connect", vmbus_bus_connect(l->bus), 0))
            continue;
        use_bus(l);
        check(l, "unload", vmbus_bus_unload(l->bus), -ETIMEDOUT);
        hosted_advance(l->s, 200 * SEAM_S);
    }
}

/* One life with the fault at `point`; true: it happened. */
static bool one_life(const struct fault *fault, uint32_t point, uint32_t *bad)
{
    struct life l = {.fault = fault};
    uint64_t leaked = 0;
    bool happened;

    l.s = hosted_create(2);
    l.p = peer_create(l.s);
    peer_offer(l.p, 5, 0x55, 0);
    fault->set(l.p, point);
    live(&l);
    happened = fault->happened(l.p);
    if (l.bus) {
        leaked = vmbus_bus_stats(l.bus)->pages_leaked;
        vmbus_bus_destroy(l.bus);
    }
    peer_destroy(l.p);
    hosted_destroy(l.s, leaked); /* aborts if anything else is left */
    *bad += l.bad;
    return happened;
}

/* ---- the faults --------------------------------------------------------- */

static void allocation(struct peer *p, uint32_t point)
{
    p->s->fail_at = point;
}

static void allocations_from(struct peer *p, uint32_t point)
{
    p->s->fail_at = point;
    p->s->fail_for_good = true;
}

static bool allocation_failed(const struct peer *p)
{
    return p->s->counts.failed > 0;
}

static void post(struct peer *p, uint32_t point, int status, uint32_t misses)
{
    p->post_status = status;
    p->post_misses = misses;
    p->post_after = point - 1;
}

static void post_io(struct peer *p, uint32_t point)
{
    post(p, point, -EIO, 1);
}

static void post_denied(struct peer *p, uint32_t point)
{
    post(p, point, -EACCES, 1);
}

static void post_busy(struct peer *p, uint32_t point)
{
    post(p, point, -EAGAIN, 6);
}

static void post_busy_for_good(struct peer *p, uint32_t point)
{
    post(p, point, -EAGAIN, 1u << 30);
}

static bool post_missed(const struct peer *p)
{
    return p->post_after == 0;
}

#define MESSAGE(name, kind)                                    \
    static void message_##name(struct peer *p, uint32_t point) \
    {                                                          \
        p->fault = kind;                                       \
        p->fault_at = point;                                   \
    }
MESSAGE(dropped, PEER_FAULT_DROP)
MESSAGE(twice, PEER_FAULT_TWICE)
MESSAGE(late, PEER_FAULT_LATE)
MESSAGE(cut, PEER_FAULT_CUT)
MESSAGE(behind_a_rescind, PEER_FAULT_RESCIND)
MESSAGE(garbage, PEER_FAULT_GARBAGE)

static bool message_faulty(const struct peer *p)
{
    return p->sent >= p->fault_at;
}

static const struct fault faults[] = {
    {"one allocation fails",
     allocation,
     allocation_failed,
     {-ENOMEM, -ETIMEDOUT}},
    {"all allocations fail from here",
     allocations_from,
     allocation_failed,
     {-ENOMEM, -ETIMEDOUT}},
    {"one post fails", post_io, post_missed, {-EIO, -ESTALE}},
    {"one post is denied", post_denied, post_missed, {-EACCES, -ESTALE}},
    {"posts find a full queue for a while", post_busy, post_missed, {0}},
    {"posts find a full queue for good",
     post_busy_for_good,
     post_missed,
     {-ETIMEDOUT, -ESTALE}},
    {"one message of the host is lost",
     message_dropped,
     message_faulty,
     {-ETIMEDOUT, -ESTALE}},
    {"one message of the host comes twice", message_twice, message_faulty, {0}},
    {"one message of the host is late",
     message_late,
     message_faulty,
     {-ETIMEDOUT, -ESTALE}},
    {"one message of the host is cut",
     message_cut,
     message_faulty,
     {-ETIMEDOUT, -ESTALE}},
    {"a rescind comes before one message",
     message_behind_a_rescind,
     message_faulty,
     {-ENODEV}},
    {"one message of the host is garbage",
     message_garbage,
     message_faulty,
     {-ETIMEDOUT, -ESTALE, -EIO, -ECONNREFUSED}},
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

int main(void)
{
    uint32_t failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%zu\n", FAULTS);
    for (size_t i = 0; i < FAULTS; i++) {
        uint32_t point = 1, bad = 0;

        while (one_life(&faults[i], point, &bad))
            point++;
        if (point < 5)
            bad++; /* the fault hardly ever happened */
        printf("%s %zu - %s: %u points\n", bad ? "not ok" : "ok", i + 1,
               faults[i].name, point - 1);
        failed += bad != 0;
    }
    return failed != 0;
}
