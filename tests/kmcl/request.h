/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synchronous requests of the tests, and a raw host's answers to them.
 */
#ifndef TESTS_KMCL_REQUEST_H
#define TESTS_KMCL_REQUEST_H

#include "harness.h"
#include "raw.h"

/* Asks for no answer's bytes; flags: WAIT or none. */
NTSTATUS ask(VMBCHANNEL ch, UINT32 flags, PLARGE_INTEGER limit);

/* Waits for an answer of up to *size bytes without a limit; size: NULL or in
 * and out. */
NTSTATUS ask_for(VMBCHANNEL ch, void *answer, UINT32 *size);

/* A relative timeout. */
LARGE_INTEGER after(int64_t milliseconds);

/* Answer a raw host's oldest request, with 16 bytes or none; for
 * world_call_later. */
void answer(void *raw_host);
void answer_empty(void *raw_host);

#endif
