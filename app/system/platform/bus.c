/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real VMBus: what arrives from the SynIC goes in here, and connection and
 * disconnection start here.
 */
#include "app/system/platform/platform.h"

#include <errno.h>

#include "app/system/platform/digits.h"
#include "arch/crash/crash.h"
#include "arch/console/format.h"
#include "arch/cpu/irql.h"
#include "arch/console/log.h"

#define MESSAGE_CHANNEL 1u /* SynIC message type of channel messages */

/*
 * The SynIC slot may carry other message types than channel messages, and
 * messages that the host sent to earlier software before this bus existed.
 */
static void take_message(uint32_t type, const void *payload, uint32_t size)
{
    struct seam *s = &the_platform.seam;

    if (type != MESSAGE_CHANNEL) {
        log_printf(LOG_DEBUG,
                   "hv: a message of type 0x%x on the VMBus SINT, "
                   "ignored",
                   type);
        return;
    }
    if (!s->bus)
        return; /* left over from whoever was here before */
    claims_received(payload, size);
    vmbus_message_arrived(s->bus, payload, size);
}

/* Events before the connection belong to nobody. */
static void take_event(uint32_t flag, bool first)
{
    struct vmbus_bus *bus = the_platform.seam.bus;

    if (!bus)
        return;
    if (first)
        vmbus_event_now(bus, flag, this_cpu()->index);
    else
        vmbus_event_arrived(bus, flag);
}

/*
 * Before 2.4 all channels share one interrupt page. QEMU sets the bit there and
 * raises the interrupt, but sets no event flag [qemu vmbus.c], so the page is
 * looked at on every interrupt.
 */
static uint32_t take_interrupt(void)
{
    struct vmbus_bus *bus = the_platform.seam.bus;
    uint32_t version;

    if (!bus)
        return 0;
    version = vmbus_bus_version(bus);
    if (version && version < VMBUS_VERSION_2_4)
        vmbus_event_arrived(bus, 0);
    return vmbus_bus_last_relid(bus);
}

const struct hv_synic_client platform_synic_client = {
    .message = take_message,
    .event = take_event,
    .interrupt = take_interrupt,
};

/* Reads "2.4" as 0x00020004; 0: the text names no version. */
static uint32_t parse_version(const char *text)
{
    uint64_t major, minor;

    if (!digits_read(&text, 10, UINT16_MAX, &major) || *text++ != '.' ||
        !digits_read(&text, 10, UINT16_MAX, &minor) || *text != '\0')
        return 0;
    return (uint32_t)(major << 16 | minor);
}

/*
 * One version is proposed when the user names it, all of ours otherwise. False:
 * the text names no version.
 */
static bool take_version(struct vmbus_config *config)
{
    const char *text = the_platform.config.bus_version;

    if (!text)
        return true;
    config->newest = config->oldest = parse_version(text);
    return config->newest != 0;
}

/* The bus's error in words, for log, report and screen. */
static const char *failure(int status)
{
    switch (status) {
    case -EPROTONOSUPPORT:
        return "the host speaks none of our VMBus versions";
    case -EACCES:
        return "the hypervisor denies posting messages";
    case -ETIMEDOUT:
        return "the VMBus host does not answer";
    case -EINVAL:
        return "vmbus.version= names no version of VMBus, expected one of "
               "0.13, 1.1, 2.4, 3.0, 4.0, 4.1, 5.0 to 5.3, 6.0";
    case -ENOMEM:
        return "no memory for the bus";
    default:
        return "the VMBus connection failed";
    }
}

/* How long a crash waits for the host's UNLOAD_RESPONSE. */
#define CRASH_UNLOAD_LIMIT (2 * SEAM_S)

/*
 * In a crash no interrupt is taken any more, so the message slots are read
 * directly.
 */
static uint32_t poll_slot(void *arg, uint8_t payload[240])
{
    (void)arg;
    return hv_synic_poll(payload);
}

/*
 * The crash report calls this, so that the host stops writing this machine's
 * memory before other software takes it over. At DISPATCH no deferred work
 * runs.
 */
static void unload_from_crash(void)
{
    int status;

    if (irql_current() < IRQL_DISPATCH)
        irql_raise(IRQL_DISPATCH);
    status = vmbus_bus_crash_unload(the_platform.seam.bus, CRASH_UNLOAD_LIMIT,
                                    poll_slot, NULL);
    if (status == -ENOTCONN)
        return;
    log_printf(LOG_ERROR, "crash: VMBus: the host %s",
               status ? "did not answer UNLOAD, and may still write to memory"
                      : "answered UNLOAD and lets go of our memory");
    log_crash_flush();
}

/*
 * The crash handler is told about the bus before the bus connects: a crash
 * during contact must send UNLOAD, too.
 */
static int connect(void)
{
    struct vmbus_config config = {0};
    struct seam *s = &the_platform.seam;
    int status;

    config.unload_first = the_platform.left_over;
    if (!take_version(&config))
        return -EINVAL;
    status = vmbus_bus_create(s, &config, &s->bus);
    if (status)
        return status;
    crash_set_release(unload_from_crash);
    return vmbus_bus_connect(s->bus);
}

/*
 * A failure is not the end: the application runs, and the report says why there
 * is no bus.
 */
void platform_bus_connect(void)
{
    int status;

    if (!the_platform.hyperv || the_platform.config.without_bus)
        return;
    status = connect();
    if (!status)
        return;
    the_platform.verdict = VMBARE_UNSUPPORTED;
    format_print(the_platform.refusal, sizeof(the_platform.refusal), "%s",
                 failure(status));
    log_printf(LOG_ERROR, "vmbus: %s", the_platform.refusal);
}

/* An unconfirmed UNLOAD is only logged; the machine ends anyway. */
void platform_bus_unload(void)
{
    struct seam *s = &the_platform.seam;

    if (!s->bus || !vmbus_bus_connected(s->bus))
        return;
    if (vmbus_bus_unload(s->bus))
        log_printf(LOG_WARNING, "vmbus: the host did not confirm UNLOAD");
}
