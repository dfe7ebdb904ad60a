/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of the boot volume. The host has put there:
 *
 *   hello.txt    "hello\nfile\n"
 *   empty        nothing
 *   maps/A.bin   1 MiB and 1 byte: byte i is i * 7 mod 256
 */
#include "libc_calls.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGE ((1 << 20) + 1)
/* As arch/libc/files.h has it. */
#define OPEN_MAX_HERE 16

static bool is_large_right(int file)
{
    static unsigned char piece[10000];
    size_t at = 0;
    ssize_t got;

    while ((got = read(file, piece, sizeof(piece))) > 0) {
        for (ssize_t i = 0; i < got; i++, at++) {
            if (piece[i] != (unsigned char)(at * 7))
                return false;
        }
    }
    return got == 0 && at == LARGE;
}

static bool positions_are_apart(void)
{
    int a = open("hello.txt", O_RDONLY), b = open("HELLO.TXT", O_RDONLY);
    char x[3] = "", y[3] = "";
    bool good = a >= 0 && b >= 0 && a != b && read(a, x, 2) == 2 &&
                lseek(b, 6, SEEK_SET) == 6 && read(b, y, 2) == 2 &&
                lseek(a, 0, SEEK_CUR) == 2;

    close(a);
    close(b);
    return good && strcmp(x, "he") == 0 && strcmp(y, "fi") == 0;
}

static void call_numbers_of_files(void)
{
    int file = open("/maps/a.BIN", O_RDONLY);
    struct stat status;
    char byte;

    WORKS(open, file > STDERR_FILENO);
    WORKS(read, is_large_right(file));
    WORKS(lseek, lseek(file, -1, SEEK_END) == LARGE - 1 &&
                     read(file, &byte, 1) == 1 && read(file, &byte, 1) == 0 &&
                     lseek(file, LARGE * 2L, SEEK_SET) == LARGE * 2L &&
                     read(file, &byte, 1) == 0);
    REFUSED(lseek, EINVAL, lseek(file, -1, SEEK_SET) == -1);
    REFUSED(lseek, EINVAL, lseek(file, 0, 77) == -1);
    REFUSED(lseek, EOVERFLOW, lseek(file, LONG_MAX, SEEK_END) == -1);
    WORKS(fstat, fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
                     status.st_size == LARGE);
    REFUSED(isatty, ENOTTY, isatty(file) == 0);
    REFUSED(write, EBADF, write(file, "x", 1) == -1);
    WORKS(close, close(file) == 0);
    REFUSED(close, EBADF, close(file) == -1);
    REFUSED(read, EBADF, read(file, &byte, 1) == -1);
    REFUSED(lseek, EBADF, lseek(file, 0, SEEK_SET) == -1);
    REFUSED(fstat, EBADF, fstat(file, &status) == -1);
    REFUSED(isatty, EBADF, isatty(file) == 0);
    WORKS(stat, stat("hello.txt", &status) == 0 && status.st_size == 11 &&
                    stat("maps/", &status) == 0 && S_ISDIR(status.st_mode) &&
                    stat(".", &status) == 0 && S_ISDIR(status.st_mode));
    tap_ok(positions_are_apart(), "two numbers of one file have their own "
                                  "positions");
}

static void call_streams(void)
{
    FILE *file = fopen("Hello.txt", "r"), *other;
    char line[16];
    fpos_t place;

    WORKS(fopen, file != NULL);
    if (!file)
        return;
    WORKS(fgetc, fgetc(file) == 'h');
    WORKS(ungetc, ungetc('H', file) == 'H' && fgetc(file) == 'H');
    WORKS(ftell, ftell(file) == 1 && fgetpos(file, &place) == 0);
    WORKS(fseek, fseek(file, -5, SEEK_END) == 0 &&
                     fgets(line, sizeof(line), file) &&
                     strcmp(line, "file\n") == 0);
    WORKS(feof, !(feof)(file) && fgetc(file) == EOF && (feof)(file));
    WORKS(clearerr, ((clearerr)(file), !(feof)(file) && !(ferror)(file)));
    WORKS(fsetpos, fsetpos(file, &place) == 0 && fgetc(file) == 'e');
    WORKS(rewind, (rewind(file), fgetc(file) == 'h'));
    WORKS(fileno, (fileno)(file) > STDERR_FILENO);
    REFUSED(fputc, EBADF, fputc('x', file) == EOF);
    WORKS(ferror, (ferror)(file) != 0);
    file = freopen("empty", "r", file);
    WORKS(freopen, file && fgetc(file) == EOF && (feof)(file));
    WORKS(fclose, file && fclose(file) == 0);
    other = fdopen(open("hello.txt", O_RDONLY), "r");
    WORKS(fdopen, other && fgetc(other) == 'h');
    if (other)
        fclose(other);
}

