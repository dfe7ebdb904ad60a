# The crash report's lines named: tools/symbolize.

$(BUILD)/symbolize/program: tests/symbolize/program.c $(FLAGS_HERE)
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -O1 -no-pie -o $@ $<

SUITES += symbolize
.PHONY: suite-symbolize
suite-symbolize: $(BUILD)/symbolize/program
	@tests/symbolize/run $<
