/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory model's world, and what a program may do in it. */
#include "world.h"

#include <stddef.h>
#include <string.h>

struct world world;

/* ---- where things are --------------------------------------------------- */

/* The ring's real memory is never touched by the ring under test: its
 * addresses only name cells. The words of the control page come first. */
static struct ring_control control_page;
static uint64_t data_area[MODEL_DATA_SIZE / 8];

struct ring_control *model_control(void)
{
    return &control_page;
}

uint8_t *model_data(void)
{
    return (uint8_t *)data_area;
}

void *model_locals(void)
{
    return world.locals;
}

static uint32_t cell_of(const void *at)
{
    uintptr_t page = (uintptr_t)at - (uintptr_t)&control_page;
    uintptr_t data = (uintptr_t)at - (uintptr_t)data_area;

    if (page < sizeof(control_page))
        return page == offsetof(struct ring_control, features)
                   ? CELL_FEATURES
                   : (uint32_t)page / 4;
    if (data >= sizeof(data_area) || data % 8 != 0)
        model_expect(false, "an access outside the ring");
    return CELL_DATA + (uint32_t)data / 8;
}

/* ---- what a program does ------------------------------------------------ */

static struct processor *self(void)
{
    return &world.processors[world.running];
}

void mix(uint64_t *hash, uint64_t value)
{
    *hash = (*hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    *hash ^= *hash >> 29;
}

/* Hands a step to the explorer and waits until it was taken. */
static uint64_t step(enum operation operation, uint32_t cell)
{
    struct processor *p = self();

    p->operation = operation;
    p->cell = cell;
    if (world.exploring)
        swapcontext(&p->context, &world.explorer);
    else
        take_step(p, false);
    mix(&p->history, p->value);
    mix(&p->history, operation);
    return p->value;
}

uint64_t model_load(const void *at, bool acquire)
{
    return step(acquire ? LOAD_ACQUIRE : LOAD, cell_of(at));
}

void model_fence(void)
{
    step(FENCE, 0);
}

void model_settle(void)
{
    step(SETTLE, 0);
}

void model_signal(void)
{
    step(SIGNAL, 0);
}

void model_wait(void)
{
    step(WAIT, 0);
}

/* A store only fills the buffer: nothing that the other could see yet. */
void model_store(void *at, uint64_t value, bool release)
{
    struct processor *p = self();
    struct store *last = p->stores + p->store_count - 1;
    uint32_t cell = cell_of(at);

    if (cell < CELL_DATA || p->store_count == 0 || last->cells[0] < CELL_DATA) {
        last = &p->stores[p->store_count++];
        if (p->store_count > STORES)
            __builtin_trap();
        last->release = release;
    }
    last->cells[last->count] = cell;
    last->values[last->count++] = value;
    if (last->count == CHUNK)
        __builtin_trap();
    if (!world.exploring)
        while (p->store_count > 0)
            drain_store(p, 0);
}

void model_copy_to(void *data, const void *from, uint32_t size)
{
    uint64_t units[16];

    if (size % 8 != 0 || size > sizeof(units))
        __builtin_trap();
    memcpy(units, from, size);
    for (uint32_t i = 0; i < size / 8; i++)
        model_store((uint64_t *)data + i, units[i], false);
}

/* Made now, from what was seen early, or later. */
void model_copy_from(void *to, const void *data, uint32_t size)
{
    struct processor *p = self();

    if (size == 0)
        return;
    if (size % 8 != 0 || p->copy.count != 0)
        model_settle();
    p->copy = (struct copy){to, cell_of(data), size / 8};
    step(COPY, 0);
}

void model_expect(bool holds, const char *what)
{
    if (!holds && world.fault == NULL)
        world.fault = what;
    if (!holds && world.exploring)
        swapcontext(&self()->context, &world.explorer);
}

/* ---- what was so since the last fence ----------------------------------- */

static bool noted(enum noted what, uint32_t value)
{
    const struct notes *notes = &self()->notes[what];

    for (uint32_t i = 0; i < notes->count; i++)
        if (notes->values[i] == value)
            return true;
    return false;
}

void model_noted(const void *state, uint32_t size)
{
    struct processor *p = self();
    const uint8_t *bytes = state;

    p->noting = false;
    memset(p->notes, 0, sizeof(p->notes));
    p->history = size;
    for (uint32_t i = 0; i < size; i++)
        mix(&p->history, bytes[i]);
}

bool model_mask_was_clear(void)
{
    return noted(NOTED_MASK, 0);
}

bool model_read_index_was(uint32_t index)
{
    return noted(NOTED_READ, index);
}

static uint32_t free_bytes(uint32_t in, uint32_t out)
{
    return MODEL_DATA_SIZE - (in - out) % MODEL_DATA_SIZE;
}

bool model_room_was_made(uint32_t before, uint32_t now)
{
    const struct notes *pending = &self()->notes[NOTED_PENDING];
    const struct notes *in = &self()->notes[NOTED_WRITE];

    for (uint32_t i = 0; i < pending->count; i++)
        for (uint32_t j = 0; j < in->count; j++)
            if (pending->values[i] != 0 &&
                free_bytes(in->values[j], before) <= pending->values[i] &&
                free_bytes(in->values[j], now) > pending->values[i])
                return true;
    return false;
}
