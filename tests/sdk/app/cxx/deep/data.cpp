/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that the Makefile's DATA names. */
#include "data.h"

#include <string.h>

#include "mixed.h"

void check_data(void)
{
    const char *list = reinterpret_cast<const char *>(data_words_list_txt);

    check(data_words_list_txt_size == 14 && strcmp(list, "one\ntwo\nthree\n") == 0,
          "a data file is there, with a zero after it");
    check(data_words_nothing_bin_size == 0, "an empty data file has no bytes");
}
