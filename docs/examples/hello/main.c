/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest application: one line, and the verdict that all went well. */
#include <stdio.h>

#include "vmbare.h"

int main(void)
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    printf("hello from %s, %u processors, %s\n", facts.version,
           (unsigned)facts.processors,
           facts.hypervisor ? facts.host : "no hypervisor");
    return VMBARE_PASSED;
}
