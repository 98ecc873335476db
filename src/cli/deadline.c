#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/packs.h"
#include "io/csv.h"
#include "law/limit.h"

#define CALENDARS_MAX 16              /* different calendars named in one file of rows */

struct deadline_options {
    const char *from, *extend, *calendar, *roll, *before, *rows, *format;
    struct fz_texts without;
    bool explain;
};

struct named_calendar {
    const char *name;
    struct fz_calendar *cal;
};

struct job {
    struct fz_arena arena;
    struct named_calendar calendars[CALENDARS_MAX];
    size_t calendars_n;
};

/* "cn", a file, or "none" for plain calendar days (*out is then NULL). Each is loaded once. */
static fz_status find_calendar(struct job *j, fz_str name, const struct fz_calendar **out, struct fz_error *err)
{
    struct fz_calendar *cal;

    *out = NULL;
    if (fz_str_is(name, "none"))
        return FZ_OK;
    for (size_t i = 0; i < j->calendars_n; i++) {
        if (fz_str_is(name, j->calendars[i].name)) {
            *out = j->calendars[i].cal;
            return FZ_OK;
        }
    }
    if (j->calendars_n == CALENDARS_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "more than %d calendars", CALENDARS_MAX);
    FZ_TRY(fz_cli_calendar(&j->arena, name, &cal, err));
    j->calendars[j->calendars_n++] = (struct named_calendar){fz_str_z(&j->arena, name), cal};
    *out = cal;
    return FZ_OK;
}

static fz_status parse_length(fz_str s, fz_length *out, struct fz_error *err)
{
    if (fz_length_parse(s, out))
        return FZ_OK;
    return fz_fail(err, FZ_E_INPUT,
                   "'%.*s' is no time limit: a number and working_days, days, months, years or hours, like '15 working_days'",
                   FZ_STR_ARG(s));
}

static fz_status parse_day(fz_str s, fz_day *out, struct fz_error *err)
{
    if (fz_day_parse(s, out))
        return FZ_OK;
    return fz_fail(err, FZ_E_INPUT, "'%.*s' is no date that exists (YYYY-MM-DD)", FZ_STR_ARG(s));
}

static fz_status parse_roll(fz_str s, bool *out_no_roll, struct fz_error *err)
{
    if (!fz_str_is(s, "yes") && !fz_str_is(s, "no"))
        return fz_fail(err, FZ_E_INPUT, "roll is yes or no, not '%.*s'", FZ_STR_ARG(s));
    *out_no_roll = fz_str_is(s, "no");
    return FZ_OK;
}

/* "2026-01-05..2026-01-09": the days after the first, up to the last. Open at the end: "2026-01-05..". */
static fz_status parse_gap(fz_str s, fz_gap *out, struct fz_error *err)
{
    out->last = FZ_DAY_NONE;
    if (s.n < 12 || s.p[10] != '.' || s.p[11] != '.')
        return fz_fail(err, FZ_E_INPUT, "'%.*s' is no span: DAY..DAY, or DAY.. while it lasts", FZ_STR_ARG(s));
    FZ_TRY(parse_day((fz_str){s.p, 10}, &out->first, err));
    if (s.n > 12)
        FZ_TRY(parse_day((fz_str){s.p + 12, s.n - 12}, &out->last, err));
    if (out->last != FZ_DAY_NONE && out->last < out->first)
        return fz_fail(err, FZ_E_INPUT, "'%.*s' ends before it begins", FZ_STR_ARG(s));
    return FZ_OK;
}

static int by_first(const void *a, const void *b)
{
    const fz_gap *x = a, *y = b;

    return (x->first > y->first) - (x->first < y->first);
}

static fz_status read_gaps(struct job *j, const struct fz_texts *texts, struct fz_limit *l, struct fz_error *err)
{
    fz_gap *gaps = FZ_NEW_ARRAY(&j->arena, fz_gap, texts->n);

    for (size_t i = 0; i < texts->n; i++)
        FZ_TRY(parse_gap(fz_str_of(texts->items[i]), &gaps[i], err));
    if (texts->n)
        qsort(gaps, texts->n, sizeof(*gaps), by_first);
    l->gaps = gaps;
    l->gaps_n = texts->n;
    return FZ_OK;
}

/* ---- one limit ---- */

