/*
 * Stored records as a log: their entries folded back into steps, so that a review judges them as it judges a foreign log (fz_review_run). Each record is
 * a case under the version that it began under, its acts as corrections have left them; the place of an act is the number of its entry.
 */
#ifndef FZ_REPORT_STORED_H
#define FZ_REPORT_STORED_H

#include "engine/engine.h"
#include "report/log.h"

struct fz_stored {
    struct fz_engine *engine;
    struct fz_store *store; /* the engine's */
    fz_str jurisdiction;
    const struct fz_pack *const *versions; /* of one pack, oldest first */
    size_t versions_n;
    int record;       /* of the newest version */
    const bool *keep; /* one flag a field of it: values of others do not stay in memory (fz_review_keep) */
    fz_str organ;     /* records of this organ only; empty: of all */
    /* Further choice, by id; NULL: all. */
    bool (*wants)(void *arg, fz_str record);
    void *wants_arg;
};

/** How many records of that type stand there, of all organs. */
fz_status fz_stored_count(const struct fz_stored *from, uint64_t *out_n, struct fz_error *err);

/**
 * Reads them in the order in which they began.
 * @return FZ_OK; FZ_E_INPUT for an entry that cannot be read (`fazhi verify` says more); FZ_E_PACK when it needs a version that is not at hand
 * Everything lives in `arena`. O(entries of that type), in memory as well.
 */
fz_status fz_stored_read(struct fz_log *out, const struct fz_stored *from, struct fz_arena *arena, struct fz_error *err);

#endif
