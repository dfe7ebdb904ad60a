# SPDX-License-Identifier: BSD-2-Clause
# vmbus/ and kmcl/ as a library for any program on the build machine, and
# `make install`, which puts it with its public headers where others find it,
# and the SDK for applications. The names (HOSTLIB..., SDK...) are set in
# tools/mk/toolchain.mk.

$(BUILD)/hosted/%.o: %.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  HOSTCC  $<' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -ffreestanding -fno-stack-protector \
	    $(HOSTED_INCLUDES) -MMD -MP -c $< -o $@

# All of it becomes one object in which only the public names stay visible, so
# that a program's own names never meet those of the library's inner parts.
$(BUILD)/hosted/public-names: tools/install/public-names \
    $(shell find $(HOSTLIB_HEADERS) -name '*.h')
	@mkdir -p $(@D)
	@tools/install/public-names '$(CC_HOSTED)' $(HOSTLIB_HEADERS) >$@.new
	@mv $@.new $@

$(HOSTLIB): $(HOSTLIB_OBJECTS) $(BUILD)/hosted/public-names
	@ld -r -o $(@D)/all.o $(HOSTLIB_OBJECTS)
	@objcopy --keep-global-symbols=$(BUILD)/hosted/public-names \
	    $(@D)/all.o $(@D)/vmbare.o
	@rm -f $@
	@ar qcs $@ $(@D)/vmbare.o

HELP += 'hostlib|build/hosted/libvmbare.a, see docs/hosted-library.md'
.PHONY: hostlib
hostlib: $(HOSTLIB)

-include $(wildcard $(BUILD)/hosted/*/*/*.d $(BUILD)/hosted/*/*/*/*.d)

# ---- make install ---------------------------------------------------------

PREFIX  ?= /usr/local
DESTDIR ?=

HELP += 'install|the SDK, the hosted library, its headers, vmbare.pc;'
HELP += '|  PREFIX=/usr/local, DESTDIR='
HELP += 'uninstall|removes what install put into PREFIX= and DESTDIR='
.PHONY: install uninstall
install: $(HOSTLIB) $(SDK_DONE)
	@tools/install/install '$(HOSTLIB)' '$(SDK)' '$(DESTDIR)' '$(PREFIX)' \
	    '$(VMBARE_VERSION)' $(HOSTLIB_HEADERS)

uninstall:
	@tools/install/uninstall '$(DESTDIR)' '$(PREFIX)'
