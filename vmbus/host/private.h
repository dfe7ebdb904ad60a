/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the host half call of each other. */
#ifndef VMBUS_HOST_PRIVATE_H
#define VMBUS_HOST_PRIVATE_H

#include "vmbus/host/objects.h"

/*
 * The files, lowest first: each calls only those before it, and upper ones
 * through struct host_upper.
 *
 *     rules reply pages state gpadl gpadl_teardown gpadl_arrive rings open
 *     channel offer memory connect rescind contact drain pump message host
 *
 * Unless another level is named, a function is for PASSIVE, and one call at a
 * time, as the control functions of vmbus/host.h are.
 */

/* ---- rules.c ------------------------------------------------------------ */

/*
 * Counts a broken rule, logs it at the counts 1, 2, 4, 8 ... and tells the
 * platform. `type` is the message's, 0 for an event; `relid` 0: no channel.
 * <= DISPATCH.
 */
void vmbus_host_rule_broken(struct vmbus_host *h, enum vmbus_host_rule rule,
                            uint32_t type, uint32_t relid);

/* ---- reply.c ------------------------------------------------------------ */

/* An empty reply, the caller's until it is sent or freed; NULL: no memory. */
struct host_reply *vmbus_host_reply_alloc(struct vmbus_host *h);

/* Frees *r, which may be NULL, and makes it NULL. Not for a queued reply. */
void vmbus_host_reply_free(struct vmbus_host *h, struct host_reply **r);

/*
 * Takes the reply that vmbus_host_message reserved for the request that is
 * being handled. A handler calls this at most once; the reply is then its own.
 */
struct host_reply *vmbus_host_reply_take(struct vmbus_host *h);

/*
 * Queues `r` with the `size` bytes at `payload` (1..WIRE_MESSAGE_MAX) and
 * delivers what can be delivered. `r` belongs to the queue afterwards.
 */
void vmbus_host_reply_send(struct vmbus_host *h, struct host_reply *r,
                           const void *payload, uint32_t size);

/* The message type of a queued reply. */
uint32_t vmbus_host_reply_type(const struct host_reply *r);

/* Removes and frees the oldest reply; there is one. */
void vmbus_host_reply_drop_first(struct vmbus_host *h);

/* Removes and frees all replies: nobody is connected any more. */
void vmbus_host_replies_drop(struct vmbus_host *h);

/*
 * Removes the undelivered message of `type` about `relid` from the queue.
 * False: there was none.
 */
bool vmbus_host_reply_revoke(struct vmbus_host *h, uint32_t type,
                             uint32_t relid);

/* Is a message of `type` about `relid` still undelivered? */
bool vmbus_host_reply_waits(struct vmbus_host *h, uint32_t type,
                            uint32_t relid);

/* ---- pages.c ------------------------------------------------------------ */

/*
 * Replaces the monitor pages by those at the addresses gpa[0] (host to guest)
 * and gpa[1] (guest to host), both 0 for none. 0; -EINVAL: only one is given,
 * or not at a page boundary; -EFAULT: cannot be mapped. After a failure the
 * former pages are still in use.
 */
int vmbus_host_monitor_map(struct vmbus_host *h, const uint64_t gpa[2]);

/* The same for the interrupt page, of which there must be one. */
int vmbus_host_interrupt_map(struct vmbus_host *h, uint64_t gpa);

/* Unmaps all of these; none need be mapped. */
void vmbus_host_pages_unmap(struct vmbus_host *h);

/* ---- state.c ------------------------------------------------------------ */

/*
 * The channel that the guest means by `relid`: one that it was offered in this
 * connection. NULL: there is none, and the rule is reported for message `m`.
 */
struct vmbus_host_channel *
vmbus_host_channel_known(struct vmbus_host *h, const struct host_message *m,
                         uint32_t relid);

/* The first of the channels that may have this instance, or the next one after
 * `previous`; NULL: no more. Others come as well. */
struct vmbus_host_channel *
vmbus_host_channel_candidate(const struct vmbus_host *h,
                             const struct vmbus_guid *instance,
                             const struct vmbus_host_channel *previous);

/* Makes the guest's choices of its last open free again: the connection id,
 * event flag and SINT are the defaults. The lock is held, or nobody looks. */
void vmbus_host_channel_forget_choices(struct vmbus_host_channel *ch);

/* Changes the state under the lock; CLOSED also forgets the choices. */
void vmbus_host_channel_set_state(struct vmbus_host_channel *ch,
                                  enum host_channel_state state);

/* Queues RESCIND of a channel that the guest knows, if it was not queued. */
void vmbus_host_channel_rescind(struct vmbus_host_channel *ch);

/* True if the guest may have a virtual processor of this index. */
bool vmbus_host_vp_exists(const struct vmbus_host *h, uint32_t vp);

