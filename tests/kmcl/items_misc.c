#include "harness.h"
const struct test kmcl_tests_misc[] = {{0, NULL, NULL}};
