/*
 * Turns a static-PIE ELF into a PE32+ EFI application: elf_read() checks the
 * ELF and lays it out as it will be in memory, pe_write() writes that as PE.
 * Neither trusts a byte of the input.
 */
#ifndef ELF2PE_H
#define ELF2PE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PAGE_SIZE      4096u
#define MAX_SEGMENTS   8u
#define MAX_IMAGE_SIZE (64u << 20)

/* One PT_LOAD. `address` counts from the image base, whole pages. */
struct segment {
    uint32_t address;
    uint32_t size;  /* in memory, not rounded */
    uint32_t flags; /* PF_R, PF_W, PF_X */
};

struct image {
    struct segment segments[MAX_SEGMENTS];
    unsigned segment_count;
    uint32_t entry;
    uint32_t size;        /* whole pages */
    uint8_t *memory;      /* `size` bytes: what the loader leaves in memory */
    uint32_t *relocs;     /* ascending addresses of 64-bit pointers */
    uint32_t reloc_count; /* each points into the image */
};

/*
 * Reads the `size` bytes at `elf` into `image`. 0: done, image_free() is the
 * caller's. -1: refused, or no memory; the reason went to `errors` as one
 * line, and there is nothing to free.
 */
int elf_read(const uint8_t *elf, size_t size, struct image *image,
             FILE *errors);

void image_free(struct image *image);

/* Writes `image` to `out`. 0, or -1 with one line in `errors`. */
int pe_write(const struct image *image, FILE *out, FILE *errors);

#endif
