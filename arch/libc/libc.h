/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What newlib is given. The .c files of this folder define the functions that
 * newlib calls the system by (write, sbrk, gettimeofday ...). There are no
 * processes and no signals. What asks for them fails or ends in the crash
 * report; what would need them and is not defined here (fork, execve, wait)
 * does not link. Files are those of the boot volume, for reading (files.h).
 *
 * Standard output and standard error go to the log's sinks as they are written.
 * Standard input are lines that a person edits on COM1 (input.h): read() waits
 * for one.
 */
#ifndef ARCH_LIBC_H
#define ARCH_LIBC_H

/**
 * Register what exit(status) of the application does. Without it the machine
 * powers off. At start only.
 *
 * @end  called at PASSIVE; must not return
 */
void libc_set_exit(void (*end)(int status));

/**
 * Run the application's constructors: of C++'s global objects, and functions
 * with
 * __attribute__((constructor)). Once, at PASSIVE, just before main();
 * everything that main() may use is there.
 */
void libc_construct(void);

#endif
