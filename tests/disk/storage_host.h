/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A storage host for app/disk on the build machine: a KMCL server in the tests'
 * world with a disk in memory. It is honest unless a test gives it a lie, which
 * names bytes by their positions in the packet. Its constants are those of
 * minihv, which works with Linux, and not those of the driver under test.
 */
#ifndef TESTS_DISK_STORAGE_HOST_H
#define TESTS_DISK_STORAGE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/kmcl/harness.h"

#define HOST_BLOCKS     1024u
#define HOST_BLOCK_SIZE 512u

/* Operations of the protocol, and SCSI's operation codes. */
enum {
    OP_ANY = 0,
    OP_SRB = 3,
    OP_BEGIN = 7,
    OP_END = 8,
    OP_VERSION = 9,
    OP_PROPERTIES = 10,
};
enum {
    CDB_ANY = 0x100,
    CDB_READY = 0x00,
    CDB_INQUIRY = 0x12,
    CDB_CAPACITY_10 = 0x25,
    CDB_READ_10 = 0x28,
    CDB_WRITE_10 = 0x2a,
    CDB_SYNC = 0x35,
    CDB_READ_16 = 0x88,
    CDB_WRITE_16 = 0x8a,
    CDB_CAPACITY_16 = 0x9e,
};

enum lie_kind {
    LIE_NOT,
    LIE_SILENCE,  /* no answer, until the channel closes */
    LIE_SIZE,     /* the answer has `value` bytes */
    LIE_ANSWER,   /* `width` bytes at `at` of the answer are `value` */
    LIE_DATA,     /* ... of the data, big-endian */
    LIE_SENSE,    /* check condition: value is key << 16 | asc << 8 | ascq */
    LIE_FORGET,   /* success, but no data is moved */
    LIE_WITHDRAW, /* no answer, and the offer is withdrawn */
};

struct lie {
    enum lie_kind kind;
    uint32_t operation; /* OP_*: the operation to lie about */
    int command;        /* CDB_*, for OP_SRB */
    uint32_t skip;      /* honest answers before the first lie */
    uint32_t times;     /* number of lies; 0: no limit */
    uint32_t at, width;
    uint64_t value;
};

#define HOST_LIES 4
#define HOST_HELD 128
#define HOST_SEEN 32

struct storage_host {
    struct world *w;
    VMBCHANNEL ch;
    uint8_t disk[HOST_BLOCKS * HOST_BLOCK_SIZE];
    struct lie lies[HOST_LIES];
    uint16_t newest;       /* protocol: major << 8 | minor */
    uint32_t blocks;       /* reported capacity; at first HOST_BLOCKS */
    uint32_t max_transfer; /* as told to the guest */
    uint16_t subchannels;
    uint8_t lun; /* of the disk; DVD drives come before it, nothing after */
    NTSTATUS open_status; /* of EvtChannelOpened */
    uint32_t open_ms;     /* how long that takes */

    /* What the guest sent, for the tests to check. */
    uint32_t operations[HOST_SEEN]; /* the first ones */
    uint16_t versions[HOST_SEEN];
    uint32_t seen, asked_versions;
    uint32_t commands[256]; /* by operation code */
    uint8_t last[64];       /* the last packet */
    uint32_t last_size;
    uint32_t external; /* bytes of the last packet's range */

    uint16_t version; /* agreed */
    VMBPACKETCOMPLETION held[HOST_HELD];
    uint32_t held_count;
};

/* Creates the host and offers its controller. */
struct storage_host *host_make(struct world *w);

/* Adds a lie (at most HOST_LIES). */
void host_lie(struct storage_host *h, struct lie lie);
void host_be_honest(struct storage_host *h);

/* Withdraws the offer; makes it again. Not to be called in a callback. */
void host_withdraw(struct storage_host *h);
void host_offer(struct storage_host *h);

/* Sends a packet unasked: an operation and zeros. */
void host_notify(struct storage_host *h, uint32_t operation);

/* Withdraws the offer and frees the host. */
void host_end(struct storage_host *h);

#endif
