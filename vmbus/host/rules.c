/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules that a guest can break: what each demands, how often it was broken,
 * and the log line. Breaking a rule never harms this host; a message that
 * breaks one is refused or ignored as docs/host-half.md says.
 */
#include "vmbus/host/private.h"

/*
 * What each rule demands of a guest. Sources: chapter E of the wire reference;
 * [openvmm server] where only it is that strict.
 */
static const char *const texts[VMBUS_HOST_RULE_COUNT] = {
    [VMBUS_HOST_RULE_SHORT_MESSAGE] = "a message has at least its type's size",
    [VMBUS_HOST_RULE_UNKNOWN_MESSAGE] = "message types are 1 to 29",
    [VMBUS_HOST_RULE_WRONG_DIRECTION] =
        "only a host sends messages of this type",
    [VMBUS_HOST_RULE_NOT_NEGOTIATED] =
        "a message is known to the negotiated version and features",
    [VMBUS_HOST_RULE_NOT_CONNECTED] =
        "INITIATE_CONTACT is answered before anything else is sent",
    [VMBUS_HOST_RULE_WRONG_CONNECTION] =
        "messages go to the connection id that VERSION_RESPONSE gave",
    [VMBUS_HOST_RULE_PAUSED] = "after PAUSE comes RESUME",
    [VMBUS_HOST_RULE_NOT_PAUSED] = "RESUME comes after PAUSE",
    [VMBUS_HOST_RULE_UNLOADING] =
        "nothing is sent between UNLOAD or a new contact and its answer",
    [VMBUS_HOST_RULE_CONTACT_FIELDS] =
        "a contact names an existing VP, a SINT below 16 and VTL 0",
    [VMBUS_HOST_RULE_MONITOR_PAGES] =
        "a contact has two monitor pages or none, each at a page boundary",
    [VMBUS_HOST_RULE_INTERRUPT_PAGE] =
        "below 2.4 a contact has an interrupt page at a page boundary",
    [VMBUS_HOST_RULE_OFFERS_TWICE] =
        "REQUESTOFFERS is sent once in a connection",
    [VMBUS_HOST_RULE_UNKNOWN_RELID] = "a relid is that of an offer",
    [VMBUS_HOST_RULE_RELEASE_OPEN] = "a relid is released when it is closed",
    [VMBUS_HOST_RULE_RELEASE_GPADL] =
        "GPADLs are torn down before their relid is released",
    [VMBUS_HOST_RULE_OPEN_STATE] = "only a closed channel is opened",
    [VMBUS_HOST_RULE_OPEN_RING] =
        "rings are one range of whole pages, control and data for each",
    [VMBUS_HOST_RULE_OPEN_TARGET] = "the target of an open is an existing VP",
    [VMBUS_HOST_RULE_OPEN_SIGNAL] =
        "a guest's connection id is unused, its event flag 1 to 2047",
    [VMBUS_HOST_RULE_CLOSE_STATE] = "only an open channel is closed",
    [VMBUS_HOST_RULE_CLOSE_ORDER] =
        "sub-channels are closed before their primary",
    [VMBUS_HOST_RULE_MODIFY_STATE] = "only an open channel is modified",
    [VMBUS_HOST_RULE_MODIFY_TARGET] =
        "the new target of a channel is an existing VP",
    [VMBUS_HOST_RULE_MODIFY_TWICE] =
        "one MODIFYCHANNEL of a channel is outstanding",
    [VMBUS_HOST_RULE_GPADL_HANDLE] =
        "a new GPADL's handle is not 0 and not in use",
    [VMBUS_HOST_RULE_GPADL_RANGES] =
        "GPADL ranges fill the announced length, none empty or past a page",
    [VMBUS_HOST_RULE_GPADL_LIMIT] =
        "GPADLs stay within this host's number and pages",
    [VMBUS_HOST_RULE_GPADL_BODY] =
        "GPADL_BODY continues a GPADL that is not complete",
    [VMBUS_HOST_RULE_TEARDOWN_UNKNOWN] =
        "the GPADL torn down exists and belongs to the relid",
    [VMBUS_HOST_RULE_TEARDOWN_STATE] =
        "a GPADL is complete when it is torn down, and torn down once",
    [VMBUS_HOST_RULE_TEARDOWN_RING] =
        "a channel is closed before its ring GPADL is torn down",
    [VMBUS_HOST_RULE_RESERVED_CHANNEL] =
        "reserved channels are for trusted VTLs",
    [VMBUS_HOST_RULE_EVENT_CLOSED] = "only an open channel is signalled",
};

/*
 * Also answers for a number that is no rule, because tools print what they
 * read.
 */
const char *vmbus_host_rule_text(enum vmbus_host_rule rule)
{
    if ((unsigned)rule >= VMBUS_HOST_RULE_COUNT)
        return "no such rule";
    return texts[rule];
}

void vmbus_host_rule_broken(struct vmbus_host *h, enum vmbus_host_rule rule,
                            uint32_t type, uint32_t relid)
{
    /* Atomic, since events are checked on any processor. */
    uint64_t seen = __atomic_add_fetch(&h->rules[rule], 1, __ATOMIC_RELAXED);

    /* A guest can break rules without end, so only the counts 1, 2, 4, 8 and so
     * on are logged. */
    if ((seen & (seen - 1)) == 0)
        seam_log(h->seam, SEAM_LOG_WARNING,
                 "vmbus host: guest broke a rule: %s (%s, channel %u, seen "
                 "%llu times)",
                 texts[rule], type ? vmbus_message_name(type) : "event", relid,
                 (unsigned long long)seen);
    if (h->ops.rule_broken)
        h->ops.rule_broken(h->context, rule, type, relid);
}

/* May be read at any level, while the host half runs. */
uint64_t vmbus_host_rule_count(const struct vmbus_host *host,
                               enum vmbus_host_rule rule)
{
    if ((unsigned)rule >= VMBUS_HOST_RULE_COUNT)
        return 0;
    return __atomic_load_n(&host->rules[rule], __ATOMIC_RELAXED);
}
