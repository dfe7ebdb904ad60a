#include "harness.h"
const struct test kmcl_tests_close[] = {{0, NULL, NULL}};
