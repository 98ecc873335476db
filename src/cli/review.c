#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>

#include "cli/packs.h"
#include "report/review.h"

#define SHOWN_BY_DEFAULT 20 /* findings of a text answer; all stand in tsv, json and the page */

struct review_options {
    const char *map, *format, *html, *until, *calendar, *most;
    struct fz_texts packs;
};

/* What one review works with, from the map to the answer. */
struct job {
    struct fz_cli *cli;
    const struct review_options *o;
    struct fz_packs packs;
    struct fz_source map_source;
    const struct fz_map *map;
    const struct fz_pack *const *versions;
    size_t versions_n;
    int record;
    fz_day until;
    int64_t most;
    struct fz_log log;
    struct fz_review review;
};

static fz_status read_options(struct job *j, struct fz_error *err)
{
    const struct review_options *o = j->o;

    if (!o->map || j->cli->args.n == 0)
        return fz_fail(err, FZ_E_USAGE, "review takes --map MAP.yaml and one log file or more");
    if (o->format && strcmp(o->format, "text") != 0 && strcmp(o->format, "tsv") != 0 && strcmp(o->format, "json") != 0)
        return fz_fail(err, FZ_E_USAGE, "--format is text, tsv or json, not '%s'", o->format);
    j->until = FZ_DAY_NONE;
    if (o->until && !fz_day_parse(fz_str_of(o->until), &j->until))
        return fz_fail(err, FZ_E_USAGE, "--until takes a date that exists (YYYY-MM-DD), not '%s'", o->until);
    j->most = SHOWN_BY_DEFAULT;
    if (o->most && (!fz_str_int(fz_str_of(o->most), &j->most) || j->most < 0))
        return fz_fail(err, FZ_E_USAGE, "--most takes a number of findings, not '%s'", o->most);
    return FZ_OK;
}

static fz_status load_packs(struct job *j, struct fz_error *err)
{
    if (j->o->packs.n == 0)
        FZ_TRY(fz_packs_add_shipped(&j->packs, err));
    for (size_t i = 0; i < j->o->packs.n; i++)
        FZ_TRY(fz_packs_add_file(&j->packs, j->o->packs.items[i], err));
    fz_packs_load(&j->packs);
    return fz_packs_report(&j->packs, j->cli);
}

/* The map names its pack, so only that one's versions are handed on. */
static fz_status load_map(struct job *j, struct fz_error *err)
{
    const struct fz_node *node, *name;
    fz_str text;

    FZ_TRY(fz_cli_read_file(&j->packs.arena, j->o->map, FZ_PACK_BYTES_MAX, &text, err));
    j->map_source = (struct fz_source){j->o->map, text};
    node = fz_node_read(&j->packs.arena, &j->map_source, &j->packs.diags);
    FZ_TRY(fz_packs_report(&j->packs, j->cli));
    name = fz_node_get(node, "pack");
    j->versions = fz_packs_versions(&j->packs, name ? name->text : (fz_str){0}, &j->versions_n);
    j->map = fz_map_load(node, j->versions, j->versions_n, &j->packs.arena, &j->packs.diags);
    FZ_TRY(fz_packs_report(&j->packs, j->cli));
    fz_assert(j->map && j->versions_n);
    j->record = fz_record_find(j->versions[j->versions_n - 1], fz_map_record(j->map));
    return FZ_OK;
}

static fz_status run_review(struct job *j, struct fz_error *err)
{
    const struct fz_pack *newest = j->versions[j->versions_n - 1];
    bool *keep = FZ_NEW_ARRAY(&j->packs.arena, bool, newest->records[j->record].fields_n + 1);
    const struct fz_calendar *cal;

    fz_review_keep(j->versions, j->versions_n, j->record, keep);
    FZ_TRY(fz_packs_calendar(&j->packs, j->o->calendar ? fz_str_of(j->o->calendar) : newest->calendar, &cal, err));
    FZ_TRY(fz_log_read(&j->log, j->map, j->cli->args.items, j->cli->args.n, keep, j->cli->lang, &j->packs.arena, err));
    return fz_review_run(&j->review, &j->log, j->versions, j->versions_n, j->record, cal, j->until, j->cli->lang, &j->packs.arena, err);
}

