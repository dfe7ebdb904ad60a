/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback: a bus with both halves in this image, and KMCL over both. It is
 * made when an application first asks for it. An image whose application does
 * not contains none of this, because nothing else refers to it.
 */
#include "vmbus/loopback.h"

#include <stdlib.h>

#include "vmbus/host.h"
#include "kmcl/kmcl.h"
#include "arch/console/log.h"
#include "app/system/platform/platform.h"

/* A context of its own, beside the real bus's. */
struct loopback_bus {
    struct seam seam;
    struct kmcl *kmcl;
};

const struct platform_loopback_calls platform_loopback_calls = {
    .post = vmbus_loopback_post,
    .signal = vmbus_loopback_signal,
};

/* What the host half sends arrives at the guest half as on a real bus. */
static void deliver_message(void *context, const void *payload, uint32_t size)
{
    vmbus_message_arrived(context, payload, size);
}

static void deliver_event(void *context, uint32_t cpu, uint16_t flag,
                          bool first)
{
    if (first)
        vmbus_event_now(context, flag, cpu);
    else
        vmbus_event_arrived(context, flag);
}

/*
 * Creates both halves, connects them, and contacts the host half, in the order
 * that vmbus/loopback.h asks for.
 */
static int start_loopback(struct loopback_bus *l)
{
    static const struct loopback_guest guest = {
        .message = deliver_message,
        .event = deliver_event,
    };
    const struct vmbus_host_config config = {0};
    int status = vmbus_loopback_create(&l->seam, &config, &l->seam.loopback);

    l->seam.by_loopback = &platform_loopback_calls;
    if (!status)
        status = vmbus_bus_create(&l->seam, NULL, &l->seam.bus);
    if (status)
        return status;
    vmbus_loopback_attach(l->seam.loopback, &guest, l->seam.bus);
    status = vmbus_bus_connect(l->seam.bus);
    if (status)
        return status;
    return platform_kmcl_attach(&l->seam, vmbus_loopback_host(l->seam.loopback),
                                &kmcl_server_half, &l->kmcl);
}

/*
 * What failed half-way is left as it is: it happens at most once, and only when
 * memory is exhausted.
 */
static struct kmcl *make_loopback(void)
{
    struct loopback_bus *l = calloc(1, sizeof(*l));
    int status;

    if (!l)
        return NULL;
    status = start_loopback(l);
    if (status)
        log_printf(LOG_ERROR, "system: the loopback bus failed, status %d",
                   status);
    return l->kmcl;
}

/* Without a real bus the loopback becomes the default; beside one it is the
 * default of servers. */
struct DEVICE_OBJECT *vmbare_loopback(void)
{
    static struct kmcl *kmcl;
    static bool made;

    if (!made) {
        made = true;
        kmcl = make_loopback();
        if (!seam_root())
            (void)platform_default_kmcl(kmcl);
        else if (kmcl)
            kmcl_set_servers(seam_root(), kmcl);
    }
    return kmcl ? kmcl_bus_device(kmcl) : NULL;
}
