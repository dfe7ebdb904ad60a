/*
 * Opening a channel: rings, their GPADL, OPENCHANNEL. Section E.8.
 *
 *   CLOSED -> SHARING -> OPENING -> OPEN
 *               |          |  refused, no answer, rescinded:
 *               |          `-> CLOSING (the undo, close.c) -> SETTLING ->
 * CLOSED
 *               `-> SETTLING -> CLOSED
 */
#include "bus.h"

#include <errno.h>

#include "memory.h"

/* Each ring with its control page. */
#define HV_SOCK_PAGES 6u

static uint32_t build_open(void *owner, uint32_t step, void *message)
{
    struct vmbus_channel *c = owner;
    struct vmbus_bus *bus = c->bus;
    struct wire_open *m = message;
    bool tail = bus->features & VMBUS_FEATURE_SIGNAL_PARAMETERS;
    uint32_t size = tail ? sizeof(*m) : WIRE_OPEN_SHORT;

    if (step)
        return 0;
    wire_begin(m, WIRE_OPEN, size);
    m->relid = c->offer.relid;
    m->open_id = c->open_id;
    m->gpadl = c->ring_gpadl->handle;
    m->target_vp = seam_vp_index(bus->seam, c->cpu);
    m->downstream_page = c->rings.tx_count;
    memcpy(m->user_data, c->user_data, sizeof(m->user_data));
    /* We ask for nothing but what the host would have taken anyway. */
    if (tail) {
        m->connection = c->offer.connection;
        m->event_flag = (uint16_t)c->offer.relid;
    }
    return size;
}

static void locked_send_open(struct vmbus_channel *c)
{
    c->state = CHANNEL_OPENING;
    c->open_id = ++c->bus->next_open_id;
    locked_deadline_set(c->bus, &c->deadline, c->params.timeout);
    locked_post(c->bus, &c->open);
}

/* The end of open() or close(): the pages go back at PASSIVE. */
void locked_settle(struct vmbus_channel *c, int status, uint32_t host_status)
{
    c->state = CHANNEL_SETTLING;
    if (status == -EIO)
        c->host_status = host_status;
    locked_op_finish(c->bus, c->undo ? &c->open_op : &c->close_op, status,
                     host_status);
}

void locked_open_undo(struct vmbus_channel *c, int why, uint32_t host_status)
{
    locked_deadline_clear(c->bus, &c->deadline);
    locked_post_cancel(c->bus, &c->open);
    c->host_open = c->open.step > 0 && why != -EIO;
    c->why = why;
    c->why_host = host_status;
    locked_close_go(c);
}

void locked_ring_changed(struct gpadl *g, int status, uint32_t host_status)
{
    struct vmbus_channel *c = g->channel;

    if (c->state == CHANNEL_SHARING && status == 0) {
        locked_send_open(c);
        return;
    }
    /* What open() failed with tells more than that its memory is gone. */
    if (c->state == CHANNEL_SHARING && status == -ESTALE) {
        status = g->why;
        host_status = 0;
    } else if (c->state == CHANNEL_CLOSING && c->undo) {
        status = c->why;
        host_status = c->why_host;
    }
    locked_settle(c, status, host_status);
}

static void open_sent(void *owner, int status)
{
    if (status)
        locked_open_undo(owner, status, 0);
}

static void open_expired(void *owner)
{
    locked_open_undo(owner, -ETIMEDOUT, 0);
}

/* ---- the answer --------------------------------------------------------- */

static void locked_opened(struct vmbus_channel *c)
{
    locked_deadline_clear(c->bus, &c->deadline);
    c->state = CHANNEL_OPEN;
    c->undo = false;
    c->host_open = true;
    locked_signal_setup(c);
    locked_op_finish(c->bus, &c->open_op, 0, 0);
    /* What the host wrote before its answer had no event function. */
    locked_pump(c);
}

void locked_open_result(struct vmbus_bus *bus, const void *message,
                        uint32_t size)
{
    const struct wire_open_result *m = message;
    struct vmbus_channel *c = locked_channel(bus, m->relid);

    (void)size;
    if (c && c->state == CHANNEL_CLOSING && c->undo && c->host_open &&
        c->open_id == m->open_id) {
        /* The answer to an open that was given up: the CLOSECHANNEL that
         * crossed it came too early for the host. */
        if (m->status == 0 && !c->close.queued)
            locked_post(bus, &c->close);
        return;
    }
    if (!c || c->state != CHANNEL_OPENING || c->open.queued ||
        c->open_id != m->open_id) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_ANSWER,
                 "OPENCHANNEL_RESULT of relid %u, open id %u refused: no such "
                 "request",
                 m->relid, m->open_id);
        return;
    }
    if (m->status)
        locked_open_undo(c, -EIO, m->status);
    else
        locked_opened(c);
}

/* ---- asking ------------------------------------------------------------- */

