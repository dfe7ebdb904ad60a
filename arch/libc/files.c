/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * newlib's files: those of the boot volume, which nobody can change. An image
 * has this file's code only if something calls open(), stat() or their like.
 *
 * A file's bytes stay where they are for ever, so the lock is held for the
 * position alone and never while bytes are copied.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/console/log.h"
#include "arch/cpu/irql.h"
#include "arch/libc/files.h"
#include "arch/libc/io.h"

#define FIRST_NUMBER (STDERR_FILENO + 1)
#define BLOCK        4096 /* bytes that a stream buffers */

static void begin(struct files_user *self);

/* The part of the image that opens files: open() and the others refer to it, so
 * the linker leaves it out where they are not called. */
static FILES_USER user = {.begin = begin};

static struct spinlock lock;
/* By number, less FIRST_NUMBER. The file is NULL: it is not open. */
static struct {
    const struct boot_file *file;
    off_t at;
} opened[FILES_OPEN_MAX];

/* ---- at the start -------------------------------------------------------- */

/* A line of the log for a file that is not there as its owner expects. */
static void name_left_out(const struct boot_file *f)
{
    unsigned long size = (unsigned long)f->size;

    if (f->state == BOOT_FILE_NO_ROOM)
        log_printf(LOG_WARNING,
                   "files: found %s of %lu bytes, expected all files together "
                   "to have at most %u: it is left out",
                   f->path, size, BOOT_FILES_BYTES);
    else if (f->state == BOOT_FILE_NO_MEMORY)
        log_printf(LOG_WARNING,
                   "files: no memory for %s of %lu bytes: it is left out; give "
                   "the machine more",
                   f->path, size);
    else if (f->state == BOOT_FILE_UNREADABLE)
        log_printf(LOG_WARNING,
                   "files: the firmware cannot read %s of %lu bytes: it is "
                   "left out; is the volume damaged?",
                   f->path, size);
    else if (f->state == BOOT_FILE_BAD_NAME)
        log_printf(LOG_WARNING,
                   "files: found the name %s, expected ASCII and at most %u "
                   "characters with its folders: it is left out",
                   f->path, BOOT_PATH_SIZE - 1);
}

/* What was left out is named before main(), which may do without it. */
static void begin(struct files_user *self)
{
    unsigned long bytes = 0;
    unsigned read = 0;

    for (uint32_t i = 0; i < self->files->count; i++) {
        const struct boot_file *f = &self->files->file[i];

        if (f->state == BOOT_FILE_READ) {
            bytes += f->size;
            read++;
        }
        name_left_out(f);
    }
    if (self->files->more)
        log_printf(LOG_WARNING,
                   "files: there are more than could be listed (%u at most, "
                   "and a damaged volume may hide some): they are left out",
                   BOOT_FILES_MAX);
    if (read)
        log_printf(LOG_INFO, "files: %u with %lu bytes, of \\EFI\\vmbare\\",
                   read, bytes);
}

/* ---- numbers ------------------------------------------------------------- */

/* Called by io.c, so an open file is the reason that it has this. */
static bool is_open(int number)
{
    return number >= FIRST_NUMBER && number < FIRST_NUMBER + FILES_OPEN_MAX &&
           opened[number - FIRST_NUMBER].file != NULL;
}

/* As many bytes as there are left. Two readers of one number never get the same
 * ones, as the position moves before they are copied. */
static int files_read(int number, void *bytes, size_t size)
{
    const uint8_t *from = NULL;
    uint8_t irql = spin_lock(&lock);
    int status = is_open(number) ? 0 : -EBADF;

    if (!status) {
        const struct boot_file *f = opened[number - FIRST_NUMBER].file;
        off_t at = opened[number - FIRST_NUMBER].at;
        /* Behind the end there is nothing, however far. */
        uint64_t left = (uint64_t)at < f->size ? f->size - (uint64_t)at : 0;

        if (size > left)
            size = (size_t)left;
        if (size > 0)
            from = f->bytes + at;
        opened[number - FIRST_NUMBER].at = at + (off_t)size;
    }
    spin_unlock(&lock, irql);
    if (from)
        memcpy(bytes, from, size);
    return status ? status : (int)size;
}

/* The lowest number that is free is the next one given. */
static int files_close(int number)
{
    uint8_t irql = spin_lock(&lock);
    int status = is_open(number) ? 0 : -EBADF;

    if (!status)
        opened[number - FIRST_NUMBER].file = NULL;
    spin_unlock(&lock, irql);
    return status;
}

