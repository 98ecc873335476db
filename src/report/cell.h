/*
 * Cells of a log: what people and their programs write, to days and values of the pack. More forms are known than packs use, none is
 * guessed: 03/04/2011 is no date. Amounts are read digit by digit, never through floating point.
 */
#ifndef FZ_REPORT_CELL_H
#define FZ_REPORT_CELL_H

#include "report/map_int.h"

/* Why a cell cannot be read, to stand behind the cell: "is a day that does not exist". NULL: it can. */
struct fz_cell_fault {
    const char *en, *zh;
};

/**
 * A day, or a day and a time, in local civil time as written: 2011-10-11, 2011/10/11, 2011/1/5 9:30, 2011-10-11T13:45:40.276+02:00, ...Z.
 * @param out_minute  of the day; -1 when the cell has a day only
 */
const struct fz_cell_fault *fz_cell_time(fz_str s, fz_day *out_day, int16_t *out_minute);

/**
 * One value of the use's field (of a set: one item).
 *
 * Tried in this order: the map's words; yes no true false 1 0 是 否 in any case (flags); whole numbers, also 3.0 (int); 35, 35.0, 35.00
 * (money, points: not more than two decimals that are not 0); days, months and instants out of dates and times; else as packs write it.
 * Blanks around do not count, but in texts.
 * @param out  its text is a view of `s`, or of the map
 */
const struct fz_cell_fault *fz_cell_value(const struct fz_map_use *use, int currency, fz_str s, fz_value *out);

/** Whether the map says what an empty cell of this use means: its words have an empty one. Without it such a cell is unset. */
bool fz_cell_has_blank(const struct fz_map_use *use);

#endif
