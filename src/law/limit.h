/*
 * Time limits (期限): a length, counted from a day over a calendar, to the day on which it ends.
 *
 * The day of the event is not counted (R1). Working days count working days only (R5); days, months and years run
 * through, end in the corresponding day (R6), and move off a day of rest to the next working day (R3) unless the
 * limit must not roll (R13: coercive measures). Spans that are left out freeze the limit: what was used stays used and the rest runs from
 * the day after the span (R15). An extension adds to the length from the same start, not to a rolled day (R16).
 * One function counts; the explanation is written by that same function and checked against the day it found.
 * Everything here is pure and keeps no pointer.
 * Law: 民法典 第二百零一条至第二百零三条、第一千二百五十九条; 民事诉讼法 第八十五条; the numbers R1 to R16 are those of doc/counting.md
 */
#ifndef FZ_LAW_LIMIT_H
#define FZ_LAW_LIMIT_H

#include "law/calendar.h"

typedef enum { FZ_WORKING_DAYS, FZ_DAYS, FZ_MONTHS, FZ_YEARS, FZ_HOURS } fz_unit;

typedef struct {
    int32_t n; /* 0 to 36,500 */
    fz_unit unit;
} fz_length;

#define FZ_LENGTH_MAX 36500

/** "15 working_days", "60 days", "3 months", "1 year", "24 hours": a number, one blank, a unit in either number. */
bool fz_length_parse(fz_str s, fz_length *out);
const char *fz_unit_name(fz_unit u); /* in the plural */

/** Left out of a limit: the days after `first` up to and including `last` (the day of the pause is used, the day of the resumption not).
 * `last` FZ_DAY_NONE: still open. */
typedef struct {
    fz_day first, last;
} fz_gap;

struct fz_limit {
    fz_length length;
    fz_length extension;         /* n = 0: none */
    fz_day from;                 /* day of the event, not counted */
    const fz_gap *gaps;          /* sorted by first day; may touch or overlap */
    size_t gaps_n;
    bool no_roll;                /* ends on its nominal day (R13) */
};

typedef struct {
    fz_day due;       /* last day (期限届满日); FZ_DAY_NONE while a gap is open */
    fz_day nominal;   /* before it moved off a day of rest */
    bool provisional; /* needed a day past the calendar's horizon */
    bool paused;      /* a gap is open */
    int32_t used;     /* while paused: days or working days used so far; for months and years: days */
} fz_due;

/**
 * Last day of a limit in working days, days, months or years.
 *
 * @param cal  may be NULL for plain calendar days: then working days are refused and nothing rolls
 * @return FZ_E_CALENDAR_END when the calendar does not reach; FZ_E_INPUT for hours, a length out of range, or
 *         working days without a calendar
 * O(gaps), no look at single days.
 */
fz_status fz_limit_due(const struct fz_calendar *cal, const struct fz_limit *l, fz_due *out, struct fz_error *err);

/** A limit in hours runs from the moment itself, through nights and days of rest (R2, the stricter reading). */
fz_instant fz_limit_hours(fz_length length, fz_instant from);

/** First day on which a right arises "after N days have passed" (R12): the day after the last one. */
fz_status fz_limit_after(const struct fz_calendar *cal, const struct fz_limit *l, fz_day *out, struct fz_error *err);

typedef struct {
    fz_day plan;      /* so many full days stand between the act and the event */
    fz_day violation; /* later than this breaks the law on every reading */
    bool provisional;
} fz_floor;

/**
 * Latest day for an act that must stand at least `length` before `event` (R11): never rolled, for rolling a floor
 * shortens the other side's right. Law: e.g. 行政处罚法 第六十四条（二）, 行政复议法 第五十一条
 */
fz_status fz_limit_floor(const struct fz_calendar *cal, fz_length length, fz_day event, fz_floor *out,
                         struct fz_error *err);

/**
 * Writes the working of a due day, a line a day: date, weekday, the number counted or why it is not, and the notice.
 * Long runs of counted calendar days are one line. Counts every day once more and asserts that it ends on the same day.
 */
fz_status fz_limit_explain(const struct fz_calendar *cal, const struct fz_limit *l, bool chinese, struct fz_buf *out,
                           struct fz_error *err);

#endif
