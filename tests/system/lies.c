/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This file makes an image lie. A second build of every image links it around
 * three functions of the product (ld's --wrap), so the product itself has no
 * code for it. The option `lie=NAME` chooses the lie. The suites of this folder
 * pass only if they reject each lying image.
 *
 *   contact offers gpadl open close   the claim's last number is one too high
 *   unload                            the claim is not printed
 *   verdict                           the image reports passed at its start
 *   code                              the QR codes hold another text than COM1
 */
#include <string.h>

#include "arch/arch.h"
#include "arch/codes/deflate.h"
#include "arch/console/log.h"
#include "arch/crash/debug_exit.h"
#include "vmbare_options.h"

#define CLAIM "# claim: "

_Noreturn void __real_system_main(const struct boot_info *boot);
_Noreturn void __wrap_system_main(const struct boot_info *boot);
void __real_log_write(const char *text, size_t size);
void __wrap_log_write(const char *text, size_t size);

size_t __real_deflate_text(uint8_t *out, const char *text, size_t length);
size_t __wrap_deflate_text(uint8_t *out, const char *text, size_t length);

static VMBARE_OPTION lie_option = {
    .group = "lies",
    .name = "lie",
    .type = VMBARE_WORD,
    .words = "contact|offers|gpadl|open|close|unload|verdict|code",
    .help = "say something false, so that a suite proves that it can fail",
};

static const char *lie; /* NULL: be honest */

_Noreturn void __wrap_system_main(const struct boot_info *boot)
{
    lie = vmbare_option_text(&lie_option);
    if (lie && !strcmp(lie, "verdict"))
        debug_exit(EXIT_STATUS_PASSED);
    __real_system_main(boot);
}

/* Returns true for the line of the claim that the option falsifies. */
static bool is_to_be_false(const char *text, size_t size)
{
    size_t name = lie ? strlen(lie) : 0;

    return lie && size > strlen(CLAIM) + name &&
           !memcmp(text, CLAIM, strlen(CLAIM)) &&
           !memcmp(text + strlen(CLAIM), lie, name);
}

/* Adds one to the last number of a line. A number that ends in 9 gets one more
 * digit 0 instead, which is false as well. Returns the line's new size. */
static size_t raise_last_number(char *line, size_t size)
{
    for (size_t i = size; i-- > 0;) {
        if (line[i] < '0' || line[i] > '9')
            continue;
        if (line[i] < '9') {
            line[i]++;
            return size;
        }
        memmove(line + i + 2, line + i + 1, size - i - 1);
        line[i + 1] = '0';
        return size + 1;
    }
    return size;
}

void __wrap_log_write(const char *text, size_t size)
{
    char line[128];

    if (!is_to_be_false(text, size) || size >= sizeof(line)) {
        __real_log_write(text, size);
        return;
    }
    if (!strcmp(lie, "unload"))
        return;
    memcpy(line, text, size);
    __real_log_write(line, raise_last_number(line, size));
}

/* Leaves out the text's last line. */
size_t __wrap_deflate_text(uint8_t *out, const char *text, size_t length)
{
    if (lie && !strcmp(lie, "code")) {
        while (length > 1 && text[length - 2] != '\n')
            length--;
        length -= length > 0;
    }
    return __real_deflate_text(out, text, length);
}
