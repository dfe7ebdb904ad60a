/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all integration services have in common (private.h): the header, the
 * agreement on versions, the status.
 *
 *     host                                  guest
 *     NEGOTIATE, versions that it knows --->
 *                                       <---  one of each, or none
 *     request                           --->
 *                                       <---  the same message, changed
 *
 * Versions are those of the framework, which is this header, and of the
 * service's own messages. One of each is chosen, the best that both sides know;
 * the order of the host's lists says nothing.
 *
 * Every request gets an answer, so that no host waits: what makes no sense gets
 * an error's status. Only a message that is itself an answer, or too short for
 * a header, gets none. A host may negotiate again at any time.
 *
 * [linux channel_mgmt.c] vmbus_prep_negotiate_resp; wire reference H3.
 */
#include "drivers/services/private.h"

/* Linux takes no more in one message either. */
#define VERSIONS_MAX 100u

static const struct ic_version frameworks[] = {{3, 0}, {1, 0}};
#define FRAMEWORKS (sizeof(frameworks) / sizeof(*frameworks))

/* ---- versions ------------------------------------------------------------ */

static struct ic_version get_version(const uint8_t *at)
{
    return (struct ic_version){ic_get16(at), ic_get16(at + 2)};
}

static void put_version(uint8_t *at, struct ic_version version)
{
    ic_put16(at, version.major);
    ic_put16(at + 2, version.minor);
}

/* Hosts list versions in any order. */
static bool lists(const uint8_t *listed, unsigned count,
                  struct ic_version version)
{
    for (unsigned i = 0; i < count; i++) {
        struct ic_version v = get_version(listed + i * IC_VERSION_SIZE);

        if (v.major == version.major && v.minor == version.minor)
            return true;
    }
    return false;
}

/* Finds the first of our versions that the host lists. */
static bool choose(const struct ic_version *ours, unsigned our_count,
                   const uint8_t *listed, unsigned count,
                   struct ic_version *chosen)
{
    for (unsigned i = 0; i < our_count; i++)
        if (lists(listed, count, ours[i])) {
            *chosen = ours[i];
            return true;
        }
    return false;
}

/* The answer names one version of each kind. Counts of 0 say that there is none
 * in common; the host then leaves the service alone. */
static void put_choice(const struct service *s, struct ic_request *r)
{
    ic_put16(r->body + IC_AT_FRAMEWORKS, s->agreed);
    ic_put16(r->body + IC_AT_MESSAGES, s->agreed);
    ic_put32(r->body + 4, 0);
    put_version(r->body + IC_AT_VERSIONS, s->framework);
    put_version(r->body + IC_AT_VERSIONS + IC_VERSION_SIZE, s->message);
    r->size = IC_NEGOTIATION_ANSWER;
}

/* Whatever was agreed before is over. */
static uint32_t negotiate(struct service *s, struct ic_request *r)
{
    const struct service_kind *kind = s->kind;
    const uint8_t *listed = r->body + IC_AT_VERSIONS;
    uint32_t framework_count, message_count;

    s->agreed = false;
    s->framework = s->message = (struct ic_version){0, 0};
    /* Take no count that the message has no room for. */
    if (r->room < IC_NEGOTIATION_ANSWER)
        return IC_INVALID;
    framework_count = ic_get16(r->body + IC_AT_FRAMEWORKS);
    message_count = ic_get16(r->body + IC_AT_MESSAGES);
    if (framework_count + message_count > VERSIONS_MAX ||
        IC_AT_VERSIONS + (framework_count + message_count) * IC_VERSION_SIZE >
            r->room)
        return IC_INVALID;
    s->agreed = choose(frameworks, FRAMEWORKS, listed, framework_count,
                       &s->framework) &&
                choose(kind->versions, kind->version_count,
                       listed + framework_count * IC_VERSION_SIZE,
                       message_count, &s->message);
    put_choice(s, r);
    return IC_OK;
}

/* ---- messages ------------------------------------------------------------ */

/* The order of checks: size, kind, versions; then the service itself. */
static uint32_t answer_body(struct service *s, uint16_t type,
                            struct ic_request *r)
{
    if (r->size > r->room) {
        r->size = r->room;
        return IC_INVALID;
    }
    if (type == IC_NEGOTIATE)
        return negotiate(s, r);
    if (type != s->kind->type)
        return IC_NOT_SUPPORTED;
    /* Before that nobody knows what the body looks like. */
    if (!s->agreed)
        return IC_FAIL;
    return s->kind->handle(r);
}

enum ic_outcome ic_answer(struct service *s, uint8_t *message, uint32_t size,
                          uint32_t *status)
{
    struct ic_header header;
    struct ic_request r;

    if (size < sizeof(header))
        return IC_IGNORED;
    memcpy(&header, message, sizeof(header));
    if (header.flags & IC_FLAG_RESPONSE)
        return IC_IGNORED;
    r = (struct ic_request){
        .version = s->message,
        .body = message + sizeof(header),
        .size = header.size,
        .room = size - (uint32_t)sizeof(header),
    };
    *status = answer_body(s, header.type, &r);
    /* Send the header back as it was, but for these three. */
    header.size = (uint16_t)r.size;
    header.status = *status;
    header.flags = IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE;
    memcpy(message, &header, sizeof(header));
    if (*status != IC_OK)
        return IC_REFUSED;
    return header.type == IC_NEGOTIATE ? IC_NEGOTIATED : IC_ANSWERED;
}
