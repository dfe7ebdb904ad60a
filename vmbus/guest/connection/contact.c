/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connecting, first part: INITIATE_CONTACT from the newest version down, until
 * the host accepts one. negotiated.c has what follows. [openvmm proto],
 * [linux connection.c]
 */
#include "vmbus/guest/connection/connection.h"
#include "vmbus/wire/messages.h"

#define AWAITED "VERSION_RESPONSE"

uint32_t vmbus_asked_version(const struct vmbus_bus *bus)
{
    return vmbus_version_at(bus->asking);
}

uint32_t vmbus_asked_features(const struct vmbus_bus *bus)
{
    uint32_t features = bus->config.features & VMBUS_FEATURES_IMPLEMENTED;

    if (vmbus_asked_version(bus) < VMBUS_VERSION_6_0)
        return 0;
    /* Without an id there is nothing to send. */
    if (vmbus_guid_is_zero(&bus->config.client_id))
        features &= ~VMBUS_FEATURE_CLIENT_ID;
    return features;
}

/* ---- INITIATE_CONTACT ---------------------------------------------------- */

/* The post.build of INITIATE_CONTACT for the version that is asked for. */
static uint32_t build_contact(void *owner, uint32_t step, void *message)
{
    struct vmbus_bus *bus = owner;
    struct wire_initiate_contact *m = message;
    uint32_t version = vmbus_asked_version(bus), size = WIRE_CONTACT_SHORT;

    if (step)
        return 0;
    /* With its feature, the client id follows. */
    if (vmbus_asked_features(bus) & VMBUS_FEATURE_CLIENT_ID)
        size = sizeof(*m);
    vmbus_message_begin(m, WIRE_INITIATE_CONTACT, size);
    m->version = version;
    m->target_vp = seam_vp_index(bus->seam, bus->config.cpu);
    /* From 5.0 on name the SINT for messages; before, the interrupt page in the
     * same eight bytes. */
    if (version >= VMBUS_VERSION_5_0) {
        m->target.sint = WIRE_SINT;
        m->target.features = vmbus_asked_features(bus);
    } else {
        m->interrupt_page = bus->interrupt_pfn * SEAM_PAGE_SIZE;
    }
    /* Give both monitor pages or neither. [openvmm server] */
    m->monitor_parent_to_child = bus->monitor_pfns[0] * SEAM_PAGE_SIZE;
    m->monitor_child_to_parent = bus->monitor_pfns[1] * SEAM_PAGE_SIZE;
    if (size == sizeof(*m))
        m->client_id = bus->config.client_id;
    return size;
}

/* ---- failing ------------------------------------------------------------- */

/* A host that has refused all contacts has none of our pages, so no UNLOAD is
 * needed. One that owes an answer may still take the contact. */
void vmbus_locked_connect_failed(struct vmbus_bus *bus, int status,
                                 uint32_t host_status)
{
    if (bus->unanswered) {
        bus->connect_host_status = host_status;
        vmbus_locked_connect_undo(bus, status);
        return;
    }
    vmbus_locked_deadline_clear(bus, &bus->connect_deadline);
    bus->state = BUS_DISCONNECTED;
    vmbus_locked_op_finish(bus, &bus->connect_op, status, host_status);
}

void vmbus_locked_connect_undo(struct vmbus_bus *bus, int status)
{
    uint64_t timeout = bus->config.clear_timeout;

    bus->connect_status = status;
    /* A host that did not answer one message will hardly answer the next: do
     * not wait for it as long as an unload would. */
    if (timeout > bus->config.unload_timeout)
        timeout = bus->config.unload_timeout;
    vmbus_locked_unload_begin(bus, timeout, NULL);
}

/* ---- which version next -------------------------------------------------- */

/* Asks for the version at bus->asking. */
static void locked_ask(struct vmbus_bus *bus)
{
    bool multi =
        vmbus_asked_version(bus) >= VMBUS_VERSION_5_0 && !bus->no_connection_4;

    /* From 5.0 on the first message goes to connection 4, where a host takes
     * messages of several clients; before, to connection 1. */
    bus->connection =
        multi ? WIRE_CONNECTION_MULTI_MESSAGE : WIRE_CONNECTION_MESSAGE;
    vmbus_locked_deadline_set_unposted(bus, &bus->connect_deadline,
                                       bus->config.contact_timeout, AWAITED);
    vmbus_locked_post(bus, &bus->contact);
}

/* The index of the first version from `from` on that may be asked for;
 * VMBUS_VERSION_COUNT: there is none. */
static uint32_t may_ask(const struct vmbus_bus *bus, uint32_t from,
                        uint32_t newest)
{
    uint32_t i = from;

    /* The table goes from the newest version down. */
    while (i < VMBUS_VERSION_COUNT && vmbus_version_at(i) > newest)
        i++;
    if (i < VMBUS_VERSION_COUNT && vmbus_version_at(i) < bus->config.oldest)
        return VMBUS_VERSION_COUNT;
    return i;
}

