#include "law/limit.h"

static const struct {
    const char *one, *many;
} unit_words[] = {
    [FZ_WORKING_DAYS] = {"working_day", "working_days"},
    [FZ_DAYS] = {"day", "days"},
    [FZ_MONTHS] = {"month", "months"},
    [FZ_YEARS] = {"year", "years"},
    [FZ_HOURS] = {"hour", "hours"},
};

const char *fz_unit_name(fz_unit u)
{
    fz_assert((size_t)u < FZ_COUNT(unit_words));
    return unit_words[u].many;
}

bool fz_length_parse(fz_str s, fz_length *out)
{
    const char *blank = s.n ? memchr(s.p, ' ', s.n) : NULL;
    fz_str number, unit;
    int64_t n;

    if (!blank)
        return false;
    number = (fz_str){s.p, (size_t)(blank - s.p)};
    unit = (fz_str){blank + 1, s.n - number.n - 1};
    if (number.p[0] == '+' || !fz_str_int(number, &n) || n < 0 || n > FZ_LENGTH_MAX)
        return false;
    for (size_t u = 0; u < FZ_COUNT(unit_words); u++) {
        if (fz_str_is(unit, unit_words[u].one) || fz_str_is(unit, unit_words[u].many)) {
            *out = (fz_length){(int32_t)n, (fz_unit)u};
            return true;
        }
    }
    return false;
}

static fz_status out_of_reach(struct fz_error *err)
{
    return fz_fail(err, FZ_E_CALENDAR_END, "the calendar does not reach as far as the time limit does");
}

/* `days` more days, which have to stay dates. */
static fz_day plus_days(fz_day d, int64_t days)
{
    int64_t sum = d + days;

    return sum < FZ_DAY_MIN || sum > FZ_DAY_MAX ? FZ_DAY_NONE : (fz_day)sum;
}

/* The nominal end of a length that nothing interrupts. */
static fz_day add_length(const struct fz_calendar *cal, fz_day from, fz_length length)
{
    switch (length.unit) {
    case FZ_WORKING_DAYS:
        return length.n == 0 ? from : fz_calendar_nth(cal, from, length.n);
    case FZ_DAYS:
        return plus_days(from, length.n);
    case FZ_MONTHS:
        return fz_day_add_months(from, length.n);
    case FZ_YEARS:
        return fz_day_add_months(from, length.n * 12);
    case FZ_HOURS:
        break;
    }
    return FZ_DAY_NONE;
}

/* Days that count towards the limit in (from, to]: of months and years the plain days are what a gap takes away. */
static int32_t counted(const struct fz_calendar *cal, fz_unit unit, fz_day from, fz_day to)
{
    if (to <= from)
        return 0;
    return unit == FZ_WORKING_DAYS ? fz_calendar_between(cal, from, to) : to - from;
}

static bool reach(const struct fz_calendar *cal, fz_unit unit, fz_day d)
{
    return unit != FZ_WORKING_DAYS || fz_calendar_reaches(cal, d);
}

static fz_status check(const struct fz_calendar *cal, const struct fz_limit *l, struct fz_error *err)
{
    const fz_length *lengths[] = {&l->length, &l->extension};

    for (size_t i = 0; i < FZ_COUNT(lengths); i++) {
        if (lengths[i]->n < 0 || lengths[i]->n > FZ_LENGTH_MAX)
            return fz_fail(err, FZ_E_INPUT, "a time limit is 0 to %d long", FZ_LENGTH_MAX);
        if ((i == 0 || lengths[i]->n) && lengths[i]->unit == FZ_WORKING_DAYS && !cal)
            return fz_fail(err, FZ_E_INPUT, "working days need a calendar");
    }
    if (l->length.unit == FZ_HOURS || (l->extension.n && l->extension.unit == FZ_HOURS))
        return fz_fail(err, FZ_E_INPUT, "a limit in hours is counted from a moment, not from a day");
    if (l->length.unit == FZ_WORKING_DAYS && !fz_calendar_reaches(cal, l->from))
        return out_of_reach(err);
    return FZ_OK;
}

/* The nominal end with its extension, before any gap: an extension in the same unit lengthens the limit itself. */
static fz_day whole_length(const struct fz_calendar *cal, const struct fz_limit *l)
{
    fz_day end;

    if (l->extension.n && l->extension.unit == l->length.unit)
        return add_length(cal, l->from, (fz_length){l->length.n + l->extension.n, l->length.unit});
    end = add_length(cal, l->from, l->length);
    return l->extension.n && end != FZ_DAY_NONE ? add_length(cal, end, l->extension) : end;
}

/* Moves `end` by the days that a gap takes out of the limit. */
static fz_day shift(const struct fz_calendar *cal, fz_unit unit, fz_day end, int32_t days)
{
    if (days == 0)
        return end;
    return unit == FZ_WORKING_DAYS ? fz_calendar_nth(cal, end, days) : plus_days(end, days);
}

