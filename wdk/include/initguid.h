/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From here on DEFINE_GUID defines the GUID instead of declaring it. One file
 * of a driver includes this before the headers with its GUIDs. May be included
 * again; it has no guard, as in the WDK.
 */
#ifndef INITGUID
#define INITGUID
#endif
#include "wdk/guid.h"
