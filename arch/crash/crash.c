/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The crash report: see crash.h.
 *
 * It is a list of steps, so that a step which faults itself costs only that
 * step. Nothing here allocates, takes a lock or waits without bound. Every line
 * goes to the log's sinks as soon as it is complete, and into a text that the
 * host gets at the end.
 */
#include "arch/crash/crash.h"

#include <stdarg.h>

#include "arch/crash/backtrace.h"
#include "arch/crash/debug_exit.h"
#include "arch/codes/codes.h"
#include "arch/console/format.h"
#include "arch/cpu/halt.h"
#include "arch/cpu/vectors.h"
#include "arch/console/log.h"
#include "arch/acpi/power.h"

/* No processor has this number. */
#define NOBODY UINT32_MAX

/* Lines of the log, of any level, that the report repeats. */
#define LAST_LINES 10u

static struct crash_config config;
static void (*reporter)(const struct crash_info *info, const char *message,
                        size_t length);
static void (*releaser)(void);
static const struct crash_codes *codes; /* NULL: this image has none */
static uint64_t stack; /* 0: until there is one, the report stays on its own */

/* The report in progress. All of it is static: a second fault may come on the
 * same stack, beginning at its top, and overwrite the first one's frames. */
static uint32_t owner = NOBODY; /* the processor that reports */
static struct crash_info crash;
static struct cpu_frame crash_frame;
static struct log_cursor before; /* the log's last lines before the crash */
static struct log_cursor report_start;
static bool begun;
static uint32_t again; /* faults while reporting */
static uint32_t step;  /* the next step of the report */
static char message[3072];
static size_t message_length;

void crash_configure(const struct crash_config *configuration)
{
    config = *configuration;
}

void crash_set_reporter(void (*report)(const struct crash_info *info,
                                       const char *text, size_t length))
{
    reporter = report;
}

void crash_set_release(void (*release)(void))
{
    releaser = release;
}

void crash_set_stack(uint64_t top)
{
    stack = top;
}

void crash_set_codes(const struct crash_codes *shown_by)
{
    codes = shown_by;
}

/* [Intel SDM 3A 6.3.1]; 15 is reserved by Intel. */
const char *crash_vector_name(uint64_t vector)
{
    static const char *const names[] = {
        "divide error",
        "debug exception",
        "NMI",
        "breakpoint",
        "overflow",
        "bound range",
        "invalid opcode",
        "no coprocessor",
        "double fault",
        "coprocessor segment",
        "invalid TSS",
        "segment not present",
        "stack fault",
        "general protection fault",
        "page fault",
        "reserved exception 15",
        "x87 error",
        "alignment check",
        "machine check",
        "SIMD error",
        "virtualization exception",
        "control protection fault",
    };

    return vector < sizeof(names) / sizeof(names[0]) ? names[vector]
                                                     : "unknown vector";
}

/* ---- the report's text ------------------------------------------------- */

/* Prints one line into the log, and into the message for the hypervisor. */
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line is flushed at once: the next one may fault. */
static void say(const char *format, ...)
{
    char line[LOG_TEXT_MAX + 1];
    size_t room = sizeof(message) - message_length;
    va_list arguments;
    size_t length;

    /* Format once, into a buffer on this stack: no memory is allocated in a
     * crash. */
    va_start(arguments, format);
    format_print_v(line, sizeof(line), format, arguments);
    va_end(arguments);
    log_printf(LOG_ERROR, "%s", line);
    log_crash_flush();
    /* Cut the message when it is full: the first lines say the most. */
    length = format_print(message + message_length, room, "%s\n", line);
    message_length += length < room ? length : room - 1;
}

/* "image+0x1234", or the address itself where it is not in the image. */
static const char *place(uint64_t address, char out[32])
{
    if (address - config.image_base < config.image_size)
        format_print(out, 32, "image+0x%llx",
                     (unsigned long long)(address - config.image_base));
    else
        format_print(out, 32, "0x%016llx", (unsigned long long)address);
    return out;
}

