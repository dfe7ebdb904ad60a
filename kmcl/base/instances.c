/* SPDX-License-Identifier: BSD-2-Clause */
/* An index of chains by a hash of the instance: see instances.h. */
#include "kmcl/base/instances.h"

static struct chain **bucket(struct kmcl *root,
                             const struct vmbus_guid *instance)
{
    return &root->by_instance[chain_guid_bucket(instance, KMCL_INSTANCES)];
}

void kmcl_instance_set(VMBCHANNEL ch)
{
    chain_take_out(&ch->by_instance);
    chain_put(bucket(ch->root, kmcl_guid(&ch->set.instance)), &ch->by_instance);
}

void kmcl_instance_forget(VMBCHANNEL ch)
{
    chain_take_out(&ch->by_instance);
}

VMBCHANNEL kmcl_instance_next(struct kmcl *root,
                              const struct vmbus_guid *instance,
                              VMBCHANNEL previous)
{
    struct chain *link =
        previous ? previous->by_instance.next : *bucket(root, instance);

    return link ? CHAIN_OWNER(link, struct VMBCHANNEL__, by_instance) : NULL;
}
