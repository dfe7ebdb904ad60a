/* SPDX-License-Identifier: BSD-2-Clause */
/* ntifs.h for drivers that run here: the same names as ntddk.h. File systems do
 * not exist here. docs/wdk.md lists them. */
#ifndef WDK_NTIFS_H
#define WDK_NTIFS_H

#include "wdk/wdk.h"

#endif
