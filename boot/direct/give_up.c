/* SPDX-License-Identifier: BSD-2-Clause */
/* The only voice while there is no machine of our own: see direct.h. */
#include "boot/direct/direct.h"

#include <string.h>

#include "arch/console/serial.h"
#include "arch/cpu/halt.h"
#include "arch/cpu/io.h"
#include "arch/crash/debug_exit.h"

/* Bochs', QEMU's and Cloud Hypervisor's debug console; elsewhere nobody. */
#define PORT_DEBUG 0xE9u

/* On both, because nobody knows which of them somebody reads. */
static void say(const char *text)
{
    serial_write(text, strlen(text));
    for (; *text; text++)
        outb(PORT_DEBUG, (uint8_t)*text);
}

/* Nothing of the machine is set up, and nothing needs to be. */
_Noreturn void direct_give_up(const char *why)
{
    (void)serial_init();
    say("vmbare: ");
    say(why);
    say("; cannot start\n");
    debug_exit(EXIT_STATUS_UNSUPPORTED);
    halt_forever();
}
