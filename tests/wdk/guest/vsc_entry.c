/* SPDX-License-Identifier: BSD-2-Clause */
/* The sample VSC beside another driver: its entry gets a name of its own. */
#define DriverEntry VscDriverEntry
/* NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "tests/wdk/driver/vsc.c"
