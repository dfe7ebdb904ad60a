/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The date of the CMOS clock: see direct.h. Registers and bits are those of the
 * MC146818 [mc146818]; the register of the century is the FADT's business
 * [ACPI 6.5, 5.2.9].
 */
#include "boot/direct/direct.h"

#include <string.h>

#include "arch/acpi/tables.h"
#include "arch/cpu/io.h"
#include "arch/time/clock.h"

#define PORT_INDEX 0x70u
#define PORT_DATA  0x71u

#define REGISTER_SECOND 0x00u
#define REGISTER_MINUTE 0x02u
#define REGISTER_HOUR   0x04u
#define REGISTER_DAY    0x07u
#define REGISTER_MONTH  0x08u
#define REGISTER_YEAR   0x09u
#define REGISTER_A      0x0Au
#define REGISTER_B      0x0Bu

#define A_UPDATING 0x80u
#define B_24_HOURS 0x02u
#define B_BINARY   0x04u
#define HOUR_PM    0x80u

/* An update lasts 2 ms, and a read of a port about 1 us or more. */
#define WAIT_READS 20000u
#define ATTEMPTS   8u

/* Where there is no such register, the century is this one. */
#define CENTURY 20u

struct fields {
    uint8_t second, minute, hour, day, month, year, century;
};

/* The index stays selected until the next one. NMIs stay on: its highest bit is
 * 0. */
static uint8_t read_register(uint8_t number)
{
    outb(PORT_INDEX, number);
    return inb(PORT_DATA);
}

/* While it updates, registers show anything. False: it updates for ever. A port
 * on which nobody answers does. */
static bool wait_for_update(void)
{
    for (uint32_t i = 0; i < WAIT_READS; i++) {
        if (!(read_register(REGISTER_A) & A_UPDATING))
            return true;
    }
    return false;
}

/* In whatever format register B says. */
static void read_fields(struct fields *f, uint8_t century)
{
    f->second = read_register(REGISTER_SECOND);
    f->minute = read_register(REGISTER_MINUTE);
    f->hour = read_register(REGISTER_HOUR);
    f->day = read_register(REGISTER_DAY);
    f->month = read_register(REGISTER_MONTH);
    f->year = read_register(REGISTER_YEAR);
    f->century = century ? read_register(century) : 0;
}

/* An update may begin while the registers are read: what was read twice the
 * same is whole. */
static bool read_whole(struct fields *f, uint8_t century)
{
    struct fields again;

    for (uint32_t i = 0; i < ATTEMPTS; i++) {
        if (!wait_for_update())
            return false;
        read_fields(f, century);
        if (!wait_for_update())
            return false;
        read_fields(&again, century);
        if (memcmp(f, &again, sizeof(again)) == 0)
            return true;
    }
    return false;
}

/* Two decimal digits in a byte, unless the clock counts in binary. */
static uint8_t number(uint8_t value, uint8_t format)
{
    return format & B_BINARY ? value
                             : (uint8_t)((value >> 4) * 10 + (value & 0xf));
}

/* With 12 hours the highest bit means the afternoon, and 12 comes before 1. */
static uint8_t hour_of(uint8_t value, uint8_t format)
{
    uint8_t hour = number(value & (uint8_t)~HOUR_PM, format);

    if (format & B_24_HOURS)
        return number(value, format);
    return (uint8_t)(hour % 12 + (value & HOUR_PM ? 12 : 0));
}

/* The clock shows UTC on a virtual machine without Windows, and there is no
 * field for a zone. */
bool direct_read_date(struct acpi *acpi, struct clock_date *date)
{
    struct acpi_power power;
    struct fields f;
    uint8_t format;
    int64_t wall;

    /* Without a FADT nobody knows what listens on these ports. */
    if (acpi_read_fadt(acpi, &power) < 0 ||
        (power.boot_flags & ACPI_FADT_NO_CMOS_CLOCK) ||
        !read_whole(&f, power.century))
        return false;
    format = read_register(REGISTER_B);
    f.century = power.century ? number(f.century, format) : CENTURY;
    *date = (struct clock_date){
        .year = (uint16_t)(f.century * 100 + number(f.year, format)),
        .month = number(f.month, format),
        .day = number(f.day, format),
        .hour = hour_of(f.hour, format),
        .minute = number(f.minute, format),
        .second = number(f.second, format),
        .zone = CLOCK_ZONE_UNKNOWN,
    };
    /* A clock that was never set may show anything. */
    return clock_from_date(date, &wall) == 0;
}
