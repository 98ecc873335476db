/*
 * Many order, one writes. Orders are judged as they come, over what the orders before them will have left; one thread of the queue makes durable what has
 * gathered, in one commit, while the next is being judged. So a hundred threads that each wait for an answer share a commit, and an import that posts
 * ahead keeps both processors busy.
 *
 * The engine belongs to the queue from _new to _free: nobody else calls it meanwhile. It needs a `reader`.
 */
#ifndef FZ_ENGINE_QUEUE_H
#define FZ_ENGINE_QUEUE_H

#include "engine/engine.h"

struct fz_queue;

/** FZ_E_NOMEM when there is no thread to be had. */
fz_status fz_queue_new(struct fz_queue **out, struct fz_engine *e, struct fz_error *err);
void fz_queue_free(struct fz_queue *q); /* what was posted is committed first; accepts NULL */

/** As fz_engine_submit(); from any thread. Orders of one call become durable together, or none of them. What is refused waits for nobody. */
fz_status fz_queue_submit(struct fz_queue *q, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                          struct fz_error *err);

/**
 * Judges and goes on. The answers are there at once, but DONE is true only when fz_queue_wait() has returned FZ_OK for the ticket; after anything else
 * nothing of it is there (FZ_E_UNSURE: the idempotency key says), and the same orders may be posted again.
 */
fz_status fz_queue_post(struct fz_queue *q, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                        uint64_t *out_ticket, struct fz_error *err);
fz_status fz_queue_wait(struct fz_queue *q, uint64_t ticket, struct fz_error *err);

/** Enters what the law has done by the end of `today`, beside what others order. */
fz_status fz_queue_tick(struct fz_queue *q, fz_day today, int64_t at_ms, uint64_t *out_n, struct fz_error *err);

/** The engine, for looking only: nothing moves until it is given back. */
struct fz_engine *fz_queue_hold(struct fz_queue *q);
void fz_queue_release(struct fz_queue *q);

#endif
