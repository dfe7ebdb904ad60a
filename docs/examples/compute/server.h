/* SPDX-License-Identifier: BSD-2-Clause */
/* The server's end of the channel. */
#ifndef COMPUTE_SERVER_H
#define COMPUTE_SERVER_H

#include "vmbuskernelmodeclientlibapi.h"

/**
 * Publish the offer on the loopback. Requests are computed on all processors.
 *
 * @return  STATUS_SUCCESS; else as the function of KMCL that failed, and
 * nothing is left
 */
NTSTATUS server_start(void);

/** Take the offer back. No request is under way. PASSIVE. */
void server_stop(void);

extern const GUID ComputeType, ComputeInstance;

#endif
