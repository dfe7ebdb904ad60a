#include "harness.h"
const struct test kmcl_tests_send[] = {{0, NULL, NULL}};
