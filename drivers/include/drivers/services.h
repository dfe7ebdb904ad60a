/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's integration services: heartbeat, guest shutdown, time, data
 * exchange, backup, file copy. docs/services.md says what a person sees of
 * each.
 *
 * An application starts them once; they answer from then on, also while it
 * computes. A service that the host offers later, takes away or offers again is
 * opened then. Images that do not call services_start() have nothing of it.
 *
 * Results are 0 or a negative errno.
 */
#ifndef DRIVERS_SERVICES_H
#define DRIVERS_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbare.h"
#include "vmbare_events.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SERVICES_PROBLEM_MAX 200u /* characters, the final zero included */

/* The services, by number. */
enum services_name {
    SERVICES_HEARTBEAT,
    SERVICES_SHUTDOWN,
    SERVICES_TIME,
    SERVICES_KVP,
    SERVICES_VSS,
    SERVICES_COPY,
    SERVICES_COUNT
};

/* ---- start and end ------------------------------------------------------- */

/* What the host wants to become of the machine. */
enum services_end {
    SERVICES_POWER_OFF,
    SERVICES_RESTART,
};

/* What an application wants otherwise than usual. */
struct services_settings {
    /*
     * The host has asked for the end, and was told that it comes. The
     * application closes what it has open and returns the verdict of the run;
     * then the machine ends. Called at PASSIVE on processor 0, which may wait,
     * as soon as main() or other work waits. NULL: the verdict is that of
     * vmbare_facts().
     */
    enum vmbare_verdict (*ending)(void *context, enum services_end how);
    void *context;
    /* The application keeps nothing on a disk, so a host may copy the machine
     * at any moment: backups are agreed to. */
    bool stateless;
};

/**
 * Read the option `services` and answer the services that it names. Those that
 * the host offers now are open when this returns; others open as soon as main()
 * or other work waits.
 *
 * @settings  copied; NULL: all as usual
 * @problem   receives why not, SERVICES_PROBLEM_MAX characters
 * @return    0, whether or not the host offers any; -EINVAL: the option has a
 *            value that cannot be; -EALREADY: they run; -ENOMEM; -EIO: a
 *            channel cannot be enabled
 *
 * IRQL: PASSIVE on processor 0.
 */
int services_start(const struct services_settings *settings, char *problem);

/**
 * Stop answering, close all channels, and forget all values. Without
 * services_start() nothing happens. An end that the host has asked for comes
 * all the same.
 *
 * IRQL: PASSIVE on processor 0.
 */
void services_stop(void);

/* ---- what an application says -------------------------------------------- */

/* What a host shows beside the heartbeat. */
enum services_health {
    SERVICES_HEALTH_UNKNOWN, /* as long as nothing is said */
    SERVICES_HEALTHY,
    SERVICES_CRITICAL,
    SERVICES_STOPPED,
};

/**
 * Say how the application is.
 *
 * @now  what the next heartbeats tell
 *
 * IRQL: any.
 */
void services_set_health(enum services_health now);

/**
 * From now on the application must not be interrupted: a host that asks for a
 * shutdown is told that the machine is locked, unless it forces it. Calls add
 * up. IRQL: any.
 */
void services_hold(void);

/** Take one services_hold() back. IRQL: any. */
void services_release(void);

/**
 * What is set when the host has asked for the end, for vmbare_wait(): a
 * main() that computes looks here now and then, and waits, for the end begins
 * when main() waits.
 *
 * @return  a source that stays set; after services_start() only
 *
 * IRQL: any.
 */
struct vmbare_source *services_ending(void);

/* ---- data exchange ------------------------------------------------------- */

/* Characters of UTF-8, the final zero included. */
#define SERVICES_KEY_MAX   768u
#define SERVICES_VALUE_MAX 3072u

/**
 * Read a value that the host has given: by a person, or by itself
 * ("VirtualMachineName").
 *
 * @key    UTF-8
 * @text   receives the value as UTF-8, cut where it does not fit
 * @size   bytes at text
 * @return 0; -ENOENT: there is none; -ERANGE: it was cut; -EINVAL: the key is
 *         empty, too long, or no UTF-8
 *
 * IRQL: <= DISPATCH.
 */
int services_value(const char *key, char *text, size_t size);

/**
 * Read the values that a person at the host has given, one after the other.
 *
 * @index   0 for the first
 * @key     receives it, with true only
 * @value   likewise
 * @return  false: no more
 *
 * IRQL: <= DISPATCH.
 */
