/* The VMBus host: no connection is known. */
#include "minihv.h"

void bus_prepare(void)
{
}

enum hv_status bus_message(uint32_t connection, uint32_t type,
                           const void *payload, uint32_t size)
{
    (void)connection;
    (void)type;
    (void)payload;
    (void)size;
    return HV_INVALID_CONNECTION;
}

enum hv_status bus_signal(uint32_t connection, uint16_t flag)
{
    (void)connection;
    (void)flag;
    return HV_INVALID_CONNECTION;
}

bool bus_pump(void)
{
    return false;
}

uint64_t bus_next(void)
{
    return UINT64_MAX;
}
