/* Faults, assertions and smashed stacks on their way to the crash report. */
#include "arch/crash/fault.h"

#include <stddef.h>
#include <stdint.h>

#include "arch/cpu/cpu.h"
#include "arch/crash/crash.h"
#include "arch/console/format.h"
#include "arch/invariant.h"
#include "arch/memory/paging.h"
#include "arch/cpu/smp.h"

#define FAULT_PAGE 14

/* Error code bits of a page fault. [Intel SDM 3A 4.7] */
#define PF_PRESENT     (1u << 0)
#define PF_WRITE       (1u << 1)
#define PF_INSTRUCTION (1u << 4)

static const char *access_name(uint64_t error)
{
    if (error & PF_INSTRUCTION)
        return "executing";
    return error & PF_WRITE ? "writing" : "reading";
}

static uint64_t faulting_address(void)
{
    uint64_t cr2;

    __asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
    return cr2;
}

_Noreturn void fault_report(struct cpu_frame *frame)
{
    static char detail[160];
    struct crash_info info = {
        .reason = crash_vector_name(frame->vector),
        .frame = frame,
        .rbp = frame->rbp,
        .cpu = this_cpu()->index,
    };

    smp_stop_others();
    if (frame->vector == FAULT_PAGE) {
        info.address = faulting_address();
        info.has_address = true;
        format_print(detail, sizeof(detail), "%s %s", access_name(frame->error),
                     paging_describe(info.address));
        info.detail = detail;
    }
    crash_report(&info);
}

_Noreturn void invariant_failed(const char *function, const char *expression,
                                const char *hint)
{
    static char detail[240];
    struct crash_info info = {
        .reason = "assertion failed",
        .detail = detail,
        .rbp = (uint64_t)(uintptr_t)__builtin_frame_address(0),
        .cpu = this_cpu()->index,
    };

    smp_stop_others();
    format_print(detail, sizeof(detail), "%s in %s: %s", expression, function,
                 hint);
    crash_report(&info);
}

/*
 * The stack protector's guard. One value for the whole image: it is set from
 * the time stamp before any protected function is entered that returns.
 */
uintptr_t __stack_chk_guard = 0x9e3779b97f4a7c15;

_Noreturn void __stack_chk_fail(void);

_Noreturn void __stack_chk_fail(void)
{
    struct crash_info info = {
        .reason = "smashed stack",
        .detail = "a function wrote past a buffer in its frame",
        .rbp = (uint64_t)(uintptr_t)__builtin_frame_address(0),
        .cpu = this_cpu()->index,
    };

    smp_stop_others();
    crash_report(&info);
}
