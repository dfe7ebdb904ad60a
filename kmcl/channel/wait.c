/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls that wait for something of a channel, and the check that none of
 * them waits for another one below it on the stack.
 */
#include "kmcl/channel/wait.h"

#include "kmcl/channel/channel.h"

#define RULE_HANDLE "not a live channel: pass what VmbChannelAllocate gave"
#define RULE_LEVEL  "only at PASSIVE_LEVEL: lower the IRQL first"
#define RULE_PACKET \
    "not inside a packet callback of this channel: it would wait for itself"
#define RULE_CALLBACK(name)                                                 \
    "not inside " name ", a state-change callback of this channel: return " \
    "first"
#define RULE_CLOSE(name)                                                    \
    "VmbChannelDisable would wait for " name " of the same channel, which " \
    "waits for the host and returns only after this call: let it return first"
#define RULE_END(name)                                              \
    name " of this channel is still on the stack, and would go on " \
         "without it: let it return first"

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

static const char *const callbacks[] = {
    [KMCL_ADVANCING] = RULE_CALLBACK("EvtChannelPnpFailure or a routine"),
    [KMCL_IN_OPENED] = RULE_CALLBACK("EvtChannelOpened"),
    [KMCL_IN_STARTED] = RULE_CALLBACK("EvtChannelStarted"),
    [KMCL_IN_POST_STARTED] = RULE_CALLBACK("EvtChannelPostStarted"),
    [KMCL_IN_SUSPEND] = RULE_CALLBACK("EvtChannelSuspend"),
    [KMCL_IN_CLOSED] = RULE_CALLBACK("EvtChannelClosed"),
    [KMCL_IN_CLEANUP] = "VmbChannelCleanup has begun: the channel is no more",
};

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

static bool in_packet_callback(VMBCHANNEL ch)
{
    return ch->delivery == KMCL_DELIVERY_PASSIVE &&
           ch->delivery_strand == seam_strand(ch->s);
}

void kmcl_check_caller(VMBCHANNEL ch, enum kmcl_call call)
{
    if (!kmcl_channel_ok(ch))
        refuse(kmcl_seam(), call, "kmcl_channel_ok(ch)", RULE_HANDLE);
    if (seam_irql(ch->s) != SEAM_PASSIVE)
        refuse(ch->s, call, "seam_irql(ch->s) == SEAM_PASSIVE", RULE_LEVEL);
    if (ch->activity == KMCL_IN_CLEANUP || in_callback(ch))
        refuse(ch->s, call, "ch->activity == KMCL_IDLE",
               callbacks[ch->activity]);
    if (in_packet_callback(ch))
        refuse(ch->s, call, "not in_packet_callback", RULE_PACKET);
    check_waits(ch, call);
}
