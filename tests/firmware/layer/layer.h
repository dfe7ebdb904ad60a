/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware layer: an EFI program that starts an image as a boot manager
 * does, and stands between it and the firmware. What the image asks of the
 * firmware goes through here, and the machine that the image gets after
 * ExitBootServices is the one that the layer has made.
 */
#ifndef FIRMWARE_LAYER_H
#define FIRMWARE_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include <efi.h>

#include "tests/minihv/machine.h"

#define PAGE UINT64_C(4096)

/* Pages of the layer's own image that must stay mapped: it runs on while the
 * tables are replaced. */
struct span {
    uint64_t from, to;
};

/* layer.c: does the command line name this state after layer= ? */
bool layer_wants(const char *state);

/* layer.c: the firmware's tables, the image's place in memory, and ours. */
extern EFI_SYSTEM_TABLE *layer_system;
extern struct span layer_payload, layer_self;

/* text.c: on COM1, `value` in hexadecimal. */
void layer_say(const char *text);
void layer_say_number(const char *text, uint64_t value);

/* text.c: ends the run as failed, with a reason. */
_Noreturn void layer_fail(const char *reason);

/* map.c: memory maps of thousands of ranges, and guard pages around what the
 * image allocates. */
void layer_hook_map(EFI_BOOT_SERVICES *services);

/* map.c: the last map that the image was given, as the firmware has it. */
const EFI_MEMORY_DESCRIPTOR *layer_descriptor(UINTN index);
bool layer_is_guard(uint64_t page);

/* screen.c: a first GOP without a linear framebuffer, and ACPI tables told
 * twice. */
void layer_hook_tables(EFI_SYSTEM_TABLE *system);

/* tables.c: page tables that map no more than the specification asks for. */
void layer_load_tables(void);

/* tables.c: the present tables, one level deeper. */
void layer_add_level(void);

/* levels.S: switches to five-level page tables whose top is at `top`. */
void layer_five_levels(uint64_t top);

/* registers.c: control registers, MSRs and the APIC. */
void layer_set_registers(void);

/* bus.c: a VMBus left connected. */
void layer_leave_bus(void);

#endif
