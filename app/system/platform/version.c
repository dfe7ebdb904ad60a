/* SPDX-License-Identifier: BSD-2-Clause */
/* The version that people read. Alone in its file, because its text changes
 * with every commit. */
#include "app/system/platform/platform.h"

#include "version/name.h"

const char system_version[] = VMBARE_NAME;
