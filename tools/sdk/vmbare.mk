# SPDX-License-Identifier: BSD-2-Clause
# Builds an application for vmbare, in any folder, with GNU make. The whole
# Makefile of an application:
#
#     VMBARE ?= /usr/local/lib/vmbare
#     include $(VMBARE)/vmbare.mk
#
# What the Makefile may set before that, or the command line:
#
#   APP       name of the images; the folder's name
#   SOURCES   .c, .S, .cc, .cpp and .cxx files; all in this folder and below
#   DATA      files whose bytes become part of the program (data.h)
#   CPPFLAGS CFLAGS CXXFLAGS LDFLAGS   come after the SDK's own flags
#   CC CXX    gcc and g++
#   OUT       folder for what is built; build
#   HEAP      check: links the checks that the option heap=check uses
#   WDK       1: source of the Windows Driver Kit, <ntddk.h> and its like
#   V=1       shows the commands
#
# The environment sets none of them but CC and CXX. The targets and what `make
# run` takes are printed by `make help`.

VMBARE_SDK := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
include $(VMBARE_SDK)/flags.mk

# $(1): a variable, $(2): its value where nobody set it; `own` does not look at
# the environment.
vmbare_set = $(if $(filter undefined default $(3),$(origin $(1))),$(2),$($(1)))
vmbare_own = $(call vmbare_set,$(1),$(2),environment)

vmbare_out  := $(call vmbare_own,OUT,build)
vmbare_app  := $(call vmbare_own,APP,$(notdir $(CURDIR)))
vmbare_cc   := $(call vmbare_set,CC,gcc)
vmbare_cxx  := $(call vmbare_set,CXX,g++)
vmbare_data := $(strip $(call vmbare_own,DATA))
vmbare_heap := $(strip $(call vmbare_own,HEAP))
vmbare_wdk  := $(strip $(call vmbare_own,WDK))
vmbare_show := $(if $(filter 1,$(call vmbare_own,V)),,@)
vmbare_all  := .c .S .cc .cpp .cxx
vmbare_sources := $(patsubst ./%,%,$(call vmbare_own,SOURCES,$(sort $(shell \
    find . -path './$(vmbare_out)' -prune -o -type f \
    \( -false $(vmbare_all:%= -o -name '*%') \) -print))))
vmbare_is_cxx := $(filter %.cc %.cpp %.cxx,$(vmbare_sources))

# ---- what is wrong is said at once ------------------------------------------

# $(1): a variable, $(2): the compiler in it, $(3): Debian's package.
define vmbare_check_compiler
ifeq ($(shell command -v $(firstword $(2)) 2>/dev/null),)
$$(error $(1): found '$(2)', which is no command here; expected a compiler for \
    x86-64: install one (apt-get install $(3)), or name it: make $(1)=COMMAND)
endif
endef
vmbare_target = $(shell $(vmbare_cc) -dumpmachine 2>/dev/null)

ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),all)),)
$(if $(wildcard $(VMBARE_SDK)/lib/libsystem.a),,$(error VMBARE: found \
    '$(VMBARE_SDK)' without lib/libsystem.a; expected a whole SDK in a folder \
    without blanks in its path: run `make install` of vmbare again))
$(if $(vmbare_sources),,$(error SOURCES: found none in $(CURDIR); expected at \
    least one file that ends in one of $(vmbare_all)))
$(if $(filter-out $(vmbare_all:%=\%%),$(vmbare_sources)),$(error SOURCES: \
    found $(filter-out $(vmbare_all:%=\%%),$(vmbare_sources)), expected files \
    that end in one of $(vmbare_all)))
$(foreach file,$(vmbare_sources) $(vmbare_data),$(if $(wildcard $(file)),,\
    $(error SOURCES, DATA: there is no file '$(file)' in $(CURDIR))))
$(if $(word 2,$(vmbare_app)),$(error APP: found '$(vmbare_app)', expected a \
    name without blanks: make APP=NAME))
$(if $(filter-out check,$(vmbare_heap))$(word 2,$(vmbare_heap)),$(error HEAP: \
    found '$(vmbare_heap)', expected check or nothing))
$(if $(filter-out 1,$(vmbare_wdk))$(word 2,$(vmbare_wdk)),$(error WDK: found \
    '$(vmbare_wdk)', expected 1 or nothing))
