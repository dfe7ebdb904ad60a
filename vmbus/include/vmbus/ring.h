/*
 * A ring buffer, one direction of a channel: one writer, one reader.
 *
 * The contract of the pure part of vmbus/. This code touches only the mapped
 * control page and data area and the structs below; it never makes a
 * hypercall, allocates, locks or waits. Where the other side must be told
 * something, a function answers 'signal it now' and the caller does.
 *
 * Offsets are values. A caller takes a position (ring_writer_start), writes
 * any number of packets from there, and commits the position it has reached:
 * one index store, one full fence, one answer. What is not committed has not
 * happened. Reading likewise.
 *
 * Both halves of the bus use the same code: the guest writes its outgoing
 * ring and reads the incoming one, the host half the other way round.
 *
 * All functions are callable at any IRQL. A writer and a reader each belong
 * to one caller at a time: who calls from several processors locks outside.
 * The two ends of one ring need no lock between them.
 *
 * Statuses are 0 or a negative errno. The other side may write anything at
 * any time: each of its words is loaded once, checked, then used. The first
 * bad one breaks the ring for good: `fault` says what was found, and every
 * later call returns -EPROTO (commits: no signal) without touching memory.
 */
#ifndef VMBUS_RING_H
#define VMBUS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/ring_wire.h"

/* What the other side did wrong; ring_fault_text() has the words. */
enum ring_fault_kind {
    RING_FAULT_NONE,
    RING_FAULT_READ_INDEX_RANGE,  /* read index not below the ring's size */
    RING_FAULT_READ_INDEX_UNIT,   /* read index no multiple of 8 */
    RING_FAULT_READ_INDEX_PASSED, /* read index beyond what was written */
    RING_FAULT_WRITE_INDEX_RANGE, /* write index not below the ring's size */
    RING_FAULT_WRITE_INDEX_UNIT,  /* write index no multiple of 8 */
    RING_FAULT_WRITE_INDEX_BACK,  /* write index behind what was announced */
    RING_FAULT_SHORT,             /* fewer bytes than descriptor + trailer */
    RING_FAULT_OFFSET,            /* payload starts inside the descriptor */
    RING_FAULT_LENGTH,            /* packet ends before its payload starts */
    RING_FAULT_OVERRUN,           /* packet longer than what was written */
};

struct ring_fault {
    enum ring_fault_kind kind;
    uint32_t found; /* the value that was refused */
    uint32_t limit; /* what it was compared with */
};

/* A constant one-line description, e.g. "write index not below ring size". */
const char *ring_fault_text(enum ring_fault_kind kind);

/*
 * Where a ring is mapped. `control` is its control page, `data` the data
 * area of `size` bytes: a multiple of 4096, not necessarily a power of two,
 * 4096 .. RING_SIZE_LIMIT. With `twice` the data area is mapped a second
 * time directly behind itself, so that no packet is split. Not owned: it
 * must stay mapped as long as a writer or reader uses it.
 */
struct ring_area {
    struct ring_control *control;
    uint8_t *data;
    uint32_t size;
    bool twice;
};

/* Twice the size must be a positive int32_t; a GPADL ends far below that. */
#define RING_SIZE_LIMIT 0x10000000u

/* A packet without its bytes: what a sender states, what a receiver gets. */
struct ring_packet {
    uint16_t type;        /* RING_PACKET_* */
    uint16_t flags;       /* RING_FLAG_* */
    uint32_t header_size; /* of `size`, type-specific header; multiple of 8 */
    uint32_t size;        /* bytes behind the descriptor: header + payload;
                             received: with the padding, a multiple of 8 */
    uint64_t transaction;
};

/* A piece of what is to be written; size 0 is allowed with any pointer. */
struct ring_part {
    const void *data;
    uint32_t size;
};

/* Bytes of ring that a packet with `size` bytes behind the descriptor takes:
 * descriptor, body, padding to 8, trailer. */
static inline uint64_t ring_footprint(uint32_t size)
{
    return (((uint64_t)size + 7) & ~UINT64_C(7)) + RING_DESCRIPTOR_SIZE +
           RING_TRAILER_SIZE;
}

/* Both control pages are zeroed before a channel is opened (the side that
 * owns the memory does it, before anyone else sees it). */
void ring_control_clear(struct ring_control *control);

/* ---- writing ----------------------------------------------------------- */

/* Members are the ring's own; read `fault` and the counters at will. */
struct ring_writer {
    struct ring_area area;
    uint32_t contiguous; /* bytes addressable without wrapping */
    uint32_t largest;    /* largest footprint that can ever fit */
    uint32_t published;  /* write index as the reader knows it */
    uint32_t reader;     /* read index as last seen and checked */
    uint64_t straight;   /* a packet that ends at or before here has room,
                            does not wrap, is not too long; 0: look */
    struct ring_fault fault;
    uint64_t commits; /* index stores */
    uint64_t signals; /* commits that answered 'signal' */
};

/*
 * Attaches to the ring where its control page stands (a cleared one: empty)
 * and sets our feature bit in it: we fill pending_send_size, and look at the
 * other ring's. 0; -EINVAL: size or data is not as ring_area says; -EPROTO:
 * the indices in the control page are bad, see w->fault.
 */
int ring_writer_attach(struct ring_writer *w, const struct ring_area *area);

/* The position where the next packet goes when nothing is pending commit. */
static inline uint32_t ring_writer_start(const struct ring_writer *w)
{
    return w->published;
}

