/* SPDX-License-Identifier: BSD-2-Clause */
/* The integration services, and what the control port asks of them. */
#ifndef MINIHV_SERVICES_SERVICES_H
#define MINIHV_SERVICES_SERVICES_H

#include "service.h"

/* Offers the services that the configuration names, and starts the control port
 * if it has one. PASSIVE. */
void services_prepare(void);

extern struct service heartbeat_service, shutdown_service, time_service,
    kvp_service, vss_service, copy_service;

/* The heartbeat's counters, for a command. */
void heartbeat_say(void);

#endif
