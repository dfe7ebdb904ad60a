/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that every image has: see options.h. */
#include "app/system/options/options.h"

#include "arch/cpu/cpu.h"

VMBARE_OPTION option_help = {
    .group = "system",
    .name = "help",
    .type = VMBARE_FLAG,
    .help = "print this list, and do not run the application",
};

VMBARE_OPTION option_exit = {
    .group = "system",
    .name = "exit",
    .type = VMBARE_FLAG,
    .help = "end the machine with the verdict when the application is done; "
            "without it the machine stays, shows the result and takes keys",
};

VMBARE_OPTION option_quiet = {
    .group = "system",
    .name = "quiet",
    .type = VMBARE_FLAG,
    .help = "print errors only, and no report",
};

VMBARE_OPTION option_log = {
    .group = "system",
    .name = "log",
    .type = VMBARE_WORD,
    .words = "error|warning|info|debug",
    .otherwise = "info",
    .help = "print log lines up to this level",
};

VMBARE_OPTION option_claims = {
    .group = "system",
    .name = "claims",
    .type = VMBARE_FLAG,
    .help = "print what was agreed with the host, for a test's judge",
};

VMBARE_OPTION option_cpus = {
    .group = "system",
    .name = "cpus",
    .type = VMBARE_NUMBER,
    .least = 1,
    .most = CPUS_MAX,
    .help = "start no more than N processors",
};

VMBARE_OPTION option_no_bus = {
    .group = "system",
    .name = "no-bus",
    .type = VMBARE_FLAG,
    .help = "do not use VMBus even if there is one",
};

VMBARE_OPTION option_bus_version = {
    .group = "system",
    .name = "vmbus.version",
    .type = VMBARE_WORD,
    .words = "0.13|1.1|2.4|3.0|4.0|4.1|5.0|5.1|5.2|5.3|6.0",
    .help = "propose this protocol version to the host, and no other",
};

VMBARE_OPTION option_crash = {
    .group = "system",
    .name = "crash",
    .type = VMBARE_WORD,
    .words = "halt|reset",
    .help = "halt or reset after a crash report; without it the machine ends "
            "with the verdict if exit is given, and halts otherwise",
};
