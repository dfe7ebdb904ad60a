/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls the hypervisor: see hv.h. [TLFS] 3.7; wire reference C. */
#include "hv/hv.h"

#include <errno.h>
#include <string.h>

#include "hv/call.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"
#include "arch/console/log.h"
#include "arch/memory/pages.h"
#include "hv/percpu.h"

/* Input is in registers. [TLFS] 3.7 */
#define CONTROL_FAST        (UINT64_C(1) << 16)
#define CONTROL_ONE_ELEMENT (UINT64_C(1) << 32) /* the list's length */

/* XMM0 to XMM5 carry the parameters 3 to 14. */
#define XMM_WORDS 12

/*
 * Control in RCX, input in RDX and R8, result in RAX. Loads and call are one
 * statement, so that nothing can come between them. Everything that a called
 * function may change is named; "memory", because the hypervisor reads the
 * input page and may change others.
 */
static uint64_t call(uint64_t control, uint64_t first, uint64_t second)
{
    uint64_t result;
    register uint64_t r8 __asm__("r8") = second;

    ASSERT(hv_call_page, "hypercalls need hv_partition_setup");
    __asm__ volatile("call *%[page]"
                     : "=a"(result), "+c"(control), "+d"(first), "+r"(r8)
                     : [page] "r"(hv_call_page)
                     : "memory", "cc", "r9", "r10", "r11");
    return result;
}

uint64_t hv_call_fast(uint64_t control, uint64_t first, uint64_t second)
{
    return call(control | CONTROL_FAST, first, second);
}

/* The same with XMM0 to XMM5 loaded in the same statement: no compiled code may
 * use them in between. */
static uint64_t call_xmm(uint64_t control, const uint64_t *words,
                         const uint64_t xmm[XMM_WORDS])
{
    uint64_t result, first = words[0];
    register uint64_t r8 __asm__("r8") = words[1];

    __asm__ volatile("movups 0(%[xmm]), %%xmm0\n\t"
                     "movups 16(%[xmm]), %%xmm1\n\t"
                     "movups 32(%[xmm]), %%xmm2\n\t"
                     "movups 48(%[xmm]), %%xmm3\n\t"
                     "movups 64(%[xmm]), %%xmm4\n\t"
                     "movups 80(%[xmm]), %%xmm5\n\t"
                     "call *%[page]"
                     : "=a"(result), "+c"(control), "+d"(first), "+r"(r8)
                     : [page] "r"(hv_call_page), [xmm] "r"(xmm)
                     : "memory", "cc", "r9", "r10", "r11", "xmm0", "xmm1",
                       "xmm2", "xmm3", "xmm4", "xmm5");
    return result;
}

/* Registers without a parameter are zero, as the hypervisor expects of reserved
 * input. */
uint64_t hv_call_xmm(uint64_t control, const uint64_t *words, unsigned count)
{
    uint64_t xmm[XMM_WORDS] = {0};

    ASSERT(hv_call_page, "hypercalls need hv_partition_setup");
    ASSERT(count >= 2 && count <= XMM_WORDS + 2, "2 to 14 words fit");
    memcpy(xmm, words + 2, (count - 2) * sizeof(*words));
    return call_xmm(control | CONTROL_FAST, words, xmm);
}

/* At DISPATCH, so that deferred work cannot fill the area meanwhile. The area
 * is filled anew for each attempt: the call may have overwritten it. */
static uint64_t call_in_memory(uint64_t control, const void *input, size_t size,
                               void *output, size_t output_size)
{
    uint8_t irql = irql_current();
    uint64_t result, to = 0;
    struct hv_cpu *cpu;

    if (irql < IRQL_DISPATCH)
        irql_raise(IRQL_DISPATCH);
    cpu = hv_this_cpu();
    ASSERT(cpu->input, "this processor has no area for input yet");
    memcpy(cpu->input, input, size);
    if (output_size)
        to = cpu->input_address + HV_INPUT_BYTES;
    result = call(control, cpu->input_address, to);
    if (output_size)
        memcpy(output, cpu->input + HV_INPUT_BYTES, output_size);
    if (irql < IRQL_DISPATCH)
        irql_lower(irql);
    return result;
}

uint64_t hv_call_slow(uint64_t control, const void *input, size_t size)
{
    ASSERT(size <= HV_INPUT_BYTES, "the input fits into its area");
    return call_in_memory(control, input, size, NULL, 0);
}

uint64_t hv_call_list(uint64_t control, const void *input, size_t size,
                      void *output, size_t output_size)
{
    ASSERT(size <= HV_INPUT_BYTES && output_size <= HV_OUTPUT_BYTES,
           "input and output fit into their areas");
    return call_in_memory(control | CONTROL_ONE_ELEMENT, input, size, output,
                          output_size);
}

/* Input of HvPostMessage. [TLFS] 11.12; C.2 */
struct post_message {
    uint32_t connection;
    uint32_t reserved;
    uint32_t type;
    uint32_t size;
    uint8_t payload[HV_MESSAGE_PAYLOAD];
};
_Static_assert(sizeof(struct post_message) == 256, "HvPostMessage input");

/* The one place where a hypervisor status becomes an errno. Statuses that mean
 * "try again" are not logged, because callers try again. */
static int to_errno(const char *what, uint64_t result)
{
    uint16_t status = (uint16_t)result;

    switch (status) {
    case 0x00:
        return 0;
    case 0x0b: /* insufficient memory */
    case 0x13: /* insufficient buffers */
    case 0x18: /* invalid SynIC state: the target is masked just now */
        return -EAGAIN;
    case 0x12: /* invalid connection id */
        return -ENOENT;
    case 0x06:
    case 0x08:
        return -EACCES;
    default:
        log_printf(LOG_ERROR, "hv: %s failed: %s (status 0x%x)", what,
                   hv_status_name(status), status);
        return -EIO;
    }
}

int hv_post_message(uint32_t connection, uint32_t type, const void *payload,
                    uint32_t size)
{
    struct post_message m = {
        .connection = connection,
        .type = type,
        .size = size,
    };

    /* Refuse what does not fit into a message. [TLFS] 11.12: at most 240 bytes.
     */
    if (size > HV_MESSAGE_PAYLOAD)
        return -EINVAL;
    memcpy(m.payload, payload, size);
    /* Post by a slow call: 256 bytes of input do not fit into registers. */
    return to_errno("HvPostMessage",
                    hv_call_slow(HV_CALL_POST_MESSAGE, &m, sizeof(m)));
}

/* Signal by a fast call: connection in bits 31:0, flag in 47:32 of the first
 * word. [TLFS] 11 */
int hv_signal_event(uint32_t connection, uint16_t flag)
{
    return to_errno("HvSignalEvent",
                    hv_call_fast(HV_CALL_SIGNAL_EVENT,
                                 connection | (uint64_t)flag << 32, 0));
}
