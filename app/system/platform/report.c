/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmbare.h: an application's report as QR codes on the screen. The image of an
 * application that calls these functions shows its crash report so, too.
 */
#include "app/system/platform/parts.h"
#include "app/system/platform/platform.h"
#include "arch/codes/capture.h"
#include "arch/codes/codes.h"
#include "arch/crash/crash.h"
#include "vmbare.h"

static bool there; /* codes of a report that has ended */

static const struct crash_codes crash_codes = {
    .begin = codes_begin,
    .end = codes_end,
    .show = codes_show,
};

static void start(enum log_level threshold)
{
    capture_sink()->threshold = threshold;
    log_add_sink(capture_sink());
    crash_set_codes(&crash_codes);
    the_platform.show_codes = vmbare_report_codes;
}

SYSTEM_PART(report_part, start);

void vmbare_report_begin(void)
{
    SYSTEM_PART_NEEDED(report_part);
    there = false;
    codes_begin();
}

void vmbare_report_end(void)
{
    SYSTEM_PART_NEEDED(report_part);
    there = codes_end();
}

bool vmbare_report_codes(unsigned page, struct vmbare_codes *codes)
{
    struct codes_shown shown;

    SYSTEM_PART_NEEDED(report_part);
    if (!there)
        return false;
    codes_show(page, &shown);
    codes->first = shown.first;
    codes->last = shown.last;
    codes->parts = shown.parts;
    return shown.last > 0;
}
