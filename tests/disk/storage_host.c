/* SPDX-License-Identifier: BSD-2-Clause */
/* A storage host whose answers a test can falsify: see storage_host.h. */
#include "storage_host.h"

#include <stdlib.h>

#include "storage_job.h"

static const GUID scsi_class = {
    0xba6163d9,
    0x04a1,
    0x4d29,
    {0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f}};

/* ---- the honest controller ----------------------------------------------- */

static void query_version(struct job *j)
{
    struct storage_host *h = j->h;

    if (h->asked_versions < HOST_SEEN)
        h->versions[h->asked_versions++] = j->p.version;
    if (j->p.version > h->newest)
        j->p.status = (uint32_t)VSTOR_REVISION_MISMATCH;
    else
        h->version = j->p.version;
}

static void query_properties(struct job *j)
{
    j->p.properties = (struct vstor_properties){
        .max_subchannels = j->h->subchannels,
        .flags = j->h->subchannels != 0,
        .max_transfer = j->h->max_transfer,
    };
}

static void run(struct job *j)
{
    CHECK_EQ(j->p.flags, 1); /* completion requested */
    switch (j->p.operation) {
    case VSTOR_BEGIN_INIT:
    case VSTOR_END_INIT:
        break;
    case VSTOR_QUERY_VERSION:
        query_version(j);
        break;
    case VSTOR_QUERY_PROPERTIES:
        query_properties(j);
        break;
    case VSTOR_EXECUTE_SRB:
        job_execute(j);
        break;
    default:
        CHECK(!"an operation that app/disk never sends");
    }
    j->p.operation = VSTOR_COMPLETE_IO;
}

/* ---- lies ---------------------------------------------------------------- */

static bool is_about(const struct lie *lie, const struct job *j)
{
    if (!lie->kind ||
        (lie->operation != OP_ANY && lie->operation != j->p.operation))
        return false;
    return lie->operation != OP_SRB || lie->command == CDB_ANY ||
           lie->command == j->cdb[0];
}

/* Returns the lie for this request and counts it as told. */
static const struct lie *find_lie(struct job *j)
{
    for (int i = 0; i < HOST_LIES; i++) {
        struct lie *lie = &j->h->lies[i];
        static struct lie told;

        if (!is_about(lie, j))
            continue;
        if (lie->skip) {
            lie->skip--;
            continue;
        }
        told = *lie;
        if (lie->times && !--lie->times)
            lie->kind = LIE_NOT;
        return &told;
    }
    return NULL;
}

static void distort(struct job *j)
{
    const struct lie *lie = j->lie;

    if (!lie)
        return;
    if (lie->kind == LIE_SIZE)
        j->size = (uint32_t)lie->value;
    else if (lie->kind == LIE_ANSWER)
        memcpy((uint8_t *)&j->p + lie->at, &lie->value, lie->width);
    else if (lie->kind == LIE_DATA)
        job_put(j->data + lie->at, lie->width, lie->value);
    else if (lie->kind == LIE_SENSE)
        job_refuse(j, (uint8_t)(lie->value >> 16), (uint8_t)(lie->value >> 8),
                   (uint8_t)lie->value);
}

static void withdraw_later(void *arg)
{
    host_withdraw(arg);
}

static bool is_silent(struct job *j)
{
    if (!j->lie)
        return false;
    if (j->lie->kind == LIE_WITHDRAW)
        world_call_later(j->h->w, 1, withdraw_later, j->h);
    return j->lie->kind == LIE_SILENCE || j->lie->kind == LIE_WITHDRAW;
}

/* ---- the channel --------------------------------------------------------- */

/* A test may make an allocation fail; then the next one succeeds. */
static uint8_t *map(struct storage_host *h, VMBPACKETCOMPLETION pc)
{
    uint8_t *bytes;
    NTSTATUS status;
    PMDL mdl;

    do
        status = VmbChannelPacketGetExternalData(pc, 0, &mdl);
    while (status == STATUS_INSUFFICIENT_RESOURCES);
    CHECK_STATUS(status, STATUS_SUCCESS);
    CHECK(!mdl->Next); /* exactly one range */
    h->external = MmGetMdlByteCount(mdl);
    bytes = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    if (!bytes)
        bytes = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    CHECK(bytes);
    return bytes;
}

