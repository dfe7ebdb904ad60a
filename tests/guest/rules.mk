# Programs that run as the guest's application and test the guest from inside.

GUEST_TESTS += test-machine test-bus test-figures test-kmcl test-sample
test-machine_SOURCES := tests/guest/tap.c \
    $(sort $(wildcard tests/guest/machine/*.[cS]))
test-bus_SOURCES := tests/guest/tap.c tests/guest/bus/main.c
test-figures_SOURCES := tests/guest/tap.c tests/guest/figures/main.c
test-kmcl_SOURCES := tests/guest/tap.c \
    $(sort $(wildcard tests/guest/kmcl/*.c)) \
    $(sort $(filter-out tests/kmcl/hosted_%,$(wildcard tests/kmcl/*.c)) \
        $(wildcard tests/kmcl/samples/*.c))
test-sample_SOURCES := tests/kmcl/samples/app/main.c \
    tests/kmcl/samples/client81.c tests/kmcl/samples/server81.c
test-kmcl_LDFLAGS := \
    -Wl,--wrap=seam_alloc,--wrap=seam_free,--wrap=seam_pages_alloc
GUEST_CFLAGS_tests += -Itests/kmcl -Itests/kmcl/samples
