/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a request was refused, in words, where no sense data say it. Three
 * parties may have refused it: the adapter (SRB status), the device (SCSI
 * status) and the host (an NTSTATUS). Wire reference, section H8;
 * [SPC-3], [linux storvsc_drv.c].
 */
#include <stdio.h>
#include <string.h>

#include "drivers/storage/private.h"

/* What the reader can do, by the kind of the refusal. A later one counts more
 * where several parties have refused. */
enum remedy { REMEDY_LOG, REMEDY_AGAIN, REMEDY_REQUEST, REMEDY_GONE };

static const struct {
    const char *found, *advice;
} remedies[] = {
    [REMEDY_LOG] = {"a failure of the host", "see the host's log"},
    [REMEDY_AGAIN] = {"a disk that cannot answer now", "ask again later"},
    [REMEDY_REQUEST] = {"a request that the host does not take",
                        "send what the disk can do"},
    [REMEDY_GONE] = {"that the disk is gone",
                     "give the VM the disk again, then open it again"},
};

struct word {
    uint32_t status;
    const char *name;
    enum remedy remedy;
};

static const struct word srb[] = {
    {VSTOR_SRB_ABORTED, "aborted", REMEDY_AGAIN},
    {VSTOR_SRB_ERROR, "error", REMEDY_LOG},
    {VSTOR_SRB_BUSY, "busy", REMEDY_AGAIN},
    {VSTOR_SRB_INVALID_REQUEST, "invalid request", REMEDY_REQUEST},
    {VSTOR_SRB_NO_DEVICE, "no such device", REMEDY_GONE},
    {VSTOR_SRB_DATA_OVERRUN, "more data than room", REMEDY_REQUEST},
    {VSTOR_SRB_INVALID_LUN, "no such logical unit", REMEDY_GONE},
    {VSTOR_SRB_INVALID_TARGET, "no such target", REMEDY_GONE},
    {VSTOR_SRB_INTERNAL_ERROR, "internal error", REMEDY_LOG},
};

static const struct word scsi[] = {
    {0x02, "check condition", REMEDY_LOG},
    {0x08, "busy", REMEDY_AGAIN},
    {0x18, "reserved by another machine", REMEDY_LOG},
    {0x28, "its queue is full", REMEDY_AGAIN},
    {0x40, "aborted", REMEDY_AGAIN},
};

static const struct word host[] = {
    {0xc0000001, "unsuccessful", REMEDY_LOG},
    {0xc000000d, "invalid parameter", REMEDY_REQUEST},
    {0xc000000e, "no such device", REMEDY_GONE},
    {0xc0000010, "invalid device request", REMEDY_REQUEST},
    {0xc0000013, "no medium", REMEDY_GONE},
    {0xc0000056, "the disk is being removed", REMEDY_GONE},
    {0xc000007f, "the host's own disk is full", REMEDY_LOG},
    {0xc000009a, "the host lacks memory", REMEDY_AGAIN},
    {0xc000009c, "data error", REMEDY_LOG},
    {0xc000009d, "the device is not connected", REMEDY_GONE},
    {0xc00000a2, "write protected", REMEDY_REQUEST},
    {0xc00000a3, "the device is not ready", REMEDY_AGAIN},
    {0xc00000b5, "the host's own disk did not answer", REMEDY_AGAIN},
    {0xc00000c0, "the device does not exist", REMEDY_GONE},
    {0xc0000120, "cancelled", REMEDY_AGAIN},
    {0xc0000184, "not in this state", REMEDY_LOG},
    {0xc0000185, "input or output error", REMEDY_LOG},
    {0xc00002b6, "the device was removed", REMEDY_GONE},
};

#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

/* A line that grows, and what it comes to. */
struct line {
    char text[160];
    size_t length;
    enum remedy remedy;
};

/* Adds one party's status, where it refused. */
static void add(struct line *l, const char *party, unsigned digits,
                uint32_t status, const struct word *words, size_t count)
{
    const char *name = "no name for it here";
    size_t room = sizeof(l->text) - l->length;

    for (size_t i = 0; i < count; i++) {
        if (words[i].status != status)
            continue;
        name = words[i].name;
        if (words[i].remedy > l->remedy)
            l->remedy = words[i].remedy;
    }
    l->length += (size_t)snprintf(
        l->text + l->length, room, "%s%s status 0x%0*x (%s)",
        l->length ? ", " : "", party, (int)digits, (unsigned)status, name);
    if (l->length >= sizeof(l->text))
        l->length = sizeof(l->text) - 1;
}

/* The bits for sense data and queue say nothing of the reason. */
void vstor_refusal_text(const struct vstor_request *r, char *text, size_t size)
{
    struct line l = {.remedy = REMEDY_LOG};
    uint32_t code = VSTOR_SRB_CODE(r->srb_status);

    if (code != VSTOR_SRB_SUCCESS)
        add(&l, "SRB", 2, code, srb, COUNT(srb));
    if (r->scsi_status)
        add(&l, "SCSI", 2, r->scsi_status, scsi, COUNT(scsi));
    if (r->host_status)
        add(&l, "host", 8, r->host_status, host, COUNT(host));
    snprintf(text, size, "%s: %s: %s", remedies[l.remedy].found, l.text,
             remedies[l.remedy].advice);
}
