/* SPDX-License-Identifier: BSD-2-Clause */
/* Isolated VMs, which every door refuses. */
#ifndef BOOT_ISOLATION_H
#define BOOT_ISOLATION_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/cpu/cpu.h"

/* Answers CPUID of a leaf, sub-leaf 0. */
typedef struct cpuid_result boot_cpuid(uint32_t leaf);

/** This processor's answer. */
struct cpuid_result boot_ask_cpuid(uint32_t leaf);

/**
 * Is this VM isolated from its host (VBS, SEV-SNP, TDX, CCA)?
 *
 * @ask     boot_ask_cpuid(), or a test's
 * @return  true: boot_refusal() says by which kind. Before ExitBootServices the
 *          caller can still return to who started it.
 */
bool boot_is_isolated(boot_cpuid *ask);

#endif
