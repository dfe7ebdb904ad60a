/* SPDX-License-Identifier: BSD-2-Clause */
/* The report: everything that a bug report about this host should hold. */
#ifndef APPLIANCE_REPORT_H
#define APPLIANCE_REPORT_H

#include "vmbare.h"

/* Prints it to standard output, between two marked lines. */
void report_print(const struct vmbare_facts *facts);

#endif
