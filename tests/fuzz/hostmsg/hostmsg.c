/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of the host half against a hostile guest, with servers that behave at
 * random. The input is a program. Whatever it does, the host half must touch
 * only its own memory, must return from each call, and must leak nothing.
 *
 *     byte 0     newest version
 *     byte 1     features of 6.0
 *     byte 2     bit 0: the server has monitor pages; bit 1: VPs unknown
 *     then operations, one byte each with operands (operate())
 */
#include "hostmsg.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS 400u
/* 64, the answers that requests hold before there are so many (one for each
 * of 8 GPADLs and 4 channels, one for a contact), 4 rescinds. */
#define UNDELIVERED (64u + 8 + 4 + 1 + 4)

/* ---- operations that are not in other files ------------------------------ */

/* Creates and destroys a host half of any config. */
static void create(struct world *w, struct input *in)
{
    struct vmbus_host_ops some = platform;
    struct vmbus_host_config config = {
        .min_version = version_of(take(in)),
        .max_version = version_of(take(in)),
        .features = take_number(in),
        .max_channels = take_number(in),
        .monitor_gpa = {take_number(in), take_number(in)},
    };
    struct vmbus_host *h;

    if (config.max_channels == 1)
        some.post = NULL;
    if (config.max_channels == 2)
        some.signal = NULL;
    if (vmbus_host_create(w->s, &some, w, &config, &h) == 0)
        vmbus_host_destroy(h);
}

/* Calls every function that only reads. */
static void look(struct world *w, struct input *in)
{
    uint8_t rule = take(in);
    struct vmbus_host_connect request = {.service = {{rule}}};
    struct vmbus_host_channel_info info;

    if (!vmbus_host_rule_text((enum vmbus_host_rule)rule))
        abort();
    vmbus_host_rule_count(w->host, (enum vmbus_host_rule)rule);
    vmbus_host_connect_refuse(w->host, &request);
    for (unsigned n = 0; n < SERVERS; n++) {
        if (w->server[n].channel)
            vmbus_host_channel_info(w->server[n].channel, &info);
    }
}

static void event(struct world *w, struct input *in)
{
    w->pages[2048] = take(in);
    vmbus_host_event(w->host, take_number(in) | (take(in) & 0x20) << 8,
                     take(in) & 1);
}

static void monitor(struct world *w, struct input *in)
{
    w->pages[2 * 4096 + 8] = take(in);
    vmbus_host_monitor_poll(w->host);
}

static void room(struct world *w, struct input *in)
{
    w->room = take(in);
    vmbus_host_pump(w->host);
}

static void reset(struct world *w, struct input *in)
{
    (void)in;
    vmbus_host_reset(w->host);
}

static void fail(struct world *w, struct input *in)
{
    w->s->fail_at = w->s->counts.allocations + take(in) % 16;
}

static void operate(struct world *w, struct input *in)
{
    static void (*const operations[])(struct world * w, struct input * in) = {
        say_fields,   /* type, size, seven fields of a byte each */
        say_bytes,    /* size, bytes */
        say_contact,  /* version, VP, features */
        say_gpadl,    /* relid, handle, pages: header and bodies */
        say_open,     /* relid, handle, downstream page */
        serve,        /* server, what it does */
        event,        /* connection */
        monitor,      /* id */
        room,         /* messages that the guest takes */
        reset,        /* nothing */
        save_restore, /* servers that come back (bits) */
        forge,        /* edits, servers, {offset, bits} */
        fail,         /* which allocation from now on fails */
        create,       /* a config */
        look,         /* a rule */
    };
    uint32_t count = sizeof(operations) / sizeof(operations[0]);

    operations[take(in) % count](w, in);
}

/* ---- one input ----------------------------------------------------------- */

static void check(struct world *w)
{
    struct vmbus_host_status status;

    vmbus_host_status(w->host, &status);
    if (status.undelivered > UNDELIVERED ||
        status.gpadl_pages > w->config.max_gpadl_pages ||
        status.gpadls > w->config.max_gpadls)
        abort();
    vmbus_host_monitors(w->host);
}

/* All inputs share one seam, because creating one is slow. Each input leaves it
 * as it was, with nothing allocated but the guest's pages. */
static void begin(struct world *w)
{
    static struct seam *s;
    static uint8_t *pages;
    static uint64_t pfns[FRAMES];

    if (!s) {
        s = hosted_create(1);
        pages = seam_pages_alloc(s, FRAMES, pfns);
    }
    memset(pages, 0, FRAMES * 4096);
    w->s = s;
    w->pages = pages;
    memcpy(w->pfns, pfns, sizeof(pfns));
}

static void end(struct world *w)
{
    replace(w);
    vmbus_host_destroy(w->host);
    if (w->s->counts.blocks || w->s->counts.mappings ||
        w->s->counts.pages != FRAMES)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct world w = {.room = 200, .connection = 1};
    uint8_t flags;

    begin(&w);
    w.config.max_version = version_of(take(&in) % 11);
    w.config.features =
        take(&in) & VMBUS_HOST_FEATURES & ~VMBUS_FEATURE_SERVER_MONITOR;
    w.config.max_channels = 4;
    w.config.max_gpadls = 8;
    w.config.max_gpadl_pages = 256;
    flags = take(&in);
    w.config.vp_count = flags & 2 ? 0 : 4;
    if (flags & 1) {
        w.config.features |= VMBUS_FEATURE_SERVER_MONITOR;
        w.config.monitor_gpa[0] = w.pfns[3] << 12;
        w.config.monitor_gpa[1] = w.pfns[2] << 12;
    }
    if (vmbus_host_create(w.s, &platform, &w, &w.config, &w.host) != 0)
        abort();
    for (unsigned step = 0; in.left && step < STEPS; step++) {
        operate(&w, &in);
        check(&w);
    }
    end(&w);
    return 0;
}
