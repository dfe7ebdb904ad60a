/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The counted event and send functions, and levels and locks with the least
 * work.
 */
#include "inside.h"

#include "kmcl/receive/receive.h"
#include "tests/kmcl/harness.h"

uint8_t __wrap_seam_lock(struct seam *s, struct seam_lock *l);
void __wrap_seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql);
uint8_t __wrap_seam_irql_raise(struct seam *s, uint8_t level);
void __wrap_seam_irql_lower(struct seam *s, uint8_t level);

static uint8_t level;

uint8_t __wrap_seam_lock(struct seam *s, struct seam_lock *l)
{
    uint8_t before = level;

    (void)s;
    level = SEAM_DISPATCH;
    __atomic_store_n(&l->taken, 1, __ATOMIC_RELEASE);
    return before;
}

void __wrap_seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    (void)s;
    __atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
    level = irql;
}

uint8_t __wrap_seam_irql_raise(struct seam *s, uint8_t to)
{
    uint8_t before = level;

    (void)s;
    level = to;
    return before;
}

void __wrap_seam_irql_lower(struct seam *s, uint8_t to)
{
    (void)s;
    level = to;
}

/* noipa: equal functions stay apart. */
#define COUNTED_EVENT(name)                          \
    __attribute__((noipa)) void name(VMBCHANNEL ch)  \
    {                                                \
        uint8_t before = level;                      \
                                                     \
        level = SEAM_DISPATCH; /* as the bus does */ \
        (void)kmcl_event(ch);                        \
        level = before;                              \
    }

COUNTED_EVENT(count_event)
COUNTED_EVENT(count_event_crowded)
COUNTED_EVENT(count_receive)
COUNTED_EVENT(count_nothing)

#define COUNTED_SEND(name)                                              \
    __attribute__((noipa)) NTSTATUS name(VMBPACKET packet, PVOID bytes) \
    {                                                                   \
        return VmbPacketSend(packet, bytes, 64, NULL, WAIT);            \
    }

COUNTED_SEND(count_send)
COUNTED_SEND(count_send_crowded)

size_t channel_bytes(void)
{
    return sizeof(struct VMBCHANNEL__);
}
