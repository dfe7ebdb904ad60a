/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NET_VSOCK as drivers/sockets calls it (hvsock.h), its start and its end. No
 * function waits; private.h says why they need no lock.
 */
#include "drivers/hvsock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/hvsock/private.h"
#include "vmbare.h"

static bool running;

/* ---- calls --------------------------------------------------------------- */

/* The host has streams only; it has no datagrams. [linux hyperv_transport] */
static int end_open(int family, int type, int s, struct net_end **end)
{
    (void)family;
    if (type != NET_STREAM)
        return -EOPNOTSUPP;
    if (!running)
        return -ENETDOWN;
    *end = hvsock_new(s);
    return *end ? 0 : -ENOBUFS;
}

/* The connections that nobody has accepted go with their listener. */
static void close_listener(struct net_end *listener)
{
    struct net_end *end = NULL;

    while ((end = hvsock_next(end)) != NULL)
        if (end->listener == listener)
            hvsock_release(end, true);
}

/* Bytes that nobody has read: the host is to see no orderly end. What was sent
 * is not waited for then. Otherwise the host says when it has all, by
 * withdrawing the channel. [linux] */
static void end_close(struct net_end *end)
{
    bool over = end->state != HVSOCK_OPEN || hvsock_has_bytes(end);

    if (end->state == HVSOCK_LISTENING)
        close_listener(end);
    hvsock_discard(end);
    if (!over) {
        hvsock_send_end(end);
        (void)vmbare_timer_set(&end->timer, vmbare_after(LINGER_SECONDS), 0);
    }
    hvsock_release(end, over);
}

/* Of a stream one end is the service and the other one its number: whose is
 * which depends on who has connected. */
static int end_name(struct net_end *end, bool other,
                    struct net_address *address)
{
    bool stream = end->state == HVSOCK_OPEN || end->state == HVSOCK_GONE;
    bool service = hvsock_is(end, HVSOCK_ACCEPTED) ? !other : other;

    if (!stream && (other || !hvsock_is(end, HVSOCK_BOUND)))
        return -ENOTCONN;
    hvsock_address_out(!stream || service ? &end->service : &end->endpoint,
                       address);
    return 0;
}

/* Not receiving any more is this guest's own business: the host is not told. */
static int end_shutdown(struct net_end *end, enum net_half half)
{
    if (end->state != HVSOCK_OPEN)
        return -ENOTCONN;
    if (half != NET_NO_RECV)
        hvsock_send_end(end);
    if (half != NET_NO_SEND)
        hvsock_discard(end);
    return 0;
}

/* Ready means that a call would not wait, also if it would fail. */
static uint32_t stream_ready(struct net_end *end)
{
    uint32_t ready = 0;

    if (hvsock_read_next(end) != -EAGAIN)
        ready |= NET_READABLE;
    if (end->state == HVSOCK_GONE ||
        (end->state == HVSOCK_OPEN &&
         (hvsock_is(end, HVSOCK_SAID_END) || hvsock_has_room(end))))
        ready |= NET_WRITABLE;
    return ready;
}

/* A failure makes readable, so that whoever waits for data is told. */
static uint32_t end_ready(struct net_end *end)
{
    uint32_t ready = 0;

    if (end->state == HVSOCK_LISTENING)
        ready = end->ready ? NET_READABLE : 0;
    else if (end->state != HVSOCK_FRESH)
        ready = stream_ready(end);
    if (end->error)
        ready |= NET_FAILED | NET_READABLE;
    return ready;
}

static const struct net_operations operations = {
    .open = end_open,
    .close = end_close,
    .bind = hvsock_bind,
    .listen = hvsock_listen,
    .accept = hvsock_accept,
    .connect = hvsock_connect,
    .name = end_name,
    .send = hvsock_send,
    .recv = hvsock_recv,
    .shutdown = end_shutdown,
    .ready = end_ready,
};

/* ---- start and stop ------------------------------------------------------ */

/* What cannot be is said here by name, and not by the first connection. */
int hvsock_start(char problem[HVSOCK_PROBLEM_MAX])
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    if (!facts.bus_version[0]) {
        snprintf(problem, HVSOCK_PROBLEM_MAX,
                 "expected a VMBus for streams to the host, found none: %s",
                 facts.refusal ? facts.refusal : "it did not answer");
        return -ENODEV;
    }
    if (strtoul(facts.bus_version, NULL, 10) < 4) {
        snprintf(problem, HVSOCK_PROBLEM_MAX,
                 "expected VMBus 4.0 or later for streams to the host, found "
                 "%s: use Windows Server 2016 or later",
                 facts.bus_version);
        return -ENOTSUP;
    }
    hvsock_tend_start();
    running = true;
    net_family_add(NET_VSOCK, &operations);
    return 0;
}

/* Its sockets stay, and say why they do nothing any more. */
static void fail(struct net_end *end)
{
    end->error = -ENETDOWN;
    hvsock_channel_stop(end);
    if (end->state == HVSOCK_OPEN)
        end->state = HVSOCK_GONE;
    net_wake(end->s);
}

void hvsock_stop(void)
{
    struct net_end *end;

    running = false;
    /* From the beginning after each: closing a channel waits. */
    do {
        end = NULL;
        while ((end = hvsock_next(end)) != NULL &&
               (hvsock_is(end, HVSOCK_RELEASED) || end->error == -ENETDOWN))
            continue;
        if (end && end->listener)
            hvsock_release(end, true);
        else if (end)
            fail(end);
    } while (end);
    hvsock_tend_stop();
}
