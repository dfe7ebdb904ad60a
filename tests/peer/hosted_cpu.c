/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hosted seam's processors and their levels, and the hooks of the other
 * side: what every platform with a struct seam of hosted.h shares.
 */
#include "hosted_private.h"

/* ---- the other side ----------------------------------------------------- */

int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    s->counts.posts++;
    if (size > 240)
        hosted_fail(s, "a message beyond 240 bytes");
    return s->post ? s->post(s->peer, connection, type, payload, size) : 0;
}

int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    s->counts.signals++;
    return s->signal ? s->signal(s->peer, connection, flag) : 0;
}

/* ---- processors --------------------------------------------------------- */

uint8_t seam_irql(struct seam *s)
{
    return s->irql;
}

uint8_t seam_irql_raise(struct seam *s, uint8_t level)
{
    uint8_t old = s->irql;

    if (level < old)
        hosted_fail(s, "raising to a lower IRQL");
    s->irql = level;
    return old;
}

void seam_irql_lower(struct seam *s, uint8_t level)
{
    if (level > s->irql)
        hosted_fail(s, "lowering to a higher IRQL");
    s->irql = level;
}

uint32_t seam_cpu_count(struct seam *s)
{
    return s->cpus;
}

/* Not the processor's own number, so that the two are never mixed up. */
uint32_t seam_vp_index(struct seam *s, uint32_t cpu)
{
    (void)s;
    return cpu * 2 + 4;
}
