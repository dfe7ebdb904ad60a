/* The loopback alone: queues, levels, coming and going. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/peer/hosted.h"
#include "vmbus/host.h"
#include "vmbus/loopback.h"

struct fixture {
    struct seam *s;
    struct loopback *lb;
    uint32_t types[128]; /* what the guest got */
    unsigned got, events;
    uint32_t cpu;
    uint16_t flag;
};

static void message(void *context, const void *payload, uint32_t size)
{
    struct fixture *f = context;

    assert_int_equal(f->s->irql, SEAM_DISPATCH);
    assert_true(size >= 8);
    memcpy(&f->types[f->got++ % 128], payload, 4);
}

static void event(void *context, uint32_t cpu, uint16_t flag, bool first)
{
    struct fixture *f = context;

    assert_int_equal(f->s->irql, SEAM_DISPATCH);
    assert_int_equal(f->s->cpu, cpu);
    assert_true(first);
    f->events++;
    f->cpu = cpu;
    f->flag = flag;
}

static const struct loopback_guest guest = {.message = message, .event = event};

static int setup(void **state)
{
    static const struct vmbus_host_config config;
    struct fixture *f = calloc(1, sizeof(*f));

    f->s = hosted_create(2);
    assert_int_equal(vmbus_loopback_create(f->s, &config, &f->lb), 0);
    vmbus_loopback_attach(f->lb, &guest, f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    hosted_run(f->s);
    vmbus_loopback_attach(f->lb, NULL, NULL);
    vmbus_loopback_destroy(f->lb);
    hosted_destroy(f->s, 0);
    free(f);
    return 0;
}

static int say(struct fixture *f, uint32_t type, uint32_t size)
{
    uint8_t m[240] = {(uint8_t)type};

    m[10] = 4; /* a contact asks for 4.0 */
    return vmbus_loopback_post(f->lb, 1, 1, m, size);
}

static uint64_t broken(struct fixture *f, enum vmbus_host_rule rule)
{
    return vmbus_host_rule_count(vmbus_loopback_host(f->lb), rule);
}

static void posts_are_checked(void **state)
{
    struct fixture *f = *state;
    const uint8_t m[241] = {14};

    assert_int_equal(vmbus_loopback_post(f->lb, 1, 2, m, 40), -EIO);
    assert_int_equal(vmbus_loopback_post(f->lb, 1, 1, m, 241), -EIO);
    assert_int_equal(vmbus_loopback_post(f->lb, 3, 1, m, 40), -ENOENT);
    assert_int_equal(vmbus_loopback_post(f->lb, 1, 1, NULL, 0), 0);
    hosted_run(f->s);
    assert_int_equal(broken(f, VMBUS_HOST_RULE_SHORT_MESSAGE), 1);
    assert_int_equal(f->got, 0);
}

static void posting_delivers_nothing(void **state)
{
    struct fixture *f = *state;
    struct vmbus_host_status status;

    assert_int_equal(say(f, 14, 40), 0);
    vmbus_host_status(vmbus_loopback_host(f->lb), &status);
    assert_false(status.connected);
    hosted_run(f->s);
    vmbus_host_status(vmbus_loopback_host(f->lb), &status);
    assert_true(status.connected);
    assert_int_equal(f->got, 1);
    assert_int_equal(f->types[0], 15);
}

static void a_loopback_queues_sixteen_messages(void **state)
{
    struct fixture *f = *state;

    for (unsigned round = 0; round < 3; round++) {
        for (unsigned n = 0; n < 16; n++)
            assert_int_equal(say(f, 3, 8), 0);
        assert_int_equal(say(f, 3, 8), -EAGAIN);
        hosted_run(f->s);
    }
    assert_int_equal(broken(f, VMBUS_HOST_RULE_NOT_CONNECTED), 48);
}

static void signals_are_checked(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(vmbus_loopback_signal(f->lb, 0x2001, 1), -EIO);
    assert_int_equal(vmbus_loopback_signal(f->lb, 0x2001, 0), -ENOENT);
}

static void put32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}

