/* A platform for the hosted library in 200 lines: two processes, one shared
 * memory file, no interrupts. See small_platform.c. */
#ifndef SMALL_PLATFORM_H
#define SMALL_PLATFORM_H

#include "vmbus/seam.h"

/* What each side does with what arrives. */
struct small_receiver {
    void (*message)(void *arg, uint32_t connection, const void *payload,
                    uint32_t size); /* PASSIVE for the host, else DISPATCH */
    void (*event)(void *arg, uint32_t number); /* DISPATCH */
    uint8_t level;
    void *arg;
};

/* Makes the shared memory; call it before fork(). */
void small_platform_share(void);

/* The platform of one process: side 0 is the guest, 1 the host. */
struct seam *small_platform_open(int side, struct small_receiver receiver);
void small_platform_close(struct seam *s);

/* Tells the other side: a message of `size` <= 240 bytes, or event `number`
 * (guest to host: a connection id; host to guest: a flag). */
int small_send(struct seam *s, uint32_t connection, const void *payload,
               uint32_t size);
void small_signal(struct seam *s, uint32_t number);

#endif
