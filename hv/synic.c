/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The synthetic interrupt controller of each processor: its pages, SINT2, and
 * the rules by which messages and events are taken. [TLFS] 11; wire reference
 * D.4.
 */
#include "hv/hv.h"

#include <errno.h>
#include <string.h>

#include "arch/interrupts/interrupts.h"
#include "arch/cpu/irql.h"
#include "hv/msr.h"
#include "arch/memory/pages.h"
#include "hv/percpu.h"
#include "hv/synic.h"

/* One slot of the message page; 256 bytes. [TLFS] 11.3 */
struct message_slot {
    volatile uint32_t type; /* 0: empty */
    uint8_t size;
    volatile uint8_t flags;
    uint16_t reserved;
    uint64_t sender;
    uint8_t payload[HV_MESSAGE_PAYLOAD];
};
_Static_assert(sizeof(struct message_slot) == 256, "SynIC message slot");

#define SLOT_PENDING 1u /* more messages wait for the slot */

#define EVENT_WORDS (HV_EVENT_FLAGS / 64)

/* Messages that are taken in one run. A busy sender cannot keep one processor
 * for ever: the rest comes in the next run, after others had their turn. */
#define BUDGET 256

static struct hv_synic_client client;

/* Each SINT has one slot, at 256 bytes per slot. [TLFS] 11.3 */
static struct message_slot *slot_of(const struct hv_cpu *cpu, unsigned sint)
{
    return (struct message_slot *)(void *)(cpu->messages + 256 * sint);
}

/* Takes one message by the rule of [TLFS] 11.10.2. */
static bool take_message(struct message_slot *slot, uint32_t *type,
                         uint8_t *payload, uint32_t *size)
{
    /* Read the type: 0 means that the slot is empty. */
    *type = slot->type;
    if (*type == 0)
        return false;
    /* Bound the size once, then copy: the slot is memory that the host writes.
     */
    *size = slot->size;
    if (*size > HV_MESSAGE_PAYLOAD)
        *size = HV_MESSAGE_PAYLOAD;
    memcpy(payload, slot->payload, HV_MESSAGE_PAYLOAD);
    /*
     * Free the slot. The full fence keeps this store before the load of the
     * flag: otherwise a message that became pending in between would never be
     * delivered.
     */
    slot->type = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    /* Ask for the next message only where one is pending: the write leaves the
     * guest. */
    if (slot->flags & SLOT_PENDING)
        msr_write(HV_MSR_EOM, 0);
    return true;
}

/* Takes the events up to flag `last` and its word's others: most machines have
 * one word in use, of 32. Before messages, because a message may be about data
 * that an event has announced in a ring. */
static void drain_events(struct hv_cpu *cpu, uint32_t last)
{
    volatile uint64_t *words = cpu->events + HV_SINT_VMBUS * EVENT_WORDS;
    bool first = true;

    for (uint32_t w = 0; w <= last / 64 && w < EVENT_WORDS; w++) {
        uint64_t bits;

        if (words[w] == 0)
            continue;
        /* Locked: the hypervisor sets bits at the same time. */
        bits = __atomic_exchange_n(&words[w], 0, __ATOMIC_SEQ_CST);
        while (bits) {
            client.event(w * 64 + (uint32_t)__builtin_ctzll(bits), first);
            first = false;
            bits &= bits - 1;
        }
    }
}

/* A function of its own: most interrupts bring no message, and need no room for
 * one. */
static __attribute__((noinline)) void drain_messages(struct hv_cpu *cpu)
{
    struct message_slot *slot = slot_of(cpu, HV_SINT_VMBUS);
    uint8_t payload[HV_MESSAGE_PAYLOAD];
    uint32_t type, size;

    for (int i = 0; i < BUDGET; i++) {
        if (!take_message(slot, &type, payload, &size))
            return;
        client.message(type, payload, size);
    }
    deferred_queue(&cpu->work, this_cpu()->index);
}

/* The deferred work of an interrupt: the client's look at its own pages,
 * events, then messages. */
static void drain(void *arg)
{
    struct hv_cpu *cpu = arg;

    drain_events(cpu, client.interrupt());
    if (slot_of(cpu, HV_SINT_VMBUS)->type != 0)
        drain_messages(cpu);
}

/* Only queues: the pages are read at DISPATCH. */
static void sint_interrupt(struct cpu_frame *frame)
{
    (void)frame;
    deferred_queue_here(&hv_this_cpu()->work);
}

/*
 * Gives the hypervisor a page to lay its own over. Enable it first and zero it
 * afterwards, through its address: what was zeroed before is the hidden memory,
 * and under QEMU an old overlay keeps its content [qemu hyperv.c].
 */
static void *enable_page(uint32_t msr, uint64_t at)
{
    void *page = (void *)(uintptr_t)at;

    msr_write(msr, (msr_read(msr) & ~HV_PAGE_BITS) |
                       pages_frame(page) * PAGE_SIZE | HV_ENABLE);
    page_clear(page);
    return page;
}

