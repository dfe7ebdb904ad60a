/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's connection: version and features, where its messages go, its
 * monitor and interrupt pages, PAUSE and RESUME. [openvmm proto]
 * [linux connection.c]
 *
 *     guest                                   host half
 *     INITIATE_CONTACT  ---->  vmbus_host_on_contact: earlier connections end
 * first (drain.c), then vmbus_host_contact_answer
 *                       <----  VERSION_RESPONSE
 *
 * A guest starts with its newest version. A refusal makes it try the next older
 * one, so each contact is complete in itself.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/*
 * Takes the reply that this contact or unload will get when the servers have
 * let go. A second contact before that uses the same one: only the newest is
 * answered.
 */
static void reserve_reply(struct vmbus_host *h)
{
    if (!h->drain_reply)
        h->drain_reply = vmbus_host_reply_take(h);
}

/*
 * The message's target, or below 5.0 the interrupt page. A SINT counts from 5.0
 * on and a trust level from 5.1 on, and both only on the connection of several
 * clients: on the classic one a guest need not have filled them in.
 * [openvmm server]
 */
static uint64_t named_target(const struct host_message *m)
{
    uint64_t target = m->contact.interrupt_page;
    struct wire_contact_target t;

    if (m->contact.version < VMBUS_VERSION_5_0)
        return target;
    memcpy(&t, &target, sizeof(t));
    if (m->connection != WIRE_CONNECTION_MULTI_MESSAGE)
        t.sint = 0;
    if (m->connection != WIRE_CONNECTION_MULTI_MESSAGE ||
        m->contact.version < VMBUS_VERSION_5_1)
        t.vtl = 0;
    memcpy(&target, &t, sizeof(t));
    return target;
}

/*
 * Step 1: take the message apart. The client id exists only in the longer form
 * of the message, so its presence is noted.
 */
void vmbus_host_on_contact(struct vmbus_host *h, const struct host_message *m)
{
    const struct wire_initiate_contact *w = &m->contact;

    h->contact = (struct host_contact){
        .version = w->version,
        .target_vp = w->target_vp,
        .target = named_target(m),
        .monitor = {w->monitor_parent_to_child, w->monitor_child_to_parent},
    };
    if (m->size >= sizeof(*w)) {
        h->contact.client_id = w->client_id;
        h->contact.has_client_id = true;
    }
    /* Step 2: end whatever connection there is. The answer follows when that is
     * done, at once if there was none. */
    reserve_reply(h);
    vmbus_host_drain_begin(h, HOST_DRAIN_CONTACT);
}

/* UNLOAD has no contents. The answer follows when every server has let go. */
void vmbus_host_on_unload(struct vmbus_host *h, const struct host_message *m)
{
    (void)m;
    reserve_reply(h);
    vmbus_host_drain_begin(h, HOST_DRAIN_UNLOAD);
}

/*
 * From 5.0 on, the field that held the interrupt page's address holds the
 * message target and the feature flags.
 */
static struct wire_contact_target target_of(const struct host_contact *c)
{
    struct wire_contact_target t = {0};

    if (c->version >= VMBUS_VERSION_5_0)
        memcpy(&t, &c->target, sizeof(t));
    return t;
}

/*
 * Where this guest takes its messages. Below 3.0 it is always virtual processor
 * 0. Firmware leaves the SINT 0 and means the usual one. [mu_msvm]
 */
static void set_message_target(struct vmbus_host *h,
                               const struct host_contact *c)
{
    uint8_t sint = target_of(c).sint;

    h->message_vp = 0;
    if (c->version >= VMBUS_VERSION_3_0 &&
        vmbus_host_vp_exists(h, c->target_vp))
        h->message_vp = c->target_vp;
    h->message_sint = sint != 0 && sint < 16 ? sint : WIRE_SINT;
}

/* What both sides have. Feature flags exist from 6.0 on. */
static uint32_t granted_features(const struct vmbus_host *h,
                                 const struct host_contact *c)
{
    if (c->version < VMBUS_VERSION_6_0)
        return 0;
    return target_of(c).features & h->config.features;
}

/*
 * Refuses fields that cannot be: a processor that does not exist, a SINT above
 * 15, another VTL than 0, a promised client id that is not there.
 */
static bool fields_fit(const struct vmbus_host *h, const struct host_contact *c,
                       uint32_t features)
{
    struct wire_contact_target t = target_of(c);

    if (c->version >= VMBUS_VERSION_3_0 &&
        !vmbus_host_vp_exists(h, c->target_vp))
        return false;
    if ((features & VMBUS_FEATURE_CLIENT_ID) && !c->has_client_id)
        return false;
    return t.sint < 16 && t.vtl == 0;
}

/*
 * With the feature SERVER_MONITOR the server chose the pages; otherwise the
 * guest sends their addresses.
 */
static int map_monitors(struct vmbus_host *h, const struct host_contact *c,
                        uint32_t features)
{
    if (features & VMBUS_FEATURE_SERVER_MONITOR)
        return vmbus_host_monitor_map(h, h->config.monitor_gpa);
    return vmbus_host_monitor_map(h, c->monitor);
}

/*
 * Pages that cannot be mapped are this host's failure; anything else is a rule
 * that the guest broke.
 */
static enum host_connection_state failed(struct vmbus_host *h, int status,
                                         enum vmbus_host_rule rule)
{
    if (status == -EFAULT) {
        host_log(h, HOST_LINE_PAGES, SEAM_LOG_ERROR,
                 "vmbus host: the guest's monitor or interrupt page cannot be "
                 "mapped; contact refused");
        return HOST_CONNECTION_RESOURCES;
    }
    vmbus_host_rule_broken(h, rule, WIRE_INITIATE_CONTACT, 0);
    return HOST_CONNECTION_UNKNOWN;
}

