/* `fazhi indicators` and `fazhi report`: the figures of a data folder, what lies behind one, and all of them as a report. */
#include "cli/folder.h"

#include <stdlib.h>

#include "report/chapters.h"

#define SHOWN_BY_DEFAULT 20 /* acts of a text answer */

/* ---- what is asked for ---- */

struct asked {
    const char *place, *year, *from, *to, *organ, *pack, *record;
};

static fz_status read_year(const char *text, int32_t *out, struct fz_error *err)
{
    int64_t year;

    if (!fz_str_int(fz_str_of(text), &year) || year < 1900 || year > 2999)
        return fz_fail(err, FZ_E_USAGE, "--year is a year of four digits, not '%s'", text);
    *out = (int32_t)year;
    return FZ_OK;
}

static fz_status read_period(const struct asked *o, fz_day *out_first, fz_day *out_last, int32_t *out_year, struct fz_error *err)
{
    *out_year = 0;
    if ((o->year != NULL) == (o->from || o->to) || !o->from != !o->to)
        return fz_fail(err, FZ_E_USAGE, "the period is --year YEAR, or --from DAY and --to DAY");
    if (o->year) {
        FZ_TRY(read_year(o->year, out_year, err));
        *out_first = fz_day_of(*out_year, 1, 1);
        *out_last = fz_day_of(*out_year, 12, 31);
        return FZ_OK;
    }
    if (!fz_day_parse(fz_str_of(o->from), out_first) || !fz_day_parse(fz_str_of(o->to), out_last))
        return fz_fail(err, FZ_E_USAGE, "--from and --to are days that exist (YYYY-MM-DD)");
    if (*out_last < *out_first)
        return fz_fail(err, FZ_E_USAGE, "--to %s lies before --from %s", o->to, o->from);
    return FZ_OK;
}

static int by_pack(const void *a, const void *b)
{
    const struct fz_pack *x = *(const struct fz_pack *const *)a, *y = *(const struct fz_pack *const *)b;
    int order = fz_str_cmp(x->part, y->part);

    order = order ? order : fz_str_cmp(x->name, y->name);
    return order ? order : (x->version > y->version) - (x->version < y->version);
}

static void sort_packs(struct fz_folder *f, struct fz_contents *c)
{
    const struct fz_pack **packs = FZ_NEW_ARRAY(&f->packs.arena, const struct fz_pack *, f->packs.n);

    for (size_t i = 0; i < f->packs.n; i++)
        if (f->packs.items[i].pack)
            packs[c->packs_n++] = f->packs.items[i].pack;
    qsort(packs, c->packs_n, sizeof(*packs), by_pack);
    c->packs = packs;
}

static bool has_pack(const struct fz_contents *c)
{
    for (size_t i = 0; i < c->packs_n; i++)
        if (fz_str_eq(c->packs[i]->name, c->pack) && (c->record.n == 0 || fz_record_find(c->packs[i], c->record) != FZ_NONE))
            return true;
    return c->pack.n == 0;
}

/* A folder has the log of one jurisdiction; naming it guards against the wrong folder. */
static fz_status contents_of(struct fz_folder *f, const struct asked *o, struct fz_contents *c, int32_t *out_year, struct fz_error *err)
{
    *c = (struct fz_contents){.store = f->store, .jurisdiction = f->jurisdiction, .organ = fz_str_of(o->organ), .pack = fz_str_of(o->pack),
                              .record = fz_str_of(o->record), .log_size = (int64_t)fz_engine_size(f->engine)};
    if (o->place && !fz_str_is(f->jurisdiction, o->place))
        return fz_fail(err, FZ_E_USAGE, "this is the log of %.*s, not of %s", FZ_STR_ARG(f->jurisdiction), o->place);
    FZ_TRY(read_period(o, &c->first, &c->last, out_year, err));
    sort_packs(f, c);
    return has_pack(c) ? FZ_OK : fz_fail(err, FZ_E_USAGE, "there is no pack %.*s with such records", FZ_STR_ARG(c->pack));
}