$(if $(vmbare_wdk),$(if $(vmbare_is_cxx),$(error WDK: found $(vmbare_is_cxx), \
    expected C and assembly only: the companion's headers are for C)))
$(eval $(call vmbare_check_compiler,CC,$(vmbare_cc),gcc))
$(if $(filter x86_64-%,$(vmbare_target)),,$(error CC: '$(vmbare_cc)' compiles \
    for '$(vmbare_target)', expected x86_64: make CC=x86_64-linux-gnu-gcc))
$(if $(vmbare_is_cxx),$(eval $(call vmbare_check_compiler,CXX,$(vmbare_cxx),g++)))
endif

# ---- flags ------------------------------------------------------------------

# The machine's own headers are not seen, only the SDK's and the compiler's.
vmbare_seen := -I. -I$(vmbare_out)/data $(if $(vmbare_wdk),\
    -I$(VMBARE_SDK)/wdk $(VMBARE_WDK_CFLAGS)) -I$(VMBARE_SDK)/include -nostdinc \
    -isystem $(VMBARE_SDK)/libc/include \
    -isystem $(shell $(vmbare_cc) -print-file-name=include 2>/dev/null) \
    -include $(VMBARE_SDK)/linker/hidden.h

# Those of the C++ library that need none of its code: <new>, <utility> ... They
# come before the C library's, whose names they repeat.
vmbare_cxx_seen := $(if $(vmbare_is_cxx),$(patsubst %,-isystem %,$(shell \
    $(vmbare_cxx) -E -v -x c++ /dev/null 2>&1 | \
    sed -n 's|^ \(/.*/c++/.*\)|\1|p')) -isystem $(VMBARE_SDK)/cxx)

# Each of them with the sources' own folder as `.` in assertions and debuggers.
vmbare_common = $(VMBARE_CFLAGS) -Wall -Wextra '-ffile-prefix-map=$(CURDIR)=.' \
    $(vmbare_seen) '-DVMBARE_NAME="$(vmbare_app)"' $(call vmbare_own,CPPFLAGS)
vmbare_cflags = -std=gnu11 $(vmbare_common) $(call vmbare_own,CFLAGS)
vmbare_cxxflags = -std=gnu++17 -fno-exceptions -fno-rtti \
    -fno-threadsafe-statics $(vmbare_cxx_seen) $(vmbare_common) $(call vmbare_own,CXXFLAGS)
vmbare_aflags = $(vmbare_common)
vmbare_ldflags = $(VMBARE_LDFLAGS) $(if $(vmbare_heap),$(VMBARE_HEAP_LDFLAGS)) \
    $(call vmbare_own,LDFLAGS)
vmbare_libs := $(if $(vmbare_wdk),$(VMBARE_SDK)/lib/libwdk.a) \
    $(VMBARE_SDK)/libc/lib/libc.a $(VMBARE_SDK)/libc/lib/libm.a \
    $(VMBARE_SDK)/libc/lib/libc.a \
    $(shell $(vmbare_cc) -print-libgcc-file-name 2>/dev/null)

# ---- compile ----------------------------------------------------------------

vmbare_object = $(vmbare_out)/obj/$(subst ../,up/,$(1)).o
vmbare_objects := $(foreach file,$(vmbare_sources) $(vmbare_data),\
    $(call vmbare_object,$(file)))

.PHONY: all run images clean help vmbare-always
.DELETE_ON_ERROR:
all: $(vmbare_out)/$(vmbare_app).efi $(vmbare_out)/$(vmbare_app)-direct.elf

# Rewritten only when it changes, so that every object follows the flags.
vmbare_words = $(vmbare_cc) $(vmbare_cflags) $(vmbare_cxx) $(vmbare_cxxflags) \
    $(vmbare_ldflags) $(vmbare_objects)
$(vmbare_out)/obj/flags: vmbare-always
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(vmbare_words))' | cmp -s - $@ || \
	    printf '%s\n' '$(subst ','\'',$(vmbare_words))' >$@
vmbare-always:

# $(1): source, $(2): what is shown, $(3): compiler, $(4): its flags.
define vmbare_compile
$(call vmbare_object,$(1)): $(1) $(vmbare_out)/obj/flags $(VMBARE_SDK)/version \
    | $(vmbare_out)/data/data.h
	@mkdir -p $$(@D)
	@echo '  $(2)  $(1)' >&2
	$(vmbare_show)$(3) $(4) -MMD -MP -c $(1) -o $$@
endef
$(foreach s,$(filter %.c,$(vmbare_sources)),$(eval $(call \
    vmbare_compile,$(s),CC   ,$(vmbare_cc),$$(vmbare_cflags))))
$(foreach s,$(filter %.S,$(vmbare_sources)),$(eval $(call \
    vmbare_compile,$(s),AS   ,$(vmbare_cc),$$(vmbare_aflags))))
$(foreach s,$(vmbare_is_cxx),$(eval $(call \
    vmbare_compile,$(s),CXX  ,$(vmbare_cxx),$$(vmbare_cxxflags))))

-include $(vmbare_objects:.o=.d)

# ---- data files -------------------------------------------------------------

# words/list.txt becomes data_words_list_txt. A zero follows the bytes, so a text
# is a string of C.
vmbare_name = data_$(shell printf %s '$(1)' | tr -c 'A-Za-z0-9' _)

define vmbare_declare
extern const unsigned char $(1)[];
extern const __SIZE_TYPE__ $(1)_size; /* bytes, without the zero after them */

endef
define vmbare_header
/* Made by vmbare.mk: the files that DATA names. */
#ifdef __cplusplus
extern "C" {
#endif
$(foreach f,$(vmbare_data),$(call vmbare_declare,$(call vmbare_name,$(f))))
#ifdef __cplusplus
}
#endif
endef
export vmbare_header

$(vmbare_out)/data/data.h: $(vmbare_out)/obj/flags
	@mkdir -p $(@D)
	@printf '%s\n' "$$vmbare_header" >$@

# $(1): file, $(2): its name in C.
define vmbare_embed
$(call vmbare_object,$(1)): $(1) $(vmbare_out)/obj/flags $(VMBARE_SDK)/data.S
	@mkdir -p $$(@D)
	@echo '  DATA   $(1)' >&2
	$(vmbare_show)$(vmbare_cc) -c $(VMBARE_SDK)/data.S -o $$@ \
	    -DDATA_NAME=$(2) -DDATA_SIZE=$(2)_size -DDATA_FILE='"$(1)"'
endef
$(foreach f,$(vmbare_data),$(eval $(call \
    vmbare_embed,$(f),$(call vmbare_name,$(f)))))

# ---- link -------------------------------------------------------------------

# $(1): ending of the file to make, $(2): its library, $(3): its flags. All of the
# system is named and the linker drops what nothing uses, as in vmbare's own build.
define vmbare_link
$(vmbare_out)/$(vmbare_app)$(1): $(vmbare_objects) $(VMBARE_SDK)/version
	@echo '  LD     $$@' >&2
	$(vmbare_show)$(vmbare_cc) $(3) $$(vmbare_ldflags) -o $$@ \
	    -Wl,--whole-archive $(VMBARE_SDK)/lib/$(2) \
	    $(VMBARE_SDK)/lib/libsystem.a -Wl,--no-whole-archive \
	    $(vmbare_objects) $$(vmbare_libs) 2>$(vmbare_out)/link.log || \
	    { $(VMBARE_SDK)/bin/explain-link $(vmbare_out)/link.log; exit 1; }
endef
$(eval $(call vmbare_link,.elf,libefi.a,$(VMBARE_EFI_LDFLAGS)))
$(eval $(call vmbare_link,-direct.debug,libdirect.a,$(VMBARE_DIRECT_LDFLAGS)))

$(vmbare_out)/%.efi: $(vmbare_out)/%.elf
	@echo '  PE     $@' >&2
	$(vmbare_show)$(VMBARE_SDK)/bin/elf2pe $< $@

# What a loader reads, without the symbols, which are ten times as much.
$(vmbare_out)/%-direct.elf: $(vmbare_out)/%-direct.debug
	@echo '  STRIP  $@' >&2
	$(vmbare_show)objcopy --strip-all $< $@

clean:
	rm -rf $(vmbare_out)

include $(VMBARE_SDK)/run.mk
