/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands of the control port: one row each. The services of the file that
 * only answer commands stand here, too.
 */
#include "bodies.h"
#include "bus.h"
#include "control.h"
#include "dynamic.h"
#include "jobs.h"
#include "minihv.h"
#include "net.h"
#include "services.h"
#include "sock.h"
#include "words.h"

static uint8_t body[IC_MAX - IC_HEADER];

static void refuse(const char *expected, const char *found)
{
    control_say("error expected %s, found '%s'\n", expected, found);
    control_end();
}

/* ---- heartbeat, shutdown, time ------------------------------------------- */

static void run_heartbeat(char *line)
{
    const char *unready = service_unready(&heartbeat_service);

    (void)line;
    /* An answer that is due is no fault. */
    if (unready && !heartbeat_service.ic.agreed)
        control_say("error heartbeat: %s\n", unready);
    else
        heartbeat_say();
    control_end();
}

static void run_shutdown(char *line)
{
    uint32_t flags = 0;

    for (const char *w = words_take(&line); *w; w = words_take(&line)) {
        if (words_equal(w, "force")) {
            flags |= SHUTDOWN_FORCE;
        } else if (words_equal(w, "restart")) {
            flags |= SHUTDOWN_RESTART;
        } else {
            refuse("'force' or 'restart'", w);
            return;
        }
    }
    job_ask(&shutdown_service, body, body_shutdown(body, flags), job_done);
}

static void run_time(char *line)
{
    const uint64_t most = UINT64_C(32503680000000);
    const char *word = words_take(&line);
    uint64_t ms;

    if (!words_number(word, most, &ms)) {
        refuse("milliseconds since 1970, up to the year 3000", word);
        return;
    }
    job_ask(&time_service, body,
            body_time(body, time_service.ic.message, ms, clock_now()),
            job_done);
}

/* ---- KVP ----------------------------------------------------------------- */

/* A walk through the guest's values: its own pool, then what its system says,
 * then what the host has set. */
static const enum kvp_pool pools[] = {KVP_GUEST, KVP_AUTO, KVP_EXTERNAL};
enum {
    POOLS = sizeof pools / sizeof pools[0],
    ENTRIES_MAX = 1000,
    FAILED_MAX = 10,
};
#define NO_MORE UINT32_C(0x80070103)
static struct {
    uint32_t pool, index, failed;
    char wanted[sizeof((struct kvp_entry *)NULL)->key]; /* "": all */
} walk;

static const char *kvp_next(struct service *s, const struct ic_answer *a);

static void kvp_ask(void)
{
    job_ask(&kvp_service, body,
            body_kvp_list(body, pools[walk.pool], walk.index), kvp_next);
}

static void kvp_end(void)
{
    if (*walk.wanted)
        control_say("error kvp: the guest has no key '%s'\n", walk.wanted);
    else
        control_say("ok\n");
    control_end();
}

static void kvp_next_pool(void)
{
    walk.index = walk.failed = 0;
    if (++walk.pool == POOLS)
        kvp_end();
    else
        kvp_ask();
}

/* A pool ends by its own status. Another says that the guest has no value for
 * this index; a guest that says it again and again has no pool. */
static const char *kvp_next(struct service *s, const struct ic_answer *a)
{
    static struct kvp_entry e;
    const char *wrong;

    (void)s;
    if (a->status && a->status != NO_MORE && ++walk.failed < FAILED_MAX) {
        walk.index++;
        kvp_ask();
        return NULL;
    }
    if (a->status || walk.index == ENTRIES_MAX) {
        kvp_next_pool();
        return NULL;
    }
    wrong = read_kvp(a, &e);
    if (wrong)
        return wrong;
    if (*walk.wanted && words_equal(e.key, walk.wanted)) {
        control_say("ok %s\n", e.value);
        control_end();
        return NULL;
    }
    if (!*walk.wanted)
        control_say("- %s=%s\n", e.key, e.value);
    walk.index++;
    kvp_ask();
    return NULL;
}

static void kvp_walk(const char *wanted)
{
    uint32_t n = 0;

    for (; n < sizeof walk.wanted - 1 && wanted[n]; n++)
        walk.wanted[n] = wanted[n];
    walk.wanted[n] = 0;
    walk.pool = walk.index = walk.failed = 0;
    kvp_ask();
}

static void kvp_change(uint32_t size)
{
    if (size)
        job_ask(&kvp_service, body, size, job_done);
    else
        refuse("a key of 1 to 255 characters and a value of 1 to 1023",
               "another");
}

static void run_kvp(char *line)
{
    const char *what = words_take(&line), *key = words_take(&line);

    if (words_equal(what, "list"))
        kvp_walk("");
    else if (words_equal(what, "get") && *key)
        kvp_walk(key);
    else if (words_equal(what, "set") && *key)
        kvp_change(body_kvp_set(body, key, line));
    else if (words_equal(what, "delete") && *key)
        kvp_change(body_kvp_delete(body, key));
    else
        refuse("'list', 'get KEY', 'set KEY VALUE' or 'delete KEY'", what);
}

/* ---- VSS, file copy ------------------------------------------------------ */