static fz_status write_page(struct job *j, struct fz_error *err)
{
    struct fz_buf page = {0};
    FILE *f;
    bool failed;

    fz_review_html(&j->review, j->cli->lang, &page);
    f = fopen(j->o->html, "wb");
    if (!f) {
        fz_buf_release(&page);
        return fz_fail(err, FZ_E_IO, "%s: %s", j->o->html, strerror(errno));
    }
    failed = fwrite(page.p, 1, page.n, f) != page.n;
    failed |= fclose(f) != 0;
    fz_buf_release(&page);
    return failed ? fz_fail(err, FZ_E_IO, "%s: %s", j->o->html, strerror(errno)) : FZ_OK;
}

static fz_status answer(struct job *j, struct fz_error *err)
{
    const char *format = j->o->format ? j->o->format : "text";
    bool zh = j->cli->lang == FZ_ZH;

    if (strcmp(format, "json") == 0)
        fz_review_json(&j->review, j->cli->out);
    else if (strcmp(format, "tsv") == 0)
        fz_review_tsv(&j->review, j->cli->out);
    else
        fz_review_text(&j->review, j->cli->lang, (size_t)j->most, j->cli->out);
    if (j->o->html)
        FZ_TRY(write_page(j, err));
    if (j->review.findings_n || j->log.refused || j->log.duplicates)
        return fz_fail(err, FZ_REFUSED, zh ? "问题：%zu个，拒收的行：%llu，重复的行：%llu" : "findings: %zu, refused rows: %llu, repeated rows: %llu",
                       j->review.findings_n, (unsigned long long)j->log.refused, (unsigned long long)j->log.duplicates);
    return FZ_OK;
}

static fz_status review_run(struct fz_cli *cli, const void *options)
{
    struct job j = {.cli = cli, .o = options};
    fz_status s = read_options(&j, &cli->err);

    if (s != FZ_OK)
        return s;
    fz_packs_init(&j.packs);
    s = load_packs(&j, &cli->err);
    if (s == FZ_OK)
        s = load_map(&j, &cli->err);
    if (s == FZ_OK)
        s = run_review(&j, &cli->err);
    if (s == FZ_OK)
        s = answer(&j, &cli->err);
    fz_packs_release(&j.packs);
    return s;
}

static const struct fz_opt review_options[] = {
    FZ_OPTION_TEXT(struct review_options, map, "map", "MAP.yaml", "which column and which word of the log means what"),
    FZ_OPTION_MANY(struct review_options, packs, "pack", "PACK.yaml", "instead of the shipped packs; again for each version"),
    FZ_OPTION_TEXT(struct review_options, calendar, "calendar", "cn|none|FILE|cn+FILE", "instead of the pack's own"),
    FZ_OPTION_TEXT(struct review_options, until, "until", "DAY", "limits that still run are held against this day; without it they are no findings"),
    FZ_OPTION_TEXT(struct review_options, format, "format", "text|tsv|json", "of the answer (default: text)"),
    FZ_OPTION_TEXT(struct review_options, most, "most", "N", "findings that a text answer lists (default: 20)"),
    FZ_OPTION_TEXT(struct review_options, html, "html", "FILE.html", "write a page with charts as well"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_review = {
    .name = "review",
    .args = "--map MAP.yaml FILE...",
    .summary = "hold a log (CSV or XES, plain, gzip or zip) against its pack: findings and indicators",
    .exits = "0 nothing found, 1 findings or refused rows, 2 usage or bad input, 3 failure",
    .options = review_options,
    .options_bytes = sizeof(struct review_options),
    .run = review_run,
};
