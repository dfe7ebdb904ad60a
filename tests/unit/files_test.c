/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of newlib's files: paths, numbers, positions, and what is refused. They
 * are compiled under other names, because this program has its own libc. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "arch/console/log.h"
#include "arch/cpu/irql.h"
#include "arch/libc/files.h"
#include "arch/libc/input.h"
#include "arch/libc/io.h"

int guest_open(const char *path, int flags, ...);
int guest_stat(const char *path, struct stat *status);
int guest_unlink(const char *path);
int guest_link(const char *from, const char *to);
ssize_t guest_read(int file, void *bytes, size_t size);
int guest_close(int file);
off_t guest_lseek(int file, off_t offset, int whence);
int guest_fstat(int file, struct stat *status);
int guest_isatty(int file);

/* Asserts that a call fails with this errno. */
#define fails(error, call)              \
    do {                                \
        errno = 0;                      \
        assert_int_equal(call, -1);     \
        assert_int_equal(errno, error); \
    } while (0)

/* ---- what stands around them --------------------------------------------- */

static bool locked;

uint8_t spin_lock(struct spinlock *lock)
{
    assert_int_equal(lock->taken, 0);
    lock->taken = 1;
    locked = true;
    return IRQL_PASSIVE;
}

void spin_unlock(struct spinlock *lock, uint8_t irql)
{
    assert_int_equal(irql, IRQL_PASSIVE);
    lock->taken = 0;
    locked = false;
}

static char logged[2048];

void log_printf(enum log_level level, const char *format, ...)
{
    va_list arguments;
    size_t at = strlen(logged);

    (void)level;
    va_start(arguments, format);
    vsnprintf(logged + at, sizeof(logged) - at, format, arguments);
    va_end(arguments);
}

void log_write(const char *text, size_t length)
{
    (void)text;
    (void)length;
}

int input_read(char *out, size_t size)
{
    (void)size;
    out[0] = 'k';
    return 1;
}

/* The linker's two ends of the row of users: this program has one. */
extern struct files_user vmb_files_start[], vmb_files_end[];

static const uint8_t bytes[] = "0123456789";
static struct boot_file list[] = {
    {"a.txt", bytes, 10, BOOT_FILE_READ},
    {"Folder/Inner.TXT", bytes + 1, 3, BOOT_FILE_READ},
    {"folder/deep/x", NULL, 0, BOOT_FILE_READ},
    {"large", NULL, 99, BOOT_FILE_NO_ROOM},
    {"lost", NULL, 7, BOOT_FILE_UNREADABLE},
    {"no-memory", NULL, 8, BOOT_FILE_NO_MEMORY},
    {"b?d", NULL, 9, BOOT_FILE_BAD_NAME},
};
static struct boot_info boot = {
    .files = {list, sizeof(list) / sizeof(*list), false}};

/* ---- before the start ---------------------------------------------------- */

/* This test must come first: nothing has begun yet. */
static void without_a_start_nothing_is_there(void **state)
{
    struct stat status;
    char byte;

    (void)state;
    assert_true(files_wanted());
    fails(ENOENT, guest_open("a.txt", O_RDONLY));
    fails(EROFS, guest_open("a.txt", O_WRONLY));
    fails(EBADF, guest_read(3, &byte, 1));
    fails(EBADF, guest_close(3));
    fails(EBADF, guest_lseek(3, 0, SEEK_SET));
    fails(EBADF, guest_fstat(3, &status));
    assert_int_equal(guest_isatty(3), 0);
    assert_int_equal(errno, EBADF);
}

static void what_is_left_out_is_named_in_the_log(void **state)
{
    (void)state;
    boot.files.more = true;
    files_begin(&boot);
    assert_non_null(strstr(logged, "found large of 99 bytes"));
    assert_non_null(strstr(logged, "cannot read lost of 7 bytes"));
    assert_non_null(strstr(logged, "no memory for no-memory of 8 bytes"));
    assert_non_null(strstr(logged, "found the name b?d"));
    assert_non_null(strstr(logged, "more than could be listed (256"));
    assert_non_null(strstr(logged, "files: 3 with 13 bytes"));
    logged[0] = '\0';
    files_begin(&(struct boot_info){.rsdp = 0});
    assert_string_equal(logged, "");
    files_begin(&boot);
}

