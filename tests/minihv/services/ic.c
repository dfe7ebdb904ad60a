/* SPDX-License-Identifier: BSD-2-Clause */
/* The header, the versions and the order of messages: see ic.h. */
#include "ic.h"

#include <stddef.h>

#include "bytes.h"
#include "vmbus/wire/memory.h"

enum {
    AT_TYPE = 4,
    AT_MESSAGE = 6,
    AT_SIZE = 10,
    AT_STATUS = 12,
    AT_TRANSACTION = 16,
    AT_FLAGS = 17,
    FLAGS_REQUEST = 3,  /* transaction, request */
    FLAGS_RESPONSE = 5, /* transaction, response */
    COUNTS = 8,         /* bytes before the versions */
};

static const struct ic_version frameworks[] = {{1, 0}, {3, 0}};
enum { FRAMEWORKS = sizeof frameworks / sizeof frameworks[0] };

void ic_open(struct ic *ic)
{
    *ic = (struct ic){
        .type = ic->type,
        .versions = ic->versions,
        .version_count = ic->version_count,
        .open = true,
    };
}

static void put_version(uint8_t *p, struct ic_version v)
{
    put16(p, v.major);
    put16(p + 2, v.minor);
}

static struct ic_version get_version(const uint8_t *p)
{
    return (struct ic_version){get16(p), get16(p + 2)};
}

static uint32_t put_header(struct ic *ic, uint16_t type, uint32_t size,
                           uint8_t *out)
{
    memset(out, 0, IC_HEADER);
    put_version(out, ic->framework);
    put16(out + AT_TYPE, type);
    put_version(out + AT_MESSAGE, ic->message);
    put16(out + AT_SIZE, (uint16_t)size);
    out[AT_TRANSACTION] = ++ic->transaction;
    out[AT_FLAGS] = FLAGS_REQUEST;
    ic->waiting = true;
    return IC_HEADER + size;
}

uint32_t ic_negotiation(struct ic *ic, uint8_t *out)
{
    uint8_t *body = out + IC_HEADER, *at = body + COUNTS;

    memset(body, 0, COUNTS);
    put16(body, FRAMEWORKS);
    put16(body + 2, (uint16_t)ic->version_count);
    for (uint32_t i = 0; i < FRAMEWORKS; i++, at += 4)
        put_version(at, frameworks[i]);
    for (uint32_t i = 0; i < ic->version_count; i++, at += 4)
        put_version(at, ic->versions[i]);
    return put_header(ic, IC_NEGOTIATE, (uint32_t)(at - body), out);
}

uint32_t ic_request(struct ic *ic, const uint8_t *body, uint32_t size,
                    uint8_t *out)
{
    memcpy(out + IC_HEADER, body, size);
    return put_header(ic, (uint16_t)ic->type, size, out);
}

/* ---- answers ------------------------------------------------------------- */

static bool offered(const struct ic_version *list, uint32_t count,
                    struct ic_version v)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i].major == v.major && list[i].minor == v.minor)
            return true;
    return false;
}

static const char *take_versions(struct ic *ic, const struct ic_answer *a)
{
    const uint8_t *body = a->body;

    if (a->size < COUNTS + 8)
        return "a version answer that ends before its versions";
    if (get16(body) == 0 && get16(body + 2) == 0)
        return NULL; /* none of ours: the service stays quiet */
    if (get16(body) != 1 || get16(body + 2) != 1)
        return "a version answer that does not choose one of each";
    ic->framework = get_version(body + COUNTS);
    ic->message = get_version(body + COUNTS + 4);
    if (!offered(frameworks, FRAMEWORKS, ic->framework))
        return "a framework version that was not offered";
    if (!offered(ic->versions, ic->version_count, ic->message))
        return "a message version that was not offered";
    ic->agreed = true;
    return NULL;
}

const char *ic_take(struct ic *ic, const uint8_t *bytes, uint32_t size,
                    struct ic_answer *a)
{
    uint16_t type = (uint16_t)(ic->agreed ? ic->type : IC_NEGOTIATE);

    if (size < IC_HEADER)
        return "a message shorter than its header";
    if (!ic->waiting)
        return "an answer that nobody asked for";
    if (bytes[AT_FLAGS] != FLAGS_RESPONSE)
        return "flags that are not those of a response";
    if (bytes[AT_TRANSACTION] != ic->transaction)
        return "a transaction that is not the request's";
    if (get16(bytes + AT_TYPE) != type)
        return "a message type that is not the request's";
    *a = (struct ic_answer){.negotiated = !ic->agreed,
                            .status = get32(bytes + AT_STATUS),
                            .body = bytes + IC_HEADER,
                            .size = get16(bytes + AT_SIZE)};
    if (a->size > size - IC_HEADER || a->size > IC_MAX)
        return "a body that is longer than its message";
    ic->waiting = false;
    return a->negotiated ? take_versions(ic, a) : NULL;
}
