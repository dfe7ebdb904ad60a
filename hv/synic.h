/* SPDX-License-Identifier: BSD-2-Clause */
/* The timer's share of the SynIC, between the files of hv/. */
#ifndef HV_SYNIC_H
#define HV_SYNIC_H

#include <stdbool.h>
#include <stdint.h>

/* Frees the timer's message slot; false: it was empty. Interrupt level. */
bool hv_synic_take_timer(void);

/* The timer's SINT of the running processor on or off. */
void hv_synic_unmask_timer(uint8_t vector, bool enable);

#endif
