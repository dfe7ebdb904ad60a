/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all channels of a bus share; see kmcl.h for its contract.
 */
#ifndef KMCL_ROOT_H
#define KMCL_ROOT_H

#include <stdbool.h>

#include "kmcl/kmcl.h"
#include "vmbus/chain.h"
#include "vmbus/wire/memory.h"
#include "vmbus/wire/rate.h"
#include "kmcl/ntstatus.h"
#include "vmbus/seam.h"
#include "vmbus/vmbus.h"

#include "kmcl/types.h"

#define KMCL_ROOT_MAGIC   0x52766d4bu /* "KmvR" */
#define KMCL_HANDLE_MAGIC 0x48766d4bu /* "KmvH" */

/* What VmbConvertVmbusHandleToKernelHandle gives out: one per bus, counted. */
struct kmcl_bus_handle {
    uint32_t magic;
    uint32_t open;
    struct kmcl *kmcl;
};

/* Buckets of the index of channels. */
#define KMCL_INSTANCES 256u

/* Kinds of lines that the other side can bring about, each limited in its
 * rate for all channels of the bus together. */
enum kmcl_line {
    KMCL_LINE_OPEN,    /* a channel does not open */
    KMCL_LINE_REFUSED, /* EvtChannelOpened refuses */
    KMCL_LINE_CLOSE,   /* a close is not confirmed */
    KMCL_LINE_RINGS,   /* unusable or broken rings */
    KMCL_LINE_MAP,     /* external data that is not mapped at DISPATCH */
    KMCL_LINES
};

struct kmcl {
    uint32_t magic;
    uint32_t interface_references;
    struct seam *s;
    struct vmbus_bus *bus;
    struct vmbus_host *host;
    struct kmcl *servers; /* serves in place of a host half of its own */
    uint32_t serves;      /* instances for which this one does */
    struct kmcl_config config;
    struct DEVICE_OBJECT device;
    struct kmcl_bus_handle handle;
    struct vmbus_observer observer;
    VMBCHANNEL channels;
    struct chain *by_instance[KMCL_INSTANCES]; /* instances.c */
    uint32_t pend_external;
    struct kmcl_stats stats;
    uint64_t lines[KMCL_LINES];
};

/* Adds to a counter that the channels of several processors change at once;
 * returns what it was before. */
static inline uint64_t kmcl_count(uint64_t *counter, uint64_t n)
{
    return __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* Logs a line that the other side can bring about, if it is due. */
#define kmcl_log_peer(ch, kind, level, ...)          \
    do {                                             \
        if (line_is_due(&(ch)->root->lines[(kind)])) \
            seam_log((ch)->s, (level), __VA_ARGS__); \
    } while (0)

/* Zeroed memory of the platform, counted; NULL: there is none. <= DISPATCH. */
void *kmcl_alloc(struct kmcl *kmcl, size_t size);
/* Gives back what kmcl_alloc() gave, with the same size. <= DISPATCH. */
void kmcl_free(struct kmcl *kmcl, void *p, size_t size);

/* The default bus's platform, for assertions about handles that name none. */
static inline struct seam *kmcl_seam(void)
{
    struct kmcl *kmcl = seam_root();

    return kmcl ? kmcl->s : NULL;
}

/* The instance that a server without a device means: the default one or, where
 * that has no host half, the one that serves in its place. NULL: there is no
 * default one. */
static inline struct kmcl *kmcl_server_root(void)
{
    struct kmcl *kmcl = seam_root();

    return kmcl && kmcl->servers ? kmcl->servers : kmcl;
}

/* The NTSTATUS that a negative errno of vmbus/ means to a KMCL caller. */
NTSTATUS kmcl_status(int error);

/* GUID and its byte form have one layout. */
static inline const struct vmbus_guid *kmcl_guid(const GUID *guid)
{
    return (const struct vmbus_guid *)(const void *)guid;
}

#endif
