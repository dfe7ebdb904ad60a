/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets: streams and datagrams, with calls that wait, as BSD has them. Each
 * name is BSD's with net_ before it; a socket is a number, an error -1 and
 * errno.
 *
 *     int s = net_socket(NET_IPV4, NET_STREAM);
 *     net_connect(s, &to);
 *     net_send(s, "hello", 5);
 *     net_close(s);
 *
 * What a family can do is up to whoever carries it: ip_start() (ip.h) brings
 * NET_IPV4 and NET_IPV6, hvsock_start() (hvsock.h) NET_VSOCK. Others can be
 * added with the same calls (net_family_add()).
 *
 * Calls that wait let everything else go on, and end with ETIMEDOUT after the
 * time of net_timeout(). All calls are for PASSIVE on processor 0, and a socket
 * is for one of them at a time.
 *
 * Of each call: EBADF there is no such socket; EAFNOSUPPORT nothing carries the
 * family; ENETDOWN its network was stopped; EOPNOTSUPP sockets of this type
 * cannot do it.
 */
#ifndef DRIVERS_SOCKETS_H
#define DRIVERS_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NET_SOCKETS_MOST 128u /* open at a time */
#define NET_POLL_MOST    32u  /* in one net_poll() */
#define NET_TEXT_MAX     56u  /* an address with its port, and the final zero */

/* The numbers are Linux's. */
enum net_family {
    NET_IPV4 = 2,
    NET_IPV6 = 10,
    NET_VSOCK = 40, /* streams to the host, without a network */
};

/* How data travels. */
enum net_type {
    NET_STREAM = 1,
    NET_DATAGRAM = 2,
};

/* An end. All zero but `family` and `port`: any address of this machine. */
struct net_address {
    uint32_t family; /* enum net_family */
    uint32_t port;   /* as a number; up to 65,535 but for NET_VSOCK */
    union {
        uint8_t ipv4[4];
        uint8_t ipv6[16];
        uint8_t vsock[16]; /* a service's or an end's GUID */
    };
};

/* ---- opening and closing ------------------------------------------------- */

/**
 * Make a socket.
 *
 * @family  enum net_family; a socket of NET_IPV6 that listens takes IPv4, too
 * @type    enum net_type
 * @return  its number, 0 or more; -1: EAFNOSUPPORT, EOPNOTSUPP, ENETDOWN,
 * EMFILE (too many), ENOBUFS (too many of the stack's), ENOMEM
 *
 * IRQL: PASSIVE.
 */
int net_socket(int family, int type);

/**
 * Close a socket. What was sent is still delivered; when data was not read the
 * other end is told of a reset. Its number may be used again.
 *
 * @s       a socket
 * @return  0; -1: EBADF
 *
 * IRQL: PASSIVE.
 */
int net_close(int s);

/**
 * How long each call on this socket may wait. Without it they wait as long as
 * it takes.
 *
 * @s       a socket
 * @seconds  0: not at all; negative: as long as it takes
 * @return   0; -1: EBADF
 *
 * IRQL: PASSIVE.
 */
int net_timeout(int s, double seconds);

/* ---- ends ---------------------------------------------------------------- */

/**
 * Give a socket its own address.
 *
 * @s       a socket
 * @address  port 0: one that is free
 * @return   0; -1: EADDRINUSE, EAFNOSUPPORT (another family), EINVAL (it has
 * one, or the port is too large)
 *
 * IRQL: PASSIVE.
 */
int net_bind(int s, const struct net_address *address);

/**
 * Let a socket of NET_STREAM take connections.
 *
 * @s       a socket
 * @backlog  how many may wait for net_accept(), 1 to 255
 * @return   0; -1: EINVAL (no address, or connected), EADDRINUSE, ENOBUFS
 *
 * IRQL: PASSIVE.
 */
int net_listen(int s, int backlog);

/**
 * Take the next connection, and wait for it.
 *
 * @s       a socket
 * @from    receives the other end; may be NULL
 * @return  a socket of its own; -1: ETIMEDOUT, EINVAL (it does not listen),
 *          EMFILE, ENOMEM
 *
 * IRQL: PASSIVE.
 */
int net_accept(int s, struct net_address *from);

/**
 * Connect, and wait until the other end has answered. A socket of NET_DATAGRAM
 * only remembers whom net_send() sends to. After a failure the socket can only
 * be closed.
 *
 * @s       a socket
 * @to      the other end
 * @return  0; -1: ECONNREFUSED, ETIMEDOUT (no answer), EHOSTUNREACH (no way
 *          there), EISCONN, EAFNOSUPPORT, EINVAL
 *
 * IRQL: PASSIVE.
 */
int net_connect(int s, const struct net_address *to);

/**
 * The address of this end (`other` false) or of the other one.
 *
 * @s       a socket
 * @address  receives it
 * @return   0; -1: ENOTCONN (the other one is not known)
 *
 * IRQL: PASSIVE.
 */
int net_name(int s, bool other, struct net_address *address);

/* ---- data ---------------------------------------------------------------- */

/**
 * Send. A stream waits until all bytes are on their way or kept to be sent, a
 * datagram goes as a whole.
 *
 * @s       a socket
 * @bytes   copied
 * @return  how many bytes, fewer than `size` when the time was over before all;
 *          -1: ETIMEDOUT (none), EPIPE (this half is closed), ECONNRESET,
 *          ENOTCONN, EMSGSIZE (a datagram over 65,507 bytes), EHOSTUNREACH,
 *          ENOBUFS
 *
 * IRQL: PASSIVE.
 */
