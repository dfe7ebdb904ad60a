/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hv_sock: streams between programs of the guest and of the outside, which come
 * by one port of QEMU's.
 */
#ifndef MINIHV_SOCK_SOCK_H
#define MINIHV_SOCK_SOCK_H

#include "vmbus/host.h"

/* Starts the port. */
void sock_prepare(void);

/* The guest asks for a connection (vmbus_host_ops.connect). Returns 0, or
 * negative: it is refused. PASSIVE. */
int sock_connect(const struct vmbus_host_connect *request);

/* All streams are looked at soon. Any level. */
void sock_soon(void);

/* Lists the streams on the control port. */
void sock_list(void);

/* Prints what has passed, at the end of a run. */
void sock_say_counts(void);

#endif
