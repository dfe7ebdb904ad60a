# SPDX-License-Identifier: BSD-2-Clause
# Hosted unit tests: NAME_test.c here is one cmocka program of the suite
# 'unit'. UNIT_SOURCES_NAME: what it needs beside itself; UNIT_CFLAGS_NAME:
# where its headers are.

UNIT_TESTS := $(sort $(patsubst tests/unit/%_test.c,%,\
    $(wildcard tests/unit/*_test.c)))

UNIT_SOURCES_elf2pe := tests/unit/elf_sample.c tools/elf2pe/elf_read.c \
    tools/elf2pe/pe_write.c
UNIT_CFLAGS_elf2pe  := -Itools/elf2pe

UNIT_SOURCES_format := arch/console/format.c
UNIT_CFLAGS_format  := -I. -Wno-format -Wno-format-security

UNIT_SOURCES_log_ring := arch/console/log_ring.c
UNIT_CFLAGS_log_ring  := -I.

UNIT_SOURCES_log := arch/console/log.c arch/console/log_ring.c arch/console/format.c \
    tests/unit/log_lock_hosted.c
UNIT_CFLAGS_log  := -I. -pthread

UNIT_SOURCES_cmdline := app/system/options/cmdline.c app/system/platform/digits.c
UNIT_CFLAGS_cmdline  := -I.

UNIT_SOURCES_settings := $(addprefix app/system/options/,settings.c accepts.c \
    sources.c text_file.c conf.c help.c cmdline.c) \
    app/system/platform/digits.c arch/console/format.c
UNIT_CFLAGS_settings  := -I. -Iapp/include

UNIT_SOURCES_memmove := arch/cpu/memmove.c
UNIT_CFLAGS_memmove  := -Dmemmove=guest_memmove -fno-builtin

UNIT_SOURCES_frames := $(wildcard arch/memory/frames*.c) \
    tests/unit/frames_arena.c
UNIT_CFLAGS_frames  := -I.
UNIT_SOURCES_frames_ranges := $(UNIT_SOURCES_frames)
UNIT_CFLAGS_frames_ranges  := $(UNIT_CFLAGS_frames)
UNIT_SOURCES_frames_model := $(UNIT_SOURCES_frames)
UNIT_CFLAGS_frames_model  := $(UNIT_CFLAGS_frames)

# The way in by UEFI, on a firmware of our own.
UNIT_SOURCES_boot := $(wildcard boot/*.c boot/efi/*.c) arch/boot_info.c \
    arch/memory/regions.c arch/acpi/acpi.c arch/console/format.c \
    tests/unit/fake_firmware.c tests/unit/boot_start.c
UNIT_EFI := -isystem /usr/include/efi -isystem /usr/include/efi/x86_64 \
    -DGNU_EFI_USE_MS_ABI -fshort-wchar
UNIT_CFLAGS_boot  := $(UNIT_EFI) -I. $(VERSION_CFLAGS)
UNIT_SOURCES_boot_files := $(UNIT_SOURCES_boot)
UNIT_CFLAGS_boot_files  := $(UNIT_CFLAGS_boot)
UNIT_SOURCES_boot_map := $(UNIT_SOURCES_boot)
UNIT_CFLAGS_boot_map  := $(UNIT_CFLAGS_boot)

UNIT_SOURCES_boot_isolation := boot/isolation.c boot/refuse.c \
    arch/console/format.c
UNIT_CFLAGS_boot_isolation  := -I.

# What a loader tells; only the jump into arch/ is left out.
UNIT_SOURCES_direct := $(filter-out boot/direct/direct_main.c \
    boot/direct/give_up.c boot/direct/date.c,$(wildcard boot/direct/*.c)) \
    boot/refuse.c boot/memory_map.c boot/machine.c arch/acpi/acpi.c \
    arch/acpi/fadt.c arch/acpi/aml.c arch/console/format.c \
    tests/unit/acpi_sample.c tests/unit/direct_memory.c
UNIT_CFLAGS_direct  := -I.
UNIT_SOURCES_direct_acpi := $(UNIT_SOURCES_direct)
UNIT_CFLAGS_direct_acpi  := $(UNIT_CFLAGS_direct)
UNIT_SOURCES_direct_ranges := $(UNIT_SOURCES_direct)
UNIT_CFLAGS_direct_ranges  := $(UNIT_CFLAGS_direct)

UNIT_SOURCES_direct_date := boot/direct/date.c arch/time/clock.c \
    arch/acpi/acpi.c arch/acpi/fadt.c arch/acpi/aml.c arch/console/format.c \
    tests/unit/acpi_sample.c
UNIT_CFLAGS_direct_date  := -include tests/unit/fake_io.h -I.

UNIT_SOURCES_acpi := arch/acpi/acpi.c arch/console/format.c tests/unit/acpi_sample.c
UNIT_CFLAGS_acpi  := -I.

UNIT_SOURCES_acpi_aml := arch/acpi/aml.c
UNIT_CFLAGS_acpi_aml  := -I.

UNIT_SOURCES_acpi_power := $(UNIT_SOURCES_acpi) arch/acpi/aml.c \
    arch/acpi/fadt.c
UNIT_CFLAGS_acpi_power  := -I.

UNIT_SOURCES_acpi_madt := $(UNIT_SOURCES_acpi) arch/acpi/madt.c
UNIT_CFLAGS_acpi_madt  := -I.

UNIT_SOURCES_clock := arch/time/clock.c
UNIT_CFLAGS_clock  := -I.

UNIT_SOURCES_backtrace := arch/crash/backtrace.c
UNIT_CFLAGS_backtrace  := -I.

# Absurd widths are what some tests are about.
LINT_CFLAGS_tests/unit := $(UNIT_EFI) -Itests/minihv/net -Itests/minihv/input -Itests/minihv/video -Itests/minihv/services -Itests/minihv/sock -Itests/minihv/memory -Iapp/include -Idrivers/include -Ikmcl/include $(LWIP_CFLAGS) -Itools/font2c -DFONT_FILE='""' -DCLK_TCK=100 \
    $(if $(findstring clang,$(CC_GUEST)),,-Wno-format-overflow)

# What touches ports gets the test's (-include comes before arch/cpu/io.h).
UNIT_SOURCES_serial := arch/console/serial.c
UNIT_CFLAGS_serial  := -include tests/unit/fake_io.h -I.

UNIT_SOURCES_line := arch/console/line.c arch/console/keys.c
UNIT_CFLAGS_line  := -I.

UNIT_SOURCES_power := arch/acpi/power.c $(UNIT_SOURCES_acpi_power)
UNIT_CFLAGS_power  := -include tests/unit/fake_io.h -I.

UNIT_SOURCES_pm_clock := arch/time/pm_clock.c arch/time/clock.c
UNIT_CFLAGS_pm_clock  := -include tests/unit/fake_io.h \
    -include tests/unit/fake_cpu.h -I.

UNIT_SOURCES_crash := arch/crash/crash.c arch/crash/backtrace.c arch/console/log.c arch/console/log_ring.c \
    arch/console/format.c tests/unit/log_lock_hosted.c tests/unit/crash_process.c
UNIT_CFLAGS_crash  := -I.

# What runs on a processor gets the test's.
UNIT_MACHINE := -include tests/unit/fake_machine.h -I.
UNIT_SOURCES_deferred := arch/interrupts/deferred.c tests/unit/fake_machine.c
UNIT_CFLAGS_deferred  := $(UNIT_MACHINE)

# Without sanitizers, because many stacks are switched between.
UNIT_SOURCES_wait := $(UNIT_SOURCES_deferred) arch/time/wait.c \
    arch/time/strand.c arch/time/due.c
UNIT_CFLAGS_wait  := $(UNIT_MACHINE) -D_GNU_SOURCE -fno-sanitize=all

# minihv's network, as far as it knows nothing of minihv.
MINIHV_NET := tests/minihv/net
UNIT_SOURCES_net_control := $(addprefix $(MINIHV_NET)/,nvsp.c rndis.c oid.c \
    oid_set.c)
UNIT_CFLAGS_net_control  := -I. -I$(MINIHV_NET)
UNIT_SOURCES_net_sections := $(MINIHV_NET)/sections.c
UNIT_CFLAGS_net_sections  := -I. -I$(MINIHV_NET)
UNIT_SOURCES_net_frames := $(addprefix $(MINIHV_NET)/,packet.c checksum.c \
    large.c hash.c fate.c)
UNIT_CFLAGS_net_frames  := -I. -I$(MINIHV_NET)

# The network driver, as far as it has no channel.
NETWORK_WIRE := drivers/network/wire
UNIT_SOURCES_netvsc_control := $(addprefix $(NETWORK_WIRE)/,nvsp.c rndis.c)
UNIT_CFLAGS_netvsc_control  := -I. -Idrivers/include -Ikmcl/include
UNIT_SOURCES_netvsc_in := $(addprefix $(NETWORK_WIRE)/,frame_in.c coalesce.c)
UNIT_CFLAGS_netvsc_in  := $(UNIT_CFLAGS_netvsc_control)
UNIT_SOURCES_netvsc_out := $(NETWORK_WIRE)/frame_out.c
UNIT_CFLAGS_netvsc_out  := $(UNIT_CFLAGS_netvsc_control)
UNIT_SOURCES_netvsc_offload := $(NETWORK_WIRE)/offload.c
UNIT_CFLAGS_netvsc_offload  := $(UNIT_CFLAGS_netvsc_control)
UNIT_SOURCES_netvsc_queues := $(addprefix $(NETWORK_WIRE)/,queues.c flow.c)
UNIT_CFLAGS_netvsc_queues  := $(UNIT_CFLAGS_netvsc_control)

# The integration services of the guest, likewise.
UNIT_SOURCES_integration := tests/unit/integration_world.c $(addprefix drivers/services/,ic.c heartbeat.c \
    shutdown.c time.c vss.c copy.c table.c $(addprefix kvp/,kvp.c pools.c \
    values.c system.c addresses.c addresses5.c utf16.c))
UNIT_CFLAGS_integration  := -I. -Idrivers/include -Iapp/include -Ikmcl/include
UNIT_SOURCES_exchange := $(UNIT_SOURCES_integration)
UNIT_CFLAGS_exchange  := $(UNIT_CFLAGS_integration)

# SNTP's time, which needs lwIP's headers.
UNIT_SOURCES_wall := drivers/ip/wall.c
UNIT_CFLAGS_wall  := -I. -Idrivers/include -Iapp/include $(LWIP_CFLAGS)
$(BUILD)/unit/wall_test: $(BUILD)/lwip.stamp

# Its channels on threads. ThreadSanitizer excludes the other sanitizers; what
# no test calls needs functions that are not there, and is left out.
UNIT_SOURCES_netvsc_race := tests/unit/netvsc_race_host.c $(addprefix \
    drivers/network/,base/control.c base/control_send.c base/report.c \
    base/spread.c data/fill.c data/send.c data/slots.c life/subchannels.c) \
    $(addprefix $(NETWORK_WIRE)/,flow.c frame_out.c queues.c rndis.c)
UNIT_CFLAGS_netvsc_race  := -I. -Idrivers/include -Ikmcl/include -Iapp/include \
    -fno-sanitize=all -fsanitize=thread -pthread -ffunction-sections \
    -Wl,--gc-sections

# minihv's keyboard and mouse, likewise.
MINIHV_INPUT := tests/minihv/input
UNIT_SOURCES_input := $(addprefix $(MINIHV_INPUT)/,scan.c pointer.c \
    synthkbd.c synthhid.c)
UNIT_CFLAGS_input  := -I. -I$(MINIHV_INPUT)

# hv_sock of the guest: its names and what it receives.
UNIT_SOURCES_hvsock := drivers/hvsock/address.c drivers/hvsock/receive.c
UNIT_CFLAGS_hvsock  := -I. -Iapp/include -Idrivers/include -Ikmcl/include

# minihv's integration services, likewise.
MINIHV_SERVICES := tests/minihv/services
UNIT_SOURCES_services := $(addprefix $(MINIHV_SERVICES)/,ic.c bodies.c kvp.c \
    words.c)
UNIT_CFLAGS_services  := -I. -I$(MINIHV_SERVICES) -I$(MINIHV_NET)

# minihv's hv_sock, likewise.
MINIHV_SOCK := tests/minihv/sock
UNIT_SOURCES_sock := $(addprefix $(MINIHV_SOCK)/,frame.c stream.c)
UNIT_CFLAGS_sock  := -I. -I$(MINIHV_SOCK)

# minihv's dynamic memory, likewise.
MINIHV_MEMORY := tests/minihv/memory
UNIT_SOURCES_dynmem := $(MINIHV_MEMORY)/dynmem.c
UNIT_CFLAGS_dynmem  := -I. -I$(MINIHV_MEMORY)

# minihv's screen, likewise.
UNIT_SOURCES_synthvid := tests/minihv/video/synthvid.c
UNIT_CFLAGS_synthvid  := -I. -Itests/minihv/video

UNIT_CFLAGS_eoi := -I.
UNIT_SOURCES_due := arch/time/due.c
UNIT_CFLAGS_due  := -I.

UNIT_SOURCES_psf := tools/font2c/psf.c
UNIT_CFLAGS_psf  := -Itools/font2c \
    -DFONT_FILE='"$(BUILD)/generated/font.psf"'
$(BUILD)/unit/psf_test: $(BUILD)/generated/font_glyphs.h

UNIT_SOURCES_screen := arch/console/screen.c arch/console/screen_draw.c \
    arch/console/screen_geometry.c arch/console/font.c tests/unit/screen_format.c
UNIT_CFLAGS_screen  := -I. -I$(BUILD)/generated
UNIT_SOURCES_screen_geometry := $(UNIT_SOURCES_screen)
UNIT_CFLAGS_screen_geometry  := $(UNIT_CFLAGS_screen)
$(BUILD)/unit/screen_test $(BUILD)/unit/screen_geometry_test: \
    $(BUILD)/generated/font_glyphs.h

# The library of the image, with its assertions.
UNIT_SOURCES_codes := $(filter-out arch/codes/codes.c,$(wildcard arch/codes/*.c)) \
    arch/console/log.c arch/console/log_ring.c arch/console/format.c \
    tests/unit/log_lock_hosted.c $(BUILD)/generated/qrcodegen.c
UNIT_CFLAGS_codes  := -I. -I$(BUILD)/generated

UNIT_SOURCES_heapcheck := $(wildcard arch/heapcheck/*.c) arch/console/format.c
UNIT_CFLAGS_heapcheck  := -I.

UNIT_SOURCES_app_log := $(addprefix app/system/root/,app_log.c log_level.c) \
    arch/console/format.c
UNIT_CFLAGS_app_log  := -I. -Iapp/include -DVMBARE_NAME='"unit"'

UNIT_SOURCES_address := app/appliance/address.c
UNIT_CFLAGS_address  := -I. -Iapp/appliance -Iapp/include -Idrivers/include

UNIT_SOURCES_hv_words := hv/words.c arch/console/format.c
UNIT_CFLAGS_hv_words  := -I.

# Under other names than those of this program's own libc, which has no word
# for newlib's ticks.
UNIT_SOURCES_libc := arch/libc/heap.c arch/libc/lock.c arch/libc/time.c
UNIT_CFLAGS_libc  := -D_GNU_SOURCE -DCLK_TCK=100 -Dsbrk=guest_sbrk \
    $(foreach f,clock_gettime clock_getres gettimeofday times nanosleep \
    usleep sleep,-D$(f)=guest_$(f)) -I.

# The user of the files is in a section of its own, whose ends the linker names.
UNIT_SOURCES_files := arch/libc/files.c arch/libc/files_find.c \
    arch/libc/files_begin.c arch/libc/io.c
UNIT_CFLAGS_files  := -D_READ_WRITE_RETURN_TYPE=ssize_t \
    -Dvmb_files_start=__start_vmbare_files -Dvmb_files_end=__stop_vmbare_files \
    $(foreach f,open stat unlink link read write close lseek fstat isatty,\
    -D$(f)=guest_$(f)) -I.

# A sanitizer's report ends a program with 99, which no count of failures is.
unit_run = for t in $(1); do \
    CMOCKA_MESSAGE_OUTPUT=TAP ASAN_OPTIONS=exitcode=99 \
    UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 timeout --foreground 600 $$t; \
    status=$$?; [ $$status -lt 99 ] || \
    echo "not ok - $$t ended with status $$status"; done

# suite-unit-NAME is one program alone, for tests/mutants.
define unit_rules
$(BUILD)/unit/$(1)_test: tests/unit/$(1)_test.c $$(UNIT_SOURCES_$(1)) \
    $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $$(@D)
	@echo '  TESTCC  $$@' >&2
	@tools/compile-each $(CC_HOSTED) $(TEST_CFLAGS) -I. -Itests/unit \
	    $$(UNIT_CFLAGS_$(1)) -MMD -MP \
	    -o $$@ $$(filter %.c,$$^) -lcmocka
-include $$(wildcard $(BUILD)/unit/$(1)_test*.d)

.PHONY: suite-unit-$(1)
suite-unit-$(1): $(BUILD)/unit/$(1)_test
	@$$(call unit_run,$$<)
endef
$(foreach test,$(UNIT_TESTS),$(eval $(call unit_rules,$(test))))

SUITES += unit
.PHONY: suite-unit
suite-unit: $(UNIT_TESTS:%=$(BUILD)/unit/%_test)
	@$(call unit_run,$^)
