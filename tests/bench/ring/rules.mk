# The ring's figures: instructions by callgrind, the rest by counting macros.

BENCH_RING       := $(BUILD)/bench/ring
BENCH_RING_FLAGS := $(HOSTED_CFLAGS) -I. -Ivmbus/include -Itests/bench/ring

# Of suite 'ring'.
BENCH_RING_OBJECTS := $(addprefix $(BUILD)/ring/,ring.o copy.o read.o \
    read_commit.o write.o write_packet.o write_commit.o)

$(BENCH_RING)/bench: tests/bench/ring/bench.c $(BENCH_RING_OBJECTS) \
    $(BUILD)/deps-test.stamp $(FLAGS_HERE)
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(BENCH_RING_FLAGS) -o $@ $(filter %.c %.o,$^)

$(BENCH_RING)/counts: tests/bench/ring/counts.c \
    $(filter-out vmbus/ring/packet_%,$(wildcard vmbus/ring/*.c)) \
    $(wildcard vmbus/ring/*.h vmbus/include/vmbus/ring*.h tests/bench/ring/*.h) \
    $(FLAGS_HERE)
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(BENCH_RING_FLAGS) -DRING_ACCESS='"count_access.h"' \
	    -o $@ $(filter %.c,$^)

BENCHES += ring
.PHONY: bench-ring
bench-ring: $(BENCH_RING)/bench $(BENCH_RING)/counts
	@valgrind --quiet --tool=callgrind \
	    --callgrind-out-file=$(BENCH_RING)/callgrind.out $(BENCH_RING)/bench
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/ring/count.py \
	    $(BENCH_RING)/callgrind.out
	@$(BENCH_RING)/counts