/* ---- paths --------------------------------------------------------------- */

static int found(const char *path)
{
    uint32_t index = 99;
    int status = files_find(&boot.files, path, &index);

    return status ? status : (int)index;
}

static void paths_are_compared_as_fat_does(void **state)
{
    (void)state;
    assert_int_equal(found("a.txt"), 0);
    assert_int_equal(found("/A.TXT"), 0);
    assert_int_equal(found("././/a.Txt"), 0);
    assert_int_equal(found("folder/inner.txt"), 1);
    assert_int_equal(found("FOLDER//INNER.txt"), 1);
    assert_int_equal(found("Folder/./deep/X"), 2);
    assert_int_equal(found("large"), 3);
}

static void other_paths_are_refused(void **state)
{
    char path[2 * BOOT_PATH_SIZE];

    (void)state;
    assert_int_equal(found(""), -ENOENT);
    assert_int_equal(found("a.tx"), -ENOENT);
    assert_int_equal(found("a.txt2"), -ENOENT);
    assert_int_equal(found("folde"), -ENOENT);
    assert_int_equal(found("../a.txt"), -ENOENT);
    assert_int_equal(found("folder/../a.txt"), -ENOENT);
    assert_int_equal(found("\\a.txt"), -ENOENT);
    assert_int_equal(found("b?d"), -ENOENT);
    assert_int_equal(found("a.txt/"), -ENOTDIR);
    assert_int_equal(found("a.txt/."), -ENOTDIR);
    assert_int_equal(found("a.txt/x"), -ENOTDIR);
    assert_int_equal(found("/"), -EISDIR);
    assert_int_equal(found("."), -EISDIR);
    assert_int_equal(found("folder"), -EISDIR);
    assert_int_equal(found("folder/deep/"), -EISDIR);
    memset(path, 'x', sizeof(path));
    path[BOOT_PATH_SIZE - 2] = '\0';
    assert_int_equal(found(path), -ENOENT); /* the longest that may be */
    path[BOOT_PATH_SIZE - 2] = 'x';
    path[BOOT_PATH_SIZE - 1] = '\0';
    assert_int_equal(found(path), -ENAMETOOLONG);
    memset(path, '/', sizeof(path) - 1);
    memcpy(path + sizeof(path) - 6, "a.txt", 6);
    assert_int_equal(found(path), 0); /* settled, it is short */
}

/* ---- open files ---------------------------------------------------------- */

static void reading_ends_at_the_end(void **state)
{
    char text[16] = "";
    int file = guest_open("a.txt", O_RDONLY);

    (void)state;
    assert_int_equal(file, 3);
    assert_int_equal(guest_read(file, text, 4), 4);
    assert_string_equal(text, "0123");
    assert_int_equal(guest_read(file, text, sizeof(text)), 6);
    assert_memory_equal(text, "456789", 6);
    assert_int_equal(guest_read(file, text, sizeof(text)), 0);
    assert_int_equal(guest_read(file, text, 0), 0);
    assert_int_equal(guest_close(file), 0);
    fails(EBADF, guest_close(file));
    fails(EBADF, guest_read(file, text, 1));
    file = guest_open("folder/deep/x", O_RDONLY);
    assert_int_equal(guest_read(file, text, 1), 0);
    guest_close(file);
}

static void seeking_is_refused_outside_of_numbers(void **state)
{
    int file = guest_open("a.txt", O_RDONLY);
    char byte = 0;

    (void)state;
    assert_int_equal(guest_lseek(file, -1, SEEK_END), 9);
    assert_int_equal(guest_read(file, &byte, 1), 1);
    assert_int_equal(byte, '9');
    assert_int_equal(guest_lseek(file, -7, SEEK_CUR), 3);
    fails(EINVAL, guest_lseek(file, -4, SEEK_CUR));
    fails(EINVAL, guest_lseek(file, -1, SEEK_SET));
    fails(EINVAL, guest_lseek(file, 0, 77));
    fails(EOVERFLOW, guest_lseek(file, LONG_MAX, SEEK_CUR));
    assert_int_equal(guest_lseek(file, 0, SEEK_CUR), 3); /* as it was */
    assert_int_equal(guest_lseek(file, LONG_MAX, SEEK_SET), LONG_MAX);
    assert_int_equal(guest_read(file, &byte, 1), 0);
    fails(EOVERFLOW, guest_lseek(file, 1, SEEK_CUR));
    guest_close(file);
    fails(ESPIPE, guest_lseek(0, 0, SEEK_SET));
}

