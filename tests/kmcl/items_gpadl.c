#include "harness.h"
const struct test kmcl_tests_gpadl[] = {{0, NULL, NULL}};
