/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exploration: depth first, each state once.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 4000u

static uint8_t stacks[2][STACK_BYTES] __attribute__((aligned(4096)));

/* ---- states seen -------------------------------------------------------- */

struct key {
    uint64_t a, b;
};

static struct key *table;
static uint64_t table_size, table_used;

static void add(struct key *key, uint64_t value)
{
    key->a = (key->a ^ value) * UINT64_C(0xff51afd7ed558ccd);
    key->a ^= key->a >> 32;
    key->b = (key->b + value) * UINT64_C(0xc4ceb9fe1a85ec53);
    key->b ^= key->b >> 29;
}

static void add_processor(struct key *key, uint32_t number)
{
    const struct processor *p = &world.processors[number];

    add(key, p->history);
    add(key, p->cell);
    add(key,
        p->operation | p->woken << 8 | p->noting << 9 | p->copy.count << 16);
    add(key, p->store_count);
    for (uint32_t i = 0; i < p->store_count; i++) {
        const struct store *store = &p->stores[i];

        add(key, store->release << 16 | store->count);
        for (uint32_t j = 0; j < store->count; j++) {
            add(key, store->cells[j]);
            add(key, store->values[j]);
        }
    }
    for (uint32_t i = 0; i < CELLS; i++)
        if (p->view[i] != world.memory[i] && looks_at(number, i)) {
            add(key, i);
            add(key, p->view[i]);
        }
    for (uint32_t i = 0; i < NOTED; i++)
        for (uint32_t j = 0; j < p->notes[i].count; j++)
            add(key, i << 30 ^ p->notes[i].values[j]);
}

static struct key key_of_world(void)
{
    struct key key = {1, 2};

    for (uint32_t i = 0; i < CELLS; i++)
        add(&key, world.memory[i]);
    add_processor(&key, 0);
    add_processor(&key, 1);
    return key;
}

static bool insert(struct key key);

static void grow(void)
{
    struct key *old = table;
    uint64_t old_size = table_size;

    table_size = old_size == 0 ? 1 << 16 : old_size * 2;
    table = calloc(table_size, sizeof(*table));
    table_used = 0;
    for (uint64_t i = 0; i < old_size; i++)
        if (old[i].a != 0)
            insert(old[i]);
    free(old);
}

/* False: the state was there already. */
static bool insert(struct key key)
{
    if (table_used * 2 >= table_size)
        grow();
    key.a |= 1;
    for (uint64_t i = key.b % table_size;; i = (i + 1) % table_size) {
        if (table[i].a == key.a && table[i].b == key.b)
            return false;
        if (table[i].a == 0) {
            table[i] = key;
            table_used++;
            return true;
        }
    }
}

/* ---- putting the world aside -------------------------------------------- */

struct aside {
    struct world world;
    uint32_t bytes[2];
    uint8_t *stacks[2];
};

static uint32_t used_stack(uint32_t i)
{
    uintptr_t sp =
        (uintptr_t)world.processors[i].context.uc_mcontext.gregs[REG_RSP];
    uintptr_t end = (uintptr_t)stacks[i] + STACK_BYTES;

    /* The red zone below it belongs to the function that stands there. */
    return (uint32_t)(end - sp) + 128;
}

static struct aside *put_aside(void)
{
    struct aside *aside = malloc(sizeof(*aside));

    aside->world = world;
    for (uint32_t i = 0; i < 2; i++) {
        aside->bytes[i] = used_stack(i);
        aside->stacks[i] = malloc(aside->bytes[i]);
        memcpy(aside->stacks[i], stacks[i] + STACK_BYTES - aside->bytes[i],
               aside->bytes[i]);
    }
    return aside;
}

static void bring_back(const struct aside *aside)
{
    world = aside->world;
    for (uint32_t i = 0; i < 2; i++)
        memcpy(stacks[i] + STACK_BYTES - aside->bytes[i], aside->stacks[i],
               aside->bytes[i]);
}

