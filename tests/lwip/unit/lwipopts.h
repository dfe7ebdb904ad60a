/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's lwipopts.h for lwIP's own unit tests, and what these need
 * otherwise: sizes that they count on, and the counters that they look at.
 */
#ifndef TESTS_LWIP_UNIT_LWIPOPTS_H
#define TESTS_LWIP_UNIT_LWIPOPTS_H

#include "drivers/ip/port/lwipopts.h"

/* The tests set the time and the random numbers; connections begin with the
 * numbers that they expect. */
#define LWIP_TESTMODE 1
#undef LWIP_HOOK_FILENAME
#undef LWIP_HOOK_TCP_ISN
#undef SNTP_SET_SYSTEM_TIME_US
#undef SNTP_GET_SYSTEM_TIME

/* Windows and queues are filled in a few segments. */
#undef TCP_MSS
#define TCP_MSS 536
#undef TCP_WND
#define TCP_WND (10 * TCP_MSS)
#undef TCP_SND_BUF
#define TCP_SND_BUF (12 * TCP_MSS)
#undef TCP_SNDLOWAT
#undef TCP_SND_QUEUELEN
#define TCP_SND_QUEUELEN 40
#undef TCP_RCV_SCALE
#define TCP_RCV_SCALE 0
#undef MEMP_NUM_TCP_SEG
#define MEMP_NUM_TCP_SEG TCP_SND_QUEUELEN

/* Their frames are in the pool. */
#undef PBUF_POOL_SIZE
#define PBUF_POOL_SIZE 400
#undef PBUF_POOL_BUFSIZE

/* Two of them count DHCP's frames with the check for a second owner. */
#undef LWIP_DHCP_DOES_ACD_CHECK
#define LWIP_DHCP_DOES_ACD_CHECK 1

#define ETHARP_SUPPORT_STATIC_ENTRIES 1
#undef MIB2_STATS
#define MIB2_STATS 1
#define LWIP_MEM_ILLEGAL_FREE(text)

#endif
