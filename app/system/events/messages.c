/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounded queues of messages: vmbare_events.h has their contract. */
#include <string.h>

#include "app/system/events/events.h"

/* The room is the application's, so that a post never allocates. */
enum vmbare_status vmbare_messages_init(struct vmbare_messages *messages,
                                        const char *name, void *room,
                                        size_t size, uint32_t capacity)
{
    if (!messages)
        return events_misuse(__func__, "a struct vmbare_messages", 0);
    /* What was refused stays a queue of no kind, which every call refuses. */
    *messages = (struct vmbare_messages){.source.name = name};
    if (!size || size > VMBARE_MESSAGE_MOST)
        return events_misuse(__func__, "messages of 1 to 256 bytes", size);
    if (!capacity || !room)
        return events_misuse(__func__, "room for 1 message or more", capacity);
    messages->source.kind = EVENTS_MESSAGES;
    messages->room = room;
    messages->size = (uint32_t)size;
    messages->capacity = capacity;
    return VMBARE_OK;
}

/* The room is a circle: behind the last place comes the first. */
static void *place(struct vmbare_messages *messages, uint32_t at)
{
    return (uint8_t *)messages->room +
           (size_t)(at % messages->capacity) * messages->size;
}

/* Whether the queue and the message can be used; logs it if not. */
static bool check(const struct vmbare_messages *messages, const void *message,
                  const char *function)
{
    if (!events_check(messages ? &messages->source : NULL, EVENTS_MESSAGES,
                      function))
        return false;
    if (!message)
        (void)events_misuse(function, "a message", 0);
    return message != NULL;
}

/* A post that finds no room changes nothing, and is counted: that tells a
 * person that the queue is too short. */
enum vmbare_status vmbare_messages_post(struct vmbare_messages *messages,
                                        const void *message)
{
    uint8_t irql;
    bool full;

    if (!check(messages, message, __func__))
        return VMBARE_MISUSE;
    /* The look and the copy are one step for all processors. */
    irql = events_lock();
    full = messages->count == messages->capacity;
    if (full) {
        messages->refused++;
    } else {
        memcpy(place(messages, messages->first + messages->count), message,
               messages->size);
        messages->count++;
    }
    events_unlock_changed(irql);
    return full ? VMBARE_BUSY : VMBARE_OK;
}

/* Nobody waits for room, so a take wakes nobody: a poster that found none
 * decides by itself when it tries again. */
enum vmbare_status vmbare_messages_take(struct vmbare_messages *messages,
                                        void *message)
{
    uint8_t irql;
    bool empty;

    if (!check(messages, message, __func__))
        return VMBARE_MISUSE;
    /* Another one that waits may have been faster. */
    irql = events_lock();
    empty = messages->count == 0;
    if (!empty) {
        memcpy(message, place(messages, messages->first), messages->size);
        messages->first = (messages->first + 1) % messages->capacity;
        messages->count--;
    }
    events_unlock(irql);
    return empty ? VMBARE_EMPTY : VMBARE_OK;
}
