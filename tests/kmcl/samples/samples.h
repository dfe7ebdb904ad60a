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

#endif
