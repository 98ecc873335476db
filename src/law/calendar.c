/*
 * Two tables. `upto[d]` is the number of working days from the first day to d inclusive; `day_of[k]` is the k-th
 * working day (k from 1). So the n-th working day after d is day_of[upto[d] + n], whatever lies between.
 * The tables reach BEYOND days past the horizon with weekends only: far enough for the longest limit that rolls
 * (twenty years, 行政复议法 第二十一条), and provisional all the way.
 */
#include "law/calendar.h"

#include <stdlib.h>

#define BEYOND (25 * 366)
#define YEARS_MAX 200

struct mark {
    fz_str name;
    uint8_t kind; /* fz_day_kind + 1; 0: ordinary */
};

struct year_notice {
    int year;
    fz_str title, source;
};

struct fz_calendar {
    struct fz_arena arena;
    fz_str id, title, edition;
    bool weekend[8];
    struct year_notice years[YEARS_MAX];
    size_t years_n;
    fz_day first, last, horizon;
    struct mark *marks; /* first..horizon */
    int32_t *upto;      /* first-1..last */
    fz_day *day_of;     /* [1..working] */
    int32_t working;
};

struct reader {
    struct fz_calendar *c;
    const char *name;
    unsigned line;
    struct fz_error *err;
};

#define BAD(r, ...) fz_fail((r)->err, FZ_E_INPUT, __VA_ARGS__)

static size_t split_tabs(fz_str line, fz_str out[4])
{
    size_t n = 0;

    while (n < 3) {
        const char *tab = line.n ? memchr(line.p, '\t', line.n) : NULL;

        if (!tab)
            break;
        out[n++] = (fz_str){line.p, (size_t)(tab - line.p)};
        line.n -= (size_t)(tab - line.p) + 1;
        line.p = tab + 1;
    }
    out[n++] = line;
    return n;
}

