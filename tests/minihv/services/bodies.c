/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies of heartbeat, shutdown, time, VSS and file copy: see bodies.h. */
#include "bodies.h"

#include <stddef.h>

#include "bytes.h"
#include "vmbus/wire/memory.h"

static void put64(uint8_t *p, uint64_t v)
{
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}

/* ---- heartbeat ----------------------------------------------------------- */

/* Linux declares 40 bytes, and changes the first 8. */
uint32_t body_heartbeat(uint8_t *body, uint64_t sequence)
{
    enum { SIZE = 40 };

    memset(body, 0, SIZE);
    put64(body, sequence);
    return SIZE;
}

const char *read_heartbeat(const struct ic_answer *a, uint64_t sequence,
                           uint32_t *state)
{
    if (a->size < 8)
        return "a heartbeat that ends before its sequence number";
    if (get64(a->body) != sequence + 1)
        return "a sequence number that is not one more";
    *state = a->size < 12 ? 0 : get32(a->body + 8);
    return NULL;
}

/* ---- shutdown ------------------------------------------------------------ */

uint32_t body_shutdown(uint8_t *body, uint32_t flags)
{
    enum { SIZE = 12 + 2048, SECONDS = 60, PLANNED = 0x80000000u };

    memset(body, 0, SIZE);
    put32(body, PLANNED);
    put32(body + 4, SECONDS);
    put32(body + 8, flags);
    return SIZE;
}

/* ---- time ---------------------------------------------------------------- */

uint32_t body_time(uint8_t *body, struct ic_version message, uint64_t unix_ms,
                   uint64_t reference)
{
    enum { SYNC = 1, SIZE = 24, OLD_SIZE = 25 };
    const uint64_t epoch = UINT64_C(116444736000000000); /* 1970 from 1601 */

    memset(body, 0, OLD_SIZE);
    put64(body, epoch + unix_ms * 10000);
    if (message.major < 4) {
        body[24] = SYNC;
        return OLD_SIZE;
    }
    put64(body + 8, reference);
    body[16] = SYNC;
    return SIZE;
}

/* ---- VSS ----------------------------------------------------------------- */

uint32_t body_vss(uint8_t *body, enum body_vss operation)
{
    enum { SIZE = 24 };

    memset(body, 0, SIZE);
    body[0] = (uint8_t)operation;
    return SIZE;
}

/* ---- file copy ----------------------------------------------------------- */

enum { COPY_HEADER = 36, NAME_BYTES = 2 * (COPY_NAME_MAX + 1) };

static uint8_t *copy_header(uint8_t *body, enum body_copy operation,
                            uint32_t size)
{
    memset(body, 0, size);
    put32(body, operation);
    return body + COPY_HEADER;
}

static bool put_ascii(uint8_t *at, const char *text, size_t length)
{
    if (!length || length > COPY_NAME_MAX)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
        put16(at + 2 * i, (uint8_t)text[i]);
    }
    return true;
}

uint32_t body_copy_start(uint8_t *body, const char *path, uint64_t size)
{
    enum { OVERWRITE_AND_CREATE = 3, SIZE = COPY_HEADER + 2 * NAME_BYTES + 12 };
    uint8_t *name = copy_header(body, COPY_START, SIZE),
            *folder = name + NAME_BYTES;
    const char *last = NULL, *end;

    for (end = path; *end; end++)
        if (*end == '/')
            last = end;
    if (!last || path[0] != '/')
        return 0;
    /* With its '/': Linux's daemon makes only folders that end in one. */
    if (!put_ascii(name, last + 1, (size_t)(end - last - 1)) ||
        !put_ascii(folder, path, (size_t)(last + 1 - path)))
        return 0;
    put32(folder + NAME_BYTES, OVERWRITE_AND_CREATE);
    put64(folder + NAME_BYTES + 4, size);
    return SIZE;
}

uint32_t body_copy_write(uint8_t *body, uint64_t offset, const uint8_t *data,
                         uint32_t size)
{
    enum { AT_OFFSET = 4, AT_SIZE = 12, AT_DATA = 16 };
    uint8_t *m =
        copy_header(body, COPY_WRITE, COPY_HEADER + AT_DATA + COPY_DATA_MAX);

    put64(m + AT_OFFSET, offset);
    put32(m + AT_SIZE, size);
    memcpy(m + AT_DATA, data, size);
    return COPY_HEADER + AT_DATA + COPY_DATA_MAX;
}

uint32_t body_copy_end(uint8_t *body, enum body_copy operation)
{
    (void)copy_header(body, operation, COPY_HEADER);
    return COPY_HEADER;
}
