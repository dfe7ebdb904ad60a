/* The peer of guest_program.c: one offer, whose server answers each packet with
 * a completion that carries the same bytes. */
#include "echo_host.h"

#include "vmbus/host.h"
#include "vmbus/packet.h"
#include "small_platform.h"

static struct seam *seam;
static struct vmbus_host *host;
static struct vmbus_host_channel *server;
static struct seam_work echo_work;
static struct ring_writer out;
static struct ring_reader in;
static bool over;

static void echo(void *arg)
{
    uint32_t from = ring_reader_start(&in), to = ring_writer_start(&out);
    struct ring_packet packet;
    uint64_t body[512];

    (void)arg;
    while (ring_read(&in, &from, &packet, body, sizeof(body)) == 0)
        packet_write_completion(&out, &to, packet.transaction, body,
                                packet.size);
    ring_reader_commit(&in, from);
    ring_reader_unmask(&in);
    if (ring_writer_commit(&out, to))
        vmbus_host_signal(server);
}
static void opened(void *arg, struct vmbus_host_channel *c,
                   const struct vmbus_host_open *open)
{
    (void)arg;
    ring_reader_attach(&in, &open->in);
    ring_writer_attach(&out, &open->out);
    vmbus_host_open_answer(c, 0);
}
static void signalled(void *arg, struct vmbus_host_channel *c)
{
    (void)arg, (void)c;
    seam_work_queue(seam, &echo_work, 0);
}
static void closed(void *arg, struct vmbus_host_channel *c)
{
    (void)arg;
    over = true;
    vmbus_host_close_answer(c);
}
static int host_post(void *arg, uint32_t vp, uint8_t sint, const void *payload,
                     uint32_t size)
{
    (void)arg, (void)vp, (void)sint;
    return small_send(seam, 0, payload, size);
}
static int host_signal(void *arg, uint32_t vp, uint8_t sint, uint16_t flag)
{
    (void)arg, (void)vp, (void)sint;
    small_signal(seam, flag);
    return 0;
}
static void host_message(void *arg, uint32_t connection, const void *payload,
                         uint32_t size)
{
    (void)arg;
    vmbus_host_message(host, connection, payload, size);
}
static void host_event(void *arg, uint32_t connection)
{
    (void)arg;
    vmbus_host_event(host, connection, 0);
}
static bool guest_left(void *arg)
{
    struct vmbus_host_status status;

    (void)arg;
    vmbus_host_status(host, &status);
    return over && !status.connected;
}
int echo_host(void)
{
    static const struct vmbus_host_ops ops = {.post = host_post,
                                              .signal = host_signal};
    static const struct vmbus_host_config config = {.vp_count = 0};
    static const struct vmbus_host_server echo_server = {
        .opened = opened, .closed = closed, .signalled = signalled};
    struct small_receiver receiver = {host_message, host_event, SEAM_PASSIVE,
                                      NULL};
    struct vmbus_host_offer offer = {.type = {{1}}, .instance = {{2}}};
    int status;

    seam = small_platform_open(1, receiver);
    echo_work.run = echo;
    if (vmbus_host_create(seam, &ops, NULL, &config, &host) ||
        vmbus_host_offer(host, &offer, &echo_server, NULL, &server))
        return 1;
    status = seam_wait(seam, guest_left, NULL, seam_now(seam) + 20 * SEAM_S,
                       "the guest");
    vmbus_host_withdraw(server);
    vmbus_host_destroy(host);
    small_platform_close(seam);
    return status != 0;
}
