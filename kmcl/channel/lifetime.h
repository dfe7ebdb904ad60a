/*
 * What the functions of a channel's life require of their caller.
 */
#ifndef KMCL_LIFETIME_H
#define KMCL_LIFETIME_H

#include "kmcl/channel/channel.h"

#define RULE_HANDLE "not a live channel: pass what VmbChannelAllocate gave"
#define RULE_CALLBACK \
    "not inside a state-change callback of this channel: return first"
#define RULE_PACKET \
    "not inside a packet callback of this channel: it would wait for itself"

/* What the four blocking functions require. */
#define CHECK_CALLER(ch)                                            \
    do {                                                            \
        SEAM_ASSERT(kmcl_seam(), kmcl_channel_ok(ch), RULE_HANDLE); \
        KMCL_CHECK_PASSIVE((ch)->s);                                \
        SEAM_ASSERT((ch)->s, !(ch)->advancing, RULE_CALLBACK);      \
        SEAM_ASSERT((ch)->s, !(ch)->at_passive, RULE_PACKET);       \
    } while (0)

#endif