/* Invariant of the loop: `end` is the nominal end with all gaps before `i` left out; days up to `seen` are settled. A gap that
 * begins on the last day or later takes nothing: the limit was used up. */
static fz_status leave_out_gaps(const struct fz_calendar *cal, const struct fz_limit *l, fz_due *due,
                                struct fz_error *err)
{
    fz_unit unit = l->length.unit;
    fz_day seen = l->from, end = due->nominal;
    int32_t taken = 0;

    for (size_t i = 0; i < l->gaps_n; i++) {
        fz_day first = l->gaps[i].first > seen ? l->gaps[i].first : seen, last = l->gaps[i].last;

        if (first >= end)
            break;
        if (!reach(cal, unit, first) || (last != FZ_DAY_NONE && !reach(cal, unit, last)))
            return out_of_reach(err);
        if (last == FZ_DAY_NONE) {
            due->paused = true;
            due->used = counted(cal, unit, l->from, first) - taken;
            due->due = due->nominal = FZ_DAY_NONE;
            return FZ_OK;
        }
        if (last <= first)
            continue;
        taken += counted(cal, unit, first, last);
        end = shift(cal, unit, end, counted(cal, unit, first, last));
        if (end == FZ_DAY_NONE)
            return out_of_reach(err);
        seen = last;
    }
    due->nominal = end;
    return FZ_OK;
}

fz_status fz_limit_due(const struct fz_calendar *cal, const struct fz_limit *l, fz_due *out, struct fz_error *err)
{
    fz_due due = {0};

    FZ_TRY(check(cal, l, err));
    due.nominal = whole_length(cal, l);
    if (due.nominal == FZ_DAY_NONE)
        return out_of_reach(err);
    FZ_TRY(leave_out_gaps(cal, l, &due, err));
    if (!due.paused) {
        bool rolls = cal && !l->no_roll && l->length.unit != FZ_WORKING_DAYS;

        due.due = rolls ? fz_calendar_roll(cal, due.nominal) : due.nominal;
        if (due.due == FZ_DAY_NONE)
            return out_of_reach(err);
        due.provisional = cal && (rolls || l->length.unit == FZ_WORKING_DAYS) && due.due > fz_calendar_horizon(cal);
    }
    *out = due;
    return FZ_OK;
}

fz_instant fz_limit_hours(fz_length length, fz_instant from)
{
    fz_assert(length.unit == FZ_HOURS);
    return from + (fz_instant)length.n * 60;
}

fz_status fz_limit_after(const struct fz_calendar *cal, const struct fz_limit *l, fz_day *out, struct fz_error *err)
{
    fz_due due;

    FZ_TRY(fz_limit_due(cal, l, &due, err));
    *out = due.paused ? FZ_DAY_NONE : due.due + 1;
    return FZ_OK;
}

static fz_status floor_working(const struct fz_calendar *cal, int32_t n, fz_day event, fz_floor *f,
                               struct fz_error *err)
{
    fz_day nth;

    if (!cal)
        return fz_fail(err, FZ_E_INPUT, "working days need a calendar");
    /* Plan: n working days lie wholly between, so the act is on the day before the n-th one back. */
    nth = n ? fz_calendar_nth(cal, event, -n) : event;
    if (nth == FZ_DAY_NONE)
        return out_of_reach(err);
    f->plan = nth - 1;
    /* Violation: act + n working days would fall after the event. The event's own day may be the n-th. */
    nth = n ? fz_calendar_nth(cal, event + 1, -n) : event + 1;
    if (nth == FZ_DAY_NONE)
        return out_of_reach(err);
    f->violation = nth - 1;
    f->provisional = event > fz_calendar_horizon(cal);
    return FZ_OK;
}

fz_status fz_limit_floor(const struct fz_calendar *cal, fz_length length, fz_day event, fz_floor *out,
                         struct fz_error *err)
{
    fz_floor f = {0};
    fz_day back;

    switch (length.unit) {
    case FZ_WORKING_DAYS:
        FZ_TRY(floor_working(cal, length.n, event, &f, err));
        break;
    case FZ_HOURS:
        return fz_fail(err, FZ_E_INPUT, "a limit in hours is counted from a moment, not from a day");
    default:
        back = length.unit == FZ_DAYS ? plus_days(event, -(int64_t)length.n)
                                      : fz_day_add_months(event, -length.n * (length.unit == FZ_YEARS ? 12 : 1));
        if (back == FZ_DAY_NONE)
            return out_of_reach(err);
        f = (fz_floor){.plan = back - 1, .violation = back};
    }
    *out = f;
    return FZ_OK;
}

/* ---- explanation ---- */

