/* SPDX-License-Identifier: BSD-2-Clause */
/* lwIP's tests include this file, which other build systems make. Nothing that
 * it could say is needed here. */
