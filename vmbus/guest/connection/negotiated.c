/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connecting, second part: from the host's VERSION_RESPONSE over REQUESTOFFERS
 * to ALLOFFERS_DELIVERED. [openvmm proto], [linux connection.c]
 */
#include "vmbus/guest/connection/connection.h"
#include "vmbus/wire/messages.h"

#define AWAITED "ALLOFFERS_DELIVERED"

/* An answer that changes nothing. */
static void refuse(struct vmbus_bus *bus, const char *what)
{
    count(&bus->stats.messages_refused, 1);
    complain(bus, COMPLAINT_ANSWER, "%s", what);
}

/* An answer is missing: either to INITIATE_CONTACT or to REQUESTOFFERS. */
static void connect_expired(void *owner)
{
    struct vmbus_bus *bus = owner;
    char text[12];

    if (bus->state == BUS_CONTACTING && bus->contact.queued) {
        seam_log(bus->seam, SEAM_LOG_ERROR,
                 "vmbus: the host did not take INITIATE_CONTACT %s",
                 vmbus_version_format(vmbus_asked_version(bus), text));
        vmbus_locked_post_cancel(bus, &bus->contact);
        vmbus_locked_connect_failed(bus, -ETIMEDOUT, 0);
        return;
    }
    if (bus->state == BUS_CONTACTING) {
        seam_log(bus->seam, SEAM_LOG_ERROR,
                 "vmbus: the host did not answer INITIATE_CONTACT %s",
                 vmbus_version_format(vmbus_asked_version(bus), text));
        if (vmbus_locked_step_down(bus))
            return;
    } else {
        seam_log(bus->seam, SEAM_LOG_ERROR,
                 "vmbus: the host did not end its list of offers");
    }
    vmbus_locked_connect_undo(bus, -ETIMEDOUT);
}

/* ---- VERSION_RESPONSE ---------------------------------------------------- */

/* Keeps what the host has agreed to. */
static void locked_adopt(struct vmbus_bus *bus,
                         const struct wire_version_response *m, uint32_t size)
{
    bus->version = vmbus_asked_version(bus);
    bus->features = 0;
    /* From 5.0 on the host names the connection for all further messages; 0
     * keeps the one that was used. Before, the field is the version. */
    if (bus->version >= VMBUS_VERSION_5_0 && size >= WIRE_VERSION_RESPONSE_16 &&
        m->connection != 0)
        bus->connection = m->connection;
    /* Features count only if both sides have them. */
    if (size >= WIRE_VERSION_RESPONSE_6_0)
        bus->features = m->features & vmbus_asked_features(bus);
}

/* A state other than 0 refuses the connection. Before 2.4 the byte means
 * nothing. [linux connection.c] */
static bool is_refused(const struct vmbus_bus *bus,
                       const struct wire_version_response *m)
{
    return m->connection_state && vmbus_asked_version(bus) >= VMBUS_VERSION_2_4;
}

/*
 * A second answer, to the contact that follows one which was given up. The host
 * answers in order: what was taken for this answer was that of the first, and
 * only this one says what the connection is. True: the host is connected;
 * false: it is not, and the caller takes the message as the answer to that
 * contact.
 */
static bool locked_second_answer(struct vmbus_bus *bus,
                                 const struct wire_version_response *m,
                                 uint32_t size)
{
    bus->unanswered--;
    if (m->supported && !is_refused(bus, m)) {
        locked_adopt(bus, m, size);
        return true;
    }
    /* The host is not connected, so it will answer no REQUESTOFFERS. */
    vmbus_locked_post_cancel(bus, &bus->request_offers);
    bus->version = 0;
    bus->features = 0;
    bus->state = BUS_CONTACTING;
    return false;
}

void vmbus_locked_version_response(struct vmbus_bus *bus, const void *message,
                                   uint32_t size)
{
    const struct wire_version_response *m = message;
    char text[12];

    if (bus->state == BUS_OFFERS && bus->unanswered) {
        if (locked_second_answer(bus, m, size))
            return;
    }
    /* Refuse an answer before the question, and a second one. */
    if (bus->state != BUS_CONTACTING || bus->contact.queued) {
        refuse(bus, "VERSION_RESPONSE refused: no contact was asked for");
        return;
    }
    /* Ask for the next older version: the host does not name one. */
    if (!m->supported) {
        vmbus_locked_ask_next(bus);
        return;
    }
    if (is_refused(bus, m)) {
        seam_log(bus->seam, SEAM_LOG_ERROR,
                 "vmbus: the host cannot connect, its state is %u (expected 0)",
                 m->connection_state);
        /* It has taken nothing, so there is nothing to unload. */
        vmbus_locked_connect_failed(bus, -EIO, m->connection_state);
        return;
    }
    locked_adopt(bus, m, size);
    seam_log(bus->seam, SEAM_LOG_INFO,
             "vmbus: connected, protocol %s, features 0x%x",
             vmbus_version_format(bus->version, text), bus->features);
    /* Ask for the offers: the host sends none by itself. */
    bus->state = BUS_OFFERS;
    vmbus_locked_deadline_set_unposted(bus, &bus->connect_deadline,
                                       bus->config.offers_timeout, AWAITED);
    vmbus_locked_post(bus, &bus->request_offers);
}

/* ---- REQUESTOFFERS, ALLOFFERS_DELIVERED ---------------------------------- */

/* The post.build of REQUESTOFFERS, which is a header alone. */
static uint32_t build_request_offers(void *owner, uint32_t step, void *message)
{
    (void)owner;
    return step ? 0
                : vmbus_message_begin(message, WIRE_REQUEST_OFFERS,
                                      sizeof(struct wire_header));
}

/* Without offers the connection is of no use. */
static void request_offers_sent(void *owner, int status)
{
    struct vmbus_bus *bus = owner;

    if (status)
        vmbus_locked_connect_undo(bus, status);
    else
        vmbus_locked_deadline_set(bus, &bus->connect_deadline,
                                  bus->config.offers_timeout, AWAITED);
}

void vmbus_locked_all_offers_delivered(struct vmbus_bus *bus,
                                       const void *message, uint32_t size)
{
    (void)message;
    (void)size;
    /* Refuse a second end of the list. */
    if (bus->state != BUS_OFFERS) {
        refuse(bus, "ALLOFFERS_DELIVERED refused: came before");
        return;
    }
    /* Offers may still come later, for devices that are added. */
    vmbus_locked_deadline_clear(bus, &bus->connect_deadline);
    bus->state = BUS_CONNECTED;
    seam_log(bus->seam, SEAM_LOG_INFO, "vmbus: the list of offers is complete");
    vmbus_locked_op_finish(bus, &bus->connect_op, 0, 0);
}

void vmbus_negotiated_init(struct vmbus_bus *bus)
{
    vmbus_post_init(&bus->request_offers, WIRE_REQUEST_OFFERS, bus,
                    build_request_offers, request_offers_sent);
    vmbus_deadline_init(&bus->connect_deadline, bus, connect_expired);
}
