/* The parts of PE32+ that an EFI application needs. Source: [PE format],
 * Microsoft's PE/COFF specification, by section name. */
#ifndef PE_FORMAT_H
#define PE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* "MS-DOS Stub": only the magic and where the PE signature is. */
struct pe_dos_header {
    uint16_t magic; /* 'MZ' */
    uint8_t unused[58];
    uint32_t signature_offset;
};
_Static_assert(sizeof(struct pe_dos_header) == 64, "DOS header");

/* "COFF File Header", with the signature before it. */
struct pe_file_header {
    uint32_t signature; /* 'PE\0\0' */
    uint16_t machine;
    uint16_t section_count;
    uint32_t timestamp;
    uint32_t symbol_table;
    uint32_t symbol_count;
    uint16_t optional_header_size;
    uint16_t characteristics;
};
_Static_assert(sizeof(struct pe_file_header) == 24, "COFF file header");

struct pe_data_directory {
    uint32_t address;
    uint32_t size;
};

/* "Optional Header (Image Only)", PE32+. */
struct pe_optional_header {
    uint16_t magic;
    uint8_t linker_version[2];
    uint32_t code_size;
    uint32_t data_size;
    uint32_t bss_size;
    uint32_t entry;
    uint32_t code_base;
    uint64_t image_base;
    uint32_t section_alignment;
    uint32_t file_alignment;
    uint16_t versions[6]; /* system, image, subsystem: major, minor */
    uint32_t win32_version;
    uint32_t image_size;
    uint32_t headers_size;
    uint32_t checksum;
    uint16_t subsystem;
    uint16_t dll_characteristics;
    uint64_t stack_and_heap[4];
    uint32_t loader_flags;
    uint32_t directory_count;
    struct pe_data_directory directories[16];
};
_Static_assert(sizeof(struct pe_optional_header) == 240, "optional header");
_Static_assert(offsetof(struct pe_optional_header, subsystem) == 68,
               "subsystem");

/* "Section Table (Section Headers)". */
struct pe_section_header {
    char name[8];
    uint32_t memory_size;
    uint32_t address;
    uint32_t file_size;
    uint32_t file_offset;
    uint32_t unused[3];
    uint32_t characteristics;
};
_Static_assert(sizeof(struct pe_section_header) == 40, "section header");

/* "The .reloc Section": a block for each page, then its entries. */
struct pe_reloc_block {
    uint32_t page;
    uint32_t size; /* with this header, a multiple of 4 */
};

#define PE_DOS_MAGIC           0x5a4d
#define PE_SIGNATURE           0x4550
#define PE_MACHINE_X86_64      0x8664
#define PE_EXECUTABLE          0x0002
#define PE_LARGE_ADDRESS_AWARE 0x0020
#define PE_DEBUG_STRIPPED      0x0200
#define PE_MAGIC_PE32_PLUS     0x020b
#define PE_SUBSYSTEM_EFI_APP   10
#define PE_DYNAMIC_BASE        0x0040
#define PE_NX_COMPAT           0x0100
#define PE_DIRECTORY_RELOC     5
#define PE_RELOC_ABSOLUTE      0
#define PE_RELOC_DIR64         10

#define PE_SECTION_CODE        0x00000020u
#define PE_SECTION_DATA        0x00000040u
#define PE_SECTION_DISCARDABLE 0x02000000u
#define PE_SECTION_EXECUTE     0x20000000u
#define PE_SECTION_READ        0x40000000u
#define PE_SECTION_WRITE       0x80000000u

#endif
