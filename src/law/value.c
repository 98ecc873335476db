#include "law/value.h"

#include "law/expr.h"
#include "law/reader.h"

static const char *const type_words[] = {[FZ_TYPE_NONE] = "nothing",
#define X(name, word, text) [FZ_TYPE_##name] = word,
                                         FZ_TYPE_TABLE(X)
#undef X
};

fz_str fz_title_in(fz_title t, fz_language lang)
{
    return lang == FZ_EN && t.en.n ? t.en : t.zh;
}

const char *fz_type_word(fz_type t)
{
    fz_assert((size_t)t < FZ_COUNT(type_words));
    return type_words[t];
}

bool fz_type_of_word(fz_str word, fz_type *out)
{
    for (size_t t = FZ_TYPE_NONE + 1; t < FZ_TYPES; t++) {
        if (fz_str_is(word, type_words[t])) {
            *out = (fz_type)t;
            return true;
        }
    }
    return false;
}

bool fz_type_is_text(fz_type t)
{
    switch (t) {
    case FZ_TYPE_TEXT:
    case FZ_TYPE_FILE:
    case FZ_TYPE_ARTICLE:
    case FZ_TYPE_PLACE:
    case FZ_TYPE_ORGAN:
    case FZ_TYPE_OFFICIAL:
    case FZ_TYPE_PARTY:
    case FZ_TYPE_LINK:
        return true;
    default:
        return false;
    }
}

/* ---- reading ---- */

/* Digits only: no sign, no blank. */
static bool natural(fz_str s, int64_t *out)
{
    return s.n && fz_is_digit(s.p[0]) && fz_str_int(s, out);
}

static fz_str drop(fz_str s, size_t n)
{
    return (fz_str){s.p + n, s.n - n};
}

static bool parse_int(fz_str s, fz_value *v)
{
    return !(s.n && s.p[0] == '+') && fz_str_int(s, &v->n);
}

static bool parse_flag(fz_str s, fz_value *v)
{
    int i = fz_word_find(s, FZ_FLAG_WORDS);

    v->n = i % 2 == 0;
    return i >= 0;
}

/* "-12.50" in hundredths; without decimals only where they may be left away. */
static bool hundredths(fz_str s, bool decimals_needed, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    fz_str whole = drop(s, negative), rest;
    int64_t n, part = 0;
    const char *dot = whole.n ? memchr(whole.p, '.', whole.n) : NULL;

    rest = dot ? drop(whole, (size_t)(dot - whole.p) + 1) : (fz_str){0};
    if (dot ? rest.n != 2 || !natural(rest, &part) || !fz_is_digit(rest.p[1]) : decimals_needed)
        return false;
    if (dot)
        whole.n = (size_t)(dot - whole.p);
    if (!natural(whole, &n) || __builtin_mul_overflow(n, 100, &n) || __builtin_add_overflow(n, part, &n))
        return false;
    *out = negative ? -n : n;
    return true;
}

static bool parse_money(fz_str s, fz_value *v)
{
    static const fz_currency currencies[] = {FZ_YUAN, FZ_EURO};

    for (size_t i = 0; i < FZ_COUNT(currencies); i++) {
        const char *name = fz_currency_name(currencies[i]);
        size_t n = strlen(name);

        if (s.n > n && fz_str_ends(s, name) && s.p[s.n - n - 1] == ' ') {
            v->m = currencies[i];
            return hundredths((fz_str){s.p, s.n - n - 1}, true, &v->n);
        }
    }
    return false;
}

static bool parse_share(fz_str s, fz_value *v)
{
    const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;

    return slash && natural((fz_str){s.p, (size_t)(slash - s.p)}, &v->n) &&
           natural(drop(s, (size_t)(slash - s.p) + 1), &v->m) && v->m > 0;
}

static bool parse_day(fz_str s, int64_t *out)
{
    fz_day d;

    if (!fz_day_parse(s, &d))
        return false;
    *out = d;
    return true;
}

static bool parse_year(fz_str s, int64_t *out)
{
    return s.n == 4 && natural(s, out) && *out >= 1;
}

