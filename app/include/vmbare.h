/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System facts for applications: the hypervisor and its offers, console and
 * keys, clock, power. With libc and the KMCL header this is all that an
 * application sees of the machine.
 *
 * An application is a folder app/NAME/ with a function `int main(void)`; its
 * result is one of enum vmbare_verdict. Its options are declared as
 * vmbare_options.h says. All functions here are for PASSIVE.
 */
#ifndef APP_VMBARE_H
#define APP_VMBARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbare_options.h"

/* A function that does not return, in C and in C++. */
#define VMBARE_NORETURN __attribute__((noreturn))

/* Without a hosted C++ library clang would give main a name of C++. */
#if defined(__cplusplus) && !__STDC_HOSTED__
extern "C" {
#endif

/**
 * The application, called once when the system is up. PASSIVE.
 *
 * @return  one of enum vmbare_verdict. With the option `exit` the machine ends
 *          with it; without, it stays, shows it, and takes keys on COM1.
 *          Calling exit() is the same.
 */
int main(void);

#if defined(__cplusplus) && !__STDC_HOSTED__
}
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a run comes to; see docs/exit-statuses.md. */
enum vmbare_verdict {
    VMBARE_PASSED,
    VMBARE_FAILED,        /* a test failed */
    VMBARE_NO_HYPERVISOR, /* not on Hyper-V */
    VMBARE_UNSUPPORTED,   /* a Hyper-V that lacks what VMBus needs */
    VMBARE_USAGE,         /* it was asked for something that cannot be */
};

/* ---- the machine ------------------------------------------------------ */

/* What is known of the machine, the hypervisor and the bus. */
struct vmbare_facts {
    const char *version; /* of vmbare */
    uint64_t image_base, image_size;
    const char *firmware_vendor;
    uint32_t firmware_revision, uefi_revision; /* 0: direct boot */

    bool hypervisor;               /* CPUID says that there is one */
    const char *hypervisor_vendor; /* "" where there is none */
    uint32_t hypervisor_max_leaf;
    const char *host;    /* "Microsoft Hv, Windows build 20348, 10.0" */
    const char *refusal; /* why there is no VMBus here; NULL: there is */
    enum vmbare_verdict verdict; /* what that comes to */

    uint32_t processors;
    bool x2apic;
    uint64_t memory_pages, memory_free_pages; /* 4 KiB; ours to use */
    const char *clock, *timer;                /* the sources chosen */
    uint64_t tsc_hz, apic_hz;                 /* 0: not told */
    uint32_t screen_columns, screen_rows;     /* 0: no screen */
    uint32_t screen_width, screen_height;     /* pixels */
    bool serial;

    const char *bus_tried;   /* "6.0 5.3 ... 4.0": in the order of asking */
    const char *bus_version; /* accepted; "" while not connected */

    /* Time stamp counter: image entry to main, firmware's own share. */
    uint64_t boot_ticks, boot_firmware_ticks;
};

/**
 * Random bytes that the firmware gave at the start (EFI_RNG): the same at each
 * call, so mix them with something else, and use them for a seed. A machine
 * may have none.
 *
 * @out     receives the bytes
 * @size    how many fit there
 * @return  how many; 0: there are none
 *
 * IRQL: any.
 */
uint32_t vmbare_seed(void *out, uint32_t size);

/* Fills *facts with what is true now; texts stay valid. */
void vmbare_facts(struct vmbare_facts *facts);

/* A hypervisor leaf as CPUID gives it. */
struct vmbare_leaf {
    uint32_t number, eax, ebx, ecx, edx;
};

/**
 * One of the hypervisor's CPUID leaves.
 *
 * @index   0 for the first
 * @leaf    receives its number and registers, with true only
 * @return  false: no more
 */
bool vmbare_leaf(unsigned index, struct vmbare_leaf *leaf);

/**
 * The title of a group of the hypervisor's flags: "may use", "recommends".
 *
 * @group   0 for the first
 * @return  a constant text; NULL: no more
 */
const char *vmbare_flag_group(unsigned group);

/**
 * A flag of a group that is set, in words.
 *
 * @group   as for vmbare_flag_group()
 * @index   0 for the first
 * @return  a constant text; NULL: no more
 */
const char *vmbare_flag(unsigned group, unsigned index);

/**
 * A privilege or feature that vmbare looks for and this hypervisor lacks.
 *
 * @index   0 for the first
 * @return  a constant text; NULL: no more
 */
const char *vmbare_lacks(unsigned index);

/**
 * What is odd about the host but bearable. NULL: no more.
 *
 * @index   0 for the first
 * @return  a constant line; NULL: no more
 */
const char *vmbare_warning(unsigned index);

/**
 * Synthetic MSRs that may be read here. False: no more.
 *
 * @index   0 for the first
 * @number  receives the MSR's number
 * @name    receives a constant text
 * @value   receives what reading it gave
 * @return  false: no more
 */
bool vmbare_msr(unsigned index, uint32_t *number, const char **name,
                uint64_t *value);

/* ---- pages ------------------------------------------------------------ */

/**
 * `count` zeroed pages of 4 KiB, mapped in one piece, or NULL.
 *
 * @count   pages of 4 KiB
 * @return  their address, or NULL: no memory
 */
void *vmbare_pages_alloc(uint32_t count);

/**
 * Give pages back. They are not mapped any more: using one ends in the crash
 * report.
 *
 * @pages  from vmbare_pages_alloc()
 * @count  as it was given there
 */
void vmbare_pages_free(void *pages, uint32_t count);

