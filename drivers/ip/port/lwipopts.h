/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How lwIP is configured; it includes this file by this name. The guest and all
 * tests use it (tests/ip/lwip says where lwIP's own tests need another value).
 */
#ifndef DRIVERS_IP_PORT_LWIPOPTS_H
#define DRIVERS_IP_PORT_LWIPOPTS_H

/* ---- one context: drivers/ip/context.c ----------------------------------- */

/* No threads of lwIP's own and none of the interfaces that need them. All of
 * it runs under one lock. */
#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define LWIP_TIMERS          1
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 24)
#define LWIP_NETIF_LOOPBACK  1
#define LWIP_HAVE_LOOPIF     1

/* ---- memory -------------------------------------------------------------- */

/* Frames and outgoing data are on the C library's heap. What a peer can cause,
 * connections above all, is in pools, so that it has a bound. */
#define MEM_LIBC_MALLOC         1
#define MEMP_MEM_MALLOC         0
#define MEM_ALIGNMENT           8
#define MEMP_NUM_TCP_PCB        128
#define MEMP_NUM_TCP_PCB_LISTEN 16
#define MEMP_NUM_TCP_SEG        2048
#define MEMP_NUM_UDP_PCB        32
#define MEMP_NUM_RAW_PCB        4
/* A segment that is sent without a copy takes one of these. */
#define MEMP_NUM_PBUF       1024
#define MEMP_NUM_REASSDATA  16
#define IP_REASS_MAX_PBUFS  64
#define MEMP_NUM_FRAG_PBUF  64
#define MEMP_NUM_ARP_QUEUE  64
#define MEMP_NUM_ND6_QUEUE  64
#define MEMP_NUM_IGMP_GROUP 16
#define MEMP_NUM_MLD6_GROUP 16
/* lwIP takes small packets of its own from this pool. Received frames are on
 * the heap, so a slow reader cannot empty it. */
#define PBUF_POOL_SIZE    64
#define PBUF_POOL_BUFSIZE 1600

/* ---- TCP ----------------------------------------------------------------- */

/* An upper bound: what a connection uses follows from the MTU. */
#define TCP_MSS           8960
#define LWIP_WND_SCALE    1
#define TCP_RCV_SCALE     3
#define TCP_WND           262144
#define TCP_SND_BUF       278528
#define TCP_SNDLOWAT      32768
#define TCP_SND_QUEUELEN  1024
#define LWIP_TCP_SACK_OUT 1
/* The sum of a pool would have to hold a whole window; frames are on the heap.
 */
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1
#define TCP_LISTEN_BACKLOG             1
#define LWIP_TCP_KEEPALIVE             1
#define SO_REUSE                       1
/* RFC 6528: numbers that nobody outside can guess. */
#define LWIP_HOOK_FILENAME "hooks.h"
#define LWIP_HOOK_TCP_ISN  ip_first_sequence

/* ---- checksums: the adapter computes some of them ------------------------ */

/* Summing while copying would do again what the adapter does. */
#define LWIP_CHECKSUM_ON_COPY        0
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1

/* ---- IPv4 ---------------------------------------------------------------- */

#define LWIP_DHCP 1
/* The check for a second owner of the address takes seconds before it can be
 * used. It is announced instead (drivers/ip/configure.c). */
#define LWIP_DHCP_DOES_ACD_CHECK  0
#define LWIP_DHCP_GET_NTP_SRV     1
#define LWIP_DHCP_MAX_NTP_SERVERS 2
#define LWIP_AUTOIP               1
/* An address of one's own when nobody has answered so many times. */
#define LWIP_DHCP_AUTOIP_COOP       1
#define LWIP_DHCP_AUTOIP_COOP_TRIES 4
#define LWIP_IGMP                   1
#define ETHARP_TABLE_MATCH_NETIF    1
#define ARP_TABLE_SIZE              32
/* The fragments of one datagram wait together for the first answer of ARP. */
#define ARP_QUEUEING  1
#define ARP_QUEUE_LEN 16

/* ---- IPv6 ---------------------------------------------------------------- */

#define LWIP_IPV6 1
/* Without it reassembly asserts where pointers have 64 bits. */
#define IPV6_FRAG_COPYHEADER           1
#define LWIP_IPV6_DHCP6                1
#define LWIP_IPV6_NUM_ADDRESSES        4
#define LWIP_ND6_NUM_NEIGHBORS         32
#define LWIP_ND6_NUM_DESTINATIONS      32
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 2

/* ---- names and time ------------------------------------------------------ */

#define LWIP_DNS                             1
#define DNS_TABLE_SIZE                       8
#define DNS_MAX_SERVERS                      3
#define LWIP_DNS_SUPPORT_MDNS_QUERIES        1
#define LWIP_NETIF_HOSTNAME                  1
#define LWIP_MDNS_RESPONDER                  1
#define LWIP_MDNS_SEARCH                     0
#define MDNS_RESP_USENETIF_EXTCALLBACK       1
#define LWIP_NETIF_EXT_STATUS_CALLBACK       1
#define LWIP_NUM_NETIF_CLIENT_DATA           1
#define SNTP_SERVER_DNS                      1
#define SNTP_MAX_SERVERS                     2
#define SNTP_CHECK_RESPONSE                  2
#define SNTP_SET_SYSTEM_TIME_US(seconds, us) ip_time_arrived(seconds, us)
#define SNTP_GET_SYSTEM_TIME(seconds, us)    ip_time_now(&(seconds), &(us))

/* ---- accounting: facts for a person, and tests --------------------------- */

#define LWIP_STATS 1
#define MEM_STATS  1
#define MIB2_STATS 0

/* A change of the address or of the link wakes whoever waits for it. */
#define LWIP_NETIF_LINK_CALLBACK   1
#define LWIP_NETIF_STATUS_CALLBACK 1

#endif
