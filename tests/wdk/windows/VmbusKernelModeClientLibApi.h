/* SPDX-License-Identifier: BSD-2-Clause */
/* The same header under its other spelling. */
#include "vmbuskernelmodeclientlibapi.h"
