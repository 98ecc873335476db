/*
 * A working-day calendar (工作日历): which days are working days, by the notice of each year.
 *
 * Enumerated data, never an algorithm: a year counts as known only when a notice for it is in the file. Past the
 * last notice (the horizon) only weekends are known, so every answer that looks there is provisional. Immutable
 * after loading; any number of readers. Working-day arithmetic is two table look-ups.
 * Law: 全国年节及纪念日放假办法 第二条、第六条、第七条; 民法典 第二百零三条
 */
#ifndef FZ_LAW_CALENDAR_H
#define FZ_LAW_CALENDAR_H

#include "base/day.h"

struct fz_calendar;

typedef enum {
    FZ_DAY_WORKING,  /* 工作日 */
    FZ_DAY_WEEKEND,  /* 周末 */
    FZ_DAY_HOLIDAY,  /* 法定节假日及因调休放假的日子 */
    FZ_DAY_MAKE_UP,  /* 调休上班日 */
} fz_day_kind;

typedef struct {
    fz_day_kind kind;
    fz_str name;      /* of the holiday; empty on ordinary days */
    fz_str notice;    /* title of the year's notice; empty past the horizon */
    bool provisional; /* no notice for that year yet */
} fz_day_facts;

/**
 * Reads one calendar from text of tab-separated lines (calendars/README.md describes them).
 *
 * @param base  a calendar to lay this one over (a region's own holidays), or NULL; copied, not kept
 * @param name  of the file, for messages
 * @return FZ_E_INPUT with file:line when a line is wrong, a date does not exist or stands outside its year
 * Cost: O(days). `out` is released by fz_calendar_free.
 */
fz_status fz_calendar_read(struct fz_calendar **out, const struct fz_calendar *base, const char *name, fz_str text,
                           struct fz_error *err);
void fz_calendar_free(struct fz_calendar *c);

fz_str fz_calendar_id(const struct fz_calendar *c);
fz_str fz_calendar_edition(const struct fz_calendar *c);
fz_day fz_calendar_first(const struct fz_calendar *c);   /* first day it knows */
fz_day fz_calendar_horizon(const struct fz_calendar *c); /* last day of the last year that has a notice */

bool fz_calendar_works(const struct fz_calendar *c, fz_day d); /* d within reach */
fz_day_facts fz_calendar_facts(const struct fz_calendar *c, fz_day d);
bool fz_calendar_reaches(const struct fz_calendar *c, fz_day d);

/** Working days in (from, to]; negative when to < from. Both within reach. O(1). */
int32_t fz_calendar_between(const struct fz_calendar *c, fz_day from, fz_day to);
/** The n-th working day after `from` (n > 0), or before it (n < 0); FZ_DAY_NONE out of reach. O(1). */
fz_day fz_calendar_nth(const struct fz_calendar *c, fz_day from, int32_t n);
/** `d` itself when it is a working day, else the first one after it; FZ_DAY_NONE out of reach. O(1). */
fz_day fz_calendar_roll(const struct fz_calendar *c, fz_day d);

#endif