/* An event comes to the processor that the open named. */
static void events_reach_the_processor_of_their_channel(void **state)
{
    static const struct vmbus_host_server none;
    struct fixture *f = *state;
    const struct vmbus_host_offer o = {.flags = 0};
    struct vmbus_host_channel *ch;
    uint64_t pfns[4];
    void *pages = seam_pages_alloc(f->s, 4, pfns);
    uint8_t gpadl[60] = {8}, open[148] = {5};

    assert_int_equal(
        vmbus_host_offer(vmbus_loopback_host(f->lb), &o, &none, NULL, &ch), 0);
    say(f, 14, 40);
    say(f, 3, 8);
    put32(gpadl + 8, 1);
    put32(gpadl + 12, 7);
    put32(gpadl + 16, 40 | 1 << 16);
    put32(gpadl + 20, 4 * 4096);
    memcpy(gpadl + 28, pfns, sizeof(pfns));
    vmbus_loopback_post(f->lb, 1, 1, gpadl, sizeof(gpadl));
    put32(open + 8, 1);
    put32(open + 16, 7);
    put32(open + 20, seam_vp_index(f->s, 1));
    put32(open + 24, 2);
    vmbus_loopback_post(f->lb, 1, 1, open, sizeof(open));
    hosted_run(f->s);
    assert_int_equal(vmbus_host_signal(ch), 0);
    assert_int_equal(f->events, 0); /* not from inside the call */
    hosted_run(f->s);
    assert_int_equal(f->events, 1);
    assert_int_equal(f->cpu, 1);
    assert_int_equal(f->flag, 1);
    vmbus_host_withdraw(ch);
    hosted_run(f->s);
    vmbus_loopback_attach(f->lb, NULL, NULL);
    seam_pages_free(f->s, pages, 4);
}

/* More than the guest's queue takes at once; none is lost, all in order. */
static void a_full_queue_is_delivered_when_there_is_room(void **state)
{
    static const struct vmbus_host_server none;
    struct fixture *f = *state;
    struct vmbus_host_channel *ch[60];

    for (unsigned n = 0; n < 60; n++) {
        struct vmbus_host_offer o = {.subchannel = (uint16_t)n};

        assert_int_equal(vmbus_host_offer(vmbus_loopback_host(f->lb), &o, &none,
                                          NULL, &ch[n]),
                         0);
    }
    say(f, 14, 40);
    say(f, 3, 8);
    hosted_run(f->s);
    assert_int_equal(f->got, 62);
    assert_int_equal(f->types[60], 1);
    assert_int_equal(f->types[61], 4);
    for (unsigned n = 60; n-- > 0;)
        vmbus_host_withdraw(ch[n]);
    hosted_run(f->s);
    assert_int_equal(f->got, 122);
}

/* The host half cannot take a message now: it is tried again, in its order. */
static void a_message_that_was_not_taken_is_posted_again(void **state)
{
    struct fixture *f = *state;

    f->s->fail_at = f->s->counts.allocations + 1;
    say(f, 14, 40);
    say(f, 3, 8);
    hosted_run(f->s);
    assert_int_equal(f->got, 0);
    hosted_advance(f->s, 2 * SEAM_MS);
    assert_int_equal(f->got, 2);
    assert_int_equal(f->types[0], 15);
    assert_int_equal(f->types[1], 4);
    assert_int_equal(broken(f, VMBUS_HOST_RULE_NOT_CONNECTED), 0);
}

static void a_detached_guest_gets_no_messages(void **state)
{
    struct fixture *f = *state;
    struct vmbus_host_status status;

    say(f, 14, 40);
    vmbus_loopback_attach(f->lb, NULL, NULL);
    hosted_run(f->s);
    assert_int_equal(f->got, 0);
    vmbus_loopback_attach(f->lb, &guest, f);
    say(f, 14, 40);
    hosted_run(f->s);
    assert_int_equal(f->got, 1);
    vmbus_loopback_attach(f->lb, NULL, NULL); /* as a reset */
    vmbus_host_status(vmbus_loopback_host(f->lb), &status);
    assert_false(status.connected);
}

