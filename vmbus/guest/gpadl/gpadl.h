/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GPADLs, private part: their states, shared by the rings of a channel
 * (channel/open_api.c) and by those of the user (api.c).
 */
#ifndef VMBUS_GUEST_GPADL_H
#define VMBUS_GUEST_GPADL_H

#include "vmbus/guest/bus.h"

enum gpadl_state {
    GPADL_CREATING, /* header and bodies on their way, or answer awaited */
    GPADL_LIVE,     /* the host may use the pages */
    GPADL_TEARING,  /* TEARDOWN on its way, or answer awaited */
    GPADL_GONE,     /* the host has let go */
    GPADL_LEAKED,   /* the host may use the pages for ever */
    GPADL_DOOMED,   /* without an owner; freed as soon as TEARDOWN is posted */
};

struct gpadl {
    struct chain by_handle;  /* in bus->gpadls */
    struct chain of_channel; /* in channel->gpadls; not when doomed */
    struct vmbus_bus *bus;
    struct vmbus_channel *channel; /* NULL: GPADL_DOOMED */
    enum gpadl_state state;
    uint32_t relid;
    uint32_t handle;
    uint32_t count;
    uint32_t offset;
    uint32_t bytes;
    uint64_t *pfns; /* `count` of them, owned */
    int why;        /* TEARING: what create() ends with; 0: it had succeeded */
    bool ring;      /* of a channel's own rings, not of the user */
    bool created_due; /* the host has the whole request to create it */
    struct post create;
    struct post teardown;
    struct deadline deadline;
    uint64_t timeout;
    /* The end of creating or of tearing down. Lock held. */
    void (*changed)(struct gpadl *g, int status, uint32_t host_status);
    struct op op; /* GPADLs of the user */
    uint32_t *handle_out;
};

/** The post.build of GPADL_HEADER (step 0) and GPADL_BODY (steps 1...). */
uint32_t vmbus_gpadl_build_create(void *owner, uint32_t step, void *message);

/** The post.build of GPADL_TEARDOWN. */
uint32_t vmbus_gpadl_build_teardown(void *owner, uint32_t step, void *message);

/**
 * Make a GPADL that the host does not know yet, and that is not in the bus's
 * list. The caller sets `changed`.
 *
 * @p       its frame numbers are copied
 * @return  freed by vmbus_locked_gpadl_drop() after
 * vmbus_locked_gpadl_create(), and by vmbus_gpadl_free() before; NULL: no
 * memory
 */
struct gpadl *vmbus_gpadl_new(struct vmbus_channel *c,
                              const struct vmbus_pages *p);

/** Free a GPADL that is in no list. */
void vmbus_gpadl_free(struct gpadl *g);

/** Send it to the host; changed() gets 0 or why it failed. `timeout` in 100 ns,
 * for each answer. Lock held. */
void vmbus_locked_gpadl_create(struct gpadl *g, uint64_t timeout);

/** Take a LIVE (or LEAKED) GPADL back; changed() gets 0 or -ESTALE, from inside
 * if the host has let go already. Lock held. */
void vmbus_locked_gpadl_teardown(struct gpadl *g);

/** Forget a GPADL: unlink and free it, now or when its last message is posted.
 * The caller may not use it any more. Lock held. */
void vmbus_locked_gpadl_drop(struct gpadl *g);

/** No answer about GPADLs of this channel will come any more, because the host
 * has rescinded it. A pending create() ends with `status`. Lock held. */
void vmbus_locked_channel_gpadls_lost(struct vmbus_channel *c, int status);

/**
 * No answer about any GPADL will come any more, because the connection ended.
 *
 * @status  what a pending create() ends with
 * @leaked  the host may still use the pages
 *
 * Lock held.
 */
void vmbus_locked_gpadls_lost(struct vmbus_bus *bus, int status, bool leaked);

/** The GPADL that the host calls `handle`, without the doomed ones; or NULL.
 * Lock held. */
struct gpadl *vmbus_locked_gpadl_find(struct vmbus_bus *bus, uint32_t handle);

/** True if a GPADL of this channel is left. Lock held. */
bool vmbus_locked_channel_has_gpadls(const struct vmbus_channel *c);

/** The answer says whether the host has the pages of a GPADL in CREATING, or in
 * TEARING because it was given up. Lock held. */
void vmbus_locked_gpadl_answered(struct gpadl *g, uint32_t host_status);

/** The host has let go of a GPADL in TEARING. Lock held. */
void vmbus_locked_gpadl_torn(struct gpadl *g);

/* Handlers of messages (answer.c). */
message_fn vmbus_locked_gpadl_created;
message_fn vmbus_locked_gpadl_torndown;

#endif
