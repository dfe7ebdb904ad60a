# Compilers and flags: once for the guest image, once for hosted programs.

CC_GUEST  ?= gcc
CC_HOSTED ?= gcc
CACHE     ?= $(or $(VMBARE_CACHE),$(HOME)/.cache/vmbare)

# Finds the headers version/number.h and version/name.h, which
# tools/release/rules.mk makes.
VERSION_CFLAGS := -I$(BUILD)/generated

# The files that have the flags of what a rule compiles: the rules.mk that is
# being read, and this one. Each rule that compiles depends on them; what is linked
# follows its objects. The image's flags are watched word by word (rules.mk).
FLAGS_HERE = $(lastword $(filter %rules.mk,$(MAKEFILE_LIST))) \
    tools/mk/toolchain.mk

# ---- compiler cache -------------------------------------------------------

# ccache, where it is installed, answers for a compiler that has compiled the
# same before: its folder of compilers' names comes first in PATH. CCACHE=no
# leaves it out. A shadow of the tree (tests/mutants) uses the same cache, and
# what was compiled in this folder counts there (NOHASHDIR).
CCACHE_NAMES := $(if $(filter no,$(CCACHE)),,$(firstword \
    $(wildcard /usr/lib/ccache /usr/lib64/ccache)))
ifneq ($(CCACHE_NAMES),)
export VMBARE_CACHE   := $(abspath $(CACHE))
export CCACHE_DIR     := $(VMBARE_CACHE)/ccache
export CCACHE_MAXSIZE := 2G
export CCACHE_NOHASHDIR := 1
export PATH := $(if $(filter $(CCACHE_NAMES):%,$(PATH)),,$(CCACHE_NAMES):)$(PATH)
endif

