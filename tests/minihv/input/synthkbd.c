/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol of the synthetic keyboard: see synthkbd.h. */
#include "synthkbd.h"

#include <stddef.h>
#include <string.h>

static const char *take_request(struct synthkbd *k, const void *data,
                                uint32_t size, struct synthkbd_response *answer)
{
    struct synthkbd_request m;

    if (size < sizeof m)
        return "a version request of less than 8 bytes";
    if (k->accepted)
        return "a version request after one was accepted";
    memcpy(&m, data, sizeof m);
    k->accepted = m.version == SYNTHKBD_VERSION;
    answer->type = SYNTHKBD_RESPONSE;
    answer->status = k->accepted ? SYNTHKBD_ACCEPTED : 0;
    return NULL;
}

const char *synthkbd_take(struct synthkbd *k, const void *data, uint32_t size,
                          struct synthkbd_response *answer)
{
    uint32_t type;

    *answer = (struct synthkbd_response){0};
    if (size < sizeof type)
        return "shorter than its type";
    memcpy(&type, data, sizeof type);
    if (type == SYNTHKBD_REQUEST)
        return take_request(k, data, size, answer);
    if (type != SYNTHKBD_LEDS)
        return "a type that no guest sends";
    if (!k->accepted)
        return "locks before a version";
    return size < sizeof(struct synthkbd_leds) ? "locks of less than 8 bytes"
                                               : NULL;
}

struct synthkbd_event synthkbd_event(const struct stroke *s)
{
    return (struct synthkbd_event){
        .type = SYNTHKBD_EVENT,
        .make = s->make,
        .flags = (s->up ? SYNTHKBD_BREAK : 0u) | (s->e0 ? SYNTHKBD_E0 : 0u) |
                 (s->e1 ? SYNTHKBD_E1 : 0u),
    };
}
