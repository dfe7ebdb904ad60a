/* SPDX-License-Identifier: BSD-2-Clause */
/* Compresses standard input as the guest does, for zlib to read it. */
#include <stdio.h>

#include "arch/codes/deflate.h"

int main(void)
{
    static char text[DEFLATE_TEXT_MAX];
    static uint8_t out[DEFLATE_SIZE(DEFLATE_TEXT_MAX)];
    size_t length = fread(text, 1, sizeof(text), stdin);

    fwrite(out, 1, deflate_text(out, text, length), stdout);
    return 0;
}
