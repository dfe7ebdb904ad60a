/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VMBus Kernel Mode Client Library: what an application includes.
 *
 * Names, types, flags and layouts are those of the Windows header of this
 * name. Both packagings are here: the plain functions (Windows 8.1), and the
 * same functions through KMCL_CLIENT_INTERFACE_V1 and
 * KMCL_SERVER_INTERFACE_V1, which KmclQueryInterface fills (Windows 10 1803).
 *
 * Evidence tags in the comments: [D] the public documentation, [D18] its
 * 2018 edition, [H] the public Windows header, [W] general WDK documentation,
 * [I] inferred, [P] our choice where every source is silent. "Items" are the
 * numbers of the acceptance tests in tests/kmcl.
 */
#ifndef VMBUSKERNELMODECLIENTLIBAPI_H
#define VMBUSKERNELMODECLIENTLIBAPI_H

#include "kmcl/wdm_compat.h"
#include "kmcl/mdl.h"
#include "kmcl/flags.h"
#include "kmcl/types.h"
#include "kmcl/channel_api.h"
#include "kmcl/config_api.h"
#include "kmcl/property_api.h"
#include "kmcl/packet_api.h"
#include "kmcl/send_api.h"
#include "kmcl/incoming_api.h"
#include "kmcl/gpadl_api.h"
#include "kmcl/save_api.h"
#include "kmcl/interface.h"

#endif
