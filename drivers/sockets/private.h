/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/sockets/ share with each other alone. */
#ifndef DRIVERS_SOCKETS_PRIVATE_H
#define DRIVERS_SOCKETS_PRIVATE_H

#include "drivers/sockets.h"
#include "vmbare_events.h"

/* A socket; `operations` NULL: the number is free. */
struct net_socket {
    const struct net_operations *operations;
    struct net_end *end;
    struct vmbare_event event; /* set by net_wake() */
    double seconds;            /* of net_timeout() */
};

/**
 * The socket of a number. PASSIVE.
 *
 * @s       any number
 * @return  NULL: there is none
 */
struct net_socket *net_find(int s);

/**
 * Take a number. PASSIVE.
 *
 * @operations  of its family
 * @return      the number, whose end is still to be set; -EMFILE
 */
int net_reserve(const struct net_operations *operations);

/**
 * Give a number back. PASSIVE.
 *
 * @s  from net_reserve()
 */
void net_release(int s);

/**
 * What a call returns.
 *
 * @result  0 or more, or a negative errno, which goes to errno
 * @return  the same, or -1
 */
int net_result(int result);

#endif
