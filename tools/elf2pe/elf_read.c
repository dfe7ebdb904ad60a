/* From the bytes of an ELF file to a checked image in memory. */
#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "elf2pe.h"

struct reader {
    const uint8_t *bytes;
    size_t size;
    FILE *errors;
    struct image *image;
    Elf64_Ehdr header;
    uint32_t dynamic, dynamic_size; /* PT_DYNAMIC, in the image */
    uint64_t rela, rela_size;       /* DT_RELA, in the image */
    bool is_pie;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct reader *r,
                                                        const char *format, ...)
{
    va_list args;

    fputs("elf2pe: ", r->errors);
    va_start(args, format);
    vfprintf(r->errors, format, args);
    va_end(args);
    fputc('\n', r->errors);
    return -1;
}

/* Do `size` bytes from `start` lie below `limit`? */
static bool fits(uint64_t start, uint64_t size, uint64_t limit)
{
    return start <= limit && size <= limit - start;
}

static int read_header(struct reader *r)
{
    Elf64_Ehdr *h = &r->header;

    if (r->size < sizeof(*h))
        return refuse(r, "expected an ELF file, found %zu bytes", r->size);
    memcpy(h, r->bytes, sizeof(*h));
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return refuse(r, "expected an ELF file, found no ELF magic");
    if (h->e_ident[EI_CLASS] != ELFCLASS64 ||
        h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_X86_64)
        return refuse(r, "expected x86-64, found class %u, data %u, machine %u",
                      h->e_ident[EI_CLASS], h->e_ident[EI_DATA], h->e_machine);
    /* ld names a PIE whose first segment is not at 0 ET_EXEC: is_pie tells. */
    if (h->e_type != ET_DYN && h->e_type != ET_EXEC)
        return refuse(r, "expected a linked program, found type %u", h->e_type);
    if (h->e_phentsize != sizeof(Elf64_Phdr))
        return refuse(r, "expected program headers of %zu bytes, found %u",
                      sizeof(Elf64_Phdr), h->e_phentsize);
    if (!fits(h->e_phoff, (uint64_t)h->e_phnum * h->e_phentsize, r->size))
        return refuse(r, "the program headers run past the end of the file");
    return 0;
}

static Elf64_Phdr program_header(const struct reader *r, unsigned i)
{
    Elf64_Phdr p;

    memcpy(&p, r->bytes + r->header.e_phoff + i * sizeof(p), sizeof(p));
    return p;
}

/* A segment's own numbers; `end` is where the one before it ended. */
static int check_segment(const struct reader *r, const Elf64_Phdr *p,
                         uint32_t end)
{
    if (r->image->segment_count == MAX_SEGMENTS)
        return refuse(r, "more than %u loadable segments", MAX_SEGMENTS);
    if (p->p_filesz > p->p_memsz || !fits(p->p_offset, p->p_filesz, r->size))
        return refuse(r,
                      "segment at 0x%" PRIx64 " has more bytes than "
                      "memory or than the file",
                      p->p_vaddr);
    if (!fits(p->p_vaddr, p->p_memsz, MAX_IMAGE_SIZE))
        return refuse(r,
                      "segment at 0x%" PRIx64 " ends past the limit of "
                      "%u MiB",
                      p->p_vaddr, MAX_IMAGE_SIZE >> 20);
    if (p->p_vaddr % PAGE_SIZE != 0)
        return refuse(r, "segment at 0x%" PRIx64 " is not page-aligned",
                      p->p_vaddr);
    if (p->p_vaddr < end)
        return refuse(r,
                      "segment at 0x%" PRIx64 " overlaps the headers or "
                      "the segment before it",
                      p->p_vaddr);
    if ((p->p_flags & PF_W) && (p->p_flags & PF_X))
        return refuse(r,
                      "segment at 0x%" PRIx64 " is writable and "
                      "executable: keep code and data apart",
                      p->p_vaddr);
    return 0;
}

