/* From an image in memory to a PE32+ file. Nothing in the file depends on
 * the time or place of the build. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf2pe.h"
#include "pe_format.h"

#define FILE_ALIGNMENT 512u

struct writer {
    const struct image *image;
    FILE *out;
    uint8_t *relocs;
    uint32_t relocs_size;
    uint32_t section_count;
    struct pe_section_header sections[MAX_SEGMENTS + 1];
    uint32_t headers_size;
    uint32_t file_size; /* so far */
};

static uint32_t round_up(uint32_t value, uint32_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* Opens a block for `page`; its size grows with each entry. */
static struct pe_reloc_block *open_block(struct writer *w, uint32_t page)
{
    struct pe_reloc_block *block = (void *)(w->relocs + w->relocs_size);

    block->page = page;
    block->size = sizeof(*block);
    w->relocs_size += sizeof(*block);
    return block;
}

static void add_entry(struct writer *w, struct pe_reloc_block *block,
                      uint16_t type, uint32_t address)
{
    uint16_t entry = (uint16_t)(type << 12 | address % PAGE_SIZE);

    memcpy(w->relocs + w->relocs_size, &entry, sizeof(entry));
    w->relocs_size += sizeof(entry);
    block->size += sizeof(entry);
}

/* A block's size is a multiple of 4: a last odd entry gets a neighbour. */
static void close_block(struct writer *w, struct pe_reloc_block *block)
{
    if (block->size % 4 != 0)
        add_entry(w, block, PE_RELOC_ABSOLUTE, 0);
}

static int build_relocs(struct writer *w)
{
    const struct image *image = w->image;
    struct pe_reloc_block *block = NULL;

    /* At worst each relocation has a block of its own: 12 bytes. */
    w->relocs = calloc(image->reloc_count + 1, 12);
    if (!w->relocs)
        return -1;
    for (uint32_t i = 0; i < image->reloc_count; i++) {
        uint32_t page = image->relocs[i] / PAGE_SIZE * PAGE_SIZE;

        if (block && block->page != page) {
            close_block(w, block);
            block = NULL;
        }
        if (!block)
            block = open_block(w, page);
        add_entry(w, block, PE_RELOC_DIR64, image->relocs[i]);
    }
    if (block)
        close_block(w, block);
    return 0;
}

static struct pe_section_header *add_section(struct writer *w, const char *name,
                                             uint32_t address,
                                             uint32_t memory_size,
                                             uint32_t file_size)
{
    struct pe_section_header *s = &w->sections[w->section_count++];

    memcpy(s->name, name, strlen(name));
    s->address = address;
    s->memory_size = memory_size;
    s->file_size = round_up(file_size, FILE_ALIGNMENT);
    s->file_offset = file_size ? w->file_size : 0;
    w->file_size += s->file_size;
    return s;
}

/* How much of a segment must be stored: all but its tail of zeros. */
static uint32_t stored_size(const struct writer *w, const struct segment *s)
{
    uint32_t size = s->size;

    while (size > 0 && w->image->memory[s->address + size - 1] == 0)
        size--;
    return size;
}

static void add_segment(struct writer *w, const struct segment *s)
{
    struct pe_section_header *h;
    const char *name = ".rdata";
    uint32_t rights = PE_SECTION_READ | PE_SECTION_DATA;

    if (s->flags & PF_W) {
        name = ".data";
        rights |= PE_SECTION_WRITE;
    }
    if (s->flags & PF_X) {
        name = ".text";
        rights = PE_SECTION_READ | PE_SECTION_EXECUTE | PE_SECTION_CODE;
    }
    h = add_section(w, name, s->address, s->size, stored_size(w, s));
    h->characteristics = rights;
}

static void plan_file(struct writer *w)
{
    const struct image *image = w->image;
    struct pe_section_header *h;

    w->headers_size = round_up(
        (uint32_t)(sizeof(struct pe_dos_header) +
                   sizeof(struct pe_file_header) +
                   sizeof(struct pe_optional_header) +
                   (image->segment_count + 1) * sizeof(w->sections[0])),
        FILE_ALIGNMENT);
    w->file_size = w->headers_size;
    for (unsigned i = 0; i < image->segment_count; i++)
        add_segment(w, &image->segments[i]);
    if (w->relocs_size == 0)
        return;
    h = add_section(w, ".reloc", image->size, w->relocs_size, w->relocs_size);
    h->characteristics =
        PE_SECTION_READ | PE_SECTION_DATA | PE_SECTION_DISCARDABLE;
}

static void fill_optional_header(const struct writer *w,
                                 struct pe_optional_header *o)
{
    const struct image *image = w->image;

    o->magic = PE_MAGIC_PE32_PLUS;
    o->entry = image->entry;
    o->code_base = image->segments[0].address;
    o->section_alignment = PAGE_SIZE;
    o->file_alignment = FILE_ALIGNMENT;
    o->image_size = image->size + round_up(w->relocs_size, PAGE_SIZE);
    o->headers_size = w->headers_size;
    o->subsystem = PE_SUBSYSTEM_EFI_APP;
    o->dll_characteristics = PE_NX_COMPAT | PE_DYNAMIC_BASE;
    o->directory_count = 16;
    if (w->relocs_size != 0) {
        o->directories[PE_DIRECTORY_RELOC].address = image->size;
        o->directories[PE_DIRECTORY_RELOC].size = w->relocs_size;
    }
    for (unsigned i = 0; i < w->section_count; i++) {
        const struct pe_section_header *s = &w->sections[i];

        if (s->characteristics & PE_SECTION_CODE)
            o->code_size += s->file_size;
        else
            o->data_size += s->file_size;
    }
}

static void put(struct writer *w, const void *bytes, uint32_t size,
                uint32_t padded)
{
    fwrite(bytes, 1, size, w->out);
    for (uint32_t i = size; i < padded; i++)
        fputc(0, w->out);
}

static void put_headers(struct writer *w)
{
    struct pe_dos_header dos = {.magic = PE_DOS_MAGIC,
                                .signature_offset = sizeof(dos)};
    struct pe_optional_header optional = {0};
    struct pe_file_header file = {.signature = PE_SIGNATURE,
                                  .machine = PE_MACHINE_X86_64,
                                  .section_count = (uint16_t)w->section_count,
                                  .optional_header_size = sizeof(optional),
                                  .characteristics = PE_EXECUTABLE |
                                                     PE_LARGE_ADDRESS_AWARE |
                                                     PE_DEBUG_STRIPPED};

    fill_optional_header(w, &optional);
    put(w, &dos, sizeof(dos), 0);
    put(w, &file, sizeof(file), 0);
    put(w, &optional, sizeof(optional), 0);
    put(w, w->sections, w->section_count * sizeof(w->sections[0]),
        w->headers_size - sizeof(dos) - sizeof(file) - sizeof(optional));
}

int pe_write(const struct image *image, FILE *out, FILE *errors)
{
    struct writer w = {.image = image, .out = out};

    if (build_relocs(&w) < 0) {
        fprintf(errors, "elf2pe: no memory for %u relocations\n",
                image->reloc_count);
        return -1;
    }
    plan_file(&w);
    put_headers(&w);
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct segment *s = &image->segments[i];

        put(&w, image->memory + s->address, stored_size(&w, s),
            w.sections[i].file_size);
    }
    if (w.relocs_size != 0)
        put(&w, w.relocs, w.relocs_size,
            w.sections[w.section_count - 1].file_size);
    free(w.relocs);
    if (fflush(out) != 0 || ferror(out)) {
        fprintf(errors, "elf2pe: cannot write the PE file\n");
        return -1;
    }
    return 0;
}
