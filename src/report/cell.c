#include "report/cell.h"

#define FAULT(name, e, z) static const struct fz_cell_fault name = {e, z}
FAULT(no_date, "is no date", "不是日期");
FAULT(no_such_day, "is a day that does not exist", "是不存在的日期");
FAULT(no_time, "has no time of day", "没有时刻");
FAULT(no_money, "is no sum of money", "不是金额");
FAULT(no_points, "is no number of points", "不是分数");
FAULT(decimals, "has more than two decimals", "小数超过两位");
FAULT(too_large, "is too large", "数值过大");
FAULT(no_flag, "is neither yes nor no", "既不是“是”也不是“否”");
FAULT(no_int, "is no whole number", "不是整数");
FAULT(no_choice, "is not one of the choice's names, and the map's `values` do not say which it is",
      "不是该选项的取值，对照图的 values 也没有说明");
FAULT(no_value, "is no value of its field's type", "不符合字段的类型");

/* ---- days and times ---- */

/* The number of `least` to `most` digits at the front, taken off. */
static bool take_number(fz_str *s, size_t least, size_t most, int *out)
{
    size_t n = 0;

    for (*out = 0; n < s->n && n < most && fz_is_digit(s->p[n]); n++)
        *out = *out * 10 + s->p[n] - '0';
    *s = (fz_str){s->p + n, s->n - n};
    return n >= least;
}

static bool take_char(fz_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = (fz_str){s->p + 1, s->n - 1};
    return true;
}

/* 2011-10-11 has two digits a part; 2011/1/5 may leave the zero out. */
static bool take_date(fz_str *s, int *year, int *month, int *day)
{
    char separator;

    if (!take_number(s, 4, 4, year) || s->n == 0)
        return false;
    separator = s->p[0];
    return (separator == '-' || separator == '/') && take_char(s, separator) &&
           take_number(s, separator == '/' ? 1 : 2, 2, month) && take_char(s, separator) &&
           take_number(s, separator == '/' ? 1 : 2, 2, day);
}

static void skip_digits(fz_str *s)
{
    while (s->n && fz_is_digit(s->p[0]))
        *s = (fz_str){s->p + 1, s->n - 1};
}

/* Z, +02:00, +0200 or nothing: where the clock stood changes neither day nor minute as written. */
static bool is_zone(fz_str s)
{
    int hours, minutes;

    if (s.n == 0 || (s.n == 1 && s.p[0] == 'Z'))
        return true;
    return (take_char(&s, '+') || take_char(&s, '-')) && take_number(&s, 2, 2, &hours) &&
           (take_char(&s, ':') || true) && take_number(&s, 2, 2, &minutes) && s.n == 0 && hours <= 14 && minutes < 60;
}

static bool take_clock(fz_str *s, int *minute)
{
    int h, m, seconds;

    if (!take_number(s, 1, 2, &h) || !take_char(s, ':') || !take_number(s, 2, 2, &m) || h > 23 || m > 59)
        return false;
    *minute = h * 60 + m;
    if (!take_char(s, ':'))
        return true;
    if (!take_number(s, 2, 2, &seconds) || seconds > 60)
        return false;
    if (take_char(s, '.') || take_char(s, ',')) {
        size_t before = s->n;

        skip_digits(s);
        return s->n < before;
    }
    return true;
}

static const struct fz_cell_fault *read_time(fz_str s, fz_day *out_day, int16_t *out_minute)
{
    int year, month, day, minute = -1;
    fz_day d;

    if (!take_date(&s, &year, &month, &day))
        return &no_date;
    if (s.n && ((!take_char(&s, ' ') && !take_char(&s, 'T')) || !take_clock(&s, &minute) || !is_zone(s)))
        return &no_date;
    d = fz_day_of(year, month, day);
    if (d == FZ_DAY_NONE)
        return &no_such_day;
    *out_day = d;
    *out_minute = (int16_t)minute;
    return NULL;
}

const struct fz_cell_fault *fz_cell_time(fz_str s, fz_day *out_day, int16_t *out_minute)
{
    const struct fz_cell_fault *fault = read_time(s, out_day, out_minute);
    fz_str inner = fz_str_trim(s);

    return fault && inner.n && inner.n < s.n ? read_time(inner, out_day, out_minute) : fault;
}

/* ---- numbers ---- */

static bool times_plus(int64_t *n, int times, int plus)
{
    return !__builtin_mul_overflow(*n, times, n) && !__builtin_add_overflow(*n, plus, n);
}

