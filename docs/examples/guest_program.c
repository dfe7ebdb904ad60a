/*
 * The guest half of VMBus in an ordinary program, its peer in another process:
 * connect, open a channel, send a packet, take its answer, close, unload.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "echo_host.h"
#include "vmbus/packet.h"
#include "small_platform.h"
#include "vmbus/vmbus.h"

static struct vmbus_bus *bus;
static struct vmbus_channel *channel;
static char answer[64];

/* What arrives for this process goes to the bus. */
static void message(void *arg, uint32_t connection, const void *payload,
                    uint32_t size)
{
    (void)arg;
    (void)connection;
    vmbus_message_arrived(bus, payload, size);
}

static void event(void *arg, uint32_t relid)
{
    (void)arg;
    vmbus_event_arrived(bus, relid);
}

/* The host signalled: look into the ring. */
static enum vmbus_event_result look(void *arg)
{
    struct ring_reader *rx = vmbus_channel_rx(channel);
    uint32_t at = ring_reader_start(rx);
    struct ring_packet packet;
    uint64_t body[8];

    (void)arg;
    while (ring_read(rx, &at, &packet, body, sizeof(body)) == 0)
        if (packet.type == RING_PACKET_COMPLETION)
            memcpy(answer, body, packet.size);
    if (ring_reader_commit(rx, at))
        vmbus_channel_signal(channel);
    return VMBUS_EVENT_DRAINED;
}

static void send_packet(const char *text)
{
    struct ring_writer *tx = vmbus_channel_tx(channel);
    uint32_t at = ring_writer_start(tx);

    packet_write_in_band(tx, &at, 1, true, text, (uint32_t)strlen(text) + 1);
    if (ring_writer_commit(tx, at))
        vmbus_channel_signal(channel);
}

static bool answered(void *arg)
{
    (void)arg;
    return answer[0] != '\0';
}

static int guest(void)
{
    struct small_receiver receiver = {message, event, SEAM_DISPATCH, NULL};
    struct seam *s = small_platform_open(0, receiver);
    struct vmbus_open open = {.tx_pages = 4, .rx_pages = 4, .event = look};

    if (vmbus_bus_create(s, NULL, &bus) != 0 || vmbus_bus_connect(bus) != 0)
        return 1;
    channel = vmbus_bus_find(bus, NULL, NULL, 0);
    if (!channel || vmbus_channel_claim(channel) != 0 ||
        vmbus_channel_open(channel, &open) != 0)
        return 1;
    send_packet("hello");
    seam_wait(s, answered, NULL, seam_now(s) + 10 * SEAM_S, "the echo");
    printf("echo: %s\n", answer);
    if (vmbus_channel_close(channel) != 0)
        return 1;
    vmbus_channel_unclaim(channel);
    if (vmbus_bus_unload(bus) != 0)
        return 1;
    vmbus_bus_destroy(bus);
    small_platform_close(s);
    return strcmp(answer, "hello") != 0;
}

int main(void)
{
    int status;

    small_platform_share();
    if (fork() == 0)
        _exit(echo_host());
    if (guest() != 0)
        return 1;
    wait(&status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