static int check_params(struct vmbus_bus *bus, const struct vmbus_open *o)
{
    if (o->tx_pages == 0 || o->rx_pages == 0 || !o->event ||
        (o->cpu != VMBUS_CPU_ANY && o->cpu >= seam_cpu_count(bus->seam)))
        return -EINVAL;
    if ((uint64_t)o->tx_pages + o->rx_pages + 2 > VMBUS_GPADL_PAGES_MAX)
        return -E2BIG;
    return 0;
}

static uint32_t locked_choose_cpu(struct vmbus_bus *bus, uint32_t wanted)
{
    /* Old hosts signal the processor of the contact. [linux channel_mgmt.c] */
    if (bus->version < VMBUS_VERSION_2_4)
        return bus->config.cpu;
    if (wanted != VMBUS_CPU_ANY)
        return wanted;
    return bus->next_cpu++ % seam_cpu_count(bus->seam);
}

static void keep_params(struct vmbus_channel *c, const struct vmbus_open *o)
{
    c->params = *o;
    c->params.user_data = NULL;
    if (o->timeout == 0)
        c->params.timeout = c->bus->config.request_timeout;
    memset(c->user_data, 0, sizeof(c->user_data));
    if (o->user_data)
        memcpy(c->user_data, o->user_data, sizeof(c->user_data));
}

/* Some hosts below 5.0 take hv_sock rings of six pages only.
 * [linux hyperv_transport] */
static bool locked_ring_size_suits(const struct vmbus_channel *c,
                                   const struct vmbus_open *o)
{
    bool fixed = (c->offer.flags & VMBUS_OFFER_TLNPI) &&
                 c->bus->version < VMBUS_VERSION_5_0;

    return !fixed || (o->tx_pages == HV_SOCK_PAGES - 1 &&
                      o->rx_pages == HV_SOCK_PAGES - 1);
}

/* From CLOSED to SHARING, so that nobody else opens meanwhile. */
static int reserve(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    int status = locked_usable(bus);

    SEAM_ASSERT(bus->seam, c->claimed, "only the owner opens a channel");
    if (c->rescinded)
        status = c->host_gone ? -ENOTCONN : -ENODEV;
    else if (c->state != CHANNEL_CLOSED)
        status = -EBUSY;
    else if (status == 0 && !locked_ring_size_suits(c, o))
        status = -EINVAL;
    if (status == 0)
        c->state = CHANNEL_SHARING;
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

static void unreserve(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    c->state = CHANNEL_CLOSED;
    if (c->rescinded)
        locked_notify(bus);
    seam_unlock(bus->seam, &bus->lock, irql);
}

/* Rings and a GPADL not yet known to the host. */
static int prepare(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct vmbus_pages pages = {0};
    int status = rings_alloc(c, o);

    if (status)
        return status;
    pages.pfns = c->rings.pfns;
    pages.count = c->rings.count;
    pages.bytes = c->rings.count * SEAM_PAGE_SIZE;
    c->ring_gpadl = gpadl_new(c, &pages);
    if (c->ring_gpadl) {
        c->ring_gpadl->ring = true;
        c->ring_gpadl->changed = locked_ring_changed;
        return 0;
    }
    rings_free(c, false);
    return -ENOMEM;
}

int vmbus_channel_open_start(struct vmbus_channel *c,
                             const struct vmbus_open *o, vmbus_done_fn *done,
                             void *arg)
{
    struct vmbus_bus *bus = c->bus;
    int status = check_params(bus, o);
    uint8_t irql;

    if (status == 0)
        status = reserve(c, o);
    if (status)
        return status;
    status = prepare(c, o);
    if (status) {
        unreserve(c);
        return status;
    }
    irql = seam_lock(bus->seam, &bus->lock);
    keep_params(c, o);
    c->cpu = locked_choose_cpu(bus, o->cpu);
    c->undo = true;
    c->host_open = false;
    locked_op_start(bus, &c->open_op, done, arg);
    locked_gpadl_create(c->ring_gpadl, c->params.timeout);
    seam_unlock(bus->seam, &bus->lock, irql);
    return 0;
}

int vmbus_channel_open(struct vmbus_channel *c, const struct vmbus_open *o)
{
    struct waiter w = {0};

    return bus_wait(c->bus, vmbus_channel_open_start(c, o, waiter_done, &w), &w,
                    "OPENCHANNEL_RESULT");
}

bool vmbus_channel_is_open(const struct vmbus_channel *c)
{
    return c->state == CHANNEL_OPEN;
}

uint32_t vmbus_channel_host_status(const struct vmbus_channel *c)
{
    return c->host_status;
}

/* The end of open() at PASSIVE; a failed one leaves nothing. */
static void settle_open(struct op *op)
{
    struct vmbus_channel *c = op->owner;

    if (op->status)
        channel_settle(c);
}

void channel_init(struct vmbus_channel *c)
{
    post_init(&c->open, WIRE_OPEN, c, build_open, open_sent);
    deadline_init(&c->deadline, c, open_expired);
    op_init(&c->open_op, c, settle_open);
    close_init(c);
    modify_init(c);
    pump_init(c);
}
