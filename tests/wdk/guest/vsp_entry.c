/* SPDX-License-Identifier: BSD-2-Clause */
/* The sample VSP beside another driver: its entry gets a name of its own. */
#define DriverEntry VspDriverEntry
/* NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "tests/wdk/driver/vsp.c"
