/*
 * What newlib is given: this folder's libc_*.c define the functions that it
 * calls the system by (write, sbrk, gettimeofday ...). There are no files,
 * no processes and no signals: what asks for them fails with ENOSYS or ends
 * in the crash report; what would need them and is not defined here (fork,
 * execve, wait) does not link.
 *
 * Standard output and error go to the log's sinks as they are written;
 * standard input is polled from COM1 and never blocks: read() fails with
 * EAGAIN when no byte is there.
 */
#ifndef ARCH_LIBC_H
#define ARCH_LIBC_H

/*
 * Registers what exit(status) of the application does. Without it, the
 * machine powers off. Start only.
 */
void libc_set_exit(void (*end)(int status));

#endif
