/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power off and reset: see power.h.
 *
 * The host owns the machine, so there is no way that always works: a
 * generation-2 VM has ACPI registers but no keyboard controller, and a crash
 * cannot rely on tables. Each way is tried, waited for in a bounded loop, and
 * followed by the next one.
 */
#include "arch/acpi/power.h"

#include <errno.h>

#include "arch/cpu/halt.h"
#include "arch/cpu/io.h"
#include "arch/console/log.h"

/* PM1 control register [ACPI 6.5, 4.8.3.2.1]. */
#define PM1_SCI_ENABLED    0x0001u
#define PM1_SLEEP_TYPE     0x1C00u
#define PM1_SLEEP_TYPE_BIT 10
#define PM1_SLEEP_ENABLE   0x2000u

#define KEYBOARD_STATUS 0x64u
#define KEYBOARD_BUSY   0x02u
#define KEYBOARD_RESET  0xFEu /* command: pulse the processor's reset line */
#define PORT_ABSENT     0xFFu

/* A port on which nothing has to answer; reading it takes about 1 us. */
#define DELAY_PORT 0x80u

/* Many times what an honest host takes to end the machine. */
#define END_READS 500000u

/* [ACPI 6.5, 4.8.2.5] sets no limit; firmware takes microseconds. */
#define ENABLE_READS 300000u

static struct acpi_reader reader;
static uint64_t rsdp;
static void (*hypervisor_reset)(void);

/* Kept, not read: see read_tables(). */
void power_init(const struct acpi_reader *acpi_reader, uint64_t rsdp_address)
{
    reader = *acpi_reader;
    rsdp = rsdp_address;
}

void power_set_hypervisor_reset(void (*reset)(void))
{
    hypervisor_reset = reset;
}

/* A loop of port reads: it must also work in a crash, without any clock. */
static void delay(uint32_t reads)
{
    while (reads-- > 0)
        (void)inb(DELAY_PORT);
}

/* Logs why a way is not there; -ENODEV. */
static int no_way(const char *way, const char *why)
{
    log_printf(LOG_WARNING, "power: no %s: %s", way, why);
    return -ENODEV;
}

/* Logs that a way had no effect; -EIO. */
static int still_here(const char *way)
{
    log_printf(LOG_ERROR, "power: %s had no effect, the machine still runs",
               way);
    return -EIO;
}

/* The tables are read when they are needed: at a start nobody needs them, and
 * reading the DSDT takes long. */
static int read_tables(struct acpi_power *power, const char *way)
{
    struct acpi acpi;

    if (rsdp == 0)
        return no_way(way, "the firmware named no ACPI tables");
    if (acpi_open(&acpi, &reader, rsdp) < 0 ||
        acpi_read_power(&acpi, power) < 0)
        return no_way(way, acpi.error);
    if (!power->s5_found)
        log_printf(LOG_DEBUG, "power: %s", acpi.error);
    return 0;
}

/* ---- power off ---------------------------------------------------------- */

/* Only ports: a register in memory would have to be mapped first. */
static bool is_port(const struct acpi_register *r)
{
    return r->space == ACPI_SPACE_IO && r->address != 0 &&
           r->address <= UINT16_MAX;
}

/* Why these tables cannot power off, or NULL. */
static const char *obstacle(const struct acpi_power *power)
{
    if (power->hardware_reduced)
        return "hardware-reduced ACPI is not supported";
    if (!power->s5_found)
        return "the DSDT has no usable \\_S5";
    if (!is_port(&power->pm1a_control))
        return "the FADT has no I/O port PM1a control register";
    return NULL;
}

/* Takes the registers over from the firmware's SMI handler, if it has them. */
static bool acpi_mode(const struct acpi_power *power)
{
    uint16_t port = (uint16_t)power->pm1a_control.address;

    if (inw(port) & PM1_SCI_ENABLED)
        return true;
    if (power->smi_command == 0 || power->smi_command > UINT16_MAX ||
        power->acpi_enable == 0)
        return true; /* there is no other mode */
    /* Ask the firmware, and wait until the bit shows that it has let go. */
    outb((uint16_t)power->smi_command, power->acpi_enable);
    for (uint32_t i = 0; i < ENABLE_READS; i++) {
        if (inw(port) & PM1_SCI_ENABLED)
            return true;
    }
    return false;
}

/* The sleep type and the enable bit go in together. PM1b is optional. [ACPI
 * 6.5, 4.8.3.2.1] */
static void enter_sleep(const struct acpi_register *control, uint8_t type)
{
    uint16_t port = (uint16_t)control->address;
    uint32_t value;

    /* PM1b may be missing. */
    if (!is_port(control))
        return;
    /* Keep the other bits of the register. */
    value = inw(port) & ~(PM1_SLEEP_TYPE | PM1_SLEEP_ENABLE);
    value |= (uint32_t)type << PM1_SLEEP_TYPE_BIT;
    outw(port, (uint16_t)(value | PM1_SLEEP_ENABLE));
}

int power_off_by_acpi(void)
{
    static const char way[] = "power-off by ACPI";
    struct acpi_power power;
    const char *why;
    int status = read_tables(&power, way);

    if (status < 0)
        return status;
    why = obstacle(&power);
    if (why)
        return no_way(way, why);
    if (!acpi_mode(&power))
        return no_way(way, "the firmware does not enter ACPI mode");
    /* Both halves of a split register go to sleep; the machine ends in the
     * second write at the latest. */
    enter_sleep(&power.pm1a_control, power.s5_a);
    enter_sleep(&power.pm1b_control, power.s5_b);
    delay(END_READS);
    return still_here(way);
}

/* ---- reset -------------------------------------------------------------- */

/* The hook is hv/'s; on a machine without a hypervisor there is none. */
int power_reset_by_hypervisor(void)
{
    if (!hypervisor_reset)
        return no_way("reset by the hypervisor", "it offers none");
    hypervisor_reset();
    delay(END_READS);
    return still_here("reset by the hypervisor");
}

int power_reset_by_acpi(void)
{
    static const char way[] = "reset by ACPI";
    struct acpi_power power;
    int status = read_tables(&power, way);

    if (status < 0)
        return status;
    if (!is_port(&power.reset))
        return no_way(way, "the FADT has no I/O port reset register");
    outb((uint16_t)power.reset.address, power.reset_value);
    delay(END_READS);
    return still_here(way);
}

/* The command is written after a bounded wait for the controller, also when it
 * still claims to be busy. */
int power_reset_by_keyboard(void)
{
    static const char way[] = "reset by the keyboard controller";
    uint32_t reads = END_READS;

    /* A generation-2 VM has no keyboard controller: its port reads as all ones.
     */
    if (inb(KEYBOARD_STATUS) == PORT_ABSENT)
        return no_way(way, "there is none");
    while ((inb(KEYBOARD_STATUS) & KEYBOARD_BUSY) && reads > 0)
        reads--;
    outb(KEYBOARD_STATUS, KEYBOARD_RESET);
    delay(END_READS);
    return still_here(way);
}

/* ---- the ends ----------------------------------------------------------- */

_Noreturn void power_off(void)
{
    power_off_by_acpi();
    log_printf(LOG_ERROR, "power: cannot power off, halted");
    halt_forever();
}

/* Each way returns only where it is missing or has failed. */
_Noreturn void power_reset(void)
{
    /* From the most orderly way to the crudest. */
    power_reset_by_hypervisor();
    power_reset_by_acpi();
    power_reset_by_keyboard();
    halt_triple_fault();
}
