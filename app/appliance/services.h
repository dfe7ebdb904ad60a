/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's integration services, as the appliance answers them. */
#ifndef APPLIANCE_SERVICES_H
#define APPLIANCE_SERVICES_H

/* Starts them, and says why not. A host without services is no reason. */
void appliance_services(void);

#endif
