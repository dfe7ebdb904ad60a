# KMCL's figures: optimised objects without sanitizers, counted by callgrind.

KMCL_BENCH_SOURCES := $(KMCL_SOURCES) $(VMBUS_SOURCES) \
    $(wildcard tests/peer/*.c) $(addprefix tests/kmcl/,world.c world_bus.c \
    raw_host.c raw_ring.c hosted_world.c hosted_check.c)
KMCL_BENCH_OBJECTS := $(patsubst %.c,$(BUILD)/bench/kmcl/%.o,\
    $(KMCL_BENCH_SOURCES) $(wildcard tests/bench/kmcl/*.c))

$(BUILD)/bench/kmcl/%.o: %.c tests/kmcl/rules.mk $(FLAGS_HERE)
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(HOSTED_CFLAGS) $(KMCL_TEST_INCLUDES) \
	    -Itests/bench/kmcl -MMD -MP -c $< -o $@

$(BUILD)/bench/kmcl/bench: $(KMCL_BENCH_OBJECTS)
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -o $@ $^ -Wl,--wrap=seam_lock \
	    -Wl,--wrap=seam_unlock -Wl,--wrap=seam_irql_raise \
	    -Wl,--wrap=seam_irql_lower

BENCHES += kmcl
.PHONY: bench-kmcl
bench-kmcl: $(BUILD)/bench/kmcl/bench $(BUILD)/deps-test.stamp
	@valgrind -q --tool=callgrind --callgrind-out-file=$<.out $< 2>$<.log || \
	    { cat $<.log >&2; exit 1; }
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/kmcl/count.py $<.out

-include $(shell find $(BUILD)/bench/kmcl -name '*.d' 2>/dev/null)
