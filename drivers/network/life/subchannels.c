/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sub-channels (life.h): further channels of the adapter, each with rings of
 * its own and mostly another processor. They share the buffers of the primary.
 *
 *     guest                                         host
 *     RNDIS: how many receive queues?       --->
 *     NVSP SUBCHANNEL: so many              --->    offers them, or fewer
 *     each one is opened
 *                                           <---    table: which flow goes on
 *                                                   which channel
 *     RNDIS: RSS, when all are open         --->    receives on all of them
 *
 * Nothing waits for the offers: frames pass on the primary meanwhile, and a
 * host that never makes them keeps it that way. One that is taken away is
 * waited for again. [linux netvsc.c] [openvmm netvsp]
 */
#include "drivers/network/base/control.h"
#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"

#include "kmcl/kmcl.h"

static EVT_VMB_CHANNEL_POST_STARTED EvtPostStarted;
static EVT_VMB_CHANNEL_SUSPEND EvtSuspend;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PNP_FAILURE EvtFailure;

static bool is_wanted(const struct network_queue *q)
{
    return __atomic_load_n(&q->wanted, __ATOMIC_ACQUIRE);
}

/* ---- a channel's life. None of these waits: the primary may end above. ----
 */

static VOID EvtPostStarted(VMBCHANNEL Channel)
{
    struct network_queue *q = VmbChannelGetPointer(Channel);
    struct network_driver *d = q->driver;

    q->failures = 0;
    /* Frames may be sent on it now; the host receives on it when it is told. */
    __atomic_store_n(&q->open, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&d->open_queues, 1, __ATOMIC_SEQ_CST);
    network_spread(d);
}

/* Its flows go on the primary from here on, both ways. */
static VOID EvtSuspend(VMBCHANNEL Channel)
{
    struct network_queue *q = VmbChannelGetPointer(Channel);
    struct network_driver *d = q->driver;

    __atomic_store_n(&q->open, 0, __ATOMIC_SEQ_CST);
    __atomic_fetch_sub(&d->open_queues, 1, __ATOMIC_SEQ_CST);
    network_slots_end(q);
    /* When all of them end the host need not be told. */
    if (is_wanted(q))
        network_spread(d);
}

/* The host has taken it away; it may offer it again. */
static VOID EvtClosed(VMBCHANNEL Channel)
{
    network_queue_again(VmbChannelGetPointer(Channel));
}

static VOID EvtFailure(VMBCHANNEL Channel, NTSTATUS Status)
{
    struct network_queue *q = VmbChannelGetPointer(Channel);

    (void)Status;
    network_nonsense(q->driver, "a sub-channel that cannot be opened");
    q->failures++;
    network_queue_again(q);
}

/* ---- all of them --------------------------------------------------------- */

NTSTATUS network_subchannels_make(struct network_driver *d)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status = STATUS_SUCCESS;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelPostStarted = EvtPostStarted;
    callbacks.EvtChannelSuspend = EvtSuspend;
    callbacks.EvtChannelClosed = EvtClosed;
    for (uint32_t i = 1; NT_SUCCESS(status) && i < d->queue_count; i++)
        status = network_queue_make(&d->queues[i], &callbacks);
    return status;
}

void network_subchannels_forget(struct network_driver *d)
{
    __atomic_store_n(&d->promised, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&d->spread.is_on, 0, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < NVSP_SEND_ENTRIES; i++)
        __atomic_store_n(&d->send_table[i], 0, __ATOMIC_RELAXED);
}

void network_subchannels_stop(struct network_driver *d)
{
    /* First for all, so that none of them tells the host of the others. */
    for (uint32_t i = 1; i < d->queue_count; i++)
        __atomic_store_n(&d->queues[i].wanted, 0, __ATOMIC_RELEASE);
    for (uint32_t i = 1; i < d->queue_count; i++)
        network_queue_close(&d->queues[i]);
}

/* ---- agreeing ------------------------------------------------------------ */

/* How many channels the host receives on; 1 where it does not say. */
static uint32_t learn_queues(struct network_driver *d)
{
    const struct rndis_control *a = &d->control.answer;
    struct rndis_rss_capabilities input;
    struct rss_limits limits;
    const char *wrong;

    rss_write_query(&input);
    if (!network_ask(d, RNDIS_QUERY, RNDIS_OID_RSS_CAPABILITIES, &input,
                     sizeof(input)) ||
        a->status != RNDIS_SUCCESS)
        return 1;
    wrong = rss_read_capabilities(a->data, a->size, &limits);
    if (wrong) {
        network_nonsense(d, wrong);
        return 1;
    }
    d->spread.entries = limits.entries;
    return limits.queues;
}

/* Asks for `wanted` sub-channels; it may get fewer. False: no answer came. */
static bool allocate(struct network_driver *d, uint32_t wanted, uint32_t *given)
{
    struct nvsp_subchannel m = {NVSP_SUBCHANNEL, NVSP_ALLOCATE, wanted};
    uint64_t answer[NVSP_ANSWER_WORDS];
    UINT32 size = sizeof(answer);
    const char *wrong;

    if (!network_ask_nvsp(d, "sub-channels", &m, sizeof(m), answer, &size))
        return false;
    wrong = nvsp_judge_subchannels(answer, size, wanted, given);
    if (wrong)
        network_nonsense(d, wrong);
    return true;
}

/* Waits for the offer, which has the instance of the primary. */
static NTSTATUS start(struct network_queue *q)
{
    GUID instance;
    NTSTATUS status;

    /* Any adapter may have been asked for: it is known by now which one it is.
     */
    VmbChannelGetInterfaceInstance(q->driver->channel, &instance);
    __atomic_store_n(&q->wanted, 1, __ATOMIC_RELEASE);
    status = VmbClientChannelInitSetTargetPnp(q->channel, &network_class,
                                              &instance, EvtFailure);
    if (NT_SUCCESS(status))
        status = kmcl_client_set_subchannel(q->channel, (UINT16)q->index);
    return NT_SUCCESS(status) ? VmbChannelEnable(q->channel) : status;
}

bool network_agree_on_subchannels(struct network_driver *d)
{
    uint32_t wanted, given;

    /* Older hosts do not know the message. */
    if (d->queue_count == 1 || d->version < NVSP_VERSION_5)
        return true;
    /* The count of a request is without the primary. */
    wanted = learn_queues(d);
    wanted = (wanted < d->queue_count ? wanted : d->queue_count) - 1;
    if (!wanted)
        return true;
    if (!allocate(d, wanted, &given))
        return false;
    /* Before any of them can open: then it is compared with those. */
    __atomic_store_n(&d->promised, given, __ATOMIC_SEQ_CST);
    for (uint32_t i = 1; i <= given; i++)
        if (!NT_SUCCESS(start(&d->queues[i])))
            network_nonsense(d, "a sub-channel that cannot be enabled");
    return true;
}
