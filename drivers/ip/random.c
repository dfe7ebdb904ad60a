/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers for the stack: sequence numbers, ports, identifiers of DNS and
 * DHCP. A secret of 128 bits keys SipHash-2-4; what it makes of a counter is
 * the next number, and what it makes of a connection's ends is where its
 * sequence numbers begin.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012;
 * RFC 6528 for sequence numbers.
 */
#include <string.h>

#include "drivers/ip/private.h"
#include "drivers/ip/port/hooks.h"
#include "vmbare.h"

#define SEED_SIZE    32 /* of the firmware's EFI_RNG */
#define RDRAND_TRIES 10 /* as Intel's guide to it advises */

/* Written by ip_random_seed() only; `counter` under the stack's lock. */
static uint64_t key[2];
static uint64_t counter;

/* ---- SipHash-2-4 --------------------------------------------------------- */

/* To the left, by 1 to 63. */
static inline uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

/* SipRound, as the paper has it. */
static void rounds(uint64_t v[4], unsigned count)
{
    while (count--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

uint64_t ip_siphash(const uint64_t secret[2], const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint64_t last = (uint64_t)size << 56, word;
    uint64_t v[4] = {
        secret[0] ^ UINT64_C(0x736f6d6570736575),
        secret[1] ^ UINT64_C(0x646f72616e646f6d),
        secret[0] ^ UINT64_C(0x6c7967656e657261),
        secret[1] ^ UINT64_C(0x7465646279746573),
    };

    for (; size >= sizeof(word); at += sizeof(word), size -= sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        v[3] ^= word;
        rounds(v, 2);
        v[0] ^= word;
    }
    while (size--)
        last |= (uint64_t)at[size] << (8 * size);
    v[3] ^= last;
    rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- the secret ---------------------------------------------------------- */

/* CPUID leaf 1, ECX bit 30: the processor has RDRAND. */
static bool has_rdrand(void)
{
    uint32_t a = 1, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return c >> 30 & 1;
}

/* RDRAND fails while the hardware has nothing; then 0, and the clock counts. */
static uint64_t hardware(void)
{
    uint64_t value = 0;
    uint8_t done = 0;

    for (unsigned i = 0; i < RDRAND_TRIES && !done; i++)
        __asm__ volatile("rdrand %0; setc %1"
                         : "=r"(value), "=qm"(done)
                         :
                         : "cc");
    return done ? value : 0;
}

void ip_random_seed(const void *own, size_t size)
{
    bool rdrand = has_rdrand();
    uint8_t seed[SEED_SIZE];
    uint32_t size_of_seed = vmbare_seed(seed, sizeof(seed));

    for (unsigned i = 0; i < 2; i++) {
        uint64_t mixed[2] = {__builtin_ia32_rdtsc(), vmbare_now()};

        if (rdrand)
            mixed[0] ^= hardware();
        /* What was there before counts, so a second seed loses nothing. */
        key[i] ^= ip_siphash(mixed, own, size);
        /* The firmware's bytes make up for a processor without RDRAND. */
        key[i] ^= ip_siphash(mixed, seed, size_of_seed);
    }
}

uint32_t ip_random(void)
{
    uint64_t number = counter++;

    return (uint32_t)ip_siphash(key, &number, sizeof(number));
}

u32_t ip_first_sequence(const ip_addr_t *local, u16_t local_port,
                        const ip_addr_t *remote, u16_t remote_port)
{
    struct {
        ip_addr_t local, remote;
        uint16_t local_port, remote_port;
    } ends;

    memset(&ends, 0, sizeof(ends));
    ip_addr_copy(ends.local, *local);
    ip_addr_copy(ends.remote, *remote);
    ends.local_port = local_port;
    ends.remote_port = remote_port;
    /* RFC 6528: a clock of 4 microseconds; vmbare_now() counts 100 ns. */
    return (uint32_t)(ip_siphash(key, &ends, sizeof(ends)) + vmbare_now() / 40);
}
