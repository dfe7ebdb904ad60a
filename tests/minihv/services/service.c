/* SPDX-License-Identifier: BSD-2-Clause */
/* The channel of an integration service: see service.h. */
#include "service.h"

#include "minihv.h"

static struct service *service_of(VMBCHANNEL channel)
{
    struct device *d = VmbChannelGetPointer(channel);

    return (struct service *)(void *)d;
}
_Static_assert(offsetof(struct service, device) == 0, "service_of() counts on "
                                                      "it");

/* KMCL frees the packet when it is in the ring. If the guest reads nothing, the
 * packet stays queued and no other is sent. */
static void send(struct service *s, const uint8_t *message, uint32_t size)
{
    VMBPACKET packet = VmbPacketAllocate(s->device.channel);

    if (!packet ||
        !NT_SUCCESS(VmbPacketSend(packet, (void *)message, size, NULL, 0)))
        minihv_failed("%s: a request of %u bytes cannot be sent",
                      s->device.name, size);
}

/* One request is made at a time, on the processor of the host half. */
static uint8_t message[IC_MAX];

void service_ask(struct service *s, const uint8_t *body, uint32_t size)
{
    send(s, message, ic_request(&s->ic, body, size, message));
}

const char *service_unready(const struct service *s)
{
    if (!s->ic.open)
        return "the guest has not opened the service";
    if (!s->ic.agreed)
        return s->ic.waiting ? "the guest has not chosen a version yet"
                             : "the guest takes none of the versions";
    if (s->ic.waiting)
        return "the guest still owes the answer to an earlier request";
    return NULL;
}

static void say_versions(const struct service *s)
{
    const struct ic *ic = &s->ic;

    if (!ic->agreed) {
        say("minihv: %s: the guest takes none of the versions\n",
            s->device.name);
        return;
    }
    say("minihv: %s %u.%u, framework %u.%u\n", s->device.name,
        ic->message.major, ic->message.minor, ic->framework.major,
        ic->framework.minor);
}

static const char *take(struct service *s, const uint8_t *bytes, uint32_t size)
{
    static struct ic_answer a; /* one is taken at a time, like the message */
    const char *wrong = ic_take(&s->ic, bytes, size, &a);

    if (wrong)
        return wrong;
    if (!a.negotiated) {
        s->answers++;
        return s->answered(s, &a);
    }
    say_versions(s);
    if (s->ic.agreed && s->agreed)
        s->agreed(s);
    return NULL;
}

static void leave(struct service *s)
{
    if (!s->ic.open)
        return;
    s->ic.open = false;
    if (s->closed)
        s->closed(s);
}

static VOID packet(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    struct service *s = service_of(channel);
    const char *wrong = take(s, buffer, size);

    (void)flags;
    if (!wrong) {
        VmbChannelPacketComplete(packet, NULL, 0);
        return;
    }
    leave(s);
    device_broken(&s->device, packet, wrong);
}

static VOID started(VMBCHANNEL channel)
{
    struct service *s = service_of(channel);

    ic_open(&s->ic);
    send(s, message, ic_negotiation(&s->ic, message));
}

static VOID suspended(VMBCHANNEL channel)
{
    leave(service_of(channel));
}

void service_prepare(struct service *s)
{
    struct device *d = &s->device;

    d->flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE |
               VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE;
    d->packet_max = IC_MAX;
    d->packet = packet;
    d->post_started = started;
    d->suspend = suspended;
    device_create(d);
    device_offer(d);
}
