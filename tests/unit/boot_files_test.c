/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of boot/efi/files.c: what is read from a volume, and what a volume that
 * tells lies can do. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot_start.h"
#include "fake_firmware.h"

#define ROOT   "\\EFI\\vmbare"
#define FOLDER EFI_FILE_DIRECTORY
#define TABLE  ((BOOT_FILES_MAX * sizeof(struct boot_file) + 4095) / 4096)

/* Adds a file, or with entries a folder. */
static struct fake_file *put(const char *path, const void *bytes, UINTN size)
{
    struct fake_file *file = &firmware.file[firmware.files++];

    file->path = path;
    file->bytes = bytes;
    file->size = size;
    return file;
}

static struct fake_file *
put_folder(const char *path, const struct fake_entry *entry, unsigned entries)
{
    struct fake_file *file = put(path, NULL, 0);

    file->entry = entry;
    file->entries = entries;
    return file;
}

/* Starts an image that opens files; every handle is closed afterwards. */
static const struct boot_files *start(void)
{
    wants_files = true;
    assert_int_equal(boot(), 0);
    assert_int_equal(firmware.opened, firmware.closed);
    return &info.files;
}

/* What stays for ever on a machine. */
static void forget(void)
{
    for (uint32_t i = 0; i < info.files.count; i++)
        free((void *)(uintptr_t)info.files.file[i].bytes);
    free(info.files.file);
    info.files.file = NULL;
    info.files.count = 0;
}

static void is_file(uint32_t index, const char *path, uint64_t size,
                    enum boot_file_state state)
{
    const struct boot_file *f = &info.files.file[index];

    assert_true(index < info.files.count);
    assert_string_equal(f->path, path);
    assert_int_equal(f->size, size);
    assert_int_equal(f->state, state);
    if (state != BOOT_FILE_READ)
        assert_null(f->bytes);
}

static void files_and_those_in_folders_are_read(void **state)
{
    static const struct fake_entry inner[] = {{L".", 0, FOLDER},
                                              {L"..", 0, FOLDER},
                                              {L"Deep", 0, FOLDER},
                                              {L".x", 1, 0}};
    static const struct fake_entry deep[] = {{L"B.BIN", 5, 0}};
    static const struct fake_entry root[] = {
        {L"a.txt", 3, 0}, {L"maps", 0, FOLDER}, {L"nothing", 0, 0}};

    (void)state;
    fake_firmware_reset();
    put_folder(ROOT, root, 3);
    put_folder(ROOT "\\maps", inner, 4);
    put_folder(ROOT "\\maps\\Deep", deep, 1);
    put(ROOT "\\a.txt", "abc", 3);
    put(ROOT "\\nothing", "", 0);
    put(ROOT "\\maps\\.x", "x", 1);
    put(ROOT "\\maps\\Deep\\B.BIN", "12345", 5)->piece = 2;
    assert_int_equal(start()->count, 4);
    is_file(0, "a.txt", 3, BOOT_FILE_READ);
    is_file(1, "maps/Deep/B.BIN", 5, BOOT_FILE_READ);
    is_file(2, "maps/.x", 1, BOOT_FILE_READ);
    is_file(3, "nothing", 0, BOOT_FILE_READ);
    assert_memory_equal(info.files.file[0].bytes, "abc", 3);
    assert_memory_equal(info.files.file[1].bytes, "12345", 5);
    assert_false(info.files.more);
    forget();
}

static void an_image_that_opens_no_files_reads_none(void **state)
{
    static const struct fake_entry root[] = {{L"a.txt", 3, 0}};
    unsigned opened;

    (void)state;
    fake_firmware_reset();
    wants_files = false;
    assert_int_equal(boot(), 0);
    opened = firmware.opened;
    fake_firmware_reset();
    put_folder(ROOT, root, 1);
    put(ROOT "\\a.txt", "abc", 3);
    assert_int_equal(boot(), 0);
    assert_int_equal(firmware.opened, opened);
    assert_null(info.files.file);
    fake_firmware_reset(); /* one that would, and there is no such folder */
    assert_int_equal(start()->count, 0);
    assert_null(info.files.file);
    fake_firmware_reset();
    firmware.image.DeviceHandle = NULL;
    assert_int_equal(start()->count, 0);
}

