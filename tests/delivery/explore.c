/* SPDX-License-Identifier: BSD-2-Clause */
/* The exploration: depth first, each state once. See model.h. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define ARENA_BYTES 32768u
#define STACK_BYTES 65536u
#define DEPTH       20000u

struct process {
    ucontext_t context;
    bool (*ready)(void *arg); /* NULL: it does not wait */
    void *arg;
    uint32_t choices; /* of the step that it stands before; 1: no choice */
    uint32_t choice;  /* what was taken */
    bool ended;
};

/* Everything that is put aside and brought back, but for the stacks. */
static struct {
    uint8_t arena[ARENA_BYTES] __attribute__((aligned(16)));
    size_t used;
    struct process processes[MODEL_PROCESSES];
    const char *fault;
} world;

static uint8_t stacks[MODEL_PROCESSES][STACK_BYTES]
    __attribute__((aligned(4096)));
static ucontext_t explorer;
static uint32_t running, process_count;
static const struct model_test *test;

/* ---- what a process calls ------------------------------------------------ */

static void leave(void)
{
    swapcontext(&world.processes[running].context, &explorer);
}

void model_step(void)
{
    world.processes[running].choices = 1;
    leave();
}

void model_wait(bool (*ready)(void *arg), void *arg)
{
    struct process *p = &world.processes[running];

    p->ready = ready;
    p->arg = arg;
    p->choices = 1;
    leave();
}

uint32_t model_choose(uint32_t count)
{
    world.processes[running].choices = count;
    leave();
    return world.processes[running].choice;
}

void model_expect(bool holds, const char *what)
{
    if (holds)
        return;
    if (!world.fault)
        world.fault = what;
    leave();
}

uint32_t model_self(void)
{
    return running;
}

void *model_alloc(size_t size)
{
    void *p = world.arena + world.used;

    world.used += (size + 15) & ~(size_t)15;
    if (world.used > ARENA_BYTES)
        abort();
    return p;
}

/* ---- states seen --------------------------------------------------------- */

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

static void add_bytes(struct key *key, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;

        memcpy(&word, at + i, 8);
        add(key, word);
    }
}

static uintptr_t stack_pointer(uint32_t i)
{
    return (uintptr_t)world.processes[i].context.uc_mcontext.gregs[REG_RSP];
}

static uintptr_t stack_end(uint32_t i)
{
    return (uintptr_t)stacks[i] + STACK_BYTES;
}

static void add_process(struct key *key, uint32_t i)
{
    static const int registers[] = {REG_RBX, REG_RBP, REG_R12, REG_R13,
                                    REG_R14, REG_R15, REG_RIP, REG_RSP};
    const struct process *p = &world.processes[i];

    add(key, p->ended | (uint64_t)p->choices << 8);
    if (p->ended)
        return;
    for (size_t r = 0; r < sizeof(registers) / sizeof(registers[0]); r++)
        add(key, (uint64_t)p->context.uc_mcontext.gregs[registers[r]]);
    add_bytes(key, (const void *)stack_pointer(i),
              stack_end(i) - stack_pointer(i));
}

static struct key key_of_world(void)
{
    struct key key = {1, 2};

    add_bytes(&key, world.arena, world.used);
    for (uint32_t i = 0; i < process_count; i++)
        add_process(&key, i);
    key.a |= 1;
    return key;
}

static bool insert(struct key key);

static void grow(void)
{
    struct key *old = table;
    uint64_t old_size = table_size;

    table_size = old_size ? old_size * 2 : 1 << 16;
    table = calloc(table_size, sizeof(*table));
    table_used = 0;
    for (uint64_t i = 0; i < old_size; i++)
        if (old[i].a)
            insert(old[i]);
    free(old);
}

/* False: the state was there already. */
static bool insert(struct key key)
{
    if (table_used * 2 >= table_size)
        grow();
    for (uint64_t i = key.b % table_size;; i = (i + 1) % table_size) {
        if (table[i].a == key.a && table[i].b == key.b)
            return false;
        if (!table[i].a) {
            table[i] = key;
            table_used++;
            return true;
        }
    }
}

