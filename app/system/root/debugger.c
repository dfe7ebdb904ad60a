/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for gdb. The firmware chooses the image's place, so a debugger cannot
 * set a breakpoint before the image runs; with the option `gdb` the image says
 * where it is and waits for the debugger (tests/rig/debugger.py, which reads
 * the line, and docs/debugging.md).
 */
#include "app/system/root/root.h"

#include <stdbool.h>

#include "arch/console/log.h"
#include "arch/cpu/cpu.h"

static VMBARE_OPTION gdb_option = {
    .group = "system",
    .name = "gdb",
    .type = VMBARE_FLAG,
    .help = "say where the image is, and wait there until a debugger lets it "
            "go on",
};

/* gdb writes 0 here. */
static volatile bool debugger_awaited;

/* An error, which `quiet` shows too: whoever reads it has to act. */
void debugger_await(const struct boot_info *boot)
{
    if (!vmbare_option_flag(&gdb_option))
        return;
    debugger_awaited = true;
    log_printf(LOG_ERROR, "system: waiting for gdb: image at 0x%lx",
               (unsigned long)boot->image_base);
    while (debugger_awaited)
        cpu_relax();
}