static void files_past_16_mib_together_are_left_out(void **state)
{
    static const struct fake_entry root[] = {{L"a", 10, 0},
                                             {L"b", BOOT_FILES_BYTES - 9, 0},
                                             {L"c", UINT64_MAX, 0},
                                             {L"d", BOOT_FILES_BYTES - 10, 0},
                                             {L"e", 1, 0}};
    char *zeros = calloc(1, BOOT_FILES_BYTES);

    (void)state;
    fake_firmware_reset();
    put_folder(ROOT, root, 5);
    put(ROOT "\\a", zeros, 10);
    put(ROOT "\\d", zeros, BOOT_FILES_BYTES - 10);
    assert_int_equal(start()->count, 5);
    is_file(0, "a", 10, BOOT_FILE_READ);
    is_file(1, "b", BOOT_FILES_BYTES - 9, BOOT_FILE_NO_ROOM);
    is_file(2, "c", UINT64_MAX, BOOT_FILE_NO_ROOM);
    is_file(3, "d", BOOT_FILES_BYTES - 10, BOOT_FILE_READ);
    is_file(4, "e", 1, BOOT_FILE_NO_ROOM);
    forget();
    free(zeros);
}

static void without_memory_files_are_left_out(void **state)
{
    static const struct fake_entry root[] = {{L"a", 4096 * 20, 0},
                                             {L"b", 1, 0}};

    (void)state;
    fake_firmware_reset();
    put_folder(ROOT, root, 2);
    put(ROOT "\\b", "b", 1);
    firmware.memory = TABLE;
    assert_int_equal(start()->count, 2);
    is_file(0, "a", 4096 * 20, BOOT_FILE_NO_MEMORY);
    is_file(1, "b", 1, BOOT_FILE_READ);
    forget();
    fake_firmware_reset();
    put_folder(ROOT, root, 2);
    firmware.memory = TABLE - 1;
    assert_int_equal(start()->count, 0);
    assert_true(info.files.more);
}

static void files_that_cannot_be_read_whole_are_left_out(void **state)
{
    static const struct fake_entry root[] = {{L"absent", 3, 0},
                                             {L"broken", 3, 0},
                                             {L"short", 3, 0},
                                             {L"claims", 3, 0},
                                             {L"good", 3, 0}};

    (void)state;
    fake_firmware_reset();
    put_folder(ROOT, root, 5);
    put(ROOT "\\broken", "abc", 3)->status = EFI_DEVICE_ERROR;
    put(ROOT "\\short", "ab", 2);
    put(ROOT "\\claims", "abc", 3)->claims = 4;
    put(ROOT "\\good", "abc", 3);
    assert_int_equal(start()->count, 5);
    is_file(0, "absent", 3, BOOT_FILE_UNREADABLE);
    is_file(1, "broken", 3, BOOT_FILE_UNREADABLE);
    is_file(2, "short", 3, BOOT_FILE_UNREADABLE);
    is_file(3, "claims", 3, BOOT_FILE_UNREADABLE);
    is_file(4, "good", 3, BOOT_FILE_READ);
    forget();
}

