/* SPDX-License-Identifier: BSD-2-Clause */
/* The appliance's network: opened, watched, told of, closed. */
#ifndef APPLIANCE_NETWORK_H
#define APPLIANCE_NETWORK_H

#include <stdbool.h>

#include "address.h"

/* The watch looks each second; one that has not for so long is stuck. An
 * adapter that opens may take a minute. docs/timeouts.md */
#define NETWORK_STUCK_SECONDS 120

/**
 * Open the host's adapter as the options net.* say, and wait for an address,
 * but not without an adapter or without a link. From now on each change is a
 * line of the log, and an adapter that comes later is opened.
 *
 * @bus      is there a VMBus?
 * @seconds  how long to wait for an address
 * @return   false: an option net.* has a value that cannot be; network_print()
 *           says which
 *
 * IRQL: PASSIVE on processor 0. Once.
 */
bool network_begin(bool bus, double seconds);

/**
 * Print what is known, the address first, as lines of the report. Nothing
 * without network_begin().
 *
 * IRQL: PASSIVE on processor 0.
 */
void network_print(void);

/**
 * What is known now. Zeros without network_begin().
 *
 * @facts  filled in
 *
 * IRQL: PASSIVE on processor 0.
 */
void network_facts(struct address_facts *facts);

/**
 * Give the address back and close the adapter. Without network_begin() nothing
 * happens.
 *
 * IRQL: PASSIVE on processor 0.
 */
void network_end(void);

#endif
