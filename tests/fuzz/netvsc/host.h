/* SPDX-License-Identifier: BSD-2-Clause */
/* The host of the fuzzer: it does what the input says. */
#ifndef FUZZ_NETVSC_HOST_H
#define FUZZ_NETVSC_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbuskernelmodeclientlibapi.h"

struct network_driver;

struct host {
    const uint8_t *input;
    size_t left;
    struct network_driver *driver;
    uint32_t delivered, completed; /* packets to the driver */
    uint32_t packets;              /* objects that it has not freed */
    uint32_t queue;                /* 1: packets come on the sub-channel */
    bool enabled;                  /* the driver waits for the sub-channel */
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks; /* of the sub-channel */
};

/* A host of this input, before nothing has happened. */
struct host *host_begin(const uint8_t *input, size_t size,
                        struct network_driver *driver);

/* The channel ends: packets under way end, and all must have come back. */
void host_end(void);

/* Closes the sub-channel, if it is open; it is not waited for any more. */
void host_close_subchannel(void);

/* Does the next thing that the input says. False: it says nothing. */
bool host_act(void);

/* The next number of the input, of 1 to 4 bytes; 0 when it has ended. */
uint32_t host_take(uint32_t bytes);

/* Up to `size` bytes of the input. Returns how many there were. */
uint32_t host_bytes(void *out, uint32_t size);

#endif
