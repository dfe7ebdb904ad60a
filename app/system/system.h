/*
 * The composition root's own contract: what its files share. This folder is
 * the only place that sees all layers; applications see ../vmbare.h.
 */
#ifndef APP_SYSTEM_H
#define APP_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/boot_info.h"
#include "app/system/root/cmdline.h"
#include "hv/hv.h"
#include "vmbare.h"
#include "vmbus/vmbus.h"

struct loopback;

/* A loopback's two functions of the seam (loopback.c). Nothing else names
 * them, so an image whose application asks for no loopback has none, nor the
 * host half of vmbus/, nor KMCL's server channels. */
struct system_loopback_calls {
    int (*post)(struct loopback *l, uint32_t connection, uint32_t type,
                const void *payload, uint32_t size);
    int (*signal)(struct loopback *l, uint32_t connection, uint16_t flag);
};
extern const struct system_loopback_calls system_loopback_calls;

/* One bus context per bus; the seam's functions look here (seam.c). */
struct seam {
    struct vmbus_bus *bus;
    struct loopback *loopback; /* NULL: the real bus, by hypercalls ... */
    const struct system_loopback_calls *by_loopback; /* ... else by these */
    bool claims; /* tell a judge what was agreed (claims.c) */
};

/* Steps of the boot whose time is kept, for the figures. */
enum system_mark {
    MARK_MACHINE,    /* own tables, stack and interrupts */
    MARK_HYPERVISOR, /* clock, SynIC, processors */
    MARK_VERSION,    /* the version response that was accepted */
    MARK_OFFERS,     /* the list of offers is complete */
    MARK_MAIN,
    SYSTEM_MARKS,
};

/* Everything that is one of a kind in the image. */
struct system {
    const struct boot_info *boot;
    struct cmdline options;
    uint32_t misunderstood; /* options: no run with some of them passes */
    struct hv_info hv;
    bool hyperv;       /* hv/ is up */
    bool left_over;    /* somebody's bus may still be connected */
    char refusal[160]; /* why there is no bus, or "" */
    enum vmbare_verdict verdict;
    struct seam seam; /* of the real bus */
    const char *clock;
    char tried[96];              /* versions asked, for the report */
    uint64_t mark[SYSTEM_MARKS]; /* time stamp counter at steps of the boot */
};
extern struct system the_system;

/* version.c: the version of vmbare, like "0.2.0" for a release and
 * "0.2.0+g1a2b3c4d5e6f" for any other commit. */
extern const char system_version[];

/* options.c: the command line, and words about what is wrong with it. */
void system_options_take(void);

/* hypervisor.c: hv/ or its substitutes: clock, timer, SynIC, processors. */
void system_hypervisor_setup(void);
void system_hypervisor_end(void);

/* bus.c: the real VMBus, where there is one. */
void system_bus_connect(void);
void system_bus_unload(void);
extern const struct hv_synic_client system_synic_client;

/* claims.c: shown every message of the real bus, in the order of passing: one
 * to the host before it is posted and once it was. A claim's line is printed
 * where seam.claims is set. */
void claims_sending(const void *payload, uint32_t size);
void claims_sent(const void *payload, uint32_t size);
void claims_received(const void *payload, uint32_t size);

/* Is this the image that lies (-DVMBARE_TEST_LIES), and told to lie so? */
bool claims_lie(const char *about);

/* kmcl.c: KMCL over the real bus, where there is one. PASSIVE. */
void system_kmcl_setup(void);

/* Attaches KMCL to a bus; `host` and `server` NULL: the guest half alone. */
struct vmbus_host;
struct kmcl_server_half;
int system_kmcl_attach(struct seam *s, struct vmbus_host *host,
                       const struct kmcl_server_half *server,
                       struct kmcl **kmcl);

/* Makes another KMCL the default one; returns the one before. For tests that
 * bring their own. PASSIVE. */
struct kmcl *system_default_kmcl(struct kmcl *kmcl);

/* seam.c: asked first when an assertion of vmbus/ or kmcl/ is broken; a test
 * leaves by longjmp. NULL: the crash report. */
extern void (*system_assertion_hook)(const char *hint);

/* finish.c */
_Noreturn void system_finish(enum vmbare_verdict verdict);

#endif
