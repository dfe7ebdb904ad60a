/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where errno of vmbus/ becomes NTSTATUS of kmcl/: this table and no other.
 */
#include <errno.h>
#include <stddef.h>

#include "kmcl/base/root.h"

/* An errno that is not listed becomes STATUS_UNSUCCESSFUL. */
static const struct {
    int error;
    NTSTATUS status;
} statuses[] = {
    {0, STATUS_SUCCESS},
    {-ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
    {-ENOSPC, STATUS_INSUFFICIENT_RESOURCES},
    /* The other side did not answer in time. */
    {-ETIMEDOUT, STATUS_IO_TIMEOUT},
    /* Nobody of the other side listens. */
    {-ECONNREFUSED, STATUS_CONNECTION_REFUSED},
    /* The offer was rescinded, or the connection ended. */
    {-ENODEV, STATUS_DEVICE_REMOVED},
    {-ECANCELED, STATUS_DEVICE_REMOVED},
    /* The call does not fit the state of the channel. */
    {-ENOTCONN, STATUS_INVALID_DEVICE_STATE},
    {-EBUSY, STATUS_INVALID_DEVICE_STATE},
    {-EEXIST, STATUS_OBJECT_NAME_COLLISION},
    {-ENOENT, STATUS_OBJECT_NAME_NOT_FOUND},
    /* A packet does not fit the ring, now or ever. */
    {-EAGAIN, STATUS_BUFFER_OVERFLOW},
    {-EMSGSIZE, STATUS_BUFFER_OVERFLOW},
    {-EACCES, STATUS_ACCESS_DENIED},
    {-ENOTSUP, STATUS_NOT_SUPPORTED},
    {-EINVAL, STATUS_INVALID_PARAMETER},
};

NTSTATUS kmcl_status(int error)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].error == error)
            return statuses[i].status;
    }
    return STATUS_UNSUCCESSFUL;
}
