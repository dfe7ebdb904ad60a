/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields that minihv uses of the virtual machine control block of AMD's
 * SVM. Source: AMD64 Architecture Programmer's Manual volume 2, appendix B.
 */
#ifndef MINIHV_VMCB_H
#define MINIHV_VMCB_H

#include <stddef.h>
#include <stdint.h>

struct vmcb_segment {
    uint16_t selector;
    uint16_t attributes; /* descriptor bits 47:40 and 55:52, joined */
    uint32_t limit;
    uint64_t base;
};

struct vmcb {
    uint32_t intercept_cr, intercept_dr, intercept_exceptions;
    uint32_t intercept_1; /* bits INTERCEPT_1_* */
    uint32_t intercept_2; /* VMRUN and other SVM instructions */
    uint8_t reserved_014[0x40 - 0x14];
    uint64_t iopm, msrpm;
    uint64_t tsc_offset;
    uint32_t asid;
    uint8_t tlb_control;
    uint8_t reserved_05d[3];
    uint64_t interrupt_control;
    uint64_t interrupt_shadow; /* bit 0: just after an STI or MOV SS */
    uint64_t exit_code, exit_info_1, exit_info_2, exit_interrupt;
    uint64_t nested_paging;
    uint8_t reserved_098[0xA8 - 0x98];
    uint64_t event_injection;
    uint64_t nested_cr3;
    uint8_t reserved_0b8[0x400 - 0xB8];

    struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
    uint8_t reserved_4a0[0x4CB - 0x4A0];
    uint8_t cpl;
    uint32_t reserved_4cc;
    uint64_t efer;
    uint8_t reserved_4d8[0x548 - 0x4D8];
    uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
    uint8_t reserved_580[0x5D8 - 0x580];
    uint64_t rsp;
    uint8_t reserved_5e0[0x5F8 - 0x5E0];
    uint64_t rax;
    uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint64_t cr2;
    uint8_t reserved_648[0x668 - 0x648];
    uint64_t pat;
    uint8_t reserved_670[0x1000 - 0x670];
};

#define VMCB_AT(field, offset)                             \
    _Static_assert(offsetof(struct vmcb, field) == offset, \
                   "VMCB: " #field " is at " #offset)
VMCB_AT(intercept_1, 0x0C);
VMCB_AT(iopm, 0x40);
VMCB_AT(tsc_offset, 0x50);
VMCB_AT(tlb_control, 0x5C);
VMCB_AT(exit_code, 0x70);
VMCB_AT(nested_paging, 0x90);
VMCB_AT(event_injection, 0xA8);
VMCB_AT(nested_cr3, 0xB0);
VMCB_AT(es, 0x400);
VMCB_AT(tr, 0x490);
VMCB_AT(cpl, 0x4CB);
VMCB_AT(efer, 0x4D0);
VMCB_AT(cr4, 0x548);
VMCB_AT(rip, 0x578);
VMCB_AT(rsp, 0x5D8);
VMCB_AT(rax, 0x5F8);
VMCB_AT(star, 0x600);
VMCB_AT(cr2, 0x640);
VMCB_AT(pat, 0x668);
_Static_assert(sizeof(struct vmcb) == 4096, "a VMCB is one page");

enum {
    INTERCEPT_1_NMI = 1 << 1,
    INTERCEPT_1_VINTR = 1 << 4,
    INTERCEPT_1_CPUID = 1 << 18,
    INTERCEPT_1_IRET = 1 << 20,
    INTERCEPT_1_HLT = 1 << 24,
    INTERCEPT_1_IO = 1 << 27,
    INTERCEPT_1_MSR = 1 << 28,
    INTERCEPT_1_SHUTDOWN = 1u << 31,
    INTERCEPT_2_SVM = 0x7F, /* VMRUN (mandatory) to SKINIT */
};

enum exit_code {
    EXIT_EXCEPTION_DB = 0x41,
    EXIT_NMI = 0x61,
    EXIT_VINTR = 0x64,
    EXIT_CPUID = 0x72,
    EXIT_IRET = 0x74,
    EXIT_HLT = 0x78,
    EXIT_IO = 0x7B,
    EXIT_MSR = 0x7C,
    EXIT_SHUTDOWN = 0x7F,
    EXIT_VMRUN = 0x80,
    EXIT_VMMCALL = 0x81,
    EXIT_SKINIT = 0x86,
    EXIT_NPF = 0x400,
};

/* Exception vectors and RFLAGS bits that the exits handle by name. */
enum {
    VECTOR_DB = 1,
    VECTOR_NMI = 2,
    VECTOR_UD = 6,
    VECTOR_GP = 13,
};
enum {
    RFLAGS_TF = 1 << 8,
    RFLAGS_IF = 1 << 9,
    DR6_BS = 1 << 14, /* a step */
};

#endif