bool services_value_next(unsigned index, char key[SERVICES_KEY_MAX],
                         char value[SERVICES_VALUE_MAX]);

/**
 * Set a value for the host to read.
 *
 * @key    UTF-8, 1 to 255 units of UTF-16
 * @value  UTF-8, up to 1,023 units; NULL: delete it
 * @return 0; -EINVAL: a text that cannot be; -ENOSPC: 128 values are there, or
 *         there is no memory; -ENOENT: nothing to delete
 *
 * IRQL: <= DISPATCH.
 */
int services_publish(const char *key, const char *value);

/* ---- the network that data exchange tells of ----------------------------- */

#define SERVICES_TEXT_MAX 46u  /* characters of an address as text */
#define SERVICES_LIST_MAX 512u /* characters of a list */

/* One address of the interface. */
struct services_address {
    uint8_t family; /* 4 or 6 */
    uint8_t prefix; /* bits of the subnet */
    uint8_t bytes[16];
    char text[SERVICES_TEXT_MAX];
};

/* The one interface, as it is now. */
struct services_network {
    uint8_t mac[6];
    char instance[37]; /* the adapter's GUID; "": not known */
    char name[64];     /* of the machine; "": none */
    bool dhcp;
    unsigned address_count, gateway_count, dns_count;
    struct services_address addresses[8], gateways[2], dns[4];
};

/* What a host wants it to be; lists have semicolons. */
struct services_change {
    bool dhcp;
    char addresses[SERVICES_LIST_MAX];
    char subnets[SERVICES_LIST_MAX]; /* netmasks, or lengths of prefixes */
    char gateways[SERVICES_LIST_MAX];
    char dns[SERVICES_LIST_MAX];
};

/* Who knows the network. Both are called at DISPATCH. */
struct services_network_source {
    /* Fills *n. False: there is no interface. */
    bool (*read)(struct services_network *n);
    /* Changes it. 0, or a negative errno: it stays as it is. */
    int (*change)(const struct services_change *change);
};

/**
 * Say who knows the network. Without one a host sees no addresses.
 *
 * @source  used until another is set; NULL: nobody
 *
 * IRQL: any.
 */
void services_set_network(const struct services_network_source *source);

/**
 * The network is the IP stack of drivers/ip (ip.h): a host sees its addresses,
 * and may give it others, as long as it runs.
 *
 * IRQL: any.
 */
void services_use_ip(void);

/**
 * Why the addresses that a host gave last were refused.
 *
 * @return  a text; "": they were not
 *
 * IRQL: any.
 */
const char *services_ip_problem(void);

/* ---- what is known ------------------------------------------------------- */

/* How far a service has come with its host. */
enum services_state {
    SERVICES_OFF,         /* switched off, or not started */
    SERVICES_NOT_OFFERED, /* the host has not offered it, or took it away */
    SERVICES_NOT_OPENED,  /* it is offered and cannot be opened: tried again */
    SERVICES_OPEN,        /* the host has not asked for versions yet */
    SERVICES_NO_VERSION,  /* the host knows none of our versions */
    SERVICES_READY,       /* the host may ask */
};

/* What is known of one service. */
struct services_facts {
    const char *name;
    enum services_state state;
    char version[12];  /* that is agreed; "": none */
    uint64_t openings; /* of the channel */
    uint64_t requests; /* that were answered, */
    uint64_t refused;  /* of these with an error */
    uint64_t ignored;  /* messages that were no request, or had no answer */
};

/**
 * Say what is known of a service now.
 *
 * @index   enum services_name
 * @facts   filled with true only
 * @return  false: there is none with this number
 *
 * IRQL: <= DISPATCH.
 */
bool services_facts(unsigned index, struct services_facts *facts);

/**
 * A state in words.
 *
 * @return  a constant text
 *
 * IRQL: any.
 */
const char *services_state_words(enum services_state state);

/* What the host has said of the time. */
struct services_clock {
    uint64_t syncs, samples; /* orders, and other messages with a time */
    uint64_t moved;          /* how often the clock was set */
    int64_t last_off;        /* the host's time less ours, 100 ns, at the last
                                message, before the clock was set */
};

/**
 * Say what is known of the clock.
 *
 * @facts  filled
 *
 * IRQL: <= DISPATCH.
 */
void services_clock(struct services_clock *facts);

#ifdef __cplusplus
}
#endif

#endif
