# Programs that run as the guest's application and test the guest from inside.

GUEST_TESTS += test-machine
test-machine_SOURCES := tests/guest/tap.c \
    $(sort $(wildcard tests/guest/machine/*.[cS]))