#define ASKED_OPTIONS(type)                                                                                                \
    FZ_OPTION_TEXT(type, asked.place, "place", "CODE", "the folder's jurisdiction; another one is refused"),               \
        FZ_OPTION_TEXT(type, asked.year, "year", "YEAR", "the period"),                                                    \
        FZ_OPTION_TEXT(type, asked.from, "from", "DAY", "or its first day"),                                               \
        FZ_OPTION_TEXT(type, asked.to, "to", "DAY", "and its last"),                                                       \
        FZ_OPTION_TEXT(type, asked.organ, "organ", "ORGAN", "acts of this organ only"),                                    \
        FZ_OPTION_TEXT(type, asked.pack, "pack", "PACK", "of this pack only"),                                             \
        FZ_OPTION_TEXT(type, asked.record, "record", "TYPE", "of this record type only")

/* ---- indicators ---- */

struct indicators_options {
    struct asked asked;
    const char *why, *by, *format, *most;
    bool keep, explain;
};

struct job {
    struct fz_cli *cli;
    const struct indicators_options *o;
    struct fz_folder f;
    struct fz_contents of;
    struct fz_chapters chapters;
    int32_t year;
    int64_t most;
};

static fz_status read_options(struct job *j)
{
    const struct indicators_options *o = j->o;
    struct fz_error *err = &j->cli->err;

    if (j->cli->args.n != 1)
        return fz_fail(err, FZ_E_USAGE, "which data folder?");
    if (o->format && strcmp(o->format, "text") != 0 && strcmp(o->format, "tsv") != 0 && strcmp(o->format, "json") != 0)
        return fz_fail(err, FZ_E_USAGE, "--format is text, tsv or json, not '%s'", o->format);
    if (o->by && !o->why)
        return fz_fail(err, FZ_E_USAGE, "--by goes with --why");
    j->most = SHOWN_BY_DEFAULT;
    if (o->most && (!fz_str_int(fz_str_of(o->most), &j->most) || j->most < 0))
        return fz_fail(err, FZ_E_USAGE, "--most takes a number of acts, not '%s'", o->most);
    return FZ_OK;
}

static bool is_format(const struct job *j, const char *format)
{
    return j->o->format && strcmp(j->o->format, format) == 0;
}

static fz_status answer_why(struct job *j)
{
    struct fz_arena *arena = &j->f.packs.arena;
    const struct fz_chapter *chapter;
    const struct fz_figure *figure;
    struct fz_why w;

    FZ_TRY(fz_chapters_find(&j->chapters, fz_str_of(j->o->why), &chapter, &figure, &j->cli->err));
    if (j->o->by)
        FZ_TRY(fz_chapter_find_by(chapter, figure, fz_str_of(j->o->by), &figure, &j->cli->err));
    FZ_TRY(fz_why_read(&w, chapter, figure, arena, &j->cli->err));
    if (is_format(j, "tsv"))
        fz_why_tsv(&w, j->cli->out);
    else if (is_format(j, "json"))
        fz_why_json(&w, j->cli->out);
    else
        fz_why_text(&w, j->cli->args.items[0], (size_t)j->most, j->cli->lang, j->cli->out);
    return FZ_OK;
}

static void explain(struct job *j)
{
    fz_str sql = j->chapters.n ? fz_figures_sql(&j->chapters.items[0].count) : (fz_str){0};

    fz_buf_printf(j->cli->out, j->cli->lang == FZ_ZH ? "\n每类记录一次查询，依表 act 的主键顺序：\n  %.*s\n" : "\none query a record type, along the key of the table act:\n  %.*s\n",
                  FZ_STR_ARG(sql));
}

static fz_status answer(struct job *j)
{
    if (j->o->why)
        return answer_why(j);
    if (is_format(j, "tsv"))
        fz_chapters_tsv(&j->chapters, j->cli->out);
    else if (is_format(j, "json"))
        fz_chapters_json(&j->chapters, &j->of, j->cli->out);
    else
        fz_chapters_text(&j->chapters, j->cli->lang, j->cli->out);
    if (j->o->explain)
        explain(j);
    return FZ_OK;
}

static fz_status indicators_in(struct job *j)
{
    struct fz_error *err = &j->cli->err;

    FZ_TRY(contents_of(&j->f, &j->o->asked, &j->of, &j->year, err));
    j->of.keep = j->o->keep;
    if (j->of.keep && j->of.last >= fz_folder_today(&j->f))
        return fz_fail(err, FZ_E_USAGE, "--keep is for a period that is over");
    FZ_TRY(fz_chapters_read(&j->chapters, &j->of, &j->f.packs.arena, err));
    return answer(j);
}

