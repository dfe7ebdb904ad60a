#include "harness.h"
const struct test kmcl_tests_packet[] = {{0, NULL, NULL}};
