/* SPDX-License-Identifier: BSD-2-Clause */
/* newlib's input and output: see libc.h. The three standard files are here;
 * what there may be beside them is registered (io.h). */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/libc/input.h"
#include "arch/libc/io.h"
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

/* NULL until a file is opened, and in images that open none. */
static const struct io_files *others;

/* Always the same ones: the image has one part for files. */
void io_set_files(const struct io_files *files)
{
    others = files;
}

/* Of a result that may be a negative errno. */
static int checked(int result)
{
    return result < 0 ? fail(-result) : result;
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
    if (size > INT_MAX)
        size = INT_MAX;
    if (!is_standard(file) && others)
        return checked(others->read(file, bytes, size));
    if (file != STDIN_FILENO)
        return fail(EBADF);
    /* Asks for nothing, so it need not wait. */
    return size == 0 ? 0 : checked(input_read(bytes, size));
}

/* The three standard files stay open whatever the program does. */
int close(int file)
{
    if (!is_standard(file) && others)
        return checked(others->close(file));
    return is_standard(file) ? 0 : fail(EBADF);
}

/* A console has no position. */
off_t lseek(int file, off_t offset, int whence)
{
    off_t at;

    if (is_standard(file) || !others)
        return fail(is_standard(file) ? ESPIPE : EBADF);
    at = others->seek(file, offset, whence);
    return at < 0 ? fail((int)-at) : at;
}

/* A character device: newlib buffers such a stream by lines. */
int fstat(int file, struct stat *status)
{
    memset(status, 0, sizeof(*status));
    if (!is_standard(file))
        return others ? checked(others->status(file, status)) : fail(EBADF);
    status->st_mode = S_IFCHR | S_IRUSR | S_IWUSR;
    return 0;
}

/* newlib asks before it chooses how to buffer. */
int isatty(int file)
{
    struct stat status;

    if (is_standard(file))
        return 1;
    /* What is open and no console is a file. */
    if (fstat(file, &status) == 0)
        errno = ENOTTY;
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
