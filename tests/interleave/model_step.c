/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory model's steps: what may happen next, and what it does;
 * explore.c walks over them. */
#include "world.h"

#include <string.h>

static void note(struct processor *p, enum noted what, uint64_t value)
{
    struct notes *notes = &p->notes[what];

    if (!p->noting)
        return;
    for (uint32_t i = 0; i < notes->count; i++)
        if (notes->values[i] == value)
            return;
    if (notes->count == NOTES)
        __builtin_trap();
    notes->values[notes->count++] = (uint32_t)value;
}

static void note_all(struct processor *p)
{
    p->noting = true;
    for (uint32_t what = 0; what < NOTED; what++)
        note(p, what, world.memory[what]);
}

static bool shares_a_cell(const struct store *a, const struct store *b)
{
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t j = 0; j < b->count; j++)
            if (a->cells[i] == b->cells[j])
                return true;
    return false;
}

bool may_drain(const struct processor *p, uint32_t index)
{
    const struct store *store = &p->stores[index];

    if (store->release && (index > 0 || p->copy.count != 0))
        return false;
    for (uint32_t i = 0; i < index; i++)
        if (shares_a_cell(&p->stores[i], store))
            return false;
    return true;
}

static void set_cell(struct processor *p, uint32_t cell, uint64_t value)
{
    world.memory[cell] = value;
    /* One's own store is never seen older than it is. */
    p->view[cell] = value;
    if (cell < NOTED)
        for (uint32_t i = 0; i < 2; i++)
            note(&world.processors[i], cell, value);
}

void drain_store(struct processor *p, uint32_t index)
{
    struct store store = p->stores[index];

    p->store_count--;
    memmove(&p->stores[index], &p->stores[index + 1],
            (p->store_count - index) * sizeof(store));
    memset(&p->stores[p->store_count], 0, sizeof(store));
    for (uint32_t i = 0; i < store.count; i++)
        set_cell(p, store.cells[i], store.values[i]);
}

void make_copy(struct processor *p, const uint64_t *from)
{
    memcpy(p->copy.to, &from[p->copy.cell], p->copy.count * 8);
    for (uint32_t i = 0; i < p->copy.count; i++)
        mix(&p->history, from[p->copy.cell + i]);
    p->copy = (struct copy){0};
}

/* The newest of one's own stores to the cell, if the buffer has one. */
static const uint64_t *own_store(const struct processor *p, uint32_t cell)
{
    for (uint32_t i = p->store_count; i > 0; i--)
        for (uint32_t j = p->stores[i - 1].count; j > 0; j--)
            if (p->stores[i - 1].cells[j - 1] == cell)
                return &p->stores[i - 1].values[j - 1];
    return NULL;
}

bool may_be_early(const struct processor *p)
{
    if (p->operation == COPY)
        return memcmp(&p->view[p->copy.cell], &world.memory[p->copy.cell],
                      p->copy.count * 8) != 0;
    return p->operation == LOAD && own_store(p, p->cell) == NULL &&
           p->view[p->cell] != world.memory[p->cell];
}

bool may_step(const struct processor *p)
{
    switch (p->operation) {
    case FENCE:
        return p->store_count == 0 && p->copy.count == 0;
    case SETTLE:
        return p->copy.count == 0;
    case WAIT:
        return p->woken;
    case FINISHED:
        return false;
    default:
        return true;
    }
}

static void take_load(struct processor *p, bool early)
{
    const uint64_t *own = own_store(p, p->cell);

    if (own != NULL)
        p->value = *own;
    else if (early)
        p->value = p->view[p->cell];
    else
        p->value = world.memory[p->cell];
    if (early || own != NULL)
        return;
    p->view[p->cell] = p->value;
    if (p->operation == LOAD_ACQUIRE)
        memcpy(p->view, world.memory, sizeof(p->view));
}

void take_step(struct processor *p, bool early)
{
    p->value = 0;
    switch (p->operation) {
    case LOAD:
    case LOAD_ACQUIRE:
        take_load(p, early);
        break;
    case FENCE:
        memcpy(p->view, world.memory, sizeof(p->view));
        note_all(p);
        break;
    case COPY:
        if (early)
            make_copy(p, p->view);
        else if (!world.exploring)
            make_copy(p, world.memory);
        break;
    case SIGNAL:
        world.processors[p == &world.processors[0]].woken = true;
        break;
    case WAIT:
        p->woken = false;
        break;
    default:
        break;
    }
}
