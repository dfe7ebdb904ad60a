/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line: see direct.h.
 *
 * Hosts put words of their own on it, and Linux has a custom for words that are
 * not the kernel's: they stand behind `--` and go to the first program. Here
 * they are the options of the image.
 */
#include "boot/direct/direct.h"

#include <errno.h>

#include "boot/refuse.h"

/* Where no host's command line goes on: OpenVMM's has 64 KiB at most. */
#define LINE_MAX (64u * 1024u)

/* Where the reading stands: in words for others, or in the options. */
struct line {
    enum { OTHERS, OPTIONS } part;
    uint32_t word;   /* OTHERS: characters of the word so far */
    uint32_t dashes; /* of these, dashes */
    char *out;       /* OPTIONS: BOOT_CMDLINE_SIZE bytes */
    uint32_t length; /* of the options so far */
};

/* Hosts end a line with a newline, or with nothing. */
static bool is_blank(uint8_t c)
{
    return c <= ' ';
}

/* Before the options: is this the end of the word `--`? A word ends with a
 * blank or with the text; after the text no option comes. */
static void look_for_dashes(struct line *line, uint8_t c)
{
    if (!is_blank(c)) {
        line->word++;
        line->dashes += c == '-';
        return;
    }
    /* A word of more dashes, or one that begins with two, is another one. */
    if (line->word == 2 && line->dashes == 2)
        line->part = OPTIONS;
    line->word = line->dashes = 0;
}

/* Of the options. Blanks before the first one are left out, and the last byte
 * is for the zero. False: there is no room for one more character. */
static bool append(struct line *line, uint8_t c)
{
    if (line->length == 0 && is_blank(c))
        return true;
    if (line->length + 1 == BOOT_CMDLINE_SIZE)
        return false;
    line->out[line->length++] = is_blank(c) ? ' ' : c < 0x7f ? (char)c : '?';
    return true;
}

/* Takes the text up to its end, byte by byte: it may end where readable memory
 * ends. */
static int take(const struct acpi_reader *memory, uint64_t at,
                struct line *line)
{
    for (uint32_t i = 0; i < LINE_MAX; i++) {
        uint8_t c;

        if (memory->read(memory->context, at + i, &c, 1) < 0) {
            boot_refuse("the command line at 0x%lx is not readable",
                        (unsigned long)at);
            return -EINVAL;
        }
        if (c == 0)
            return 0;
        if (line->part == OTHERS) {
            look_for_dashes(line, c);
        } else if (!append(line, c)) {
            boot_refuse("the command line has more than %u characters behind "
                        "'--': leave some options away",
                        BOOT_CMDLINE_SIZE - 1);
            return -EINVAL;
        }
    }
    boot_refuse("the command line at 0x%lx has no end within %u bytes",
                (unsigned long)at, LINE_MAX);
    return -EINVAL;
}

/* Options that do not fit are refused: a start with half of them would do
 * something else than it was asked. */
int direct_read_cmdline(const struct acpi_reader *memory, uint64_t at,
                        char *cmdline)
{
    struct line line = {.out = cmdline};
    int status = at != 0 ? take(memory, at, &line) : 0;

    /* Blanks at the end are no option. */
    while (line.length > 0 && cmdline[line.length - 1] == ' ')
        line.length--;
    cmdline[line.length] = 0;
    return status;
}
