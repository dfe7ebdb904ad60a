/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls that wait for something of a channel, and the check that none of
 * them waits for another one below it on the stack.
 *
 *   VmbChannelDisable(A)       <- would wait for the GPADL call
 *   a PASSIVE callback
 *   seam_wait()                <- lets callbacks run
 *   VmbChannelCreateGpadl(A)   <- cannot return before the callback does
 */
#include "kmcl/base/wait.h"

#include "kmcl/base/channel.h"

#define RULE_HANDLE "not a live channel: pass what VmbChannelAllocate gave"
#define RULE_LEVEL  "only at PASSIVE_LEVEL: lower the IRQL first"
#define RULE_PACKET \
    "not inside a packet callback of this channel: it would wait for itself"
#define RULE_CALLBACK(name)                                                 \
    "not inside " name ", a state-change callback of this channel: return " \
    "first"
/* For VmbChannelDisable from inside the wait of a GPADL function. */
#define RULE_CLOSE(name)                                                    \
    "VmbChannelDisable would wait for " name " of the same channel, which " \
    "waits for the host and returns only after this call: let it return first"
/* For VmbChannelCleanup from inside any wait of the channel. */
#define RULE_END(name)                                              \
    name " of this channel is still on the stack, and would go on " \
         "without it: let it return first"

#define RULE_CIRCLE                                                           \
    "it would wait for a callback of the channel that waits for the caller, " \
    "see the line before: let one of the two return first"

/* How many channels a circle of waits may lead through to be found. */
#define CIRCLE_LONGEST 16u

/* The texts are constants, because nothing may be built while crashing. */
static const struct {
    const char *name;
    const char *closing; /* VmbChannelDisable from inside its wait */
    const char *ending;  /* VmbChannelCleanup from inside its wait */
} calls[] = {
    [KMCL_CALL_CREATE_GPADL] = {"VmbChannelCreateGpadl",
                                RULE_CLOSE("VmbChannelCreateGpadl"),
                                RULE_END("VmbChannelCreateGpadl")},
    [KMCL_CALL_DELETE_GPADL] = {"VmbChannelDeleteGpadl",
                                RULE_CLOSE("VmbChannelDeleteGpadl"),
                                RULE_END("VmbChannelDeleteGpadl")},
    [KMCL_CALL_REQUEST] = {"VmbChannelSendSynchronousRequest", NULL,
                           RULE_END("VmbChannelSendSynchronousRequest")},
    [KMCL_CALL_PAUSE] = {"VmbChannelPause", NULL, RULE_END("VmbChannelPause")},
    [KMCL_CALL_START] = {"VmbChannelStart", NULL, NULL},
    [KMCL_CALL_DISABLE] = {"VmbChannelDisable", NULL,
                           RULE_END("VmbChannelDisable")},
    [KMCL_CALL_CLEANUP] = {"VmbChannelCleanup", NULL, NULL},
};

/* What a call of the four is told when it comes from inside a callback. */
static const char *const callbacks[] = {
    [KMCL_ADVANCING] = RULE_CALLBACK("EvtChannelPnpFailure or a routine"),
    [KMCL_IN_OPENED] = RULE_CALLBACK("EvtChannelOpened"),
    [KMCL_IN_STARTED] = RULE_CALLBACK("EvtChannelStarted"),
    [KMCL_IN_POST_STARTED] = RULE_CALLBACK("EvtChannelPostStarted"),
    [KMCL_IN_SUSPEND] = RULE_CALLBACK("EvtChannelSuspend"),
    [KMCL_IN_CLOSED] = RULE_CALLBACK("EvtChannelClosed"),
    [KMCL_IN_CLEANUP] = "VmbChannelCleanup has begun: the channel is no more",
};

/* Called at PASSIVE only, which is one processor's, so no lock is needed. */
void kmcl_wait_begin(VMBCHANNEL ch, struct kmcl_wait *w, enum kmcl_call call)
{
    w->call = call;
    w->strand = seam_strand(ch->s);
    w->below = ch->waits;
    ch->waits = w;
}

void kmcl_wait_end(VMBCHANNEL ch, struct kmcl_wait *w)
{
    struct kmcl_wait **at = &ch->waits;

    /* Calls on other stacks may have begun later and end earlier. */
    while (*at != w)
        at = &(*at)->below;
    *at = w->below;
}

bool kmcl_waits(VMBCHANNEL ch, enum kmcl_call call)
{
    const struct kmcl_wait *w = ch->waits;

    while (w && w->call != call)
        w = w->below;
    return w != NULL;
}

/* Both give memory back to the caller, or take it, and only with the word of
 * the host. */
bool kmcl_waits_for_gpadl(VMBCHANNEL ch)
{
    return kmcl_waits(ch, KMCL_CALL_CREATE_GPADL) ||
           kmcl_waits(ch, KMCL_CALL_DELETE_GPADL);
}

