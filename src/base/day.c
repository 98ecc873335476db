#include "base/day.h"

#include <stdio.h>

/* Days of a year counted from 1 March, so that the leap day comes last: exact for the proleptic Gregorian calendar
 * (Howard Hinnant's public-domain algorithm). */
static fz_day day_from_civil(int y, int m, int d)
{
    y -= m <= 2;
    int era = (y >= 0 ? y : y - 399) / 400;
    int yoe = y - era * 400;
    int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

static bool leap(int y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

int fz_month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    fz_assert(month >= 1 && month <= 12);
    return days[month - 1] + (month == 2 && leap(year));
}

fz_day fz_day_of(int year, int month, int day)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > fz_month_days(year, month))
        return FZ_DAY_NONE;
    return day_from_civil(year, month, day);
}

fz_civil fz_day_civil(fz_day z)
{
    z += 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    int month = mp < 10 ? mp + 3 : mp - 9;

    return (fz_civil){yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

int fz_day_weekday(fz_day d)
{
    return (int)(((int64_t)d + 3) % 7 + 7) % 7 + 1;
}

fz_day fz_day_add_months(fz_day d, int months)
{
    fz_civil c = fz_day_civil(d);
    int64_t index = (int64_t)c.year * 12 + c.month - 1 + months;
    int64_t year = index / 12;
    int month = (int)(index % 12) + 1, last;

    if (index < 12 || year > 9999)
        return FZ_DAY_NONE;
    last = fz_month_days((int)year, month);
    return fz_day_of((int)year, month, c.day < last ? c.day : last);
}

static bool digits(const char *p, int n, int *out)
{
    int v = 0;

    for (int i = 0; i < n; i++) {
        if (!fz_is_digit(p[i]))
            return false;
        v = v * 10 + p[i] - '0';
    }
    *out = v;
    return true;
}

bool fz_day_parse(fz_str s, fz_day *out)
{
    int y, m, d;
    fz_day day;

    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !digits(s.p, 4, &y) || !digits(s.p + 5, 2, &m) ||
        !digits(s.p + 8, 2, &d))
        return false;
    day = fz_day_of(y, m, d);
    if (day == FZ_DAY_NONE)
        return false;
    *out = day;
    return true;
}

/* What may follow the minutes: seconds, a fraction, a zone. They change neither day nor minute as written. */
static bool rest_of_time(fz_str s)
{
    int v, w;
    size_t i = 0;

    if (i < s.n && s.p[i] == ':') {
        if (s.n - i < 3 || !digits(s.p + i + 1, 2, &v) || v > 60)
            return false;
        i += 3;
        if (i < s.n && s.p[i] == '.') {
            size_t from = ++i;

            while (i < s.n && fz_is_digit(s.p[i]))
                i++;
            if (i == from)
                return false;
        }
    }
    if (i == s.n || (s.n - i == 1 && s.p[i] == 'Z'))
        return true;
    return s.n - i == 6 && (s.p[i] == '+' || s.p[i] == '-') && digits(s.p + i + 1, 2, &v) && s.p[i + 3] == ':' &&
           digits(s.p + i + 4, 2, &w) && v <= 14 && w < 60;
}

bool fz_instant_parse(fz_str s, fz_instant *out, bool *out_has_time)
{
    fz_day day;
    int h, m;

    if (s.n < 10 || !fz_day_parse((fz_str){s.p, 10}, &day))
        return false;
    if (s.n == 10) {
        *out = fz_day_instant(day);
        *out_has_time = false;
        return true;
    }
    if (s.n < 16 || (s.p[10] != ' ' && s.p[10] != 'T') || !digits(s.p + 11, 2, &h) || s.p[13] != ':' ||
        !digits(s.p + 14, 2, &m) || h > 23 || m > 59 || !rest_of_time((fz_str){s.p + 16, s.n - 16}))
        return false;
    *out = fz_day_instant(day) + h * 60 + m;
    *out_has_time = true;
    return true;
}

char *fz_day_text(fz_day d, char text[FZ_DAY_TEXT])
{
    fz_civil c;

    if (d < FZ_DAY_MIN || d > FZ_DAY_MAX)
        return memcpy(text, "-", 2);
    c = fz_day_civil(d);
    /* Modulo only tells the compiler what it cannot see: each part has its number of digits. */
    snprintf(text, FZ_DAY_TEXT, "%04u-%02u-%02u", (unsigned)c.year % 10000u, (unsigned)c.month % 100u,
             (unsigned)c.day % 100u);
    return text;
}
