/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The companion for source that was written for the Windows Driver Kit: the
 * names of wdm.h and ntddk.h that a driver on KMCL uses, with Windows' meaning.
 * A driver includes <ntddk.h>; this header collects the parts.
 *
 * It is compiled with -fshort-wchar, so that L"text" has 16-bit characters.
 * docs/wdk.md has the list of names, the flags, and what cannot exist.
 */
#ifndef WDK_WDK_H
#define WDK_WDK_H

#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ != 2
#error "WDK source needs L\"\" of 16 bits: compile it with -fshort-wchar"
#endif

#include "wdk/types.h"
#include "wdk/guid.h"
#include "wdk/status.h"
#include "wdk/list.h"
#include "wdk/interlocked.h"
#include "wdk/lock.h"
#include "wdk/slist.h"
#include "wdk/dpc.h"
#include "wdk/dispatcher.h"
#include "wdk/timer.h"
#include "wdk/mutex.h"
#include "wdk/driver.h"
#include "wdk/work.h"
#include "wdk/pool.h"
#include "wdk/lookaside.h"
#include "wdk/memory.h"
#include "wdk/unicode.h"
#include "wdk/print.h"
#include "wdk/mm.h"
#include "wdk/time.h"
#include "wdk/processor.h"
#include "wdk/never.h"

#endif