int kmcl_wait(VMBCHANNEL ch, enum kmcl_call call, bool (*done)(void *arg),
              void *arg, uint64_t deadline, const char *what)
{
    struct seam *s = ch->s;
    struct kmcl_wait w;
    int rc;

    kmcl_wait_begin(ch, &w, call);
    /* Everything else runs meanwhile, callbacks of this channel included. */
    rc = seam_wait(s, done, arg, deadline, what);
    kmcl_wait_end(ch, &w);
    return rc;
}

/* Refuses `call` with `rule`, in the name of the function that was called. */
static void refuse(struct seam *s, enum kmcl_call call, const char *expression,
                   const char *rule)
{
    seam_assert_failed(s, calls[call].name, expression, rule);
}

/* Whoever closes waits for calls that wait for the host; whoever ends the
 * channel takes it away under all of them. */
static void check_waits(VMBCHANNEL ch, enum kmcl_call call)
{
    uintptr_t strand = seam_strand(ch->s);

    for (const struct kmcl_wait *w = ch->waits; w; w = w->below) {
        const char *rule = call == KMCL_CALL_DISABLE   ? calls[w->call].closing
                           : call == KMCL_CALL_CLEANUP ? calls[w->call].ending
                                                       : NULL;

        if (rule && w->strand == strand)
            refuse(ch->s, call, "no wait below", rule);
    }
}

/* Whether the caller stands inside a state-change callback of the channel, or
 * inside a packet callback. Another one may well be under way on a stack of its
 * own: then the caller waits for it. */
static bool in_callback(VMBCHANNEL ch)
{
    return ch->activity != KMCL_IDLE &&
           ch->activity_strand == seam_strand(ch->s);
}

/* The stack that delivers the channel's packets at PASSIVE; 0: none does.
 * Deliveries at DISPATCH begin and end on other processors meanwhile. */
static uintptr_t delivering_strand(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    uintptr_t strand =
        ch->delivery == KMCL_DELIVERY_PASSIVE ? ch->delivery_strand : 0;

    seam_unlock(ch->s, &ch->lock, irql);
    return strand;
}

static bool in_packet_callback(VMBCHANNEL ch)
{
    return delivering_strand(ch) == seam_strand(ch->s);
}

/* The call on this stack that waits for the callbacks of some channel, and that
 * channel; NULL: there is none. */
static const struct kmcl_wait *wait_on(struct kmcl *root, uintptr_t strand,
                                       VMBCHANNEL *awaited)
{
    for (VMBCHANNEL ch = root->channels; ch; ch = ch->next) {
        for (const struct kmcl_wait *w = ch->waits; w; w = w->below) {
            *awaited = ch;
            if (w->strand == strand &&
                (w->call == KMCL_CALL_PAUSE || w->call == KMCL_CALL_DISABLE ||
                 w->call == KMCL_CALL_CLEANUP))
                return w;
        }
    }
    return NULL;
}

/* Whether waiting for the channel means waiting, over other channels or not,
 * for what runs on the stack `strand`: a callback of the channel stands there,
 * or on a stack that itself waits for a channel of which this is true. */
static bool leads_to(VMBCHANNEL ch, uintptr_t strand, uint32_t left)
{
    uintptr_t held_by[2] = {
        ch->activity != KMCL_IDLE ? ch->activity_strand : 0,
        delivering_strand(ch),
    };

    for (uint32_t i = 0; i < 2; i++) {
        const struct kmcl_wait *w;
        VMBCHANNEL next;

        if (held_by[i] && held_by[i] == strand)
            return true;
        w = held_by[i] ? wait_on(ch->root, held_by[i], &next) : NULL;
        if (w && left && leads_to(next, strand, left - 1)) {
            seam_log(ch->s, SEAM_LOG_ERROR,
                     "kmcl: a callback of %s waits in %s of %s", ch->set.name,
                     calls[w->call].name, next->set.name);
            return true;
        }
    }
    return false;
}

void kmcl_check_caller(VMBCHANNEL ch, enum kmcl_call call)
{
    if (!kmcl_channel_ok(ch))
        refuse(kmcl_seam(), call, "kmcl_channel_ok(ch)", RULE_HANDLE);
    if (seam_irql(ch->s) != SEAM_PASSIVE)
        refuse(ch->s, call, "seam_irql(ch->s) == SEAM_PASSIVE", RULE_LEVEL);
    /* A callback cannot go on before this call returns, and the call waits for
     * the callback. */
    if (ch->activity == KMCL_IN_CLEANUP || in_callback(ch))
        refuse(ch->s, call, "ch->activity == KMCL_IDLE",
               callbacks[ch->activity]);
    /* The call waits until delivered packets are completed and no callback
     * runs, this one included. */
    if (in_packet_callback(ch))
        refuse(ch->s, call, "not in_packet_callback", RULE_PACKET);
    check_waits(ch, call);
    if (call != KMCL_CALL_START &&
        leads_to(ch, seam_strand(ch->s), CIRCLE_LONGEST))
        refuse(ch->s, call, "no circle of waits", RULE_CIRCLE);
}
