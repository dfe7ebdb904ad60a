/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connects the guest's hypercalls with the host half of vmbus/. Messages wait
 * here (at most 16, as on Hyper-V) until the processor that runs the host half
 * takes them. Signals are passed on at once.
 */
#include <errno.h>

#include "bus.h"
#include "crowd.h"
#include "device.h"
#include "dynamic.h"
#include "heap.h"
#include "input.h"
#include "monitor.h"
#include "net.h"
#include "services.h"
#include "sock.h"
#include "video.h"
#include "vmbus/wire/messages.h"
#include "minihv.h"

struct posted {
    uint32_t connection, size;
    uint8_t payload[HV_PAYLOAD_MAX];
};

static struct vmbus_host *host;
static struct spinlock lock;
/* One more than the guest may fill: for a message that is put back. */
enum { TIMER_BUDGET = 16 };
enum { INBOX_SLOTS = HV_MESSAGE_BUFFERS + 1 };
static struct posted inbox[INBOX_SLOTS];
static uint32_t inbox_head, inbox_count;
static bool delivery_blocked;

/* There is one bus, so its context has no contents. */
struct seam {
    uint8_t nothing;
};

struct seam *bus_seam(void)
{
    static struct seam seam;

    return &seam;
}

struct vmbus_host *bus_host(void)
{
    return host;
}

static void trace(const char *way, const void *payload, uint32_t size)
{
    const uint8_t *bytes = payload;
    uint32_t type = 0;

    if (!hv.config.trace || size < 4)
        return;
    memcpy(&type, payload, sizeof type);
    say("minihv: message %s %u %s ", way, type, vmbus_message_name(type));
    for (uint32_t i = 0; i < size; i++)
        say("%02x", bytes[i]);
    say("\n");
}

static void mark_message(uint32_t type)
{
    if (type == WIRE_VERSION_RESPONSE)
        mark(MARK_CONTACT);
    else if (type == WIRE_ALL_OFFERS_DELIVERED)
        mark(MARK_OFFERS);
    else if (type == WIRE_OPEN_RESULT)
        mark(MARK_OPEN);
}

/* ---- to the guest ------------------------------------------------------ */

static int post(void *context, uint32_t number, uint8_t sint,
                const void *payload, uint32_t size)
{
    struct vp *vp = processor_of(number);

    (void)context;
    if (!vp || sint >= HV_SINT_COUNT)
        return -EINVAL;
    if (synic_post(vp, sint, 1, payload, size)) {
        delivery_blocked = true;
        return -EAGAIN;
    }
    trace("to-guest", payload, size);
    mark_message(*(const uint32_t *)payload);
    event(vp, "message %lu to the guest, %lu bytes", *(const uint32_t *)payload,
          size);
    return 0;
}

static int signal(void *context, uint32_t number, uint8_t sint, uint16_t flag)
{
    struct vp *vp = processor_of(number);

    (void)context;
    if (!vp || sint >= HV_SINT_COUNT || flag >= HV_EVENT_FLAGS)
        return -EINVAL;
    event(vp, "event flag %lu to the guest", flag, 0);
    return synic_signal(vp, sint, flag) ? -EAGAIN : 0;
}

static void rule(void *context, enum vmbus_host_rule broken, uint32_t type,
                 uint32_t relid)
{
    (void)context;
    rule_broken(&hv.vp[0], "VMBus message %u (%s), channel %u: %s", type,
                vmbus_message_name(type), relid, vmbus_host_rule_text(broken));
}

static int connect(void *context, const struct vmbus_host_connect *request)
{
    (void)context;
    return hv.config.devices & DEVICE_SOCK ? sock_connect(request)
                                           : -ECONNREFUSED;
}

/* ---- from the guest ---------------------------------------------------- */

static bool knows(uint32_t connection)
{
    return connection == WIRE_CONNECTION_MESSAGE ||
           (connection == WIRE_CONNECTION_MULTI_MESSAGE &&
            hv.config.version >= 0x00050000);
}

enum hv_status bus_message(uint32_t connection, uint32_t type,
                           const void *payload, uint32_t size)
{
    enum hv_status status = HV_INSUFFICIENT_BUFFERS;

    if (!host || !knows(connection))
        return HV_INVALID_CONNECTION;
    if (type != WIRE_POST_TYPE)
        return HV_INVALID_PARAMETER;
    trace("from-guest", payload, size);
    spin_lock(&lock);
    if (inbox_count < HV_MESSAGE_BUFFERS) {
        struct posted *p = &inbox[(inbox_head + inbox_count) % INBOX_SLOTS];

        p->connection = connection;
        p->size = size;
        memcpy(p->payload, payload, size);
        __atomic_store_n(&inbox_count, inbox_count + 1, __ATOMIC_RELEASE);
        status = HV_SUCCESS;
    }
    spin_unlock(&lock);
    return status;
}

