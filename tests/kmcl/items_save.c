#include "harness.h"
const struct test kmcl_tests_save[] = {{0, NULL, NULL}};
