/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a saved state must fulfil beyond its checksum: it may have been made by
 * somebody else. -EBADMSG: it contradicts itself. -ENOTSUP: it is sound, but
 * this host half is configured for less.
 */
#include "vmbus/host/image.h"

/*
 * Whole pages, two monitors or none, and an interrupt page exactly where the
 * version has one.
 */
static bool pages_fit(const struct vmbus_host *h)
{
    uint64_t all = h->monitor_gpa[0] | h->monitor_gpa[1] | h->interrupt_gpa;

    return all % SEAM_PAGE_SIZE == 0 &&
           (h->monitor_gpa[0] == 0) == (h->monitor_gpa[1] == 0) &&
           (h->interrupt_gpa != 0) ==
               (h->version != 0 && h->version < VMBUS_VERSION_2_4);
}

/* Somebody who is not connected has asked for nothing. */
static bool idle(const struct vmbus_host *h)
{
    return h->features == 0 && h->offers == HOST_OFFERS_UNASKED &&
           h->flow == HOST_FLOWING && h->monitor_gpa[0] == 0;
}

/* First what can never be, then what this configuration does not allow. */
void vmbus_host_check_connection(struct host_image *i,
                                 const struct vmbus_host *h)
{
    bool connected = h->version != 0;

    vmbus_host_image_check(i,
                           h->message_sint < 16 && h->message_sint != 0 &&
                               h->drain <= HOST_DRAIN_UNLOAD && pages_fit(h),
                           -EBADMSG);
    vmbus_host_image_check(i,
                           connected ? vmbus_version_exists(h->version) &&
                                           h->drain == HOST_DRAIN_NONE
                                     : idle(h),
                           -EBADMSG);
    vmbus_host_image_check(
        i, h->version >= VMBUS_VERSION_6_0 || h->features == 0, -EBADMSG);
    vmbus_host_image_check(i,
                           !connected || (h->version >= h->config.min_version &&
                                          h->version <= h->config.max_version),
                           -ENOTSUP);
    vmbus_host_image_check(i,
                           (h->features & ~h->config.features) == 0 &&
                               vmbus_host_vp_exists(h, h->message_vp),
                           -ENOTSUP);
}

/* Two channels of one identity cannot exist, except for withdrawn ones. */
static bool identity_new(const struct vmbus_host *h,
                         const struct vmbus_host_channel *ch)
{
    for (const struct vmbus_host_channel *o = NULL;
         (o = vmbus_host_channel_candidate(h, &ch->offer.instance, o));) {
        if (o->owner != HOST_WITHDRAWN && ch->owner != HOST_WITHDRAWN &&
            vmbus_guid_equal(&o->offer.type, &ch->offer.type) &&
            vmbus_guid_equal(&o->offer.instance, &ch->offer.instance) &&
            o->offer.subchannel == ch->offer.subchannel)
            return false;
    }
    return true;
}

/* Two channels with one connection id could not be told apart. */
static bool connection_new(const struct vmbus_host *h,
                           const struct vmbus_host_channel *ch)
{
    for (const struct vmbus_host_channel *o = h->channels; o; o = o->next) {
        if (o->connection == ch->connection)
            return false;
    }
    return vmbus_host_connection_allowed(ch->relid, ch->connection);
}

/*
 * A channel is open only for a guest that knows it; a withdrawn one is closed
 * and known; and without a connection nothing is known to anybody.
 */
static bool state_fits(const struct vmbus_host *h,
                       const struct vmbus_host_channel *ch)
{
    if (ch->state > HOST_OPEN)
        return false;
    if (ch->owner == HOST_WITHDRAWN &&
        (ch->state != HOST_CLOSED || ch->known != HOST_OFFERED))
        return false;
    if (h->version == 0)
        return ch->state == HOST_CLOSED && ch->known == HOST_UNOFFERED;
    return ch->state == HOST_CLOSED || ch->known == HOST_OFFERED;
}

/*
 * What a guest chooses for its signals, it chooses with an open and with the
 * feature that allows it.
 */
static bool signal_fits(const struct vmbus_host *h,
                        const struct vmbus_host_channel *ch)
{
    uint32_t features = ch->state == HOST_CLOSED ? 0 : h->features;

    if (!(features & VMBUS_FEATURE_SIGNAL_PARAMETERS) &&
        (ch->connection != HOST_CONNECTION(ch->relid) ||
         ch->event_flag != ch->relid))
        return false;
    if (!(features & VMBUS_FEATURE_REDIRECT_INTERRUPT) && ch->sint != WIRE_SINT)
        return false;
    return ch->event_flag != 0 && ch->event_flag < HOST_RELIDS &&
           (ch->sint == WIRE_SINT || ch->sint == HOST_REDIRECT_SINT);
}

/* The relid first: everything else uses it as an index. */
void vmbus_host_check_channel(struct host_image *i, struct vmbus_host *h,
                              const struct vmbus_host_channel *ch)
{
    bool monitored = ch->monitor != HOST_NO_MONITOR;

    if (!vmbus_host_image_check(i, ch->relid > 0 && ch->relid < HOST_RELIDS,
                                -EBADMSG))
        return;
    vmbus_host_image_check(i, ch->relid <= h->config.max_channels, -ENOTSUP);
    vmbus_host_image_check(i,
                           !h->relids[ch->relid] &&
                               (!monitored || (ch->monitor < HOST_MONITORS &&
                                               !h->monitors[ch->monitor])),
                           -EBADMSG);
    vmbus_host_image_check(i,
                           (ch->offer.flags & ~VMBUS_HOST_OFFER_FLAGS) == 0 &&
                               identity_new(h, ch) && connection_new(h, ch),
                           -EBADMSG);
    vmbus_host_image_check(i, state_fits(h, ch) && signal_fits(h, ch),
                           -EBADMSG);
    vmbus_host_image_check(i,
                           ch->state == HOST_CLOSED ||
                               ch->target_vp == VMBUS_HOST_NO_INTERRUPT ||
                               vmbus_host_vp_exists(h, ch->target_vp),
                           -ENOTSUP);
}

/* Called when the GPADLs are there. */
void vmbus_host_check_rings(struct host_image *i, struct vmbus_host *h)
{
    for (const struct vmbus_host_channel *ch = h->channels; ch; ch = ch->next) {
        if (ch->state != HOST_CLOSED)
            vmbus_host_image_check(
                i, vmbus_host_rings_check(ch, ch->gpadl, ch->downstream_page),
                -EBADMSG);
    }
}
