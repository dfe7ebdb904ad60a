/* SPDX-License-Identifier: BSD-2-Clause */
/* ntddk.h for drivers that run here: what a driver includes first. All names of
 * the companion are here. docs/wdk.md lists them. */
#ifndef WDK_NTDDK_H
#define WDK_NTDDK_H

#include "wdk/wdk.h"

#endif
