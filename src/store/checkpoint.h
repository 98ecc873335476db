/*
 * Moves SQLite's write-ahead log into its file beside the writer, so that a commit does not wait for it: while nobody writes, whenever the log has grown
 * a little; and when it has grown long because somebody always does, between two commits, of which the second waits. So the log stays short
 * unless a reader stays in an old state.
 *
 * A thread with a connection of its own, started when the log first needs it.
 */
#ifndef FZ_STORE_CHECKPOINT_H
#define FZ_STORE_CHECKPOINT_H

#include "store/store_int.h"

struct fz_checkpoint;

/** `path`: of the database. */
struct fz_checkpoint *fz_checkpoint_new(const char *path);
/** Ends the thread and its connection. Before the writer's own connection is closed. Accepts NULL. */
void fz_checkpoint_free(struct fz_checkpoint *c);

/** Around each transaction of the writer: waits while the log is moved in between two; then says how many pages the log has. */
void fz_checkpoint_enter(struct fz_checkpoint *c);
void fz_checkpoint_leave(struct fz_checkpoint *c, int log_pages);

#endif
