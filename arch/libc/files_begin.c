/* SPDX-License-Identifier: BSD-2-Clause */
/* Does this image open files, and who gets them: see files.h. */
#include "arch/libc/files.h"

/* The linker puts the users in a row (linker/vmbare.lds): one, or none. */
extern struct files_user vmb_files_start[], vmb_files_end[];

/* By what is linked, so it is known before anything runs. */
bool files_wanted(void)
{
    return &vmb_files_start[0] != &vmb_files_end[0];
}

/* None, where nothing opens files. */
void files_begin(const struct boot_info *info)
{
    for (struct files_user *u = vmb_files_start; u < vmb_files_end; u++) {
        u->files = &info->files;
        u->begin(u);
    }
}
