/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What counter.c uses of QEMU's interface for TCG plugins, version 1, which
 * QEMU 7.2 speaks. Debian packages no header for it; QEMU refuses a plugin of
 * another version and says so. [qemu 7.2: docs/devel/tcg-plugins]
 */
#ifndef TESTS_BENCH_PLUGIN_H
#define TESTS_BENCH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))

struct qemu_info;        /* what kind of machine it is: not looked at */
struct qemu_plugin_tb;   /* a block of guest code that is being translated */
struct qemu_plugin_insn; /* one of its instructions */

enum { QEMU_PLUGIN_CB_NO_REGS = 0 };

/* Called for each block before it runs. */
void qemu_plugin_register_vcpu_tb_trans_cb(
    uint64_t id, void (*translated)(uint64_t id, struct qemu_plugin_tb *tb));

/* Called each time before the instruction is executed. */
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*executed)(unsigned processor,
                                                             void *context),
                                            int flags, void *context);

/* Called when QEMU ends. */
void qemu_plugin_register_atexit_cb(uint64_t id,
                                    void (*ends)(uint64_t id, void *context),
                                    void *context);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
/* The instruction's bytes, how many, and where the guest has it. */
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

#endif
