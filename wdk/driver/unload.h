/* SPDX-License-Identifier: BSD-2-Clause */
/* How run.c reaches the unload function that a driver gave to WDF. */
#ifndef WDK_DRIVER_UNLOAD_H
#define WDK_DRIVER_UNLOAD_H

#include "wdk/driver.h"

/* Calls EvtDriverUnload and ends the object of WDF. PASSIVE. */
void wdk_wdf_unload(PDRIVER_OBJECT driver);

/* Ends the object of WDF, if there is one, without a call. PASSIVE. */
void wdk_wdf_forget(PDRIVER_OBJECT driver);

#endif
