#include "harness.h"
const struct test kmcl_tests_external[] = {{0, NULL, NULL}};
