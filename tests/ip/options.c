/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of options, which the system finds in the guest (world.h). The
 * section of the declarations has a name here that the linker marks the ends
 * of (rules.mk). */
#include <stdlib.h>
#include <string.h>

#include "vmbare_options.h"
#include "world.h"

extern struct vmbare_option __start_vmbare_options[];
extern struct vmbare_option __stop_vmbare_options[];

static void set(struct vmbare_option *o, const char *text, uint64_t number)
{
    o->text = text;
    o->number = number;
}

void world_no_options(void)
{
    struct vmbare_option *o = __start_vmbare_options;

    for (; o < __stop_vmbare_options; o++)
        set(o, o->otherwise, 0);
}

void world_option(const char *name, const char *text, uint64_t number)
{
    struct vmbare_option *o = __start_vmbare_options;
    unsigned found = 0;

    for (; o < __stop_vmbare_options; o++)
        if (strcmp(o->name, name) == 0) {
            set(o, text, number);
            found++;
        }
    if (found != 2) /* one for each stack */
        abort();
}
