/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects, their constructors and their memory. */
#include <array>
#include <new>
#include <type_traits>
#include <utility>

#include <stdint.h>
#include <stdio.h>

#include "mixed.h"
#include "vmbare.h"
#include "vmbuskernelmodeclientlibapi.h"

#if OF_ALL != 11 || OF_CXX != 13 || defined(OF_C) || __cplusplus < 202002L
#error "C++ has CPPFLAGS and CXXFLAGS, and not CFLAGS"
#endif

namespace
{

struct shape {
    virtual ~shape() = default;
    virtual int corners() const = 0;
};

struct square final : shape {
    int corners() const override
    {
        return 4;
    }
};

/* Longer than a page, so it begins where its type wants it. */
struct alignas(256) wide {
    char bytes[300];
};

/* Its end, after main, prints. */
struct global {
    int value;

    explicit global(int number) : value(number)
    {
    }

    ~global()
    {
        puts("good: a destructor ran after main");
    }
};

global first(add(20, 22));
int order;

__attribute__((constructor(200))) void early()
{
    order = order * 10 + 1;
}

__attribute__((constructor(201))) void late()
{
    order = order * 10 + 2;
}

void check_memory()
{
    shape *s = new square;
    wide *w = new wide;
    int *many = new (std::nothrow) int[SIZE_MAX / 16];
    std::array<int, 3> three{1, 2, 3};

    check(s->corners() == 4, "a virtual function is called");
    check(reinterpret_cast<uintptr_t>(w) % alignof(wide) == 0,
          "new gives a type the alignment that it wants");
    check(many == nullptr, "new (std::nothrow) returns NULL without memory");
    check(three.at(1) == 2, "<array> is there");
    delete s;
    delete w;
    delete[] many;
}

} // namespace

void check_cxx(void)
{
    check(first.value == 42, "a global object was constructed before main");
    check(order == 12, "constructors run in the order of their priorities");
    check_memory();
#ifdef TWICE
    int *once = new int[3];
    int *volatile again = once;

    delete[] once;
    delete[] again;
#endif
#ifdef GREEDY
    volatile size_t all = SIZE_MAX / 16;

    printf("%p\n", static_cast<void *>(new char[all]));
#endif
}
