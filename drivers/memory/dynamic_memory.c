/* SPDX-License-Identifier: BSD-2-Clause */
/* Channel, negotiation and reports of dynamic memory: see dynamic_memory.h. */
#include "drivers/memory/private.h"

#include <string.h>

#include "vmbare.h"

#define RING_PAGES 4

/* 525074dc-8985-46e2-8057-a307dc18a502 [linux hyperv.h] */
static const GUID dynmem_class = {
    0x525074dc, 0x8985, 0x46e2, {0x80, 0x57, 0xa3, 0x07, 0xdc, 0x18, 0xa5, 2}};

static EVT_VMB_CHANNEL_POST_STARTED EvtPostStarted;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;
static EVT_VMB_CHANNEL_PNP_FAILURE EvtFailure;

bool dynmem_send(struct dynmem *d, void *message, uint16_t type,
                 uint32_t transaction, uint32_t size)
{
    struct dynmem_header *header = message;
    VMBPACKET packet = VmbPacketAllocate(d->channel);

    header->type = type;
    header->size = (uint16_t)size;
    header->transaction = transaction;
    if (packet && NT_SUCCESS(VmbPacketSend(packet, message, size, NULL, 0)))
        return true;
    if (packet)
        VmbPacketFree(packet);
    d->send_failed++;
    return false;
}

static void ask_version(struct dynmem *d, uint32_t version)
{
    struct dynmem_version m = {
        .version = version,
        .last = version == DYNMEM_VERSION_0_3,
    };

    d->state = DYNMEM_ASKING_VERSION;
    d->version = version;
    dynmem_send(d, &m, DYNMEM_VERSION_REQUEST, ++d->transaction, sizeof(m));
}

static void ask_capabilities(struct dynmem *d)
{
    struct dynmem_capabilities m = {
        .capabilities = DYNMEM_CAN_BALLOON | DYNMEM_CAN_HOT_ADD |
                        DYNMEM_HOT_ADD_ALIGN(1), /* 2 MiB */
        .maximum_page_number = UINT64_MAX,
    };

    d->state = DYNMEM_ASKING_CAPABILITIES;
    dynmem_send(d, &m, DYNMEM_CAPABILITIES, ++d->transaction, sizeof(m));
}

/* Which version comes after one that the host refused; 0: none. */
static uint32_t next_version(uint32_t version)
{
    switch (version) {
    case DYNMEM_VERSION_2_0:
        return DYNMEM_VERSION_1_0;
    case DYNMEM_VERSION_1_0:
        return DYNMEM_VERSION_0_3;
    default:
        return 0;
    }
}

static void take_version(struct dynmem *d, bool accepted)
{
    uint32_t next = next_version(d->version);

    if (accepted) {
        ask_capabilities(d);
    } else if (next) {
        ask_version(d, next);
    } else {
        d->state = DYNMEM_REFUSED;
    }
}

/* An answer counts only in its state: a second one changes nothing. */
static bool take_answer(struct dynmem *d, const void *message, uint32_t size)
{
    struct dynmem_answer m;

    if (size < sizeof(m))
        return false;
    memcpy(&m, message, sizeof(m));
    if (m.header.type == DYNMEM_VERSION_RESPONSE &&
        d->state == DYNMEM_ASKING_VERSION) {
        take_version(d, m.flags & 1);
        return true;
    }
    if (m.header.type == DYNMEM_CAPABILITIES_RESPONSE &&
        d->state == DYNMEM_ASKING_CAPABILITIES) {
        d->state = m.flags & 1 ? DYNMEM_RUNNING : DYNMEM_REFUSED;
        d->reports_wanted = !(m.flags & 4);
        return true;
    }
    return false;
}

/*
 * QEMU 10.0 posts a request from its timer or monitor and then looks for
 * packets outside of the bracket that its ring code wants: an answer that is
 * there already aborts it (gpadl_iter_seek: iter->active). So no guest may be
 * that quick; 50 ms cost nobody anything.
 */
#define ANSWER_DELAY 0.05

