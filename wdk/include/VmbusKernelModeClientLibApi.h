/* SPDX-License-Identifier: BSD-2-Clause */
/* KMCL's header under the spelling that Microsoft's pages also use. */
#ifndef WDK_VMBUS_KERNEL_MODE_CLIENT_LIB_API_H
#define WDK_VMBUS_KERNEL_MODE_CLIENT_LIB_API_H

#include "wdk/wdk.h"
#include "vmbuskernelmodeclientlibapi.h"

#endif
