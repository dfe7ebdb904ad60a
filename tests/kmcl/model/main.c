/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The property test: ROUNDS seeds, or TEST_SECONDS of them when that is set.
 * SEED=n replays one.
 *
 * They run in a child process, in memory shared with it, so that whatever
 * ends the child the seed is known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model.h"

#define STEPS 400

/* Seconds for one seed. */
#define SEED_LIMIT 60

/* Seeds of a run that says nothing else. */
#define ROUNDS 2500

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
    struct model_counters counted = m->counted;

    memset(m, 0, sizeof(*m));
    m->counted = counted;
    m->seed = m->random = seed;
    m->w = world_create();
    m->page = world_pages(m->w, 1);
    side_make(m, &m->client, false);
    side_make(m, &m->server, true);
    for (m->step = 0; m->step < STEPS; m->step++) {
        model_step(m);
        if (m->step % 50 == 49)
            model_quiesce(m);
        m->counted.steps++;
    }
    world_fail_allocation(m->w, 0);
    side_end(&m->client);
    side_end(&m->server);
    world_destroy(m->w);
    m->counted.seeds++;
}

/* A number of the environment, or what it is without one. */
static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

static void run_seeds(struct model *m)
{
    bool replay = number_of("SEED", 0) != 0;
    uint64_t seconds = number_of("TEST_SECONDS", 0);
    uint64_t rounds = replay ? 1 : number_of("ROUNDS", ROUNDS);
    uint64_t seed = number_of("SEED", 1);
    time_t end = time(NULL) + (time_t)seconds;
    uint64_t done = 0;

    do {
        alarm(SEED_LIMIT);
        one_seed(m, seed++);
        done++;
    } while (seconds && !replay ? time(NULL) < end : done < rounds);
}

int main(void)
{
    struct model *m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = -1;
    pid_t child;

    if (m == MAP_FAILED)
        return 1;
    printf("1..1\n");
    fflush(stdout);
    child = fork();
    if (child == 0) {
        run_seeds(m);
        _exit(0);
    }
    if (child > 0)
        waitpid(child, &status, 0);
    printf("%sok 1 - random sequences keep the model's rules\n",
           status ? "not " : "");
    printf(
        "# %llu seeds, %llu steps, %llu packets, %llu closings, %llu saves\n",
        (unsigned long long)m->counted.seeds,
        (unsigned long long)m->counted.steps,
        (unsigned long long)m->counted.packets,
        (unsigned long long)m->counted.closings,
        (unsigned long long)m->counted.saves);
    if (status)
        printf("# seed %llu, step %u: replay with SEED=%llu\n",
               (unsigned long long)m->seed, (unsigned)m->step,
               (unsigned long long)m->seed);
    return status != 0;
}
