/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KMCL over the real bus, and which instance of KMCL callers without a bus get.
 * The loopback's instance is made in loopback.c.
 */
#include "app/system/platform/platform.h"

#include "arch/time/clock.h"
#include "kmcl/kmcl.h"
#include "arch/console/log.h"

static struct kmcl *default_kmcl;

/* kmcl/ finds its default instance through this. */
void *seam_root(void)
{
    return default_kmcl;
}

struct kmcl *platform_default_kmcl(struct kmcl *kmcl)
{
    struct kmcl *before = default_kmcl;

    default_kmcl = kmcl;
    return before;
}

/* Windows counts system time from 1601. */
static int64_t system_time(void *context)
{
    (void)context;
    return clock_wall() + UNITS_1601_TO_1970;
}

/* One instance of KMCL serves one bus. */
int platform_kmcl_attach(struct seam *s, struct vmbus_host *host,
                         const struct kmcl_server_half *server,
                         struct kmcl **kmcl)
{
    const struct kmcl_config config = {
        .seam = s,
        .bus = s->bus,
        .host = host,
        .server = server,
        .system_time = system_time,
    };

    return kmcl_attach(&config, kmcl);
}

/*
 * Without a bus there is no default instance, until an application asks for the
 * loopback.
 */
void platform_kmcl_setup(void)
{
    struct seam *s = &the_platform.seam;

    if (!s->bus || !vmbus_bus_connected(s->bus)) {
        log_printf(LOG_INFO, "system: there is no bus, but a loopback for an "
                             "application that asks for it");
    } else if (platform_kmcl_attach(s, NULL, NULL, &default_kmcl)) {
        log_printf(LOG_ERROR, "system: no memory for KMCL");
    }
}
