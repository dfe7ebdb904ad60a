/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of \EFI\vmbare\, for the application's fopen(). They are read while
 * the firmware can still do it, into memory that stays. [UEFI 13.5]
 *
 * What the volume says is input from outside: a damaged one may list folders
 * that contain themselves, sizes that are not true, or entries without end.
 */
#include "boot/efi/boot.h"

#include <stddef.h>

#include "arch/libc/files.h"

#define PAGE UINT64_C(4096)
/* Files and folders that are looked at, of a volume that may have no end. */
#define ENTRIES_MAX 1024
/* Of a folder's entry, before its name; the whole: a name of FAT has at most
 * 255 characters. */
#define ENTRY_HEAD  offsetof(EFI_FILE_INFO, FileName)
#define ENTRY_BYTES (ENTRY_HEAD + 256 * sizeof(CHAR16))

/* What one call of boot_read_files() goes on with. */
struct reading {
    struct boot_info *info;
    EFI_BOOT_SERVICES *bs;
    struct boot_files *files;
    unsigned entries;
    uint64_t bytes;            /* of the files that were read */
    char path[BOOT_PATH_SIZE]; /* of the folder, with a '/' behind it */
    uint32_t length;           /* of that */
    EFI_FILE_INFO *entry;      /* room of ENTRY_BYTES */
};

/* Memory that the map calls ours afterwards: it is mapped, and never handed
 * out. NULL: the firmware has none. */
static void *allocate(struct reading *r, uint64_t bytes)
{
    EFI_PHYSICAL_ADDRESS at;

    if (EFI_ERROR(BOOT_FIRMWARE(
            r->info, r->bs->AllocatePages(AllocateAnyPages, EfiLoaderData,
                                          (bytes + PAGE - 1) / PAGE, &at))))
        return NULL;
    return (void *)(UINTN)at;
}

/* Gives back what a file that cannot be read would have needed. */
static void release(struct reading *r, void *memory, uint64_t bytes)
{
    BOOT_FIRMWARE(r->info, r->bs->FreePages((EFI_PHYSICAL_ADDRESS)(UINTN)memory,
                                            (bytes + PAGE - 1) / PAGE));
}

/* All of it, in as many pieces as the firmware likes. */
static bool read_bytes(struct reading *r, EFI_FILE_HANDLE file, uint8_t *to,
                       uint64_t size)
{
    while (size > 0) {
        UINTN part = size;

        /* What was read is the firmware's word, so it is checked. */
        if (EFI_ERROR(BOOT_FIRMWARE(r->info, file->Read(file, &part, to))) ||
            part == 0 || part > size)
            return false;
        to += part;
        size -= part;
    }
    return true;
}

/* Reads the file that the entry is of, if there is room, and says what came of
 * it. Only what was read whole counts as read. */
static enum boot_file_state read_file(struct reading *r, EFI_FILE_HANDLE folder,
                                      struct boot_file *f)
{
    EFI_FILE_HANDLE file;
    uint8_t *bytes = NULL;
    bool is_read;

    /* The size is not believed further than this. */
    if (f->size > BOOT_FILES_BYTES - r->bytes)
        return BOOT_FILE_NO_ROOM;
    if (f->size > 0 && !(bytes = allocate(r, f->size)))
        return BOOT_FILE_NO_MEMORY;
    /* An empty file is opened, too: what is listed must be there. */
    is_read = !EFI_ERROR(
        BOOT_FIRMWARE(r->info, folder->Open(folder, &file, r->entry->FileName,
                                            EFI_FILE_MODE_READ, 0)));
    if (is_read) {
        is_read = read_bytes(r, file, bytes, f->size);
        BOOT_FIRMWARE(r->info, file->Close(file));
    }
    if (!is_read) {
        if (bytes)
            release(r, bytes, f->size);
        return BOOT_FILE_UNREADABLE;
    }
    f->bytes = bytes;
    r->bytes += f->size;
    return BOOT_FILE_READ;
}

/* Puts the entry's name behind the folder's path. False: it is not ASCII, or
 * has no room with one character more. */
static bool add_name(struct reading *r)
{
    const CHAR16 *name = r->entry->FileName;
    uint32_t room = BOOT_PATH_SIZE - r->length, n = 0;
    bool is_good = true;

    boot_copy_ascii(r->path + r->length, room, name, room);
    for (; n + 2 < room && name[n]; n++)
        is_good = is_good && name[n] >= 0x20 && name[n] < 0x7f;
    return is_good && !name[n];
}

