/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debian's libstdc++ is configured for glibc and asks it for its version. Here
 * newlib is the C library, so the answer is always no.
 */
#ifndef VMBARE_FEATURES_H
#define VMBARE_FEATURES_H

#define __GLIBC_PREREQ(major, minor) 0

#endif
