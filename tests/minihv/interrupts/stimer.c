/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synthetic timers: four per processor, one-shot or periodic. A timer that
 * expires sends a message on a SINT or raises an interrupt (direct mode).
 * [TLFS]
 *
 * While one processor changes the machine's memory map, QEMU 7.2 can lose the
 * interrupt that another sends (apic.c): a timer has expired, its interrupt is
 * neither requested nor in service, and a guest that sleeps until then sleeps
 * for ever. So the host's own processor sends the interrupt of a one-shot timer
 * again that the guest has neither ended by an EOI nor set again for a while.
 */
#include "minihv.h"

enum {
    ENABLE = 1 << 0,
    PERIODIC = 1 << 1,
    AUTO_ENABLE = 1 << 3,
    DIRECT = 1 << 12,
    WHILE = 1000000, /* 100 ms */
};

static uint32_t sint_of(uint64_t config)
{
    return config >> 16 & 15;
}

/* [TLFS] a periodic timer counts from now, a one-shot's count is absolute */
static void arm(struct stimer *t)
{
    t->due = t->config & PERIODIC ? clock_now() + t->count : t->count;
}

/* An enabled timer with count 0 waits for its count. */
static bool runs(const struct stimer *t)
{
    return t->config & ENABLE && t->count;
}

static bool write_config(struct stimer *t, uint64_t value)
{
    if (value & DIRECT && !(hv.config.features & HV_FEATURE_DIRECT))
        return false;
    if (value & ENABLE && !(value & DIRECT) && !sint_of(value))
        value &= ~(uint64_t)ENABLE; /* [TLFS] SINT0 is illegal */
    t->config = value;
    t->message_waits = false;
    t->unanswered = 0;
    if (value & ENABLE)
        arm(t);
    return true;
}

static bool write_count(struct stimer *t, uint64_t value)
{
    t->count = value;
    t->message_waits = false;
    t->unanswered = 0;
    if (!value)
        t->config &= ~(uint64_t)ENABLE;
    else if (t->config & AUTO_ENABLE)
        t->config |= ENABLE;
    if (t->config & ENABLE)
        arm(t);
    return true;
}

static bool is_ours(uint32_t number)
{
    return number >= HV_STIMER0_CONFIG && number <= HV_STIMER3_COUNT;
}

bool stimer_read(struct vp *vp, uint32_t number, uint64_t *value)
{
    struct stimer *t = &vp->timer[(number - HV_STIMER0_CONFIG) / 2 & 3];

    if (!is_ours(number))
        return false;
    *value = number & 1 ? t->count : t->config;
    return true;
}

bool stimer_write(struct vp *vp, uint32_t number, uint64_t value)
{
    struct stimer *t = &vp->timer[(number - HV_STIMER0_CONFIG) / 2 & 3];
    bool done;

    if (!is_ours(number))
        return false;
    vp->left_work = true; /* the timer of minihv may have to be set */
    spin_lock(&vp->synic.lock);
    done = number & 1 ? write_count(t, value) : write_config(t, value);
    spin_unlock(&vp->synic.lock);
    return done;
}

uint64_t stimer_next(const struct vp *vp)
{
    uint64_t next = UINT64_MAX;

    for (int i = 0; i < HV_TIMER_COUNT; i++)
        if (runs(&vp->timer[i]) && vp->timer[i].due < next)
            next = vp->timer[i].due;
    return next;
}

static uint8_t vector_of(const struct stimer *t)
{
    return (uint8_t)(t->config >> 4);
}

void stimer_eoi(struct vp *vp)
{
    for (int i = 0; i < HV_TIMER_COUNT; i++) {
        struct stimer *t = &vp->timer[i];

        if (__atomic_load_n(&t->unanswered, __ATOMIC_SEQ_CST) &&
            apic_in_service(vector_of(t)))
            __atomic_store_n(&t->unanswered, 0, __ATOMIC_SEQ_CST);
    }
}

/* The caller holds the lock. */
static void repeat(struct vp *vp, struct stimer *t, uint64_t now)
{
    uint64_t since = __atomic_load_n(&t->unanswered, __ATOMIC_SEQ_CST);

    if (!since || now < since + WHILE)
        return;
    count(COUNT_REPEATED);
    __atomic_store_n(&t->unanswered, now, __ATOMIC_SEQ_CST);
    apic_interrupt(vp, vector_of(t));
}

void stimer_repeat(struct vp *vp)
{
    uint64_t now = clock_now();
    bool late = false;

    for (int i = 0; i < HV_TIMER_COUNT; i++) {
        uint64_t since =
            __atomic_load_n(&vp->timer[i].unanswered, __ATOMIC_SEQ_CST);

        late |= since && now >= since + WHILE;
    }
    if (!late)
        return;
    spin_lock(&vp->synic.lock);
    for (int i = 0; i < HV_TIMER_COUNT; i++)
        repeat(vp, &vp->timer[i], now);
    spin_unlock(&vp->synic.lock);
}

static void send_direct(struct vp *vp, struct stimer *t, uint64_t now)
{
    static uint32_t sent;

    if (hv.has_host_cpu && !(t->config & PERIODIC))
        __atomic_store_n(&t->unanswered, now, __ATOMIC_SEQ_CST);
    if (hv.config.lose &&
        !(__atomic_add_fetch(&sent, 1, __ATOMIC_RELAXED) % hv.config.lose))
        return;
    apic_interrupt(vp, vector_of(t));
}

/* The caller holds the lock. Returns true if a message must be delivered. */
static bool expire_one(struct vp *vp, struct stimer *t, uint64_t now)
{
    if (!runs(t) || t->due > now)
        return false;
    count(COUNT_TIMERS);
    t->expired = t->due;
    if (!(t->config & PERIODIC))
        t->config &= ~(uint64_t)ENABLE;
    while (t->config & PERIODIC && t->due <= now)
        t->due += t->count; /* missed periods are skipped */
    if (t->config & DIRECT) {
        send_direct(vp, t, now);
        return false;
    }
    t->message_waits = true;
    return true;
}

void stimer_expire(struct vp *vp)
{
    uint64_t now = clock_now();
    bool message = false;

    if (stimer_next(vp) > now)
        return;
    spin_lock(&vp->synic.lock);
    for (int i = 0; i < HV_TIMER_COUNT; i++)
        message |= expire_one(vp, &vp->timer[i], now);
    spin_unlock(&vp->synic.lock);
    if (message)
        synic_redeliver(vp);
}
