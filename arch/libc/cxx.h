/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the compiler calls for an application in C++ without exceptions and
 * RTTI: new and delete on malloc and free, and two names of its ABI. The names
 * are those that g++ and clang give to C++'s own functions (Itanium C++ ABI);
 * no source of ours calls them. An application may define its own instead.
 *
 * None of the functions that return memory returns NULL but those of
 * std::nothrow: without memory the machine ends in the crash report, since
 * there are no exceptions. All are for the IRQLs of malloc.
 *
 * [Itanium C++ ABI] 3.2.6 (pure virtual functions), 3.3.5 (__dso_handle), 5.1.
 */
#ifndef ARCH_CXX_H
#define ARCH_CXX_H

#include <stddef.h>

/* std::align_val_t, as it is passed. */
typedef size_t cxx_align;

/**
 * operator new(size).
 *
 * @size    bytes
 * @return  memory that the caller deletes
 */
void *_Znwm(size_t size);

/**
 * operator new[](size).
 *
 * @size    bytes
 * @return  memory that the caller deletes
 */
void *_Znam(size_t size);

/**
 * operator new(size, align).
 *
 * @size    bytes
 * @align   a power of two
 * @return  memory that the caller deletes
 */
void *_ZnwmSt11align_val_t(size_t size, cxx_align align);

/**
 * operator new[](size, align).
 *
 * @size    bytes
 * @align   a power of two
 * @return  memory that the caller deletes
 */
void *_ZnamSt11align_val_t(size_t size, cxx_align align);

/**
 * operator new(size, std::nothrow).
 *
 * @size     bytes
 * @nothrow  only tells it apart
 * @return   memory that the caller deletes; NULL: there is none
 */
void *_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow);

/**
 * operator new[](size, std::nothrow).
 *
 * @size     bytes
 * @nothrow  only tells it apart
 * @return   memory that the caller deletes; NULL: there is none
 */
void *_ZnamRKSt9nothrow_t(size_t size, const void *nothrow);

/**
 * operator delete(object).
 *
 * @object  from new, or NULL
 */
void _ZdlPv(void *object);

/**
 * operator delete[](object).
 *
 * @object  from new[], or NULL
 */
void _ZdaPv(void *object);

/**
 * operator delete(object, size).
 *
 * @object  from new, or NULL
 * @size    bytes; not looked at
 */
void _ZdlPvm(void *object, size_t size);

/**
 * operator delete[](object, size).
 *
 * @object  from new[], or NULL
 * @size    bytes; not looked at
 */
void _ZdaPvm(void *object, size_t size);

/**
 * operator delete(object, align).
 *
 * @object  from new with that alignment, or NULL
 * @align   not looked at
 */
void _ZdlPvSt11align_val_t(void *object, cxx_align align);

/**
 * operator delete[](object, align).
 *
 * @object  from new[] with that alignment, or NULL
 * @align   not looked at
 */
void _ZdaPvSt11align_val_t(void *object, cxx_align align);

/**
 * operator delete(object, size, align).
 *
 * @object  from new with that alignment, or NULL
 * @size    bytes; not looked at
 * @align   not looked at
 */
void _ZdlPvmSt11align_val_t(void *object, size_t size, cxx_align align);

/**
 * operator delete[](object, size, align).
 *
 * @object  from new[] with that alignment, or NULL
 * @size    bytes; not looked at
 * @align   not looked at
 */
void _ZdaPvmSt11align_val_t(void *object, size_t size, cxx_align align);

/**
 * A pure virtual function was called: the machine ends in the crash report.
 */
_Noreturn void __cxa_pure_virtual(void);

/* std::nothrow: only its address is used. */
extern const char _ZSt7nothrow;

/* What __cxa_atexit is told an object belongs to; only its address is used, and
 * there is one program. */
extern void *__dso_handle;

#endif
