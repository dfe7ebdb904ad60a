/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server channel's offer: published with what the application configured,
 * withdrawn, and published again after a guest that did not close. A guest
 * knows a sub-channel by its primary, so they come and go in order
 * (subchannels.h).
 */
#include "kmcl/link/offer.h"
#include "kmcl/link/subchannels.h"
#include "kmcl/send/send.h"
#include "vmbus/host.h"

static const struct {
    uint32_t flag;
    uint16_t offer;
} offer_flags[] = {
    {VMBUS_SERVER_CHANNEL_INIT_FLAG_LOOPBACK_OFFER, VMBUS_OFFER_LOOPBACK},
    {VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE,
     VMBUS_OFFER_ENUMERATE},
    {VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE, VMBUS_OFFER_PIPE},
    {VMBUS_SERVER_CHANNEL_INIT_FLAG_TLNPI_PROVIDER_OFFER, VMBUS_OFFER_TLNPI},
};

/* The mode of a pipe stands in the first bytes of the offer's data; KMCL
 * delivers message by message. [linux hyperv.h] */
enum { PIPE_OF_MESSAGES = 4 };

/* The application did not ask for it, so it is told at its next call. */
static void lost(VMBCHANNEL ch)
{
    seam_log(ch->s, SEAM_LOG_ERROR,
             "kmcl: %s: withdrawn and cannot be offered again: disabled",
             ch->set.name);
    ch->wish = KMCL_WISH_LOST;
    kmcl_advance_soon(ch);
}

static int publish(VMBCHANNEL ch)
{
    const struct kmcl_settings *set = &ch->set;
    struct vmbus_host_offer offer = {
        .subchannel = set->subchannel,
        .monitor = set->monitored,
        .mmio_megabytes = set->mmio_megabytes,
        .mmio_megabytes_optional = set->mmio_megabytes_optional,
    };

    /* Send OFFERCHANNEL with what the application configured. */
    offer.type = *kmcl_guid(&set->type);
    offer.instance = *kmcl_guid(&set->instance);
    for (size_t i = 0; i < sizeof(offer_flags) / sizeof(offer_flags[0]); i++) {
        if (set->server_flags & offer_flags[i].flag)
            offer.flags |= offer_flags[i].offer;
    }
    /* A guest reads the mode of a pipe in the user data of the offer. */
    if (offer.flags & VMBUS_OFFER_PIPE)
        offer.user_data[0] = PIPE_OF_MESSAGES;
    if (offer.flags & VMBUS_OFFER_TLNPI)
        offer.user_data[KMCL_HOST_CONNECTS] = set->host_connects;
    return vmbus_host_offer(ch->root->host, &offer, ch->link.server, ch,
                            &ch->link.offered);
}

static void withdraw(VMBCHANNEL ch)
{
    struct vmbus_host_channel *offered = ch->link.offered;

    ch->link.offered = NULL;
    if (offered)
        vmbus_host_withdraw(offered);
    /* A close that the guest sent meanwhile is answered by the withdrawal. */
    ch->link.guest = KMCL_GUEST_NONE;
    ch->peer = KMCL_PEER_THERE;
}

/* A restored sub-channel that is refused when it is claimed is withdrawn at
 * once, so that the guest sees a new offer, and what it had sent ends. */
static int publish_follower(VMBCHANNEL ch)
{
    int rc = publish(ch);

    if (ch->link.guest != KMCL_GUEST_REFUSED)
        return rc;
    kmcl_remove_sent(ch);
    withdraw(ch);
    return publish(ch);
}

/* Those that wait for their primary follow as soon as it is published. */
int kmcl_offer_publish(VMBCHANNEL ch)
{
    VMBCHANNEL next;
    int rc;

    if (kmcl_primary_waits(ch)) {
        ch->link.offer = KMCL_OFFER_FOLLOWS;
        return 0;
    }
    ch->link.offer = KMCL_OFFER_KEPT;
    rc = publish(ch);
    while (!rc && (next = kmcl_subchannel_to_follow(ch)) != NULL) {
        next->link.offer = KMCL_OFFER_KEPT;
        if (publish_follower(next))
            lost(next);
    }
    return rc;
}

/* A primary with sub-channels waits until these are withdrawn; the last of them
 * goes on with it. */
int kmcl_offer_anew(VMBCHANNEL ch)
{
    if (kmcl_subchannels_leave(ch, withdraw)) {
        ch->link.offer = KMCL_OFFER_WAITS;
        return 0;
    }
    withdraw(ch);
    return kmcl_offer_publish(ch);
}

/* `ch` is withdrawn: its primary may have waited for that alone. */
static void let_primary_go(VMBCHANNEL ch)
{
    VMBCHANNEL primary = kmcl_primary_waits(ch);

    if (primary && !kmcl_subchannel_is_offered(primary) &&
        kmcl_offer_anew(primary))
        lost(primary);
}

void kmcl_offer_withdraw(VMBCHANNEL ch)
{
    ch->link.offer = KMCL_OFFER_KEPT;
    withdraw(ch);
    let_primary_go(ch);
}

void kmcl_offer_release(VMBCHANNEL ch)
{
    enum kmcl_offer offer = ch->link.offer;

    /* A channel that its guest closed keeps its offer [D]. */
    if (offer == KMCL_OFFER_KEPT)
        return;
    if (ch->wish != KMCL_WISH_ENABLED) {
        kmcl_offer_withdraw(ch);
    } else if (offer == KMCL_OFFER_FOLLOWS) {
        withdraw(ch);
        let_primary_go(ch);
    } else if (kmcl_offer_anew(ch)) {
        lost(ch);
    }
}
