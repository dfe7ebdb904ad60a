/* SPDX-License-Identifier: BSD-2-Clause */
/* Which file a path means: see files.h. */
#include <errno.h>
#include <string.h>

#include "arch/libc/files.h"

/* What a comparison of two paths has found. */
enum match {
    DIFFERENT,
    SAME,
    INSIDE, /* the file lies in the folder that the path means */
    BEHIND, /* the path goes on where the file's own ends */
};

/* FAT keeps the case of a name and does not tell it. */
static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* "." and nothing are no parts of a path. */
static bool is_part(const char *part, size_t length)
{
    return length > 1 || (length == 1 && part[0] != '.');
}

/*
 * Writes the path with its parts alone, and a '/' between them. *is_folder: a
 * '/' or "." stands at the end, so it cannot mean a file. False: no room.
 */
static bool settle(const char *path, char out[BOOT_PATH_SIZE], bool *is_folder)
{
    size_t at = 0;

    *is_folder = true;
    for (;;) {
        size_t length = strcspn(path, "/");

        if (is_part(path, length)) {
            /* A '/' in front, and the zero behind. */
            if (at + length + 2 > BOOT_PATH_SIZE)
                return false;
            if (at)
                out[at++] = '/';
            memcpy(out + at, path, length);
            at += length;
        }
        *is_folder = !is_part(path, length);
        if (!path[length])
            break;
        path += length + 1;
    }
    out[at] = '\0';
    return true;
}

/* Both are settled. */
static enum match compare(const char *path, const char *file)
{
    /* The folder itself has every file in it. */
    if (!path[0])
        return INSIDE;
    for (; *path && fold(*path) == fold(*file); path++)
        file++;
    if (!*path && !*file)
        return SAME;
    if (!*path && *file == '/')
        return INSIDE;
    return *path == '/' && !*file ? BEHIND : DIFFERENT;
}

/* A file is looked for before the folders in its path, as only files are
 * listed: the first one that agrees tells what the path means. */
int files_find(const struct boot_files *files, const char *path,
               uint32_t *index)
{
    char settled[BOOT_PATH_SIZE];
    bool is_folder;

    /* POSIX: an empty path means nothing, not this folder. */
    if (!path[0])
        return -ENOENT;
    if (!settle(path, settled, &is_folder))
        return -ENAMETOOLONG;
    /* The folder of all files, be there any or not. */
    if (!settled[0])
        return -EISDIR;
    for (uint32_t i = 0; i < files->count; i++) {
        /* What stands there for a bad name is not its name. */
        if (files->file[i].state == BOOT_FILE_BAD_NAME)
            continue;
        switch (compare(settled, files->file[i].path)) {
        case SAME:
            *index = i;
            return is_folder ? -ENOTDIR : 0;
        case INSIDE:
            return -EISDIR;
        case BEHIND:
            return -ENOTDIR;
        case DIFFERENT:
            break;
        }
    }
    return -ENOENT;
}
