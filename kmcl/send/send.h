/*
 * Checks shared by the sending functions.
 */
#ifndef KMCL_SEND_H
#define KMCL_SEND_H

#include "kmcl/send/outgoing.h"

/* All checks of VmbPacketSend; on success *send is ready for kmcl_submit. */
NTSTATUS kmcl_prepare_send(VMBPACKET p, PVOID buffer, uint32_t size, PMDL mdl,
                           uint32_t flags, struct kmcl_send *send);

/* Fills in and checks offset and length of VmbPacketSendWithExternalMdl:
 * STATUS_INVALID_PARAMETER_5 or _6. `mdl` and `forced` are set. */
NTSTATUS kmcl_window_set(struct kmcl_window *w, uint32_t offset,
                         uint32_t length);

#endif
