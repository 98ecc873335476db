/*
 * Indicators over stored acts. What an act counts for was settled when it was entered and stands in its row (engine/tables.h), so a figure is a count of
 * rows, and what lies behind it is those rows: the same in SQL, grouped by one query along the key of their table, and by a scan in a store without SQL.
 *
 * What is no count of acts (stocks, sums, means, different values) is a sum over rows of `measure`, one query an indicator, likewise in SQL and by a scan. A
 * stock looks at everything until its day, the other kinds at the period. Sums are of 64 bits, and refused (FZ_E_TOO_LARGE) where they leave them.
 *
 * A period goes by the day on which an act happened in law, not by when it was entered.
 *
 * Kept figures. Those of a period that is over can be kept, with the size of the log by which they were computed. They hold until an act of that record
 * type that happened in the period (where there is a stock: by its end) is entered, or any correction of such a record: nothing else moves what acts count for. A rebuild reads the entries
 * anew, maybe by other packs or a newer calendar, and forgets what was kept.
 */
#ifndef FZ_REPORT_FIGURES_H
#define FZ_REPORT_FIGURES_H

#include "report/review.h"
#include "store/store.h"

struct fz_count {
    struct fz_store *store;
    fz_str jurisdiction;
    const struct fz_pack *const *versions; /* of one pack, oldest first */
    size_t versions_n;
    int record;       /* of the newest version */
    fz_str organ;     /* acts of this organ only; empty: of all */
    fz_day first, last;
    int64_t log_size; /* entries: for kept figures */
    bool by_scan;     /* also where the store has SQL */
};

struct fz_figures {
    struct fz_figure *items; /* every indicator of that record type, also with nothing in it: the wholes, then those of dimensions */
    size_t n;
    bool kept; /* they were read, not computed */
};

/** Every figure of one record type. They live in `arena`. Computed: O(acts of that type); kept: O(figures + entries since). */
fz_status fz_figures_read(struct fz_figures *out, const struct fz_count *c, struct fz_arena *arena, struct fz_error *err);
/** Computes them anew, whatever is kept. */
fz_status fz_figures_compute(struct fz_figures *out, const struct fz_count *c, struct fz_arena *arena, struct fz_error *err);
/** Keeps what the store gives now, in place of what was kept for that period. The caller sees to it that the period is over. */
fz_status fz_figures_keep(const struct fz_count *c, struct fz_error *err);

/* One act behind a figure. */
struct fz_behind {
    int64_t seq;
    fz_str record, organ, action;
    fz_day day;
    int64_t n;    /* what it brings to a sum or mean; 0 */
    fz_str value; /* what it is counted for, where different values are; empty */
};

struct fz_behinds {
    struct fz_behind *items;
    size_t n, cap;
};

/** The acts behind a figure's numerator or denominator, in the order in which they were entered: as many as the figure says, unless somebody entered
 * further ones between the two questions. Of a stock: one act a record that is in it, the latest by which it came to count so; of different values: the first
 * act that brought each. They live in `arena`. O(acts of that type) and of them in the period. */
fz_status fz_figure_behind(struct fz_behinds *out, const struct fz_count *c, const struct fz_figure *f, bool denominator, struct fz_arena *arena, struct fz_error *err);

/** The table of kept figures. Whoever opens a store for figures declares it; it is not among the projections, for entries alone do not give it. */
extern const struct fz_table fz_table_figure;
fz_status fz_figures_declare(struct fz_store *s, struct fz_error *err);
/** After a rebuild. */
fz_status fz_figures_forget(struct fz_store *s, fz_str jurisdiction, struct fz_error *err);

/** The query by which they are computed, for whoever wants to know how. */
fz_str fz_figures_sql(const struct fz_count *c);

#endif