/* Keep the reserved bits as they were read. [TLFS] 11.8 */
static void set_sint(unsigned sint, uint64_t value)
{
    uint32_t msr = HV_MSR_SINT0 + sint;

    msr_write(msr, (msr_read(msr) & ~HV_SINT_BITS) | value);
}

/* Use AutoEOI unless the hypervisor advises against it: where the APIC is
 * virtualised in hardware, AutoEOI does not work. [TLFS] 2.4 */
static bool auto_eoi(const struct hv_info *info)
{
    return !(info->recommend & HV_RECOMMEND_NO_AUTO_EOI);
}

/* Areas for hypercall input that no processor has yet. They start one after the
 * other: a page serves the one that takes it and those that follow. */
static struct {
    uint8_t *next;
    uint64_t physical;
    unsigned left;
} areas;

/* The input area comes with the SynIC: who posts messages has one. Each call
 * writes there what it hands over. */
static int allocate(struct hv_cpu *cpu)
{
    static const uint8_t pages[] = {1, 1, 1};
    uint64_t at[3];

    /* Take the SynIC's two pages, and one for areas where none is left. */
    if (!pages_alloc_pieces(pages, areas.left ? 2 : 3, at))
        return -ENOMEM;
    if (areas.left == 0) {
        areas.next = (uint8_t *)(uintptr_t)at[2];
        areas.physical = pages_frame(areas.next) * PAGE_SIZE;
        areas.left = PAGE_SIZE / HV_AREA_BYTES;
    }
    cpu->input = areas.next;
    cpu->input_address = areas.physical;
    areas.next += HV_AREA_BYTES;
    areas.physical += HV_AREA_BYTES;
    areas.left--;
    /* Enable the message page, then the event page. */
    cpu->messages = enable_page(HV_MSR_SIMP, at[0]);
    cpu->events = enable_page(HV_MSR_SIEFP, at[1]);
    return 0;
}

int hv_synic_enable(const struct hv_info *info,
                    const struct hv_synic_client *who)
{
    struct hv_cpu *cpu = hv_this_cpu();
    uint64_t eoi = auto_eoi(info) ? HV_SINT_AUTO_EOI : 0;
    int status;

    client = *who;
    cpu->work.run = drain;
    cpu->work.arg = cpu;
    cpu->work.level = IRQL_DISPATCH;
    status = allocate(cpu);
    if (status)
        return status;
    /* Set the handler before the SINT is unmasked. */
    interrupts_handle(VECTOR_SINT, sint_interrupt, auto_eoi(info));
    /* Unmask SINT2 with its vector. The controller itself comes last. */
    set_sint(HV_SINT_VMBUS, VECTOR_SINT | eoi);
    msr_write(HV_MSR_SCONTROL, msr_read(HV_MSR_SCONTROL) | HV_ENABLE);
    /* End the message that earlier software may not have ended: it is gone with
     * its page, and the host waits with the next one. [qemu hyperv.c] */
    msr_write(HV_MSR_EOM, 0);
    return 0;
}

/* Clear frame and enable bit. */
static void disable_page(uint32_t msr)
{
    msr_write(msr, msr_read(msr) & ~(HV_PAGE_BITS | HV_ENABLE));
}

/* In reverse order. The pages stay allocated: a processor's SynIC goes off at
 * the end only. */
void hv_synic_disable(void)
{
    set_sint(HV_SINT_VMBUS, HV_SINT_MASKED | VECTOR_SINT);
    disable_page(HV_MSR_SIMP);
    disable_page(HV_MSR_SIEFP);
    msr_write(HV_MSR_SCONTROL, msr_read(HV_MSR_SCONTROL) & ~HV_ENABLE);
}

/* Type 1 is a VMBus message; others are taken and dropped. The end of a message
 * can be said on its own processor only: of what waits for another one's slot,
 * the host must think itself. */
uint32_t hv_synic_poll(uint8_t payload[HV_MESSAGE_PAYLOAD])
{
    uint32_t type, size;

    for (uint32_t i = 0; i < cpu_count(); i++) {
        struct hv_cpu *cpu = &hv_cpus[i];

        if (cpu->messages &&
            take_message(slot_of(cpu, HV_SINT_VMBUS), &type, payload, &size) &&
            type == 1)
            return size;
    }
    return 0;
}

/* The content says nothing that the clock does not. */
bool hv_synic_take_timer(void)
{
    struct hv_cpu *cpu = hv_this_cpu();
    uint8_t payload[HV_MESSAGE_PAYLOAD];
    uint32_t type, size;

    return take_message(slot_of(cpu, HV_SINT_TIMER), &type, payload, &size);
}

void hv_synic_unmask_timer(uint8_t vector, bool enable)
{
    set_sint(HV_SINT_TIMER, enable ? vector : HV_SINT_MASKED | vector);
}
