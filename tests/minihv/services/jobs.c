/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of the control port: see jobs.h. */
#include "jobs.h"

#include "bus.h"
#include "control.h"
#include "minihv.h"

enum { DEADLINE_S = 60, SECOND = 10000000 };

static struct service *asked; /* NULL: no request is under way */
static job_fn *then;
static struct seam_timer timer;

static void end(void)
{
    asked = NULL;
    (void)seam_timer_cancel(NULL, &timer);
}

static void late(void *arg)
{
    (void)arg;
    if (!asked)
        return;
    control_say("error %s: the guest has not answered for %u s\n",
                asked->device.name, DEADLINE_S);
    end();
    control_end();
}

void job_ask(struct service *s, const uint8_t *body, uint32_t size,
             job_fn *done)
{
    const char *unready = service_unready(s);

    if (unready) {
        control_say("error %s: %s\n", s->device.name, unready);
        control_end();
        return;
    }
    asked = s;
    then = done;
    timer.run = late;
    seam_timer_set(NULL, &timer, clock_now() + DEADLINE_S * SECOND);
    service_ask(s, body, size);
}

const char *job_done(struct service *s, const struct ic_answer *a)
{
    if (a->status)
        control_say("error %s: the guest answers with status 0x%x\n",
                    s->device.name, a->status);
    else
        control_say("ok\n");
    control_end();
    return NULL;
}

const char *job_answered(struct service *s, const struct ic_answer *a)
{
    const char *wrong;

    if (asked != s)
        return NULL; /* it came too late */
    end();
    wrong = then(s, a);
    if (wrong) {
        control_say("error %s: the guest's answer is wrong: %s\n",
                    s->device.name, wrong);
        control_end();
    }
    return wrong;
}

void job_closed(struct service *s)
{
    if (asked != s)
        return;
    control_say("error %s: the guest has closed the service\n", s->device.name);
    end();
    control_end();
}
