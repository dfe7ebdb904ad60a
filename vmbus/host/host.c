/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a host half: creating it from a configuration, resetting it, its
 * status, destroying it. vmbus/host.h has the public contract.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/*
 * Limits where the configuration leaves them 0: two GPADLs for each channel
 * that there can be, and 1 GiB of shared memory at the most.
 */
#define DEFAULT_GPADLS      4096u
#define DEFAULT_GPADL_PAGES 262144u

/*
 * GPADLs first, because a channel's memory is described by them. Then the
 * channels, the pages, the queue. What is left is a host half as new.
 */
void vmbus_host_forget(struct vmbus_host *h)
{
    while (h->gpadls)
        vmbus_host_gpadl_free(h, h->gpadls);
    while (h->channels) {
        SEAM_ASSERT(h->seam, h->channels->owner != HOST_OWNED,
                    "withdraw channels before the host half goes");
        vmbus_host_channel_free(h->channels);
    }
    vmbus_host_pages_unmap(h);
    vmbus_host_replies_drop(h);
    vmbus_host_reply_free(h, &h->spare);
    vmbus_host_reply_free(h, &h->drain_reply);
    h->version = 0;
    h->features = 0;
    h->message_vp = 0;
    h->message_sint = WIRE_SINT;
    h->offers = HOST_OFFERS_UNASKED;
    h->flow = HOST_FLOWING;
    h->drain = HOST_DRAIN_NONE;
    h->restoring = false;
}

/* Zero in a configuration means "the default". */
static void set_default(uint32_t *value, uint32_t value_if_zero)
{
    if (*value == 0)
        *value = value_if_zero;
}

/*
 * The server's monitor pages are two different whole pages, and only with the
 * feature that offers them.
 */
static bool monitor_gpas_fit(const struct vmbus_host_config *c)
{
    uint64_t a = c->monitor_gpa[0], b = c->monitor_gpa[1];

    if (!(c->features & VMBUS_FEATURE_SERVER_MONITOR))
        return a == 0 && b == 0;
    return a != 0 && b != 0 && a != b && (a | b) % SEAM_PAGE_SIZE == 0;
}

/*
 * Fills in the defaults and refuses what cannot be. A feature that is not
 * implemented is refused by name, so that nobody promises it to a guest.
 */
static int complete_config(struct seam *s, struct vmbus_host_config *c)
{
    set_default(&c->min_version, VMBUS_VERSION_0_13);
    set_default(&c->max_version, VMBUS_VERSION_6_0);
    set_default(&c->max_channels, VMBUS_RELID_MAX);
    set_default(&c->max_gpadls, DEFAULT_GPADLS);
    set_default(&c->max_gpadl_pages, DEFAULT_GPADL_PAGES);
    if (c->features & ~VMBUS_HOST_FEATURES) {
        seam_log(s, SEAM_LOG_ERROR,
                 "vmbus host: features 0x%x are not implemented%s; leave them "
                 "out of the config",
                 c->features & ~VMBUS_HOST_FEATURES,
                 c->features & VMBUS_FEATURE_CONFIDENTIAL
                     ? " (0x10: confidential channels)"
                     : "");
        return -ENOTSUP;
    }
    if (!vmbus_version_exists(c->min_version) ||
        !vmbus_version_exists(c->max_version) ||
        c->min_version > c->max_version || c->max_channels > VMBUS_RELID_MAX ||
        !monitor_gpas_fit(c))
        return -EINVAL;
    return 0;
}

/* What lower files call in upper ones (struct host_upper). */
static const struct host_upper upper = {
    .pump = vmbus_host_pump,
    .drain_step = vmbus_host_drain_step,
    .contact_answer = vmbus_host_contact_answer,
};

/* The configuration is copied: the caller's may be on its stack. */
int vmbus_host_create(struct seam *s, const struct vmbus_host_ops *ops,
                      void *context, const struct vmbus_host_config *config,
                      struct vmbus_host **host)
{
    struct vmbus_host_config c = *config;
    struct vmbus_host *h;
    int status = complete_config(s, &c);

    if (status != 0)
        return status;
    if (!ops->post || !ops->signal)
        return -EINVAL;
    h = seam_alloc(s, sizeof(*h));
    if (!h)
        return -ENOMEM;
    h->seam = s;
    h->ops = *ops;
    h->context = context;
    h->config = c;
    h->upper = &upper;
    h->message_sint = WIRE_SINT;
    *host = h;
    return 0;
}

void vmbus_host_destroy(struct vmbus_host *host)
{
    vmbus_host_forget(host);
    seam_free(host->seam, host, sizeof(*host));
}

/* As if the guest had been switched off: nobody is answered. */
void vmbus_host_reset(struct vmbus_host *host)
{
    vmbus_host_drain_begin(host, HOST_DRAIN_RESET);
}

/* Counts channels anew each time; nothing here is on a fast path. */
void vmbus_host_status(const struct vmbus_host *host,
                       struct vmbus_host_status *status)
{
    *status = (struct vmbus_host_status){
        .connected = host->version != 0,
        .version = host->version,
        .features = host->features,
        .gpadls = host->gpadl_count,
        .gpadl_pages = host->gpadl_pages,
        .undelivered = host->reply_count,
        .client_id = host->client_id,
    };
    for (const struct vmbus_host_channel *ch = host->channels; ch;
         ch = ch->next) {
        status->channels++;
        status->open_channels += ch->state == HOST_OPEN;
    }
}