/* "-12.5" in hundredths. Decimals past the second have to be 0. */
static const struct fz_cell_fault *hundredths(fz_str s, const struct fz_cell_fault *no_number, int64_t *out)
{
    bool negative = take_char(&s, '-');
    int64_t n = 0;
    const char *first = s.p;

    for (; s.n && fz_is_digit(s.p[0]); s.p++, s.n--)
        if (!times_plus(&n, 10, s.p[0] - '0'))
            return &too_large;
    if (s.p == first || (s.n && (!take_char(&s, '.') || s.n == 0)))
        return no_number;
    if (!times_plus(&n, 100, 0))
        return &too_large;
    for (int unit = 10; s.n; s.p++, s.n--, unit /= 10) {
        if (!fz_is_digit(s.p[0]))
            return no_number;
        if (unit == 0 && s.p[0] != '0')
            return &decimals;
        if (!times_plus(&n, 1, unit * (s.p[0] - '0')))
            return &too_large;
    }
    *out = negative ? -n : n;
    return NULL;
}

/* Spreadsheets write a whole number in a column with gaps as 3.0. */
static const struct fz_cell_fault *whole_number(fz_str s, int64_t *out)
{
    const char *dot = memchr(s.p, '.', s.n);
    size_t whole = dot ? (size_t)(dot - s.p) : s.n, zeros = whole + 1;

    while (zeros < s.n && s.p[zeros] == '0')
        zeros++;
    if (dot && zeros == s.n && zeros > whole + 1)
        s.n = whole;
    return fz_str_int(s, out) ? NULL : &no_int;
}

static bool is_word(fz_str s, const char *lower)
{
    size_t n = strlen(lower);

    for (size_t i = 0; i < s.n && i < n; i++)
        if ((s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]) != lower[i])
            return false;
    return s.n == n;
}

static const struct fz_cell_fault *flag(fz_str s, int64_t *out)
{
    static const char *const words[] = {"no", "yes", "false", "true", "0", "1", "否", "是"};

    for (size_t i = 0; i < FZ_COUNT(words); i++)
        if (is_word(s, words[i])) {
            *out = i % 2;
            return NULL;
        }
    return &no_flag;
}

/* ---- values ---- */

static const struct fz_cell_fault *of_time(fz_type type, fz_str s, int64_t *out)
{
    fz_day day = 0;
    int16_t minute = 0;
    const struct fz_cell_fault *fault = fz_cell_time(s, &day, &minute);
    fz_civil c;

    if (fault)
        return fault;
    c = fz_day_civil(day);
    if (type == FZ_TYPE_INSTANT && minute < 0)
        return &no_time;
    *out = type == FZ_TYPE_MONTH     ? c.year * 12 + c.month - 1
           : type == FZ_TYPE_INSTANT ? fz_day_instant(day) + minute
                                     : day;
    return NULL;
}

/* What other programs write. */
static const struct fz_cell_fault *foreign(fz_type type, fz_str s, int64_t *out)
{
    switch (type) {
    case FZ_TYPE_FLAG:
        return flag(s, out);
    case FZ_TYPE_INT:
        return whole_number(s, out);
    case FZ_TYPE_MONEY:
        return hundredths(s, &no_money, out);
    case FZ_TYPE_POINTS:
        return hundredths(s, &no_points, out);
    case FZ_TYPE_DAY:
    case FZ_TYPE_MONTH:
    case FZ_TYPE_INSTANT:
        return of_time(type, s, out);
    case FZ_TYPE_CHOICE:
        return &no_choice;
    default:
        return &no_value;
    }
}

static bool mapped(const struct fz_map_words *words, fz_str s, fz_value *out)
{
    for (size_t i = 0; words && i < words->n; i++)
        if (fz_str_eq(words->items[i].word, s)) {
            *out = words->items[i].value;
            return true;
        }
    return false;
}

bool fz_cell_has_blank(const struct fz_map_use *use)
{
    fz_value v;

    return mapped(use->words[0], (fz_str){0}, &v) || mapped(use->words[1], (fz_str){0}, &v);
}

static const struct fz_cell_fault *typed(const struct fz_map_use *use, int currency, fz_str s, fz_value *out)
{
    const struct fz_cell_fault *fault;
    int64_t n = 0;

    if (use->field->type == FZ_TYPE_TEXT) {
        *out = (fz_value){.set = true, .text = s};
        return NULL;
    }
    fault = foreign(use->field->type, s, &n);
    if (fault)
        return fz_value_parse(use->field->type, &use->field->choices, s, out) ? NULL : fault;
    *out = FZ_NUMBER(n);
    out->m = use->field->type == FZ_TYPE_MONEY ? currency : 0;
    return NULL;
}

const struct fz_cell_fault *fz_cell_value(const struct fz_map_use *use, int currency, fz_str s, fz_value *out)
{
    const struct fz_cell_fault *fault;
    fz_str inner;

    if (mapped(use->words[0], s, out) || mapped(use->words[1], s, out))
        return NULL;
    fault = typed(use, currency, s, out);
    if (!fault)
        return NULL;
    inner = fz_str_trim(s);
    return inner.n && inner.n < s.n ? fz_cell_value(use, currency, inner, out) : fault;
}