/* Asks for the first version from index `from` on that may be asked for. */
static void locked_ask_from(struct vmbus_bus *bus, uint32_t from,
                            uint32_t newest)
{
    uint32_t i = may_ask(bus, from, newest);

    if (i < VMBUS_VERSION_COUNT) {
        bus->asking = i;
        locked_ask(bus);
        return;
    }
    seam_log(bus->seam, SEAM_LOG_ERROR,
             "vmbus: the host speaks no version that we may ask for; allow "
             "older ones");
    vmbus_locked_connect_failed(bus, -EPROTONOSUPPORT, 0);
}

void vmbus_locked_ask_next(struct vmbus_bus *bus)
{
    locked_ask_from(bus, bus->asking + 1, bus->config.newest);
}

/* A host need not answer a message that it does not understand. One that is
 * silent about a second version too will hardly answer a third. */
bool vmbus_locked_step_down(struct vmbus_bus *bus)
{
    uint32_t next = may_ask(bus, bus->asking + 1, bus->config.newest);
    char text[12];

    if (bus->unanswered || next == VMBUS_VERSION_COUNT)
        return false;
    bus->unanswered++;
    bus->asking = next;
    seam_log(bus->seam, SEAM_LOG_WARNING, "vmbus: asking for %s instead",
             vmbus_version_format(vmbus_asked_version(bus), text));
    locked_ask(bus);
    return true;
}

/*
 * The host has no connection 4, so it is older than 5.0: ask for an older
 * version on connection 1. [linux connection.c] If none is allowed, ask for the
 * newer ones on connection 1: Windows takes them there from its firmware.
 * [mu_msvm]
 */
static void locked_without_connection_4(struct vmbus_bus *bus)
{
    seam_log(bus->seam, SEAM_LOG_INFO,
             "vmbus: the host has no message connection 4, so it is older than "
             "5.0: asking on connection 1");
    bus->no_connection_4 = true;
    if (bus->config.oldest < VMBUS_VERSION_5_0)
        locked_ask_from(bus, 0, VMBUS_VERSION_4_1);
    else
        locked_ask_from(bus, 0, bus->config.newest);
}

/* INITIATE_CONTACT was posted (0), or could not be: there is no such
 * connection, or no VMBus host at all. */
static void contact_sent(void *owner, int status)
{
    struct vmbus_bus *bus = owner;

    /* Only now has the host the whole time for its answer. */
    if (status == 0) {
        vmbus_locked_deadline_set(bus, &bus->connect_deadline,
                                  bus->config.contact_timeout, AWAITED);
        return;
    }
    if (status == -ENOENT && bus->connection == WIRE_CONNECTION_MULTI_MESSAGE) {
        locked_without_connection_4(bus);
        return;
    }
    seam_log(bus->seam, SEAM_LOG_ERROR,
             "vmbus: INITIATE_CONTACT cannot be posted, status %d: there is no "
             "VMBus here",
             status);
    vmbus_locked_connect_failed(bus, status, 0);
}

/* ---- the call ------------------------------------------------------------ */

/* Begins with the newest version. Also what follows the UNLOAD of leftovers. */
static void locked_contact(struct vmbus_bus *bus)
{
    bus->state = BUS_CONTACTING;
    locked_ask_from(bus, 0, bus->config.newest);
}

/* Ends what an earlier program left connected, on the connection that all hosts
 * have. No answer means that nothing was left. */
static void locked_clear(struct vmbus_bus *bus)
{
    bus->config.unload_first = false;
    bus->connection = WIRE_CONNECTION_MESSAGE;
    vmbus_locked_unload_begin(bus, bus->config.clear_timeout, locked_contact);
}

int vmbus_bus_connect_start(struct vmbus_bus *bus, vmbus_done_fn *done,
                            void *arg)
{
    uint8_t irql;
    int status;

    /* The pages of the last connection are there until its end is reported: a
     * signal on another processor may still be about to write them. */
    if (bus->state != BUS_DISCONNECTED || bus->connect_op.state != OP_IDLE ||
        bus->unload_op.state != OP_IDLE || bus->pages != PAGES_NONE)
        return -EISCONN;
    /* The pages are allocated without the lock, at PASSIVE. */
    status = vmbus_connection_pages_alloc(bus);
    if (status)
        return status;
    /* Say which features are left out, for whoever looks for one. */
    vmbus_log_features(bus, vmbus_asked_features(bus));
    irql = seam_lock(bus->seam, &bus->lock);
    vmbus_locked_op_start(bus, &bus->connect_op, done, arg);
    bus->no_connection_4 = false;
    bus->unanswered = 0;
    bus->connect_host_status = 0;
    /* What the connect ends with if the user unloads meanwhile. */
    bus->connect_status = -ECANCELED;
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

    return vmbus_bus_wait(bus,
                          vmbus_bus_connect_start(bus, vmbus_waiter_done, &w),
                          &w, "the VMBus host's version and offers");
}

void vmbus_contact_init(struct vmbus_bus *bus)
{
    vmbus_post_init(&bus->contact, WIRE_INITIATE_CONTACT, bus, build_contact,
                    contact_sent);
    vmbus_op_init(&bus->connect_op, bus, vmbus_connection_pages_settle);
}
