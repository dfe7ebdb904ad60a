# Compilers and flags: once for the guest image, once for hosted programs.

CC_GUEST  ?= gcc
CC_HOSTED ?= gcc
CACHE     ?= $(or $(VMBARE_CACHE),$(HOME)/.cache/vmbare)