static void numbers_are_the_lowest_free_ones_and_have_an_end(void **state)
{
    char byte;

    (void)state;
    for (int i = 0; i < FILES_OPEN_MAX; i++)
        assert_int_equal(guest_open("a.txt", O_RDONLY), 3 + i);
    fails(EMFILE, guest_open("a.txt", O_RDONLY));
    guest_close(7);
    assert_int_equal(guest_open("folder/inner.txt", O_RDONLY), 7);
    assert_int_equal(guest_lseek(6, 5, SEEK_SET), 5);
    assert_int_equal(guest_read(7, &byte, 1), 1);
    assert_int_equal(byte, '1');
    for (int i = 0; i < FILES_OPEN_MAX; i++)
        assert_int_equal(guest_close(3 + i), 0);
    fails(EBADF, guest_read(3 + FILES_OPEN_MAX, &byte, 1));
    fails(EBADF, guest_read(-1, &byte, 1));
    assert_false(locked);
}

static void what_is_left_out_cannot_be_opened(void **state)
{
    (void)state;
    fails(EFBIG, guest_open("large", O_RDONLY));
    fails(EFBIG, guest_open("no-memory", O_RDONLY));
    fails(EIO, guest_open("lost", O_RDONLY));
    fails(ENOENT, guest_open("b?d", O_RDONLY));
    fails(EISDIR, guest_open("folder", O_RDONLY));
    fails(EISDIR, guest_open("folder", O_RDWR));
}

static void nothing_can_be_changed(void **state)
{
    static const int flags[] = {O_WRONLY, O_RDWR, O_RDONLY | O_CREAT,
                                O_RDONLY | O_TRUNC};

    (void)state;
    for (unsigned i = 0; i < COUNT(flags); i++) {
        fails(EROFS, guest_open("a.txt", flags[i]));
        fails(EROFS, guest_open("new", flags[i]));
    }
    fails(EROFS, guest_unlink("a.txt"));
    fails(EROFS, guest_unlink("folder"));
    fails(ENOENT, guest_unlink("new"));
    fails(ENOTDIR, guest_unlink("a.txt/x"));
    fails(EROFS, guest_link("a.txt", "new"));
    fails(ENOENT, guest_link("new", "a.txt"));
}

static void status_tells_files_folders_and_consoles_apart(void **state)
{
    struct stat status;
    int file = guest_open("folder/inner.txt", O_RDONLY);

    (void)state;
    assert_int_equal(guest_fstat(file, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0444);
    assert_int_equal(status.st_size, 3);
    assert_int_equal(guest_stat("large", &status), 0);
    assert_int_equal(status.st_size, 99);
    assert_int_equal(guest_stat("folder", &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    fails(ENOENT, guest_stat("new", &status));
    assert_int_equal(guest_fstat(0, &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_int_equal(guest_isatty(0), 1);
    errno = 0;
    assert_int_equal(guest_isatty(file), 0);
    assert_int_equal(errno, ENOTTY);
    guest_close(file);
}

static void standard_files_are_what_they_were(void **state)
{
    char byte;

    (void)state;
    assert_int_equal(guest_read(0, &byte, 1), 1);
    assert_int_equal(byte, 'k');
    fails(EBADF, guest_read(1, &byte, 1));
    assert_int_equal(guest_close(1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_start_nothing_is_there),
        cmocka_unit_test(what_is_left_out_is_named_in_the_log),
        cmocka_unit_test(paths_are_compared_as_fat_does),
        cmocka_unit_test(other_paths_are_refused),
        cmocka_unit_test(reading_ends_at_the_end),
        cmocka_unit_test(seeking_is_refused_outside_of_numbers),
        cmocka_unit_test(numbers_are_the_lowest_free_ones_and_have_an_end),
        cmocka_unit_test(what_is_left_out_cannot_be_opened),
        cmocka_unit_test(nothing_can_be_changed),
        cmocka_unit_test(status_tells_files_folders_and_consoles_apart),
        cmocka_unit_test(standard_files_are_what_they_were),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
