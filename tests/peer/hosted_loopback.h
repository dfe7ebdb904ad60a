/* SPDX-License-Identifier: BSD-2-Clause */
/* The other side of a hosted seam (hosted.h) is a loopback. */
#ifndef TESTS_HOSTED_LOOPBACK_H
#define TESTS_HOSTED_LOOPBACK_H

#include "hosted.h"
#include "vmbus/loopback.h"

static inline int hosted_loopback_post(void *loopback, uint32_t connection,
                                       uint32_t type, const void *payload,
                                       uint32_t size)
{
    return vmbus_loopback_post(loopback, connection, type, payload, size);
}

static inline int hosted_loopback_signal(void *loopback, uint32_t connection,
                                         uint16_t flag)
{
    return vmbus_loopback_signal(loopback, connection, flag);
}

/* Messages and signals of `s` go to `loopback` from now on. */
static inline void hosted_route(struct seam *s, struct loopback *loopback)
{
    s->post = hosted_loopback_post;
    s->signal = hosted_loopback_signal;
    s->peer = loopback;
}

#endif
