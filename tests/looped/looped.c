/* SPDX-License-Identifier: BSD-2-Clause */
/* The world of looped.h: connecting and disconnecting. */
#include "tests/looped/looped.h"

#include <stdlib.h>

#include "vmbus/host.h"

static void guest_message(void *context, const void *payload, uint32_t size)
{
    vmbus_message_arrived(context, payload, size);
}

static void guest_event(void *context, uint32_t cpu, uint16_t flag, bool first)
{
    if (first)
        vmbus_event_now(context, flag, cpu);
    else
        vmbus_event_arrived(context, flag);
}

void looped_connect(struct looped *l, struct seam *s)
{
    static const struct loopback_guest guest = {guest_message, guest_event};
    const struct vmbus_host_config host = {0};
    struct kmcl_config kmcl = {.seam = s, .server = &kmcl_server_half};

    l->s = s;
    if (vmbus_loopback_create(s, &host, &l->loopback))
        looped_fail("no loopback");
    looped_route(s, l->loopback);
    if (vmbus_bus_create(s, NULL, &l->bus))
        looped_fail("no bus");
    vmbus_loopback_attach(l->loopback, &guest, l->bus);
    if (vmbus_bus_connect(l->bus))
        looped_fail("the bus does not connect");
    kmcl.bus = l->bus;
    kmcl.host = vmbus_loopback_host(l->loopback);
    if (kmcl_attach(&kmcl, &l->kmcl))
        looped_fail("KMCL does not attach");
}

void looped_disconnect(struct looped *l)
{
    kmcl_detach(l->kmcl);
    if (vmbus_bus_version(l->bus) && vmbus_bus_unload(l->bus))
        looped_fail("the bus cannot be unloaded");
    vmbus_loopback_attach(l->loopback, NULL, NULL);
    vmbus_bus_destroy(l->bus);
    vmbus_loopback_destroy(l->loopback);
}

uint32_t looped_number(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}
