/* SPDX-License-Identifier: BSD-2-Clause */
/* Access to QEMU's fw_cfg: the files given with -fw_cfg name=...,file=... */
#ifndef MINIHV_FWCFG_H
#define MINIHV_FWCFG_H

#include <stdbool.h>
#include <stdint.h>

struct fwcfg_file {
    uint16_t key;
    uint32_t size;
};

uint32_t fwcfg_cpu_count(void);
bool fwcfg_find(const char *name, struct fwcfg_file *file);
void fwcfg_read(const struct fwcfg_file *file, void *buffer, uint32_t size);

#endif