static uint32_t round_up(uint32_t value, uint32_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static int add_segment(struct reader *r, const Elf64_Phdr *p)
{
    struct image *image = r->image;
    uint32_t end = image->size ? image->size : PAGE_SIZE;
    struct segment *s;

    if (p->p_memsz == 0 && p->p_filesz == 0)
        return 0;
    if (check_segment(r, p, end) < 0)
        return -1;
    s = &image->segments[image->segment_count++];
    s->address = (uint32_t)p->p_vaddr;
    s->size = (uint32_t)p->p_memsz;
    s->flags = p->p_flags;
    image->size = round_up(s->address + s->size, PAGE_SIZE);
    return 0;
}

/* First pass: where everything goes. */
static int plan_segments(struct reader *r)
{
    for (unsigned i = 0; i < r->header.e_phnum; i++) {
        Elf64_Phdr p = program_header(r, i);

        if (p.p_type == PT_LOAD && add_segment(r, &p) < 0)
            return -1;
        if (p.p_type == PT_INTERP || p.p_type == PT_TLS)
            return refuse(r, "a %s has no place in an EFI image",
                          p.p_type == PT_TLS ? "thread-local segment"
                                             : "program interpreter");
    }
    if (r->image->segment_count == 0)
        return refuse(r, "expected loadable segments, found none");
    return 0;
}

/* Is [address, address+size) inside one segment that has `flags`? */
static bool in_segment(const struct image *image, uint64_t address,
                       uint64_t size, uint32_t flags)
{
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct segment *s = &image->segments[i];

        if (address >= s->address && (s->flags & flags) == flags &&
            fits(address - s->address, size, s->size))
            return true;
    }
    return false;
}

/* Second pass: the bytes, and where PT_DYNAMIC is. */
static int fill_memory(struct reader *r)
{
    struct image *image = r->image;

    image->memory = calloc(1, image->size);
    if (!image->memory)
        return refuse(r, "no memory for an image of %u bytes", image->size);
    for (unsigned i = 0; i < r->header.e_phnum; i++) {
        Elf64_Phdr p = program_header(r, i);

        if (p.p_type == PT_LOAD && p.p_filesz != 0)
            memcpy(image->memory + p.p_vaddr, r->bytes + p.p_offset,
                   p.p_filesz);
        if (p.p_type != PT_DYNAMIC)
            continue;
        if (!in_segment(image, p.p_vaddr, p.p_memsz, 0))
            return refuse(r, "the dynamic section lies outside the segments");
        r->dynamic = (uint32_t)p.p_vaddr;
        r->dynamic_size = (uint32_t)p.p_memsz;
    }
    if (r->header.e_entry > UINT32_MAX ||
        !in_segment(image, r->header.e_entry, 1, PF_X))
        return refuse(r,
                      "the entry point 0x%" PRIx64 " is not in executable "
                      "memory",
                      r->header.e_entry);
    image->entry = (uint32_t)r->header.e_entry;
    return 0;
}

static int read_dynamic_entry(struct reader *r, const Elf64_Dyn *d)
{
    switch (d->d_tag) {
    case DT_RELA:
        r->rela = d->d_un.d_ptr;
        return 0;
    case DT_RELASZ:
        r->rela_size = d->d_un.d_val;
        return 0;
    case DT_RELAENT:
        if (d->d_un.d_val == sizeof(Elf64_Rela))
            return 0;
        return refuse(r, "expected relocations of %zu bytes, found %" PRIu64,
                      sizeof(Elf64_Rela), d->d_un.d_val);
    case DT_FLAGS_1:
        r->is_pie = d->d_un.d_val & DF_1_PIE;
        return 0;
    case DT_NEEDED:
        return refuse(r, "needs a shared library: link with -static-pie");
    case DT_REL:
    case DT_RELR:
    case DT_JMPREL:
    case DT_TEXTREL:
        return refuse(r,
                      "dynamic tag 0x%" PRIx64 " is a kind of relocation "
                      "that is not supported (only DT_RELA is)",
                      d->d_tag);
    default:
        return 0;
    }
}

