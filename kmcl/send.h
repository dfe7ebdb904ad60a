/*
 * Checks shared by the sending functions.
 */
#ifndef KMCL_SEND_H
#define KMCL_SEND_H

#include "outgoing.h"

/* All checks of VmbPacketSend; on success *send is ready for kmcl_submit. */
NTSTATUS kmcl_prepare_send(VMBPACKET p, PVOID buffer, uint32_t size, PMDL mdl,
                           uint32_t flags, struct kmcl_send *send);

/* Bytes of a whole chain. False-like 0; -1: empty, or longer than the
 * channel's maximum chain or external size. */
int kmcl_chain_length(PMDL mdl, VMBCHANNEL ch, uint32_t *length);

/* Fills in and checks offset and length of VmbPacketSendWithExternalMdl:
 * STATUS_INVALID_PARAMETER_5 or _6. `mdl` and `forced` are set. */
NTSTATUS kmcl_window_set(struct kmcl_window *w, VMBCHANNEL ch, uint32_t offset,
                         uint32_t length);

#endif
