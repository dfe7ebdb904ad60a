/*
 * The property test: seeds until the time is over. SEED=n replays one.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "model.h"

#define STEPS 400

static struct model *running;

static void say_seed(void)
{
    if (running)
        fprintf(stderr, "# seed %llu, step %u: replay with SEED=%llu\n",
                (unsigned long long)running->seed, running->step,
                (unsigned long long)running->seed);
}

static void fatal(int number)
{
    (void)number;
    say_seed();
    printf("not ok 1 - random sequences keep the model's rules\n");
    fflush(NULL);
    _exit(1);
}

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "# %s:%d: failed: %s\n", file, line, what);
    fatal(0);
    abort();
}

void check_equal(const char *file, int line, const char *what, long long found,
                 long long expected)
{
    if (found == expected)
        return;
    fprintf(stderr, "# %s: found %lld (0x%llx), expected %lld (0x%llx)\n", what,
            found, (unsigned long long)found, expected,
            (unsigned long long)expected);
    check_failed(file, line, what);
}

/* splitmix64. */
uint32_t model_random(struct model *m, uint32_t below)
{
    uint64_t z = m->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ z >> 31) % below);
}

static void one_seed(struct model *m, uint64_t seed)
{
    struct model counters = *m;

    memset(m, 0, sizeof(*m));
    m->steps = counters.steps;
    m->packets = counters.packets;
    m->saves = counters.saves;
    m->closings = counters.closings;
    m->seed = m->random = seed;
    running = m;
    m->w = world_create();
    m->page = world_pages(m->w, 1);
    side_make(m, &m->client, false);
    side_make(m, &m->server, true);
    for (m->step = 0; m->step < STEPS; m->step++) {
        model_step(m);
        if (m->step % 50 == 49)
            model_quiesce(m);
        m->steps++;
    }
    world_fail_allocation(m->w, 0);
    side_end(&m->client);
    side_end(&m->server);
    world_destroy(m->w);
    running = NULL;
}

int main(void)
{
    const char *seconds = getenv("TEST_SECONDS"), *replay = getenv("SEED");
    static struct model m;
    time_t end = time(NULL) + (seconds ? atoi(seconds) : 5);
    uint64_t seed = replay ? strtoull(replay, NULL, 0) : 1, n = 0;

    signal(SIGABRT, fatal);
    signal(SIGALRM, fatal);
    printf("1..1\n");
    do {
        alarm(20); /* for one seed */
        one_seed(&m, seed + n++);
    } while (!replay && time(NULL) < end);
    printf("ok 1 - random sequences keep the model's rules\n");
    printf(
        "# %llu seeds, %llu steps, %llu packets, %llu closings, %llu saves\n",
        (unsigned long long)n, (unsigned long long)m.steps,
        (unsigned long long)m.packets, (unsigned long long)m.closings,
        (unsigned long long)m.saves);
    return 0;
}
