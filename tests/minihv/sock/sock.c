/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of streams: who asks for one, and when it goes. One work item does
 * everything, for channels are made and removed at PASSIVE.
 */
#include "sock.h"

#include <errno.h>

#include "bus.h"
#include "control.h"
#include "heap.h"
#include "minihv.h"
#include "socket.h"
#include "virtio.h"

enum {
    SOCKETS = 32,
    PERIOD = 2000, /* 0.2 ms */
    PERIOD_SHARED = 10000,
    DEADLINE = 300000000, /* 30 s, as on Windows, until a stream is open */
    HELLO_BYTES = 8,
    WINDOW_PAGES = STREAM_WINDOW / 4096,
};

static struct socket sockets[SOCKETS];
static struct frame_reader reader;
static uint8_t hello[HELLO_BYTES];
static bool greeted, hello_due;
static bool running; /* the work waits inside, and bus_pump() runs others */
static struct seam_timer timer;
static struct seam_work work;
static uint32_t last_id, last_endpoint;
static uint64_t opened, refused, broken;

/* ---- beginnings ---------------------------------------------------------- */

static struct socket *find(uint32_t id)
{
    for (uint32_t i = 0; i < SOCKETS; i++)
        if (sockets[i].stream.state != STREAM_FREE &&
            sockets[i].stream.id == id)
            return &sockets[i];
    return NULL;
}

/* A place in the table, with memory for what is on its way. NULL: none. */
static struct socket *begin(uint8_t **window)
{
    for (uint32_t i = 0; i < SOCKETS; i++) {
        if (sockets[i].stream.state != STREAM_FREE)
            continue;
        *window = heap_pages(WINDOW_PAGES);
        if (!*window)
            return NULL;
        sockets[i] = (struct socket){.deadline = clock_now() + DEADLINE};
        return &sockets[i];
    }
    return NULL;
}

static bool is_asked_twice(const struct vmbus_host_connect *request)
{
    for (uint32_t i = 0; i < SOCKETS; i++) {
        const struct socket *s = &sockets[i];

        if (s->stream.state != STREAM_FREE &&
            vmbus_guid_equal(&s->request.endpoint, &request->endpoint) &&
            vmbus_guid_equal(&s->request.service, &request->service))
            return true;
    }
    return false;
}

int sock_connect(const struct vmbus_host_connect *request)
{
    struct socket *s;
    uint8_t *window;

    if (!greeted || is_asked_twice(request) || (s = begin(&window)) == NULL) {
        refused++;
        return -ECONNREFUSED;
    }
    s->request = *request;
    s->device.type = request->service;
    s->device.instance = request->endpoint;
    last_id = (last_id + 1) & ~(uint32_t)FRAME_OUTSIDE;
    stream_ask(&s->stream, last_id, request->service.bytes, window);
    sock_soon();
    return 0;
}

/* The outside asks. There is no room for a stream: it is refused at once. */
static void connect_guest(const struct frame *f)
{
    struct vmbus_guid endpoint = VMBUS_GUID_INIT(
        0, 0xFACB, 0x11E6, 0xBD, 0x58, 0x64, 0x00, 0x6A, 0x79, 0x86, 0xD3);
    uint8_t *window, frame[FRAME_HEADER];
    struct socket *s = begin(&window);

    if (!s) {
        if (virtio_has_room())
            virtio_send(frame, frame_header(frame, FRAME_REFUSED, f->stream, 0),
                        NULL, 0);
        return;
    }
    last_endpoint++;
    memcpy(endpoint.bytes, &last_endpoint, sizeof last_endpoint);
    memcpy(s->device.type.bytes, f->data, f->size);
    s->device.instance = endpoint;
    stream_answer(&s->stream, f->stream, window);
    if (!socket_offer(s))
        stream_leave(&s->stream, true);
}

/* ---- frames -------------------------------------------------------------- */

/* Another outside, or none that can be understood: all streams end. */
static void forget_all(void)
{
    for (uint32_t i = 0; i < SOCKETS; i++) {
        struct socket *s = &sockets[i];

        if (s->stream.state == STREAM_FREE)
            continue;
        s->refuse_due |= s->stream.state == STREAM_ASKS;
        stream_leave(&s->stream, false);
        s->stream.refused_due = s->stream.reset_due = false;
    }
}

static void greet(const struct frame *f)
{
    forget_all();
    memcpy(hello, f->data, sizeof hello);
    greeted = hello_due = true;
}

static const char *take_known(struct socket *s, const struct frame *f)
{
    enum stream_deed deed;
    const char *wrong = stream_take(&s->stream, f, &deed);

    if (wrong)
        return wrong;
    if (deed == STREAM_OFFER && !socket_offer(s)) {
        s->refuse_due = true;
        stream_leave(&s->stream, true);
    } else if (deed == STREAM_REFUSE || deed == STREAM_END) {
        s->refuse_due = s->stream.state == STREAM_ASKS;
        stream_leave(&s->stream, false);
    }
    return NULL;
}

