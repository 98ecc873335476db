#include "law/recur.h"

#include "law/calendar.h"

/* The day of that month, or its last one; FZ_DAY_NONE past the year 9999. `month` from 0, counted through the years. */
static fz_day day_of_month(int64_t month, int day)
{
    int64_t year = month / 12;
    int last;

    if (year > 9999)
        return FZ_DAY_NONE;
    last = fz_month_days((int)year, (int)(month % 12) + 1);
    return fz_day_of((int)year, (int)(month % 12) + 1, day < last ? day : last);
}

/* The turn-th such day after `from`, a year or a month apart. */
static fz_day named_day(const struct fz_recurs *r, fz_day from, uint32_t turn)
{
    fz_civil c = fz_day_civil(from);
    int step = r->how == FZ_EACH_YEAR ? 12 : 1;
    int64_t month = (int64_t)c.year * 12 + (r->how == FZ_EACH_YEAR ? r->month : c.month) - 1;
    fz_day first = day_of_month(month, r->day);

    if (first != FZ_DAY_NONE && first - r->before <= from)
        month += step;
    first = day_of_month(month + (int64_t)turn * step, r->day);
    return first == FZ_DAY_NONE ? first : first - r->before;
}

fz_status fz_recur_due(const struct fz_recurs *r, const struct fz_calendar *cal, fz_day from, uint32_t turn, fz_day *out, struct fz_error *err)
{
    struct fz_limit l = {.length = r->every, .from = from};
    fz_due due = {.due = FZ_DAY_NONE};

    switch (r->how) {
    case FZ_RECURS_NOT:
        return fz_fail(err, FZ_E_INPUT, "this time limit does not recur");
    case FZ_EACH_YEAR:
    case FZ_EACH_MONTH:
        due.due = named_day(r, from, turn);
        break;
    case FZ_EVERY:
        /* From the nominal end of the one before, so that days of rest do not add up over the years. */
        for (uint32_t i = 0; i <= turn; i++) {
            FZ_TRY(fz_limit_due(cal, &l, &due, err));
            l.from = due.nominal;
        }
        break;
    }
    if (due.due == FZ_DAY_NONE)
        return fz_fail(err, FZ_E_CALENDAR_END, "the calendar does not reach as far as the time limit does");
    *out = due.due;
    return FZ_OK;
}
