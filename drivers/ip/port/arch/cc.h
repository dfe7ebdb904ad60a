/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lwIP asks of the compiler and the C library; lwip/arch.h includes it by
 * this name. It compiles for the guest and for the build machine.
 */
#ifndef DRIVERS_IP_PORT_ARCH_CC_H
#define DRIVERS_IP_PORT_ARCH_CC_H

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

/* newlib declares ssize_t, but no largest value of it. */
#ifndef SSIZE_MAX
#define SSIZE_MAX LONG_MAX
#endif

/* A broken invariant of lwIP ends as one of ours: in the crash report. */
#define LWIP_PLATFORM_ASSERT(text) assert(!(text))
/* Its lines for debugging are never compiled in. */
#define LWIP_PLATFORM_DIAG(words) \
    do {                          \
    } while (0)

/**
 * A random number (drivers/ip/random.c). Under the stack's lock.
 *
 * @return  any of 32 bits
 */
uint32_t ip_random(void);
#define LWIP_RAND() ip_random()

/**
 * SNTP has the time (drivers/ip/wall.c). Under the stack's lock.
 *
 * @seconds       since 1970-01-01 UTC
 * @microseconds  of the second
 */
void ip_time_arrived(uint32_t seconds, uint32_t microseconds);

/**
 * The time, for SNTP's requests (drivers/ip/wall.c). Under the stack's lock.
 *
 * @seconds       receives it, since 1970-01-01 UTC
 * @microseconds  receives the rest
 */
void ip_time_now(uint32_t *seconds, uint32_t *microseconds);

#endif
