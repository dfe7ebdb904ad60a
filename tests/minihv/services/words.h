/* SPDX-License-Identifier: BSD-2-Clause */
/* Words and numbers of a line of the control port. */
#ifndef MINIHV_SERVICES_WORDS_H
#define MINIHV_SERVICES_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/* Cuts the next word off *line, which then is behind it and the blanks that
 * follow. Returns the word, "" at the end. */
char *words_take(char **line);

bool words_equal(const char *a, const char *b);

/* Reads a decimal number, the whole word; false: it is none, or it is larger
 * than `most`, which is below 2^60. */
bool words_number(const char *word, uint64_t most, uint64_t *value);

/* Reads hexadecimal digits in pairs, the whole word, into at most `room` bytes.
 * Returns the bytes, 0: the word is wrong, or too long. */
uint32_t words_hex(const char *word, uint8_t *bytes, uint32_t room);

#endif