static void record(struct storage_host *h, const void *buffer, UINT32 size)
{
    CHECK(size <= sizeof(h->last));
    memset(h->last, 0, sizeof(h->last));
    memcpy(h->last, buffer, size);
    h->last_size = size;
    if (h->seen < HOST_SEEN)
        memcpy(&h->operations[h->seen], buffer, 4);
    h->seen++;
}

static VOID EvtPacket(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                      UINT32 size, UINT32 flags)
{
    struct storage_host *h = VmbChannelGetPointer(ch);
    struct job j = {.h = h, .size = sizeof(j.p)};
    uint8_t out[128] = {0};

    record(h, buffer, size);
    memcpy(&j.p, h->last, sizeof(j.p));
    memcpy(j.cdb, j.p.srb.cdb, sizeof(j.cdb));
    if (j.p.operation == VSTOR_EXECUTE_SRB)
        h->commands[j.cdb[0]]++;
    if (flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA)
        j.data = map(h, pc);
    j.lie = find_lie(&j);
    if (is_silent(&j)) {
        CHECK(h->held_count < HOST_HELD);
        h->held[h->held_count++] = pc;
        return;
    }
    run(&j);
    if (h->version && h->version < VSTOR_WIN8)
        j.size = VSTOR_SIZE_V1;
    distort(&j);
    memcpy(out, &j.p, sizeof(j.p));
    VmbChannelPacketComplete(pc, out, j.size);
}

static NTSTATUS EvtOpened(VMBCHANNEL ch)
{
    struct storage_host *h = VmbChannelGetPointer(ch);

    h->version = 0;
    if (h->open_ms)
        world_advance(h->w, h->open_ms);
    return h->open_status;
}

/* KMCL waits until the host returned all packets. Failing them sends no answer.
 */
static VOID EvtSuspend(VMBCHANNEL ch)
{
    struct storage_host *h = VmbChannelGetPointer(ch);

    while (h->held_count)
        VmbChannelPacketFail(h->held[--h->held_count]);
}

static void configure(struct storage_host *h)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = EvtOpened;
    callbacks.EvtChannelSuspend = EvtSuspend;
    VmbChannelSetPointer(h->ch, h);
    VmbChannelSetIncomingProcessingAtPassive(h->ch, TRUE);
    CHECK_STATUS(VmbChannelInitSetStateChangeCallbacks(h->ch, &callbacks), 0);
    CHECK_STATUS(
        VmbChannelInitSetProcessPacketCallbacks(h->ch, EvtPacket, NULL), 0);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(h->ch, 128), 0);
    CHECK_STATUS(VmbChannelInitSetMaximumExternalData(h->ch, 1 << 20, 8), 0);
    CHECK_STATUS(VmbServerChannelInitSetTargetInterfaceId(h->ch, scsi_class,
                                                          test_instance),
                 0);
}

struct storage_host *host_make(struct world *w)
{
    struct storage_host *h = calloc(1, sizeof(*h));

    if (!h)
        abort();
    h->w = w;
    h->newest = VSTOR_WIN10;
    h->blocks = HOST_BLOCKS;
    h->max_transfer = 256 << 10;
    for (uint32_t i = 0; i < sizeof(h->disk); i++)
        h->disk[i] = (uint8_t)(i * 7 + i / 512);
    CHECK_STATUS(VmbChannelAllocate(w->device, TRUE, &h->ch), 0);
    configure(h);
    host_offer(h);
    return h;
}

void host_lie(struct storage_host *h, struct lie lie)
{
    for (int i = 0; i < HOST_LIES; i++) {
        if (h->lies[i].kind)
            continue;
        h->lies[i] = lie;
        return;
    }
    CHECK(!"too many lies");
}

void host_be_honest(struct storage_host *h)
{
    memset(h->lies, 0, sizeof(h->lies));
}

void host_withdraw(struct storage_host *h)
{
    VmbChannelDisable(h->ch);
}

void host_offer(struct storage_host *h)
{
    CHECK_STATUS(VmbChannelEnable(h->ch), 0);
    VmbChannelStart(h->ch);
    world_run(h->w);
}

void host_notify(struct storage_host *h, uint32_t operation)
{
    struct vstor_packet p = {.operation = operation};
    VMBPACKET packet = VmbPacketAllocate(h->ch);

    CHECK(packet);
    CHECK_STATUS(VmbPacketSend(packet, &p, sizeof(p), NULL, 0), 0);
    world_run(h->w);
}

void host_end(struct storage_host *h)
{
    host_withdraw(h);
    VmbChannelCleanup(h->ch);
    world_run(h->w);
    free(h);
}
