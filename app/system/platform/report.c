/* SPDX-License-Identifier: BSD-2-Clause */
/* vmbare.h: an application's report as QR codes on the screen. */
#include "arch/codes/codes.h"
#include "vmbare.h"

static bool there; /* codes of a report that has ended */

void vmbare_report_begin(void)
{
    there = false;
    codes_begin();
}

void vmbare_report_end(void)
{
    there = codes_end();
}

bool vmbare_report_codes(unsigned page, struct vmbare_codes *codes)
{
    struct codes_shown shown;

    if (!there)
        return false;
    codes_show(page, &shown);
    codes->first = shown.first;
    codes->last = shown.last;
    codes->parts = shown.parts;
    return shown.last > 0;
}
