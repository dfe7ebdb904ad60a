/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where frames lie until the host has taken them (data.h): sections of the
 * send buffer for small ones, pages of their own for the others.
 *
 *     free --take--> filled --send--> the host's --completion--> free
 *                      |  ^
 *                      +--+ open: more frames come in
 */
#include "drivers/network/data/data.h"

#include <string.h>

/* Packets under way from which on small frames are collected: the completion of
 * one of them sends what was collected. */
#define COLLECT_FROM 4u

/* The slot that was given last is the next one to be taken. */
static void push(struct send_slot **list, struct send_slot *slot)
{
    slot->next = *list;
    *list = slot;
}

void network_slot_give(struct network_driver *d, struct send_slot *slot)
{
    slot->size = 0;
    slot->frames = 0;
    push(slot->mdl ? &d->sending.large : &d->sending.sections, slot);
}

/* Sections, then pages; slots without memory stay unused. */
void network_slots_begin(struct network_driver *d, uint32_t section_size)
{
    struct send_state *s = &d->sending;
    uint32_t count =
        section_size ? SEND_PAGES * PAGE_SIZE_4K / section_size : 0;

    s->section_size = section_size;
    s->sections = s->large = NULL;
    s->under_way = 0;
    for (uint32_t i = 0; i < d->queue_count; i++) {
        d->queues[i].filling = NULL;
        d->queues[i].under_way = 0;
    }
    s->wants_room = false;
    for (uint32_t i = 0; i < SECTIONS_MOST + LARGE_MOST; i++) {
        struct send_slot *slot = &s->slots[i];

        /*
         * A section's place follows from its number; pages were allocated
         * with the adapter.
         */
        slot->owner = d;
        slot->section = i < SECTIONS_MOST ? i : NVSP_NO_SECTION;
        if (i < SECTIONS_MOST)
            slot->bytes = d->send + (size_t)i * section_size;
        /* A host with large sections has fewer of them in the same memory. */
        if (i < count || i >= SECTIONS_MOST)
            network_slot_give(d, slot);
    }
}

void network_slots_end(struct network_queue *q)
{
    struct network_driver *d = q->driver;
    struct send_slot *slot;
    VMBPACKET packet = NULL;

    /*
     * A packet that is sent after the end would go out with the next opening,
     * from a slot that is used for something else then. Those who are inside
     * are on other processors and wait for nothing. Nobody else runs meanwhile
     * who could end the primary above this call.
     */
    while (__atomic_load_n(&q->inside, __ATOMIC_SEQ_CST))
        __builtin_ia32_pause();
    /* No new one is filled: what allowed that has changed before. */
    vmbare_lock_take(&d->sending.lock);
    slot = q->filling;
    q->filling = NULL;
    if (slot) {
        packet = slot->packet;
        network_slot_give(d, slot);
    }
    vmbare_lock_give(&d->sending.lock);
    if (packet)
        VmbPacketFree(packet);
}

struct send_slot *network_slot_take(struct network_queue *q, uint32_t size)
{
    struct send_state *s = &q->driver->sending;
    struct send_slot **list =
        size <= s->section_size ? &s->sections : &s->large;
    struct send_slot *slot = *list;

    /* Checked by the sender; here it protects the memory. */
    if (size > LARGE_PAGES * PAGE_SIZE_4K)
        return NULL;
    if (slot) {
        *list = slot->next;
        slot->queue = q;
    }
    return slot;
}

struct send_slot *network_slot_due(struct network_queue *q, bool at_once)
{
    struct send_slot *slot = q->filling;

    /*
     * Collect only while the host has enough to do: with few packets under
     * way a frame goes at once.
     */
    if (!slot || (!at_once && q->under_way >= COLLECT_FROM))
        return NULL;
    q->filling = NULL;
    q->under_way++;
    q->driver->sending.under_way++;
    return slot;
}

/* ---- sending ------------------------------------------------------------- */

/* The slot is free, and what was collected meanwhile goes. */
static void finish(struct send_slot *slot, bool failed)
{
    struct network_driver *d = slot->owner;
    struct network_queue *q = slot->queue;
    struct send_state *s = &d->sending;
    struct send_slot *due;
    bool room;

    /*
     * A refused packet is lost like a frame on a wire; whoever sent it will
     * notice.
     */
    if (failed)
        network_count(&d->statistics.sends_failed, 1);
    network_enter(q);
    vmbare_lock_take(&s->lock);
    s->under_way--;
    q->under_way--;
    network_slot_give(d, slot);
    /*
     * Once the channel ends, what was collected is dropped by
     * network_slots_end().
     */
    due = network_may_fill(q) ? network_slot_due(q, false) : NULL;
    room = s->wants_room;
    s->wants_room = false;
    vmbare_lock_give(&s->lock);
    if (due)
        network_slot_send(d, due);
    network_leave(q);
    if (room && d->events.room && !d->leaving)
        d->events.room(d->events.context);
}

/* The host has taken the frames, or refused them: either way it is done with
 * the memory. */
static VOID EvtSent(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                    UINT32 BufferLength)
{
    struct nvsp_rndis_complete answer = {0};
    struct send_slot *slot = VmbPacketGetPointer(Packet);

    VmbPacketFree(Packet);
    if (NT_SUCCESS(Status) && BufferLength >= sizeof(answer))
        memcpy(&answer, Buffer, sizeof(answer));
    finish(slot,
           answer.type != NVSP_RNDIS_COMPLETE || answer.status != NVSP_SUCCESS);
}

/* By section, or by one range of pages: the RNDIS header must not be cut. */
static NTSTATUS submit(struct send_slot *slot)
{
    const UINT32 flags = VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION;
    uint32_t m[NVSP_MESSAGE_SIZE / 4] = {NVSP_RNDIS, NVSP_DATA, slot->section,
                                         slot->mdl ? 0 : slot->size};

    VmbPacketSetPointer(slot->packet, slot);
    VmbPacketSetCompletionRoutine(slot->packet, EvtSent);
    /* By reference: one MDL is one range on the wire. */
    if (slot->mdl)
        return VmbPacketSendWithExternalMdl(slot->packet, m, sizeof(m),
                                            slot->mdl, 0, slot->size, flags);
    return VmbPacketSend(slot->packet, m, sizeof(m), NULL, flags);
}

/* After submit() the slot may be in use again already. */
void network_slot_send(struct network_driver *d, struct send_slot *slot)
{
    struct network_statistics *t = &d->statistics;
    VMBPACKET packet = slot->packet;

    network_count(&t->packets_sent, 1);
    if (slot->mdl)
        network_count(&t->sent_by_pages, 1);
    if (NT_SUCCESS(submit(slot)))
        return;
    /* The channel closes: give the slot back as its completion would. */
    VmbPacketFree(packet);
    finish(slot, true);
}
