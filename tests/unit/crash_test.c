/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the crash report: text, order, and faults while it is made. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "arch/crash/crash.h"
#include "crash_process.h"
#include "arch/console/log.h"

#define BASE UINT64_C(0x140000000)

static struct cpu_frame frame;
static struct crash_info info;

/* ---- inside the report's process ----------------------------------------- */

/* The sink faults once, when this text is written. */
static const char *fault_at;

static void show_and_fault(struct log_sink *from, enum log_level level,
                           const char *bytes, size_t length)
{
    report_show(from, level, bytes, length);
    if (fault_at != NULL && strstr(bytes, fault_at) != NULL) {
        struct cpu_frame second = {.rip = BASE + 0x9999, .vector = 13};
        struct crash_info again = {
            .reason = "general protection fault",
            .frame = &second,
            .cpu = info.cpu,
        };

        fault_at = NULL;
        /* The second report reuses the stack, so the first frame is gone. */
        memset(&frame, 0xEE, sizeof(frame));
        crash_report(&again);
    }
}

static void fault_always(struct log_sink *from, enum log_level level,
                         const char *bytes, size_t length)
{
    struct crash_info again = {.reason = "sink", .cpu = info.cpu};

    (void)from;
    (void)level;
    (void)bytes;
    (void)length;
    crash_report(&again);
}

static void tell(const struct crash_info *crash, const char *message,
                 size_t length)
{
    printf("TOLD %s %llx (%zu)<<%.*s>>\n", crash->reason,
           (unsigned long long)crash->frame->rax, length, (int)length, message);
}

/* ---- the tests ---------------------------------------------------------- */

static uint64_t stack[8];

static int setup(void **state)
{
    (void)state;
    stack[0] = (uint64_t)(uintptr_t)&stack[4];
    stack[1] = BASE + 0x2222;
    stack[4] = 0;
    stack[5] = UINT64_C(0xFFFF800000001234);
    frame = (struct cpu_frame){
        .r15 = 0xF15,
        .r14 = 0xF14,
        .r13 = 0xF13,
        .r12 = 0xF12,
        .r11 = 0xF11,
        .r10 = 0xF10,
        .r9 = 0xF09,
        .r8 = 0xF08,
        .rbp = (uint64_t)(uintptr_t)stack,
        .rdi = 0xFD1,
        .rsi = 0xF51,
        .rdx = 0xFD2,
        .rcx = 0xFC1,
        .rbx = 0xFB1,
        .rax = 0xFA1,
        .vector = 14,
        .error = 3,
        .rip = BASE + 0x1111,
        .cs = 8,
        .rflags = 0x10046,
        .rsp = 0xF59,
        .ss = 0x10,
    };
    info = (struct crash_info){
        .reason = "page fault",
        .detail = "writing constants",
        .frame = &frame,
        .address = 0xBADADD,
        .has_address = true,
        .cpu = 1,
    };
    fault_at = NULL;
    report_sink.write = report_show;
    crash_configure(
        &(struct crash_config){.image_base = BASE, .image_size = 0x10000});
    crash_set_reporter(NULL);
    return 0;
}

static void report_shows_registers_and_backtrace(void **state)
{
    (void)state;
    report_run(&info, NULL);
    EXPECT_REPORT(
        "CRASH: page fault, processor 1\n", "writing constants",
        "address 0x0000000000badadd\n",
        "vector 14, error 3, rflags 10046, cs 8, ss 10\n",
        "rip 0000000140001111", "rsp 0000000000000f59", "rbp ",
        "rax 0000000000000fa1", "rbx 0000000000000fb1", "rcx 0000000000000fc1",
        "rdx 0000000000000fd2", "rsi 0000000000000f51", "rdi 0000000000000fd1",
        "r8  0000000000000f08", "r9  0000000000000f09", "r10 0000000000000f10",
        "r11 0000000000000f11", "r12 0000000000000f12", "r13 0000000000000f13",
        "r14 0000000000000f14", "r15 0000000000000f15",
        "image base 0000000140000000\n", "#0 image+0x1111\n",
        "#1 image+0x2222\n", "#2 0xffff800000001234\n", "HALT\n");
}

