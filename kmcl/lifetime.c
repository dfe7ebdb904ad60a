/*
 * The six functions of a channel's life. What they ask for is recorded here;
 * advance.c does it.
 */
#include <errno.h>

#include "channel.h"
#include "config.h"

#define RULE_PASSIVE "only at PASSIVE_LEVEL: lower the IRQL first"
#define RULE_HANDLE  "not a live channel: pass what VmbChannelAllocate gave"
#define RULE_CALLBACK \
    "not inside a state-change callback of this channel: return first"
#define RULE_PACKET \
    "not inside a packet callback of this channel: it would wait for itself"

/* What the four blocking functions require. */
#define CHECK_CALLER(ch)                                            \
    do {                                                            \
        SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(ch), RULE_HANDLE); \
        SEAM_ASSERT((ch)->s, seam_irql((ch)->s) == SEAM_PASSIVE,    \
                    RULE_PASSIVE);                                  \
        SEAM_ASSERT((ch)->s, !(ch)->callback && !(ch)->advancing,   \
                    RULE_CALLBACK);                                 \
        SEAM_ASSERT((ch)->s, !((ch)->current && (ch)->at_passive),  \
                    RULE_PACKET);                                   \
    } while (0)

static void attach_root(VMBCHANNEL ch, struct kmcl *root)
{
    ch->root = root;
    ch->s = root->s;
    ch->next = root->channels;
    root->channels = ch;
    root->stats.channels++;
}

static void detach_root(VMBCHANNEL ch)
{
    VMBCHANNEL *at = &ch->root->channels;

    while (*at != ch)
        at = &(*at)->next;
    *at = ch->next;
    ch->root->stats.channels--;
}

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
    ch->passive_work.run = kmcl_passive_work;
    ch->passive_work.arg = ch;
    ch->passive_work.level = SEAM_PASSIVE;
}

/* The bus that `device` names; NULL with *status set. */
static struct kmcl *find_root(PDEVICE_OBJECT device, bool server,
                              NTSTATUS *status)
{
    struct kmcl *root = device ? device->kmcl : seam_default_kmcl();

    *status = STATUS_SUCCESS;
    if (device && device->magic != KMCL_DEVICE_MAGIC)
        *status = STATUS_INVALID_PARAMETER_1;
    else if (!root)
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
    *Channel = NULL;
    root = find_root(ParentDeviceObject, IsServer, &status);
    if (!root)
        return status;
    SEAM_ASSERT(root->s, seam_irql(root->s) == SEAM_PASSIVE, RULE_PASSIVE);
    ch = kmcl_alloc(root, sizeof(*ch));
    if (!ch)
        return STATUS_INSUFFICIENT_RESOURCES;
    ch->magic = KMCL_CHANNEL_MAGIC;
    ch->is_server = IsServer != 0;
    ch->link.ops = IsServer ? &kmcl_server_link : &kmcl_client_link;
    defaults(ch);
    attach_root(ch, root);
    if (ParentDeviceObject && ParentDeviceObject->names_offer && !IsServer)
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

static bool work_is_over(void *arg)
{
    VMBCHANNEL ch = arg;

    return !ch->passive_work.queued && !ch->link.event_work.queued;
}

VOID VmbChannelCleanup(VMBCHANNEL Channel)
{
    VMBCHANNEL ch = Channel;

    CHECK_CALLER(ch);
    SEAM_ASSERT(ch->s, ch->phase == KMCL_DISABLED,
                "only a Disabled channel: VmbChannelDisable it first");
    SEAM_ASSERT(ch->s, !ch->waiting,
                "a synchronous request is still on the stack: let it return");
    kmcl_remove_all(ch);
    SEAM_ASSERT(ch->s, !ch->packets_out,
                "packets are still out: VmbPacketFree each first");
    if (ch->link.event_work.run)
        seam_timer_cancel(ch->s, &ch->link.room_timer);
    /* Work that is queued cannot be taken back, and finds nothing to do. */
    (void)seam_wait(ch->s, work_is_over, ch, SEAM_FOREVER,
                    "a channel's last work item");
    kmcl_restore_end(ch);
    kmcl_incoming_free_all(ch);
    kmcl_packets_free_all(ch);
    detach_root(ch);
    ch->magic = 0;
    kmcl_free(ch->root, ch, sizeof(*ch));
}

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
    if (ch->is_server && set->target_vtl)
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
    SEAM_ASSERT(ch->s, seam_irql(ch->s) == SEAM_PASSIVE, RULE_PASSIVE);
    if (ch->phase != KMCL_DISABLED || ch->restore)
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

    return ch->phase == KMCL_DISABLED && !ch->advancing;
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

    return !ch->advancing && !ch->pumping && ch->phase != KMCL_RUNNING &&
           ch->phase != KMCL_SUSPENDING;
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
