#include "harness.h"
const struct test kmcl_tests_config[] = {{0, NULL, NULL}};
