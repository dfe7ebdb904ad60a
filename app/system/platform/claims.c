/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Claims: what the guest says it agreed on with its host, one line each, for a
 * judge that compares them with the host's own trace. docs/testing.md has the
 * grammar. The lines are made from the messages themselves, as they pass the
 * seam, so they do not depend on what vmbus/ believes.
 */
#include "app/system/platform/platform.h"

#include <string.h>

#include "arch/console/format.h"
#include "arch/console/log.h"
#include "vmbus/wire/wire.h"

/*
 * The sizes of GPADLs that are being created, for the claim when the host
 * confirms them. 64 is more than are ever being created at once; an older entry
 * is overwritten.
 */
#define GPADLS 64

static struct {
    uint32_t handle, pages;
} gpadls[GPADLS];
static uint32_t gpadl_next;
static uint32_t version;
static uint32_t offers;
static bool begun;

/* Prints one claim as a line of its own. */
static void claim(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static void claim(const char *format, ...)
{
    char line[100] = "# claim: ";
    size_t n = strlen(line);
    va_list arguments;

    if (!the_platform.config.claims)
        return;
    va_start(arguments, format);
    n += format_print_v(line + n, sizeof(line) - n - 1, format, arguments);
    va_end(arguments);
    /* The firmware leaves COM1 in the middle of a line. */
    if (!begun)
        log_write("\n", 1);
    begun = true;
    if (n > sizeof(line) - 2)
        n = sizeof(line) - 2;
    line[n++] = '\n';
    log_write(line, n);
}

/* Reads a field of a message; a message that is too short reads as 0. */
static uint32_t word(const uint8_t *payload, uint32_t size, uint32_t at)
{
    uint32_t value = 0;

    if (at + sizeof(value) <= size)
        memcpy(&value, payload + at, sizeof(value));
    return value;
}

/*
 * A GPADL_HEADER carries the offset of its first byte and its length; the claim
 * is the number of pages that these span.
 */
static void gpadl_sent(const uint8_t *p, uint32_t size)
{
    uint32_t i = gpadl_next++ % GPADLS;

    gpadls[i].handle = word(p, size, 12);
    gpadls[i].pages = (word(p, size, 24) + word(p, size, 20) + 4095) / 4096;
}

/* 0: no such GPADL was sent. */
static uint32_t gpadl_pages(uint32_t handle)
{
    for (uint32_t i = 0; i < GPADLS; i++) {
        if (gpadls[i].handle == handle)
            return gpadls[i].pages;
    }
    return 0;
}

/*
 * Appends the version to the list of those that were tried, "6.0 5.3 4.0", for
 * the report.
 */
static void note_contact(const uint8_t *p, uint32_t size)
{
    char *tried = the_platform.tried, text[12];
    size_t n = strlen(tried);

    format_print(tried + n, sizeof(the_platform.tried) - n, "%s%s",
                 n ? " " : "", vmbus_version_format(word(p, size, 8), text));
}

/*
 * Remembers what the answer will be claimed by. The answer may come to another
 * processor before the hypercall has returned to this one.
 */
void claims_sending(const void *payload, uint32_t size)
{
    const uint8_t *p = payload;

    switch (word(p, size, 0)) {
    case WIRE_INITIATE_CONTACT:
        version = word(p, size, 8);
        break;
    case WIRE_REQUEST_OFFERS:
        offers = 0;
        break;
    case WIRE_GPADL_HEADER:
        gpadl_sent(p, size);
        break;
    default:
        break;
    }
}

/* Messages without an answer are claimed when the host has accepted them. */
void claims_sent(const void *payload, uint32_t size)
{
    const uint8_t *p = payload;

    switch (word(p, size, 0)) {
    case WIRE_INITIATE_CONTACT:
        note_contact(p, size);
        break;
    case WIRE_CLOSE:
        claim("close %u", word(p, size, 8));
        break;
    case WIRE_UNLOAD:
        claim("unload");
        break;
    default:
        break;
    }
}

/* Everything else is claimed when its answer arrives. */
void claims_received(const void *payload, uint32_t size)
{
    const uint8_t *p = payload;

    switch (word(p, size, 0)) {
    case WIRE_VERSION_RESPONSE:
        the_platform.mark[MARK_VERSION] = tsc_read();
        claim("contact %u.%u%s", version >> 16, version & 0xffff,
              word(p, size, 8) & 0xff ? "" : " refused");
        break;
    case WIRE_OFFER:
        offers++;
        break;
    case WIRE_ALL_OFFERS_DELIVERED:
        the_platform.mark[MARK_OFFERS] = tsc_read();
        claim("offers %u", offers);
        break;
    case WIRE_GPADL_CREATED:
        claim("gpadl-created %u pages=%u", word(p, size, 12),
              gpadl_pages(word(p, size, 12)));
        break;
    case WIRE_OPEN_RESULT:
        claim("open %u%s", word(p, size, 8),
              word(p, size, 16) ? " refused" : "");
        break;
    case WIRE_GPADL_TORNDOWN:
        claim("gpadl-torndown %u", word(p, size, 8));
        break;
    default:
        break;
    }
}
