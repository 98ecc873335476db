/*
 * The log of a place from one store into another, whatever their drivers: entries, the nodes of their tree, its signed heads, and the personal values
 * beside them, free and locked. Everything else follows from these and is made anew there (fz_engine_rebuild()).
 */
#ifndef FZ_ENGINE_COPY_H
#define FZ_ENGINE_COPY_H

#include "engine/engine.h"

/**
 * Copies it in one state of `from`, while others write there, into `to`, which has none of it. Both are opened, `to` to write; the tables are declared
 * here. It is done in several commits: after a failure some of it may be there.
 * @return FZ_E_EXISTS when `to` has some of it; failures of the stores
 * O(log) in time, in memory a few megabytes and the longest row.
 */
fz_status fz_log_copy(struct fz_store *from, struct fz_store *to, fz_str jurisdiction, struct fz_error *err);

/** Removes the log of the engine's place from its store, with all that follows from it: of a copy that came to nothing. Other places keep theirs. */
fz_status fz_log_discard(struct fz_engine *e, struct fz_error *err);

#endif