/* Step 1: grant features, and check the fields with them in mind. */
static enum host_connection_state connect(struct vmbus_host *h,
                                          const struct host_contact *c)
{
    uint32_t features = granted_features(h, c);
    int status;

    if (!fields_fit(h, c, features))
        return failed(h, -EINVAL, VMBUS_HOST_RULE_CONTACT_FIELDS);
    /* Step 2: map the monitor pages; without any, there is nothing to map. */
    status = map_monitors(h, c, features);
    if (status != 0)
        return failed(h, status, VMBUS_HOST_RULE_MONITOR_PAGES);
    /* Step 3: before 2.4, signals are bits in an interrupt page. */
    if (c->version < VMBUS_VERSION_2_4) {
        status = vmbus_host_interrupt_map(h, c->target);
        if (status != 0) {
            vmbus_host_pages_unmap(h);
            return failed(h, status, VMBUS_HOST_RULE_INTERRUPT_PAGE);
        }
    }
    /* Step 4: nothing can fail any more: the guest is connected. */
    h->version = c->version;
    h->features = features;
    if (features & VMBUS_FEATURE_CLIENT_ID)
        h->client_id = c->client_id;
    return HOST_CONNECTION_OK;
}

/*
 * VERSION_RESPONSE grew twice; each guest gets the size that its version knows,
 * also when the connection failed. A version that is not supported gets the
 * first form. [openvmm server]
 */
static uint32_t response_size(const struct vmbus_host *h,
                              const struct host_contact *c,
                              const struct wire_version_response *w)
{
    if (h->features & VMBUS_FEATURE_SERVER_MONITOR)
        return sizeof(*w);
    return w->supported && c->version >= VMBUS_VERSION_6_0
               ? WIRE_VERSION_RESPONSE_6_0
               : WIRE_VERSION_RESPONSE_16;
}

/* A version that exists and that the configuration allows. */
static bool version_served(const struct vmbus_host *h, uint32_t version)
{
    return vmbus_version_exists(version) && version >= h->config.min_version &&
           version <= h->config.max_version;
}

/* The target is set before the answer, because a refusal goes there, too. */
void vmbus_host_contact_answer(struct vmbus_host *h, struct host_reply *r)
{
    const struct host_contact c = h->contact;
    struct wire_version_response w = {.header.type = WIRE_VERSION_RESPONSE};

    set_message_target(h, &c);
    if (version_served(h, c.version)) {
        w.connection_state = (uint8_t)connect(h, &c);
        /* From 2.4 on, a guest reads the connection state and sees why it
         * failed. Earlier guests know only yes or no. */
        w.supported = w.connection_state == HOST_CONNECTION_OK ||
                      c.version >= VMBUS_VERSION_2_4;
        /* From 5.0 on, the field carries the connection id for all further
         * messages; before that, the version is repeated. */
        w.connection = c.version >= VMBUS_VERSION_5_0
                           ? WIRE_CONNECTION_MULTI_MESSAGE
                           : c.version;
        w.features = granted_features(h, &c);
    }
    if (h->features & VMBUS_FEATURE_SERVER_MONITOR) {
        w.monitor_parent_to_child = h->monitor_gpa[0];
        w.monitor_child_to_parent = h->monitor_gpa[1];
    }
    host_log(h, HOST_LINE_CONTACT, SEAM_LOG_INFO,
             "vmbus host: protocol %u.%u %s", c.version >> 16,
             c.version & 0xffff, h->version ? "accepted" : "refused");
    vmbus_host_reply_send(h, r, &w, response_size(h, &c, &w));
}

/*
 * A guest that saved and restored itself moves its monitor pages. The old ones
 * stay in use when the new ones are refused.
 */
void vmbus_host_on_modify_connection(struct vmbus_host *h,
                                     const struct host_message *m)
{
    const uint64_t gpa[2] = {m->modify_connection.monitor_parent_to_child,
                             m->modify_connection.monitor_child_to_parent};
    struct wire_modify_connection_response w = {
        .header.type = WIRE_MODIFY_CONNECTION_RESPONSE,
    };
    int status = -EINVAL;

    /* Pages that the server chose are not the guest's to change. */
    if (!(h->features & VMBUS_FEATURE_SERVER_MONITOR))
        status = vmbus_host_monitor_map(h, gpa);
    if (status == -EFAULT)
        w.connection_state = HOST_CONNECTION_RESOURCES;
    else if (status != 0) {
        w.connection_state = HOST_CONNECTION_UNKNOWN;
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_MONITOR_PAGES, m->type, 0);
    }
    vmbus_host_reply_send(h, vmbus_host_reply_take(h), &w, sizeof(w));
}

/* After PAUSE_RESPONSE the guest receives nothing until it sends RESUME. */
void vmbus_host_on_pause(struct vmbus_host *h, const struct host_message *m)
{
    const struct wire_header w = {.type = WIRE_PAUSE_RESPONSE};

    (void)m;
    h->flow = HOST_PAUSING;
    vmbus_host_reply_send(h, vmbus_host_reply_take(h), &w, sizeof(w));
}

/* Everything that was held back goes out now. */
void vmbus_host_on_resume(struct vmbus_host *h, const struct host_message *m)
{
    if (h->flow == HOST_FLOWING) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_NOT_PAUSED, m->type, 0);
        return;
    }
    /* A PAUSE_RESPONSE that is still queued is an answer like any other now. */
    h->flow = HOST_FLOWING;
    h->upper->pump(h);
}
