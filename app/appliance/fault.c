/*
 * One function per fault: see fault.h. Each tries what the machine must not
 * let pass, in a way that the compiler cannot see through.
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

static void call(void *code)
{
    function *f;

    memcpy(&f, &code, sizeof(f));
    __asm__ volatile("" : "+r"(f));
    f();
}

static void write_text(void)
{
    uintptr_t here = (uintptr_t)write_text;

    *(volatile uint8_t *)here = RET;
}

static void write_const(void)
{
    *(volatile uint32_t *)(uintptr_t)&constant[null] = 2;
}

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

static void null_read(void)
{
    (void)*(volatile uint32_t *)null;
}

static void null_call(void)
{
    call((void *)null);
}

static unsigned deeper(unsigned n)
{
    volatile uint8_t room[512];

    room[n % sizeof(room)] = (uint8_t)n;
    if (null) /* never, but the compiler must not know */
        return n;
    return deeper(n + 1) + room[n % sizeof(room)];
}

static void stack_overflow(void)
{
    printf("%u\n", deeper(0));
}

/* With gates 0 to 8 only, a page fault finds no gate, nor does the protection
 * fault that this makes: what is left is the double fault. */
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

static void divide(void)
{
    volatile int zero = (int)null;

    printf("%d\n", (int)sizeof(data) * 7 / zero);
}

static void failed_assertion(void)
{
    assert(null == 1);
}

static void stack_smash(void)
{
    volatile uint8_t buffer[16];

    for (unsigned i = 0; i < sizeof(buffer) + 64 + null; i++)
        ((volatile uint8_t *)buffer)[i] = 0x55;
}

static void use_after_free(void)
{
    volatile uint8_t *page = vmbare_pages_alloc(1);

    if (!page)
        return;
    vmbare_pages_free((void *)(uintptr_t)page, 1);
    *page = 1;
}

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
    {"use-after-free", use_after_free},
};

void fault_commit(const char *name)
{
    for (unsigned i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        if (strcmp(faults[i].name, name) == 0) {
            faults[i].commit();
            printf("fault %s: nothing stopped it\n", name);
            return;
        }
    }
    printf("fault=%s is not known; docs/options.md lists the faults\n", name);
}
