/*
 * The platform seam for two processes that share a memory file: mailboxes for
 * messages and events, frames handed out once, one processor, no interrupts:
 * what arrives is looked for in seam_wait().
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "small_platform.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define FRAMES    4096u
#define FIRST_PFN 0x1000u
#define SLOTS     32u

struct mail {
    uint32_t connection;
    uint32_t size; /* 0xFFFFFFFF: an event, `connection` is its number */
    uint8_t bytes[240];
};

/* One writer, one reader; indices only grow. */
struct mailbox {
    uint32_t written;
    uint32_t read;
    struct mail mail[SLOTS];
};

/* The first pages of the shared file; frames follow. */
static struct shared {
    struct mailbox to[2];
    uint32_t next_frame;
} * shared;
static int memory;

struct seam {
    int side;
    struct small_receiver receiver;
    uint8_t irql;
    struct seam_work *work;
    struct seam_timer *timers;
};

#define HEAD_FRAMES (sizeof(struct shared) / SEAM_PAGE_SIZE + 1)

void small_platform_share(void)
{
    memory = memfd_create("vmbus", 0);
    if (memory < 0 || ftruncate(memory, FRAMES * SEAM_PAGE_SIZE) != 0)
        abort();
    shared = (struct shared *)mmap(
        NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (shared == MAP_FAILED)
        abort();
    shared->next_frame = HEAD_FRAMES;
}

struct seam *small_platform_open(int side, struct small_receiver receiver)
{
    struct seam *s = (struct seam *)calloc(1, sizeof(*s));

    s->side = side;
    s->receiver = receiver;
    return s;
}

void small_platform_close(struct seam *s)
{
    free(s);
}

/* ---- the other process -------------------------------------------------- */

int small_send(struct seam *s, uint32_t connection, const void *payload,
               uint32_t size)
{
    struct mailbox *b = &shared->to[!s->side];
    struct mail *m = &b->mail[b->written % SLOTS];

    if (b->written - __atomic_load_n(&b->read, __ATOMIC_ACQUIRE) == SLOTS)
        return -EAGAIN;
    m->connection = connection;
    m->size = size;
    if (size <= sizeof(m->bytes))
        memcpy(m->bytes, payload, size);
    __atomic_store_n(&b->written, b->written + 1, __ATOMIC_RELEASE);
    return 0;
}

void small_signal(struct seam *s, uint32_t number)
{
    while (small_send(s, number, NULL, UINT32_MAX) == -EAGAIN)
        sched_yield();
}

int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    (void)type;
    return small_send(s, connection, payload, size);
}

int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    (void)flag;
    small_signal(s, connection);
    return 0;
}

/* Takes one piece of mail; a private copy is what the library gets. */
static bool receive(struct seam *s)
{
    struct mailbox *b = &shared->to[s->side];
    uint8_t irql = s->irql;
    struct mail m;

    if (__atomic_load_n(&b->written, __ATOMIC_ACQUIRE) == b->read)
        return false;
    m = b->mail[b->read % SLOTS];
    __atomic_store_n(&b->read, b->read + 1, __ATOMIC_RELEASE);
    s->irql = m.size == UINT32_MAX ? SEAM_DISPATCH : s->receiver.level;
    if (m.size == UINT32_MAX)
        s->receiver.event(s->receiver.arg, m.connection);
    else
        s->receiver.message(s->receiver.arg, m.connection, m.bytes, m.size);
    s->irql = irql;
    return true;
}

/* ---- memory ------------------------------------------------------------- */

void *seam_alloc(struct seam *s, size_t size)
{
    (void)s;
    return calloc(1, size);
}

void seam_free(struct seam *s, void *p, size_t size)
{
    (void)s;
    (void)size;
    free(p);
}

void *seam_map(struct seam *s, const uint64_t *pfns, uint32_t count,
               uint32_t twice_from)
{
    uint32_t all = count + count - twice_from;
    uint8_t *at = (uint8_t *)mmap(NULL, (size_t)all * SEAM_PAGE_SIZE, PROT_NONE,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)s;
    for (uint32_t i = 0; at != MAP_FAILED && i < all; i++) {
        uint64_t frame = pfns[i < count ? i : i - count + twice_from];

        if (frame - FIRST_PFN >= FRAMES ||
            mmap(at + (size_t)i * SEAM_PAGE_SIZE, SEAM_PAGE_SIZE,
                 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory,
                 (off_t)((frame - FIRST_PFN) * SEAM_PAGE_SIZE)) == MAP_FAILED)
            return NULL;
    }
    return at == MAP_FAILED ? NULL : at;
}