static void take_request(struct dynmem *d, uint16_t type, const void *message,
                         uint32_t size)
{
    d->requests++;
    vmbare_sleep(ANSWER_DELAY);
    switch (type) {
    case DYNMEM_BALLOON:
        dynmem_balloon(d, message, size);
        break;
    case DYNMEM_UNBALLOON:
        dynmem_unballoon(d, message, size);
        break;
    case DYNMEM_HOT_ADD:
        dynmem_hot_add(d, message, size);
        break;
    case DYNMEM_INFO: /* the host's opinion of our maximum: of no use here */
        break;
    default:
        d->refused++;
        break;
    }
}

/* PASSIVE. KMCL gives a private copy; its length may exceed the message's by
 * padding, so the header's size decides, if the packet holds that much. */
static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct dynmem *d = VmbChannelGetPointer(Channel);
    struct dynmem_header header = {0};

    (void)Flags;
    if (BufferLength >= sizeof(header))
        memcpy(&header, Buffer, sizeof(header));
    if (header.size < sizeof(header) || header.size > BufferLength)
        d->refused++;
    else if (header.type == DYNMEM_VERSION_RESPONSE ||
             header.type == DYNMEM_CAPABILITIES_RESPONSE)
        d->refused += !take_answer(d, Buffer, header.size);
    else if (d->state == DYNMEM_RUNNING)
        take_request(d, header.type, Buffer, header.size);
    else
        d->refused++;
    VmbChannelPacketComplete(Packet, NULL, 0);
}

static VOID EvtPostStarted(VMBCHANNEL Channel)
{
    ask_version(VmbChannelGetPointer(Channel), DYNMEM_VERSION_2_0);
}

static VOID EvtClosed(VMBCHANNEL Channel)
{
    struct dynmem *d = VmbChannelGetPointer(Channel);

    d->state = DYNMEM_CLOSED;
}

static VOID EvtFailure(VMBCHANNEL Channel, NTSTATUS Status)
{
    struct dynmem *d = VmbChannelGetPointer(Channel);

    d->state = DYNMEM_FAILED;
    d->open_status = Status;
}

static NTSTATUS configure(struct dynmem *d)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelPostStarted = EvtPostStarted;
    callbacks.EvtChannelClosed = EvtClosed;
    VmbChannelSetPointer(d->channel, d);
    VmbChannelSetIncomingProcessingAtPassive(d->channel, TRUE);
    status = VmbChannelInitSetStateChangeCallbacks(d->channel, &callbacks);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(d->channel, EvtPacket,
                                                         NULL);
    if (NT_SUCCESS(status))
        status =
            VmbChannelInitSetMaximumPacketSize(d->channel, DYNMEM_MESSAGE_MAX);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetRingBufferPageCount(
            d->channel, RING_PAGES, RING_PAGES);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(d->channel, &dynmem_class,
                                                  NULL, EvtFailure);
    return status;
}

NTSTATUS dynmem_start(struct dynmem *d)
{
    struct vmbare_facts facts;
    NTSTATUS status = VmbChannelAllocate(NULL, FALSE, &d->channel);

    if (!NT_SUCCESS(status))
        return status;
    vmbare_facts(&facts);
    d->boot_pages = facts.memory_pages;
    status = configure(d);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(d->channel);
    if (!NT_SUCCESS(status))
        VmbChannelCleanup(d->channel);
    return status;
}

/* What the host has counts as committed: else it would look as if we had
 * shrunk, and it would take more. [linux hv_balloon.c] */
void dynmem_report(struct dynmem *d)
{
    struct vmbare_facts facts;
    struct dynmem_status m = {0};

    if (d->state != DYNMEM_RUNNING)
        return;
    vmbare_facts(&facts);
    m.available = facts.memory_free_pages;
    m.committed = facts.memory_pages - facts.memory_free_pages;
    m.zero_free = facts.memory_free_pages;
    if (dynmem_send(d, &m, DYNMEM_STATUS, ++d->transaction, sizeof(m)))
        d->reports++;
}

void dynmem_stop(struct dynmem *d)
{
    VmbChannelDisable(d->channel);
    VmbChannelCleanup(d->channel);
}
