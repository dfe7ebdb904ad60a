/* SPDX-License-Identifier: BSD-2-Clause */
/* wdm.h for drivers that run here: the same names as ntddk.h, for a driver that
 * begins with this one. docs/wdk.md lists them. */
#ifndef WDK_WDM_H
#define WDK_WDM_H

#include "wdk/wdk.h"

#endif
