/* SPDX-License-Identifier: BSD-2-Clause */
/* The common part of the small guests: see guest.h. */
#include <efi.h>
#include <efilib.h>

#include "guest.h"

/* In units of 100 ns. */
enum { HANG = 300000000, MOMENT = 1000000 };

struct gate {
    uint16_t offset_0, selector;
    uint8_t ist, attributes;
    uint16_t offset_1;
    uint32_t offset_2, reserved;
};

struct exception_frame {
    uint64_t rip, cs, rflags, rsp, ss;
};

static char words[512];
static unsigned failed;
static uint64_t resume; /* where to continue after a #GP; 0: unexpected */
static volatile bool faulted;
static uint8_t call_page[4096] __attribute__((aligned(4096)));

bool has_word(const char *text, const char *word)
{
    for (; *text; text++) {
        const char *t = text, *w = word;

        while (*w && *t == *w)
            t++, w++;
        if (!*w)
            return true;
    }
    return false;
}

void check(const char *what, bool ok)
{
    say("%s - %s\n", ok ? "ok" : "not ok", what);
    failed += !ok;
}

void end_guest(uint8_t verdict)
{
    port_out8(0xF4, verdict);
    for (;;)
        __asm__ volatile("cli; hlt");
}

void end_checks(void)
{
    end_guest(failed ? VERDICT_TEST_FAILED : VERDICT_PASSED);
}

void set_gate(uint8_t vector, void *handler)
{
    uint64_t a = (uint64_t)handler;
    struct table_register idt;
    uint16_t code;

    __asm__ volatile("sidt %0" : "=m"(idt));
    __asm__ volatile("mov %%cs, %0" : "=r"(code));
    ((struct gate *)idt.base)[vector] = (struct gate){
        .offset_0 = (uint16_t)a,
        .selector = code,
        .attributes = 0x8E,
        .offset_1 = (uint16_t)(a >> 16),
        .offset_2 = (uint32_t)(a >> 32),
    };
}

__attribute__((interrupt, target("general-regs-only"))) static void
protection_fault(void *frame, uint64_t error)
{
    struct exception_frame *f = frame;

    if (!resume) {
        say("not ok - unexpected #GP(0x%lx) at 0x%lx\n", error, f->rip);
        end_guest(VERDICT_TEST_FAILED);
    }
    faulted = true;
    f->rip = resume;
}

/* Runs one instruction and continues after it if it faults. */
#define TRY(instruction, ...)                                                 \
    do {                                                                      \
        faulted = false;                                                      \
        __asm__ volatile("lea 1f(%%rip), %%r10; mov %%r10, %[r];" instruction \
                         "; 1:" __VA_ARGS__);                                 \
        resume = 0;                                                           \
    } while (0)

bool msr_try_read(uint32_t number, uint64_t *value)
{
    uint32_t low = 0, high = 0;

    TRY("rdmsr",
        : "+a"(low), "+d"(high), [r] "+m"(resume)
        : "c"(number)
        : "r10", "memory");
    *value = low | (uint64_t)high << 32;
    return !faulted;
}

bool msr_try_write(uint32_t number, uint64_t value)
{
    TRY("wrmsr",
        : [r] "+m"(resume)
        : "c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
        : "r10", "memory");
    return !faulted;
}

bool store_try(void *address, uint32_t value)
{
    TRY("movl %[v], (%[a])",
        : [r] "+m"(resume)
        : [a] "r"(address), [v] "r"(value)
        : "r10", "memory");
    return !faulted;
}

void hypercall_on(void)
{
    msr_write(HV_GUEST_OS_ID, UINT64_C(0x8100000000000001));
    msr_write(HV_HYPERCALL, (uint64_t)call_page | 1);
}

uint64_t hypercall(uint64_t control, uint64_t rdx, uint64_t r8)
{
    register uint64_t output __asm__("r8") = r8;
    uint64_t result;

    __asm__ volatile("call *%[page]"
                     : "=a"(result), "+c"(control), "+d"(rdx), "+r"(output)
                     : [page] "r"(call_page)
                     : "r9", "r10", "r11", "memory", "cc");
    return result;
}

void let_in(void)
{
    __asm__ volatile("sti; nop; nop; cli" : : : "memory");
}

uint64_t hang(void)
{
    return msr_read(HV_TIME_REF) + HANG;
}

void wait_a_moment(void)
{
    uint64_t end = msr_read(HV_TIME_REF) + MOMENT;

    while (msr_read(HV_TIME_REF) < end)
        let_in();
}

static void keep_words(EFI_HANDLE image, EFI_BOOT_SERVICES *b)
{
    EFI_GUID guid = LOADED_IMAGE_PROTOCOL;
    EFI_LOADED_IMAGE *self;
    const CHAR16 *text;

    if (EFI_ERROR(b->HandleProtocol(image, &guid, (void **)&self)))
        return;
    text = self->LoadOptions;
    for (unsigned i = 0; text && i + 1 < sizeof words && text[i]; i++)
        words[i] = (char)text[i];
}

static uint64_t reserved_base, reserved_pages;

uint64_t reserved_memory(void)
{
    return reserved_base;
}

uint64_t reserved_middle(void)
{
    return reserved_base + reserved_pages / 2 * 4096;
}

static void look_for_reserved(const uint8_t *map, UINTN size, UINTN step)
{
    for (UINTN at = 0; at < size; at += step) {
        const EFI_MEMORY_DESCRIPTOR *d = (const void *)(map + at);

        if (d->Type == EfiReservedMemoryType &&
            d->PhysicalStart < 0x80000000 && /* RAM, not PCI */
            d->NumberOfPages > reserved_pages) {
            reserved_pages = d->NumberOfPages;
            reserved_base = d->PhysicalStart;
        }
    }
}

static void leave_boot_services(EFI_HANDLE image, EFI_BOOT_SERVICES *b)
{
    static uint8_t map[32768] __attribute__((aligned(16)));
    UINTN size, key, step;
    UINT32 version;

    for (int i = 0; i < 4; i++) {
        size = sizeof map;
        if (EFI_ERROR(
                b->GetMemoryMap(&size, (void *)map, &key, &step, &version)))
            break;
        look_for_reserved(map, size, step);
        if (!EFI_ERROR(b->ExitBootServices(image, key)))
            return;
    }
    say("not ok - ExitBootServices\n");
    end_guest(VERDICT_TEST_FAILED);
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);
EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
    keep_words(image, system->BootServices);
    leave_boot_services(image, system->BootServices);
    __asm__ volatile("cli");
    port_out8(0x21, 0xFF); /* no PIC, no APIC timer of the firmware */
    port_out8(0xA1, 0xFF);
    mmio_write32(0xFEE00320, 0x10000);
    set_gate(13, (void *)protection_fault);
    guest_main(words);
    end_checks();
}
