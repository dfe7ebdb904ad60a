/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connecting: INITIATE_CONTACT from the newest version down, then
 * REQUESTOFFERS, until ALLOFFERS_DELIVERED. [openvmm proto]
 * [linux connection.c]
 */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/memory.h"

static uint32_t asked_version(const struct vmbus_bus *bus)
{
    return vmbus_version_at(bus->asking);
}

static uint32_t asked_features(const struct vmbus_bus *bus)
{
    uint32_t features = bus->config.features & VMBUS_FEATURES_IMPLEMENTED;

    if (asked_version(bus) < VMBUS_VERSION_6_0)
        return 0;
    if (vmbus_guid_is_zero(&bus->config.client_id))
        features &= ~VMBUS_FEATURE_CLIENT_ID;
    return features;
}

/* ---- asking ------------------------------------------------------------- */

static uint32_t build_contact(void *owner, uint32_t step, void *message)
{
    struct vmbus_bus *bus = owner;
    struct wire_initiate_contact *m = message;
    uint32_t version = asked_version(bus), size = WIRE_CONTACT_SHORT;

    if (step)
        return 0;
    if (asked_features(bus) & VMBUS_FEATURE_CLIENT_ID)
        size = sizeof(*m);
    wire_begin(m, WIRE_INITIATE_CONTACT, size);
    m->version = version;
    m->target_vp = seam_vp_index(bus->seam, bus->config.cpu);
    if (version >= VMBUS_VERSION_5_0) {
        m->target.sint = WIRE_SINT;
        m->target.features = asked_features(bus);
    } else {
        m->interrupt_page = bus->interrupt_pfn * SEAM_PAGE_SIZE;
    }
    /* Both or neither. [openvmm server] */
    m->monitor_parent_to_child = bus->monitor_pfns[0] * SEAM_PAGE_SIZE;
    m->monitor_child_to_parent = bus->monitor_pfns[1] * SEAM_PAGE_SIZE;
    if (size == sizeof(*m))
        m->client_id = bus->config.client_id;
    return size;
}

/* Nothing of this connection is left with the host. */
static void locked_connect_failed(struct vmbus_bus *bus, int status,
                                  uint32_t host_status)
{
    locked_deadline_clear(bus, &bus->connect_deadline);
    bus->state = BUS_DISCONNECTED;
    locked_op_finish(bus, &bus->connect_op, status, host_status);
}

/* The host may have taken our pages: only UNLOAD gets them back. */
static void locked_connect_undo(struct vmbus_bus *bus, int status)
{
    uint64_t timeout = bus->config.contact_timeout;

    bus->connect_why = status;
    if (timeout > bus->config.unload_timeout)
        timeout = bus->config.unload_timeout;
    locked_unload_begin(bus, timeout);
}

static void locked_ask(struct vmbus_bus *bus)
{
    bool multi = asked_version(bus) >= VMBUS_VERSION_5_0 && !bus->plain_only;

    bus->connection =
        multi ? WIRE_CONNECTION_MULTI_MESSAGE : WIRE_CONNECTION_MESSAGE;
    locked_deadline_set(bus, &bus->connect_deadline,
                        bus->config.contact_timeout);
    locked_post(bus, &bus->contact);
}

/* Goes on to the first version after `from` that may be asked. */
static void locked_ask_from(struct vmbus_bus *bus, uint32_t from,
                            uint32_t newest)
{
    for (uint32_t i = from; i < VMBUS_VERSION_COUNT; i++) {
        if (vmbus_version_at(i) > newest)
            continue;
        if (vmbus_version_at(i) < bus->config.oldest)
            break;
        bus->asking = i;
        locked_ask(bus);
        return;
    }
    seam_log(bus->seam, SEAM_LOG_ERROR,
             "vmbus: the host speaks no version that we may ask for; allow "
             "older ones");
    locked_connect_failed(bus, -EPROTONOSUPPORT, 0);
}

/*
 * A host without connection id 4 is older than 5.0, so an older version is
 * asked on id 1 [linux connection.c]. Where none is allowed, id 1 is tried
 * with the newer ones too: Windows takes them from its firmware [mu_msvm].
 */
static void locked_no_multi(struct vmbus_bus *bus)
{
    seam_log(bus->seam, SEAM_LOG_INFO,
             "vmbus: the host has no message connection 4, so it is older than "
             "5.0: asking on connection 1");
    bus->plain_only = true;
    if (bus->config.oldest < VMBUS_VERSION_5_0)
        locked_ask_from(bus, 0, VMBUS_VERSION_4_1);
    else
        locked_ask_from(bus, 0, bus->config.newest);
}

static void contact_sent(void *owner, int status)
{
    struct vmbus_bus *bus = owner;

    if (status == 0)
        return;
    if (status == -ENOENT && bus->connection == WIRE_CONNECTION_MULTI_MESSAGE) {
        locked_no_multi(bus);
        return;
    }
    seam_log(bus->seam, SEAM_LOG_ERROR,
             "vmbus: INITIATE_CONTACT cannot be posted, status %d: there is no "
             "VMBus here",
             status);
    locked_connect_failed(bus, status, 0);
}

