/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Complaints about the host, each kind with a limited rate, and the account of
 * memory that the host may keep. Include vmbus/guest/bus.h first.
 */
#ifndef VMBUS_GUEST_COMPLAIN_H
#define VMBUS_GUEST_COMPLAIN_H

#include <stdbool.h>
#include <stdint.h>

struct vmbus_bus;

/* Kinds of complaints. Each is limited by itself, so that a host that floods
 * one of them does not hide the others. */
enum complaint_kind {
    COMPLAINT_MESSAGE,
    COMPLAINT_OFFER,
    COMPLAINT_ANSWER,
    COMPLAINT_EVENT,
    COMPLAINT_RING,
    COMPLAINT_POST,
    COMPLAINT_KINDS
};

/* Logs one line about the host: the first ten of a kind, then every
 * thousandth. The arguments after `kind` are those of printf. */
#define complain(bus, kind, ...)                                            \
    do {                                                                    \
        if (vmbus_complaint_is_due((bus), (kind)))                          \
            seam_log((bus)->seam, SEAM_LOG_WARNING, "vmbus: " __VA_ARGS__); \
    } while (0)

/** Count a complaint; true if it is to be logged. Any lock, <= DISPATCH. */
bool vmbus_complaint_is_due(struct vmbus_bus *bus, enum complaint_kind kind);

/** The host may still answer a request of this connection that is given up.
 * Lock held. */
void vmbus_locked_answer_given_up(struct vmbus_bus *bus);

/**
 * Refuse an answer that no pending request awaits, with one line of log. When
 * it may be the late answer to a request that was given up, it is no mistake of
 * the host's: it is counted, and dropped in silence.
 *
 * The arguments after `bus` are those of printf. Lock held.
 */
#define vmbus_locked_refuse_answer(bus, ...)                \
    do {                                                    \
        if (!vmbus_locked_answer_is_late((bus))) {          \
            count(&(bus)->stats.messages_refused, 1);       \
            complain((bus), COMPLAINT_ANSWER, __VA_ARGS__); \
        }                                                   \
    } while (0)

/** Whether an answer that nobody awaits may be one that was given up; then one
 * less of these is expected. Lock held. */
bool vmbus_locked_answer_is_late(struct vmbus_bus *bus);

/**
 * Leave pages to the host for ever, because it may still write them. Past the
 * configured cap the bus stops.
 *
 * @pages  how many
 * @what   whose they were, for the log
 *
 * Lock held.
 */
void vmbus_locked_leak(struct vmbus_bus *bus, uint32_t pages, const char *what);

/** Add to a counter that several processors may change at once. */
static inline void count(uint64_t *counter, uint64_t n)
{
    __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

#endif