/*
 * Frames of 4 KiB without a mapping, for memory that is lent to the host:
 * `count` in a row, the first a multiple of `align` (a power of two). False:
 * not to be had.
 */
bool vmbare_frames_take(uint64_t count, uint64_t align, uint64_t *first);

/**
 * Give frames back.
 *
 * @first   from vmbare_frames_take()
 * @count   as it was given there
 * @return  false: these frames were not taken
 */
bool vmbare_frames_give(uint64_t first, uint64_t count);

/**
 * New memory has appeared at these frames: the allocator may use it. How many
 * of them it took; 0: none, for overlap, or no room to keep account.
 *
 * @first   number of the first frame
 * @count   how many in a row
 * @return  how many were taken; 0: none
 */
uint64_t vmbare_frames_add(uint64_t first, uint64_t count);

/* ---- offers ----------------------------------------------------------- */

/* One offer of the host's. */
struct vmbare_offer {
    uint32_t relid;
    uint16_t subchannel;
    const char *class_name;
    char type[37], instance[37]; /* GUIDs as text */
    uint16_t flags;
    uint16_t mmio_megabytes, mmio_megabytes_optional;
    bool monitored, dedicated;
    uint8_t monitor;
    uint32_t connection;
};

/**
 * Offer number `index` in the order of arrival. False: no more.
 *
 * @index   0 for the first
 * @offer   filled with true only
 * @return  false: no more
 */
bool vmbare_offer(unsigned index, struct vmbare_offer *offer);

/**
 * The loopback bus, for VmbChannelAllocate: both endpoints of a channel in
 * this image, beside the real bus, made when first asked for. From then on it
 * is the default bus of servers, and without a real bus of clients too. Only
 * images with this call contain the loopback and the code of server channels.
 * NULL: no memory.
 *
 * @return  the bus, or NULL
 */
struct DEVICE_OBJECT *vmbare_loopback(void);

/**
 * CRC-32 as zlib and Ethernet compute it, of `size` more bytes: `before` is the
 * result for the bytes before, 0 for the first. Any IRQL.
 *
 * @bytes   what to go over
 * @size    how many bytes
 * @return  the checksum
 */
uint32_t vmbare_crc32(uint32_t before, const void *bytes, size_t size);

/* ---- the report as QR codes -------------------------------------------- */

/* An image whose application calls these shows its crash report as QR codes,
 * too; the others do not contain what makes them. */

/* Which parts of a report the screen shows as QR codes. */
struct vmbare_codes {
    unsigned first, last; /* numbers of the parts that are to be seen */
    unsigned parts;       /* of the whole report */
};

/**
 * Begin a report: everything that the consoles show from now on belongs to it.
 * On the screen, text leaves the right edge free for the codes.
 */
void vmbare_report_begin(void);

/**
 * End a report.
 */
void vmbare_report_end(void);

/**
 * Draw the QR codes of the last report beside the text, as many as fit.
 *
 * @page    0, 1, ...: the next ones, where not all fit at once; past the last
 *          page it begins again
 * @codes   receives what is to be seen, with true only
 * @return  false: there is no screen, no room on it, or no report
 */
bool vmbare_report_codes(unsigned page, struct vmbare_codes *codes);

/* ---- keys, time, power; options are in vmbare_options.h ---------------- */

/**
 * Does the machine stay when main() returns? It does without the option `exit`:
 * it shows the result, and waits for a key.
 *
 * @return  true: it stays; false: it ends with the verdict
 */
bool vmbare_stays(void);

/**
 * Is nothing but errors to be printed? That is what the option `quiet` asks.
 *
 * @return  true: `quiet` was given
 */
bool vmbare_quiet(void);

/**
 * The next byte typed on COM1, or -1.
 *
 * @return  0 to 255; -1: nothing was typed
 */
int vmbare_key(void);

/**
 * Would a read of standard input return at once, because a line is there or the
 * input has ended? For a program that waits for several things: it looks again
 * at least every 20 ms, as the line is edited only meanwhile.
 *
 * @return  true: it would
 */
bool vmbare_input_ready(void);

/**
 * 100 ns since an arbitrary start; and since 1970-01-01 UTC.
 *
 * @return  units of 100 ns
 */
uint64_t vmbare_now(void);

/**
 * The time of day in units of 100 ns since 1970-01-01 UTC.
 *
 * @return  units of 100 ns; may be negative
 */
int64_t vmbare_wall(void);

/**
 * Set the time of day, which time() and gettimeofday() tell as well. Any IRQL.
 *
 * @wall  100 ns since 1970-01-01 UTC
 */
void vmbare_wall_set(int64_t wall);

/* Lets `seconds` pass, in which everything else goes on. */
void vmbare_sleep(double seconds);

/**
 * End the application with a verdict, as exit() does; and the machine with it,
 * even if it stays otherwise.
 *
 * @verdict  of the run
 */
VMBARE_NORETURN void vmbare_end(enum vmbare_verdict verdict);

/*
 * Ends the machine: channels closed, UNLOAD, SynIC and hypercall page off,
 * then the verdict for a test's host and power off or reset.
 */
VMBARE_NORETURN void vmbare_power_off(void);

/**
 * As vmbare_power_off(), with a reset at the end.
 */
VMBARE_NORETURN void vmbare_reset(void);

/* Ends the machine by one way of reset and no other: "hypervisor", "acpi",
 * "keyboard". Returns where there is no such way, everything being off. */
void vmbare_reset_by(const char *way);

#ifdef __cplusplus
}
#endif

#endif