/* The first line says everything that one line can. */
static void say_what(void)
{
    say("CRASH: %s, processor %u",
        crash.reason ? crash.reason : "unknown reason", crash.cpu);
    if (crash.detail)
        say("crash: %s", crash.detail);
    if (crash.has_address)
        say("crash: address 0x%016llx", (unsigned long long)crash.address);
}

/* Registers in pairs: a line fits in the 80 columns beside the codes. */
static void say_two(const char *a, uint64_t a_value, const char *b,
                    uint64_t b_value)
{
    say("crash: %-3s %016llx  %-3s %016llx", a, (unsigned long long)a_value, b,
        (unsigned long long)b_value);
}

/* An assertion has no registers: the compiler has used them since. */
static void say_registers(void)
{
    const struct cpu_frame *f = crash.frame;

    if (!f)
        return;
    say("crash: vector %llu, error %llx, rflags %llx, cs %llx, ss %llx",
        (unsigned long long)f->vector, (unsigned long long)f->error,
        (unsigned long long)f->rflags, (unsigned long long)f->cs,
        (unsigned long long)f->ss);
    say_two("rip", f->rip, "rsp", f->rsp);
    say_two("rbp", f->rbp, "rax", f->rax);
    say_two("rbx", f->rbx, "rcx", f->rcx);
    say_two("rdx", f->rdx, "rsi", f->rsi);
    say_two("rdi", f->rdi, "r8", f->r8);
    say_two("r9", f->r9, "r10", f->r10);
    say_two("r11", f->r11, "r12", f->r12);
    say_two("r13", f->r13, "r14", f->r14);
    say("crash: r15 %016llx  image base %016llx", (unsigned long long)f->r15,
        (unsigned long long)config.image_base);
}

/* How many frames, from the first one on, have the same address. An endless
 * recursion shall not push the rest of the report off the screen. */
static uint32_t count_same(const uint64_t *addresses, uint32_t count)
{
    uint32_t same = 1;

    while (same < count && addresses[same] == addresses[0])
        same++;
    return same;
}

/* The caller of a function without a frame, which the chain lacks. Returns how
 * many lines it took. */
static uint32_t say_caller(void)
{
    const struct backtrace_code image = {config.image_base, config.image_size};
    enum backtrace_top top;
    uint64_t caller;
    char text[32];

    if (!crash.frame)
        return 0;
    say("crash: #0 %s", place(crash.frame->rip, text));
    top = backtrace_caller_here(crash.frame->rip, crash.frame->rsp, &image,
                                &caller);
    if (top == BACKTRACE_TOP_OTHER)
        return 0;
    say("crash: #1 %s%s", place(caller, text),
        top == BACKTRACE_TOP_MAYBE ? " (or a left-over of an earlier call)"
                                   : "");
    return 1;
}

/* Number 0 is where it happened; from 1 on they are return addresses.
 * tools/symbolize tells them apart by that. */
static void say_backtrace(void)
{
    uint64_t addresses[BACKTRACE_MAX];
    uint64_t rbp = crash.frame ? crash.frame->rbp : crash.rbp;
    enum backtrace_end end;
    uint32_t count, same, first;
    char text[32];

    first = say_caller();
    /* Walk the stack of the code that crashed. */
    end = backtrace_here(rbp, addresses, &count);
    for (uint32_t i = 0; i < count; i += same) {
        same = count_same(addresses + i, count - i);
        say("crash: #%u %s", first + i + 1, place(addresses[i], text));
        if (same > 1)
            say("crash: #%u the same, %u times in all", first + i + same, same);
    }
    say("crash: backtrace %s", backtrace_end_name(end));
}

/* Lines of any level, also those that no sink has shown. */
static void say_last_lines(void)
{
    struct log_line line;

    /* Stop where the report itself began. */
    while (before.line < report_start.line && log_read(&before, &line)) {
        unsigned length = line.length;

        /* Raw text brings its own newline. */
        if (length > 0 && line.text[length - 1] == '\n')
            length--;
        say("crash: | %llu.%06u %.*s",
            (unsigned long long)(line.ns / 1000000000),
            (unsigned)(line.ns / 1000 % 1000000), (int)length, line.text);
    }
}