/* ---- gpadl.c ------------------------------------------------------------ */

/* The channel's GPADL of this handle, in any state, or NULL. Handles count per
 * channel. The lock is held, or it is PASSIVE. */
struct host_gpadl *vmbus_host_gpadl_find(const struct vmbus_host_channel *ch,
                                         uint32_t handle);

/* The channel's first GPADL, or the next one after `previous`; NULL: no more.
 */
struct host_gpadl *vmbus_host_gpadl_next(const struct vmbus_host_channel *ch,
                                         const struct host_gpadl *previous);

/* The GPADL of this handle whose frames are still arriving, of any channel, or
 * NULL: GPADL_BODY names no channel, so there is at most one. */
struct host_gpadl *vmbus_host_gpadl_arriving(struct vmbus_host *h,
                                             uint32_t handle);

/*
 * A new GPADL of `words` words with `range_count` ranges, which the caller has
 * checked against each other and against the limits; linked under `handle`.
 * NULL: no memory.
 */
struct host_gpadl *vmbus_host_gpadl_make(struct vmbus_host *h,
                                         struct vmbus_host_channel *ch,
                                         uint32_t handle, uint32_t words,
                                         uint16_t range_count);

/* Unlinks and frees a GPADL that no server has mapped. */
void vmbus_host_gpadl_free(struct vmbus_host *h, struct host_gpadl *g);

/* Frees every GPADL of a channel: nobody may use one of them any more. */
void vmbus_host_gpadls_free(struct vmbus_host_channel *ch);

/* Takes the collected words apart. False: a range is not as it must be. */
bool vmbus_host_gpadl_parse(struct vmbus_host *h, struct host_gpadl *g);

/* ---- gpadl_teardown.c --------------------------------------------------- */

/* Handler of GPADL_TEARDOWN: the guest wants the memory back. The message was
 * checked for its size; every field of it is still unchecked. */
void vmbus_host_on_gpadl_teardown(struct vmbus_host *h,
                                  const struct host_message *m);

/* Do open rings lie in it? */
bool vmbus_host_gpadl_rings(const struct host_gpadl *g);

/*
 * Asks the server to unmap the GPADL, or ends it at once if it is not mapped.
 * Calls the server, so any list may have changed afterwards.
 */
void vmbus_host_gpadl_reclaim(struct vmbus_host *h, struct host_gpadl *g);

/* Ends a teardown, and frees the GPADL, if nothing holds its memory. */
void vmbus_host_gpadl_settle(struct vmbus_host *h, struct host_gpadl *g);

/* ---- gpadl_arrive.c ----------------------------------------------------- */

/* Handler of GPADL_HEADER: a new GPADL. The message was checked for its size;
 * every field of it is still unchecked. */
void vmbus_host_on_gpadl_header(struct vmbus_host *h,
                                const struct host_message *m);
/* Handler of GPADL_BODY: more frames of a GPADL that is arriving. Fields as
 * above. */
void vmbus_host_on_gpadl_body(struct vmbus_host *h,
                              const struct host_message *m);

/* ---- rings.c ------------------------------------------------------------ */

/*
 * The complete GPADL `handle` of `ch`, if two rings can lie in it with the
 * second one beginning at page `downstream_page`; else NULL.
 */
struct host_gpadl *vmbus_host_rings_check(const struct vmbus_host_channel *ch,
                                          uint32_t handle,
                                          uint32_t downstream_page);

/* Maps both rings of a GPADL that vmbus_host_rings_check returned. 0; -EFAULT:
 * cannot be mapped, and neither is. */
int vmbus_host_rings_map(struct vmbus_host_channel *ch,
                         const struct host_gpadl *g);

/* Unmaps the rings, if they are mapped. */
void vmbus_host_rings_unmap(struct vmbus_host_channel *ch);

/* Fills open->in and open->out from the mapped rings. */
void vmbus_host_rings_areas(const struct vmbus_host_channel *ch,
                            struct vmbus_host_open *open);

/* ---- open.c, channel.c -------------------------------------------------- */

/*
 * May the guest choose this connection id for its signals? Not one of the
 * bus's own (0 to 4), nor one that another relid has or may have by default.
 */
bool vmbus_host_connection_allowed(uint32_t relid, uint32_t connection);

/* Handler of OPENCHANNEL; the server decides. The message was checked for its
 * size; every field of it is still unchecked. */
void vmbus_host_on_open(struct vmbus_host *h, const struct host_message *m);
/* Handler of CLOSECHANNEL; the server is told. Fields as above. */
void vmbus_host_on_close(struct vmbus_host *h, const struct host_message *m);
/* Handler of MODIFYCHANNEL: interrupts go to another processor. Fields as
 * above. */
