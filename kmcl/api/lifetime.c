/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning and the end of a channel object.
 *
 * This file knows all parts of a channel, because it puts them together: the
 * table of its link and the function of its work item come from here.
 */
#include "kmcl/send/send.h"
#include "kmcl/save/save.h"
#include "kmcl/receive/receive.h"
#include "kmcl/link/link.h"
#include "kmcl/api/lifetime.h"
#include "kmcl/base/instances.h"
#include "kmcl/base/server_half.h"

/* Puts the channel on the list of its bus, where offers and rescinds look for
 * it. */
static void attach_root(VMBCHANNEL ch, struct kmcl *root)
{
    ch->root = root;
    ch->s = root->s;
    ch->next = root->channels;
    if (ch->next)
        ch->next->previous = ch;
    ch->previous = NULL;
    root->channels = ch;
    kmcl_instance_set(ch);
    root->stats.channels++;
}

/* Takes it off that list again. */
static void detach_root(VMBCHANNEL ch)
{
    *(ch->previous ? &ch->previous->next : &ch->root->channels) = ch->next;
    if (ch->next)
        ch->next->previous = ch->previous;
    kmcl_instance_forget(ch);
    ch->root->stats.channels--;
}

/* What holds until a configuration function says otherwise. */
static void defaults(VMBCHANNEL ch)
{
    static const char name[] = "channel";
    struct kmcl_settings *set = &ch->set;

    set->max_packet = KMCL_DEFAULT_MAXIMUM_PACKET_SIZE;
    set->max_external = KMCL_DEFAULT_EXTERNAL_SIZE;
    set->max_chain = KMCL_DEFAULT_EXTERNAL_CHAIN;
    memcpy(set->name, name, sizeof(name));
    ch->quota = KMCL_DEFAULT_QUOTA;
    ch->next_transaction = 1;
    /* What the lower folders queue by kmcl_advance_soon(). */
    ch->passive_work.run = kmcl_passive_work;
    ch->passive_work.arg = ch;
    ch->passive_work.level = SEAM_PASSIVE;
}

/* The bus that a device names. One that a driver has made itself, by
 * IoCreateDevice, names none, and so does no device. */
static struct kmcl *bus_of(PDEVICE_OBJECT device, bool server)
{
    if (device && (device->kmcl || !device->DriverObject))
        return device->kmcl;
    return server ? kmcl_server_root() : seam_root();
}

/* The bus that `device` names; NULL with *status set. */
static struct kmcl *find_root(PDEVICE_OBJECT device, bool server,
                              NTSTATUS *status)
{
    struct kmcl *root = NULL;

    /* A device that is none is a mistake of the caller. A bus without the half
     * that is asked for is none. */
    *status = STATUS_SUCCESS;
    if (device && device->magic != KMCL_DEVICE_MAGIC)
        *status = STATUS_INVALID_PARAMETER_1;
    else if (!(root = bus_of(device, server)))
        *status = STATUS_INVALID_DEVICE_STATE;
    else if (server ? !root->host : !root->bus)
        *status = STATUS_NOT_SUPPORTED;
    return *status == STATUS_SUCCESS ? root : NULL;
}

NTSTATUS VmbChannelAllocate(PDEVICE_OBJECT ParentDeviceObject, BOOLEAN IsServer,
                            VMBCHANNEL *Channel)
{
    struct kmcl *root;
    NTSTATUS status;
    VMBCHANNEL ch;

    if (!Channel)
        return STATUS_INVALID_PARAMETER_3;
    /* No usable handle after a failure [I]. */
    *Channel = NULL;
    root = find_root(ParentDeviceObject, IsServer, &status);
    if (!root)
        return status;
    KMCL_CHECK_PASSIVE(root->s);
    ch = kmcl_alloc(root, sizeof(*ch));
    if (!ch)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* Memory is zeroed, so every state begins with its first value. */
    ch->magic = KMCL_CHANNEL_MAGIC;
    ch->is_server = IsServer != 0;
    /* An image without server channels has no table for them. */
    ch->link.ops = IsServer ? root->config.server->link : &kmcl_client_link;
    kmcl_transactions_begin(&ch->sent);
    defaults(ch);
    attach_root(ch, root);
    /* Refused, and so without effect, on a server. */
    if (ParentDeviceObject && ParentDeviceObject->names_offer)
        VmbClientChannelInitSetTargetPnp(ch, &ParentDeviceObject->type,
                                         &ParentDeviceObject->instance, NULL);
    *Channel = ch;
    return STATUS_SUCCESS;
}

void kmcl_channel_move(VMBCHANNEL ch, struct kmcl *root)
{
    detach_root(ch);
    attach_root(ch, root);
}

static bool callers_are_gone(void *arg)
{
    VMBCHANNEL ch = arg;

    return ch->activity == KMCL_IDLE && !ch->waits;
}

/* The platform holds no pointer to the channel any more. */
static bool work_is_over(void *arg)
{
    VMBCHANNEL ch = arg;

    return !seam_work_is_queued(&ch->passive_work) &&
           !seam_work_is_queued(&ch->link.rest_work);
}

VOID VmbChannelCleanup(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;

    kmcl_check_caller(ch, KMCL_CALL_CLEANUP);
    /* A channel that is not Disabled has memory that the other side uses. */
    SEAM_ASSERT(ch->s, ch->phase == KMCL_DISABLED,
                "only a Disabled channel: VmbChannelDisable it first");
    SEAM_ASSERT(ch->s, !ch->save,
                "a save session is open: VmbChannelSaveEnd first");
    /* A callback or a call that has ended on another stack still returns. */
    (void)seam_wait(ch->s, callers_are_gone, ch, SEAM_FOREVER,
                    "VmbChannelCleanup: the channel's last callback");
    /* From here on sends are refused, also in the routines that run now. */
    kmcl_set_activity(ch, KMCL_IN_CLEANUP);
    (void)kmcl_remove_all(ch); /* a Disabled channel lends nothing */
    SEAM_ASSERT(ch->s, !ch->packets_out,
                "packets are still out: VmbPacketFree each first");
    /* Work that is queued cannot be taken back, and finds nothing to do. */
    (void)seam_wait(ch->s, work_is_over, ch, SEAM_FOREVER,
                    "a channel's last work item");
    /* From here on nobody else knows the channel: take it apart in the reverse
     * order of its making. */
    kmcl_restore_end(ch);
    kmcl_incoming_free_all(ch);
    kmcl_packets_free_all(ch);
    kmcl_transactions_end(ch);
    detach_root(ch);
    /* A handle that is used again is found by this. */
    ch->magic = 0;
    /* The bus is given back last, because it has the memory. */
    kmcl_free(ch->root, ch, sizeof(*ch));
}
