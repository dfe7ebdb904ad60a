/* SPDX-License-Identifier: BSD-2-Clause */
/* What the application is told (driver.h). */
#include "drivers/network/base/driver.h"

#include <stdarg.h>
#include <stdio.h>

/*
 * NETWORK_CHANGED is a moment and no state: the link stays up. All others are
 * told once, however often the host says them.
 */
void network_tell(struct network_driver *d, enum network_link link)
{
    enum network_link before = link;

    if (link != NETWORK_CHANGED)
        __atomic_exchange(&d->link, &link, &before, __ATOMIC_ACQ_REL);
    if (link != NETWORK_CHANGED && link == before)
        return;
    if (d->events.link && !d->leaving)
        d->events.link(d->events.context, link);
}

/*
 * The host may say something while this runs. What it said last is told last:
 * it calls this as well.
 */
void network_tell_media(struct network_driver *d)
{
    if (network_phase(d) != PHASE_READY)
        return;
    network_tell(d, __atomic_load_n(&d->media, __ATOMIC_ACQUIRE) ==
                            MEDIA_DISCONNECTED
                        ? NETWORK_DOWN
                        : NETWORK_UP);
}

/* The text is complete before the state can be seen. */
void network_refuse(struct network_driver *d, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(d->problem, sizeof(d->problem), format, arguments);
    va_end(arguments);
    network_tell(d, NETWORK_REFUSED);
}

void network_nonsense(struct network_driver *d, const char *what)
{
    /* Packets of several channels may be looked at at once. */
    __atomic_store_n(&d->statistics.last_refused, what, __ATOMIC_RELAXED);
    network_count(&d->statistics.refused, 1);
}
