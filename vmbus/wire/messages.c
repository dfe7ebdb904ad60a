/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one table of all channel messages, and the check that both halves make of
 * each message that arrives.
 */
#include "vmbus/wire/messages.h"

#include "vmbus/protocol.h"
#include "vmbus/wire/memory.h"

#define V(v) VMBUS_VERSION_##v

/*
 * One entry per message: number, log name, struct of its longest form, the
 * first version and the feature that know it, then up to three size rules. A
 * size rule is {version, features, smallest size from there on}. Sizes and
 * first versions: [openvmm proto], [linux hyperv.h]; the ten bytes of
 * VERSION_RESPONSE: [qemu vmbus.c].
 */
#define MESSAGE(to, number, name_, struct_, version_, feature_, ...) \
    [number] = {.name = (name_),                                     \
                .sizes = {__VA_ARGS__},                              \
                .version = (version_),                               \
                .full = sizeof(struct struct_),                      \
                .type = (number),                                    \
                .direction = (to),                                   \
                .feature = (feature_)}
#define TO_GUEST(...) MESSAGE(VMBUS_TO_GUEST, __VA_ARGS__)
#define TO_HOST(...)  MESSAGE(VMBUS_TO_HOST, __VA_ARGS__)

static const struct vmbus_message_info table[WIRE_TYPES] = {
    /* Offers. */
    TO_GUEST(WIRE_OFFER, "OFFERCHANNEL", wire_offer, 0, 0, {0, 0, 190},
             {V(1_1), 0, 196}),
    TO_GUEST(WIRE_RESCIND, "RESCIND", wire_relid, 0, 0, {0, 0, 12}),
    TO_HOST(WIRE_REQUEST_OFFERS, "REQUESTOFFERS", wire_header, 0, 0, {0, 0, 8}),
    TO_GUEST(WIRE_ALL_OFFERS_DELIVERED, "ALLOFFERS_DELIVERED", wire_header, 0,
             0, {0, 0, 8}),
    /* Opening and closing a channel. */
    TO_HOST(WIRE_OPEN, "OPENCHANNEL", wire_open, 0, 0, {0, 0, 148},
            {V(6_0),
             VMBUS_FEATURE_SIGNAL_PARAMETERS | VMBUS_FEATURE_REDIRECT_INTERRUPT,
             156}),
    TO_GUEST(WIRE_OPEN_RESULT, "OPENCHANNEL_RESULT", wire_open_result, 0, 0,
             {0, 0, 20}),
    TO_HOST(WIRE_CLOSE, "CLOSECHANNEL", wire_relid, 0, 0, {0, 0, 12}),
    /* Pages that the guest shares. */
    TO_HOST(WIRE_GPADL_HEADER, "GPADL_HEADER", wire_gpadl_header, 0, 0,
            {0, 0, 20}),
    TO_HOST(WIRE_GPADL_BODY, "GPADL_BODY", wire_gpadl_body, 0, 0, {0, 0, 16}),
    TO_GUEST(WIRE_GPADL_CREATED, "GPADL_CREATED", wire_gpadl_created, 0, 0,
             {0, 0, 20}),
    TO_HOST(WIRE_GPADL_TEARDOWN, "GPADL_TEARDOWN", wire_gpadl_teardown, 0, 0,
            {0, 0, 16}),
    TO_GUEST(WIRE_GPADL_TORNDOWN, "GPADL_TORNDOWN", wire_gpadl_torndown, 0, 0,
             {0, 0, 12}),
    /* The last word about a rescinded offer. */
    TO_HOST(WIRE_RELID_RELEASED, "RELID_RELEASED", wire_relid, 0, 0,
            {0, 0, 12}),
    /* The connection itself. */
    TO_HOST(WIRE_INITIATE_CONTACT, "INITIATE_CONTACT", wire_initiate_contact, 0,
            0, {0, 0, 40}),
    TO_GUEST(WIRE_VERSION_RESPONSE, "VERSION_RESPONSE", wire_version_response,
             0, 0, {0, 0, 10}),
    TO_HOST(WIRE_UNLOAD, "UNLOAD", wire_header, 0, 0, {0, 0, 8}),
    TO_GUEST(WIRE_UNLOAD_RESPONSE, "UNLOAD_RESPONSE", wire_header, 0, 0,
             {0, 0, 8}),
    /* Reserved channels, for trusted virtual trust levels only. */
    TO_HOST(WIRE_OPEN_RESERVED, "OPEN_RESERVED_CHANNEL", wire_open_reserved, 0,
            0, {0, 0, 28}),
    TO_HOST(WIRE_CLOSE_RESERVED, "CLOSE_RESERVED_CHANNEL", wire_close_reserved,
            0, 0, {0, 0, 20}),
    TO_GUEST(WIRE_CLOSE_RESERVED_RESPONSE, "CLOSE_RESERVED_RESPONSE",
             wire_relid, 0, 0, {0, 0, 12}),
    /* hv_sock, and moving a channel's interrupts: 4.0 and later. */
    TO_HOST(WIRE_TL_CONNECT, "TL_CONNECT_REQUEST", wire_tl_connect, V(4_0), 0,
            {0, 0, 40}),
    TO_HOST(WIRE_MODIFY_CHANNEL, "MODIFYCHANNEL", wire_modify_channel, V(4_1),
            0, {0, 0, 16}),
    TO_GUEST(WIRE_TL_CONNECT_RESULT, "TL_CONNECT_RESULT",
             wire_tl_connect_result, V(4_1), 0, {0, 0, 44}),
    TO_GUEST(WIRE_MODIFY_CHANNEL_RESPONSE, "MODIFYCHANNEL_RESPONSE",
             wire_modify_channel_response, V(5_3), 0, {0, 0, 16}),
    /* Optional features of 6.0. */
    TO_HOST(WIRE_MODIFY_CONNECTION, "MODIFY_CONNECTION", wire_modify_connection,
            V(6_0), VMBUS_FEATURE_MODIFY_CONNECTION, {0, 0, 24}),
    TO_GUEST(WIRE_MODIFY_CONNECTION_RESPONSE, "MODIFY_CONNECTION_RESPONSE",
             wire_modify_connection_response, V(6_0),
             VMBUS_FEATURE_MODIFY_CONNECTION, {0, 0, 9}),
    TO_HOST(WIRE_PAUSE, "PAUSE", wire_header, V(6_0),
            VMBUS_FEATURE_PAUSE_RESUME, {0, 0, 8}),
    TO_GUEST(WIRE_PAUSE_RESPONSE, "PAUSE_RESPONSE", wire_header, V(6_0),
             VMBUS_FEATURE_PAUSE_RESUME, {0, 0, 8}),
    TO_HOST(WIRE_RESUME, "RESUME", wire_header, V(6_0),
            VMBUS_FEATURE_PAUSE_RESUME, {0, 0, 8}),
};

