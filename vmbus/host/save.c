/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving a host half and restoring it (image.h has the format). A restored
 * state may have been made by anybody: header, checksum, each field and what
 * the fields say together are checked before any of it takes effect.
 */
#include "vmbus/host/image.h"

#include "version/number.h"
#include "vmbus/wire/crc32.h"
#include "vmbus/wire/memory.h"

static const uint8_t magic[8] = "vmbhost\n";

/* Written and read by the same lines, like everything else. */
static void layout_header(struct host_image *i, uint8_t name[8],
                          uint32_t *version, uint32_t *crc, uint64_t *size)
{
    vmbus_host_image_bytes(i, name, sizeof(magic));
    vmbus_host_image_u32(i, version);
    vmbus_host_image_u32(i, crc);
    vmbus_host_image_u64(i, size);
}

/*
 * The body is written first, since the header holds its size and checksum. A
 * buffer that is too small is filled as far as it goes and the needed size is
 * counted to the end.
 */
int vmbus_host_save(struct vmbus_host *host, void *buffer, size_t size,
                    size_t *needed)
{
    struct host_image i = {.to = buffer, .size = buffer ? size : 0};
    uint32_t version = HOST_IMAGE_VERSION, writer = VMBARE_VERSION_NUMBER;
    uint32_t crc;
    uint8_t name[sizeof(magic)];
    uint64_t body;

    i.at = HOST_IMAGE_HEADER;
    vmbus_host_image_u32(&i, &writer);
    vmbus_host_layout(&i, host);
    *needed = i.at;
    if (i.at > i.size)
        return -ENOSPC;
    body = i.at - HOST_IMAGE_HEADER;
    crc = vmbus_crc32(0, i.to + HOST_IMAGE_HEADER, (size_t)body);
    memcpy(name, magic, sizeof(name));
    i.at = 0;
    layout_header(&i, name, &version, &crc, &body);
    return 0;
}

/*
 * Reads and checks the header. *writer receives the version of vmbare that
 * saved the state; it is untouched where the format does not name one.
 */
static int check_header(struct host_image *i, uint32_t *writer)
{
    uint8_t name[sizeof(magic)];
    uint32_t version, crc;
    uint64_t body;

    layout_header(i, name, &version, &crc, &body);
    if (i->status != 0 || memcmp(name, magic, sizeof(name)) != 0)
        return -EBADMSG;
    if (version < HOST_IMAGE_OLDEST || version > HOST_IMAGE_VERSION)
        return -ENOTSUP;
    if (body != i->size - i->at ||
        crc != vmbus_crc32(0, i->from + i->at, (size_t)body))
        return -EBADMSG;
    if (version >= HOST_IMAGE_WRITER)
        vmbus_host_image_u32(i, writer);
    return i->status;
}

/* The restored addresses are only numbers until they are mapped. */
static int map_pages(struct vmbus_host *h)
{
    const uint64_t monitor[2] = {h->monitor_gpa[0], h->monitor_gpa[1]};
    int status = vmbus_host_monitor_map(h, monitor);

    if (status == 0 && h->interrupt_gpa != 0)
        status = vmbus_host_interrupt_map(h, h->interrupt_gpa);
    return status;
}

/* Only into a host half that nobody has used. After a failure it is as new. */
int vmbus_host_restore(struct vmbus_host *host, const void *buffer, size_t size)
{
    struct host_image i = {.from = buffer, .size = size, .reading = true};
    uint32_t writer = 0;
    int status;

    if (host->used)
        return -EBUSY;
    status = check_header(&i, &writer);
    if (status == 0) {
        seam_log(host->seam, SEAM_LOG_DEBUG,
                 "vmbus host: restoring what vmbare %u.%u.%u saved",
                 writer >> 16, writer >> 8 & 0xff, writer & 0xff);
        /* Holds back what the queue would deliver at once. */
        host->restoring = true;
        vmbus_host_layout(&i, host);
        status = i.status;
    }
    if (status == 0)
        status = map_pages(host);
    if (status == 0)
        host->used = true;
    else
        vmbus_host_forget(host);
    return status;
}

/* A restored channel that no server has offered again. */
static struct vmbus_host_channel *unclaimed(struct vmbus_host *h)
{
    for (struct vmbus_host_channel *ch = h->channels; ch; ch = ch->next) {
        if (ch->owner == HOST_UNCLAIMED)
            return ch;
    }
    return NULL;
}

/*
 * Channels without a server are withdrawn, and the guest learns of it as of any
 * rescind.
 */
void vmbus_host_restore_end(struct vmbus_host *host)
{
    struct vmbus_host_channel *ch;
    struct host_gpadl *next;

    if (!host->restoring)
        return;
    while ((ch = unclaimed(host)) != NULL)
        vmbus_host_channel_withdraw(ch);
    for (struct host_gpadl *g = host->gpadls; g; g = next) {
        next = g->next;
        vmbus_host_gpadl_settle(host, g);
    }
    host->restoring = false;
    vmbus_host_pump(host);
    vmbus_host_drain_step(host);
}