void seam_unmap(struct seam *s, void *mapping, uint32_t count,
                uint32_t twice_from)
{
    (void)s;
    munmap(mapping, ((size_t)count + count - twice_from) * SEAM_PAGE_SIZE);
}

void *seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns)
{
    uint32_t first =
        __atomic_fetch_add(&shared->next_frame, count, __ATOMIC_RELAXED);
    uint64_t *list = pfns ? pfns : (uint64_t *)calloc(count, sizeof(*list));
    void *pages = NULL;

    for (uint32_t i = 0; list && i < count; i++)
        list[i] = FIRST_PFN + first + i;
    if (list && first + count <= FRAMES)
        pages = seam_map(s, list, count, count);
    if (!pfns)
        free(list);
    return pages;
}

/* Frames are handed out once: enough for an example. */
void seam_pages_free(struct seam *s, void *pages, uint32_t count)
{
    seam_unmap(s, pages, count, count);
}

uint64_t seam_pfn(struct seam *s, const void *address)
{
    (void)address;
    seam_assert_failed(s, __func__, "no caller here", "not in this example");
}

/* ---- time, work, waiting ------------------------------------------------ */

uint64_t seam_now(struct seam *s)
{
    struct timespec t;

    (void)s;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SEAM_S + (uint64_t)t.tv_nsec / 100;
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    struct seam_timer **at = &s->timers;

    if (!t->armed)
        return false;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    t->armed = false;
    return true;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    seam_timer_cancel(s, t);
    t->due = due;
    t->armed = true;
    t->next = s->timers;
    s->timers = t;
}

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    struct seam_work **at = &s->work;

    (void)cpu;
    if (w->queued)
        return;
    while (*at)
        at = &(*at)->next;
    w->queued = true;
    w->next = NULL;
    *at = w;
}

static bool run_work(struct seam *s)
{
    struct seam_work *w = s->work;
    uint8_t irql = s->irql;

    if (!w)
        return false;
    s->work = w->next;
    w->queued = false;
    s->irql = w->level;
    w->run(w->arg);
    s->irql = irql;
    return true;
}

static bool run_timer(struct seam *s)
{
    uint8_t irql = s->irql;

    for (struct seam_timer *t = s->timers; t; t = t->next)
        if (t->due <= seam_now(s)) {
            seam_timer_cancel(s, t);
            s->irql = SEAM_DISPATCH;
            t->run(t->arg);
            s->irql = irql;
            return true;
        }
    return false;
}

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    static const struct timespec pause = {0, 50000};

    (void)what;
    while (!done(arg)) {
        if (run_work(s) || receive(s) || run_timer(s))
            continue;
        if (seam_now(s) >= deadline)
            return -ETIMEDOUT;
        nanosleep(&pause, NULL);
    }
    return 0;
}

/* There is one stack. */
uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return 1;
}

/* ---- one processor ------------------------------------------------------ */

uint8_t seam_irql(struct seam *s)
{
    return s->irql;
}

uint8_t seam_irql_raise(struct seam *s, uint8_t level)
{
    uint8_t old = s->irql;

    s->irql = level;
    return old;
}

void seam_irql_lower(struct seam *s, uint8_t level)
{
    s->irql = level;
}

uint32_t seam_cpu_count(struct seam *s)
{
    (void)s;
    return 1;
}

uint32_t seam_vp_index(struct seam *s, uint32_t cpu)
{
    (void)s;
    return cpu;
}

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    l->taken = 1;
    return seam_irql_raise(s, SEAM_DISPATCH);
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    l->taken = 0;
    seam_irql_lower(s, irql);
}

/* Only KMCL asks for this, and this program uses the bus alone. */
void *seam_root(void)
{
    return NULL;
}

void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    va_list args;

    if (level == SEAM_LOG_DEBUG)
        return;
    fprintf(stderr, "%s: ", s->side ? "host " : "guest");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void seam_assert_failed(struct seam *s, const char *function,
                        const char *expression, const char *hint)
{
    (void)s;
    fprintf(stderr, "%s: %s: %s\n", function, expression, hint);
    abort();
}