static void report_ends_as_configured(void **state)
{
    struct crash_config config = {.action = CRASH_DEBUG_EXIT};

    (void)state;
    crash_configure(&config);
    report_run(&info, NULL);
    EXPECT_REPORT("CRASH:", "DEBUG-EXIT 14\n", "HALT\n");
    config.action = CRASH_RESET;
    crash_configure(&config);
    report_run(&info, NULL);
    EXPECT_REPORT("CRASH:", "RESET\n");
    expect_not_reported("HALT");
}

static void report_of_an_assertion_has_no_registers(void **state)
{
    (void)state;
    info = (struct crash_info){
        .reason = "assertion failed",
        .rbp = (uint64_t)(uintptr_t)stack,
    };
    report_run(&info, NULL);
    EXPECT_REPORT("CRASH: assertion failed, processor 0\n",
                  "#1 image+0x2222\n");
    expect_not_reported("#0");
    expect_not_reported("rax");
    expect_not_reported("address");
}

static void log_before(void)
{
    for (int i = 0; i < 20; i++)
        log_printf(LOG_DEBUG, "vmbus: detail %d", i);
    log_write("not ok 3\n", 9);
}

/* All of the text is out, and the hypervisor has it, before any code. */
static void codes_come_last_on_a_machine_that_stands_still(void **state)
{
    struct crash_config config = {.action = CRASH_DEBUG_EXIT};

    (void)state;
    report_codes = true;
    crash_set_reporter(tell);
    crash_configure(&config);
    report_run(&info, log_before);
    EXPECT_REPORT("CODES-BEGIN\n", "CRASH: page fault", "not ok 3\n", "TOLD",
                  "DEBUG-EXIT", "CODES page 0\n",
                  "QR codes 1 to 2 of 3 are on the screen", "HALT\n");
    report_codes = false;
}

/* The stack of a fault has room for its frame only. */
static void
the_report_runs_on_a_stack_of_its_own_where_there_is_one(void **state)
{
    (void)state;
    report_run(&info, NULL);
    expect_not_reported("STACK");
    crash_set_stack(0x5000);
    report_run(&info, NULL);
    EXPECT_REPORT("STACK 5000\n", "CRASH: page fault", "HALT\n");
    crash_set_stack(0);
}

/* Nothing is registered in an image whose application has no report. */
static void an_image_without_codes_ends_its_report_without_them(void **state)
{
    struct crash_config config = {.action = CRASH_DEBUG_EXIT};

    (void)state;
    report_without_codes = true;
    crash_configure(&config);
    report_run(&info, log_before);
    EXPECT_REPORT("CRASH: page fault", "not ok 3\n", "DEBUG-EXIT", "HALT\n");
    expect_not_reported("CODES");
    expect_not_reported("QR");
    report_without_codes = false;
}

/* The lines are of any level, and none is a line of the report itself. */
static void report_ends_with_the_last_log_lines(void **state)
{
    (void)state;
    report_run(&info, log_before);
    EXPECT_REPORT("CRASH:", "crash: | 0.000000 vmbus: detail 11\n",
                  "detail 19\n", "crash: | 0.000000 not ok 3\n", "HALT");
    expect_not_reported("| 0.000000 vmbus: detail 10");
    expect_not_reported("| 0.000000 CRASH");
}

/* A recursion of any depth takes two lines. */
static void recursion_takes_two_lines_of_the_backtrace(void **state)
{
    static uint64_t deep[2 * 20];

    (void)state;
    for (unsigned i = 0; i < 19; i++) {
        deep[2 * i] = (uint64_t)(uintptr_t)&deep[2 * i + 2];
        deep[2 * i + 1] = BASE + (i < 17 ? 0x3333 : 0x4440 + i);
    }
    frame.rbp = (uint64_t)(uintptr_t)deep;
    report_run(&info, NULL);
    EXPECT_REPORT("#0 image+0x1111\n", "#1 image+0x3333\n",
                  "#17 the same, 17 times in all\n", "#18 image+0x4451\n",
                  "#19 image+0x4452\n", "backtrace complete\n");
    expect_not_reported("#2 ");
}

static void report_shows_no_log_lines_if_there_were_none(void **state)
{
    (void)state;
    report_run(&info, NULL);
    expect_not_reported("| ");
}

