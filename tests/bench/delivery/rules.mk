# What the delivery of one lone packet costs: locks, calls, drains and reads of
# the ring, from the interrupt until the channel is at rest.

DELIVERY_BENCH  := $(BUILD)/bench/delivery
DELIVERY_FLAGS   = $(HOSTED_CFLAGS) -fno-pie $(KMCL_TEST_INCLUDES)
DELIVERY_INSIDE := $(sort $(shell find kmcl vmbus -name '*.c'))
DELIVERY_OTHERS := $(wildcard tests/peer/*.c tests/bench/delivery/*.c) \
    $(addprefix tests/kmcl/,world.c world_bus.c raw_host.c raw_guest.c \
    raw_ring.c hosted_world.c hosted_check.c)

# The compiler reports each function of kmcl/ and vmbus/ that is entered.
$(patsubst %.c,$(DELIVERY_BENCH)/%.o,$(DELIVERY_INSIDE)): \
    DELIVERY_FLAGS += -finstrument-functions

$(DELIVERY_BENCH)/%.o: %.c tests/kmcl/rules.mk $(FLAGS_HERE)
	@mkdir -p $(@D)
	@$(CC_HOSTED) $(DELIVERY_FLAGS) -MMD -MP -c $< -o $@

$(DELIVERY_BENCH)/delivery: $(patsubst %.c,$(DELIVERY_BENCH)/%.o,\
    $(DELIVERY_INSIDE) $(DELIVERY_OTHERS))
	@$(CC_HOSTED) $(HOSTED_CFLAGS) -no-pie -o $@ $^ -Wl,--wrap=seam_lock

# A record that ends early is no record.
$(DELIVERY_BENCH)/record: $(DELIVERY_BENCH)/delivery
	@$< >$@.new && mv $@.new $@

BENCHES += delivery
DELIVERY_COUNT = PYTHONDONTWRITEBYTECODE=1 $(PYTHON) \
    tests/bench/delivery/count.py $(DELIVERY_BENCH)/delivery

.PHONY: bench-delivery trace-delivery
bench-delivery: $(DELIVERY_BENCH)/record
	@$(DELIVERY_COUNT) <$<

HELP += 'trace-delivery|functions entered and locks taken for one lone packet'
trace-delivery: $(DELIVERY_BENCH)/record
	@$(DELIVERY_COUNT) --trace <$<

-include $(shell find $(DELIVERY_BENCH) -name '*.d' 2>/dev/null)
