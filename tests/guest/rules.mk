# Programs that run as the guest's application and test the guest from inside.

GUEST_TESTS += test-machine test-left test-bus test-figures test-kmcl \
    test-sample test-heartbeat test-waits test-early test-input test-small \
    test-heap test-events test-libc test-counted test-dearer test-services test-net
test-machine_SOURCES := tests/guest/tap.c \
    $(sort $(wildcard tests/guest/machine/*.[cS]))
# What the firmware layer starts (tests/firmware).
test-left_SOURCES := tests/guest/tap.c tests/guest/left/main.c
# A start that crashes: main.c stands before three functions of it.
test-early_SOURCES := tests/guest/early/main.c
test-early_LDFLAGS := -Wl,--wrap=arch_start,--wrap=pages_setup \
    -Wl,--wrap=power_init,--wrap=platform_hypervisor_setup
# Mistakes in the use of the heap, and the checks that find them.
test-heap_SOURCES := tests/guest/heap/main.c
test-heap_LDFLAGS := $(HEAP_LDFLAGS)
test-bus_SOURCES := tests/guest/tap.c tests/guest/bus/main.c
test-figures_SOURCES := tests/guest/tap.c tests/guest/figures/main.c
test-input_SOURCES := tests/guest/input/main.c
test-services_SOURCES := tests/guest/services/main.c
test-small_SOURCES := tests/guest/small/main.c
test-small_LDFLAGS := -Wl,-Map=$$@.map
test-events_SOURCES := tests/guest/tap.c \
    $(sort $(wildcard tests/guest/events/*.c))
# Streams between guest and host: tests/hvsock.
GUEST_TESTS += test-hvsock
test-hvsock_SOURCES := $(sort $(wildcard tests/guest/hvsock/*.c))
test-libc_SOURCES := tests/guest/tap.c $(sort $(wildcard tests/guest/libc/*.c))
# Each call is one, and none is made by the compiler.
$(BUILD)/guest/tests/guest/libc/%: GUEST_CFLAGS_tests += -fno-builtin
# Its instructions are counted (tests/bench/image); and the same with a change for
# the worse in it.
test-dearer_SOURCES  := $(sort $(wildcard tests/guest/counted/*.c))
test-dearer_LDFLAGS  := -Wl,--wrap=VmbPacketSend
test-counted_SOURCES := $(filter-out %/planted.c,$(test-dearer_SOURCES))
# The IP stack's guest: tests/net.
test-net_SOURCES := $(sort $(wildcard tests/guest/net/*.c))
test-net_LDFLAGS := $(HEAP_LDFLAGS)
test-waits_SOURCES := tests/guest/tap.c tests/guest/waits/main.c
test-kmcl_SOURCES := tests/guest/tap.c \
    $(sort $(wildcard tests/guest/kmcl/*.c)) \
    $(sort $(filter-out tests/kmcl/hosted_%,$(wildcard tests/kmcl/*.c)) \
        $(wildcard tests/kmcl/samples/*.c))
test-sample_SOURCES := tests/kmcl/samples/app/main.c \
    tests/kmcl/samples/client81.c tests/kmcl/samples/server81.c
test-heartbeat_SOURCES := tests/kmcl/samples/heartbeat/main.c
test-kmcl_LDFLAGS := \
    -Wl,--wrap=seam_alloc,--wrap=seam_free,--wrap=seam_pages_alloc
GUEST_CFLAGS_tests += -Itests/kmcl -Itests/kmcl/samples $(LWIP_CFLAGS)

# Tests callbacks that wait and peers that never pause, on minihv: with its usual
# features, without the TSC page, and with a clock whose reading takes longer than
# the period of the loopback's monitor poll. The three runs take 25 to 50 s. One
# that takes over 100 s is stopped, and the suite fails.
SUITES += waits
IMAGE_SUITES += waits
TEST_BUILDS  += $(BUILD)/test-waits.efi
.PHONY: suite-waits
suite-waits: $(BUILD)/test-waits.efi $(BUILD)/minihv.efi $(BUILD)/deps-run.stamp
	@echo 1..3
	@number=0; for config in trace=0 without=reftsc 'without=reftsc;slow=150'; \
	do number=$$((number + 1)); log=$(BUILD)/waits-$$number.log; \
	    PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/minihv/run.py $< \
	        --args 'exit quiet no-bus' --mem 768 --deadline 110 \
	        --config "$$config;deadline=100" >$$log 2>&1; \
	    if grep -q "QEMU's status 33" $$log; \
	    then echo "ok $$number - 2,000 callbacks wait at once, with $$config"; \
	    else echo "not ok $$number - 2,000 callbacks wait at once," \
	        "with $$config"; grep -E '^(not ok|# )|status' $$log | head -20; \
	    fi; done