VMBUS_SOURCES := $(sort $(wildcard vmbus/*/*.c vmbus/*/*/*.c))
KMCL_SOURCES  := $(sort $(wildcard kmcl/*/*.c))
# The companion for WDK source; its main.c only where a driver has no main.
WDK_SOURCES   := $(sort $(wildcard wdk/*/*.c))
WDK_LIBRARY   := $(filter-out wdk/driver/main.c,$(WDK_SOURCES))

# ---- the guest ------------------------------------------------------------

# What every object of the image is built with, newlib's too. No red zone:
# interrupts come on the running stack. Frame pointers: the crash report walks
# them. __DYNAMIC_REENT__: newlib asks __getreent() (arch/libc/state.c) for its
# state, which differs by processor and level. Nothing of the build machine's
# system may be seen (-U...).
GUEST_COMMON := -O2 -g -std=gnu11 -ffreestanding -fpie \
    -mno-red-zone -mno-avx -fno-omit-frame-pointer \
    -fcf-protection=none -fno-asynchronous-unwind-tables \
    -ffunction-sections -fdata-sections \
    -U__linux__ -U__linux -Ulinux -U__gnu_linux__ -U__unix__ -U__unix -Uunix \
    -D__DYNAMIC_REENT__

# newlib runs before and below the stack protector's guard. -Os: an image with
# printf, malloc and strtod is 56,832 instead of 77,824 bytes; without the macro
# that -Os sets, the string functions stay the word-wise ones. What newlib
# leaves to others, above all __malloc_lock and __malloc_unlock, is arch/'s.
NEWLIB       := $(BUILD)/newlib
NEWLIB_FLAGS := $(GUEST_COMMON) -fno-stack-protector -Os -U__OPTIMIZE_SIZE__

# What a mutant no longer uses is no mistake.
WARNINGS := -Wall -Wextra -Werror $(if $(MUTANT),-w)

# newlib declares clock_gettime and nanosleep, which arch/ defines, only where
# a system says that it has them (_POSIX_...).
# For size, but for the paths that every packet takes (rules.mk): the appliance
# is 141,312 instead of 165,888 bytes. GUEST_OPT=-Og is kinder to a debugger.
GUEST_OPT ?= -Os
# Without places: an application outside of this tree gets these too (tools/sdk).
GUEST_BASE   := $(GUEST_COMMON) $(GUEST_OPT) \
    -D_POSIX_TIMERS=1 -D_POSIX_MONOTONIC_CLOCK=200112L \
    -fstack-protector-strong -mstack-protector-guard=global
GUEST_CFLAGS := $(GUEST_BASE) $(WARNINGS) -include linker/hidden.h \
    $(VERSION_CFLAGS) -ffile-prefix-map=$(CURDIR)=. -nostdinc -isystem $(NEWLIB)/include \
    -isystem $(shell $(CC_GUEST) -print-file-name=include)


# What each layer may include, by folder: calls point down only. GNU-EFI's
# headers are boot/efi/'s alone; -maccumulate-outgoing-args is what GNU-EFI asks of
# gcc for calls in Microsoft's ABI (clang knows no such option).
GUEST_CFLAGS_boot   := -I.
GUEST_CFLAGS_efi    := -I. -isystem /usr/include/efi \
    -isystem /usr/include/efi/x86_64 \
    -DGNU_EFI_USE_MS_ABI -fshort-wchar \
    $(if $(findstring clang,$(CC_GUEST)),,-maccumulate-outgoing-args)
GUEST_CFLAGS_arch   := -I.
GUEST_CFLAGS_hv     := -I.
GUEST_CFLAGS_vmbus  := -I. -Ivmbus/include
GUEST_CFLAGS_kmcl   := -I. -Ikmcl/include -Ivmbus/include
GUEST_CFLAGS_drivers := -I. -Idrivers/include -Iapp/include -Ikmcl/include
GUEST_CFLAGS_wdk    := -I. -Iwdk/include -Iapp/include -Ikmcl/include \
    -Ivmbus/include -fshort-wchar
GUEST_CFLAGS_system := -I. -Iapp/include -Idrivers/include -Iwdk/include \
    -Ikmcl/include -Ivmbus/include
GUEST_CFLAGS_app    := -Iapp/include -Idrivers/include -Ikmcl/include
# For an application of WDK source (docs/wdk.md).
# 'Tag1' and #pragma warning are ordinary in such source.
WDK_DIALECT         := -fshort-wchar -Wno-multichar -Wno-unknown-pragmas
GUEST_CFLAGS_driver := -Iwdk/include -Iapp/include -Ikmcl/include $(WDK_DIALECT)

comma := ,
COMMON_LDFLAGS := -nostdlib -Wl,--gc-sections -Wl,--build-id=none \
    -Wl,-z,norelro -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
    -Wl,--fatal-warnings
GUEST_LDFLAGS  := -static-pie -Wl,-T,linker/vmbare.lds $(COMMON_LDFLAGS)
# Without firmware nobody relocates the image.
DIRECT_LDFLAGS := -static -no-pie -Wl,-T,linker/direct.lds $(COMMON_LDFLAGS)

# Links the checks of the heap (app/system/heap): its functions come before
# newlib's. HEAP=check does so for every image.
HEAP_LDFLAGS := $(patsubst %,-Wl$(comma)--wrap=%,malloc free calloc realloc \
    memalign aligned_alloc strdup strndup _malloc_r _free_r _calloc_r \
    _realloc_r _memalign_r _malloc_usable_size_r seam_alloc seam_free \
    system_application_done)
$(if $(filter-out check,$(HEAP))$(word 2,$(HEAP)),$(error HEAP: found '$(HEAP)', \
    expected check, which links the checks that the option heap=check uses))

LIBGCC := $(shell $(CC_GUEST) -print-libgcc-file-name)

# ---- programs for the build host ------------------------------------------

HOSTED_CFLAGS := -O2 -g -std=gnu11 $(WARNINGS)
TEST_CFLAGS   := -O1 -g -std=gnu11 $(WARNINGS) -fno-omit-frame-pointer \
    -fsanitize=address,undefined -fno-sanitize-recover=all

# What hosted suites of vmbus/ and kmcl/ link and see (tests/peer/rules.mk):
# vmbus/ with the sanitizers, the hosted seam, the scripted peer.
HOSTED_INCLUDES := -I. -Ivmbus/include -Ikmcl/include $(VERSION_CFLAGS)
HOSTED_LIBS     := $(BUILD)/hosted-test/libpeer.a \
    $(BUILD)/hosted-test/libvmbus.a

# vmbus/ and kmcl/ as a library for other programs (tools/install/rules.mk).
HOSTLIB         := $(BUILD)/hosted/libvmbare.a
HOSTLIB_HEADERS := vmbus/include kmcl/include
HOSTLIB_OBJECTS := $(patsubst %.c,$(BUILD)/hosted/%.o,\
    $(VMBUS_SOURCES) $(KMCL_SOURCES))

# What applications in any folder are built with (tools/sdk/rules.mk); the file
# is there when all of it is.
SDK      := $(BUILD)/sdk/vmbare
SDK_DONE := $(SDK)/version