static void creating_a_host_half_without_memory_fails(void **state)
{
    static const struct vmbus_host_config config;
    static const struct vmbus_host_config wrong = {.max_version = 5};
    struct fixture *f = *state;
    struct loopback *lb;

    for (uint64_t n = 1; n <= 3; n++) {
        f->s->fail_at = f->s->counts.allocations + n;
        assert_int_equal(vmbus_loopback_create(f->s, &config, &lb), -ENOMEM);
    }
    f->s->fail_at = 0;
    assert_int_equal(vmbus_loopback_create(f->s, &wrong, &lb), -EINVAL);
}

static void failed_restart_changes_nothing(void **state)
{
    static const struct vmbus_host_config wrong = {.max_version = 5};
    struct fixture *f = *state;
    struct vmbus_host *before = vmbus_loopback_host(f->lb);

    assert_int_equal(vmbus_loopback_restart(f->lb, &wrong), -EINVAL);
    assert_ptr_equal(vmbus_loopback_host(f->lb), before);
}

static void destroying_a_loopback_waits_for_its_work(void **state)
{
    static const struct vmbus_host_config config;
    struct fixture *f = *state;
    struct loopback *lb;
    const uint8_t m[8] = {3};

    assert_int_equal(vmbus_loopback_create(f->s, &config, &lb), 0);
    assert_int_equal(vmbus_loopback_post(lb, 1, 1, m, 8), 0);
    vmbus_loopback_destroy(lb); /* hosted_destroy would run what is left */
}

static struct loopback *ending;

/* Lets this processor destroy the loopback while another one, below on the
 * stack, has taken its timer out and not begun the function. */
static void destroy_it(struct seam *s)
{
    uint8_t irql = s->irql;
    uint32_t cpu = s->cpu;

    s->on_timer = NULL;
    s->irql = SEAM_PASSIVE;
    s->cpu = 0;
    vmbus_loopback_destroy(ending);
    s->irql = irql;
    s->cpu = cpu;
}

/* The other processor never goes on while destroy waits, so that the memory is
 * kept; freed memory would be used by the timer's function. */
static void a_loopback_whose_timer_begins_to_run_is_not_freed(void **state)
{
    static const struct vmbus_host_config config;
    struct seam *s = hosted_create(2);
    const uint8_t m[40] = {14};

    (void)state;
    assert_int_equal(vmbus_loopback_create(s, &config, &ending), 0);
    /* Without memory for its answer the message waits for the timer. */
    s->fail_at = s->counts.allocations + 1;
    assert_int_equal(vmbus_loopback_post(ending, 1, 1, m, sizeof(m)), 0);
    hosted_run(s);
    s->on_timer = destroy_it;
    hosted_advance(s, 20 * SEAM_S);
    assert_null(s->on_timer);
    assert_true(hosted_logged(s, "its memory is kept"));
    hosted_abandon(s);
    hosted_destroy(s, 0);
}

static void destroying_an_attached_loopback_is_asserted(void **state)
{
    struct fixture *f = *state;
    jmp_buf out;

    f->s->on_assert = &out;
    if (setjmp(out) == 0) {
        vmbus_loopback_destroy(f->lb);
        fail_msg("destroyed with a guest attached");
    }
    f->s->on_assert = NULL;
    assert_string_equal(f->s->assert_hint, "detach the guest half first");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(posts_are_checked),
        T(posting_delivers_nothing),
        T(a_loopback_queues_sixteen_messages),
        T(signals_are_checked),
        T(events_reach_the_processor_of_their_channel),
        T(a_full_queue_is_delivered_when_there_is_room),
        T(a_message_that_was_not_taken_is_posted_again),
        T(a_detached_guest_gets_no_messages),
        T(creating_a_host_half_without_memory_fails),
        T(failed_restart_changes_nothing),
        T(destroying_a_loopback_waits_for_its_work),
        T(a_loopback_whose_timer_begins_to_run_is_not_freed),
        T(destroying_an_attached_loopback_is_asserted),
    };

    return cmocka_run_group_tests_name("halves.loopback", tests, NULL, NULL);
}
