/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMBus that earlier software has left connected: a boot loader, or a kernel
 * that crashed. It has made contact twice, and never taken what the host
 * answered: one message lies in the slot, another waits for it, and nobody has
 * said end-of-message. `bus` leaves SINT2 unmasked, `masked` masks it; `nobody`
 * clears GUEST_OS_ID at the end.
 */
#include "layer.h"

#include <string.h>

#include "tests/minihv/hyperv.h"
#include "vmbus/wire/wire.h"

#define OS_ID      UINT64_C(0x8100000000060100) /* a Linux's */
#define VECTOR     0x52u
#define VERSION    0x00030000u
#define WAIT_TURNS 20000000

static uint8_t call_page[4096] __attribute__((aligned(4096)));
static struct hv_message slots[16] __attribute__((aligned(4096)));
static uint8_t flags[4096] __attribute__((aligned(4096)));
static uint8_t input[4096] __attribute__((aligned(4096)));
static uint8_t shared[3][4096] __attribute__((aligned(4096)));

static uint64_t address(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

static uint64_t call(uint64_t control, uint64_t rdx)
{
    uint64_t status;

    __asm__ volatile("xorl %%r8d, %%r8d\n\t"
                     "call *%[page]"
                     : "=a"(status), "+c"(control), "+d"(rdx)
                     : [page] "r"(call_page)
                     : "r8", "r9", "r10", "r11", "memory");
    return status & 0xffff;
}

/* As a loader does it: without a look at the queue's room. */
static void post(const void *message, uint32_t size)
{
    struct hv_post_input *in = (void *)input;

    memset(input, 0, sizeof(input));
    in->connection = WIRE_CONNECTION_MESSAGE;
    in->type = WIRE_POST_TYPE;
    in->size = size;
    memcpy(in->payload, message, size);
    for (int i = 0; i < 1000; i++) {
        uint64_t status = call(HV_CALL_POST_MESSAGE, address(input));

        if (status == HV_SUCCESS)
            return;
        if (status != HV_INSUFFICIENT_BUFFERS)
            break;
    }
    layer_fail("the host does not take the layer's message");
}

static void enable_synic(void)
{
    msr_write(HV_GUEST_OS_ID, OS_ID);
    msr_write(HV_HYPERCALL, address(call_page) | 1);
    msr_write(HV_SIMP, address(slots) | 1);
    msr_write(HV_SIEFP, address(flags) | 1);
    memset(slots, 0, sizeof(slots));
    msr_write(HV_SINT0 + WIRE_SINT, VECTOR);
    msr_write(HV_SCONTROL, 1);
}

static bool slot_shows(const volatile void *field, unsigned size)
{
    for (int i = 0; i < WAIT_TURNS; i++) {
        uint32_t value = size == 1 ? *(const volatile uint8_t *)field & 1
                                   : *(const volatile uint32_t *)field;

        if (value)
            return true;
        cpu_relax();
    }
    return false;
}

/* The second contact is answered, too: that message finds the slot full. Not
 * every host marks the slot then; QEMU waits for the end of the first one. */
static void connect(void)
{
    struct wire_initiate_contact contact = {
        .header.type = WIRE_INITIATE_CONTACT,
        .version = VERSION,
        .interrupt_page = address(shared[0]),
        .monitor_parent_to_child = address(shared[1]),
        .monitor_child_to_parent = address(shared[2]),
    };

    post(&contact, WIRE_CONTACT_SHORT);
    if (!slot_shows(&slots[WIRE_SINT].type, 4))
        layer_fail("the host does not answer the layer's contact");
    post(&contact, WIRE_CONTACT_SHORT);
    slot_shows(&slots[WIRE_SINT].flags, 1);
    layer_say("# claim: contact 3.0\n# claim: contact 3.0\n");
}

void layer_leave_bus(void)
{
    if (!layer_wants("bus") && !layer_wants("masked"))
        return;
    enable_synic();
    connect();
    if (layer_wants("masked"))
        msr_write(HV_SINT0 + WIRE_SINT, HV_SINT_MASKED | VECTOR);
    if (layer_wants("nobody"))
        msr_write(HV_GUEST_OS_ID, 0);
    layer_say_number("layer: a VMBus is left connected, flags of its slot",
                     slots[WIRE_SINT].flags);
}