/* ---- putting the world aside --------------------------------------------- */

/* Below the stack pointer lies the red zone of the function that stands
 * there. */
#define RED_ZONE 128u

struct aside {
    size_t bytes;
    uint8_t data[];
};

/* Copies between the world and `data`; returns the bytes that it takes. */
static size_t copy_world(uint8_t *data, bool back)
{
    size_t at = 0;

#define PART(memory, size)                       \
    do {                                         \
        if (data && back)                        \
            memcpy((memory), data + at, (size)); \
        else if (data)                           \
            memcpy(data + at, (memory), (size)); \
        at += (size);                            \
    } while (0)
    PART(world.processes, sizeof(world.processes));
    PART(world.arena, world.used);
    for (uint32_t i = 0; i < process_count; i++) {
        uintptr_t from = stack_pointer(i) - RED_ZONE;

        PART((void *)from, stack_end(i) - from);
    }
#undef PART
    return at;
}

static struct aside *put_aside(void)
{
    size_t bytes = copy_world(NULL, false);
    struct aside *aside = malloc(sizeof(*aside) + bytes);

    if (!aside)
        abort();
    aside->bytes = bytes;
    (void)copy_world(aside->data, false);
    return aside;
}

/* ---- the walk ------------------------------------------------------------ */

struct action {
    uint8_t process, choice;
};

static struct action way[DEPTH];

static bool may_go_on(uint32_t i)
{
    const struct process *p = &world.processes[i];

    if (p->ended || (p->ready && !p->ready(p->arg)))
        return false;
    return !test->may_run || test->may_run(i);
}

static uint32_t actions_now(struct action *actions)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < process_count; i++)
        for (uint32_t c = 0; may_go_on(i) && c < world.processes[i].choices;
             c++)
            actions[count++] = (struct action){(uint8_t)i, (uint8_t)c};
    return count;
}

static void go_on(struct action action)
{
    struct process *p = &world.processes[action.process];

    running = action.process;
    p->ready = NULL;
    p->choice = action.choice;
    swapcontext(&explorer, &p->context);
}

static void describe(uint32_t depth, struct model_result *result)
{
    size_t used = 0;

    result->fault = world.fault;
    for (uint32_t i = 0; i < depth && used + 8 < sizeof(result->way); i++)
        used += (size_t)snprintf(result->way + used, 8, " %u", way[i].process);
}

static void walk(uint32_t depth, struct model_result *result)
{
    struct action actions[MODEL_PROCESSES * 4];
    uint32_t count = actions_now(actions);
    struct aside *aside;

    if (!world.fault && !count && !test->done())
        world.fault = "all stand still and not all is done";
    if (!world.fault && depth == DEPTH)
        world.fault = "a way without end";
    if (world.fault)
        describe(depth, result);
    if (!count || result->fault || !insert(key_of_world()))
        return;
    result->states++;
    aside = put_aside();
    for (uint32_t i = 0; i < count && !result->fault; i++) {
        if (i)
            (void)copy_world(aside->data, true);
        way[depth] = actions[i];
        go_on(actions[i]);
        walk(depth + 1, result);
    }
    free(aside);
}

static void start(void)
{
    test->run[running]();
    world.processes[running].ended = true;
    leave();
}

void model_explore(const struct model_test *t, struct model_result *result)
{
    test = t;
    memset(&world, 0, sizeof(world));
    memset(stacks, 0, sizeof(stacks));
    memset(result, 0, sizeof(*result));
    free(table);
    table = NULL;
    table_size = table_used = 0;
    process_count = 0;
    t->prepare();
    while (process_count < MODEL_PROCESSES && t->run[process_count]) {
        struct process *p = &world.processes[process_count];

        p->choices = 1;
        getcontext(&p->context);
        p->context.uc_stack.ss_sp = stacks[process_count];
        p->context.uc_stack.ss_size = STACK_BYTES;
        makecontext(&p->context, start, 0);
        process_count++;
    }
    walk(0, result);
}
