/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of data exchange, which are UTF-16 on the wire and UTF-8 here. */
#ifndef DRIVERS_SERVICES_UTF16_H
#define DRIVERS_SERVICES_UTF16_H

#include <stddef.h>
#include <stdint.h>

/**
 * The bytes before the end of a text: its zero, or the end of the field.
 *
 * @at     units of two bytes, at any address
 * @bytes  of the field; an odd last one is not looked at
 * @return a multiple of 2
 *
 * IRQL: any.
 */
uint32_t utf16_length(const uint8_t *at, uint32_t bytes);

/**
 * Turn UTF-16 into UTF-8. Half a pair becomes U+FFFD. What does not fit is left
 * out.
 *
 * @at     `bytes` of it, without a zero
 * @text   receives `size` bytes at most, the final zero included; not 0
 * @return bytes that the whole text needs, without the final zero
 *
 * IRQL: any.
 */
size_t utf16_read(const uint8_t *at, uint32_t bytes, char *text, size_t size);

/**
 * Turn UTF-8 into UTF-16 without a zero.
 *
 * @text   ends with a zero
 * @at     receives at most `most` bytes
 * @return bytes, a multiple of 2; UINT32_MAX: it is no UTF-8, or too long
 *
 * IRQL: any.
 */
uint32_t utf16_write(const char *text, uint8_t *at, uint32_t most);

#endif
