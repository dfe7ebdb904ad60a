/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the image and its parts lie; the linker script sets the borders. */
#ifndef ARCH_IMAGE_H
#define ARCH_IMAGE_H

#include <stdint.h>

extern const uint8_t vmb_image_start[], vmb_image_end[];
extern const uint8_t vmb_text_start[], vmb_text_end[];
extern const uint8_t vmb_const_start[], vmb_const_end[];
extern const uint8_t vmb_data_start[], vmb_data_end[];

/* As addresses: image_text_start() and so on. Whole pages; the end is the first
 * byte after the part. */
#define IMAGE_BORDER(function, symbol)        \
    static inline uint64_t function(void)     \
    {                                         \
        return (uint64_t)(uintptr_t)(symbol); \
    }

IMAGE_BORDER(image_start, vmb_image_start)
IMAGE_BORDER(image_end, vmb_image_end)
IMAGE_BORDER(image_text_start, vmb_text_start)
IMAGE_BORDER(image_text_end, vmb_text_end)
IMAGE_BORDER(image_const_start, vmb_const_start)
IMAGE_BORDER(image_const_end, vmb_const_end)
IMAGE_BORDER(image_data_start, vmb_data_start)
IMAGE_BORDER(image_data_end, vmb_data_end)

#endif
