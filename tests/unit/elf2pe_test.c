/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the ELF-to-PE tool: what it writes, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/elf2pe/elf2pe.h"
#include "elf_sample.h"
#include "tools/elf2pe/pe_format.h"

/* The result of one conversion. */
struct result {
    int status;
    char *errors;
    char *pe;
    size_t pe_size;
};

/* Converts a heap copy of exactly `size` bytes, so that ASan sees overruns. */
static struct result convert(const void *elf, size_t size)
{
    struct result r = {0};
    size_t errors_size;
    FILE *errors = open_memstream(&r.errors, &errors_size);
    FILE *out = open_memstream(&r.pe, &r.pe_size);
    uint8_t *copy = malloc(size ? size : 1);
    struct image image;

    memcpy(copy, elf, size);
    r.status = elf_read(copy, size, &image, errors);
    if (r.status == 0) {
        r.status = pe_write(&image, out, errors);
        image_free(&image);
    }
    free(copy);
    fclose(errors);
    fclose(out);
    return r;
}

static void result_free(struct result *r)
{
    free(r->errors);
    free(r->pe);
}

static const struct pe_file_header *file_header(const struct result *r)
{
    return (const void *)(r->pe + sizeof(struct pe_dos_header));
}

static const struct pe_optional_header *optional_header(const struct result *r)
{
    return (const void *)(file_header(r) + 1);
}

static const struct pe_section_header *section(const struct result *r,
                                               unsigned i)
{
    return (const struct pe_section_header *)(optional_header(r) + 1) + i;
}

static struct result convert_sample(void)
{
    struct elf_sample e;
    struct result r;

    elf_sample_make(&e);
    r = convert(&e, sizeof(e));
    assert_int_equal(r.status, 0);
    return r;
}

static void headers_are_those_of_an_efi_application(void **state)
{
    struct result r = convert_sample();
    const struct pe_optional_header *o = optional_header(&r);

    (void)state;
    assert_memory_equal(r.pe, "MZ", 2);
    assert_int_equal(file_header(&r)->signature, PE_SIGNATURE);
    assert_int_equal(file_header(&r)->machine, PE_MACHINE_X86_64);
    assert_int_equal(file_header(&r)->timestamp, 0);
    assert_int_equal(file_header(&r)->section_count, 4);
    assert_int_equal(o->magic, PE_MAGIC_PE32_PLUS);
    assert_int_equal(o->entry, TEXT_AT + 4);
    assert_int_equal(o->subsystem, PE_SUBSYSTEM_EFI_APP);
    assert_true(o->dll_characteristics & PE_NX_COMPAT);
    assert_int_equal(o->image_size, 0x6000);
    result_free(&r);
}

static void each_segment_is_one_section_with_its_rights(void **state)
{
    static const struct {
        const char *name;
        uint32_t address, memory_size, file_size, rights;
    } expected[] = {
        {".text", TEXT_AT, 16, 512, PE_SECTION_READ | PE_SECTION_EXECUTE},
        {".rdata", CONST_AT, sizeof(struct sample_const), 512, PE_SECTION_READ},
        {".data", DATA_AT, DATA_MEM, 512, PE_SECTION_READ | PE_SECTION_WRITE},
        {".reloc", 0x5000, 24, 512, PE_SECTION_READ},
    };
    const uint32_t rights =
        PE_SECTION_READ | PE_SECTION_WRITE | PE_SECTION_EXECUTE;
    struct result r = convert_sample();

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const struct pe_section_header *s = section(&r, i);

        assert_int_equal(strncmp(s->name, expected[i].name, 8), 0);
        assert_int_equal(s->address, expected[i].address);
        assert_int_equal(s->memory_size, expected[i].memory_size);
        assert_int_equal(s->file_size, expected[i].file_size);
        assert_int_equal(s->characteristics & rights, expected[i].rights);
    }
    result_free(&r);
}

static void relocations_become_dir64_blocks(void **state)
{
    struct result r = convert_sample();
    const struct pe_section_header *s = section(&r, 3);
    const uint32_t expected[] = {
        CONST_AT, 12, 0x0000a000,             /* at +0, and a filler */
        DATA_AT,  12, 0xa008u << 16 | 0xa000, /* at +0 and +8 */
    };

    (void)state;
    assert_int_equal(optional_header(&r)->directories[5].address, s->address);
    assert_int_equal(optional_header(&r)->directories[5].size, 24);
    assert_memory_equal(r.pe + s->file_offset, expected, sizeof(expected));
    result_free(&r);
}

