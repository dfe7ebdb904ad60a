/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration of minihv. It comes from the fw_cfg file opt/minihv.conf,
 * one 'key=value' per line; unknown keys are refused. README.md has the list.
 */
#ifndef MINIHV_CONFIG_H
#define MINIHV_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "settings.h"

enum device_mask {
    DEVICE_ECHO = 1 << 0,
    DEVICE_HEARTBEAT = 1 << 1,
    DEVICE_STORAGE = 1 << 2,
    DEVICE_NETWORK = 1 << 3,
    DEVICE_KEYBOARD = 1 << 4,
    DEVICE_MOUSE = 1 << 5,
    DEVICE_SHUTDOWN = 1 << 6,
    DEVICE_TIME = 1 << 7,
    DEVICE_KVP = 1 << 8,
    DEVICE_VSS = 1 << 9,
    DEVICE_COPY = 1 << 10,
    DEVICE_VIDEO = 1 << 11,
    DEVICE_SOCK = 1 << 12,
    DEVICE_DYNAMIC = 1 << 13,
};

enum { STORAGE_SUBCHANNELS_MAX = 3, SOCK_PACKET_MAX = 16384, CROWD_MAX = 1000 };

struct config {
    uint32_t access;      /* CPUID 0x40000003 EAX */
    uint32_t rights;      /* ... EBX */
    uint32_t features;    /* ... EDX */
    uint32_t leaf_max;    /* CPUID 0x40000000 EAX */
    uint32_t processors;  /* of the guest */
    uint32_t deadline;    /* seconds until the run counts as hung */
    uint32_t late;        /* seconds until a started processor runs */
    uint32_t vpgap;       /* VP indices that nobody has, after index 0 */
    uint32_t lose;        /* each so-manieth interrupt of a direct timer is not
                             sent, as if QEMU had lost it; 0: none */
    uint32_t slow;        /* microseconds that a read of the clock MSR costs */
    uint32_t version;     /* newest VMBus version, major << 16 | minor */
    uint32_t oldest;      /* oldest one accepted */
    uint32_t storage;     /* newest storvsp version, major << 8 | minor */
    uint32_t subchannels; /* that the disk offers */
    uint32_t devices;     /* enum device_mask */
    uint32_t crowd;       /* further offers, of devices that nobody serves */
    uint32_t sock_packet; /* bytes of the largest one that hv_sock sends */
    uint32_t monitor;     /* microseconds between looks at monitor pages; 0: no
                             channel has a monitor */
    uint32_t isolation;   /* CPUID 0x4000000C EBX: 1 VBS, 2 SNP, 3 TDX */
    bool hypervisor;      /* false: no Hyper-V leaves at all */
    bool strict;          /* a broken rule ends the run */
    bool sipi;            /* false: INIT and SIPI of the guest are lost */
    bool x2apic;
    bool autoeoi;    /* CPUID does not advise against AutoEOI */
    bool pmtimer;    /* false: the FADT has no ACPI timer */
    bool exact;      /* the guest's TSC does not count minihv's time */
    uint32_t replug; /* 1: heartbeat leaves after two answers, returns in 1 s;
                        2: returns at once */
    bool mute;       /* CRASH_CTL takes no message (bit 62) */
    bool trace;      /* print each channel message */
    bool control;    /* the second serial port is the control port */
    struct net_settings net;
};

void config_default(struct config *c);

/* Returns false if a line is not understood; then `bad` points at it. */
bool config_parse(struct config *c, const char *text, const char **bad);

#endif
