/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small valid ELF file, laid out as the linker script lays out the image. It
 * is a struct, so that a test can damage a field before elf_read() sees it.
 */
#ifndef ELF_SAMPLE_H
#define ELF_SAMPLE_H

#include <elf.h>
#include <stdint.h>

enum { TEXT, CONST, DATA, DYNAMIC, SEGMENTS };
enum { D_RELA, D_RELASZ, D_RELAENT, D_FLAGS_1, D_NULL, DYNAMIC_ENTRIES };

#define TEXT_AT  0x1000u
#define CONST_AT 0x2000u
#define DATA_AT  0x3000u
#define DATA_MEM 0x1800u /* of which 16 bytes are stored */

struct elf_sample {
    Elf64_Ehdr header;
    Elf64_Phdr segments[SEGMENTS];
    uint8_t text[16];
    struct sample_const {
        uint64_t pointer; /* relocated */
        Elf64_Dyn dynamic[DYNAMIC_ENTRIES];
        Elf64_Rela rela[3];
    } constants;
    uint64_t data[2]; /* both relocated */
};

/* Fills `e` with the valid ELF. */
void elf_sample_make(struct elf_sample *e);

#endif
