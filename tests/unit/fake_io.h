/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The port accesses of hosted tests. This file is included before everything
 * else (-include) and replaces arch/cpu/io.h. The test defines the functions.
 */
#ifndef ARCH_IO_H
#define ARCH_IO_H

#include <stdint.h>

uint8_t inb(uint16_t port);
uint16_t inw(uint16_t port);
uint32_t inl(uint16_t port);
void outb(uint16_t port, uint8_t value);
void outw(uint16_t port, uint16_t value);
void outl(uint16_t port, uint32_t value);

#endif
