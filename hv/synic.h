/* SPDX-License-Identifier: BSD-2-Clause */
/* The timer's share of the SynIC, between the files of hv/. */
#ifndef HV_SYNIC_H
#define HV_SYNIC_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Free the timer's message slot of the running processor. At interrupt level.
 *
 * @return  false: the slot was empty
 */
bool hv_synic_take_timer(void);

/** Unmask (true) or mask the timer's SINT of the running processor. */
void hv_synic_unmask_timer(uint8_t vector, bool enable);

#endif