/*
 * Writes one packet at *at and moves *at behind it; not visible to the reader
 * before the commit. `body` holds packet->size bytes, of which the first
 * packet->header_size are the type's own header (builders: packet.h).
 * 0; -EAGAIN: no room now, *at unchanged: commit, then ring_writer_block;
 * -EMSGSIZE: never fits this ring or the wire; -EPROTO: ring broken.
 */
int ring_write(struct ring_writer *w, uint32_t *at,
               const struct ring_packet *packet, const void *body);

/* As ring_write, the body in `count` parts; packet->size is their sum. */
int ring_write_parts(struct ring_writer *w, uint32_t *at,
                     const struct ring_packet *packet,
                     const struct ring_part *parts, uint32_t count);

/*
 * Room at `at` for a packet with `size` bytes behind the descriptor, to be
 * built in place. *body is their address, or NULL if they wrap around the
 * end of data that is not mapped twice: then ring_fill. May be NULL. Finish
 * with ring_seal. Statuses as ring_write.
 */
int ring_reserve(struct ring_writer *w, uint32_t at, uint32_t size,
                 void **body);

/* Copies bytes to `offset` of the body reserved at `at`, wrapping. */
void ring_fill(struct ring_writer *w, uint32_t at, uint32_t offset,
               const void *from, uint32_t size);

/* Puts descriptor, padding and trailer round the body reserved at *at (same
 * packet->size) and moves *at behind the packet. */
void ring_seal(struct ring_writer *w, uint32_t *at,
               const struct ring_packet *packet);

/*
 * Makes everything before `at` visible to the reader. True: signal the
 * reader now (its mask is clear and the ring was empty before). Committing
 * an unmoved position does nothing and answers false.
 */
bool ring_writer_commit(struct ring_writer *w, uint32_t at);

/* Free bytes behind what is published, by a fresh look at the read index; a
 * footprint must be smaller than that. 0 if the ring is broken. */
uint32_t ring_writer_free(struct ring_writer *w);

/*
 * Tells the reader that we are blocked until more than `footprint` bytes are
 * free (see ring_footprint; at most size - 8). Everything written must be
 * committed first. 1: there is room already, nothing stays announced, try
 * again; 0: blocked: a signal of the other side follows if it has
 * ring_reader_peer_tells_room, but hosts err: wait with a time-out and
 * ring_writer_unblock at its end; -EMSGSIZE: footprint never fits;
 * -EPROTO: ring broken.
 */
int ring_writer_block(struct ring_writer *w, uint64_t footprint);

/* Takes the announcement back (after waking up, or when giving up). */
void ring_writer_unblock(struct ring_writer *w);

/* ---- reading ----------------------------------------------------------- */

struct ring_reader {
    struct ring_area area;
    uint32_t contiguous; /* bytes addressable without wrapping */
    uint32_t released;   /* read index as the writer knows it */
    uint32_t limit;      /* write index as last seen and checked */
    uint64_t from;       /* a packet that starts here or behind and ends at */
    uint64_t straight; /* or before here was written, does not wrap; 0: look */
    struct ring_fault fault;
    uint64_t commits; /* index stores */
    uint64_t signals; /* commits that answered 'signal' */
};

/* Attaches to the ring where its control page stands. Statuses as
 * ring_writer_attach. */
int ring_reader_attach(struct ring_reader *r, const struct ring_area *area);

/* The position of the next packet when nothing is pending commit. */
static inline uint32_t ring_reader_start(const struct ring_reader *r)
{
    return r->released;
}

/*
 * Copies the packet at *at out and moves *at behind it: its facts to
 * *packet, what follows the descriptor to `body`. Every check is made on the
 * private copy. 0; -EAGAIN: empty (*packet undefined); -EMSGSIZE: more than
 * `capacity` bytes: the first `capacity` are in `body`, packet->size is the
 * full size, *at is behind the packet; -EPROTO: ring broken, *at unchanged. An
 * unknown packet->type is the caller's to ignore: *at is behind it.
 */
int ring_read(struct ring_reader *r, uint32_t *at, struct ring_packet *packet,
              void *body, size_t capacity);

/*
 * As ring_read without the copy: *body points into the ring. For trusted
 * peers only, who will not change the bytes while they are looked at; valid
 * until the commit. -EXDEV: this packet wraps around the end of data that is
 * not mapped twice, *at unchanged: use ring_read.
 */
int ring_peek(struct ring_reader *r, uint32_t *at, struct ring_packet *packet,
              const void **body);

/*
 * Gives everything before `at` back to the writer. True: signal the writer
 * now, for this commit gave it the room it is blocked for. Committing an
 * unmoved position does nothing and answers false.
 */
bool ring_reader_commit(struct ring_reader *r, uint32_t at);

/* Bytes behind what is released, by a fresh look at the write index. 0 if
 * the ring is broken. */
uint32_t ring_reader_used(struct ring_reader *r);

/* While masked the writer sends no signals: mask, drain, commit, unmask. */
void ring_reader_mask(struct ring_reader *r);

/*
 * Asks for signals again, after the commit. True: something arrived
 * meanwhile that no signal will tell of; the mask is set again, go on
 * draining. False: at rest, a signal will come (or the ring is broken).
 * Must also be called before resting by a reader that never masks.
 */
bool ring_reader_unmask(struct ring_reader *r);

/* Whether the writer of this ring promises to signal when room appears in
 * the ring of the other direction (ring_writer_block). */
bool ring_reader_peer_tells_room(const struct ring_reader *r);

#endif
