/* SPDX-License-Identifier: BSD-2-Clause */
/* A small valid ELF file as a struct: see elf_sample.h. */
#include "elf_sample.h"

#include <stddef.h>
#include <string.h>

#define FILE_AT(member) offsetof(struct elf_sample, member)
#define MEM_AT(member)  (CONST_AT + offsetof(struct sample_const, member))

static Elf64_Phdr segment(uint32_t type, uint32_t flags, uint64_t offset,
                          uint64_t address, uint64_t file, uint64_t memory)
{
    return (Elf64_Phdr){.p_type = type,
                        .p_flags = flags,
                        .p_offset = offset,
                        .p_vaddr = address,
                        .p_filesz = file,
                        .p_memsz = memory,
                        .p_align = 4096};
}

static Elf64_Rela relative(uint64_t where, int64_t to)
{
    return (Elf64_Rela){where, R_X86_64_RELATIVE, to};
}

static void make_header(Elf64_Ehdr *h)
{
    memcpy(h->e_ident, ELFMAG, SELFMAG);
    h->e_ident[EI_CLASS] = ELFCLASS64;
    h->e_ident[EI_DATA] = ELFDATA2LSB;
    h->e_type = ET_EXEC;
    h->e_machine = EM_X86_64;
    h->e_entry = TEXT_AT + 4;
    h->e_phoff = FILE_AT(segments);
    h->e_phentsize = sizeof(Elf64_Phdr);
    h->e_phnum = SEGMENTS;
}

static void make_segments(struct elf_sample *e)
{
    e->segments[TEXT] = segment(PT_LOAD, PF_R | PF_X, FILE_AT(text), TEXT_AT,
                                sizeof(e->text), sizeof(e->text));
    e->segments[CONST] = segment(PT_LOAD, PF_R, FILE_AT(constants), CONST_AT,
                                 sizeof(e->constants), sizeof(e->constants));
    e->segments[DATA] = segment(PT_LOAD, PF_R | PF_W, FILE_AT(data), DATA_AT,
                                sizeof(e->data), DATA_MEM);
    e->segments[DYNAMIC] =
        segment(PT_DYNAMIC, PF_R, FILE_AT(constants.dynamic), MEM_AT(dynamic),
                sizeof(e->constants.dynamic), sizeof(e->constants.dynamic));
}

void elf_sample_make(struct elf_sample *e)
{
    struct sample_const *c = &e->constants;

    memset(e, 0, sizeof(*e));
    make_header(&e->header);
    make_segments(e);
    memset(e->text, 0xc3, sizeof(e->text));
    c->dynamic[D_RELA] = (Elf64_Dyn){DT_RELA, {MEM_AT(rela)}};
    c->dynamic[D_RELASZ] = (Elf64_Dyn){DT_RELASZ, {sizeof(c->rela)}};
    c->dynamic[D_RELAENT] = (Elf64_Dyn){DT_RELAENT, {sizeof(c->rela[0])}};
    c->dynamic[D_FLAGS_1] = (Elf64_Dyn){DT_FLAGS_1, {DF_1_PIE}};
    /* The relocations are not sorted, because no linker promises an order. */
    c->rela[0] = relative(DATA_AT + 8, DATA_AT + DATA_MEM);
    c->rela[1] = relative(CONST_AT, TEXT_AT + 4);
    c->rela[2] = relative(DATA_AT, CONST_AT);
}
