/* The platform of a scripted guest: what it is told, and breaches. */
#include "script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct vmbus_host_config any_guest = {.vp_count = 4};

const uint32_t every_version[VERSIONS] = {
    0x0000000D, 0x00010001, 0x00020004, 0x00030000, 0x00040000, 0x00040001,
    0x00050000, 0x00050001, 0x00050002, 0x00050003, 0x00060000,
};

/* ---- the platform ------------------------------------------------------- */

static int post(void *context, uint32_t vp, uint8_t sint, const void *payload,
                uint32_t size)
{
    struct script *s = context;
    struct heard *h;

    if (s->room == 0)
        return -EAGAIN;
    if (s->room != UINT32_MAX)
        s->room--;
    if (s->post_status)
        return s->post_status;
    assert_true(s->heard_count < HEARD_MAX);
    assert_true(size <= 240);
    h = &s->heard[(s->heard_first + s->heard_count++) % HEARD_MAX];
    h->vp = vp;
    h->sint = sint;
    h->message.size = size;
    memcpy(h->message.at, payload, size);
    return 0;
}

static int signal_guest(void *context, uint32_t vp, uint8_t sint, uint16_t flag)
{
    struct script *s = context;

    s->signals[s->signal_count++ % 64] =
        (struct signalled){.vp = vp, .sint = sint, .flag = flag};
    return 0;
}

static int want_service(void *context, const struct vmbus_host_connect *request)
{
    struct script *s = context;

    s->connect = *request;
    s->connects++;
    return s->connect_status;
}

static void rule_broken(void *context, enum vmbus_host_rule rule, uint32_t type,
                        uint32_t relid)
{
    struct script *s = context;

    s->rules++;
    s->last_rule = rule;
    s->last_type = type;
    s->last_relid = relid;
}

const struct vmbus_host_ops ops_of_script = {
    .post = post,
    .signal = signal_guest,
    .connect = want_service,
    .rule_broken = rule_broken,
};

/* ---- beginning and ending ----------------------------------------------- */

static struct vmbus_host *another(struct script *s,
                                  const struct vmbus_host_config *config)
{
    struct vmbus_host *h = NULL;

    assert_int_equal(vmbus_host_create(s->seam, &ops_of_script, s, config, &h),
                     0);
    return h;
}

void configure(struct script *s, const struct vmbus_host_config *config)
{
    vmbus_host_destroy(s->host);
    s->host = another(s, config);
}

int script_setup(void **state)
{
    struct script *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    s->seam = hosted_create(1);
    s->room = UINT32_MAX;
    s->connection = 1;
    s->connect_status = -ECONNREFUSED;
    s->host = another(s, &any_guest);
    *state = s;
    return 0;
}

int script_teardown(void **state)
{
    struct script *s = *state;
    uint64_t left;
    jmp_buf out;

    /* A test that has failed leaves its channels behind. */
    s->seam->on_assert = &out;
    if (setjmp(out) != 0) {
        print_error("not ended: %s\n", s->seam->assert_hint);
        return 0;
    }
    vmbus_host_destroy(s->host);
    left = s->seam->counts.pages;
    hosted_destroy(s->seam, left);
    free(s);
    assert_int_equal(left, 0);
    return 0;
}

/* ---- what has happened -------------------------------------------------- */

void broke(struct script *s, enum vmbus_host_rule rule)
{
    if (s->rules != 1 || s->last_rule != rule)
        print_error("%u breaches, last: %s\n", s->rules,
                    s->rules ? vmbus_host_rule_text(s->last_rule) : "none");
    assert_int_equal(s->rules, 1);
    assert_int_equal(s->last_rule, rule);
    s->rules = 0;
}

void broke_nothing(struct script *s)
{
    if (s->rules)
        print_error("breach: %s\n", vmbus_host_rule_text(s->last_rule));
    assert_int_equal(s->rules, 0);
}

struct vmbus_host_status status_of(struct script *s)
{
    struct vmbus_host_status status;

    vmbus_host_status(s->host, &status);
    return status;
}