void vmbus_host_on_modify_channel(struct vmbus_host *h,
                                  const struct host_message *m);

/* Would this OPENCHANNEL be accepted once the channel is closed? */
bool vmbus_host_open_fits(struct vmbus_host *h,
                          const struct vmbus_host_channel *ch,
                          const struct wire_open *w);

/* Copies those parameters of an open that the negotiated version has. The lock
 * is held, or nobody else sees `ch`. */
void vmbus_host_open_take(struct vmbus_host_channel *ch,
                          const struct wire_open *w);

/* The server has answered the close: opens the channel if an open waits. */
void vmbus_host_open_go_on(struct vmbus_host_channel *ch);

/* The rings are not used any more: unmaps them, closes the channel, and settles
 * their GPADL if the guest has asked for it back. */
void vmbus_host_open_end(struct vmbus_host_channel *ch);

/* Forgets an open that waits for the close, without an answer. */
void vmbus_host_open_cancel(struct vmbus_host_channel *ch);

/* Tells the server that the channel closes; its answer may come inside. */
void vmbus_host_channel_close(struct vmbus_host_channel *ch);

/* Tells the server that the channel opens; the rings are mapped. `restored`:
 * the guest was told before the save. The answer may come inside. */
void vmbus_host_channel_tell_open(struct vmbus_host_channel *ch, bool restored);

/* ---- offer.c ------------------------------------------------------------ */

/* Handler of REQUESTOFFERS. */
void vmbus_host_on_request_offers(struct vmbus_host *h,
                                  const struct host_message *m);

/* Whether the withdrawn channel has a successor, which waits for its release.
 */
bool vmbus_host_has_successor(const struct vmbus_host_channel *ch);

/* Channels may have to be offered that could not be until now: the next look
 * begins with the first. */
void vmbus_host_offers_changed(struct vmbus_host *h);

/* The next channel that the guest must be told of, or NULL. */
struct vmbus_host_channel *vmbus_host_offer_due(struct vmbus_host *h);

/* Fills OFFERCHANNEL as the negotiated version and features have it. */
void vmbus_host_offer_fill(const struct vmbus_host_channel *ch,
                           struct wire_offer *offer);

/* A new channel object under a free relid (and monitor id, or
 * HOST_NO_MONITOR), linked last. NULL: no memory. */
struct vmbus_host_channel *
vmbus_host_channel_make(struct vmbus_host *h,
                        const struct vmbus_host_offer *offer, uint32_t relid,
                        uint8_t monitor);

/* Unlinks and frees a channel whose GPADLs are freed. */
void vmbus_host_channel_free(struct vmbus_host_channel *ch);

/* ---- connect.c, rescind.c ----------------------------------------------- */

/* Handler of TL_CONNECT_REQUEST. */
void vmbus_host_on_tl_connect(struct vmbus_host *h,
                              const struct host_message *m);

/* Handler of RELID_RELEASED. */
void vmbus_host_on_released(struct vmbus_host *h, const struct host_message *m);

/* Takes a channel without a server away; it may be freed afterwards. */
void vmbus_host_channel_withdraw(struct vmbus_host_channel *ch);

/* ---- contact.c, drain.c ------------------------------------------------- */

/* Handler of INITIATE_CONTACT: ends the connection there is, then answers. */
void vmbus_host_on_contact(struct vmbus_host *h, const struct host_message *m);

/* Handler of UNLOAD: likewise. */
void vmbus_host_on_unload(struct vmbus_host *h, const struct host_message *m);

/* Handler of MODIFY_CONNECTION: other monitor pages. */
void vmbus_host_on_modify_connection(struct vmbus_host *h,
                                     const struct host_message *m);

/* Handler of PAUSE: nothing is sent after its answer. */
void vmbus_host_on_pause(struct vmbus_host *h, const struct host_message *m);

/* Handler of RESUME: what was held back is sent. It has no answer. */
void vmbus_host_on_resume(struct vmbus_host *h, const struct host_message *m);

/* Answers h->contact with `r` (consumed), when nothing of an earlier
 * connection is left. */
void vmbus_host_contact_answer(struct vmbus_host *h, struct host_reply *r);

/* Ends the connection: closes all channels, forgets all GPADLs, then does what
 * `why` says. May return before that is done. */
void vmbus_host_drain_begin(struct vmbus_host *h, enum host_drain why);

/* Goes on with it when a server has let go of something; calls servers. */
void vmbus_host_drain_step(struct vmbus_host *h);

/* ---- host.c ------------------------------------------------------------- */

/* Makes it as new: nothing published, nobody connected. No channel may have a
 * server. */
void vmbus_host_forget(struct vmbus_host *h);

#endif
