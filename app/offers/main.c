/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest useful image: boot, bus, KMCL, and one line per offer. No
 * printf: what it does not need it does not carry.
 */
#include <string.h>
#include <unistd.h>

#include "vmbare.h"
#include "vmbuskernelmodeclientlibapi.h"

/* write() goes to the log's sinks directly; printf would add 12 KB. */
static void say(const char *text)
{
    (void)write(1, text, strlen(text));
}

/* Decimal digits, written from the end of the buffer to its beginning. */
static void say_number(unsigned n)
{
    char digits[12], *p = digits + sizeof(digits);

    *--p = 0;
    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    say(p);
}

/* One line: channel number, class in words, instance. */
static void say_offer(const struct vmbare_offer *o)
{
    say("offer ");
    say_number(o->relid);
    say(" ");
    say(o->class_name);
    say(" ");
    say(o->instance);
    say("\n");
}

/* An application would open its channels through this. */
static void say_kmcl(void)
{
    static KMCL_CLIENT_INTERFACE_V1 kmcl;
    NTSTATUS status =
        KmclQueryInterface(&KMCL_CLIENT_INTERFACE_TYPE, (PINTERFACE)&kmcl,
                           sizeof(kmcl), KMCL_CLIENT_INTERFACE_VERSION_V1);

    say(NT_SUCCESS(status) ? "KMCL is there\n" : "KMCL is missing\n");
}

/* A list of offers, or why there is none. */
int main(void)
{
    struct vmbare_facts facts;
    struct vmbare_offer offer;

    vmbare_facts(&facts);
    if (facts.refusal) {
        say(facts.refusal);
        say("\n");
        return (int)facts.verdict;
    }
    say_kmcl();
    for (unsigned i = 0; vmbare_offer(i, &offer); i++)
        say_offer(&offer);
    return (int)facts.verdict;
}