/* Where `whence` counts from; -EINVAL: it is none of the three. */
static off_t origin(int number, int whence)
{
    if (whence == SEEK_SET)
        return 0;
    if (whence == SEEK_CUR)
        return opened[number - FIRST_NUMBER].at;
    return whence == SEEK_END ? (off_t)opened[number - FIRST_NUMBER].file->size
                              : -EINVAL;
}

/* A place behind the end is allowed: a read there finds nothing. */
static off_t files_seek(int number, off_t offset, int whence)
{
    uint8_t irql = spin_lock(&lock);
    off_t at = is_open(number) ? origin(number, whence) : -EBADF;

    if (at >= 0 && __builtin_add_overflow(at, offset, &at))
        at = -EOVERFLOW;
    else if (at < 0 && at != -EBADF)
        at = -EINVAL; /* before the beginning, or no such `whence` */
    else if (at >= 0)
        opened[number - FIRST_NUMBER].at = at;
    spin_unlock(&lock, irql);
    return at;
}

/* What is known of a file; nobody may write it. */
static void describe(const struct boot_file *f, struct stat *status)
{
    memset(status, 0, sizeof(*status));
    status->st_mode = S_IFREG | S_IRUSR | S_IRGRP | S_IROTH;
    status->st_ino = (ino_t)(f - user.files->file + 1);
    status->st_nlink = 1;
    status->st_size = (off_t)f->size;
    status->st_blksize = BLOCK;
}

/* Of an open number; a path is asked for by stat(). */
static int files_status(int number, struct stat *status)
{
    uint8_t irql = spin_lock(&lock);
    const struct boot_file *f =
        is_open(number) ? opened[number - FIRST_NUMBER].file : NULL;

    spin_unlock(&lock, irql);
    if (!f)
        return -EBADF;
    describe(f, status);
    return 0;
}

/* Registered by the first open(), so io.c does not need this file. */
static const struct io_files calls = {
    .read = files_read,
    .close = files_close,
    .seek = files_seek,
    .status = files_status,
};

/* Returns the lowest free number for this file, or -EMFILE. */
static int take_number(const struct boot_file *f)
{
    uint8_t irql = spin_lock(&lock);
    int number = -EMFILE;

    for (int i = 0; i < FILES_OPEN_MAX && number < 0; i++) {
        if (opened[i].file)
            continue;
        opened[i].file = f;
        opened[i].at = 0;
        number = FIRST_NUMBER + i;
    }
    spin_unlock(&lock, irql);
    return number;
}

/* ---- what newlib calls
 * -------------------------------------------------------
 */

/* newlib's declarations name parameters as only a C library may. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static int fail(int error)
{
    errno = error;
    return -1;
}

/* As files_find(); a start without a boot volume has no file. */
static int find(const char *path, uint32_t *index)
{
    return user.files ? files_find(user.files, path, index) : -ENOENT;
}

/* Is it one that could be read? 0, or a negative errno. */
static int usable(const struct boot_file *f)
{
    if (f->state == BOOT_FILE_READ)
        return 0;
    return f->state == BOOT_FILE_UNREADABLE ? -EIO : -EFBIG;
}

/* Reading is all that can be done here. */
int open(const char *path, int flags, ...)
{
    uint32_t index;
    int status = find(path, &index);

    /* What wants to write hears why, whether the file is there or not. */
    if ((flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC))
        return fail(status == -EISDIR ? EISDIR : EROFS);
    if (!status)
        status = usable(&user.files->file[index]);
    if (!status)
        status = take_number(&user.files->file[index]);
    if (status < 0)
        return fail(-status);
    io_set_files(&calls);
    return status;
}

/* A folder is where files are: an empty one is not known here. */
int stat(const char *path, struct stat *status)
{
    uint32_t index;
    int error = find(path, &index);

    if (!error) {
        describe(&user.files->file[index], status);
        return 0;
    }
    if (error != -EISDIR)
        return fail(-error);
    memset(status, 0, sizeof(*status));
    status->st_mode = S_IFDIR | S_IRUSR | S_IXUSR;
    status->st_nlink = 1;
    return 0;
}

/* What is there cannot be taken away. */
static int refuse(const char *path)
{
    uint32_t index;
    int status = find(path, &index);

    return fail(status == 0 || status == -EISDIR ? EROFS : -status);
}

/* remove() ends here. */
int unlink(const char *path)
{
    return refuse(path);
}

/* rename() begins here: it makes a second name, then takes the first away. */
int link(const char *from, const char *to)
{
    (void)to;
    return refuse(from);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
