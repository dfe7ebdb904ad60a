/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All ends that are open (ends.h), under the stack's lock. The list is there
 * for the stack's own end: it has to tell each of them, and lwIP, which knows
 * only its own connections, cannot find those that wait to be accepted or have
 * failed.
 */
#include <errno.h>
#include <stddef.h>

#include "drivers/ip/ends.h"

static struct net_end *ends; /* under the stack's lock */

/* ---- the list ------------------------------------------------------------ */

void ip_end_add(struct net_end *end)
{
    end->next = ends;
    ends = end;
}

void ip_end_remove(struct net_end *end)
{
    struct net_end **at = &ends;

    while (*at != end)
        at = &(*at)->next;
    *at = end->next;
}

/* down() may take others out of the list (those that wait to be accepted), so
 * it is begun again after each. */
void ip_ends_stop(void)
{
    struct net_end *end = ends;

    while (end) {
        if (end->error == -ENETDOWN) {
            end = end->next;
            continue;
        }
        end->error = -ENETDOWN;
        end->down(end);
        net_wake(end->s);
        end = ends;
    }
}
