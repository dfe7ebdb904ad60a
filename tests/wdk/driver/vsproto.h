/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of the sample device: what VSC and VSP say to each other. The
 * client asks, the server answers each request with a VS_ANSWER.
 */
#pragma once

#include <ntddk.h>
#include <VmbusKernelModeClientLibApi.h>

/* {3F2D6D1A-77B0-4C5C-9C1B-5D8E7A9B4401} */
DEFINE_GUID(GUID_VS_INTERFACE, 0x3f2d6d1a, 0x77b0, 0x4c5c, 0x9c, 0x1b, 0x5d,
            0x8e, 0x7a, 0x9b, 0x44, 0x01);
/* {3F2D6D1A-77B0-4C5C-9C1B-5D8E7A9B4402} */
DEFINE_GUID(GUID_VS_INSTANCE, 0x3f2d6d1a, 0x77b0, 0x4c5c, 0x9c, 0x1b, 0x5d,
            0x8e, 0x7a, 0x9b, 0x44, 0x02);

#define VS_VERSION_1        0x00010000
#define VS_MAXIMUM_PACKET   256
#define VS_MAXIMUM_EXTERNAL (64 * 1024)
#define VS_MAXIMUM_CHAIN    4
#define VS_TEXT_LENGTH      32

typedef enum _VS_OPERATION {
    VsOperationVersion = 1, /* Argument: the version that is wanted */
    VsOperationEcho,        /* Text comes back in capitals */
    VsOperationDelay,       /* Argument: milliseconds until the answer */
    VsOperationSum,         /* the bytes of the external data are summed up */
    VsOperationWork,        /* answered at PASSIVE_LEVEL */
    VsOperationGpadl,       /* Argument: a GPADL whose bytes are summed up */
    VsOperationNotify,      /* Argument: how many notices are to be sent */
} VS_OPERATION;

typedef struct _VS_REQUEST {
    UINT32 Operation;
    UINT32 Argument;
    UINT32 Length;
    UINT32 Reserved;
    CHAR Text[VS_TEXT_LENGTH];
} VS_REQUEST, *PVS_REQUEST;
C_ASSERT(sizeof(VS_REQUEST) == 48);

typedef struct _VS_ANSWER {
    NTSTATUS Status;
    UINT32 Value;
    UINT32 Irql; /* the level that the request was answered at */
    UINT32 Reserved;
    CHAR Text[VS_TEXT_LENGTH];
} VS_ANSWER, *PVS_ANSWER;
C_ASSERT(sizeof(VS_ANSWER) == 48);

/* What the server sends by itself. */
typedef struct _VS_NOTICE {
    UINT32 Number;
    UINT32 Reserved;
} VS_NOTICE, *PVS_NOTICE;
