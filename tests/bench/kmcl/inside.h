/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of KMCL's inside that the benchmark calls.
 */
#ifndef TESTS_BENCH_KMCL_INSIDE_H
#define TESTS_BENCH_KMCL_INSIDE_H

#include <stddef.h>

#include "kmcl/types.h"

/* Calls the channel's event function as the bus does. The functions count_NAME
 * do the same for scenarios whose figures stay apart; count_nothing's is none.
 */
void count_event(VMBCHANNEL ch);
void count_event_crowded(VMBCHANNEL ch);
void count_receive(VMBCHANNEL ch);
void count_nothing(VMBCHANNEL ch);

/* Sends 64 bytes and asks for an answer. */
NTSTATUS count_send(VMBPACKET packet, PVOID buffer);
NTSTATUS count_send_crowded(VMBPACKET packet, PVOID buffer);

size_t channel_bytes(void);

#endif
