/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypercall page, between the files of hv/. */
#ifndef HV_CALL_H
#define HV_CALL_H

/* Where to call; NULL while there is none. */
extern void *hv_call_page;

#endif
