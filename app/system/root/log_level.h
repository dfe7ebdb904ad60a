/* SPDX-License-Identifier: BSD-2-Clause */
/* Which lines of the log are shown, as the options say. */
#ifndef APP_SYSTEM_ROOT_LOG_LEVEL_H
#define APP_SYSTEM_ROOT_LOG_LEVEL_H

#include "arch/console/log.h"

/** The least important level that the consoles show: that of the option log,
 * LOG_ERROR with quiet. After options_read(). */
enum log_level log_level_system(void);

/** The level that a word of the option log means.
 *
 * @word  one of those that it accepts
 */
enum log_level log_level_of(const char *word);

#endif
