/*
 * What a new calendar moves: every record is folded anew over the calendar that the setting gives now, and held against its rows of `clock` and `due`.
 */
#ifndef FZ_ENGINE_REPROJECT_H
#define FZ_ENGINE_REPROJECT_H

#include "engine/engine.h"

/* One clock of one record whose row is another now; FZ_DAY_NONE: no due day, or no row. */
struct fz_move {
    fz_str record, clock;
    fz_title title;
    size_t instance;
    fz_day from, to;  /* due days */
    bool open;        /* it runs */
    bool provisional; /* past the last notice of the calendar */
    const struct fz_calendar *cal;
};

/** The texts are good until it returns. */
typedef fz_status fz_move_visit(void *arg, const struct fz_move *m, struct fz_error *err);

/**
 * Calls `visit` for every clock whose due day moves and for every open one that stays, in the order of the records; with
 * `writes`, makes the rows of clocks and acts what they are now, in commits of their own, so that a crash leaves some of
 * it undone: doing it again finishes it.
 * @param change  called once, after the calendars that counted until now were noted and before they are asked for anew;
 *                those stay alive until this returns
 * O(log) in time, in memory O(1).
 */
fz_status fz_engine_reproject(struct fz_engine *e, bool writes, void (*change)(void *arg), fz_move_visit *visit,
                              void *arg, struct fz_error *err);

#endif