/* ---- the steps --------------------------------------------------------- */

/* Not before the text is complete: the host takes it once. */
static void tell_hypervisor(void)
{
    if (reporter)
        reporter(&crash, message, message_length);
}

void crash_tell_refusal(const char *why)
{
    static char text[256];
    const struct crash_info info = {.reason = why};
    size_t length = format_print(text, sizeof(text), "refused: %s\n", why);

    if (reporter)
        reporter(&info, text,
                 length < sizeof(text) ? length : sizeof(text) - 1);
}

/* The host may write to rings until the bus is unloaded; a dump of this memory,
 * or the next system, must not be disturbed by it. */
static void release_memory(void)
{
    if (releaser)
        releaser();
}

/* A step that returns leaves the machine halted. */
static void end_as_configured(void)
{
    if (config.action == CRASH_RESET)
        power_reset();
    if (config.action == CRASH_DEBUG_EXIT)
        debug_exit(EXIT_STATUS_CRASH);
}

/* For a machine that stands still, after everything else: making the codes
 * takes longest, and is the least certain to work. */
static void show_codes(void)
{
    struct codes_shown shown;

    if (!codes || !codes->end())
        return;
    codes->show(0, &shown);
    if (shown.last == 0)
        return;
    log_printf(LOG_ERROR,
               "crash: QR codes %u to %u of %u are on the screen "
               "(docs/reading-the-screen.md)",
               shown.first, shown.last, shown.parts);
    log_crash_flush();
}

/* In the order of what matters most, should a later one fault: first the words
 * for people, then the host's, then what only tidies up. */
static void (*const steps[])(void) = {
    say_what,        say_registers,  say_backtrace,     say_last_lines,
    tell_hypervisor, release_memory, end_as_configured, show_codes,
};

/* Copies what the caller has on its stack, and marks where the log ends. */
static void begin(const struct crash_info *info)
{
    /* From here on the log waits for nobody. */
    log_enter_crash();
    if (codes)
        codes->begin();
    /* Two places in the log: some lines before the crash, and its end now. */
    log_seek_last(&before, LAST_LINES);
    log_seek_last(&report_start, 0);
    crash = *info;
    if (info->frame) {
        crash_frame = *info->frame;
        crash.frame = &crash_frame;
    }
}

/* The step that was running has faulted; it counts as done. */
static void begin_again(const struct crash_info *info)
{
    char text[32];

    /* Once only: it may be this line's printing that faults. */
    if (again++ > 0)
        return;
    say("crash: %s at %s while reporting (step %u), going on",
        info->reason ? info->reason : "another crash",
        place(info->frame ? info->frame->rip : 0, text), step);
}

/* On the report's stack. A fault of the report comes here again, at the stack's
 * top: nothing of the report lies there. */
static void report(void *arg)
{
    const struct crash_info *info = arg;

    if (!begun) {
        begun = true;
        begin(info);
    } else if (step < sizeof(steps) / sizeof(steps[0])) {
        begin_again(info);
    }
    /* The count goes up first, so that a step which faults is not repeated. */
    while (step < sizeof(steps) / sizeof(steps[0]))
        steps[step++]();
    halt_forever();
}

/* The exchange decides which processor reports. */
_Noreturn void crash_report(const struct crash_info *info)
{
    uint32_t nobody = NOBODY;

    /* A handler must not run in the middle of the report. */
    halt_interrupts_off();
    /* An exchange that fails has put the owner's number there. */
    if (!__atomic_compare_exchange_n(&owner, &nobody, info->cpu, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
        nobody != info->cpu)
        halt_forever();
    if (stack)
        vectors_enter_stack(report, (void *)(uintptr_t)info, stack);
    report((void *)(uintptr_t)info);
    halt_forever();
}
