/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One of two IP stacks in a test program. A stack has global data, so all of it
 * (lwIP, drivers/ip, side.c) is linked twice, with other names each time
 * (tests/ip/rules.mk); what a test may call is in this table.
 */
#ifndef TESTS_IP_SIDE_H
#define TESTS_IP_SIDE_H

#include "drivers/ip.h"
#include "drivers/sockets.h"

/* What a stack has allocated. */
struct side_memory {
    size_t heap;     /* bytes on the heap */
    size_t elements; /* of all pools */
};

/* The calls of sockets. */
struct side_calls {
    int (*socket)(int family, int type);
    int (*close)(int s);
    int (*timeout)(int s, double seconds);
    int (*bind)(int s, const struct net_address *address);
    int (*listen)(int s, int backlog);
    int (*accept)(int s, struct net_address *from);
    int (*connect)(int s, const struct net_address *to);
    int (*name)(int s, bool other, struct net_address *address);
    ssize_t (*send)(int s, const void *bytes, size_t size);
    ssize_t (*sendto)(int s, const void *bytes, size_t size,
                      const struct net_address *to);
    ssize_t (*recv)(int s, void *bytes, size_t size);
    ssize_t (*recvfrom)(int s, void *bytes, size_t size,
                        struct net_address *from);
    int (*shutdown)(int s, int half);
    int (*poll)(struct net_poll *polls, unsigned count, double seconds);
    int (*lookup)(const char *name, int family, uint32_t port,
                  struct net_address *address, double seconds);
    const char *(*text)(const struct net_address *address,
                        char text[NET_TEXT_MAX]);
};

struct side {
    struct side_calls net;
    int (*start)(const struct ip_link *link, const struct ip_settings *s);
    void (*stop)(void);
    int (*change)(const struct ip_settings *s);
    bool (*now)(struct ip_settings *s);
    int (*wait)(uint64_t deadline);
    void (*facts)(struct ip_facts *facts);
    void (*frame)(const void *frame, uint32_t size, bool verified);
    void (*link)(bool up);
    void (*room)(void);
    int64_t (*wall)(void);
    int (*settings)(struct ip_settings *settings, char *problem);
    uint64_t (*siphash)(const uint64_t secret[2], const void *bytes,
                        size_t size);
    uint32_t (*random)(void);
    void (*memory)(struct side_memory *memory);
    /* lwIP's raw interface: a server that takes all bytes and adds them up,
     * and a client that sends `size` of them to the address. */
    void (*sink)(uint16_t port);
    void (*pour)(const char *address, uint16_t port, uint32_t size);
    /* A UDP server that counts datagrams, and one datagram of `size` bytes. */
    void (*listen_udp)(uint16_t port);
    void (*datagram)(const char *address, uint16_t port, uint16_t size);
    /* What has come of them; read by the test. */
    struct side_results *results;
};

struct side_results {
    uint32_t received, crc, sent; /* bytes of TCP; their CRC-32 */
    uint32_t sent_crc;
    bool ended, failed, closed;        /* the server saw the end; an error */
    uint32_t datagrams, datagram_size; /* the last one's bytes */
    bool datagram_right;
};

extern const struct side a_side, b_side;

#endif
