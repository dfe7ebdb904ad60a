/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The platform: what the layers stand on in the guest. This folder implements
 * vmbus/seam.h over arch/ and hv/, brings up the hypervisor interface, the real
 * VMBus, KMCL over it and the loopback, and answers vmbare.h. It knows no
 * command line: the composition root (app/system/root/) passes what was asked
 * for in struct platform_config, and calls the setup functions in order.
 */
#ifndef APP_SYSTEM_PLATFORM_H
#define APP_SYSTEM_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/boot_info.h"
#include "hv/hv.h"
#include "vmbare.h"
#include "vmbus/vmbus.h"

struct kmcl;
struct kmcl_server_half;
struct loopback;
struct vmbus_host;

/*
 * A loopback's two functions of the seam (loopback.c). Nothing else refers to
 * them, so an image whose application asks for no loopback contains neither
 * the loopback, nor the host half of vmbus/, nor KMCL's server channels.
 */
struct platform_loopback_calls {
    int (*post)(struct loopback *l, uint32_t connection, uint32_t type,
                const void *payload, uint32_t size);
    int (*signal)(struct loopback *l, uint32_t connection, uint16_t flag);
};
extern const struct platform_loopback_calls platform_loopback_calls;

/* One bus context per bus; the seam's functions (seam.c) get it. */
struct seam {
    struct vmbus_bus *bus;
    struct loopback *loopback; /* NULL: the real bus, by hypercalls ... */
    const struct platform_loopback_calls *by_loopback; /* ... else by these */
};

/* 100 ns units from 1601-01-01, where Windows counts from, to 1970-01-01. */
#define UNITS_1601_TO_1970 INT64_C(116444736000000000)

/* Steps of the boot whose time is kept, for the figures. */
enum platform_mark {
    MARK_MACHINE,    /* own tables, stack and interrupts */
    MARK_HYPERVISOR, /* clock, SynIC, processors */
    MARK_VERSION,    /* the version response that was accepted */
    MARK_OFFERS,     /* the list of offers is complete */
    MARK_MAIN,
    PLATFORM_MARKS,
};

/* What the command line asks of the platform. */
struct platform_config {
    const struct boot_info *boot;
    uint32_t processors;     /* start no more than these, 1..CPUS_MAX */
    bool without_bus;        /* leave the real VMBus alone */
    bool claims;             /* print what is agreed with the host */
    const char *bus_version; /* "5.3": offer only this; NULL: all of ours */
};

/* Everything of the platform that exists once in the image. */
struct guest_platform {
    struct platform_config config;
    struct hv_info hv;
    bool hyperv;       /* hv/ is up */
    bool left_over;    /* earlier software may have left a bus connected */
    char refusal[160]; /* why there is no bus, or "" */
    enum vmbare_verdict verdict;
    struct seam seam; /* of the real bus */
    const char *clock;
    char tried[96];                /* versions asked, for the report */
    uint64_t mark[PLATFORM_MARKS]; /* time stamp counter at each step */
    /* vmbare_report_codes, or NULL: this image has no QR codes (report.c) */
    bool (*show_codes)(unsigned page, struct vmbare_codes *codes);
};
extern struct guest_platform the_platform;

/*
 * The version of vmbare (version.c): "0.2.0" for a release and
 * "0.2.0+g1a2b3c4d5e6f" for any other commit.
 */
extern const char system_version[];

/*
 * hypervisor.c: hv/, or what stands in for it where there is no hypervisor:
 * clock, timer, SynIC, the other processors. Sets the_platform.refusal and
 * .verdict where VMBus cannot work. PASSIVE, once.
 */
void platform_hypervisor_setup(void);

/*
 * Switches timers, SynIC and hypercall page off on every processor; waits at
 * most 10 s for the others. Does nothing the second time. PASSIVE.
 */
void platform_hypervisor_end(void);

/*
 * bus.c: connects to the real VMBus, unless there is none or the configuration
 * says to leave it alone. A failure is logged and sets .refusal and .verdict.
 * PASSIVE, once, after platform_hypervisor_setup.
 */
void platform_bus_connect(void);

/* Closes the channels and sends UNLOAD, where there is a connection. PASSIVE.
 */
void platform_bus_unload(void);

/* What the SynIC calls at DISPATCH for messages and events of VMBus. */
extern const struct hv_synic_client platform_synic_client;

/*
 * claims.c: a message of `size` bytes is about to be posted to the real bus's
 * host. Remembers what its answer will be claimed by, since the answer can
 * arrive before the post returns. <= DISPATCH.
 */
void claims_sending(const void *payload, uint32_t size);

/*
 * The host has accepted that message. Prints its claim (docs/testing.md lists
 * them), where config.claims is set. <= DISPATCH.
 */
void claims_sent(const void *payload, uint32_t size);

/* A message of the host arrived, of `size` bytes: prints its claim. DISPATCH.
 */
void claims_received(const void *payload, uint32_t size);

/* kmcl.c: attaches KMCL to the real bus, where there is one. PASSIVE, once. */
void platform_kmcl_setup(void);

/*
 * Attaches KMCL to the bus of `s`. `host` and `server` are NULL for the guest
 * half alone. *kmcl is the new instance, which lives as long as the image.
 * 0; -ENOMEM. PASSIVE.
 */
int platform_kmcl_attach(struct seam *s, struct vmbus_host *host,
                         const struct kmcl_server_half *server,
                         struct kmcl **kmcl);

/*
 * Makes `kmcl` the instance that callers without a bus get; returns the one
 * before, which may be NULL. For the loopback, and for tests that bring an
 * instance of their own. PASSIVE.
 */
struct kmcl *platform_default_kmcl(struct kmcl *kmcl);

/*
 * seam.c calls this first when an assertion of vmbus/ or kmcl/ is broken; a
 * test's hook leaves it by longjmp. NULL: the crash report follows.
 */
extern void (*platform_assertion_hook)(const char *hint);

#endif
