/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The synthetic interrupt controller. Each processor has a page of message
 * slots, a page of event flags (both are overlays in minihv's memory), and 16
 * sources that raise interrupts. A message whose slot is busy waits (16 per
 * source) and marks the slot. EOM, EOI and the next message try again.
 */
#include "minihv.h"

enum { AUTO_EOI = 1 << 17, POLLING = 1 << 18 }; /* bits of a SINT */
enum { FLAG_MORE = 1, WORDS_PER_SINT = HV_EVENT_FLAGS / 64 };

static struct hv_message slot_pages[VP_MAX][HV_SINT_COUNT]
    __attribute__((aligned(PAGE_SIZE)));
static uint64_t flag_pages[VP_MAX][PAGE_SIZE / 8]
    __attribute__((aligned(PAGE_SIZE)));

void synic_prepare(struct vp *vp)
{
    vp->synic.slots = slot_pages[vp->index];
    vp->synic.flags = flag_pages[vp->index];
    for (int i = 0; i < HV_SINT_COUNT; i++)
        vp->synic.sint[i] = HV_SINT_MASKED;
}

static bool is_on(uint64_t msr)
{
    return msr & 1;
}

static void raise_interrupt(struct vp *vp, uint32_t sint)
{
    uint64_t v = vp->synic.sint[sint];

    if (v & HV_SINT_MASKED)
        return; /* the interrupt is lost, the message is not: [TLFS] */
    if (v & AUTO_EOI)
        autoeoi_raise(vp, (uint8_t)v);
    else
        apic_interrupt(vp, (uint8_t)v);
}

/* Writes a message into the free slot, with its type last, because the guest
 * reads the type first. */
static void fill_slot(struct hv_message *slot, const struct hv_message *m,
                      bool more)
{
    memcpy(&slot->payload, m->payload, HV_PAYLOAD_MAX);
    slot->size = m->size;
    slot->flags = more ? FLAG_MORE : 0;
    slot->reserved = 0;
    slot->sender = m->sender;
    __atomic_store_n(&slot->type, m->type, __ATOMIC_SEQ_CST);
}

static struct stimer *waiting_timer(struct vp *vp, uint32_t sint)
{
    for (int i = 0; i < HV_TIMER_COUNT; i++)
        if (vp->timer[i].message_waits &&
            (vp->timer[i].config >> 16 & 15) == sint)
            return &vp->timer[i];
    return NULL;
}

static void timer_message(const struct vp *vp, struct stimer *t,
                          struct hv_message *m)
{
    struct hv_timer_message body = {
        .index = (uint32_t)(t - vp->timer),
        .expired = t->expired,
        .delivered = clock_now(),
    };

    *m = (struct hv_message){.type = HV_MESSAGE_TIMER, .size = sizeof body};
    memcpy(m->payload, &body, sizeof body);
    t->message_waits = false;
}

/* Moves the oldest waiting message into the slot of `sint` if the slot is free,
 * else marks the slot. The caller holds the lock. Returns true if a message
 * still waits. */
static bool deliver_locked(struct vp *vp, uint32_t sint)
{
    struct synic *s = &vp->synic;
    struct message_queue *q = &s->queue[sint];
    struct hv_message *slot = &s->slots[sint], m;
    struct stimer *t = waiting_timer(vp, sint);

    if (!q->count && !t)
        return false;
    if (!is_on(s->control) || !is_on(s->simp))
        return true;
    if (__atomic_load_n(&slot->type, __ATOMIC_SEQ_CST)) {
        __atomic_fetch_or(&slot->flags, FLAG_MORE, __ATOMIC_SEQ_CST);
        /* The guest may have emptied the slot before it could see the
         * mark; then nobody would come again. */
        if (__atomic_load_n(&slot->type, __ATOMIC_SEQ_CST))
            return true;
    }
    if (q->count) {
        m = q->message[q->head];
        q->head = (q->head + 1) % HV_MESSAGE_BUFFERS;
        q->count--;
    } else {
        timer_message(vp, t, &m);
    }
    fill_slot(slot, &m, q->count || waiting_timer(vp, sint));
    count(COUNT_MESSAGES_OUT);
    raise_interrupt(vp, sint);
    return q->count || waiting_timer(vp, sint);
}

void synic_redeliver(struct vp *vp)
{
    spin_lock(&vp->synic.lock);
    for (uint32_t i = 0; i < HV_SINT_COUNT; i++)
        deliver_locked(vp, i);
    spin_unlock(&vp->synic.lock);
}

enum hv_status synic_post(struct vp *vp, uint32_t sint, uint32_t type,
                          const void *payload, uint32_t size)
{
    struct synic *s = &vp->synic;
    struct message_queue *q = &s->queue[sint];
    struct hv_message *m;

    spin_lock(&s->lock);
    if (q->count == HV_MESSAGE_BUFFERS) {
        spin_unlock(&s->lock);
        return HV_INSUFFICIENT_BUFFERS;
    }
    m = &q->message[(q->head + q->count++) % HV_MESSAGE_BUFFERS];
    *m = (struct hv_message){.type = type, .size = (uint8_t)size};
    memcpy(m->payload, payload, size);
    spin_unlock(&s->lock);
    synic_redeliver(vp);
    return HV_SUCCESS;
}

bool synic_has_room(void)
{
    for (uint32_t i = 0; i < hv.vp_count; i++)
        for (uint32_t k = 0; k < HV_SINT_COUNT; k++)
            if (hv.vp[i].synic.queue[k].count == HV_MESSAGE_BUFFERS)
                return false;
    return true;
}

enum hv_status synic_signal(struct vp *vp, uint32_t sint, uint32_t flag)
{
    struct synic *s = &vp->synic;
    uint64_t *word = s->flags + sint * WORDS_PER_SINT + flag / 64;
    uint64_t bit = UINT64_C(1) << flag % 64;

    if (!is_on(s->control) || !is_on(s->siefp) ||
        s->sint[sint] & HV_SINT_MASKED)
        return HV_INVALID_SYNIC;
    count(COUNT_SIGNALS_OUT);
    /* Only the first setter raises an interrupt. [TLFS] */
    if (!(__atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST) & bit))
        raise_interrupt(vp, sint);
    return HV_SUCCESS;
}

