/* SPDX-License-Identifier: BSD-2-Clause */
/* An adapter with a memory for one received frame. */
#include "network.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmbare.h"
#include "vmbare_events.h"

#define STEP_SECONDS  0.001
#define OPEN_SECONDS  120.0
#define FRAME_SECONDS 60.0

bool say_result(bool good, const char *what)
{
    static unsigned results;

    printf("%sok %u - %s\n", good ? "" : "not ", ++results, what);
    return good;
}

/* Keeps the last frame that somebody waits for. At DISPATCH. */
static void received(void *context, const struct network_frame *frame)
{
    struct inbox *in = context;

    if (!in->wants || !in->wants(frame->bytes, frame->size))
        return;
    /*
     * Copy it: the driver's memory is used for the next frame when this
     * returns.
     */
    /* Another channel may have one at the same time. */
    vmbare_lock_take(&in->lock);
    in->last.size = frame->size;
    in->last.good = frame->good;
    in->last.vlan = frame->vlan;
    in->last.segments = frame->segments;
    memcpy(in->last.bytes, frame->bytes, frame->size);
    vmbare_lock_give(&in->lock);
    /* Whoever sees the count sees the frame. */
    __atomic_fetch_add(&in->count, 1, __ATOMIC_RELEASE);
}

/*
 * Counts what is told, so that the suite can compare it with what the host
 * did.
 */
static void link_told(void *context, enum network_link link)
{
    struct inbox *in = context;

    __atomic_fetch_add(&in->links[link], 1, __ATOMIC_RELEASE);
}

bool adapter_open(struct adapter *a, const struct network_settings *settings)
{
    const struct network_events events = {
        .context = &a->inbox,
        .received = received,
        .link = link_told,
    };
    /* Opening returns before the adapter is up; the wait has a deadline. */
    NTSTATUS status = network_open(&a->network, settings, &events);
    uint8_t *m = a->mac;

    if (NT_SUCCESS(status) &&
        network_wait(&a->network, OPEN_SECONDS) == NETWORK_UP) {
        network_mac(&a->network, m);
        printf("# network: %02x:%02x:%02x:%02x:%02x:%02x, protocol %x, mtu "
               "%" PRIu32 ", offloads %x\n",
               m[0], m[1], m[2], m[3], m[4], m[5],
               (unsigned)network_version(&a->network), network_mtu(&a->network),
               (unsigned)network_offloads(&a->network));
        return true;
    }
    printf("# network: status %08x, link %u: %s\n", (unsigned)status,
           NT_SUCCESS(status) ? network_link(&a->network) : 0,
           network_problem(&a->network));
    return false;
}

void adapter_close(struct adapter *a, const char *name)
{
    const uint32_t *l = a->inbox.links;
    struct network_statistics s;

    /* Without memory or with a wrong setting nothing was opened. */
    if (!a->network.driver)
        return;
    /* The suite compares these lines with the host's own counters. */
    network_statistics(&a->network, &s);
    printf("# %s: sent %" PRIu64 " frames, %" PRIu64 " bytes in %" PRIu64
           " packets, %" PRIu64 " by pages, %" PRIu64 " failed, %" PRIu64
           " without room\n",
           name, s.frames_sent, s.bytes_sent, s.packets_sent, s.sent_by_pages,
           s.sends_failed, s.sends_without_room);
    printf("# %s: received %" PRIu64 " frames, %" PRIu64 " bytes in %" PRIu64
           " packets, %" PRIu64 " coalesced of %" PRIu64 " segments, %" PRIu64
           " of other VLANs\n",
           name, s.frames_received, s.bytes_received, s.packets_received,
           s.coalesced, s.segments, s.other_vlan);
    printf("# %s: told absent %u, down %u, up %u, changed %u times\n", name,
           (unsigned)l[NETWORK_ABSENT], (unsigned)l[NETWORK_DOWN],
           (unsigned)l[NETWORK_UP], (unsigned)l[NETWORK_CHANGED]);
    printf("# %s: %" PRIu64 " openings, %" PRIu64 " indications, %" PRIu64
           " refused (%s)\n",
           name, s.openings, s.link_changes, s.refused,
           s.last_refused ? s.last_refused : "none");
    printf("# %s: %u channels\n", name,
           (unsigned)network_channels(&a->network));
    network_free(&a->network);
}

NTSTATUS adapter_send(struct adapter *a, const struct frame *f,
                      const struct network_send_options *options)
{
    /* In pieces, as a stack has them. */
    const struct network_segment parts[] = {
        {f->bytes, 14}, {f->bytes + 14, 20}, {f->bytes + 34, f->size - 34}};
    uint64_t end = vmbare_after(FRAME_SECONDS);
    NTSTATUS status;

    /* No room is no failure: the host is slower than this loop. */
    while ((status = network_send(&a->network, parts, 3, options)) ==
               STATUS_DEVICE_BUSY &&
           vmbare_now() < end)
        vmbare_sleep(STEP_SECONDS);
    return status;
}

bool adapter_await(struct adapter *a, uint32_t count)
{
    uint64_t end = vmbare_after(FRAME_SECONDS);

    while (__atomic_load_n(&a->inbox.count, __ATOMIC_ACQUIRE) < count) {
        if (vmbare_now() > end)
            return false;
        vmbare_sleep(STEP_SECONDS);
    }
    return true;
}