static bool parse_month(fz_str s, fz_value *v)
{
    int64_t year, month;

    if (s.n != 7 || s.p[4] != '-' || !parse_year((fz_str){s.p, 4}, &year) || !natural(drop(s, 5), &month) ||
        month < 1 || month > 12)
        return false;
    v->n = year * 12 + month - 1;
    return true;
}

static bool parse_span(fz_str s, fz_value *v)
{
    if (s.n < 12 || s.p[10] != '.' || s.p[11] != '.' || !parse_day((fz_str){s.p, 10}, &v->n))
        return false;
    v->m = FZ_DAY_NONE;
    return s.n == 12 || (parse_day(drop(s, 12), &v->m) && v->m >= v->n);
}

static bool parse_instant(fz_str s, fz_value *v)
{
    fz_instant t;
    bool has_time;

    if (!fz_instant_parse(s, &t, &has_time) || !has_time)
        return false;
    v->n = t;
    return true;
}

static bool parse_length(fz_str s, fz_value *v)
{
    fz_length l;

    if (!fz_length_parse(s, &l))
        return false;
    v->n = l.n;
    v->m = l.unit;
    return true;
}

int fz_choice_find(const struct fz_choices *c, fz_str name)
{
    for (size_t i = 0; i < c->n; i++)
        if (fz_str_eq(c->names[i], name))
            return (int)i;
    return -1;
}

static bool parse_choice(const struct fz_choices *choices, fz_str s, fz_value *v)
{
    int i = choices ? fz_choice_find(choices, s) : -1;

    if (i >= 0)
        v->n = i;
    return i >= 0;
}

static bool is_place(fz_str s)
{
    int64_t n;

    return s.n == 6 && natural(s, &n);
}

bool fz_value_parse(fz_type type, const struct fz_choices *choices, fz_str s, fz_value *out)
{
    fz_value v = {.set = true};
    bool good = false;

    switch (type) {
    case FZ_TYPE_NONE:
    case FZ_TYPES:
        break;
    case FZ_TYPE_FLAG:
        good = parse_flag(s, &v);
        break;
    case FZ_TYPE_INT:
        good = parse_int(s, &v);
        break;
    case FZ_TYPE_MONEY:
        good = parse_money(s, &v);
        break;
    case FZ_TYPE_POINTS:
        good = hundredths(s, false, &v.n);
        break;
    case FZ_TYPE_SHARE:
        good = parse_share(s, &v);
        break;
    case FZ_TYPE_DAY:
        good = parse_day(s, &v.n);
        break;
    case FZ_TYPE_MONTH:
        good = parse_month(s, &v);
        break;
    case FZ_TYPE_YEAR:
        good = parse_year(s, &v.n);
        break;
    case FZ_TYPE_INSTANT:
        good = parse_instant(s, &v);
        break;
    case FZ_TYPE_SPAN:
        good = parse_span(s, &v);
        break;
    case FZ_TYPE_LENGTH:
        good = parse_length(s, &v);
        break;
    case FZ_TYPE_CHOICE:
        good = parse_choice(choices, s, &v);
        break;
    case FZ_TYPE_PLACE:
        v.text = s;
        good = is_place(s);
        break;
    case FZ_TYPE_TEXT:
    case FZ_TYPE_FILE:
    case FZ_TYPE_ARTICLE:
    case FZ_TYPE_ORGAN:
    case FZ_TYPE_OFFICIAL:
    case FZ_TYPE_PARTY:
    case FZ_TYPE_LINK:
        v.text = s;
        good = true;
        break;
    }
    if (good)
        *out = v;
    return good;
}

/* ---- printing ---- */

static void print_day(int64_t d, struct fz_buf *out)
{
    char text[FZ_DAY_TEXT];

    fz_buf_addz(out, fz_day_text((fz_day)d, text));
}

static void print_hundredths(int64_t n, struct fz_buf *out)
{
    uint64_t u = n < 0 ? -(uint64_t)n : (uint64_t)n;

    fz_buf_printf(out, "%s%llu.%02u", n < 0 ? "-" : "", (unsigned long long)(u / 100), (unsigned)(u % 100));
}

static void print_instant(fz_instant t, struct fz_buf *out)
{
    fz_day d = fz_instant_day(t);
    int minutes = (int)(t - fz_day_instant(d));

    print_day(d, out);
    fz_buf_printf(out, " %02d:%02d", minutes / 60, minutes % 60);
}