static bool next_line(fz_str *rest, fz_str *line)
{
    const char *nl;

    if (rest->n == 0)
        return false;
    nl = memchr(rest->p, '\n', rest->n);
    *line = (fz_str){rest->p, nl ? (size_t)(nl - rest->p) : rest->n};
    rest->n -= line->n + (nl != NULL);
    rest->p += line->n + (nl != NULL);
    if (line->n && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

static struct year_notice *find_year(struct fz_calendar *c, int year)
{
    for (size_t i = 0; i < c->years_n; i++)
        if (c->years[i].year == year)
            return &c->years[i];
    return NULL;
}

static fz_status read_year(struct reader *r, const fz_str f[4], size_t n)
{
    struct fz_calendar *c = r->c;
    struct year_notice *y;
    int64_t year;

    if (n < 4 || !fz_str_int(f[1], &year) || year < 1900 || year > 9000 || f[2].n == 0)
        return BAD(r, "%s:%u: a year line is: year TAB number TAB title of its notice TAB source", r->name, r->line);
    y = find_year(c, (int)year);
    if (!y) {
        if (c->years_n && c->years[c->years_n - 1].year != year - 1)
            return BAD(r, "%s:%u: year %d does not follow year %d", r->name, r->line, (int)year,
                       c->years[c->years_n - 1].year);
        if (c->years_n == YEARS_MAX)
            return BAD(r, "%s:%u: more than %d years", r->name, r->line, YEARS_MAX);
        y = &c->years[c->years_n++];
    }
    *y = (struct year_notice){(int)year, fz_str_copy(&c->arena, f[2]), fz_str_copy(&c->arena, f[3])};
    return FZ_OK;
}

static fz_status read_weekend(struct reader *r, fz_str list)
{
    memset(r->c->weekend, 0, sizeof(r->c->weekend));
    for (size_t i = 0; i < list.n; i += 2) {
        if (list.p[i] < '1' || list.p[i] > '7' || (i + 1 < list.n && list.p[i + 1] != ','))
            return BAD(r, "%s:%u: weekend takes numbers from 1 (Monday) to 7: 6,7", r->name, r->line);
        r->c->weekend[list.p[i] - '0'] = true;
    }
    return FZ_OK;
}

/* The lines that say which years there are: they decide how large the tables become. */
static fz_status read_head(struct reader *r, const fz_str f[4], size_t n)
{
    if (fz_str_is(f[0], "calendar") && n >= 2 && f[1].n) {
        r->c->id = fz_str_copy(&r->c->arena, f[1]);
        r->c->title = n > 2 ? fz_str_copy(&r->c->arena, f[2]) : r->c->id;
        return FZ_OK;
    }
    if (fz_str_is(f[0], "edition") && n >= 2 && f[1].n) {
        r->c->edition = fz_str_copy(&r->c->arena, f[1]);
        return FZ_OK;
    }
    if (fz_str_is(f[0], "weekend") && n >= 2)
        return read_weekend(r, f[1]);
    if (fz_str_is(f[0], "year"))
        return read_year(r, f, n);
    if (fz_str_is(f[0], "off") || fz_str_is(f[0], "work"))
        return FZ_OK;
    return BAD(r, "%s:%u: '%.*s' is no line of a calendar: calendar, edition, weekend, year, off, work", r->name,
               r->line, FZ_STR_ARG(f[0]));
}

static fz_status read_mark(struct reader *r, const fz_str f[4], size_t n)
{
    struct fz_calendar *c = r->c;
    bool off = fz_str_is(f[0], "off"), weekend;
    fz_day d;
    struct mark *m;

    if (!off && !fz_str_is(f[0], "work"))
        return FZ_OK;
    if (n < 2 || !fz_day_parse(f[1], &d))
        return BAD(r, "%s:%u: '%.*s' is no date (YYYY-MM-DD)", r->name, r->line, n < 2 ? 0 : (int)f[1].n, f[1].p);
    if (d < c->first || d > c->horizon)
        return BAD(r, "%s:%u: no year line covers %.*s", r->name, r->line, FZ_STR_ARG(f[1]));
    m = &c->marks[d - c->first];
    weekend = c->weekend[fz_day_weekday(d)];
    m->kind = (uint8_t)((off ? FZ_DAY_HOLIDAY : weekend ? FZ_DAY_MAKE_UP : FZ_DAY_WORKING) + 1);
    m->name = n > 2 ? fz_str_copy(&c->arena, f[2]) : (fz_str){0};
    return FZ_OK;
}

static fz_status each_line(struct reader *r, fz_str text,
                           fz_status (*take)(struct reader *r, const fz_str f[4], size_t n))
{
    fz_str line, f[4];

    for (r->line = 1; next_line(&text, &line); r->line++) {
        if (line.n == 0 || line.p[0] == '#')
            continue;
        FZ_TRY(take(r, f, split_tabs(line, f)));
    }
    return FZ_OK;
}

static fz_day_kind kind_of(const struct fz_calendar *c, fz_day d)
{
    if (d <= c->horizon && c->marks[d - c->first].kind)
        return (fz_day_kind)(c->marks[d - c->first].kind - 1);
    return c->weekend[fz_day_weekday(d)] ? FZ_DAY_WEEKEND : FZ_DAY_WORKING;
}

static bool works(fz_day_kind k)
{
    return k == FZ_DAY_WORKING || k == FZ_DAY_MAKE_UP;
}

static void size_tables(struct fz_calendar *c)
{
    c->first = fz_day_of(c->years[0].year, 1, 1);
    c->horizon = fz_day_of(c->years[c->years_n - 1].year, 12, 31);
    c->last = c->horizon + BEYOND;
    c->marks = FZ_NEW_ARRAY(&c->arena, struct mark, (size_t)(c->horizon - c->first + 1));
}

static void fill_tables(struct fz_calendar *c)
{
    size_t n = (size_t)(c->last - c->first + 1);

    c->upto = FZ_NEW_ARRAY(&c->arena, int32_t, n + 1);
    c->day_of = FZ_NEW_ARRAY(&c->arena, fz_day, n + 1);
    for (size_t i = 0; i < n; i++) {
        fz_day d = c->first + (fz_day)i;

        if (works(kind_of(c, d)))
            c->day_of[++c->working] = d;
        c->upto[i + 1] = c->working;
    }
}

/* What the calendar below says, under this one's own lines. */
static void copy_base(struct fz_calendar *c, const struct fz_calendar *base)
{
    memcpy(c->weekend, base->weekend, sizeof(c->weekend));
    memcpy(c->years, base->years, sizeof(c->years));
    c->years_n = base->years_n;
    for (size_t i = 0; i < c->years_n; i++) {
        c->years[i].title = fz_str_copy(&c->arena, c->years[i].title);
        c->years[i].source = fz_str_copy(&c->arena, c->years[i].source);
    }
}

static void copy_marks(struct fz_calendar *c, const struct fz_calendar *base)
{
    for (fz_day d = base->first; d <= base->horizon; d++) {
        struct mark m = base->marks[d - base->first];

        m.name = fz_str_copy(&c->arena, m.name);
        c->marks[d - c->first] = m;
    }
}

static fz_status read_all(struct reader *r, const struct fz_calendar *base, fz_str text)
{
    struct fz_calendar *c = r->c;

    if (!fz_utf8_valid(text))
        return BAD(r, "%s: a calendar is UTF-8 text", r->name);
    c->weekend[6] = c->weekend[7] = true;
    if (base)
        copy_base(c, base);
    FZ_TRY(each_line(r, text, read_head));
    if (c->id.n == 0 || c->edition.n == 0)
        return BAD(r, "%s: a calendar needs the lines 'calendar' and 'edition'", r->name);
    if (c->years_n == 0)
        return BAD(r, "%s: a calendar needs at least one year with its notice", r->name);
    size_tables(c);
    if (base)
        copy_marks(c, base);
    FZ_TRY(each_line(r, text, read_mark));
    fill_tables(c);
    return FZ_OK;
}

fz_status fz_calendar_read(struct fz_calendar **out, const struct fz_calendar *base, const char *name, fz_str text,
                           struct fz_error *err)
{
    struct fz_calendar *c = calloc(1, sizeof(*c));
    struct reader r = {.c = c, .name = name, .err = err};
    fz_status s;

    if (!c)
        return fz_fail(err, FZ_E_NOMEM, "memory ran out");
    fz_arena_init(&c->arena);
    s = read_all(&r, base, text);
    if (s != FZ_OK) {
        fz_calendar_free(c);
        return s;
    }
    *out = c;
    return FZ_OK;
}

void fz_calendar_free(struct fz_calendar *c)
{
    if (!c)
        return;
    fz_arena_release(&c->arena);
    free(c);
}

fz_str fz_calendar_id(const struct fz_calendar *c) { return c->id; }
fz_str fz_calendar_edition(const struct fz_calendar *c) { return c->edition; }
fz_day fz_calendar_first(const struct fz_calendar *c) { return c->first; }
fz_day fz_calendar_horizon(const struct fz_calendar *c) { return c->horizon; }

bool fz_calendar_reaches(const struct fz_calendar *c, fz_day d)
{
    return d >= c->first && d <= c->last;
}

/* Working days up to and including d; the day before the first one counts none. */
static int32_t upto(const struct fz_calendar *c, fz_day d)
{
    fz_assert(d >= c->first - 1 && d <= c->last);
    return c->upto[d - c->first + 1];
}

bool fz_calendar_works(const struct fz_calendar *c, fz_day d)
{
    return upto(c, d) != upto(c, d - 1);
}

fz_day_facts fz_calendar_facts(const struct fz_calendar *c, fz_day d)
{
    fz_day_facts facts = {.kind = kind_of(c, d), .provisional = d > c->horizon};

    fz_assert(fz_calendar_reaches(c, d));
    if (!facts.provisional) {
        facts.name = c->marks[d - c->first].name;
        facts.notice = c->years[fz_day_civil(d).year - c->years[0].year].title;
    }
    return facts;
}

int32_t fz_calendar_between(const struct fz_calendar *c, fz_day from, fz_day to)
{
    return upto(c, to) - upto(c, from);
}

fz_day fz_calendar_nth(const struct fz_calendar *c, fz_day from, int32_t n)
{
    int64_t k;

    fz_assert(n != 0);
    if (from < c->first - 1 || from > c->last)
        return FZ_DAY_NONE;
    /* Before `from` a working day `from` is itself not counted, so the first one back is the last before it. */
    k = (int64_t)(n > 0 ? upto(c, from) : upto(c, from < c->first ? from : from - 1) + 1) + n;
    return k >= 1 && k <= c->working ? c->day_of[k] : FZ_DAY_NONE;
}

fz_day fz_calendar_roll(const struct fz_calendar *c, fz_day d)
{
    return fz_calendar_nth(c, d - 1, 1);
}