static void contact_expired(void *owner)
{
    struct vmbus_bus *bus = owner;
    char text[12];

    if (bus->state == BUS_CONTACTING)
        seam_log(bus->seam, SEAM_LOG_ERROR,
                 "vmbus: the host did not answer INITIATE_CONTACT %s",
                 vmbus_version_format(asked_version(bus), text));
    else
        seam_log(bus->seam, SEAM_LOG_ERROR,
                 "vmbus: the host did not end its list of offers");
    locked_connect_undo(bus, -ETIMEDOUT);
}

void locked_contact(struct vmbus_bus *bus)
{
    bus->state = BUS_CONTACTING;
    locked_ask_from(bus, 0, bus->config.newest);
}

/* Ends what somebody else left connected, on the id that all hosts know. */
static void locked_clear(struct vmbus_bus *bus)
{
    bus->config.unload_first = false;
    bus->clearing = true;
    bus->connection = WIRE_CONNECTION_MESSAGE;
    locked_unload_begin(bus, bus->config.contact_timeout);
}

int vmbus_bus_connect_start(struct vmbus_bus *bus, vmbus_done_fn *done,
                            void *arg)
{
    uint8_t irql;
    int status;

    if (bus->state != BUS_DISCONNECTED || bus->connect_op.state != OP_IDLE ||
        bus->unload_op.state != OP_IDLE)
        return -EISCONN;
    status = connection_pages_alloc(bus);
    if (status)
        return status;
    log_features(bus, asked_features(bus));
    irql = seam_lock(bus->seam, &bus->lock);
    locked_op_start(bus, &bus->connect_op, done, arg);
    bus->plain_only = false;
    bus->connect_why = 0;
    if (bus->config.unload_first)
        locked_clear(bus);
    else
        locked_contact(bus);
    seam_unlock(bus->seam, &bus->lock, irql);
    return 0;
}

int vmbus_bus_connect(struct vmbus_bus *bus)
{
    struct waiter w = {0};

    return bus_wait(bus, vmbus_bus_connect_start(bus, waiter_done, &w), &w,
                    "the VMBus host's version and offers");
}

/* ---- answers ------------------------------------------------------------ */

static uint32_t build_request_offers(void *owner, uint32_t step, void *message)
{
    (void)owner;
    return step ? 0
                : wire_begin(message, WIRE_REQUEST_OFFERS,
                             sizeof(struct wire_header));
}

static void request_offers_sent(void *owner, int status)
{
    if (status)
        locked_connect_undo(owner, status);
}

static void locked_adopt(struct vmbus_bus *bus,
                         const struct wire_version_response *m, uint32_t size)
{
    char text[12];

    bus->version = asked_version(bus);
    bus->features = 0;
    if (bus->version >= VMBUS_VERSION_5_0 && size >= WIRE_VERSION_RESPONSE_16 &&
        m->connection != 0)
        bus->connection = m->connection;
    if (size >= WIRE_VERSION_RESPONSE_6_0)
        bus->features = m->features & asked_features(bus);
    seam_log(bus->seam, SEAM_LOG_INFO,
             "vmbus: connected, protocol %s, features 0x%x",
             vmbus_version_format(bus->version, text), bus->features);
}

void locked_version_response(struct vmbus_bus *bus, const void *message,
                             uint32_t size)
{
    const struct wire_version_response *m = message;

    if (bus->state != BUS_CONTACTING || bus->contact.queued) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_ANSWER,
                 "VERSION_RESPONSE refused: no contact was asked for");
        return;
    }
    if (!m->supported) {
        locked_ask_from(bus, bus->asking + 1, bus->config.newest);
        return;
    }
    /* Before 2.4 the byte means nothing. [linux connection.c] */
    if (m->connection_state && asked_version(bus) >= VMBUS_VERSION_2_4) {
        seam_log(bus->seam, SEAM_LOG_ERROR,
                 "vmbus: the host cannot connect, its state is %u (expected 0)",
                 m->connection_state);
        locked_connect_failed(bus, -EIO, m->connection_state);
        return;
    }
    locked_adopt(bus, m, size);
    bus->state = BUS_OFFERS;
    locked_deadline_set(bus, &bus->connect_deadline,
                        bus->config.offers_timeout);
    locked_post(bus, &bus->request_offers);
}

void locked_all_offers_delivered(struct vmbus_bus *bus, const void *message,
                                 uint32_t size)
{
    (void)message;
    (void)size;
    if (bus->state != BUS_OFFERS) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_ANSWER,
                 "ALLOFFERS_DELIVERED refused: came before");
        return;
    }
    locked_deadline_clear(bus, &bus->connect_deadline);
    bus->state = BUS_CONNECTED;
    seam_log(bus->seam, SEAM_LOG_INFO, "vmbus: the list of offers is complete");
    locked_op_finish(bus, &bus->connect_op, 0, 0);
}

void contact_init(struct vmbus_bus *bus)
{
    post_init(&bus->contact, WIRE_INITIATE_CONTACT, bus, build_contact,
              contact_sent);
    post_init(&bus->request_offers, WIRE_REQUEST_OFFERS, bus,
              build_request_offers, request_offers_sent);
    deadline_init(&bus->connect_deadline, bus, contact_expired);
    op_init(&bus->connect_op, bus, bus_settle);
}
