/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of elf2pe. The input is the ELF file, which the tool must refuse with
 * one line or turn into a PE file that keeps the rules of its format.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/elf2pe/elf2pe.h"
#include "tools/elf2pe/pe_format.h"

#define MUST(condition)   \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

static void check_section(const struct pe_section_header *s, uint32_t *end,
                          size_t file_size)
{
    const uint32_t both = PE_SECTION_WRITE | PE_SECTION_EXECUTE;

    MUST(s->address >= *end && s->address % PAGE_SIZE == 0);
    MUST((s->characteristics & both) != both);
    MUST(s->file_offset % 512 == 0 && s->file_size % 512 == 0);
    MUST(s->file_offset + s->file_size <= file_size);
    *end = s->address + s->memory_size;
}

static void check_pe(const char *pe, size_t size)
{
    struct pe_file_header file;
    struct pe_optional_header optional;
    const char *at = pe + sizeof(struct pe_dos_header);
    uint32_t end = PAGE_SIZE;

    MUST(size >= 512 && size % 512 == 0);
    memcpy(&file, at, sizeof(file));
    memcpy(&optional, at + sizeof(file), sizeof(optional));
    at += sizeof(file) + sizeof(optional);
    MUST(optional.dll_characteristics & PE_NX_COMPAT);
    MUST(optional.image_size % PAGE_SIZE == 0);
    for (unsigned i = 0; i < file.section_count; i++) {
        struct pe_section_header section;

        memcpy(&section, at + i * sizeof(section), sizeof(section));
        check_section(&section, &end, size);
    }
    MUST(end <= optional.image_size && optional.entry < end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *pe = NULL, *message = NULL;
    size_t pe_size, message_size;
    FILE *errors = open_memstream(&message, &message_size);
    FILE *out = open_memstream(&pe, &pe_size);
    struct image image;
    int status = elf_read(data, size, &image, errors);

    if (status == 0) {
        MUST(pe_write(&image, out, errors) == 0);
        image_free(&image);
    }
    fclose(out);
    fclose(errors);
    if (status == 0)
        check_pe(pe, pe_size);
    else
        MUST(message_size > 0 &&
             strchr(message, '\n') == message + message_size - 1);
    free(pe);
    free(message);
    return 0;
}
