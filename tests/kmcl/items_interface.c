#include "harness.h"
const struct test kmcl_tests_interface[] = {{0, NULL, NULL}};
