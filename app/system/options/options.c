/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of this image: finds their declarations, reads the texts that
 * give them values, and says what is wrong and where each value came from.
 */
#include "app/system/options/options.h"

#include "app/system/options/help.h"
#include "app/system/options/sources.h"
#include "arch/console/format.h"
#include "arch/console/log.h"

/* The linker puts all declarations in a row (linker/vmbare.lds). */
extern struct vmbare_option vmb_options_start[], vmb_options_end[];

/* Errors, which `quiet` shows too: the run does not do what was asked. */
static void complain(const char *line)
{
    log_printf(LOG_ERROR, "options: %s", line);
}

static struct settings settings = {.complain = complain};

/* Of a file that is too long nothing is taken: its end may matter most. */
static bool fits(const struct boot_text *text, enum vmbare_option_source source)
{
    char origin[VMBARE_ORIGIN_MAX];

    if (text->size <= BOOT_TEXT_SIZE)
        return true;
    settings_complain(&settings,
                      "%s: found more than %u bytes, expected fewer: remove "
                      "some lines",
                      settings_origin(source, 0, origin), BOOT_TEXT_SIZE);
    return false;
}

static void read_conf(const struct boot_info *boot)
{
    static struct boot_text text; /* the values stay in it */

    if (boot->conf.size == 0 || !fits(&boot->conf, VMBARE_FROM_CONF))
        return;
    text = boot->conf;
    sources_read_conf(&settings, text.bytes, text.size);
}

static void read_cmd(const struct boot_info *boot)
{
    static struct cmdline line;

    if (fits(&boot->cmd, VMBARE_FROM_CMD))
        sources_read_cmd(&settings, &line, boot->cmd.bytes, boot->cmd.size);
}

_Static_assert(CMDLINE_TEXT_MAX < BOOT_CMDLINE_SIZE,
               "a text that boot/ has cut is seen to be too long");

static void read_line(const struct boot_info *boot)
{
    static struct cmdline line;

    sources_read_line(&settings, &line, boot->cmdline, sizeof(boot->cmdline),
                      VMBARE_FROM_LINE);
}

/* In any order, because each value carries its rank. One more source is one
 * more row, and its rank in enum vmbare_option_source. */
static void (*const sources[])(const struct boot_info *boot) = {
    read_conf,
    read_cmd,
    read_line,
};

void options_read(const struct boot_info *boot)
{
    settings.option = vmb_options_start;
    settings.count = (uint32_t)(vmb_options_end - vmb_options_start);
    settings_begin(&settings);
    for (unsigned i = 0; i < sizeof(sources) / sizeof(*sources); i++)
        sources[i](boot);
}

uint32_t options_complaints(void)
{
    return settings.complaints;
}

/* For whoever reads the log later and asks why a run was as it was. */
void options_log(void)
{
    const struct vmbare_option *o = NULL;
    char origin[VMBARE_ORIGIN_MAX];

    while ((o = vmbare_option_next(o)) != NULL) {
        if (vmbare_option_given(o))
            log_printf(LOG_INFO, "options: %s%s%s (%s)", o->name,
                       o->text[0] ? "=" : "", o->text,
                       vmbare_option_origin(o, origin));
    }
}

void options_help(void)
{
    static const char title[] =
        "Options of this image, by whose they are. An option stands on the\n"
        "command line, in vmbare.cmd or in vmbare.conf; the first of these\n"
        "that has it counts (docs/options.md).\n";

    log_write(title, sizeof(title) - 1);
    help_print(settings.option, settings.count, log_write);
}

const struct vmbare_option *
vmbare_option_next(const struct vmbare_option *before)
{
    const struct vmbare_option *next = before ? before + 1 : vmb_options_start;

    return next < vmb_options_end ? next : NULL;
}

const char *vmbare_option_origin(const struct vmbare_option *option,
                                 char text[VMBARE_ORIGIN_MAX])
{
    return settings_origin(option->source, option->line, text);
}
