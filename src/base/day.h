/*
 * Civil days and instants. A day is a number, so that arithmetic is exact; it knows no zone: the day is the one
 * that the place of the procedure wrote. An instant is minutes of local civil time, for limits in hours.
 */
#ifndef FZ_BASE_DAY_H
#define FZ_BASE_DAY_H

#include "base/base.h"

typedef int32_t fz_day;      /* days since 1970-01-01 */
typedef int64_t fz_instant;  /* minutes since 1970-01-01 00:00, local civil time */

#define FZ_DAY_NONE INT32_MIN
#define FZ_INSTANT_NONE INT64_MIN
#define FZ_DAY_MIN (-719162)  /* 0001-01-01 */
#define FZ_DAY_MAX 2932896    /* 9999-12-31 */
#define FZ_DAY_TEXT 11        /* bytes of "2026-11-24" with its end */

typedef struct {
    int year, month, day; /* 1..12, 1..31 */
} fz_civil;

fz_day fz_day_of(int year, int month, int day); /* FZ_DAY_NONE when there is no such date */
fz_civil fz_day_civil(fz_day d);
int fz_day_weekday(fz_day d);                   /* 1 Monday .. 7 Sunday */
int fz_month_days(int year, int month);
/** Same day number `months` later, or the last day of that month if there is none (民法典 202). */
fz_day fz_day_add_months(fz_day d, int months);
/** Exactly "YYYY-MM-DD" of a date that exists. */
bool fz_day_parse(fz_str s, fz_day *out);
/** A date, or a date and time ("2026-01-05 09:30[:ss[.f]][Z|+hh:mm]", space or T): local civil time as written. */
bool fz_instant_parse(fz_str s, fz_instant *out, bool *out_has_time);
char *fz_day_text(fz_day d, char text[FZ_DAY_TEXT]); /* "-" for FZ_DAY_NONE */

static inline fz_day fz_instant_day(fz_instant t)
{
    return (fz_day)((t - (t < 0 ? 1439 : 0)) / 1440);
}
static inline fz_instant fz_day_instant(fz_day d)
{
    return (fz_instant)d * 1440;
}

#endif