enum hv_status bus_signal(uint32_t connection, uint16_t flag)
{
    int status = host ? vmbus_host_event(host, connection, flag) : -ENOENT;

    if (status == -EINVAL)
        return HV_INVALID_PORT;
    return status ? HV_INVALID_CONNECTION : HV_SUCCESS;
}

static bool take(struct posted *message)
{
    bool some;

    spin_lock(&lock);
    some = inbox_count != 0;
    if (some) {
        *message = inbox[inbox_head];
        inbox_head = (inbox_head + 1) % INBOX_SLOTS;
        inbox_count--;
    }
    spin_unlock(&lock);
    return some;
}

static void put_back(const struct posted *message)
{
    spin_lock(&lock);
    inbox_head = (inbox_head + INBOX_SLOTS - 1) % INBOX_SLOTS;
    inbox[inbox_head] = *message;
    inbox_count++;
    spin_unlock(&lock);
}

/* True: one message was handled. It leaves the inbox first, because a server
 * that waits in its callback pumps from inside, and those behind it are handled
 * meanwhile. */
static bool take_message(void)
{
    struct posted message;

    if (!__atomic_load_n(&inbox_count, __ATOMIC_ACQUIRE) || !take(&message))
        return false;
    if (vmbus_host_message(host, message.connection, message.payload,
                           message.size) != -EAGAIN)
        return true;
    put_back(&message); /* too many replies wait */
    return false;
}

static bool run_one(uint8_t level)
{
    if (!seam_work_run(level))
        return false;
    devices_watch();
    return true;
}

/* Work that queues itself again must not block messages and timers. */
static bool run_work(void)
{
    enum { DISPATCH_BUDGET = 8 };
    int done = 0;

    while (done < DISPATCH_BUDGET && run_one(SEAM_DISPATCH))
        done++;
    return run_one(SEAM_PASSIVE) || done;
}

bool bus_pump(void)
{
    bool some = false;

    if (!host)
        return false;
    if (delivery_blocked && synic_has_room()) {
        delivery_blocked = false;
        vmbus_host_pump(host);
    }
    while (take_message())
        some = true;
    /* A timer that is due again when it ends leaves others their turn. */
    for (int i = 0; i < TIMER_BUDGET && seam_timers_run(); i++)
        some = true;
    some |= monitor_pump();
    return run_work() || some;
}

uint64_t bus_next(void)
{
    uint64_t timer = seam_timers_next(), look = monitor_next();

    return look < timer ? look : timer;
}

void bus_prepare(void)
{
    static const struct vmbus_host_ops ops = {.post = post,
                                              .signal = signal,
                                              .connect = connect,
                                              .rule_broken = rule};
    struct vmbus_host_config config = {
        .min_version = hv.config.oldest,
        .max_version = hv.config.version,
        .features =
            VMBUS_HOST_FEATURES & ~(uint32_t)VMBUS_FEATURE_SERVER_MONITOR,
        .vp_count = hv.vp_count + hv.config.vpgap,
    };
    int status;

    if (!(hv.config.access & HV_ACCESS_SYNIC) || !hv.config.hypervisor)
        return;
    heap_prepare(hv.boot.heap.base, hv.boot.heap.end);
    status = vmbus_host_create(bus_seam(), &ops, NULL, &config, &host);
    if (status)
        minihv_failed("the VMBus host cannot be created (%d): version=%u.%u, "
                      "oldest=%u.%u",
                      status, config.max_version >> 16,
                      config.max_version & 0xFFFF, config.min_version >> 16,
                      config.min_version & 0xFFFF);
    devices_attach(host);
    if (hv.config.devices & DEVICE_ECHO)
        echo_prepare();
    crowd_prepare();
    if (hv.config.devices & DEVICE_STORAGE && hv.boot.disk.end)
        storage_prepare();
    if (hv.config.devices & DEVICE_NETWORK)
        net_prepare();
    input_prepare();
    services_prepare();
    if (hv.config.devices & DEVICE_VIDEO)
        video_prepare();
    if (hv.config.devices & DEVICE_SOCK)
        sock_prepare();
    if (hv.config.devices & DEVICE_DYNAMIC)
        dynamic_prepare();
    device_prepare_more();
}
