/*
 * Enable, disable, start, pause. What they ask for is recorded here;
 * advance.c does it.
 */
#include "kmcl/channel/channel.h"
#include "kmcl/channel/lifetime.h"

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

    if (!set->has_target) {
        seam_log(ch->s, SEAM_LOG_ERROR,
                 "kmcl: %s: no target: call %s before VmbChannelEnable",
                 set->name,
                 ch->is_server ? "VmbServerChannelInitSetTargetInterfaceId"
                               : "VmbClientChannelInitSetTargetPnp");
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (set->target_vtl)
        return STATUS_NOT_SUPPORTED;
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
    if (ch->phase != KMCL_DISABLED || ch->restore || ch->save)
        return STATUS_INVALID_DEVICE_STATE;
    status = check_settings(ch);
    if (!NT_SUCCESS(status))
        return status;

    ch->pipe =
        (ch->set.flags & VMBUS_CHANNEL_INIT_FLAG_IS_PIPE) ||
        (ch->set.server_flags & VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE);
    ch->want_enabled = true;
    ch->want_active = !ch->is_server && !ch->start_paused;
    ch->peer_gone = false;
    ch->failed = false;
    ch->removing = false;
    ch->phase = KMCL_ENABLED;
    ch->start_paused = false;
    rc = ch->link.ops->enable(ch);
    if (rc) {
        ch->phase = KMCL_DISABLED;
        ch->want_enabled = false;
        return kmcl_status(rc);
    }
    kmcl_advance_soon(ch);
    return STATUS_SUCCESS;
}

static bool is_disabled(void *arg)
{
    VMBCHANNEL ch = arg;

    return ch->phase == KMCL_DISABLED;
}

VOID VmbChannelDisable(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;

    CHECK_CALLER(ch);
    SEAM_ASSERT(ch->s, !ch->save,
                "a save session is open: VmbChannelSaveEnd first");
    ch->want_enabled = false;
    ch->start_paused = false;
    if (ch->phase == KMCL_DISABLED)
        return;
    kmcl_remove_requests(ch);
    kmcl_advance(ch);
    (void)seam_wait(ch->s, is_disabled, ch, SEAM_FOREVER,
                    "VmbChannelDisable: delivered packets to be completed");
}

VOID VmbChannelStart(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;

    CHECK_CALLER(ch);
    SEAM_ASSERT(ch->s, ch->phase != KMCL_DISABLED,
                "between VmbChannelEnable and VmbChannelDisable only");
    ch->want_active = true;
    kmcl_advance(ch);
}

static bool is_paused(void *arg)
{
    VMBCHANNEL ch = arg;

    return ch->phase != KMCL_RUNNING && ch->phase != KMCL_SUSPENDING;
}

VOID VmbChannelPause(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;

    CHECK_CALLER(ch);
    ch->want_active = false;
    if (ch->phase == KMCL_DISABLED) {
        ch->start_paused = true;
        return;
    }
    kmcl_advance(ch);
    (void)seam_wait(ch->s, is_paused, ch, SEAM_FOREVER,
                    "VmbChannelPause: delivered packets to be completed");
}
