# Programs that run as the guest's application and test the guest from inside.

GUEST_TESTS += test-machine test-bus test-figures
test-machine_SOURCES := tests/guest/tap.c \
    $(sort $(wildcard tests/guest/machine/*.[cS]))
test-bus_SOURCES := tests/guest/tap.c tests/guest/bus/main.c
test-figures_SOURCES := tests/guest/tap.c tests/guest/figures/main.c