/* Takes back the name that was put there last. */
static void drop_name(struct reading *r, uint32_t length)
{
    r->length = length;
    r->path[length] = '\0';
}

/* Lists a file with what came of reading it. */
static void take_file(struct reading *r, EFI_FILE_HANDLE folder, bool is_good)
{
    struct boot_file *f;

    if (r->files->count == BOOT_FILES_MAX) {
        r->files->more = true;
        return;
    }
    f = &r->files->file[r->files->count++];
    __builtin_memset(f, 0, sizeof(*f));
    __builtin_memcpy(f->path, r->path, sizeof(f->path));
    f->size = r->entry->FileSize;
    f->state = is_good ? read_file(r, folder, f) : BOOT_FILE_BAD_NAME;
}

static void read_folder(struct reading *r, EFI_FILE_HANDLE folder);

/* The path gets longer with each folder, so there is an end of them. */
static void take_folder(struct reading *r, EFI_FILE_HANDLE folder)
{
    EFI_FILE_HANDLE inner;

    if (EFI_ERROR(BOOT_FIRMWARE(r->info,
                                folder->Open(folder, &inner, r->entry->FileName,
                                             EFI_FILE_MODE_READ, 0)))) {
        r->files->more = true;
        return;
    }
    /* The name is behind the path already; what is inside comes behind it. */
    while (r->path[r->length])
        r->length++;
    r->path[r->length++] = '/';
    r->path[r->length] = '\0';
    read_folder(r, inner);
    BOOT_FIRMWARE(r->info, inner->Close(inner));
}

/* "." and "..", which a folder of FAT lists. */
static bool is_dots(const CHAR16 *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Reads the next entry of a folder. False: there are no more, or none that can
 * be read. */
static bool next_entry(struct reading *r, EFI_FILE_HANDLE folder)
{
    UINTN size = ENTRY_BYTES;
    EFI_STATUS status =
        BOOT_FIRMWARE(r->info, folder->Read(folder, &size, r->entry));

    /* The end of a folder has no bytes. */
    if (!EFI_ERROR(status) && size == 0)
        return false;
    /* Without a sound entry nothing says where the next one is. */
    if (EFI_ERROR(status) || size <= ENTRY_HEAD || size > ENTRY_BYTES ||
        ++r->entries > ENTRIES_MAX) {
        r->files->more = true;
        return false;
    }
    /* The name ends where the entry does, or before. */
    r->entry->FileName[(size - ENTRY_HEAD) / sizeof(CHAR16) - 1] = 0;
    return true;
}

/* In the order of the volume. A firmware that lists an entry for ever is left
 * after ENTRIES_MAX of them. */
static void read_folder(struct reading *r, EFI_FILE_HANDLE folder)
{
    uint32_t length = r->length;

    while (next_entry(r, folder)) {
        bool is_good;

        if (is_dots(r->entry->FileName))
            continue;
        is_good = add_name(r);
        /* A folder whose name cannot be told is listed as one file. */
        if (is_good && (r->entry->Attribute & EFI_FILE_DIRECTORY))
            take_folder(r, folder);
        else
            take_file(r, folder, is_good);
        drop_name(r, length);
    }
}

/* A volume without the folder costs one call of the firmware, an image that
 * opens no files none. */
void boot_read_files(struct boot_info *info, EFI_BOOT_SERVICES *bs,
                     EFI_FILE_HANDLE root)
{
    static uint64_t entry[(ENTRY_BYTES + 7) / 8];
    static struct reading r;
    EFI_FILE_HANDLE folder;

    if (!root || !files_wanted() ||
        EFI_ERROR(
            BOOT_FIRMWARE(info, root->Open(root, &folder, L"\\EFI\\vmbare",
                                           EFI_FILE_MODE_READ, 0))))
        return;
    r = (struct reading){.info = info, .bs = bs, .files = &info->files};
    r.entry = (EFI_FILE_INFO *)(void *)entry;
    info->files.file = allocate(&r, BOOT_FILES_MAX * sizeof(struct boot_file));
    if (info->files.file)
        read_folder(&r, folder);
    else
        info->files.more = true;
    BOOT_FIRMWARE(info, folder->Close(folder));
}
