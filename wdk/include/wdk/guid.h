/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DEFINE_GUID: declares a GUID, and defines it in the file that includes
 * initguid.h first. Has no guard around the macro, because initguid.h may come
 * after another header that declared GUIDs only. [W]
 */
#include "wdk/types.h"

#ifndef WDK_GUID_H
#define WDK_GUID_H

#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif

typedef const GUID *REFGUID;
typedef GUID IID, CLSID;

#define IsEqualGUID(a, b)       (!__builtin_memcmp((a), (b), sizeof(GUID)))
#define InlineIsEqualGUID(a, b) IsEqualGUID((a), (b))
#define IsEqualIID(a, b)        IsEqualGUID((a), (b))

#endif

#undef DEFINE_GUID
#ifdef INITGUID
/* Defined in each file that asks for it; the linker keeps one. */
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
    EXTERN_C const GUID name;                                        \
    __attribute__((weak))                                            \
    const GUID name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#else
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) \
    EXTERN_C const GUID name
#endif