/* Of a stream that is open. */
static bool freopen_fails(const char *path, const char *mode)
{
    FILE *before = fopen("empty", "r"), *after;

    if (!before)
        return false;
    after = freopen(path, mode, before);
    if (after)
        fclose(after);
    return !after;
}

/* As many as there may be, and one more. */
static void call_too_many(void)
{
    int file[OPEN_MAX_HERE], count = 0;
    FILE *stream;

    while (count < OPEN_MAX_HERE &&
           (file[count] = open("hello.txt", O_RDONLY)) >= 0)
        count++;
    tap_ok(count == OPEN_MAX_HERE, "%d files are open at once", count);
    REFUSED(open, EMFILE, open("hello.txt", O_RDONLY) == -1);
    REFUSED(fopen, EMFILE, fopen("hello.txt", "r") == NULL);
    while (count > 0)
        close(file[--count]);
    stream = fopen("hello.txt", "r");
    tap_ok(stream != NULL, "numbers that were closed are used again");
    if (stream)
        fclose(stream);
}

void call_files(void)
{
    struct stat status;
    char name[200];

    call_numbers_of_files();
    call_streams();
    call_too_many();
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    REFUSED(fopen, ENOENT, fopen("hello", "r") == NULL);
    REFUSED(fopen, ENOENT, fopen("../hello.txt", "r") == NULL);
    REFUSED(open, ENOENT, open("", O_RDONLY) == -1);
    REFUSED(open, EISDIR, open("maps", O_RDONLY) == -1);
    REFUSED(open, ENOTDIR, open("hello.txt/x", O_RDONLY) == -1);
    REFUSED(open, ENAMETOOLONG, open(name, O_RDONLY) == -1);
    REFUSED(stat, ENOENT, stat("nothing", &status) == -1);
    REFUSED(freopen, ENOENT, freopen_fails("nothing", "r"));
}

/* Nothing can be written, made or taken away. */
void call_changes(void)
{
    char made[] = "madeXXXXXX", name[L_tmpnam];

    REFUSED(fopen, EROFS, fopen("hello.txt", "r+") == NULL);
    REFUSED(fopen, EROFS, fopen("new.txt", "w") == NULL);
    REFUSED(freopen, EROFS, freopen_fails("new", "a"));
    REFUSED(open, EROFS, open("hello.txt", O_WRONLY) == -1);
    REFUSED(open, EROFS, open("new.txt", O_RDONLY | O_CREAT, 0600) == -1);
    REFUSED(tmpfile, EROFS, tmpfile() == NULL);
    REFUSED(mkstemp, EROFS, mkstemp(made) == -1);
    WORKS(tmpnam, tmpnam(name) == name);
    REFUSED(unlink, EROFS, unlink("hello.txt") == -1);
    REFUSED(unlink, ENOENT, unlink("nothing") == -1);
    REFUSED(remove, EROFS, remove("hello.txt") == -1);
    REFUSED(remove, ENOENT, remove("nothing") == -1);
    REFUSED(link, EROFS, link("hello.txt", "x") == -1);
    REFUSED(link, ENOENT, link("nothing", "x") == -1);
    REFUSED(rename, EROFS, rename("hello.txt", "x") == -1);
    REFUSED(rename, ENOENT, rename("nothing", "x") == -1);
}
