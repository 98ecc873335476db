/*
 * Duties that come back (定期、固定日期): every year or month by a day, or every so long after a start.
 *
 * A day of the calendar is what the law names (a report by 31 January), so it does not move off a day of rest; only a length that is
 * counted does. A day that a month lacks is the last one of that month (民法典 第二百零二条).
 */
#ifndef FZ_LAW_RECUR_H
#define FZ_LAW_RECUR_H

#include "law/pack.h"

/**
 * Last day of the occurrence `turn` (from 0) of a duty that began on `from`: the first one lies after that day.
 *
 * @return FZ_E_INPUT when `r` recurs not; FZ_E_CALENDAR_END when the day lies past the calendar or past the year 9999
 * O(1) for days of the year and of the month, O(turn) for lengths.
 */
fz_status fz_recur_due(const struct fz_recurs *r, const struct fz_calendar *cal, fz_day from, uint32_t turn, fz_day *out, struct fz_error *err);

#endif
