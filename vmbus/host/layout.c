/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a saved host half consists of. Each function goes over the fields of
 * one part in their order; reading and writing is the image's affair.
 */
#include "vmbus/host/image.h"

#include "vmbus/wire/memory.h"

/* The contact that will be answered when a drain ends. */
static void layout_contact(struct host_image *i, struct host_contact *c)
{
    vmbus_host_image_u32(i, &c->version);
    vmbus_host_image_u32(i, &c->target_vp);
    vmbus_host_image_u64(i, &c->target);
    vmbus_host_image_u64(i, &c->monitor[0]);
    vmbus_host_image_u64(i, &c->monitor[1]);
    vmbus_host_image_guid(i, &c->client_id);
    vmbus_host_image_bool(i, &c->has_client_id);
}

_Static_assert(HOST_OFFERS_UNASKED == 0 && HOST_OFFERS_DUE == 1 &&
                   HOST_OFFERS_TOLD == 2 && HOST_FLOWING == 0 &&
                   HOST_PAUSING == 1 && HOST_PAUSED == 2,
               "the stages that layout_stage() saves");

/*
 * A state that begins with something and goes on when a message about that is
 * delivered: 0 is not begun, 1 has the message due, 2 has it delivered. Saved
 * as "begun" and "due".
 */
static uint8_t layout_stage(struct host_image *i, uint8_t stage)
{
    bool begun = stage != 0, due = stage == 1;

    vmbus_host_image_bool(i, &begun);
    vmbus_host_image_bool(i, &due);
    vmbus_host_image_check(i, begun || !due, -EBADMSG);
    if (!begun)
        return 0;
    return due ? 1 : 2;
}

/*
 * The connection's own fields. When reading, they are checked as soon as they
 * are complete, since what follows depends on the version.
 */
static void layout_connection(struct host_image *i, struct vmbus_host *h)
{
    uint8_t drain = (uint8_t)h->drain;

    vmbus_host_image_u32(i, &h->version);
    vmbus_host_image_u32(i, &h->features);
    vmbus_host_image_u32(i, &h->message_vp);
    vmbus_host_image_u8(i, &h->message_sint);
    h->offers = (enum host_offers)layout_stage(i, (uint8_t)h->offers);
    h->flow = (enum host_flow)layout_stage(i, (uint8_t)h->flow);
    vmbus_host_image_guid(i, &h->client_id);
    vmbus_host_image_u64(i, &h->monitor_gpa[0]);
    vmbus_host_image_u64(i, &h->monitor_gpa[1]);
    vmbus_host_image_u64(i, &h->interrupt_gpa);
    vmbus_host_image_u8(i, &drain);
    layout_contact(i, &h->contact);
    if (!i->reading)
        return;
    h->drain = (enum host_drain)drain;
    vmbus_host_check_connection(i, h);
    if (i->status == 0 && h->drain > HOST_DRAIN_RESET) {
        h->drain_reply = vmbus_host_reply_alloc(h);
        vmbus_host_image_check(i, h->drain_reply != NULL, -ENOMEM);
    }
}

/* What the server published. */
static void layout_offer(struct host_image *i, struct vmbus_host_offer *o)
{
    vmbus_host_image_guid(i, &o->type);
    vmbus_host_image_guid(i, &o->instance);
    vmbus_host_image_u16(i, &o->subchannel);
    vmbus_host_image_u16(i, &o->flags);
    vmbus_host_image_u16(i, &o->mmio_megabytes);
    vmbus_host_image_u16(i, &o->mmio_megabytes_optional);
    vmbus_host_image_bytes(i, o->user_data, sizeof(o->user_data));
    vmbus_host_image_bool(i, &o->monitor);
    vmbus_host_image_bool(i, &o->shared_interrupt);
}

/*
 * The state in which a channel is saved. A server that is closing will have let
 * go by the time of the restore; one that was only restored has an open that
 * the guest was told about long ago.
 */
static enum host_channel_state
state_to_save(const struct vmbus_host_channel *ch)
{
    if (ch->state == HOST_CLOSING || ch->host->drain != HOST_DRAIN_NONE)
        return HOST_CLOSED;
    if (ch->state == HOST_OPENING && !ch->open_reply)
        return HOST_OPEN;
    return ch->state;
}

/* Withdrawn or not, since nobody has claimed it when it is read; and what the
 * guest knows. */
static void layout_ends(struct host_image *i, struct vmbus_host_channel *ch)
{
    bool withdrawn = ch->owner == HOST_WITHDRAWN;
    bool offered = ch->known == HOST_OFFERED;
    bool released = ch->known == HOST_RELEASED;

    vmbus_host_image_bool(i, &withdrawn);
    vmbus_host_image_bool(i, &offered);
    vmbus_host_image_bool(i, &released);
    vmbus_host_image_check(i, !offered || !released, -EBADMSG);
    ch->owner = withdrawn ? HOST_WITHDRAWN : HOST_UNCLAIMED;
    ch->rescinded = withdrawn;
    ch->known = offered    ? HOST_OFFERED
                : released ? HOST_RELEASED
                           : HOST_UNOFFERED;
}

/* `ch` is a copy when writing, so that it can hold what is to be saved. */
static void layout_channel(struct host_image *i, struct vmbus_host_channel *ch)
{
    uint8_t state = (uint8_t)ch->state;

    layout_offer(i, &ch->offer);
    vmbus_host_image_u32(i, &ch->relid);
    vmbus_host_image_u8(i, &ch->monitor);
    layout_ends(i, ch);
    vmbus_host_image_u8(i, &state);
    vmbus_host_image_u32(i, &ch->open_id);
    vmbus_host_image_u32(i, &ch->gpadl);
    vmbus_host_image_u32(i, &ch->downstream_page);
    vmbus_host_image_u32(i, &ch->target_vp);
    vmbus_host_image_u32(i, &ch->connection);
    vmbus_host_image_u16(i, &ch->event_flag);
    vmbus_host_image_u8(i, &ch->sint);
    vmbus_host_image_bytes(i, ch->user_data, sizeof(ch->user_data));
    ch->state = (enum host_channel_state)state;
}

