/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saves host halves and restores them as new ones.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostmsg.h"
#include "vmbus/wire/crc32.h"

void replace(struct world *w)
{
    vmbus_host_reset(w->host);
    for (unsigned n = 0; n < SERVERS; n++) {
        if (w->server[n].channel)
            withdraw(&w->server[n]);
    }
    vmbus_host_destroy(w->host);
    w->host = NULL;
    w->s->fail_at = 0;
    if (vmbus_host_create(w->s, &platform, w, &w->config, &w->host) != 0)
        abort();
}

static void come_back(struct world *w, uint8_t who)
{
    for (uint8_t n = 0; n < SERVERS; n++) {
        if (who >> n & 1)
            publish(w, n, 0);
    }
    vmbus_host_restore_end(w->host);
}

void save_restore(struct world *w, struct input *in)
{
    uint8_t who = take(in);
    uint8_t *image;
    size_t size;

    if (vmbus_host_save(w->host, NULL, 0, &size) != -ENOSPC)
        abort();
    image = malloc(size);
    if (vmbus_host_save(w->host, image, size, &size) != 0)
        abort();
    replace(w);
    /* A state that was saved here must be accepted. */
    if (vmbus_host_restore(w->host, image, size) != 0)
        abort();
    free(image);
    come_back(w, who);
}

/* Restores a saved state with some bytes changed and a corrected checksum. */
void forge(struct world *w, struct input *in)
{
    uint8_t edits = take(in), who = take(in);
    uint8_t *image;
    size_t size;
    uint32_t crc;

    vmbus_host_save(w->host, NULL, 0, &size);
    image = malloc(size);
    vmbus_host_save(w->host, image, size, &size);
    for (uint8_t n = 0; n < edits % 8; n++) {
        size_t at = take(in) | (size_t)take(in) << 8;

        /* Changes begin after the header and the writer's version. */
        image[28 + at % (size - 28)] ^= take(in);
    }
    crc = vmbus_crc32(0, image + 24, size - 24);
    memcpy(image + 12, &crc, 4);
    if (edits & 8)
        image[take(in) % 24] ^= take(in);
    replace(w);
    if (edits & 16)
        w->s->fail_at = w->s->counts.allocations + take(in);
    if (edits & 32)
        size -= take(in) % size;
    if (vmbus_host_restore(w->host, image, size) == 0)
        come_back(w, who);
    w->s->fail_at = 0;
    free(image);
}