static void addends_are_in_place_and_tables_are_gone(void **state)
{
    struct result r = convert_sample();
    const uint64_t data[2] = {CONST_AT, DATA_AT + DATA_MEM};
    const uint64_t pointer = TEXT_AT + 4;
    const char *constants = r.pe + section(&r, 1)->file_offset;

    (void)state;
    assert_memory_equal(r.pe + section(&r, 2)->file_offset, data, 16);
    assert_memory_equal(constants, &pointer, 8);
    for (unsigned i = 8; i < 512; i++)
        assert_int_equal(constants[i], 0);
    result_free(&r);
}

static void same_input_gives_same_bytes(void **state)
{
    struct result a = convert_sample(), b = convert_sample();

    (void)state;
    assert_int_equal(a.pe_size, b.pe_size);
    assert_memory_equal(a.pe, b.pe, a.pe_size);
    result_free(&a);
    result_free(&b);
}

static void program_without_relocations_has_no_reloc_section(void **state)
{
    struct elf_sample e;
    struct result r;

    (void)state;
    elf_sample_make(&e);
    e.constants.dynamic[D_RELASZ].d_un.d_val = 0;
    r = convert(&e, sizeof(e));
    assert_int_equal(r.status, 0);
    assert_int_equal(file_header(&r)->section_count, 3);
    assert_int_equal(optional_header(&r)->directories[5].size, 0);
    result_free(&r);
}

/* ---- what is refused ----------------------------------------------------- */

#define SET(name, statement)               \
    static void name(struct elf_sample *e) \
    {                                      \
        statement;                         \
    }

SET(no_magic, e->header.e_ident[0] = 'M')
SET(class_32, e->header.e_ident[EI_CLASS] = ELFCLASS32)
SET(big_endian, e->header.e_ident[EI_DATA] = ELFDATA2MSB)
SET(other_machine, e->header.e_machine = EM_AARCH64)
SET(object_file, e->header.e_type = ET_REL)
SET(odd_phentsize, e->header.e_phentsize = 32)
SET(headers_past_end, e->header.e_phoff = sizeof(*e) - 8)
SET(headers_overflow, e->header.e_phoff = UINT64_MAX - 16)
SET(many_headers, e->header.e_phnum = 0xffff)
SET(no_segments, e->header.e_phnum = 0)
SET(entry_in_data, e->header.e_entry = DATA_AT)
SET(entry_high, e->header.e_entry += 1ull << 32)
SET(write_and_exec, e->segments[TEXT].p_flags |= PF_W)
SET(file_over_memory, e->segments[TEXT].p_memsz = 8)
SET(file_without_memory, e->segments[TEXT].p_memsz = 0)
SET(bytes_past_end, e->segments[DATA].p_offset = sizeof(*e) - 8)
SET(offset_overflow, e->segments[DATA].p_offset = UINT64_MAX - 4)
SET(address_high, e->segments[DATA].p_vaddr = 1ull << 40)
SET(address_overflow, e->segments[DATA].p_vaddr = UINT64_MAX - 4095)
SET(memory_huge, e->segments[DATA].p_memsz = UINT64_MAX)
SET(not_aligned, e->segments[DATA].p_vaddr += 8)
SET(over_headers, e->segments[TEXT].p_vaddr = 0)
SET(overlap, e->segments[DATA].p_vaddr = CONST_AT)
SET(descending, e->segments[CONST].p_vaddr = 0x10000)
SET(interpreter, e->segments[DYNAMIC].p_type = PT_INTERP)
SET(thread_local, e->segments[DYNAMIC].p_type = PT_TLS)
SET(dynamic_outside, e->segments[DYNAMIC].p_vaddr = 0x100000)
SET(no_dynamic, e->segments[DYNAMIC].p_type = PT_NULL)
SET(not_pie, e->constants.dynamic[D_FLAGS_1].d_un.d_val = 0)
SET(shared_library, e->constants.dynamic[D_NULL].d_tag = DT_NEEDED)
SET(plt_relocs, e->constants.dynamic[D_NULL].d_tag = DT_JMPREL)
SET(relr_relocs, e->constants.dynamic[D_NULL].d_tag = DT_RELR)
SET(rela_entry_size, e->constants.dynamic[D_RELAENT].d_un.d_val = 16)
SET(rela_cut, e->constants.dynamic[D_RELASZ].d_un.d_val -= 1)
SET(rela_outside, e->constants.dynamic[D_RELA].d_un.d_val = 0x100000)
SET(rela_huge, e->constants.dynamic[D_RELASZ].d_un.d_val = UINT64_MAX / 24 * 24)
SET(glob_dat, e->constants.rela[1].r_info = R_X86_64_GLOB_DAT)
SET(reloc_outside, e->constants.rela[1].r_offset = TEXT_AT + 12)
SET(reloc_overflow, e->constants.rela[1].r_offset = UINT64_MAX)
SET(points_outside, e->constants.rela[1].r_addend = 0x5001)
SET(points_before, e->constants.rela[1].r_addend = -1)
SET(relocs_overlap, e->constants.rela[1].r_offset = DATA_AT + 4)
SET(relocs_twice, e->constants.rela[1] = e->constants.rela[0])

