/*
 * Records of which a condition holds as they stand: in SQL where it can be said (report/sql.h), else each record folded and asked in C. Both answer alike.
 */
#ifndef FZ_REPORT_CHOOSE_H
#define FZ_REPORT_CHOOSE_H

#include "engine/engine.h"
#include "report/sql.h"
#include "report/tally.h"

struct fz_choice {
    struct fz_engine *engine;
    struct fz_store *store; /* the engine's */
    fz_str jurisdiction;
    const struct fz_pack *const *versions; /* of one pack, oldest first */
    size_t versions_n;
    int record;    /* of the newest version */
    fz_str where;  /* an expression of the pack language, of type flag; outlives what is chosen */
    fz_day day;    /* today, for clocks that run */
    bool by_folds; /* in C, whatever can be said in SQL */
};

struct fz_chosen {
    struct fz_names ids;
    bool by_sql;         /* of every version */
    struct fz_sql_no no; /* why not, when it was not */
};

/**
 * Chooses among all records of that type. What does not parse or type-check in one of the versions is in `diags`, and FZ_E_USAGE. Lives in `arena`.
 * O(records) either way; a fold costs some hundred times what a row does.
 */
fz_status fz_choose(struct fz_chosen *out, const struct fz_choice *c, struct fz_arena *arena, struct fz_diags *diags, struct fz_error *err);
bool fz_is_chosen(void *chosen, fz_str record); /* for struct fz_stored */

#endif