static void run_vss(char *line)
{
    static const struct {
        const char *word;
        enum body_vss operation;
    } known[] = {
        {"check", VSS_CHECK}, {"freeze", VSS_FREEZE}, {"thaw", VSS_THAW}};
    const char *word = words_take(&line);

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (words_equal(word, known[i].word)) {
            job_ask(&vss_service, body, body_vss(body, known[i].operation),
                    job_done);
            return;
        }
    refuse("'check', 'freeze' or 'thaw'", word);
}

static uint64_t copied; /* bytes of the file that is under way */

static void copy_start(char *line)
{
    const char *size = words_take(&line);
    uint64_t bytes;
    uint32_t n;

    copied = 0;
    if (!words_number(size, UINT64_C(1) << 40, &bytes)) {
        refuse("the file's size in bytes", size);
        return;
    }
    n = body_copy_start(body, line, bytes);
    if (n)
        job_ask(&copy_service, body, n, job_done);
    else
        refuse("an absolute path of the guest, in ASCII and without blanks",
               line);
}

static void copy_data(const char *word)
{
    static uint8_t data[COPY_DATA_MAX];
    uint32_t n = words_hex(word, data, sizeof data);

    if (!n) {
        refuse("1 to 6144 bytes in hexadecimal digits", "something else");
        return;
    }
    job_ask(&copy_service, body, body_copy_write(body, copied, data, n),
            job_done);
    copied += n;
}

static void run_copy(char *line)
{
    const char *what = words_take(&line);
    enum body_copy end;

    if (words_equal(what, "start")) {
        copy_start(line);
        return;
    }
    if (words_equal(what, "data")) {
        copy_data(words_take(&line));
        return;
    }
    end = words_equal(what, "end") ? COPY_END : COPY_CANCEL;
    if (end == COPY_CANCEL && !words_equal(what, "cancel"))
        refuse("'start SIZE PATH', 'data HEX', 'end' or 'cancel'", what);
    else
        job_ask(&copy_service, body, body_copy_end(body, end), job_done);
}

/* ---- network ------------------------------------------------------------- */

static void net_gone(void)
{
    control_say("ok\n");
    control_end();
}

static void run_net(char *line)
{
    const char *word = words_take(&line);
    const char *wrong;

    if (!words_equal(word, "unplug") && !words_equal(word, "plug")) {
        refuse("'plug' or 'unplug'", word);
        return;
    }
    wrong = *word == 'u' ? net_unplug(net_gone) : net_plug();
    if (wrong)
        control_say("error net: %s\n", wrong);
    else if (*word == 'p')
        control_say("ok\n");
    if (wrong || *word == 'p')
        control_end();
}

/* ---- hv_sock ------------------------------------------------------------- */

static void run_sock(char *line)
{
    (void)line;
    if (hv.config.devices & DEVICE_SOCK)
        sock_list();
    else
        control_say("error sock: this machine has no hv_sock\n");
    control_end();
}

/* ---- dynamic memory ------------------------------------------------------ */

static void run_memory(char *line)
{
    const char *what = words_take(&line), *size = words_take(&line);
    uint64_t mib = 0;

    if (!(hv.config.devices & DEVICE_DYNAMIC)) {
        control_say("error memory: this machine has no dynamic memory\n");
        control_end();
    } else if (!*what) {
        dynamic_say();
    } else if (words_equal(what, "give")) {
        dynamic_give();
    } else if (!words_equal(what, "take")) {
        refuse("'take MIB', 'give' or nothing", what);
    } else if (!words_number(size, DYNAMIC_MIB_MAX, &mib) || !mib) {
        refuse("MiB, 1 to 512", size);
    } else {
        dynamic_take((uint32_t)mib);
    }
}

/* ---- all of them --------------------------------------------------------- */

static void run_help(char *line);

/* Whoever connects asks until this is answered: what was sent before minihv
 * could hear is lost. */
static void run_hello(char *line)
{
    control_say("ok %s\n", words_take(&line));
    control_end();
}

static const struct command {
    const char *word;
    const char *words; /* what follows, and what it does */
    void (*run)(char *line);
} commands[] = {
    {"help", ": this list", run_help},
    {"hello", "WORD: answers with the word", run_hello},
    {"heartbeat", ": how often the guest has answered", run_heartbeat},
    {"shutdown", "[force] [restart]: the guest ends itself", run_shutdown},
    {"time", "MS: the guest's clock, milliseconds since 1970", run_time},
    {"kvp", "list | get KEY | set KEY VALUE | delete KEY: shared values",
     run_kvp},
    {"vss", "check | freeze | thaw: the guest's file systems", run_vss},
    {"copy", "start SIZE PATH | data HEX | end | cancel: a file for the guest",
     run_copy},
    {"net", "unplug | plug: the first network device", run_net},
    {"memory", "[take MIB | give]: the guest's memory", run_memory},
    {"sock", ": the streams of hv_sock", run_sock},
};

static void run_help(char *line)
{
    (void)line;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        control_say("- %s %s\n", commands[i].word, commands[i].words);
    control_say("ok\n");
    control_end();
}

void control_run(char *line)
{
    const char *word = words_take(&line);

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (words_equal(word, commands[i].word)) {
            commands[i].run(line);
            return;
        }
    refuse("a command that 'help' lists", word);
}
