/* SPDX-License-Identifier: BSD-2-Clause */
/* new, delete and the ABI's own names for applications in C++ (cxx.h). */
#include "arch/libc/cxx.h"

#include <malloc.h>
#include <stdlib.h>

#include "arch/cpu/invariant.h"

/* The language allows a program to replace each of these. */
#define REPLACEABLE __attribute__((weak))

REPLACEABLE const char _ZSt7nothrow;
REPLACEABLE void *__dso_handle;

/* Two objects of no bytes have two addresses. */
static void *some(size_t size)
{
    return malloc(size ? size : 1);
}

static void *checked(void *memory)
{
    if (!memory)
        invariant_failed("operator new", "memory != NULL",
                         "the application asked for more memory than there "
                         "is; new (std::nothrow) returns NULL instead");
    return memory;
}

REPLACEABLE void *_Znwm(size_t size)
{
    return checked(some(size));
}

REPLACEABLE void *_Znam(size_t size)
{
    return _Znwm(size);
}

REPLACEABLE void *_ZnwmSt11align_val_t(size_t size, cxx_align align)
{
    return checked(memalign(align, size ? size : 1));
}

REPLACEABLE void *_ZnamSt11align_val_t(size_t size, cxx_align align)
{
    return _ZnwmSt11align_val_t(size, align);
}

REPLACEABLE void *_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow)
{
    (void)nothrow;
    return some(size);
}

REPLACEABLE void *_ZnamRKSt9nothrow_t(size_t size, const void *nothrow)
{
    return _ZnwmRKSt9nothrow_t(size, nothrow);
}

REPLACEABLE void _ZdlPv(void *object)
{
    free(object);
}

/* Whatever else is told of the object, the heap knows it. */
REPLACEABLE void _ZdaPv(void *object)
{
    _ZdlPv(object);
}

REPLACEABLE void _ZdlPvm(void *object, size_t size)
{
    (void)size;
    _ZdlPv(object);
}

REPLACEABLE void _ZdaPvm(void *object, size_t size)
{
    (void)size;
    _ZdaPv(object);
}

REPLACEABLE void _ZdlPvSt11align_val_t(void *object, cxx_align align)
{
    (void)align;
    free(object);
}

REPLACEABLE void _ZdaPvSt11align_val_t(void *object, cxx_align align)
{
    _ZdlPvSt11align_val_t(object, align);
}

REPLACEABLE void _ZdlPvmSt11align_val_t(void *object, size_t size,
                                        cxx_align align)
{
    (void)size;
    _ZdlPvSt11align_val_t(object, align);
}

REPLACEABLE void _ZdaPvmSt11align_val_t(void *object, size_t size,
                                        cxx_align align)
{
    (void)size;
    _ZdaPvSt11align_val_t(object, align);
}

REPLACEABLE _Noreturn void __cxa_pure_virtual(void)
{
    invariant_failed("__cxa_pure_virtual", NULL,
                     "the application called a pure virtual function: one of "
                     "an object that is not constructed yet or not any more");
}