static const struct {
    void (*bend)(struct elf_sample *e);
    const char *message;
} refusals[] = {
    {no_magic, "no ELF magic"},
    {class_32, "expected x86-64"},
    {big_endian, "expected x86-64"},
    {other_machine, "machine 183"},
    {object_file, "linked program"},
    {odd_phentsize, "program headers of 56 bytes"},
    {headers_past_end, "past the end of the file"},
    {headers_overflow, "past the end of the file"},
    {many_headers, "past the end of the file"},
    {no_segments, "found none"},
    {entry_in_data, "entry point 0x3000"},
    {entry_high, "entry point 0x100001004"},
    {write_and_exec, "writable and executable"},
    {file_over_memory, "more bytes than memory"},
    {file_without_memory, "more bytes than memory"},
    {bytes_past_end, "than the file"},
    {offset_overflow, "than the file"},
    {address_high, "past the limit"},
    {address_overflow, "past the limit"},
    {memory_huge, "past the limit"},
    {not_aligned, "not page-aligned"},
    {over_headers, "overlaps"},
    {overlap, "overlaps"},
    {descending, "overlaps"},
    {interpreter, "program interpreter"},
    {thread_local, "thread-local"},
    {dynamic_outside, "dynamic section"},
    {no_dynamic, "not position-independent"},
    {not_pie, "not position-independent"},
    {shared_library, "shared library"},
    {plt_relocs, "not supported"},
    {relr_relocs, "not supported"},
    {rela_entry_size, "relocations of 24 bytes"},
    {rela_cut, "relocation table"},
    {rela_outside, "relocation table"},
    {rela_huge, "relocation table"},
    {glob_dat, "type 6"},
    {reloc_outside, "outside the segments"},
    {reloc_overflow, "outside the segments"},
    {points_outside, "points outside"},
    {points_before, "points outside"},
    {relocs_overlap, "overlap"},
    {relocs_twice, "overlap"},
};

static void malformed_input_is_refused_by_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct elf_sample e;
        struct result r;

        elf_sample_make(&e);
        refusals[i].bend(&e);
        r = convert(&e, sizeof(e));
        if (r.status == 0 || !strstr(r.errors, refusals[i].message))
            fail_msg("expected '%s', found status %d '%s'", refusals[i].message,
                     r.status, r.errors);
        assert_int_equal(r.pe_size, 0);
        result_free(&r);
    }
}

static void every_truncation_is_refused(void **state)
{
    struct elf_sample e;

    (void)state;
    elf_sample_make(&e);
    for (size_t size = 0; size < sizeof(e); size++) {
        struct result r = convert(&e, size);

        assert_int_equal(r.status, -1);
        assert_true(strlen(r.errors) > 0);
        result_free(&r);
    }
}

/* A file made from damaged input must still be consistent. */
static void check_pe(const struct result *r)
{
    uint32_t end = 4096;

    for (unsigned i = 0; i < file_header(r)->section_count; i++) {
        const struct pe_section_header *s = section(r, i);
        const uint32_t both = PE_SECTION_WRITE | PE_SECTION_EXECUTE;

        assert_true(s->address >= end);
        assert_true(s->characteristics == 0 ||
                    (s->characteristics & both) != both);
        assert_true(s->file_offset + s->file_size <= r->pe_size);
        end = s->address + s->memory_size;
    }
    assert_true(end <= optional_header(r)->image_size);
}

static void no_changed_byte_breaks_the_tool(void **state)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x10};
    struct elf_sample e;
    unsigned accepted = 0;

    (void)state;
    for (size_t at = 0; at < sizeof(e); at++) {
        for (unsigned i = 0; i < sizeof(changes); i++) {
            struct result r;

            elf_sample_make(&e);
            ((uint8_t *)&e)[at] ^= changes[i];
            r = convert(&e, sizeof(e));
            if (r.status == 0) {
                check_pe(&r);
                accepted++;
            }
            result_free(&r);
        }
    }
    assert_true(accepted > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_those_of_an_efi_application),
        cmocka_unit_test(each_segment_is_one_section_with_its_rights),
        cmocka_unit_test(relocations_become_dir64_blocks),
        cmocka_unit_test(addends_are_in_place_and_tables_are_gone),
        cmocka_unit_test(same_input_gives_same_bytes),
        cmocka_unit_test(program_without_relocations_has_no_reloc_section),
        cmocka_unit_test(malformed_input_is_refused_by_name),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(no_changed_byte_breaks_the_tool),
    };

    return cmocka_run_group_tests_name("elf2pe", tests, NULL, NULL);
}
