/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring buffer, one direction of a channel: one writer, one reader.
 *
 * The contract of the pure part of vmbus/. This code touches only the mapped
 * control page, the data area and the structs below. It never makes a
 * hypercall, allocates, locks or waits. Where the other side must be signalled,
 * a function returns true and its caller sends the signal.
 *
 * Positions are values. A caller takes a position (ring_writer_start), writes
 * any number of packets from there on, and commits the position that it has
 * reached: one index store, one full fence, one answer. Until the commit the
 * other side sees nothing of it. Reading works the same way.
 *
 * Both halves of the bus use the same code: the guest writes its outgoing ring
 * and reads the incoming one; the host half does the opposite.
 *
 * All functions may be called at any IRQL. A writer and a reader each belong to
 * one caller at a time, so callers on several processors need a lock. The two
 * ends of one ring need no lock between them.
 *
 * Statuses are 0 or a negative errno. The other side may write anything at any
 * time, so each of its words is loaded once, checked, then used. The first bad
 * one breaks the ring for good: `fault` holds what was found, and every later
 * call returns -EPROTO (a commit: false) without touching memory.
 */
#ifndef VMBUS_RING_H
#define VMBUS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/ring_area.h"
#include "vmbus/ring_wire.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- writing ----------------------------------------------------------- */

/* The members belong to the ring code; callers may read `fault` and the
 * counters. */
struct ring_writer {
    struct ring_area area;
    uint32_t contiguous; /* bytes addressable without wrapping */
    uint32_t largest;    /* largest footprint that can ever fit */
    uint32_t published;  /* write index as the reader knows it */
    uint32_t reader;     /* read index as last loaded and checked */
    uint64_t straight;   /* end of the straight stretch: a packet that ends at
                            or before this offset has room, does not wrap and
                            is not too long. 0: nothing is known, and the
                            writer must load the read index again */
    struct ring_fault fault;
    uint64_t commits; /* index stores */
    uint64_t signals; /* commits that returned true */
};

/**
 * Attach a writer to a ring at the indices in its control page (a cleared one:
 * an empty ring), and set the feature bit by which we promise to fill
 * pending_send_size.
 *
 * @area    copied; the memory stays the caller's
 * @return  0; -EINVAL: the area is not as struct ring_area demands; -EPROTO:
 *          the indices in the control page are bad, see w->fault
 */
int ring_writer_attach(struct ring_writer *w, const struct ring_area *area);

/** The position of the next packet while nothing waits for a commit. */
static inline uint32_t ring_writer_start(const struct ring_writer *w)
{
    return w->published;
}

/**
 * Write one packet, which the reader does not see before the commit.
 *
 * @at      where it goes; moved to the position after it with 0 only
 * @packet  its type, flags, sizes and transaction
 * @body    packet->size bytes, of which the first packet->header_size are the
 *          type's own header (packet.h builds them)
 * @return  0; -EAGAIN: no room now: commit, then ring_writer_block();
 * -EMSGSIZE: it never fits this ring or the wire; -EPROTO: the ring is broken
 */
int ring_write(struct ring_writer *w, uint32_t *at,
               const struct ring_packet *packet, const void *body);

/**
 * As ring_write(), with the body in parts.
 *
 * @return  as ring_write()
 * @parts  their sizes add up to packet->size (asserted)
 * @count  how many
 */
int ring_write_parts(struct ring_writer *w, uint32_t *at,
                     const struct ring_packet *packet,
                     const struct ring_part *parts, uint32_t count);

/**
 * As ring_write(), with the type's own header apart from the payload.
 *
 * @header   packet->header_size bytes
 * @payload  the other bytes of packet->size
 * @return   as ring_write()
 */
int ring_write_headed(struct ring_writer *w, uint32_t *at,
                      const struct ring_packet *packet, const void *header,
                      const void *payload);

/**
 * Find room for a packet that is built in place: fill its body, then call
 * ring_seal().
 *
 * @at      where the packet goes
 * @size    bytes after the descriptor
 * @body    receives their address, or NULL if they wrap around the end of data
 *          that is not mapped twice: then use ring_fill(); may be NULL
 * @return  as ring_write()
 */
int ring_reserve(struct ring_writer *w, uint32_t at, uint32_t size,
                 void **body);

/**
 * Copy bytes to `offset` of the body that is reserved at `at`, around the end
 * of the data area if need be.
 *
 * @from  the bytes, copied
 * @size  how many
 */
void ring_fill(struct ring_writer *w, uint32_t at, uint32_t offset,
               const void *from, uint32_t size);

/** Put descriptor, padding and trailer around the body that is reserved at *at
 * (with the same packet->size), and move *at to the position after it. */
void ring_seal(struct ring_writer *w, uint32_t *at,
               const struct ring_packet *packet);

/**
 * Make everything before `at` visible to the reader.
 *
 * @return  true: signal the reader now, because its mask is clear and it had
 *          taken everything before; false: no signal, also when `at` has not
 *          moved or the ring is broken
 */
