/* SPDX-License-Identifier: BSD-2-Clause */
/* The image that the layer starts. The build says which. */
        .section .rodata, "a", @progbits
        .globl  layer_image, layer_image_end
        .hidden layer_image, layer_image_end
        .balign 16
layer_image:
        .incbin LAYER_IMAGE
layer_image_end:

        .section .note.GNU-stack, "", @progbits