static void print_text(struct fz_cli *cli, const fz_due *due)
{
    char day[FZ_DAY_TEXT];
    bool zh = cli->lang == FZ_ZH;

    if (due->paused) {
        fz_buf_printf(cli->out, zh ? "期限中止，已用%d日\n" : "paused, %d days used\n", due->used);
        return;
    }
    fz_buf_printf(cli->out, "%s", fz_day_text(due->due, day));
    if (due->nominal != due->due)
        fz_buf_printf(cli->out, zh ? "（%s为休息日，顺延）" : " (%s is a day of rest)", fz_day_text(due->nominal, day));
    if (due->provisional)
        fz_buf_addz(cli->out, zh ? "（暂定：该年放假通知尚未发布）" : " (provisional: no notice for that year yet)");
    fz_buf_addc(cli->out, '\n');
}

static void print_fields(struct fz_cli *cli, const fz_due *due, bool json)
{
    char d[FZ_DAY_TEXT], n[FZ_DAY_TEXT];
    const char *state = due->paused ? "paused" : due->provisional ? "provisional" : "final";

    fz_day_text(due->due, d);
    fz_day_text(due->nominal, n);
    if (!json)
        fz_buf_printf(cli->out, "due\tnominal\tstate\tused\n%s\t%s\t%s\t%d\n", d, n, state, due->used);
    else if (due->paused)
        fz_buf_printf(cli->out, "{\"due\":null,\"nominal\":null,\"state\":\"paused\",\"used\":%d}\n", due->used);
    else
        fz_buf_printf(cli->out, "{\"due\":\"%s\",\"nominal\":\"%s\",\"state\":\"%s\"}\n", d, n, state);
}

static fz_status run_floor(struct fz_cli *cli, const struct deadline_options *o, const struct fz_calendar *cal,
                           fz_length length)
{
    fz_floor f;
    fz_day event;
    char plan[FZ_DAY_TEXT], violation[FZ_DAY_TEXT];

    if (o->from || o->without.n || o->extend)
        return fz_fail(&cli->err, FZ_E_USAGE, "--before counts back from its day and takes no --from, --without or --extend");
    FZ_TRY(parse_day(fz_str_of(o->before), &event, &cli->err));
    FZ_TRY(fz_limit_floor(cal, length, event, &f, &cli->err));
    fz_day_text(f.plan, plan);
    fz_day_text(f.violation, violation);
    if (o->format && strcmp(o->format, "json") == 0)
        fz_buf_printf(cli->out, "{\"plan\":\"%s\",\"violation\":\"%s\",\"state\":\"%s\"}\n", plan, violation,
                      f.provisional ? "provisional" : "final");
    else if (o->format && strcmp(o->format, "tsv") == 0)
        fz_buf_printf(cli->out, "plan\tviolation\tstate\n%s\t%s\t%s\n", plan, violation,
                      f.provisional ? "provisional" : "final");
    else
        fz_buf_printf(cli->out,
                      cli->lang == FZ_ZH ? "最迟%s（稳妥），晚于%s即违法\n" : "latest %s to plan for; later than %s breaks the law\n",
                      plan, violation);
    return FZ_OK;
}

static fz_status run_hours(struct fz_cli *cli, const struct deadline_options *o, fz_length length)
{
    fz_instant from, due;
    bool has_time;
    char day[FZ_DAY_TEXT];

    if (o->without.n || o->extend || o->explain)
        return fz_fail(&cli->err, FZ_E_USAGE, "a limit in hours runs on: it takes no --without, --extend or --explain");
    if (!fz_instant_parse(fz_str_of(o->from), &from, &has_time) || !has_time)
        return fz_fail(&cli->err, FZ_E_INPUT, "hours count from a moment (2026-01-05 09:30), not from '%s'", o->from);
    due = fz_limit_hours(length, from);
    if (fz_instant_day(due) > FZ_DAY_MAX)
        return fz_fail(&cli->err, FZ_E_CALENDAR_END, "the limit ends after the year 9999");
    fz_day_text(fz_instant_day(due), day);
    due -= fz_day_instant(fz_instant_day(due));
    fz_buf_printf(cli->out, "%s %02d:%02d\n", day, (int)(due / 60), (int)(due % 60));
    return FZ_OK;
}