bool synic_read(struct vp *vp, uint32_t number, uint64_t *value)
{
    struct synic *s = &vp->synic;

    switch (number) {
    case HV_SCONTROL:
        *value = s->control;
        return true;
    case HV_SVERSION:
        *value = 1;
        return true;
    case HV_SIEFP:
        *value = s->siefp;
        return true;
    case HV_SIMP:
        *value = s->simp;
        return true;
    case HV_EOM:
        *value = 0;
        return true;
    default:
        if (number < HV_SINT0 || number > HV_SINT15)
            return false;
        *value = s->sint[number - HV_SINT0];
        return true;
    }
}

static bool write_sint(struct vp *vp, uint32_t sint, uint64_t value)
{
    enum { VECTOR_LOWEST = 16 };

    if (!(value & HV_SINT_MASKED) && (value & 0xFF) < VECTOR_LOWEST)
        return false;
    if (value & POLLING) { /* CPUID does not show it */
        rule_broken(vp, "SINT%u = 0x%lx: this host has no polling mode", sint,
                    value);
        return false;
    }
    if (value & AUTO_EOI && !hv.config.autoeoi)
        rule_broken(vp, "SINT%u = 0x%lx: CPUID advises against AutoEOI", sint,
                    value);
    else if (value & AUTO_EOI)
        say("minihv: SINT%u of processor %u has AutoEOI\n", sint, vp->index);
    vp->synic.sint[sint] = value;
    return true;
}

bool synic_write(struct vp *vp, uint32_t number, uint64_t value)
{
    struct synic *s = &vp->synic;

    switch (number) {
    case HV_SCONTROL:
        s->control = value;
        break;
    case HV_SIEFP:
        if (!overlay_move(s->siefp, value, s->flags, NPT_WRITE))
            return false;
        s->siefp = value;
        return true;
    case HV_SIMP:
        if (!overlay_move(s->simp, value, s->slots, NPT_WRITE))
            return false;
        s->simp = value;
        break;
    case HV_EOM:
        break;
    default:
        if (number < HV_SINT0 || number > HV_SINT15)
            return false;
        return write_sint(vp, number - HV_SINT0, value);
    }
    synic_redeliver(vp);
    return true;
}
