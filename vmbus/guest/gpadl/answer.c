/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's answers about GPADLs: GPADL_CREATED and GPADL_TORNDOWN.
 */
#include "vmbus/guest/gpadl/gpadl.h"

static void refuse(struct vmbus_bus *bus, const char *name, uint32_t handle,
                   const char *why)
{
    vmbus_locked_refuse_answer(bus, "%s of handle 0x%x refused: %s", name,
                               handle, why);
}

/* True while an answer to create() can be true: the host has all messages, or
 * create() was given up and is being undone. */
static bool awaits_created(const struct gpadl *g)
{
    return g->created_due &&
           (g->state == GPADL_CREATING || g->state == GPADL_TEARING);
}

void vmbus_locked_gpadl_created(struct vmbus_bus *bus, const void *message,
                                uint32_t size)
{
    const struct wire_gpadl_created *m = message;
    struct gpadl *g = vmbus_locked_gpadl_find(bus, m->gpadl);

    (void)size;
    /* Refuse a handle of another channel: both numbers must be ours. */
    if (!g || g->relid != m->relid)
        refuse(bus, "GPADL_CREATED", m->gpadl, "no such handle and relid");
    /* Refuse an answer before the question, and a second one. */
    else if (!awaits_created(g))
        refuse(bus, "GPADL_CREATED", m->gpadl, "it is not being made");
    else
        vmbus_locked_gpadl_answered(g, m->status);
}

void vmbus_locked_gpadl_torndown(struct vmbus_bus *bus, const void *message,
                                 uint32_t size)
{
    const struct wire_gpadl_torndown *m = message;
    struct gpadl *g = vmbus_locked_gpadl_find(bus, m->gpadl);

    (void)size;
    if (!g)
        refuse(bus, "GPADL_TORNDOWN", m->gpadl, "no such handle");
    /* Refuse an answer before the question: the pages are still the host's. */
    else if (g->state != GPADL_TEARING || g->teardown.queued)
        refuse(bus, "GPADL_TORNDOWN", m->gpadl, "it is not being torn down");
    else
        vmbus_locked_gpadl_torn(g);
}