static fz_status run_one(struct fz_cli *cli, struct job *j, const struct deadline_options *o)
{
    struct fz_limit l = {0};
    const struct fz_calendar *cal;
    fz_due due;
    fz_str format = fz_str_of(o->format ? o->format : "text");

    if (cli->args.n != 1 || (!o->from && !o->before))
        return fz_fail(&cli->err, FZ_E_USAGE, "deadline takes one LIMIT and --from DAY (or --before DAY)");
    FZ_TRY(parse_length(fz_str_of(cli->args.items[0]), &l.length, &cli->err));
    FZ_TRY(find_calendar(j, fz_str_of(o->calendar ? o->calendar : "cn"), &cal, &cli->err));
    if (o->before)
        return run_floor(cli, o, cal, l.length);
    if (l.length.unit == FZ_HOURS)
        return run_hours(cli, o, l.length);
    FZ_TRY(parse_day(fz_str_of(o->from), &l.from, &cli->err));
    if (o->extend)
        FZ_TRY(parse_length(fz_str_of(o->extend), &l.extension, &cli->err));
    if (o->roll)
        FZ_TRY(parse_roll(fz_str_of(o->roll), &l.no_roll, &cli->err));
    FZ_TRY(read_gaps(j, &o->without, &l, &cli->err));
    FZ_TRY(fz_limit_due(cal, &l, &due, &cli->err));
    if (o->explain)
        return fz_limit_explain(cal, &l, cli->lang == FZ_ZH, cli->out, &cli->err);
    if (fz_str_is(format, "text"))
        print_text(cli, &due);
    else
        print_fields(cli, &due, fz_str_is(format, "json"));
    return FZ_OK;
}

/* ---- many limits ---- */

enum { COL_LIMIT, COL_FROM, COL_CALENDAR, COL_ROLL, COLS };
static const char *const column_names[COLS] = {"limit", "from", "calendar", "roll"};

struct rows {
    struct job *job;
    struct fz_csv *csv;
    int at[COLS]; /* index of each column, -1: not there */
    size_t columns;
};

static fz_status find_columns(struct rows *r, const char *file, struct fz_error *err)
{
    const fz_str *names = fz_csv_header(r->csv, &r->columns);

    for (int c = 0; c < COLS; c++)
        r->at[c] = -1;
    for (size_t i = 0; i < r->columns; i++) {
        for (int c = 0; c < COLS; c++) {
            if (!fz_str_is(names[i], column_names[c]))
                continue;
            if (r->at[c] >= 0)
                return fz_fail(err, FZ_E_INPUT, "%s:1: column '%s' stands twice", file, column_names[c]);
            r->at[c] = (int)i;
        }
    }
    if (r->at[COL_LIMIT] < 0 || r->at[COL_FROM] < 0)
        return fz_fail(err, FZ_E_INPUT, "%s:1: needs the columns limit and from; calendar and roll may be there", file);
    return FZ_OK;
}

static fz_status row_due(struct rows *r, const fz_str *fields, size_t n, fz_due *due, struct fz_error *err)
{
    struct fz_limit l = {0};
    const struct fz_calendar *cal;
    fz_str calendar = FZ_STR("cn");

    if (n != r->columns)
        return fz_fail(err, FZ_E_INPUT, "%zu fields where the header has %zu", n, r->columns);
    if (r->at[COL_CALENDAR] >= 0 && fields[r->at[COL_CALENDAR]].n)
        calendar = fields[r->at[COL_CALENDAR]];
    FZ_TRY(find_calendar(r->job, calendar, &cal, err));
    FZ_TRY(parse_length(fields[r->at[COL_LIMIT]], &l.length, err));
    FZ_TRY(parse_day(fields[r->at[COL_FROM]], &l.from, err));
    if (r->at[COL_ROLL] >= 0 && fields[r->at[COL_ROLL]].n)
        FZ_TRY(parse_roll(fields[r->at[COL_ROLL]], &l.no_roll, err));
    return fz_limit_due(cal, &l, due, err);
}

static void print_row(struct fz_buf *out, const fz_str *fields, size_t n, fz_str last)
{
    for (size_t i = 0; i < n; i++) {
        fz_buf_cell(out, fields[i], ',');
        fz_buf_addc(out, ',');
    }
    fz_buf_add(out, last);
    fz_buf_addc(out, '\n');
}

