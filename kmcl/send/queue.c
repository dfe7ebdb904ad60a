/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The outgoing queue: packets and completions in the order of sending.
 */
#include "kmcl/send/send.h"

void kmcl_queue_add(struct kmcl_queue *q, struct kmcl_out *out)
{
    out->next = NULL;
    if (q->last)
        q->last->next = out;
    else
        q->first = out;
    q->last = out;
    q->count++;
    /* Answers are counted: a peer that reads none must not make us keep ever
     * more. */
    if (!out->release)
        return;
    q->answers++;
    q->answer_bytes += kmcl_out_incoming(out)->allocated;
}

void kmcl_queue_remove(struct kmcl_queue *q, struct kmcl_out *out)
{
    struct kmcl_out **at = &q->first, *before = NULL;

    /* Nearly always it is the first; only a packet that is taken back stands
     * elsewhere. */
    while (*at != out) {
        before = *at;
        at = &(*at)->next;
    }
    *at = out->next;
    /* The one before becomes the last; NULL when the queue is empty now. */
    if (q->last == out)
        q->last = before;
    q->count--;
    if (!out->release)
        return;
    q->answers--;
    q->answer_bytes -= kmcl_out_incoming(out)->allocated;
}
