/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RNDIS control: requests, their answers, and what the host says by itself
 * (control.h).
 *
 *     guest                            host
 *     packet with the request   --->          in a page of the guest's
 *                               <---   completion: the page is free again
 *                               <---   transfer pages with the answer
 *
 * The last two come in either order.
 */
#include "drivers/network/base/control.h"

#include <string.h>

#define STEP_SECONDS 0.001

static uint32_t look(const uint32_t *value)
{
    return __atomic_load_n(value, __ATOMIC_ACQUIRE);
}

static void set(uint32_t *value, uint32_t to)
{
    __atomic_store_n(value, to, __ATOMIC_RELEASE);
}

/* ---- sending ------------------------------------------------------------- */

/* The page is ours again. Without the host's good word no answer will come. */
static VOID EvtTaken(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                     UINT32 BufferLength)
{
    struct network_driver *d = VmbPacketGetPointer(Packet);
    struct control_state *c = &d->control;
    struct nvsp_rndis_complete answer = {0};
    uint32_t waiting = CONTROL_WAITING;

    VmbPacketFree(Packet);
    if (NT_SUCCESS(Status) && BufferLength >= sizeof(answer))
        memcpy(&answer, Buffer, sizeof(answer));
    /*
     * Wake the one who waits; unless the answer has come before this
     * completion, then it counts.
     */
    if (answer.status != NVSP_SUCCESS)
        __atomic_compare_exchange_n(&c->wait, &waiting, CONTROL_FAILED, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    set(&c->shared, 0);
}

/* The same for the answer to a KEEPALIVE, which nobody waits for. */
static VOID EvtAnswerTaken(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                           UINT32 BufferLength)
{
    struct network_driver *d = VmbPacketGetPointer(Packet);

    (void)Status;
    (void)Buffer;
    (void)BufferLength;
    VmbPacketFree(Packet);
    set(&d->control.answer_shared, 0);
}

/* ---- requests ------------------------------------------------------------ */

/* True: the answer is there and the page is back. */
static bool await(struct network_driver *d)
{
    struct control_state *c = &d->control;
    uint64_t end = vmbare_after(ANSWER_SECONDS);
    uint32_t waiting = CONTROL_WAITING;

    while (look(&c->wait) == CONTROL_WAITING || look(&c->shared)) {
        /*
         * Both must happen, in any order: the answer comes, and the page
         * comes back.
         */
        if (vmbare_now() > end || look(&c->wait) == CONTROL_FAILED)
            break;
        vmbare_sleep(STEP_SECONDS);
    }
    /* From here on no answer is taken any more. */
    __atomic_compare_exchange_n(&c->wait, &waiting, CONTROL_FAILED, false,
                                __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return look(&c->wait) == CONTROL_IDLE && !look(&c->shared);
}

bool network_ask(struct network_driver *d, uint32_t type, uint32_t oid,
                 const void *input, uint32_t size)
{
    struct control_state *c = &d->control;
    uint32_t bytes;

    /* A host that never gave a request back may still read the page. */
    if (look(&c->shared))
        return false;
    c->id = (c->id + 1) % SPREAD_ID;
    /*
     * The page is shared only while a request is with the host, so it may
     * be written now.
     */
    bytes = type == RNDIS_INITIALIZE
                ? rndis_write_initialize(c->page, c->id)
                : rndis_write_request(c->page, type, c->id, oid, input, size);
    /*
     * Wait before asking: the answer may come at once, on another
     * processor.
     */
    set(&c->wait, CONTROL_WAITING);
    return network_send_control(d, c->mdl, 0, bytes, &c->shared, EvtTaken) &&
           await(d);
}

/* ---- what comes ---------------------------------------------------------- */

/* An answer counts once, and only if it is awaited. */
static void take_answer(struct network_driver *d, const uint32_t *message,
                        uint32_t size, const struct rndis_control *control)
{
    struct control_state *c = &d->control;

    /* Nobody waits for these. */
    if (control->id >= SPREAD_ID && d->spread.page) {
        network_spread_answered(d, control->status);
        return;
    }
    /* A host may answer twice, or to a request of a former opening. */
    if (look(&c->wait) != CONTROL_WAITING || control->id != c->id) {
        network_nonsense(d, "an answer that nobody asked for");
        return;
    }
    /*
     * Keep the message, as the receiver's copy is used for the next one.
     * `data` is moved along.
     */
    memcpy(c->message, message, size);
    c->message_size = size;
    c->answer = *control;
    if (control->data)
        c->answer.data =
            (const uint8_t *)c->message +
            (control->data - (const uint8_t *)(const void *)message);
    set(&c->wait, CONTROL_IDLE);
}

/* The host asks whether somebody is there; the answer carries its id. */
static void take_keepalive(struct network_driver *d, uint32_t id)
{
    struct control_state *c = &d->control;

    /* One at a time: a host that asks faster does not wait for an answer. */
    if (look(&c->answer_shared))
        return;
    network_send_control(d, c->answer_mdl, 0,
                         rndis_write_keepalive(c->answer_page, id),
                         &c->answer_shared, EvtAnswerTaken);
}

/*
 * A cable that is connected again without having been out means another
 * network, as the indication for that does. Others are of no use here.
 */
static void take_indication(struct network_driver *d, uint32_t status)
{
    network_count(&d->statistics.link_changes, 1);
    switch (status) {
    case RNDIS_MEDIA_CONNECT:
        /* Before the adapter is ready nobody has an address to renew. */
        if (network_phase(d) == PHASE_READY && d->link == NETWORK_UP)
            network_tell(d, NETWORK_CHANGED);
        set(&d->media, MEDIA_CONNECTED);
        network_tell_media(d);
        break;
    case RNDIS_MEDIA_DISCONNECT:
        set(&d->media, MEDIA_DISCONNECTED);
        network_tell_media(d);
        break;
    case RNDIS_NETWORK_CHANGE:
        if (network_phase(d) == PHASE_READY)
            network_tell(d, NETWORK_CHANGED);
        break;
    default:
        break;
    }
}

void network_take_control(struct network_driver *d, const uint32_t *message,
                          uint32_t size)
{
    struct rndis_control control;
    const char *wrong = rndis_read_control(message, size, &control);

    if (wrong) {
        network_nonsense(d, wrong);
        return;
    }
    switch (control.kind) {
    case RNDIS_IS_ANSWER:
        take_answer(d, message, size, &control);
        break;
    case RNDIS_IS_INDICATION:
        take_indication(d, control.status);
        break;
    case RNDIS_IS_KEEPALIVE:
        take_keepalive(d, control.id);
        break;
    default:
        break;
    }
}