/* Each row comes out with its due day. One that cannot be counted keeps its place with an empty day, and its reason goes to
 * standard error with file and line. */
static fz_status write_rows(struct fz_cli *cli, struct rows *r, const char *file)
{
    size_t refused = 0, n;
    fz_str *fields;
    bool end;

    print_row(cli->out, fz_csv_header(r->csv, &n), r->columns, FZ_STR("due"));
    for (;;) {
        fz_due due;
        char day[FZ_DAY_TEXT] = "";
        struct fz_error why;

        FZ_TRY(fz_csv_next(r->csv, &fields, &n, &end, &cli->err));
        if (end)
            break;
        if (row_due(r, fields, n, &due, &why) == FZ_OK) {
            fz_day_text(due.due, day);
        } else {
            refused++;
            fprintf(stderr, "%s:%llu: %s\n", file, (unsigned long long)fz_csv_line(r->csv), why.text);
        }
        print_row(cli->out, fields, n, fz_str_of(day));
    }
    if (refused)
        return fz_fail(&cli->err, FZ_REFUSED, "%zu rows have no due day", refused);
    return FZ_OK;
}

static fz_status run_rows(struct fz_cli *cli, struct job *j, const struct deadline_options *o)
{
    struct rows r = {.job = j};
    struct fz_input *in = NULL;
    fz_status s;

    if (cli->args.n || o->from || o->before || o->without.n || o->extend || o->explain || o->roll || o->calendar || o->format)
        return fz_fail(&cli->err, FZ_E_USAGE, "--rows takes everything from its file: limit,from[,calendar][,roll]");
    FZ_TRY(fz_input_open(&in, o->rows, &cli->err));
    s = fz_csv_open(&r.csv, in, 0, &cli->err);
    if (s == FZ_OK)
        s = find_columns(&r, o->rows, &cli->err);
    if (s == FZ_OK)
        s = write_rows(cli, &r, o->rows);
    fz_csv_close(r.csv);
    fz_input_close(in);
    return s;
}

static fz_status deadline_run(struct fz_cli *cli, const void *options)
{
    const struct deadline_options *o = options;
    struct job j = {0};
    fz_status s;

    if (o->format && strcmp(o->format, "text") != 0 && strcmp(o->format, "json") != 0 && strcmp(o->format, "tsv") != 0)
        return fz_fail(&cli->err, FZ_E_USAGE, "--format is text, json or tsv, not '%s'", o->format);
    s = o->rows ? run_rows(cli, &j, o) : run_one(cli, &j, o);
    for (size_t i = 0; i < j.calendars_n; i++)
        fz_calendar_free(j.calendars[i].cal);
    fz_arena_release(&j.arena);
    return s;
}

static const struct fz_opt deadline_options[] = {
    FZ_OPTION_TEXT(struct deadline_options, from, "from", "DAY", "day of the event, not counted (hours: a moment)"),
    FZ_OPTION_TEXT(struct deadline_options, before, "before", "DAY", "count back: latest day for an act before this event"),
    FZ_OPTION_MANY(struct deadline_options, without, "without", "DAY..DAY", "left out: from the day after the first, up to the last"),
    FZ_OPTION_TEXT(struct deadline_options, extend, "extend", "LIMIT", "extension, added from the same start"),
    FZ_OPTION_TEXT(struct deadline_options, calendar, "calendar", "cn|none|FILE|cn+FILE", "working days (default: cn); cn+FILE lays a region's days over it"),
    FZ_OPTION_TEXT(struct deadline_options, roll, "roll", "yes|no", "move off a day of rest (default: yes)"),
    FZ_OPTION_FLAG(struct deadline_options, explain, "explain", "the working, day by day"),
    FZ_OPTION_TEXT(struct deadline_options, rows, "rows", "FILE.csv", "many: columns limit,from[,calendar][,roll]; adds due"),
    FZ_OPTION_TEXT(struct deadline_options, format, "format", "text|json|tsv", "of the answer (default: text)"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_deadline = {
    .name = "deadline",
    .args = "LIMIT --from DAY | LIMIT --before DAY | --rows FILE.csv",
    .summary = "the last day of a time limit, and its working",
    .exits = "0 counted, 1 some rows could not be, 2 usage or bad input, 3 failure",
    .options = deadline_options,
    .options_bytes = sizeof(struct deadline_options),
    .run = deadline_run,
};
