# What one more channel costs on a bus that has many, counted by callgrind in
# optimised objects.

VMBUS_BENCH := $(BUILD)/bench/vmbus/bench
VMBUS_BENCH_OBJECTS := $(patsubst %.c,$(BUILD)/bench/kmcl/%.o,\
    $(KMCL_BENCH_SOURCES) tests/bench/vmbus/bench.c)

$(VMBUS_BENCH): $(VMBUS_BENCH_OBJECTS)
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -o $@ $^

BENCHES += vmbus
.PHONY: bench-vmbus
bench-vmbus: $(VMBUS_BENCH) $(BUILD)/deps-test.stamp
	@rm -f $<.out*
	@valgrind -q --tool=callgrind --callgrind-out-file=$<.out $< 2>$<.log || \
	    { cat $<.log >&2; exit 1; }
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/vmbus/count.py $<.out
