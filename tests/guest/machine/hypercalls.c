/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of hypercalls where there is a hypervisor: forms and statuses. */
#include "machine.h"

#include <errno.h>
#include <string.h>

#include "hv/hv.h"
#include "arch/interrupts/interrupts.h"
#include "app/system/platform/platform.h"
#include "tests/guest/tap.h"

#define UNKNOWN_CALL        0x0fffu
#define UNKNOWN_CONNECTION  0x00fffff0u
#define STATUS_INVALID_CODE 0x02

/* Reads a non-canonical address, where no machine has memory. */
static void read_nowhere(void *arg)
{
    (void)arg;
    (void)*(volatile uint64_t *)UINT64_C(0x8000000000000000);
}

static void do_nothing(void *arg)
{
    (void)arg;
}

static void test_statuses(void)
{
    uint8_t payload[8] = {0xff};

    tap_ok((hv_call_fast(UNKNOWN_CALL, 0, 0) & 0xffff) == STATUS_INVALID_CODE,
           "the hypervisor refuses an unknown hypercall: %s",
           hv_status_name(STATUS_INVALID_CODE));
    tap_ok(hv_post_message(UNKNOWN_CONNECTION, 1, payload, 8) == -ENOENT,
           "posting a message to an unknown connection id gives -ENOENT");
    tap_ok(hv_signal_event(UNKNOWN_CONNECTION, 0) == -ENOENT,
           "signalling an unknown connection id gives -ENOENT");
    tap_ok(hv_post_message(1, 1, payload, 241) == -EINVAL,
           "a message of 241 bytes is refused without a hypercall");
}

/* Flushes all address spaces on all processors, with a sparse set of banks.
 * Its input has more words than two registers hold. [TLFS] 9.4.7 */
static void test_xmm(void)
{
    uint64_t words[6] = {0, 3 /* all processors, all spaces */, 0, 1, 1, 0};
    uint64_t result;

    if (!(the_platform.hv.features & HV_FEATURE_XMM_INPUT)) {
        tap_note("the hypervisor does not offer XMM hypercall input");
        return;
    }
    result = hv_call_xmm(HV_CALL_FLUSH_SPACE_EX | UINT64_C(1) << 17, words, 6);
    tap_ok((result & 0xffff) == 0, "a hypercall with XMM input succeeds: %s",
           hv_status_name((uint16_t)result));
}

void test_hypercalls(void)
{
    tap_ok(interrupts_try(do_nothing, NULL),
           "a probe that does not fault returns true");
    tap_ok(!interrupts_try(read_nowhere, NULL),
           "a probe that faults returns false and the machine goes on");
    if (!the_platform.hyperv)
        return;
    test_statuses();
    test_xmm();
}
