/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A compute server on all processors: a KMCL server counts prime numbers for
 * its client, each request on another processor. Here both ends are in one
 * image, on the loopback.
 *
 *     make run HOST=minihv SMP=2
 */
#include <stdio.h>

#include "client.h"
#include "request.h"
#include "server.h"
#include "vmbare.h"
#include "vmbare_events.h"

enum {
    PIECES = 100,
    PIECE = 1000,    /* numbers of one request: 0 to 99,999 in all */
    EXPECTED = 9592, /* prime numbers below 100,000 */
    PROCESSORS = 256,
    SECONDS = 60,
};

static unsigned counted_by[PROCESSORS]; /* requests */

/* Sends the next request, if there is one. */
static bool send_next(unsigned *sent)
{
    struct request request = {*sent * PIECE, (*sent + 1) * PIECE};

    if (*sent == PIECES)
        return true;
    ++*sent;
    return client_send(&request);
}

/* The next answer, for which main sleeps until its deadline. */
static bool take_answer(struct outcome *outcome)
{
    if (vmbare_wait_for(&client_answers.source, vmbare_after(SECONDS)) !=
        VMBARE_OK) {
        printf("compute: no answer in %u s\n", (unsigned)SECONDS);
        return false;
    }
    return vmbare_messages_take(&client_answers, outcome) == VMBARE_OK;
}

/* As many requests under way as there may be; each answer makes room for one.
 * Returns the primes; 0: something failed. */
static unsigned ask_all(void)
{
    unsigned sent = 0, primes = 0;

    for (unsigned i = 0; i < REQUESTS; i++) {
        if (!send_next(&sent))
            return 0;
    }
    for (unsigned i = 0; i < PIECES; i++) {
        struct outcome outcome;

        if (!take_answer(&outcome))
            return 0;
        if (!outcome.good) {
            printf("compute: a request was refused\n");
            return 0;
        }
        primes += outcome.answer.primes;
        counted_by[outcome.answer.processor % PROCESSORS]++;
        if (!send_next(&sent))
            return 0;
    }
    return primes;
}

int main(void)
{
    unsigned primes;

    if (!vmbare_loopback() || !NT_SUCCESS(server_start())) {
        printf("compute: the server cannot be started\n");
        return VMBARE_FAILED;
    }
    if (!client_start()) {
        server_stop();
        return VMBARE_FAILED;
    }
    primes = ask_all();
    client_stop();
    server_stop();
    for (unsigned i = 0; i < vmbare_processors(); i++)
        printf("compute: processor %u has counted %u of %u requests\n", i,
               counted_by[i], (unsigned)PIECES);
    printf("compute: %u primes below %u, expected %u\n", primes,
           (unsigned)PIECES * PIECE, (unsigned)EXPECTED);
    return primes == EXPECTED ? VMBARE_PASSED : VMBARE_FAILED;
}
