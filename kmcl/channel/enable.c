/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Enable, disable, start, pause. What they ask for is recorded here;
 * advance.c does it.
 */
#include "kmcl/send/send.h"
#include "kmcl/channel/advance.h"

/* A ring of `pages` holds a packet with `body` bytes. */
static bool ring_suffices(uint32_t pages, uint32_t body)
{
    return (uint64_t)pages * SEAM_PAGE_SIZE > ring_footprint(body);
}

/* Checks what the configuration amounts to as a whole. */
static NTSTATUS check_settings(VMBCHANNEL ch)
{
    struct kmcl_settings *set = &ch->set;
    uint32_t body = kmcl_largest_body(set);

    /* A client must name the device that it waits for, a server the device that
     * it offers. */
    if (set->target == KMCL_TARGET_NONE) {
        seam_log(ch->s, SEAM_LOG_ERROR,
                 "kmcl: %s: no target: call %s before VmbChannelEnable",
                 set->name,
                 ch->is_server ? "VmbServerChannelInitSetTargetInterfaceId"
                               : "VmbClientChannelInitSetTargetPnp");
        return STATUS_INVALID_DEVICE_STATE;
    }
    /* Any primary of the type would do, but a sub-channel belongs to one. */
    if (!ch->is_server && set->subchannel &&
        set->target != KMCL_TARGET_INSTANCE) {
        seam_log(ch->s, SEAM_LOG_ERROR,
                 "kmcl: %s: a sub-channel of any instance: give "
                 "VmbClientChannelInitSetTargetPnp the primary's instance",
                 set->name);
        return STATUS_INVALID_DEVICE_STATE;
    }
    /* All guests here run at level 0. */
    if (set->target_vtl)
        return STATUS_NOT_SUPPORTED;
    /* Refuse now what would otherwise fail at every large packet. */
    if (body > RING_BODY_LIMIT ||
        (set->outgoing_pages && !ring_suffices(set->outgoing_pages, body)) ||
        (set->incoming_pages && !ring_suffices(set->incoming_pages, body))) {
        seam_log(ch->s, SEAM_LOG_ERROR,
                 "kmcl: %s: a packet at both maxima takes %llu bytes of ring; "
                 "found %u incoming and %u outgoing pages: give more pages or "
                 "lower the maxima",
                 set->name, (unsigned long long)ring_footprint(body),
                 set->incoming_pages, set->outgoing_pages);
        return STATUS_BUFFER_TOO_SMALL;
    }
    return STATUS_SUCCESS;
}

NTSTATUS VmbChannelEnable(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;
    NTSTATUS status;
    int rc;

    if (!kmcl_channel_ok(ch))
        return STATUS_INVALID_PARAMETER_1;
    KMCL_CHECK_PASSIVE(ch->s);
    /* A VmbChannelDisable that waits for Disabled would miss it. */
    if (ch->phase != KMCL_DISABLED || ch->restore || ch->save ||
        ch->activity == KMCL_IN_CLEANUP || kmcl_waits(ch, KMCL_CALL_DISABLE))
        return STATUS_INVALID_DEVICE_STATE;
    /* Configuration is checked as a whole before anything begins. */
    status = check_settings(ch);
    if (!NT_SUCCESS(status))
        return status;

    /* A client runs by itself, a server waits for VmbChannelStart [H]; a pause
     * that was asked for before holds for both [D]. */
    ch->wish = KMCL_WISH_ENABLED;
    if (ch->flow == KMCL_FLOW_DEFAULT)
        ch->flow = ch->is_server ? KMCL_FLOW_PAUSED : KMCL_FLOW_ACTIVE;
    ch->peer = KMCL_PEER_THERE;
    ch->service = KMCL_SERVING;
    ch->phase = KMCL_ENABLED;
    /* Publish the offer (server), or look for one that is there (client). */
    rc = ch->link.ops->enable(ch);
    if (rc) {
        ch->phase = KMCL_DISABLED;
        ch->wish = KMCL_WISH_DISABLED;
        ch->flow = KMCL_FLOW_DEFAULT;
        return kmcl_status(rc);
    }
    /* Callbacks come from the work item, never from inside this call. */
    kmcl_advance_soon(ch);
    return STATUS_SUCCESS;
}

/* What VmbChannelDisable waits for. */
static bool is_disabled(void *arg)
{
    VMBCHANNEL ch = arg;

    return ch->phase == KMCL_DISABLED;
}

VOID VmbChannelDisable(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;

    kmcl_check_caller(ch, KMCL_CALL_DISABLE);
    SEAM_ASSERT(ch->s, !ch->save,
                "a save session is open: VmbChannelSaveEnd first");
    /* A pause that was asked for while Disabled is forgotten as well [D]. */
    ch->wish = KMCL_WISH_DISABLED;
    ch->flow = KMCL_FLOW_DEFAULT;
    if (ch->phase == KMCL_DISABLED)
        return;
    /* End the requests that wait first: their callers may have to return before
     * the channel can close. */
    kmcl_remove_requests(ch);
    kmcl_advance(ch);
    (void)kmcl_wait(ch, KMCL_CALL_DISABLE, is_disabled, ch, SEAM_FOREVER,
                    "VmbChannelDisable: delivered packets to be completed, "
                    "then the other side to let go");
}

VOID VmbChannelStart(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;

    kmcl_check_caller(ch, KMCL_CALL_START);
    /* The other side may have ended the channel at any moment: its owner
     * learns that from EvtChannelClosed, and not by a failure here. */
    if (ch->wish == KMCL_WISH_LOST)
        return;
    SEAM_ASSERT(ch->s, ch->phase != KMCL_DISABLED,
                "between VmbChannelEnable and VmbChannelDisable only");
    /* If it is not open yet, this is what it will do then. */
    ch->flow = KMCL_FLOW_ACTIVE;
    kmcl_advance(ch);
}

/* Or no longer to be paused: a callback may have called VmbChannelStart. */
static bool is_paused(void *arg)
{
    VMBCHANNEL ch = arg;

    return ch->flow == KMCL_FLOW_ACTIVE ||
           (ch->phase != KMCL_RUNNING && ch->phase != KMCL_SUSPENDING);
}

VOID VmbChannelPause(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;

    kmcl_check_caller(ch, KMCL_CALL_PAUSE);
    ch->flow = KMCL_FLOW_PAUSED;
    if (ch->phase == KMCL_DISABLED)
        return; /* it will start out paused */
    kmcl_advance(ch);
    (void)kmcl_wait(ch, KMCL_CALL_PAUSE, is_paused, ch, SEAM_FOREVER,
                    "VmbChannelPause: delivered packets to be completed");
}