static void hypervisor_gets_the_whole_report(void **state)
{
    (void)state;
    crash_set_reporter(tell);
    report_run(&info, log_before);
    EXPECT_REPORT("TOLD page fault fa1 (",
                  ")<<CRASH: page fault, processor 1\n", "rax 0000000000000fa1",
                  "#2 0xffff800000001234\n", "| 0.000000 not ok 3\n>>", "HALT");
}

static void log_long_lines(void)
{
    char line[LOG_TEXT_MAX + 1];

    memset(line, 'l', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    for (int i = 0; i < 20; i++)
        log_printf(LOG_DEBUG, "%s", line);
}

/* The message is cut and never written past its end. */
static void message_to_the_hypervisor_is_cut_at_its_limit(void **state)
{
    const char *told;

    (void)state;
    crash_set_reporter(tell);
    report_run(&info, log_long_lines);
    EXPECT_REPORT("TOLD page fault fa1 (3071)<<CRASH", "lll", ">>\nHALT");
    told = strstr(report_text, "<<");
    assert_int_equal(strstr(report_text, ">>") - told, 2 + 3071);
}

static void fault_in_a_step_of_the_report_skips_that_step(void **state)
{
    static const char again[] =
        "general protection fault at image+0x9999 while reporting (step";

    (void)state;
    report_sink.write = show_and_fault;
    crash_set_reporter(tell);
    for (int i = 0; i < 2; i++) {
        fault_at = i == 0 ? "crash: rbx" : "#1 image";
        report_run(&info, NULL);
        /* The step that faulted is skipped and no other is repeated. The
         * hypervisor gets the first crash. */
        EXPECT_REPORT("CRASH: page fault", fault_at, again,
                      "TOLD page fault fa1", "HALT");
    }
    expect_not_reported("CRASH: general");
}

static void faults_in_each_step_end_in_a_halt(void **state)
{
    (void)state;
    report_sink.write = fault_always;
    report_run(&info, NULL);
    assert_string_equal(report_text, "CODES-BEGIN\nHALT\n");
}

static void crash_elsewhere(const struct crash_info *crash, const char *message,
                            size_t length)
{
    struct crash_info other = {.reason = "other", .cpu = 0};

    (void)crash;
    (void)message;
    (void)length;
    crash_report(&other);
}

/* A processor that crashes during the report halts and prints nothing. */
static void second_processor_that_crashes_halts_silently(void **state)
{
    (void)state;
    crash_set_reporter(crash_elsewhere);
    report_run(&info, NULL);
    EXPECT_REPORT("CRASH: page fault", "HALT\n");
    expect_not_reported("other");
}

static void each_vector_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(crash_vector_name(0), "divide error");
    assert_string_equal(crash_vector_name(8), "double fault");
    assert_string_equal(crash_vector_name(13), "general protection fault");
    assert_string_equal(crash_vector_name(18), "machine check");
    assert_string_equal(crash_vector_name(21), "control protection fault");
    assert_string_equal(crash_vector_name(22), "unknown vector");
    assert_string_equal(crash_vector_name(UINT64_MAX), "unknown vector");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(report_shows_registers_and_backtrace, setup),
        cmocka_unit_test_setup(report_ends_as_configured, setup),
        cmocka_unit_test_setup(codes_come_last_on_a_machine_that_stands_still,
                               setup),
        cmocka_unit_test_setup(
            the_report_runs_on_a_stack_of_its_own_where_there_is_one, setup),
        cmocka_unit_test_setup(
            an_image_without_codes_ends_its_report_without_them, setup),
        cmocka_unit_test_setup(report_of_an_assertion_has_no_registers, setup),
        cmocka_unit_test_setup(report_ends_with_the_last_log_lines, setup),
        cmocka_unit_test_setup(recursion_takes_two_lines_of_the_backtrace,
                               setup),
        cmocka_unit_test_setup(report_shows_no_log_lines_if_there_were_none,
                               setup),
        cmocka_unit_test_setup(hypervisor_gets_the_whole_report, setup),
        cmocka_unit_test_setup(message_to_the_hypervisor_is_cut_at_its_limit,
                               setup),
        cmocka_unit_test_setup(fault_in_a_step_of_the_report_skips_that_step,
                               setup),
        cmocka_unit_test_setup(faults_in_each_step_end_in_a_halt, setup),
        cmocka_unit_test_setup(second_processor_that_crashes_halts_silently,
                               setup),
        cmocka_unit_test_setup(each_vector_has_a_name, setup),
    };

    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
