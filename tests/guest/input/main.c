/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads lines of standard input and says what it got, with the number of times
 * that the processor slept and was awake for it. `quit` ends it, and so does
 * the end of input.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arch/cpu/cpu.h"
#include "vmbare.h"

/* Longer than a line may be. */
static char text[2048];

/* One read gives one line, or what fits of it. */
static void read_in_pieces(void)
{
    char piece[4];
    ssize_t got;

    do {
        got = read(STDIN_FILENO, piece, sizeof(piece));
        printf("piece of %d bytes\n", (int)got);
    } while (got > 0 && piece[got - 1] != '\n');
}

int main(void)
{
    uint64_t halts = this_cpu()->halts;

    printf("reading, %s, %s\n",
           write(STDIN_FILENO, "", 1) < 0 && errno == EBADF ? "not writing"
                                                            : "writing",
           vmbare_input_ready() ? "ready" : "not ready");
    for (unsigned number = 1; fgets(text, sizeof(text), stdin); number++) {
        size_t length = strlen(text);

        if (length > 0 && text[length - 1] == '\n')
            text[--length] = '\0';
        printf("line %u: %u [%s] crc %08x slept %u\n", number, (unsigned)length,
               text, (unsigned)vmbare_crc32(0, text, length),
               (unsigned)(this_cpu()->halts - halts));
        halts = this_cpu()->halts;
        if (strcmp(text, "quit") == 0)
            return VMBARE_PASSED;
        if (strcmp(text, "pieces") == 0)
            read_in_pieces();
    }
    printf("end of input\n");
    return VMBARE_PASSED;
}
