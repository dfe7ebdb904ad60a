/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults on purpose, one function each (fault.h). Each tries something that the
 * machine must not let pass, in a way that the compiler cannot see through and
 * so cannot leave out. `make suite-faults` checks that each one ends in a crash
 * report.
 */
#include "fault.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmbare.h"

#define RET 0xc3 /* the shortest function */

static const uint32_t constant[4] = {1}; /* read below, so it is kept */
static uint8_t data[16] = {RET};
static volatile uintptr_t null; /* 0, but who knows */

typedef void function(void);

/*
 * Calls bytes as if they were a function. The empty asm hides from the compiler
 * where the pointer comes from.
 */
static void call(void *code)
{
    function *f;

    memcpy(&f, &code, sizeof(f));
    __asm__ volatile("" : "+r"(f));
    f();
}

/* The program's own code is mapped read-only. */
static void write_text(void)
{
    uintptr_t here = (uintptr_t)write_text;

    *(volatile uint8_t *)here = RET;
}

/*
 * Constants are mapped read-only. Adding `null` keeps the compiler from seeing
 * that the object is const.
 */
static void write_const(void)
{
    *(volatile uint32_t *)(uintptr_t)&constant[null] = 2;
}

/* Data, heap and stack are mapped without the right to execute. */
static void exec_data(void)
{
    call(data);
}

static void exec_heap(void)
{
    uint8_t *code = malloc(sizeof(data));

    if (!code)
        return;
    memcpy(code, data, sizeof(data));
    call(code);
    free(code);
}

static void exec_stack(void)
{
    uint8_t code[16];

    memcpy(code, data, sizeof(code));
    call(code);
}

/* Page 0 is not mapped, so a null pointer faults at once. */
static void null_read(void)
{
    (void)*(volatile uint32_t *)null;
}

static void null_call(void)
{
    call((void *)null);
}

/*
 * Uses a piece of stack and calls itself, without end. The addition after the
 * call keeps it from becoming a loop.
 */
static unsigned deeper(unsigned n)
{
    volatile uint8_t room[512];

    room[n % sizeof(room)] = (uint8_t)n;
    if (null) /* never, but the compiler must not know */
        return n;
    return deeper(n + 1) + room[n % sizeof(room)];
}

/*
 * The page below the stack is not mapped. The page fault cannot push a frame
 * there either, so it becomes a double fault, which has a stack of its own.
 */
static void stack_overflow(void)
{
    printf("%u\n", deeper(0));
}

/*
 * Shortens the interrupt table to the gates 0 to 8. The page fault then finds
 * no gate, and neither does the protection fault that follows, so the double
 * fault is what remains.
 */
static void double_fault(void)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) idtr;

    __asm__ volatile("sidt %0" : "=m"(idtr));
    idtr.limit = 9 * 16 - 1;
    __asm__ volatile("cli; lidt %0" : : "m"(idtr) : "memory");
    null_read();
}

/* Division by zero, gate 0. */
static void divide(void)
{
    volatile int zero = (int)null;

    printf("%d\n", (int)sizeof(data) * 7 / zero);
}

/* newlib's assert() ends in the crash report, too. */
static void failed_assertion(void)
{
    assert(null == 1);
}

/*
 * Writes over the guard value between the array and the return address; the
 * function's end notices that.
 */
static void stack_smash(void)
{
    volatile uint8_t buffer[16];

    for (unsigned i = 0; i < sizeof(buffer) + 64 + null; i++)
        ((volatile uint8_t *)buffer)[i] = 0x55;
}

/* Freed pages are not mapped any more. */
static void use_after_free(void)
{
    volatile uint8_t *page = vmbare_pages_alloc(1);

    if (!page)
        return;
    vmbare_pages_free((void *)(uintptr_t)page, 1);
    *page = 1;
}

/* newlib's strcpy, a function that calls no other, is where it happens; this
 * one must be the next line of the backtrace. */
static void copy_to_null(void)
{
    /* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.strcpy) */
    printf("%s\n", strcpy((char *)null, "nowhere"));
}

static VMBARE_OPTION fault_option = {
    .group = "appliance",
    .name = "fault",
    .type = VMBARE_WORD,
    .words = "write-text|write-const|exec-data|exec-heap|exec-stack|null-read|"
             "null-call|stack-overflow|double-fault|divide|assert|stack-smash|"
             "use-after-free|strcpy",
    .help = "cause this fault on purpose, to see its crash report",
};

/* In the order of the option's words. */
static const struct {
    const char *name;
    function *commit;
} faults[] = {
    {"write-text", write_text},         {"write-const", write_const},
    {"exec-data", exec_data},           {"exec-heap", exec_heap},
    {"exec-stack", exec_stack},         {"null-read", null_read},
    {"null-call", null_call},           {"stack-overflow", stack_overflow},
    {"double-fault", double_fault},     {"divide", divide},
    {"assert", failed_assertion},       {"stack-smash", stack_smash},
    {"use-after-free", use_after_free}, {"strcpy", copy_to_null},
};

bool fault_is_wanted(void)
{
    return vmbare_option_given(&fault_option);
}

void fault_commit(void)
{
    const char *name = vmbare_option_text(&fault_option);

    for (unsigned i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        if (strcmp(faults[i].name, name) == 0)
            faults[i].commit();
    }
    printf("fault %s: nothing stopped it\n", name);
}
