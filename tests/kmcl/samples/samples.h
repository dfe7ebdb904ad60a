/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The samples: drivers as their authors would write them for Windows, with
 * the KMCL header alone.
 */
#ifndef TESTS_KMCL_SAMPLES_H
#define TESTS_KMCL_SAMPLES_H

#include "vmbuskernelmodeclientlibapi.h"

extern const GUID SampleType;
extern const GUID SampleInstance;

struct sample_client {
    PDEVICE_OBJECT bus; /* NULL: the default one */
    VMBCHANNEL channel;
    UINT32 received;
    NTSTATUS status;
    UINT64 answer;
};

NTSTATUS SampleClientStart(struct sample_client *client);
VOID SampleClientStop(struct sample_client *client);

struct sample_server {
    VMBCHANNEL channel;
    UINT32 requests;
};

NTSTATUS SampleServerStart(struct sample_server *server);
NTSTATUS SampleServerNotify(struct sample_server *server, UINT64 number);
VOID SampleServerStop(struct sample_server *server);

struct sample_driver {
    VMBCHANNEL channel;
    VMBPACKET packet;
    BOOLEAN open, pending;
    NTSTATUS status;
    UINT32 answered;
    UINT64 memory[512];
};

NTSTATUS SampleDriverStart(struct sample_driver *driver);
NTSTATUS SampleDriverRead(struct sample_driver *driver, PMDL mdl);
VOID SampleDriverStop(struct sample_driver *driver);

/* A server that is saved and restored (keeper.c). */
struct sample_keeper {
    VMBCHANNEL channel;
    UINT64 sum; /* of the notes that have left */
};

/* What a save gives; `bytes` is for free(). */
struct sample_state {
    UINT8 *bytes;
    ULONG size, room;
};

NTSTATUS SampleKeeperMake(struct sample_keeper *keeper);
NTSTATUS SampleKeeperStart(struct sample_keeper *keeper);
NTSTATUS SampleKeeperSend(struct sample_keeper *keeper, UINT64 number);
NTSTATUS SampleKeeperSave(struct sample_keeper *keeper,
                          struct sample_state *state);
NTSTATUS SampleKeeperRestore(struct sample_keeper *keeper,
                             const struct sample_state *state);
VOID SampleKeeperStop(struct sample_keeper *keeper);

/* Memory that a client lets a server use (memory.c). */
NTSTATUS SampleAdderStart(VMBCHANNEL *Channel);
NTSTATUS SampleAddLent(VMBCHANNEL Channel, PVOID Bytes, ULONG Size,
                       UINT64 *Sum);
NTSTATUS SampleAddShared(VMBCHANNEL Channel, PVOID Pages, UINT32 Size,
                         UINT64 *Sum);

#endif
