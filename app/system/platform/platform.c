/* SPDX-License-Identifier: BSD-2-Clause */
/* The one instance of the platform's state. Alone in its file, so that what
 * reads it depends on nothing else. */
#include "app/system/platform/platform.h"

struct guest_platform the_platform;