/* Frames of a stream that has gone were sent before the outside knew. */
static const char *take_frame(const struct frame *f)
{
    struct socket *s = find(f->stream);

    if (f->type == FRAME_HELLO) {
        greet(f);
        return NULL;
    }
    if (f->type != FRAME_CONNECT)
        return s ? take_known(s, f) : NULL;
    if (s || !(f->stream & (uint32_t)FRAME_OUTSIDE))
        return "a connect with another's number";
    connect_guest(f);
    return NULL;
}

static void lose_step(const char *why)
{
    say("minihv: sock: the outside breaks the framing: %s\n", why);
    reader = (struct frame_reader){0};
    greeted = false;
    broken++;
    forget_all();
}

static void take(const uint8_t *bytes, uint32_t size)
{
    enum frame_result result;
    struct frame f;

    while ((result = frame_take(&reader, &bytes, &size, &f)) != FRAME_MORE) {
        const char *wrong =
            result == FRAME_BAD ? "not a frame" : take_frame(&f);

        if (wrong)
            lose_step(wrong);
    }
}

static void answer_hello(void)
{
    uint8_t frame[FRAME_HEADER];

    if (!hello_due || !virtio_has_room())
        return;
    hello_due = false;
    virtio_send(frame,
                frame_header(frame, FRAME_HELLO, FRAME_MARK, sizeof hello),
                hello, sizeof hello);
}

/* ---- ends ---------------------------------------------------------------- */

static bool is_late(const struct socket *s)
{
    return (s->stream.state == STREAM_ASKS ||
            s->stream.state == STREAM_OFFERED) &&
           clock_now() > s->deadline;
}

/* True: the guest has been told, or never will be. */
static bool refuse_guest(struct socket *s)
{
    if (!s->refuse_due)
        return true;
    if (vmbus_host_connect_refuse(bus_host(), &s->request) == -EAGAIN)
        return false; /* it takes its messages first */
    s->refuse_due = false;
    refused++;
    return true;
}

static void leave(struct socket *s)
{
    socket_remove(s);
    socket_move(s);
    if (!refuse_guest(s) || s->stream.refused_due || s->stream.reset_due)
        return;
    heap_pages_free(s->stream.in, WINDOW_PAGES);
    s->stream.state = STREAM_FREE;
}

static void settle(struct socket *s)
{
    bool was_open = s->stream.state == STREAM_OPEN;

    if (was_open && !s->counted) {
        s->counted = true;
        opened++;
    }
    if (s->guest_left) {
        stream_leave(&s->stream, true);
    } else if (is_late(s)) {
        s->refuse_due = s->stream.state == STREAM_ASKS;
        stream_leave(&s->stream, true);
    }
    if (s->stream.state != STREAM_LEAVES)
        socket_move(s);
    if (was_open && socket_is_over(s))
        stream_leave(&s->stream, false);
    if (s->stream.state == STREAM_LEAVES)
        leave(s);
}

/* ---- the work ------------------------------------------------------------ */

static void run(void *arg)
{
    (void)arg;
    if (running)
        return; /* the next poll comes to it */
    running = true;
    answer_hello();
    virtio_poll(take);
    answer_hello();
    for (uint32_t i = 0; i < SOCKETS; i++)
        if (sockets[i].stream.state != STREAM_FREE)
            settle(&sockets[i]);
    running = false;
}

void sock_soon(void)
{
    seam_work_queue(NULL, &work, 0);
}

static void poll(void *arg)
{
    (void)arg;
    sock_soon();
    seam_timer_set(NULL, &timer,
                   clock_now() + (hv.has_host_cpu ? PERIOD : PERIOD_SHARED));
}

void sock_prepare(void)
{
    if (!virtio_start())
        minihv_failed("devices=sock needs a port to the outside: QEMU's "
                      "-device virtio-serial-pci (run.py: --sock)");
    work.run = run;
    work.level = SEAM_PASSIVE;
    timer.run = poll;
    seam_timer_set(NULL, &timer, clock_now());
}

/* ---- for people ---------------------------------------------------------- */

void sock_list(void)
{
    static const char *const words[] = {"", "asked", "offered", "open",
                                        "leaving"};

    for (uint32_t i = 0; i < SOCKETS; i++) {
        const struct socket *s = &sockets[i];
        uint32_t port;

        if (s->stream.state == STREAM_FREE)
            continue;
        memcpy(&port, s->device.type.bytes, sizeof port);
        control_say("- port %u by the %s: %s, %lu bytes from the guest, %lu "
                    "to it\n",
                    port, s->stream.by_outside ? "outside" : "guest",
                    words[s->stream.state], s->received, s->sent);
    }
    control_say("ok\n");
}

void sock_say_counts(void)
{
    if (!(hv.config.devices & DEVICE_SOCK))
        return;
    say("minihv: count sock-opened %lu\n", opened);
    say("minihv: count sock-refused %lu\n", refused);
    say("minihv: count sock-broken %lu\n", broken);
}
