# SPDX-License-Identifier: BSD-2-Clause
# The variables of `make run` as options of run.py, for this tree and for
# applications outside of it (tools/sdk/run.mk).

# A value as one word of the shell, whatever is in it. --x=VALUE: a value may
# begin with a dash.
run_quoted = '$(subst ','\'',$(1))'
run_option = $(if $($(1)),--$(2)=$(call run_quoted,$($(1))))

RUN_VARIABLES = $(foreach pair,HOST:host SMP:smp MEM:mem MACHINE:machine \
    FIRMWARE:firmware TIMEOUT:timeout HV:hv CPUFLAGS:cpu DISK:disk \
    CONF:conf FILES:files CONFIG:config ARGS:args SCREEN:screen PORT:port \
    TAP:tap SOCK:sock QEMU:qemu QEMU_ARGS:qemu-args GDB:gdb,\
    $(call run_option,$(firstword $(subst :, ,$(pair))),$(lastword \
        $(subst :, ,$(pair))))) \
    $(if $(filter undefined,$(origin DEVICES)),,\
        --devices=$(call run_quoted,$(DEVICES))) \
    $(if $(STAY),--stay) $(if $(DRY),--dry) $(RUN_FLAGS)
