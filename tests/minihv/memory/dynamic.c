/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The KMCL server of dynamic memory. What the guest gives in whole blocks of
 * 2 MiB is taken out of its memory: who still uses one ends the run.
 */
#include "dynamic.h"

#include "bus.h"
#include "control.h"
#include "dynmem.h"
#include "minihv.h"
#include "outbox.h"

enum {
    PAGES_OF_MIB = 256,
    BLOCK = 2 << 20,
    DEADLINE_S = 60,
    SECOND = 10000000,
};

static struct device device;
static struct dynmem protocol;
static struct outbox outbox = {.device = &device};
static bool served;    /* open, and the guest has kept to the protocol */
static bool commanded; /* a command waits for the guest */
static uint64_t had;   /* pages, when it began */
static struct seam_timer timer;
static uint64_t reports, taken, returned;

/* ---- the command --------------------------------------------------------- */

static void end_command(void)
{
    commanded = false;
    (void)seam_timer_cancel(NULL, &timer);
    control_end();
}

static void fail(const char *why)
{
    control_say("error memory: %s\n", why);
    end_command();
}

static void late(void *arg)
{
    (void)arg;
    if (commanded)
        fail("the guest has not answered for 60 s");
}

static void begin_command(void)
{
    commanded = true;
    had = protocol.has;
    timer.run = late;
    seam_timer_set(NULL, &timer, clock_now() + (uint64_t)DEADLINE_S * SECOND);
}

/* ---- the guest's memory -------------------------------------------------- */

static bool owns(struct dynmem_range r)
{
    return guest_owns(r.first * PAGE_SIZE, r.pages * PAGE_SIZE);
}

/* A block that cannot be taken holds a page that minihv shows to the guest. */
static void move_blocks(const struct dynmem_range *r, bool take)
{
    uint64_t at = (r->first * PAGE_SIZE + BLOCK - 1) & ~(uint64_t)(BLOCK - 1);
    uint64_t end = (r->first + r->pages) * PAGE_SIZE;

    for (; at + BLOCK <= end; at += BLOCK)
        (void)npt_take_block(at, take);
}

static void got(uint32_t from)
{
    for (uint32_t i = from; i < protocol.count; i++) {
        move_blocks(&protocol.range[i], true);
        taken += protocol.range[i].pages;
    }
    if (protocol.state != DYNMEM_READY || !commanded)
        return;
    control_say("ok %lu MiB\n", (protocol.has - had) / PAGES_OF_MIB);
    end_command();
}

static void returned_all(void)
{
    if (!commanded)
        return;
    control_say("ok %lu MiB\n", had / PAGES_OF_MIB);
    end_command();
}

void dynamic_take(uint32_t mib)
{
    uint8_t m[DYNMEM_REQUEST_MAX];
    uint32_t size = 0;

    begin_command();
    if (served)
        size = dynmem_inflate(&protocol, mib * PAGES_OF_MIB, m);
    if (size)
        outbox_send(&outbox, m, size);
    else
        fail("the guest gives no pages yet");
}

/* The guest may use its pages as soon as the request is in its ring. */
void dynamic_give(void)
{
    uint8_t m[DYNMEM_REQUEST_MAX];
    uint32_t size = 0;

    begin_command();
    if (served)
        size = dynmem_deflate(&protocol, m);
    if (!size) {
        fail("the guest has given none");
        return;
    }
    for (uint32_t i = 0; i < protocol.count; i++)
        move_blocks(&protocol.range[i], false);
    returned += protocol.has;
    outbox_send(&outbox, m, size);
}

void dynamic_say(void)
{
    if (reports)
        control_say("- available %lu MiB\n- committed %lu MiB\n",
                    protocol.report.available / PAGES_OF_MIB,
                    protocol.report.committed / PAGES_OF_MIB);
    control_say("- reports %lu\nok taken %lu MiB\n", reports,
                protocol.has / PAGES_OF_MIB);
    control_end();
}

/* ---- messages ------------------------------------------------------------ */

static void act(const struct dynmem_outcome *o)
{
    if (o->deed == DYNMEM_STARTED)
        say("minihv: dynamic memory protocol %u.%u\n", protocol.version >> 16,
            protocol.version & 0xFFFF);
    else if (o->deed == DYNMEM_REPORTED)
        reports++;
    else if (o->deed == DYNMEM_GOT)
        got(o->from);
    else if (o->deed == DYNMEM_RETURNED)
        returned_all();
}

/* A guest that closes, or breaks a rule, has all of its memory again. */
static void leave(const char *why)
{
    served = false;
    for (uint32_t i = 0; i < protocol.count; i++)
        move_blocks(&protocol.range[i], false);
    dynmem_reset(&protocol);
    if (commanded)
        fail(why);
}

static VOID packet(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                   UINT32 size, UINT32 flags)
{
    struct dynmem_outcome o = {0};
    const char *wrong = flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA
                            ? "not an in-band packet"
                            : dynmem_take(&protocol, buffer, size, &o);

    (void)channel;
    if (!served)
        wrong = "a message after one that was refused";
    if (!wrong && outbox.waiting > OUTBOX_MAX)
        wrong = "it reads no answers";
    if (wrong) {
        leave(wrong);
        device_broken(&device, packet, wrong);
        return;
    }
    VmbChannelPacketComplete(packet, NULL, 0);
    if (o.size)
        outbox_send(&outbox, o.answer, o.size);
    act(&o);
}

static VOID started(VMBCHANNEL channel)
{
    (void)channel;
    dynmem_reset(&protocol);
    served = true;
}

static VOID suspended(VMBCHANNEL channel)
{
    (void)channel;
    leave("the guest has closed the device");
}

/* ---- beginning and end --------------------------------------------------- */

static struct device device = {
    .name = "dynamic memory",
    .type = VMBUS_GUID_INIT(0x525074DC, 0x8985, 0x46E2, 0x80, 0x57, 0xA3, 0x07,
                            0xDC, 0x18, 0xA5, 0x02),
    .instance = VMBUS_GUID_INIT(0x1450015A, 0x0A2E, 0x4F7C, 0x9F, 0x01, 0x6D,
                                0x69, 0x6E, 0x69, 0x68, 0x76),
    .flags = VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE,
    .packet_max = 4096,
    .packet = packet,
    .post_started = started,
    .suspend = suspended,
};

void dynamic_prepare(void)
{
    protocol.owns = owns;
    device_create(&device);
    device_offer(&device);
}

void dynamic_say_counts(void)
{
    if (!(hv.config.devices & DEVICE_DYNAMIC))
        return;
    say("minihv: count memory-reports %lu\n", reports);
    say("minihv: count memory-taken %lu\n", taken);
    say("minihv: count memory-returned %lu\n", returned);
}