static void print_length(fz_value v, struct fz_buf *out)
{
    const char *unit = fz_unit_name((fz_unit)v.m);

    fz_buf_printf(out, "%lld %.*s", (long long)v.n, (int)strlen(unit) - (v.n == 1), unit);
}

static void print_one(fz_type type, const struct fz_choices *choices, fz_value v, struct fz_buf *out)
{
    switch (type) {
    case FZ_TYPE_FLAG:
        fz_buf_addz(out, v.n ? "yes" : "no");
        break;
    case FZ_TYPE_MONEY:
        print_hundredths(v.n, out);
        fz_buf_printf(out, " %s", fz_currency_name(v.m == FZ_EURO ? FZ_EURO : FZ_YUAN));
        break;
    case FZ_TYPE_POINTS:
        print_hundredths(v.n, out);
        break;
    case FZ_TYPE_SHARE:
        fz_buf_printf(out, "%lld/%lld", (long long)v.n, (long long)v.m);
        break;
    case FZ_TYPE_DAY:
        print_day(v.n, out);
        break;
    case FZ_TYPE_MONTH:
        fz_buf_printf(out, "%04d-%02d", (int)(v.n / 12), (int)(v.n % 12) + 1);
        break;
    case FZ_TYPE_YEAR:
        fz_buf_printf(out, "%04lld", (long long)v.n);
        break;
    case FZ_TYPE_INSTANT:
        print_instant(v.n, out);
        break;
    case FZ_TYPE_SPAN:
        print_day(v.n, out);
        fz_buf_addz(out, "..");
        if (v.m != FZ_DAY_NONE)
            print_day(v.m, out);
        break;
    case FZ_TYPE_LENGTH:
        print_length(v, out);
        break;
    case FZ_TYPE_CHOICE:
        if (choices && v.n >= 0 && (size_t)v.n < choices->n) {
            fz_buf_add(out, choices->names[v.n]);
            break;
        }
        __attribute__((fallthrough)); /* an outcome, whose names its owner knows */
    default:
        if (fz_type_is_text(type))
            fz_buf_add(out, v.text);
        else
            fz_buf_printf(out, "%lld", (long long)v.n);
    }
}

void fz_value_print(fz_type type, const struct fz_choices *choices, fz_value v, struct fz_buf *out)
{
    if (!v.set) {
        fz_buf_addc(out, '-');
        return;
    }
    if (!v.many) {
        print_one(type, choices, v, out);
        return;
    }
    for (uint32_t i = 0; i < v.many; i++) {
        if (i)
            fz_buf_addz(out, ", ");
        print_one(type, choices, v.items[i], out);
    }
}

/* ---- comparing ---- */

static bool equal_one(fz_type type, fz_value a, fz_value b)
{
    if (fz_type_is_text(type))
        return fz_str_eq(a.text, b.text);
    switch (type) {
    case FZ_TYPE_SHARE:
        return (__int128)a.n * b.m == (__int128)b.n * a.m;
    case FZ_TYPE_SPAN:
        return a.n == b.n && a.m == b.m;
    case FZ_TYPE_LENGTH:
        return a.n == b.n && (a.m == b.m || a.n == 0);
    default:
        return a.n == b.n;
    }
}

static bool holds(fz_type type, fz_value set, fz_value item)
{
    for (uint32_t i = 0; i < set.many; i++)
        if (equal_one(type, set.items[i], item))
            return true;
    return false;
}

bool fz_value_at_most(fz_type type, fz_value a, fz_value b)
{
    if (type == FZ_TYPE_SHARE)
        return (__int128)a.n * b.m <= (__int128)b.n * a.m;
    return a.n <= b.n && (type != FZ_TYPE_LENGTH || a.m == b.m);
}

bool fz_value_equal(fz_type type, fz_value a, fz_value b)
{
    if (!a.set || !b.set)
        return a.set == b.set;
    if (!a.many && !b.many)
        return equal_one(type, a, b);
    for (uint32_t i = 0; i < a.many; i++)
        if (!holds(type, b, a.items[i]))
            return false;
    for (uint32_t i = 0; i < b.many; i++)
        if (!holds(type, a, b.items[i]))
            return false;
    return true;
}