bool ring_writer_commit(struct ring_writer *w, uint32_t at);

/** Bytes free after what is published, by a fresh load of the read index; a
 * footprint must be smaller than that. 0 if the ring is broken. */
uint32_t ring_writer_free(struct ring_writer *w);

/**
 * Announce to the reader that the writer waits until more than `footprint`
 * bytes are free. Everything written must be committed first.
 *
 * @footprint  see ring_footprint(); at most size - 8
 * @return     1: there is room already and nothing stays announced: try again;
 *             0: blocked: the other side will signal if it promises to
 *             (ring_reader_peer_tells_room), but hosts lose that signal: wait
 *             with a time-out, and call ring_writer_unblock() at its end;
 *             -EMSGSIZE: the footprint never fits; -EPROTO: the ring is broken
 */
int ring_writer_block(struct ring_writer *w, uint64_t footprint);

/** Withdraw the announcement of ring_writer_block(), after waking up or when
 * giving up. */
void ring_writer_unblock(struct ring_writer *w);

/* ---- reading ----------------------------------------------------------- */

/* The members belong to the ring code, as in struct ring_writer. */
struct ring_reader {
    struct ring_area area;
    uint32_t contiguous; /* bytes addressable without wrapping */
    uint32_t released;   /* read index as the writer knows it */
    uint32_t limit;      /* write index as last loaded and checked */
    uint64_t from;     /* start of the stretch in which packets are known to be
                          complete */
    uint64_t straight; /* its end, an offset before which no packet wraps. 0:
                          nothing is known, and the reader must load the write
                          index again */
    struct ring_fault fault;
    uint64_t commits; /* index stores */
    uint64_t signals; /* commits that returned true */
};

/**
 * Attach a reader to a ring at the indices in its control page. Arguments and
 * statuses as ring_writer_attach().
 *
 * @area    copied; the memory stays the caller's
 * @return  as ring_writer_attach()
 */
int ring_reader_attach(struct ring_reader *r, const struct ring_area *area);

/** The position of the next packet while nothing waits for a commit. */
static inline uint32_t ring_reader_start(const struct ring_reader *r)
{
    return r->released;
}

/**
 * Copy the packet at *at out of the ring. Every check is made on values that
 * the other side cannot change any more.
 *
 * @at        moved to the position after the packet with 0 and -EMSGSIZE only
 * @packet    receives its type, flags, sizes and transaction. A type that the
 *            caller does not know is the caller's to ignore
 * @body      receives what follows the descriptor
 * @capacity  bytes of `body`
 * @return    0; -EAGAIN: the ring is empty, *packet is undefined; -EMSGSIZE:
 * the packet has more than `capacity` bytes: the first ones are in `body`,
 * packet->size is the full size; -EPROTO: the ring is broken
 */
int ring_read(struct ring_reader *r, uint32_t *at, struct ring_packet *packet,
              void *body, size_t capacity);

/**
 * As ring_read() without the copy, for trusted peers only, which do not change
 * the bytes while the caller reads them.
 *
 * @body    receives the body's address in the ring, valid until the commit
 * @return  as ring_read() without -EMSGSIZE; -EXDEV: this packet wraps around
 *          the end of data that is not mapped twice: use ring_read()
 */
int ring_peek(struct ring_reader *r, uint32_t *at, struct ring_packet *packet,
              const void **body);

/**
 * Give everything before `at` back to the writer.
 *
 * @return  true: signal the writer now, because this commit gave it the room
 *          that it waits for; false: no signal, also when `at` has not moved or
 *          the ring is broken
 */
bool ring_reader_commit(struct ring_reader *r, uint32_t at);

/**
 * Look whether another packet is there, which costs less than a ring_read()
 * that finds none.
 *
 * @at      where it would be: the position after a packet that was read
 * @return  true: there is none now; false: there may be one, or the ring is
 *          broken
 */
bool ring_reader_at_end(const struct ring_reader *r, uint32_t at);

/** Bytes written after what is released, by a fresh load of the write index.
 * 0 if the ring is broken. */
uint32_t ring_reader_used(struct ring_reader *r);

/** Ask the writer for no signals. The order is: mask, drain, commit, unmask. */
void ring_reader_mask(struct ring_reader *r);

/**
 * Ask for signals again, after the commit. A reader that never masks must call
 * it too before it rests.
 *
 * @return  true: a packet arrived meanwhile for which no signal will come; the
 *          mask is set again, so go on draining. False: the reader may rest, a
 *          signal will come (or the ring is broken)
 */
bool ring_reader_unmask(struct ring_reader *r);

/** True if the writer of this ring promises to signal when room appears in the
 * ring of the other direction (ring_writer_block). */
bool ring_reader_peer_tells_room(const struct ring_reader *r);

#ifdef __cplusplus
}
#endif

#endif