const struct vmbus_message_info *vmbus_message_info(uint32_t type)
{
    /* The number comes from the other side. */
    if (type == 0 || type >= WIRE_TYPES)
        return NULL;
    return &table[type];
}

const char *vmbus_message_name(uint32_t type)
{
    const struct vmbus_message_info *m = vmbus_message_info(type);

    return m ? m->name : "unknown";
}

uint32_t vmbus_message_size(const struct vmbus_message_info *m,
                            uint32_t version, uint32_t features)
{
    uint32_t size = m->sizes[0].size;

    /* Take the last rule that applies: later ones are for newer versions. A
     * rule with several features needs any one of them. */
    for (unsigned i = 1; i < 3 && m->sizes[i].size; i++) {
        const struct vmbus_size_rule *r = &m->sizes[i];

        if (version >= r->version &&
            (r->features == 0 || (features & r->features) != 0))
            size = r->size;
    }
    return size;
}

bool vmbus_message_known(const struct vmbus_message_info *m, uint32_t version,
                         uint32_t features)
{
    /* Before a version is negotiated, only what leads there and what ends a
     * connection is legal. */
    if (version == 0)
        return m->type == WIRE_INITIATE_CONTACT ||
               m->type == WIRE_VERSION_RESPONSE || m->type == WIRE_UNLOAD ||
               m->type == WIRE_UNLOAD_RESPONSE;
    return version >= m->version && (features & m->feature) == m->feature;
}

uint32_t vmbus_message_begin(void *message, uint32_t type, uint32_t size)
{
    struct wire_header *header = message;

    /* Zero all of it, so that no byte of our memory leaves in padding. */
    memset(message, 0, size);
    header->type = type;
    return size;
}

enum vmbus_verdict vmbus_message_check(const void *payload, uint32_t size,
                                       enum vmbus_direction direction,
                                       uint32_t version, uint32_t features,
                                       const struct vmbus_message_info **info)
{
    struct wire_header header;

    *info = NULL;
    /* Refuse what has no whole header, or is longer than a message can be. */
    if (size < sizeof(header) || size > WIRE_MESSAGE_MAX)
        return VMBUS_MESSAGE_TRUNCATED;
    memcpy(&header, payload, sizeof(header));
    /* Refuse a number that no message has. */
    *info = vmbus_message_info(header.type);
    if (!*info)
        return VMBUS_MESSAGE_UNKNOWN;
    /* Refuse what only this side sends. */
    if ((*info)->direction != direction)
        return VMBUS_MESSAGE_DIRECTION;
    /* Refuse what the negotiated version and features do not have. */
    if (!vmbus_message_known(*info, version, features))
        return VMBUS_MESSAGE_VERSION;
    /* Refuse what lacks a field of that version. Accept what is longer: newer
     * hosts append fields. [linux channel_mgmt.c] */
    if (size < vmbus_message_size(*info, version, features))
        return VMBUS_MESSAGE_SHORT;
    return VMBUS_MESSAGE_OK;
}

const char *vmbus_verdict_text(enum vmbus_verdict verdict)
{
    static const char *const text[] = {
        [VMBUS_MESSAGE_OK] = "fine",
        [VMBUS_MESSAGE_TRUNCATED] = "smaller than a header or beyond 240",
        [VMBUS_MESSAGE_UNKNOWN] = "of no known number",
        [VMBUS_MESSAGE_DIRECTION] = "not for this side to receive",
        [VMBUS_MESSAGE_VERSION] = "not known to the negotiated version",
        [VMBUS_MESSAGE_SHORT] = "too short",
    };

    return text[verdict];
}
