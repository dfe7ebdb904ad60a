/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KMCL's flag bits and other numbers. The documentation gives only the value
 * of VMBUS_CHANNEL_PROCESS_PACKET_FLAGS [D]; the rest is [H] unless marked.
 */
#ifndef KMCL_FLAGS_H
#define KMCL_FLAGS_H

/* Sending: the packet ends when the other side completes it, not when it is
 * in the ring; required wherever external data goes along [D]. */
#define VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION 0x1u
/* VmbPacketSendWithExternalMdl: MdlLength is the true length, up to the end
 * of the first MDL's last page; only that MDL is used [D]. */
#define VMBUS_CHANNEL_FORMAT_FLAG_FORCE_MDL_LENGTH 0x2u
/* The inline bytes may be pageable; nothing is, here. */
#define VMBUS_CHANNEL_FORMAT_FLAG_PAGED_BUFFER 0x4u
#define VMBUS_CHANNEL_FORMAT_FLAGS             0x7u

/* GPADLs: the server should not write. Create and map spell it differently;
 * it is one bit [P]. */
#define VMBUS_CHANNEL_GPADL_READ_ONLY      0x1u
#define VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY 0x1u
#define VMBUS_CHANNEL_GPADL_FLAGS          0x1u

/* EvtChannelProcessPacket: the packet refers to external data [D]. */
#define VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA 0x1u
#define VMBUS_CHANNEL_PROCESS_PACKET_FLAGS              0x1u

/* VmbChannelPacketGetExternalData: for reading only. */
#define VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAG_READ_ONLY 0x1u
#define VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAGS          0x1u

/* VmbChannelInitSetFlags: pipe framing; no transactions, no external data. */
#define VMBUS_CHANNEL_INIT_FLAG_IS_PIPE 0x1u
#define VMBUS_CHANNEL_INIT_FLAGS        0x1u

/* VmbServerChannelInitSetFlags: what the offer says. */
#define VMBUS_SERVER_CHANNEL_INIT_FLAG_LOOPBACK_OFFER             0x01u
#define VMBUS_SERVER_CHANNEL_INIT_FLAG_ENUMERATE_DEVICE_INTERFACE 0x02u
#define VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE              0x04u
#define VMBUS_SERVER_CHANNEL_INIT_FLAG_FORCE_NEW_CHANNEL          0x08u
#define VMBUS_SERVER_CHANNEL_INIT_FLAG_TLNPI_PROVIDER_OFFER       0x10u
#define VMBUS_SERVER_CHANNEL_INIT_FLAGS                           0x1Fu

/* Protocol-defined bytes in an offer; no V1 function sets them. */
#define VMBUS_SERVER_CHANNEL_INIT_MAXIMUM_OFFER_DATA 120u

/* ---- defaults, where the sources name none [P] ------------------------- */

#define KMCL_DEFAULT_MAXIMUM_PACKET_SIZE 1024u  /* bytes */
#define KMCL_DEFAULT_EXTERNAL_SIZE       65536u /* bytes */
#define KMCL_DEFAULT_EXTERNAL_CHAIN      4u     /* MDLs */
#define KMCL_DEFAULT_RING_PAGES          8u     /* data pages each way */
#define KMCL_DEFAULT_QUOTA               4096u  /* delivered, not completed */

#endif
