/* SPDX-License-Identifier: BSD-2-Clause */
/* newlib's input and output: see libc.h. There are three files, the standard
 * ones, and no others: opening fails with ENOSYS. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/libc/input.h"
#include "arch/libc/libc.h"
#include "arch/console/log.h"

#define STANDARD_LAST STDERR_FILENO

/* newlib's declarations name parameters as only a C library may. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* What every function here returns when it fails. */
static int fail(int error)
{
    errno = error;
    return -1;
}

/* Standard input, output and error. */
static int is_standard(int file)
{
    return file >= 0 && file <= STANDARD_LAST;
}

/* Text goes through the log's ring, so that its order with log lines is kept.
 */
_READ_WRITE_RETURN_TYPE write(int file, const void *bytes, size_t size)
{
    if (file != STDOUT_FILENO && file != STDERR_FILENO)
        return fail(EBADF);
    if (size > INT_MAX)
        size = INT_MAX; /* the result's type in newlib 3 */
    log_write(bytes, size);
    return (_READ_WRITE_RETURN_TYPE)size;
}

/* As a terminal: waits for a line, and gives no more than that one. */
_READ_WRITE_RETURN_TYPE read(int file, void *bytes, size_t size)
{
    int status;

    if (file != STDIN_FILENO)
        return fail(EBADF);
    /* Asks for nothing, so it need not wait. */
    if (size == 0)
        return 0;
    status = input_read(bytes, size < INT_MAX ? size : INT_MAX);
    return status < 0 ? fail(-status) : status;
}

/* The three standard files stay open whatever the program does. */
int close(int file)
{
    return is_standard(file) ? 0 : fail(EBADF);
}

/* A console has no position. */
off_t lseek(int file, off_t offset, int whence)
{
    (void)offset;
    (void)whence;
    return fail(is_standard(file) ? ESPIPE : EBADF);
}

/* A character device: newlib buffers such a stream by lines. */
int fstat(int file, struct stat *status)
{
    if (!is_standard(file))
        return fail(EBADF);
    memset(status, 0, sizeof(*status));
    status->st_mode = S_IFCHR | S_IRUSR | S_IWUSR;
    return 0;
}

/* newlib asks before it chooses how to buffer. */
int isatty(int file)
{
    return is_standard(file) ? 1 : fail(EBADF);
}

/* ---- files, of which there are none ------------------------------------- */

int open(const char *path, int flags, ...)
{
    (void)path;
    (void)flags;
    return fail(ENOSYS);
}

int stat(const char *path, struct stat *status)
{
    (void)path;
    (void)status;
    return fail(ENOSYS);
}

int unlink(const char *path)
{
    (void)path;
    return fail(ENOSYS);
}

int link(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return fail(ENOSYS);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
