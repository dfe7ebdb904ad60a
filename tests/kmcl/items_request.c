#include "harness.h"
const struct test kmcl_tests_request[] = {{0, NULL, NULL}};
