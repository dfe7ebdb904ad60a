# The ELF-to-PE tool.

ELF2PE_SOURCES := tools/elf2pe/elf_read.c tools/elf2pe/pe_write.c

$(BUILD)/tools/elf2pe: tools/elf2pe/main.c $(ELF2PE_SOURCES) \
    tools/elf2pe/elf2pe.h tools/elf2pe/pe_format.h $(BUILD)/deps-build.stamp \
    $(FLAGS_HERE)
	@mkdir -p $(@D)
	@echo '  HOSTCC  $@' >&2
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -o $@ $(filter %.c,$^)