ssize_t net_send(int s, const void *bytes, size_t size);

/**
 * Send a datagram to a certain end.
 *
 * @s       a socket
 * @bytes   copied, `size` of them
 * @size    65,507 at most
 * @to      NULL: the one of net_connect()
 * @return  as of net_send(); -1: also EISCONN (a stream has its end already)
 *
 * IRQL: PASSIVE.
 */
ssize_t net_sendto(int s, const void *bytes, size_t size,
                   const struct net_address *to);

/**
 * Receive what there is, and wait until there is some.
 *
 * @s       a socket
 * @bytes   receives `size` bytes at most; the rest of a longer datagram is lost
 * @return  how many; 0: the other end will send no more (NET_STREAM), or an
 * empty datagram; -1: ETIMEDOUT, ECONNRESET, ENOTCONN
 *
 * IRQL: PASSIVE.
 */
ssize_t net_recv(int s, void *bytes, size_t size);

/**
 * Receive, and learn from whom.
 *
 * @s       a socket
 * @bytes   receives `size` bytes at most
 * @size    as for net_recv()
 * @from    receives the sender; may be NULL
 * @return  as of net_recv()
 *
 * IRQL: PASSIVE.
 */
ssize_t net_recvfrom(int s, void *bytes, size_t size, struct net_address *from);

/* What to close of a connection. */
enum net_half {
    NET_NO_RECV,
    NET_NO_SEND, /* the other end reads what was sent, and then the end */
    NET_NEITHER,
};

/**
 * Close one half, or both, of a connection; the socket stays.
 *
 * @s       a socket
 * @half    enum net_half
 * @return  0; -1: ENOTCONN, EINVAL
 *
 * IRQL: PASSIVE.
 */
int net_shutdown(int s, int half);

/* ---- waiting for several ------------------------------------------------- */

/* What a socket is ready for. */
enum net_ready {
    NET_READABLE = 1, /* net_recv() or net_accept() would not wait */
    NET_WRITABLE = 2, /* net_send() would take some bytes */
    NET_FAILED = 4,   /* the next call says how; asked for or not */
};

/* A socket of net_poll(), and what it is asked. */
struct net_poll {
    int socket;
    uint32_t wanted; /* enum net_ready */
    uint32_t ready;  /* filled in */
};

/**
 * Wait until at least one socket is ready for what is wanted of it.
 *
 * @polls    1 to NET_POLL_MOST of them
 * @seconds  0: not at all; negative: as long as it takes
 * @return   how many are ready; 0: the time is over; -1: EBADF, EINVAL (count)
 *
 * IRQL: PASSIVE.
 */
int net_poll(struct net_poll *polls, unsigned count, double seconds);

/* ---- names --------------------------------------------------------------- */

/**
 * The address of a name, by DNS or (NAME.local) by mDNS; an address as text is
 * taken as it is.
 *
 * @name     zero-terminated, up to 255 characters
 * @family   NET_IPV4, NET_IPV6; 0: the first of both that there is
 * @port     put into the address
 * @address  receives it, with 0 only
 * @seconds  as for net_timeout()
 * @return   0; -1: ENOENT (there is no such name, or nobody answers for it),
 *           ETIMEDOUT, ENETDOWN, EINVAL, ENOMEM
 *
 * IRQL: PASSIVE.
 */
int net_lookup(const char *name, int family, uint32_t port,
               struct net_address *address, double seconds);

/**
 * An address as text: 10.0.0.1:80, [FE80::1]:80, vsock:5000, or the GUID of a
 * service without a port. Any IRQL.
 *
 * @text    receives it
 * @return  the same text
 */
const char *net_text(const struct net_address *address,
                     char text[NET_TEXT_MAX]);

/* ---- for whoever carries a family ---------------------------------------- */

struct net_end; /* the family's own: what a socket is to it */

/*
 * What a family does. No function waits: -EAGAIN means not yet, and net_wake()
 * is called when it is worth another try. All results are 0 or more, or a
 * negative errno. NULL: EOPNOTSUPP.
 */
struct net_operations {
    /* Makes an end, which calls net_wake(s) from then on. */
    int (*open)(int family, int type, int s, struct net_end **end);
    /* Gives it back. No net_wake() comes any more. */
    void (*close)(struct net_end *end);
    int (*bind)(struct net_end *end, const struct net_address *address);
    int (*listen)(struct net_end *end, unsigned backlog);
    /* The next connection, which wakes `s` from now on. */
    int (*accept)(struct net_end *end, int s, struct net_end **accepted);
    /* Called again until it is not -EAGAIN. */
    int (*connect)(struct net_end *end, const struct net_address *to);
    int (*name)(struct net_end *end, bool other, struct net_address *address);
    ssize_t (*send)(struct net_end *end, const void *bytes, size_t size,
                    const struct net_address *to);
    ssize_t (*recv)(struct net_end *end, void *bytes, size_t size,
                    struct net_address *from);
    int (*shutdown)(struct net_end *end, enum net_half half);
    uint32_t (*ready)(struct net_end *end);
};

/**
 * From now on sockets of this family are carried by these functions.
 *
 * @family      enum net_family
 * @operations  stay valid for ever
 *
 * IRQL: PASSIVE.
 */
void net_family_add(int family, const struct net_operations *operations);

/**
 * Something has happened to a socket: a call that waits looks again.
 *
 * @s  the number that open() or accept() was given
 *
 * IRQL: <= DISPATCH, any processor.
 */
void net_wake(int s);

#ifdef __cplusplus
}
#endif

#endif
