/* Scenarios at all terms, and requests that are answered later. */
#include "halves.h"

#include <stdio.h>

static const struct terms all_terms[] = {
    {0x0000000D, 0},    {0x00010001, 0},    {0x00020004, 0},
    {0x00030000, 0},    {0x00040000, 0},    {0x00040001, 0},
    {0x00050000, 0},    {0x00050001, 0},    {0x00050002, 0},
    {0x00050003, 0},    {0x00060000, 0},    {0x00060000, 0x01},
    {0x00060000, 0x02}, {0x00060000, 0x04}, {0x00060000, 0x08},
    {0x00060000, 0x20}, {0x00060000, 0x80}, {0x00060000, 0xFF},
};

#define TERMS         (sizeof(all_terms) / sizeof(all_terms[0]))
#define SCENARIOS_MAX 10u

struct cell {
    const struct scenario *scenario;
    const struct terms *terms;
    char name[64];
};

static void run_cell(void **state)
{
    const struct cell *cell = *state;

    cell->scenario->run(cell->terms);
}

int halves_run(const char *group, const struct scenario *scenarios,
               unsigned count)
{
    static struct cell cells[SCENARIOS_MAX * TERMS];
    static struct CMUnitTest tests[SCENARIOS_MAX * TERMS];

    assert_true(count <= SCENARIOS_MAX);
    for (unsigned n = 0; n < count * TERMS; n++) {
        struct cell *cell = &cells[n];

        cell->scenario = &scenarios[n / TERMS];
        cell->terms = &all_terms[n % TERMS];
        snprintf(cell->name, sizeof(cell->name), "%s at %u.%u features 0x%02x",
                 cell->scenario->name, cell->terms->version >> 16,
                 cell->terms->version & 0xffff, cell->terms->features);
        tests[n] = (struct CMUnitTest){
            .name = cell->name,
            .test_func = run_cell,
            .initial_state = cell,
        };
    }
    return _cmocka_run_group_tests(group, tests, count * TERMS, NULL, NULL);
}

struct pair *begin_offered(const struct terms *t)
{
    struct pair *p = pair_begin(t);

    pair_publish(p, 0, 1, 0);
    pair_connect(p);
    return p;
}

/* ---- requests that are answered later ----------------------------------- */

static void done(void *arg, int status, uint32_t host_status)
{
    struct outcome *o = arg;

    o->done = true;
    o->status = status;
    o->host_status = host_status;
}

struct vmbus_channel *start_open(struct pair *p, struct outcome *o)
{
    struct vmbus_channel *c = vmbus_bus_next(p->bus, NULL);
    const struct vmbus_open open = pair_parameters(p, 1, 0);

    assert_int_equal(vmbus_channel_claim(c), 0);
    p->echo[0].hold_open = true;
    assert_int_equal(vmbus_channel_open_start(c, &open, done, o), 0);
    hosted_run(p->s);
    assert_false(o->done);
    return c;
}

void start_close(struct pair *p, struct vmbus_channel *c, struct outcome *o)
{
    p->echo[0].hold_close = true;
    assert_int_equal(vmbus_channel_close_start(c, done, o), 0);
    hosted_run(p->s);
    assert_false(o->done); /* TORNDOWN is held */
}

void start_teardown(struct vmbus_channel *c, uint32_t handle, struct outcome *o)
{
    assert_int_equal(vmbus_gpadl_teardown_start(c, handle, done, o), 0);
}

static bool is_done(void *arg)
{
    const struct outcome *o = arg;

    return o->done;
}

void await(struct pair *p, struct outcome *o, int status)
{
    assert_int_equal(
        seam_wait(p->s, is_done, o, p->s->now + SEAM_S, "an outcome"), 0);
    assert_int_equal(o->status, status);
}
