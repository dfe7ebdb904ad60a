/*
 * Where errno of vmbus/ becomes NTSTATUS of kmcl/: this table and no other.
 */
#include <errno.h>
#include <stddef.h>

#include "kmcl/channel/root.h"

static const struct {
    int error;
    NTSTATUS status;
} statuses[] = {
    {0, STATUS_SUCCESS},
    {-ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
    {-ENOSPC, STATUS_INSUFFICIENT_RESOURCES},
    {-ETIMEDOUT, STATUS_IO_TIMEOUT},
    {-ENODEV, STATUS_DEVICE_REMOVED},
    {-ECANCELED, STATUS_DEVICE_REMOVED},
    {-ENOTCONN, STATUS_INVALID_DEVICE_STATE},
    {-EBUSY, STATUS_INVALID_DEVICE_STATE},
    {-EEXIST, STATUS_OBJECT_NAME_COLLISION},
    {-ENOENT, STATUS_OBJECT_NAME_NOT_FOUND},
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