/* Count first, then each channel in the order of publishing. */
static void write_channels(struct host_image *i, struct vmbus_host *h)
{
    uint32_t count = 0;

    for (const struct vmbus_host_channel *c = h->channels; c; c = c->next)
        count++;
    vmbus_host_image_u32(i, &count);
    for (const struct vmbus_host_channel *c = h->channels; c; c = c->next) {
        struct vmbus_host_channel copy = *c;

        copy.state = state_to_save(c);
        if (copy.state == HOST_CLOSED)
            vmbus_host_channel_forget_choices(&copy);
        /* The server will have let go, so an open that waits goes on. */
        if (c->open_waits && copy.state == HOST_CLOSED &&
            h->drain == HOST_DRAIN_NONE &&
            vmbus_host_open_fits(h, c, &c->waiting_open)) {
            vmbus_host_open_take(&copy, &c->waiting_open);
            copy.state = HOST_OPENING;
        }
        /* A restored channel that its server refused is rescinded, too. */
        if (c->rescinded && c->known == HOST_OFFERED)
            copy.owner = HOST_WITHDRAWN;
        layout_channel(i, &copy);
    }
}

/* Makes the channel's object, and copies into it what was read and checked. */
static void take_channel(struct host_image *i, struct vmbus_host *h,
                         const struct vmbus_host_channel *read)
{
    struct vmbus_host_channel *ch =
        vmbus_host_channel_make(h, &read->offer, read->relid, read->monitor);

    if (!vmbus_host_image_check(i, ch != NULL, -ENOMEM))
        return;
    ch->owner = read->owner;
    ch->rescinded = read->rescinded;
    ch->known = read->known;
    ch->state = read->state;
    ch->open_id = read->open_id;
    ch->gpadl = read->gpadl;
    ch->downstream_page = read->downstream_page;
    ch->target_vp = read->target_vp;
    ch->connection = read->connection;
    ch->event_flag = read->event_flag;
    ch->sint = read->sint;
    memcpy(ch->user_data, read->user_data, sizeof(ch->user_data));
    if (ch->state == HOST_OPENING) {
        ch->open_reply = vmbus_host_reply_alloc(h);
        vmbus_host_image_check(i, ch->open_reply != NULL, -ENOMEM);
    }
}

/* The count is bounded before the loop believes it. */
static void read_channels(struct host_image *i, struct vmbus_host *h)
{
    uint32_t count = 0;

    vmbus_host_image_u32(i, &count);
    vmbus_host_image_check(i, count < HOST_RELIDS, -EBADMSG);
    for (uint32_t n = 0; i->status == 0 && n < count; n++) {
        struct vmbus_host_channel read = {.host = h};

        layout_channel(i, &read);
        vmbus_host_check_channel(i, h, &read);
        if (i->status == 0)
            take_channel(i, h, &read);
    }
}

/* Undelivered messages are saved as the bytes that they are. */
static void write_replies(struct host_image *i, struct vmbus_host *h)
{
    vmbus_host_image_u32(i, &h->reply_count);
    for (struct host_reply *r = h->first; r; r = r->next) {
        vmbus_host_image_u32(i, &r->size);
        vmbus_host_image_bytes(i, r->payload, r->size);
    }
}

/* A message must be one that a host sends, and no longer than any. */
static void read_reply(struct host_image *i, struct vmbus_host *h)
{
    uint8_t payload[WIRE_MESSAGE_MAX] = {0};
    const struct vmbus_message_info *info;
    struct wire_header header;
    struct host_reply *r;
    uint32_t size = 0;

    vmbus_host_image_u32(i, &size);
    if (!vmbus_host_image_check(
            i, size >= sizeof(header) && size <= sizeof(payload), -EBADMSG))
        return;
    vmbus_host_image_bytes(i, payload, size);
    memcpy(&header, payload, sizeof(header));
    info = vmbus_message_info(header.type);
    if (!vmbus_host_image_check(i, info && info->direction == VMBUS_TO_GUEST,
                                -EBADMSG))
        return;
    r = vmbus_host_reply_alloc(h);
    if (vmbus_host_image_check(i, r != NULL, -ENOMEM))
        vmbus_host_reply_send(h, r, payload, size);
}

/*
 * Each reply that is read consumes bytes, so a wrong count ends at the end of
 * the state.
 */
static void read_replies(struct host_image *i, struct vmbus_host *h)
{
    uint32_t count = 0;

    vmbus_host_image_u32(i, &count);
    for (uint32_t n = 0; i->status == 0 && n < count; n++)
        read_reply(i, h);
}

/*
 * GPADLs refer to channels, and rings to GPADLs, so they are read in this
 * order. Bytes that are left over are an error.
 */
void vmbus_host_layout(struct host_image *i, struct vmbus_host *h)
{
    layout_connection(i, h);
    if (!i->reading) {
        write_channels(i, h);
        vmbus_host_layout_write_gpadls(i, h);
        write_replies(i, h);
        return;
    }
    read_channels(i, h);
    vmbus_host_layout_read_gpadls(i, h);
    if (i->status == 0)
        vmbus_host_check_rings(i, h);
    read_replies(i, h);
    vmbus_host_image_check(i, i->at == i->size, -EBADMSG);
}
