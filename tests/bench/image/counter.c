/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A QEMU plugin that counts executed instructions by address and phase.
 *
 * The phase is a number, 0 at the beginning; in phase 0 nothing is counted. An
 * instruction `nopl 0x76620000 + N(%rax)`, which does nothing, makes it N on
 * all processors: so programs mark what they want counted
 * (tests/guest/counted/marks.h). Further changes, each for the processor that
 * executes the instruction, are in a plan, a file of lines:
 *
 *     base N ADDRESS END  the mark N of ADDRESS, as linked, is where the place
 *                         of the program is learnt; it ends at END
 *     place ADDRESS END   the place of the program is known: address 0, as
 *                         linked, is here; it ends at END, as linked
 *     begin N             the phase at the beginning is N
 *     at FROM FIRST END TO  in phase FROM, an instruction that was linked at
 *                         FIRST or behind it, and before END, begins phase TO
 *     iret FROM TO        in phase FROM, an IRETQ of the program ends it; phase
 *                         TO begins
 *
 * When QEMU ends, it has written `base HEX`, `phase N ENTERED` and
 * `count PHASE HEX TIMES` to the output.
 *
 *     -plugin counter.so,plan=FILE,out=FILE
 */
#include "plugin.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHASES  16u
#define BUCKETS 65536u
#define CHANGES 16u
#define MARK    0x76620000u
#define CPUS    4u

PLUGIN_EXPORT int qemu_plugin_version = 1;
PLUGIN_EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info,
                                      int count, char **arguments);

enum kind { ORDINARY, IS_MARK, IS_IRET };

struct place {
    struct place *next;
    uint64_t address;
    enum kind kind;
    uint32_t mark;
    uint64_t times[PHASES];
};

static struct change {
    bool (*due)(const struct change *c, const struct place *p);
    uint32_t from, to;
    uint64_t first, end; /* as linked */
} changes[CHANGES];

static uint32_t change_count;
static struct place *places[BUCKETS];
static uint64_t entered[PHASES];
static uint32_t phases[CPUS];
static uint32_t base_mark;
static uint64_t base_address; /* as linked; 0: no base is asked for */
static uint64_t base_end;     /* of the program, as linked */
static uint64_t base;         /* where address 0 of the program is */
static bool base_known;
static FILE *out;

/* ---- executing ----------------------------------------------------------- */

static void enter(unsigned processor, uint32_t to)
{
    phases[processor] = to;
    entered[to]++;
}

static void enter_all(uint32_t to)
{
    for (unsigned i = 0; i < CPUS; i++)
        phases[i] = to;
}

static void marked(const struct place *p)
{
    if (base_address && !base_known && p->mark == base_mark) {
        base = p->address - base_address;
        base_known = true;
    }
    enter_all(p->mark);
    entered[p->mark]++;
}

static bool is_at(const struct change *c, const struct place *p)
{
    uint64_t linked = p->address - base;

    return base_known && linked >= c->first && linked < c->end;
}

static bool is_iret(const struct change *c, const struct place *p)
{
    (void)c;
    return p->kind == IS_IRET && base_known && p->address - base < base_end;
}

static const struct change *due(uint32_t phase, const struct place *p)
{
    for (const struct change *c = changes; c < changes + change_count; c++)
        if (c->from == phase && c->due(c, p))
            return c;
    return NULL;
}

/* A change at an address comes before the instruction is counted, so it is the
 * first of the new phase; a mark and IRETQ are the last of the old one. */
static void executed(unsigned processor, void *context)
{
    struct place *p = context;
    const struct change *c;

    if (processor >= CPUS) {
        fprintf(stderr, "counter: expected at most %u processors\n", CPUS);
        abort();
    }
    if (!phases[processor] && p->kind != IS_MARK)
        return;
    c = due(phases[processor], p);
    if (c && c->due == is_at)
        enter(processor, c->to);
    p->times[phases[processor]]++;
    if (c && c->due == is_iret)
        enter(processor, c->to);
    if (p->kind == IS_MARK)
        marked(p);
}

/* ---- translating --------------------------------------------------------- */