static void forget(struct aside *aside)
{
    free(aside->stacks[0]);
    free(aside->stacks[1]);
    free(aside);
}

/* ---- actions ------------------------------------------------------------ */

enum action_kind { STEP, STEP_EARLY, DRAIN, MAKE_COPY };

struct action {
    uint8_t processor, kind, index;
};

static uint32_t actions_now(struct action *actions)
{
    uint32_t count = 0;

    for (uint8_t i = 0; i < 2; i++) {
        struct processor *p = &world.processors[i];

        if (may_step(p))
            actions[count++] = (struct action){i, STEP, 0};
        if (may_be_early(p))
            actions[count++] = (struct action){i, STEP_EARLY, 0};
        /* A copy that its step has announced is made now or later. */
        if (p->copy.count != 0 && p->operation != COPY)
            actions[count++] = (struct action){i, MAKE_COPY, 0};
        for (uint32_t j = 0; j < p->store_count; j++)
            if (may_drain(p, j))
                actions[count++] = (struct action){i, DRAIN, (uint8_t)j};
    }
    return count;
}

static void run_on(uint32_t i)
{
    world.running = i;
    swapcontext(&world.explorer, &world.processors[i].context);
}

static void take(struct action action)
{
    struct processor *p = &world.processors[action.processor];

    switch (action.kind) {
    case DRAIN:
        drain_store(p, action.index);
        break;
    case MAKE_COPY:
        make_copy(p, world.memory);
        break;
    default:
        take_step(p, action.kind == STEP_EARLY);
        run_on(action.processor);
    }
}

static void describe(const struct action *way, uint32_t depth,
                     struct model_result *result)
{
    static const char *const kinds[] = {"", "~", "!", "@"};
    size_t used = 0;

    for (uint32_t i = 0; i < depth && used + 16 < sizeof(result->way); i++)
        used += (size_t)snprintf(result->way + used, 16, " %c%s",
                                 way[i].processor == 0 ? 'w' : 'r',
                                 kinds[way[i].kind]);
}

/* ---- the walk ----------------------------------------------------------- */

static const struct model_programs *programs;
static struct action way[DEPTH];

static void walk(uint32_t depth, struct model_result *result)
{
    struct action actions[2 * (3 + STORES)];
    uint32_t count = actions_now(actions);
    struct aside *aside;

    if (count == 0 && !programs->done())
        world.fault = "both stand still and not all is done";
    if (depth == DEPTH)
        world.fault = "a way without end";
    if (world.fault != NULL) {
        result->fault = world.fault;
        describe(way, depth, result);
    }
    if (count == 0 || result->fault != NULL || !insert(key_of_world()))
        return;
    result->states++;
    aside = put_aside();
    for (uint32_t i = 0; i < count && result->fault == NULL; i++) {
        if (i > 0)
            bring_back(aside);
        way[depth] = actions[i];
        take(actions[i]);
        walk(depth + 1, result);
    }
    forget(aside);
}

static void start(void)
{
    uint32_t me = world.running;

    programs->run[me]();
    world.processors[me].operation = FINISHED;
    swapcontext(&world.processors[me].context, &world.explorer);
}

void model_explore(const struct model_programs *p, struct model_result *result)
{
    programs = p;
    memset(&world, 0, sizeof(world));
    memset(result, 0, sizeof(*result));
    free(table);
    table = NULL;
    table_size = table_used = 0;
    p->prepare();
    world.exploring = true;
    for (uint32_t i = 0; i < 2; i++) {
        struct processor *processor = &world.processors[i];

        memcpy(processor->view, world.memory, sizeof(processor->view));
        getcontext(&processor->context);
        processor->context.uc_stack.ss_sp = stacks[i];
        processor->context.uc_stack.ss_size = STACK_BYTES;
        makecontext(&processor->context, start, 0);
        run_on(i);
    }
    walk(0, result);
}
