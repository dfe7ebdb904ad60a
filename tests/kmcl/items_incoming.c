#include "harness.h"
const struct test kmcl_tests_incoming[] = {{0, NULL, NULL}};
