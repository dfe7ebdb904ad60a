/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaching KMCL to a bus; the devices that name it.
 */
#include "kmcl/base/root.h"

#include <errno.h>

#include "kmcl/link/link.h"

int kmcl_attach(const struct kmcl_config *config, struct kmcl **kmcl)
{
    struct kmcl *k;

    *kmcl = NULL;
    /* Server channels need the host half and their own code, both or neither.
     */
    if (!config->seam || (!config->bus && !config->host) ||
        !config->host != !config->server)
        return -EINVAL;
    /* Memory for this one is not counted: the counters are in it. */
    k = seam_alloc(config->seam, sizeof(*k));
    if (!k)
        return -ENOMEM;
    k->magic = KMCL_ROOT_MAGIC;
    k->s = config->seam;
    k->bus = config->bus;
    k->host = config->host;
    k->config = *config;
    /* The bus is a device, too: VmbChannelAllocate takes it. */
    k->device.magic = KMCL_DEVICE_MAGIC;
    k->device.kmcl = k;
    /* The one object behind all kernel handles of this bus. */
    k->handle.magic = KMCL_HANDLE_MAGIC;
    k->handle.kmcl = k;
    /* Be told of offers: those that are there already are announced from inside
     * vmbus_bus_observe. */
    k->observer.offered = kmcl_client_offered;
    k->observer.unclaimed = kmcl_client_offered;
    k->observer.rescinded = kmcl_client_rescinded;
    k->observer.arg = k;
    if (k->bus)
        vmbus_bus_observe(k->bus, &k->observer);
    *kmcl = k;
    return 0;
}

void kmcl_set_servers(struct kmcl *kmcl, struct kmcl *servers)
{
    SEAM_ASSERT(kmcl->s, !kmcl->host && (!servers || servers->host),
                "an instance with a host half serves for one without");
    if (kmcl->servers)
        kmcl->servers->serves--;
    kmcl->servers = servers;
    if (servers)
        servers->serves++;
}

void kmcl_detach(struct kmcl *kmcl)
{
    /* Whoever is left would use freed memory. */
    SEAM_ASSERT(kmcl->s, !kmcl->channels,
                "channels are left: VmbChannelCleanup each first");
    SEAM_ASSERT(kmcl->s, !kmcl->interface_references,
                "an interface is in use: InterfaceDereference it first");
    SEAM_ASSERT(kmcl->s, !kmcl->handle.open,
                "a VMBus handle is open: ZwClose it first");
    SEAM_ASSERT(kmcl->s, !kmcl->serves,
                "it serves for another instance: detach that one first");
    if (kmcl->servers)
        kmcl->servers->serves--;
    if (kmcl->bus)
        vmbus_bus_unobserve(kmcl->bus, &kmcl->observer);
    /* No offer is announced any more. */
    kmcl->magic = 0;
    seam_free(kmcl->s, kmcl, sizeof(*kmcl));
}

/* The storage is the root's, so it ends with kmcl_detach(). */
PDEVICE_OBJECT kmcl_bus_device(struct kmcl *kmcl)
{
    return &kmcl->device;
}

void kmcl_offer_device(struct kmcl *kmcl, LPCGUID type, LPCGUID instance,
                       PDEVICE_OBJECT device)
{
    *device = (struct DEVICE_OBJECT){
        .magic = KMCL_DEVICE_MAGIC,
        .names_offer = true,
        .kmcl = kmcl,
        .type = *type,
        .instance = *instance,
    };
}

const struct kmcl_stats *kmcl_stats(const struct kmcl *kmcl)
{
    return &kmcl->stats;
}

/* Memory is never paged out here, so only this leads to STATUS_PENDING. */
void kmcl_test_pend_external(struct kmcl *kmcl, uint32_t count)
{
    kmcl->pend_external = count;
}
