/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of channel messages. The input has the host's messages, byte for byte,
 * at every version. Between them a user makes its calls, and a peer that keeps
 * the rules answers.
 *
 *     byte 0       version
 *     then records: 0 n      the user does n
 *                   1 r      the peer's rule for a request changes
 *                   k bytes  a message of k - 2 bytes
 */
#include "tests/fuzz/bus_life/bus_life.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rule(struct peer *p, uint8_t byte)
{
    static const uint8_t requests[8] = {3, 5, 8, 11, 14, 16, 21, 22};
    struct peer_rule *r = &p->rules[requests[byte & 7]];

    r->answer = (enum peer_answer)((byte >> 3) % 7);
    r->status = byte >> 3;
    r->delay = byte & 0x80 ? 3 * SEAM_S : 0;
}

static void message(struct bus_life *l, struct steering *in, uint32_t size)
{
    uint8_t bytes[256] = {0};

    for (uint32_t i = 0; i < size; i++)
        bytes[i] = steer(in);
    peer_send(l->p, bytes, size, 0);
    hosted_run(l->s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct steering in = {data, size};
    struct bus_life l;

    bus_life_begin(&l, steer(&in));
    bus_life_act(&l, 1);
    for (int records = 0; in.size > 0 && records < 64; records++) {
        uint8_t kind = steer(&in);

        if (kind == 0)
            bus_life_act(&l, steer(&in));
        else if (kind == 1)
            rule(l.p, steer(&in));
        else
            message(&l, &in, kind - 2u);
    }
    bus_life_end(&l);
    return 0;
}
