/*
 * KMCL over the buses that are there: the real one, and a loopback where
 * there is none or where an application asks for it.
 */
#include "system.h"

#include <stdlib.h>

#include "clock.h"
#include "host.h"
#include "kmcl.h"
#include "log.h"
#include "loopback.h"

/* 100 ns units from 1601-01-01 to 1970-01-01. */
#define UNITS_1601_TO_1970 INT64_C(116444736000000000)

/* The loopback: a context of its own, both halves, and KMCL over both. */
struct loopback_bus {
    struct seam seam;
    struct kmcl *kmcl;
};

static struct kmcl *default_kmcl;
static struct loopback_bus *loopback;

struct kmcl *seam_default_kmcl(void)
{
    return default_kmcl;
}

struct kmcl *system_default_kmcl(struct kmcl *kmcl)
{
    struct kmcl *before = default_kmcl;

    default_kmcl = kmcl;
    return before;
}

static int64_t system_time(void *context)
{
    (void)context;
    return clock_wall() + UNITS_1601_TO_1970;
}

static int attach(struct seam *s, struct vmbus_host *host, struct kmcl **kmcl)
{
    const struct kmcl_config config = {
        .seam = s,
        .bus = s->bus,
        .host = host,
        .system_time = system_time,
    };

    return kmcl_attach(&config, kmcl);
}

static void deliver_message(void *context, const void *payload, uint32_t size)
{
    vmbus_message_arrived(context, payload, size);
}

static void deliver_event(void *context, uint32_t cpu, uint16_t flag)
{
    (void)cpu;
    vmbus_event_arrived(context, flag);
}

/* In the order that loopback.h asks for. */
static int start_loopback(struct loopback_bus *l)
{
    static const struct loopback_guest guest = {
        .message = deliver_message,
        .event = deliver_event,
    };
    const struct vmbus_host_config config = {0};
    int status = loopback_create(&l->seam, &config, &l->seam.loopback);

    if (!status)
        status = vmbus_bus_create(&l->seam, NULL, &l->seam.bus);
    if (status)
        return status;
    loopback_attach(l->seam.loopback, &guest, l->seam.bus);
    status = vmbus_bus_connect(l->seam.bus);
    if (status)
        return status;
    return attach(&l->seam, loopback_host(l->seam.loopback), &l->kmcl);
}

/* What failed half-way stays: it happens once, and only without memory. */
struct kmcl *system_loopback(void)
{
    int status;

    if (loopback)
        return loopback->kmcl;
    loopback = calloc(1, sizeof(*loopback));
    if (!loopback)
        return NULL;
    status = start_loopback(loopback);
    if (status)
        log_printf(LOG_ERROR, "system: the loopback bus failed, status %d",
                   status);
    return loopback->kmcl;
}

void system_kmcl_setup(void)
{
    struct seam *s = &the_system.seam;

    if (!s->bus || !vmbus_bus_connected(s->bus)) {
        log_printf(LOG_INFO, "system: only the loopback bus is there");
        default_kmcl = system_loopback();
    } else if (attach(s, NULL, &default_kmcl)) {
        log_printf(LOG_ERROR, "system: no memory for KMCL");
    }
}

struct DEVICE_OBJECT *vmbare_loopback(void)
{
    struct kmcl *kmcl = system_loopback();

    return kmcl ? kmcl_bus_device(kmcl) : NULL;
}
