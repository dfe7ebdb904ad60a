/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel of dynamic memory: opening it, agreeing with the host, and the
 * pressure reports (dynamic_memory.h).
 *
 *     guest                         host
 *     VERSION 2.0, 1.0, 0.3   --->         until one is accepted
 *                             <---  VERSION_RESPONSE
 *     CAPABILITIES            --->         what the guest can do
 *                             <---  CAPABILITIES_RESPONSE
 *     STATUS, once a second   --->         how much memory is in use
 *                             <---  BALLOON, UNBALLOON, HOT_ADD (requests.c)
 *
 * Messages are in-band packets without a pipe header. [qemu dynmem-proto.h]
 * [linux hv_balloon.c]
 */
#include "drivers/memory/private.h"

#include <string.h>

#include "vmbare.h"

/* Messages are small and few; the largest has 4,096 bytes. */
#define RING_PAGES 4

/* 525074dc-8985-46e2-8057-a307dc18a502 [linux hyperv.h] */
static const GUID dynmem_class = {
    0x525074dc, 0x8985, 0x46e2, {0x80, 0x57, 0xa3, 0x07, 0xdc, 0x18, 0xa5, 2}};

static EVT_VMB_CHANNEL_POST_STARTED EvtPostStarted;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;
static EVT_VMB_CHANNEL_PNP_FAILURE EvtFailure;

/*
 * Proposes a version. The bit `last` tells the host that no other will follow.
 */
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

/*
 * Says what the guest can do: balloon, and hot add of ranges that begin at a
 * multiple of 2 MiB. A maximum page number of all ones means "no limit of
 * mine".
 */
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

/* The version to propose after the host refused `version`; 0: there is none. */
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

/* Goes on with the capabilities, with an older version, or ends refused. */
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

/*
 * Handles the two answers. An answer counts only in the state that asked for
 * it, so one that comes twice, or unasked, changes nothing. False: it did not
 * count.
 */
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
        /* Bit 2: the host does not want pressure reports. */
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

/*
 * Hands a request of the host to requests.c. Unknown types are counted as
 * refused.
 */
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

/*
 * Every message of the host arrives here, at PASSIVE, as KMCL's private copy.
 * The copy may be longer than the message, because packets are padded; so the
 * header's size decides, provided that the packet really holds that much.
 */
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

/* The channel is open: the newest version is proposed first. */
static VOID EvtPostStarted(VMBCHANNEL Channel)
{
    ask_version(VmbChannelGetPointer(Channel), DYNMEM_VERSION_2_0);
}

static VOID EvtClosed(VMBCHANNEL Channel)
{
    struct dynmem *d = VmbChannelGetPointer(Channel);

    d->state = DYNMEM_CLOSED;
}

/* The host offered the device, and its channel could not be opened. */
static VOID EvtFailure(VMBCHANNEL Channel, NTSTATUS Status)
{
    struct dynmem *d = VmbChannelGetPointer(Channel);

    d->state = DYNMEM_FAILED;
    d->open_status = Status;
}

/*
 * Packets are wanted at PASSIVE, because ballooning takes pages and may wait.
 */
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

/*
 * The channel opens as soon as the host's offer is there, which may be later.
 */
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

/*
 * Reports the pressure. Pages that the host has taken count as committed:
 * otherwise it would look as if the guest had become smaller, and the host
 * would take more. [linux hv_balloon.c]
 */
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