static bool in_gap(const struct fz_limit *l, fz_day d)
{
    for (size_t i = 0; i < l->gaps_n; i++)
        if (d > l->gaps[i].first && (l->gaps[i].last == FZ_DAY_NONE || d <= l->gaps[i].last))
            return true;
    return false;
}

struct words {
    const char *event, *left_out, *weekend, *holiday, *make_up, *rest, *end, *provisional, *through;
    const char *weekdays[7];
};

static const struct words words[2] = {
    {"day of the event, not counted",
     "left out",
     "weekend",
     "day off",
     "make-up working day",
     "day of rest: the end moves on",
     "last day",
     "provisional: no notice for that year yet",
     "counted through",
     {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}},
    {"事件当日，不计入", "不计算在期限内", "周末", "放假", "调休上班", "休息日，期限顺延", "期限届满日",
     "暂定：该年放假通知尚未发布", "连续计算",
     {"周一", "周二", "周三", "周四", "周五", "周六", "周日"}},
};

static void day_line(const struct words *w, fz_day d, int32_t number, const char *why, fz_str name,
                     struct fz_buf *out)
{
    char text[FZ_DAY_TEXT];

    fz_buf_printf(out, "%s %s ", fz_day_text(d, text), w->weekdays[fz_day_weekday(d) - 1]);
    if (number >= 0)
        fz_buf_printf(out, "%4d", number);
    else
        fz_buf_addz(out, "   -");
    if (why)
        fz_buf_printf(out, "  %s", why);
    if (name.n)
        fz_buf_printf(out, "%s%.*s", why ? ": " : "  ", FZ_STR_ARG(name));
    fz_buf_addc(out, '\n');
}

/* Why a day is no working day, or what is special about one that is. */
static const char *reason(const struct words *w, fz_day_kind kind)
{
    switch (kind) {
    case FZ_DAY_WEEKEND: return w->weekend;
    case FZ_DAY_HOLIDAY: return w->holiday;
    case FZ_DAY_MAKE_UP: return w->make_up;
    case FZ_DAY_WORKING: break;
    }
    return NULL;
}

static void explain_working_days(const struct fz_calendar *cal, const struct fz_limit *l, const fz_due *due,
                                 const struct words *w, struct fz_buf *out)
{
    int32_t number = 0;

    for (fz_day d = l->from + 1; d <= due->due; d++) {
        fz_day_facts facts = fz_calendar_facts(cal, d);
        bool gap = in_gap(l, d), works = fz_calendar_works(cal, d);

        number += works && !gap;
        day_line(w, d, works && !gap ? number : -1, gap ? w->left_out : reason(w, facts.kind),
                 gap ? (fz_str){0} : facts.name, out);
    }
    fz_assert(number == l->length.n + l->extension.n || l->extension.unit != FZ_WORKING_DAYS);
}

/* Calendar days: a run of counted days is one line, and so is a run that is left out. */
static void explain_days(const struct fz_limit *l, const fz_due *due, const struct words *w, struct fz_buf *out)
{
    int32_t number = 0;

    for (fz_day d = l->from + 1; d <= due->nominal;) {
        bool gap = in_gap(l, d);
        fz_day end = d;

        while (end < due->nominal && in_gap(l, end + 1) == gap)
            end++;
        if (!gap)
            number += end - d + 1;
        if (end > d)
            day_line(w, d, gap ? -1 : number - (end - d), gap ? w->left_out : w->through, (fz_str){0}, out);
        day_line(w, end, gap ? -1 : number, gap ? w->left_out : NULL, (fz_str){0}, out);
        d = end + 1;
    }
    fz_assert(l->length.unit != FZ_DAYS || (l->extension.n && l->extension.unit != FZ_DAYS) ||
              number == l->length.n + l->extension.n);
}

fz_status fz_limit_explain(const struct fz_calendar *cal, const struct fz_limit *l, bool chinese, struct fz_buf *out,
                           struct fz_error *err)
{
    const struct words *w = &words[chinese];
    fz_due due;

    FZ_TRY(fz_limit_due(cal, l, &due, err));
    day_line(w, l->from, 0, w->event, (fz_str){0}, out);
    if (due.paused)
        return FZ_OK;
    if (l->length.unit == FZ_WORKING_DAYS)
        explain_working_days(cal, l, &due, w, out);
    else
        explain_days(l, &due, w, out);
    for (fz_day d = due.nominal; d < due.due; d++) {
        fz_day_facts facts = fz_calendar_facts(cal, d);

        day_line(w, d, -1, w->rest, facts.name.n ? facts.name : fz_str_of(reason(w, facts.kind)), out);
    }
    day_line(w, due.due, -1, w->end, due.provisional ? fz_str_of(w->provisional) : (fz_str){0}, out);
    return FZ_OK;
}
