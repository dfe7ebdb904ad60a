/* SPDX-License-Identifier: BSD-2-Clause */
/* Why this machine cannot be taken, for whichever door the image came in by. */
#ifndef BOOT_REFUSE_H
#define BOOT_REFUSE_H

/** Keep why this machine cannot be taken: what was expected, what was found,
 * what to do. The door prints it where a later step reports an error. */
void boot_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** What boot_refuse() kept last; "" before. Stays valid. */
const char *boot_refusal(void);

#endif
