/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that misbehaves in the one way that its command line names. minihv
 * must end the run with a report that names the misdeed. No misdeed may return.
 */
#include "guest.h"

enum { REQUEST_OFFERS = 3, INITIATE_CONTACT = 14, MODIFY_CHANNEL = 22 };

static uint8_t input[4096] __attribute__((aligned(4096)));

static void post(uint32_t type, uint32_t word, uint32_t size)
{
    struct hv_post_input *in = (void *)input;
    uint32_t *body = (uint32_t *)in->payload;

    memset(input, 0, sizeof input);
    in->connection = 1;
    in->type = 1;
    in->size = size;
    body[0] = type;
    body[2] = word;
    hypercall(HV_CALL_POST_MESSAGE, (uint64_t)in, 0);
}

static void unknown_hypercall(void)
{
    hypercall(0x7777, 0, 0);
}

static void no_hypercall_page(void)
{
    msr_write(HV_GUEST_OS_ID, 0);
    __asm__ volatile("vmmcall" : : "c"(HV_CALL_SIGNAL_EVENT));
}

static void forbidden_msr(void)
{
    msr_read(0x40000118);
}

static void read_only_msr(void)
{
    msr_write(HV_VP_INDEX, 1);
}

static void overlay_write(void)
{
    *(volatile uint32_t *)(msr_read(HV_HYPERCALL) & ~UINT64_C(0xFFF)) = 0;
}

static void hidden_memory(void)
{
    *(volatile uint32_t *)reserved_memory() = 1;
}

static void hidden_heap(void)
{
    *(volatile uint32_t *)reserved_middle() = 1;
}

/* For QEMU a message of a device: an INIT to the machine's last processor. */
static void device_message(void)
{
    *(volatile uint32_t *)UINT64_C(0xFEE01000) = 5 << 8 | 1 << 14;
}

static void svm_instruction(void)
{
    __asm__ volatile("vmrun" : : "a"(0));
}

static void triple_fault(void)
{
    struct table_register none = {0, 0};

    __asm__ volatile("lidt %0; ud2" : : "m"(none));
}

static void loop_masked(void)
{
    for (;;)
        cpu_relax();
}

static void loop_open(void)
{
    for (;;)
        __asm__ volatile("sti; pause");
}

static void halt_masked(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

static void halt_open(void)
{
    for (;;)
        __asm__ volatile("sti; hlt");
}

static void offers_without_contact(void)
{
    post(REQUEST_OFFERS, 0, 8);
}

static void message_of_newer_version(void)
{
    post(INITIATE_CONTACT, 0x00020004, 40);
    post(MODIFY_CHANNEL, 1, 16);
}

static void unknown_message(void)
{
    post(99, 0, 16);
}

/* The one that is none: status 0 is a verdict, too. */
static void verdict_zero(void)
{
    end_guest(0);
}

static const struct misdeed {
    const char *word;
    void (*commit)(void);
} misdeeds[] = {
    {"unknown-hypercall", unknown_hypercall},
    {"no-hypercall-page", no_hypercall_page},
    {"forbidden-msr", forbidden_msr},
    {"read-only-msr", read_only_msr},
    {"overlay-write", overlay_write},
    {"hidden-memory", hidden_memory},
    {"hidden-heap", hidden_heap},
    {"device-message", device_message},
    {"svm-instruction", svm_instruction},
    {"triple-fault", triple_fault},
    {"loop-masked", loop_masked},
    {"loop-open", loop_open},
    {"halt-masked", halt_masked},
    {"halt-open", halt_open},
    {"offers-without-contact", offers_without_contact},
    {"message-of-newer-version", message_of_newer_version},
    {"unknown-message", unknown_message},
    {"verdict-zero", verdict_zero},
};

void guest_main(const char *words)
{
    hypercall_on();
    for (unsigned i = 0; i < sizeof misdeeds / sizeof misdeeds[0]; i++)
        if (has_word(words, misdeeds[i].word))
            misdeeds[i].commit();
    for (volatile int i = 0; i < 100000000; i++)
        ; /* the host's own processor may take a moment */
    say("not ok - the misdeed had no end\n");
    end_guest(VERDICT_TEST_FAILED);
}