static fz_status indicators_run(struct fz_cli *cli, const void *options)
{
    struct job j = {.cli = cli, .o = options};
    fz_status s;

    FZ_TRY(read_options(&j));
    s = fz_folder_open(&j.f, cli->args.items[0], j.o->keep ? FZ_READ_WRITE : FZ_READ_ONLY, cli->lang, &cli->err);
    if (s == FZ_OK)
        s = indicators_in(&j);
    fz_folder_close(&j.f);
    return s;
}

static const struct fz_opt indicators_options[] = {
    ASKED_OPTIONS(struct indicators_options),
    FZ_OPTION_TEXT(struct indicators_options, why, "why", "KEY", "the acts behind one figure: in_time, in_time.BASE, or PACK.in_time"),
    FZ_OPTION_TEXT(struct indicators_options, by, "by", "FIELD=VALUE", "with --why: of that value of a dimension"),
    FZ_OPTION_TEXT(struct indicators_options, most, "most", "N", "acts that a text answer lists (default: 20)"),
    FZ_OPTION_TEXT(struct indicators_options, format, "format", "text|tsv|json", "of the answer (default: text)"),
    FZ_OPTION_FLAG(struct indicators_options, keep, "keep", "keep the figures of a period that is over: they are read, not counted, until an act of it comes in late"),
    FZ_OPTION_FLAG(struct indicators_options, explain, "explain", "say how they are counted"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_indicators = {.name = "indicators", .args = "DIR --year YEAR",
                                             .summary = "every figure of a period, and with --why the records behind one",
                                             .exits = "0 done, 2 usage or bad input, 3 failure", .options = indicators_options,
                                             .options_bytes = sizeof(struct indicators_options), .run = indicators_run};

/* ---- report ---- */

struct report_options {
    struct asked asked;
    const char *output;
};

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    return n > m && strcmp(name + n - m, end) == 0;
}

static fz_status report_in(struct fz_cli *cli, const struct report_options *o, struct fz_folder *f)
{
    struct fz_contents of;
    struct fz_chapters chapters;
    struct fz_annual a = {.chapters = &chapters, .of = &of, .folder = cli->args.items[0], .lang = cli->lang, .made = fz_folder_today(f)};
    struct fz_buf out = {0};
    size_t n = 0;
    fz_status s;

    FZ_TRY(contents_of(f, &o->asked, &of, &a.year, &cli->err));
    FZ_TRY(fz_chapters_read(&chapters, &of, &f->packs.arena, &cli->err));
    s = ends_in(o->output, ".md") ? fz_annual_md(&a, &out, &cli->err) : fz_annual_html(&a, &out, &cli->err);
    if (s == FZ_OK)
        s = fz_cli_result(cli, o->output, fz_buf_str(&out));
    fz_buf_release(&out);
    for (size_t i = 0; i < chapters.n; i++)
        n += chapters.items[i].view.figures_n;
    if (s == FZ_OK)
        fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "%s：%zu个数据\n" : "%s: %zu figures\n", o->output, n);
    return s;
}

static fz_status report_run(struct fz_cli *cli, const void *options)
{
    const struct report_options *o = options;
    struct fz_folder f;
    fz_status s;

    if (cli->args.n != 1 || !o->output)
        return fz_fail(&cli->err, FZ_E_USAGE, "report takes DIR, a period and -o FILE.html or FILE.md");
    if (!ends_in(o->output, ".html") && !ends_in(o->output, ".md"))
        return fz_fail(&cli->err, FZ_E_USAGE, "a report is FILE.html or FILE.md, not '%s'", o->output);
    s = fz_folder_open(&f, cli->args.items[0], FZ_READ_ONLY, cli->lang, &cli->err);
    if (s == FZ_OK)
        s = report_in(cli, o, &f);
    fz_folder_close(&f);
    return s;
}

static const struct fz_opt report_options[] = {
    ASKED_OPTIONS(struct report_options),
    FZ_OPTION_TEXT(struct report_options, output, "out", "FILE.html|FILE.md", "write there (-o for short)"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_report = {.name = "report", .args = "DIR --year YEAR -o FILE.html",
                                         .summary = "the figures of a year by part, each with the records behind it, as a page or as Markdown",
                                         .exits = "0 written, 2 usage or bad input, 3 failure", .options = report_options,
                                         .options_bytes = sizeof(struct report_options), .run = report_run};