static void classify(struct place *p, const uint8_t *bytes, size_t size)
{
    static const uint8_t nop[] = {0x0f, 0x1f, 0x80}, iret[] = {0x48, 0xcf};
    uint32_t number;

    if (size == sizeof(iret) && !memcmp(bytes, iret, sizeof(iret)))
        p->kind = IS_IRET;
    if (size != sizeof(nop) + sizeof(number) ||
        memcmp(bytes, nop, sizeof(nop)) != 0)
        return;
    memcpy(&number, bytes + sizeof(nop), sizeof(number));
    if (number - MARK < PHASES) {
        p->kind = IS_MARK;
        p->mark = number - MARK;
    }
}

/* The same for each translation of an address, whatever stands there. */
static struct place *find(uint64_t address)
{
    struct place **bucket = &places[(address ^ address >> 16) % BUCKETS];
    struct place *p = *bucket;

    while (p && p->address != address)
        p = p->next;
    if (!p) {
        p = calloc(1, sizeof(*p));
        if (!p)
            abort();
        p->address = address;
        p->next = *bucket;
        *bucket = p;
    }
    return p;
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        struct place *p = find(qemu_plugin_insn_vaddr(insn));

        p->kind = ORDINARY;
        classify(p, qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));
        qemu_plugin_register_vcpu_insn_exec_cb(insn, executed,
                                               QEMU_PLUGIN_CB_NO_REGS, p);
    }
}

/* ---- plan and output ----------------------------------------------------- */

static void print_place(const struct place *p)
{
    for (uint32_t i = 1; i < PHASES; i++)
        if (p->times[i])
            fprintf(out, "count %u %llx %llu\n", i,
                    (unsigned long long)p->address,
                    (unsigned long long)p->times[i]);
}

static void ends(uint64_t id, void *context)
{
    (void)id;
    (void)context;
    fprintf(out, "base %llx\n", (unsigned long long)base);
    for (uint32_t i = 1; i < PHASES; i++)
        if (entered[i])
            fprintf(out, "phase %u %llu\n", i, (unsigned long long)entered[i]);
    for (uint32_t i = 0; i < BUCKETS; i++)
        for (const struct place *p = places[i]; p; p = p->next)
            print_place(p);
    fclose(out);
}

/* Returns false if the line is none of these or has a number too large. */
static bool read_place(const char *line)
{
    unsigned long long address, end;
    uint32_t first;

    if (sscanf(line, "base %u %llx %llx", &base_mark, &address, &end) == 3) {
        base_address = address;
        base_end = end;
        return base_mark < PHASES;
    }
    if (sscanf(line, "place %llx %llx", &address, &end) == 2) {
        base = address;
        base_end = end;
        base_known = true;
        return true;
    }
    if (sscanf(line, "begin %u", &first) != 1 || first >= PHASES)
        return false;
    enter_all(first);
    return true;
}

static bool read_change(const char *line)
{
    struct change *c = &changes[change_count];
    unsigned long long first = 0, end = 0;

    if (change_count == CHANGES)
        return false;
    if (sscanf(line, "at %u %llx %llx %u", &c->from, &first, &end, &c->to) == 4)
        c->due = is_at;
    else if (sscanf(line, "iret %u %u", &c->from, &c->to) == 2)
        c->due = is_iret;
    else
        return false;
    c->first = first;
    c->end = end;
    change_count++;
    return c->from < PHASES && c->to < PHASES;
}

static bool read_plan(const char *path)
{
    FILE *plan = fopen(path, "r");
    char line[128] = "";
    bool good = plan;

    while (good && fgets(line, sizeof(line), plan))
        good = read_place(line) || read_change(line);
    if (!good)
        fprintf(
            stderr,
            "counter: %s: expected lines 'base', 'place', 'begin', 'at' and "
            "'iret' with phases below %u, found '%s'\n",
            path, PHASES, line);
    if (plan)
        fclose(plan);
    return good;
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int count,
                        char **arguments)
{
    (void)info;
    for (int i = 0; i < count; i++) {
        if (!strncmp(arguments[i], "plan=", 5) && !read_plan(arguments[i] + 5))
            return -1;
        if (!strncmp(arguments[i], "out=", 4))
            out = fopen(arguments[i] + 4, "w");
    }
    if (!out) {
        fprintf(stderr, "counter: expected out=FILE that can be written\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ends, NULL);
    return 0;
}