static void names_that_cannot_be_typed_are_left_out(void **state)
{
    static CHAR16 long_name[BOOT_PATH_SIZE + 1];
    const struct fake_entry root[] = {{L"f\u00fcr", 1, 0},
                                      {long_name, 1, 0},
                                      {long_name + 1, 1, 0},
                                      {L"\u00fc", 0, FOLDER},
                                      {L"tab\there", 1, 0}};

    (void)state;
    for (unsigned i = 0; i < BOOT_PATH_SIZE - 1; i++)
        long_name[i] = 'a';
    fake_firmware_reset();
    put_folder(ROOT, root, 5);
    assert_int_equal(start()->count, 5);
    is_file(0, "f?r", 1, BOOT_FILE_BAD_NAME);
    assert_int_equal(info.files.file[1].state, BOOT_FILE_BAD_NAME);
    assert_int_equal(strlen(info.files.file[1].path), BOOT_PATH_SIZE - 1);
    /* One character fewer fits; that file is only not there. */
    assert_int_equal(info.files.file[2].state, BOOT_FILE_UNREADABLE);
    is_file(3, "?", 0, BOOT_FILE_BAD_NAME);
    is_file(4, "tab?here", 1, BOOT_FILE_BAD_NAME);
    forget();
}

static void entries_without_end_have_one_here(void **state)
{
    static const struct fake_entry file[] = {{L"a", 0, 0}};
    static const struct fake_entry dots[] = {{L"..", 0, FOLDER}};

    (void)state;
    fake_firmware_reset();
    put_folder(ROOT, file, 1)->endless = true;
    put(ROOT "\\a", "", 0);
    assert_int_equal(start()->count, BOOT_FILES_MAX);
    assert_true(info.files.more);
    forget();
    fake_firmware_reset();
    put_folder(ROOT, dots, 1)->endless = true;
    assert_int_equal(start()->count, 0);
    assert_true(info.files.more);
    forget();
}

/* A damaged volume: each folder contains one of the same name. */
static void folders_without_end_have_one_here(void **state)
{
    static const struct fake_entry root[] = {{L"d", 0, FOLDER}};
    static char paths[BOOT_PATH_SIZE][sizeof(ROOT) + 2 * BOOT_PATH_SIZE];

    (void)state;
    fake_firmware_reset();
    memcpy(paths[0], ROOT, sizeof(ROOT));
    for (unsigned i = 0; i < BOOT_PATH_SIZE; i++) {
        if (i > 0)
            snprintf(paths[i], sizeof(paths[i]), "%s\\d", paths[i - 1]);
        put_folder(paths[i], root, 1);
    }
    assert_int_equal(start()->count, 1);
    assert_int_equal(info.files.file[0].state, BOOT_FILE_BAD_NAME);
    forget();
}

static void a_folder_that_lies_about_its_entries_is_left(void **state)
{
    static const struct fake_entry root[] = {{L"abc", 1, 0}};
    static const UINTN claims[] = {1, offsetof(EFI_FILE_INFO, FileName),
                                   1 << 20};

    (void)state;
    for (unsigned i = 0; i < COUNT(claims); i++) {
        fake_firmware_reset();
        put_folder(ROOT, root, 1)->claims = claims[i];
        assert_int_equal(start()->count, 0);
        assert_true(info.files.more);
        forget();
    }
    fake_firmware_reset(); /* the name has no end where the entry has */
    put_folder(ROOT, root, 1)->claims = offsetof(EFI_FILE_INFO, FileName) + 4;
    assert_int_equal(start()->count, 1);
    forget();
    fake_firmware_reset();
    put_folder(ROOT, root, 1)->status = EFI_DEVICE_ERROR;
    assert_int_equal(start()->count, 0);
    assert_true(info.files.more);
    forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_those_in_folders_are_read),
        cmocka_unit_test(an_image_that_opens_no_files_reads_none),
        cmocka_unit_test(files_past_16_mib_together_are_left_out),
        cmocka_unit_test(without_memory_files_are_left_out),
        cmocka_unit_test(files_that_cannot_be_read_whole_are_left_out),
        cmocka_unit_test(names_that_cannot_be_typed_are_left_out),
        cmocka_unit_test(entries_without_end_have_one_here),
        cmocka_unit_test(folders_without_end_have_one_here),
        cmocka_unit_test(a_folder_that_lies_about_its_entries_is_left),
    };

    return cmocka_run_group_tests_name("boot files", tests, NULL, NULL);
}