static int read_dynamic(struct reader *r)
{
    for (uint32_t at = 0; at + sizeof(Elf64_Dyn) <= r->dynamic_size;
         at += sizeof(Elf64_Dyn)) {
        Elf64_Dyn d;

        memcpy(&d, r->image->memory + r->dynamic + at, sizeof(d));
        if (d.d_tag == DT_NULL)
            break;
        if (read_dynamic_entry(r, &d) < 0)
            return -1;
    }
    if (!r->is_pie)
        return refuse(r, "not position-independent: link with -static-pie");
    if (r->rela_size == 0)
        return 0;
    if (r->rela_size % sizeof(Elf64_Rela) != 0 ||
        !in_segment(r->image, r->rela, r->rela_size, 0))
        return refuse(r, "the relocation table is cut or outside the segments");
    return 0;
}

static int check_reloc(const struct reader *r, const Elf64_Rela *rela)
{
    if (ELF64_R_TYPE(rela->r_info) != R_X86_64_RELATIVE)
        return refuse(r,
                      "relocation of type %" PRIu64 " at 0x%" PRIx64
                      " (only R_X86_64_RELATIVE can be turned into PE; is "
                      "a symbol not hidden?)",
                      ELF64_R_TYPE(rela->r_info), rela->r_offset);
    if (!in_segment(r->image, rela->r_offset, 8, 0))
        return refuse(r, "relocation at 0x%" PRIx64 " is outside the segments",
                      rela->r_offset);
    if (rela->r_addend < 0 || rela->r_addend > r->image->size)
        return refuse(r,
                      "relocation at 0x%" PRIx64 " points outside the image "
                      "(0x%" PRIx64 ")",
                      rela->r_offset, rela->r_addend);
    return 0;
}

static int by_address(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static int check_order(const struct reader *r)
{
    const struct image *image = r->image;

    for (uint32_t i = 1; i < image->reloc_count; i++)
        if (image->relocs[i] - image->relocs[i - 1] < 8)
            return refuse(r, "relocations at 0x%x and 0x%x overlap",
                          image->relocs[i - 1], image->relocs[i]);
    return 0;
}

/* Checks every relocation, notes where it is and writes its addend there. */
static int apply_relocs(struct reader *r, const Elf64_Rela *table,
                        uint32_t count)
{
    struct image *image = r->image;

    for (uint32_t i = 0; i < count; i++) {
        if (check_reloc(r, &table[i]) < 0)
            return -1;
        image->relocs[i] = (uint32_t)table[i].r_offset;
        memcpy(image->memory + table[i].r_offset, &table[i].r_addend, 8);
    }
    image->reloc_count = count;
    qsort(image->relocs, count, sizeof(*image->relocs), by_address);
    return check_order(r);
}

/*
 * The tables are wiped in the image: the firmware relocates by the PE's own,
 * and a tail of zeros costs nothing in the file.
 */
static int read_relocs(struct reader *r)
{
    struct image *image = r->image;
    uint32_t count = (uint32_t)(r->rela_size / sizeof(Elf64_Rela));
    Elf64_Rela *table = calloc(count + 1u, sizeof(*table));
    int status = -1;

    image->relocs = calloc(count + 1u, sizeof(*image->relocs));
    if (!image->relocs || !table) {
        refuse(r, "no memory for %u relocations", count);
        goto out;
    }
    if (count != 0) {
        memcpy(table, image->memory + r->rela, r->rela_size);
        memset(image->memory + r->rela, 0, r->rela_size);
    }
    memset(image->memory + r->dynamic, 0, r->dynamic_size);
    status = apply_relocs(r, table, count);
out:
    free(table);
    return status;
}

int elf_read(const uint8_t *elf, size_t size, struct image *image, FILE *errors)
{
    struct reader r = {
        .bytes = elf, .size = size, .errors = errors, .image = image};

    memset(image, 0, sizeof(*image));
    if (read_header(&r) < 0 || plan_segments(&r) < 0 || fill_memory(&r) < 0 ||
        read_dynamic(&r) < 0 || read_relocs(&r) < 0) {
        image_free(image);
        return -1;
    }
    return 0;
}

void image_free(struct image *image)
{
    free(image->memory);
    free(image->relocs);
    memset(image, 0, sizeof(*image));
}
