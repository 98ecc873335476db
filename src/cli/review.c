#include "cli/folder.h"
#include "report/choose.h"
#include "report/review.h"
#include "report/stored.h"

#define SHOWN_BY_DEFAULT 20 /* findings of a text answer; all stand in tsv, json and the page */

struct review_options {
    const char *profile, *map, *format, *html, *until, *calendar, *most, *organ, *record, *where;
    struct fz_texts packs;
};

/* What one review works with, from the map to the answer. Of stored records one folder is open, and each record type has a review of its own. */
struct job {
    struct fz_cli *cli;
    const struct review_options *o;
    struct fz_folder folder;
    uint64_t findings;
    size_t answers;
    struct fz_chosen chosen; /* by --where */
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

    if (o->map ? j->cli->args.n == 0 : j->cli->args.n != 1)
        return fz_fail(err, FZ_E_USAGE, "review takes a data folder, or --map MAP.yaml and one log file or more");
    if (o->map && (o->organ || o->record || o->where))
        return fz_fail(err, FZ_E_USAGE, "--organ, --record and --where choose stored records; a foreign log is reviewed whole");
    if (!o->map && o->profile)
        return fz_fail(err, FZ_E_USAGE, "--profile is for foreign logs; records of a data folder stand under the defaults of their packs");
    if (o->where && !o->record)
        return fz_fail(err, FZ_E_USAGE, "--where is a condition on records of one type: --record TYPE");
    if (!o->map && o->packs.n > 1)
        return fz_fail(err, FZ_E_USAGE, "of a data folder --pack names one pack whose records are reviewed");
    if (o->format && strcmp(o->format, "text") != 0 && strcmp(o->format, "tsv") != 0 && strcmp(o->format, "json") != 0 && strcmp(o->format, "html") != 0)
        return fz_fail(err, FZ_E_USAGE, "--format is text, tsv, json or html, not '%s'", o->format);
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
    if (!j->packs.diags.errors)
        FZ_TRY(fz_packs_profile(&j->packs, j->o->profile, j->cli));
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

static fz_status write_page(struct job *j)
{
    struct fz_buf page = {0};
    fz_status s;

    fz_review_html(&j->review, j->cli->lang, &page);
    s = fz_cli_result(j->cli, j->o->html, fz_buf_str(&page));
    fz_buf_release(&page);
    return s;
}

static void print(struct job *j)
{
    const char *format = j->o->format ? j->o->format : "text";
    struct fz_buf *out = j->cli->out;

    if (strcmp(format, "json") == 0)
        fz_review_json(&j->review, out);
    else if (strcmp(format, "tsv") == 0)
        fz_review_tsv(&j->review, out);
    else if (strcmp(format, "html") == 0)
        fz_review_html(&j->review, j->cli->lang, out);
    else
        fz_review_text(&j->review, j->cli->lang, (size_t)j->most, out);
}

static fz_status answer(struct job *j, struct fz_error *err)
{
    bool zh = j->cli->lang == FZ_ZH;

    print(j);
    if (j->o->html)
        FZ_TRY(write_page(j));
    if (j->review.findings_n || j->log.refused || j->log.duplicates)
        return fz_fail(err, FZ_REFUSED, zh ? "问题：%zu个，拒收的行：%llu，重复的行：%llu" : "findings: %zu, refused rows: %llu, repeated rows: %llu",
                       j->review.findings_n, (unsigned long long)j->log.refused, (unsigned long long)j->log.duplicates);
    return FZ_OK;
}

static fz_status review_log(struct job *j)
{
    fz_status s;

    fz_packs_init(&j->packs);
    s = load_packs(j, &j->cli->err);
    if (s == FZ_OK)
        s = load_map(j, &j->cli->err);
    if (s == FZ_OK)
        s = run_review(j, &j->cli->err);
    if (s == FZ_OK)
        s = answer(j, &j->cli->err);
    fz_packs_release(&j->packs);
    return s;
}

/* ---- stored records ---- */

/* One page and one table hold one record type. */
static bool holds_one(const struct job *j)
{
    return j->o->html || (j->o->format && strcmp(j->o->format, "html") == 0);
}

static fz_status print_stored(struct job *j, struct fz_error *err)
{
    bool tsv = j->o->format && strcmp(j->o->format, "tsv") == 0;
    size_t from = j->cli->out->n;

    if (j->answers && holds_one(j))
        return fz_fail(err, FZ_E_USAGE, "there are records of several types here, and a page holds one: --record TYPE");
    if (j->answers && !j->o->format)
        fz_buf_addc(j->cli->out, '\n');
    print(j);
    if (tsv && j->answers) { /* the header stands once */
        char *p = j->cli->out->p;
        char *line = memchr(p + from, '\n', j->cli->out->n - from);
        size_t end = (size_t)(line + 1 - p);

        memmove(p + from, p + end, j->cli->out->n - end);
        j->cli->out->n -= end - from;
    }
    j->answers++;
    j->findings += j->review.findings_n;
    return j->o->html ? write_page(j) : FZ_OK;
}

/* As records stand on the day of --until, or today. */
static fz_status choose(struct job *j, struct fz_stored *from, struct fz_error *err)
{
    struct fz_choice c = {.engine = j->folder.engine, .store = j->folder.store, .jurisdiction = j->folder.jurisdiction, .versions = j->versions,
                          .versions_n = j->versions_n, .record = j->record, .where = fz_str_of(j->o->where),
                          .day = j->until == FZ_DAY_NONE ? fz_folder_today(&j->folder) : j->until};
    fz_status s = fz_choose(&j->chosen, &c, &j->folder.packs.arena, &j->folder.packs.diags, err);

    if (s == FZ_E_USAGE)
        fz_packs_report(&j->folder.packs, j->cli);
    from->wants = fz_is_chosen;
    from->wants_arg = &j->chosen;
    return s;
}

static fz_status review_records(struct job *j, struct fz_error *err)
{
    struct fz_arena *arena = &j->folder.packs.arena;
    const struct fz_pack *newest = j->versions[j->versions_n - 1];
    bool *keep = FZ_NEW_ARRAY(arena, bool, newest->records[j->record].fields_n + 1);
    struct fz_stored from = {.engine = j->folder.engine, .store = j->folder.store, .jurisdiction = j->folder.jurisdiction, .versions = j->versions, .versions_n = j->versions_n,
                             .record = j->record, .keep = keep, .organ = fz_str_of(j->o->organ)};
    const struct fz_calendar *cal;
    uint64_t n;

    FZ_TRY(fz_stored_count(&from, &n, err));
    if (n == 0 && !j->o->record)
        return FZ_OK;
    fz_review_keep(j->versions, j->versions_n, j->record, keep);
    FZ_TRY(fz_packs_calendar(&j->folder.packs, j->o->calendar ? fz_str_of(j->o->calendar) : newest->calendar, &cal, err));
    if (j->o->where)
        FZ_TRY(choose(j, &from, err));
    FZ_TRY(fz_stored_read(&j->log, &from, arena, err));
    FZ_TRY(fz_review_run(&j->review, &j->log, j->versions, j->versions_n, j->record, cal, j->until, j->cli->lang, arena, err));
    return print_stored(j, err);
}

/* Whether a pack of that name came before: its versions are handled together. */
static bool seen_before(const struct fz_packs *p, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (p->items[i].pack && fz_str_eq(p->items[i].pack->name, p->items[at].pack->name))
            return true;
    return false;
}

static bool wants_pack(const struct job *j, fz_str name)
{
    return j->o->packs.n == 0 || fz_str_is(name, j->o->packs.items[0]);
}

static fz_status review_each(struct job *j, bool *found, struct fz_error *err)
{
    const struct fz_packs *p = &j->folder.packs;

    for (size_t i = 0; i < p->n; i++) {
        const struct fz_pack *newest;

        if (!p->items[i].pack || seen_before(p, i) || !wants_pack(j, p->items[i].pack->name))
            continue;
        j->versions = fz_packs_versions(&j->folder.packs, p->items[i].pack->name, &j->versions_n);
        newest = j->versions[j->versions_n - 1];
        for (j->record = 0; j->record < (int)newest->records_n; j->record++) {
            if (j->o->record && !fz_str_is(newest->records[j->record].name, j->o->record))
                continue;
            *found = true;
            FZ_TRY(review_records(j, err));
        }
    }
    return FZ_OK;
}

static fz_status review_folder(struct job *j)
{
    struct fz_error *err = &j->cli->err;
    bool found = false, zh = j->cli->lang == FZ_ZH;

    FZ_TRY(fz_folder_open(&j->folder, j->cli->args.items[0], FZ_READ_ONLY, j->cli->lang, err));
    FZ_TRY(review_each(j, &found, err));
    if (!found)
        return fz_fail(err, FZ_E_USAGE, "there is no such pack or record type; `fazhi check` lists the packs");
    if (j->answers == 0 && (!j->o->format || strcmp(j->o->format, "text") == 0))
        fz_buf_addz(j->cli->out, zh ? "没有记录\n" : "no records\n");
    if (j->findings)
        return fz_fail(err, FZ_REFUSED, zh ? "问题：%llu个" : "findings: %llu", (unsigned long long)j->findings);
    return FZ_OK;
}

static fz_status review_run(struct fz_cli *cli, const void *options)
{
    struct job j = {.cli = cli, .o = options};
    fz_status s;

    FZ_TRY(read_options(&j, &cli->err));
    if (j.o->map)
        return review_log(&j);
    s = review_folder(&j);
    fz_folder_close(&j.folder);
    return s;
}

static const struct fz_opt review_options[] = {
    FZ_OPTION_TEXT(struct review_options, map, "map", "MAP.yaml", "which column and which word of the log means what"),
    FZ_OPTION_MANY(struct review_options, packs, "pack", "PACK.yaml", "instead of the shipped packs; again for each version. Of a folder: PACK, by its name"),
    FZ_OPTION_PROFILE(struct review_options, profile),
    FZ_OPTION_TEXT(struct review_options, organ, "organ", "ORGAN", "of a folder: records of this organ only"),
    FZ_OPTION_TEXT(struct review_options, where, "where", "EXPR", "with --record: those of which this condition of the pack language holds now"),
    FZ_OPTION_TEXT(struct review_options, record, "record", "TYPE", "of a folder: records of this type only"),
    FZ_OPTION_TEXT(struct review_options, calendar, "calendar", "cn|none|FILE|cn+FILE", "instead of the pack's own"),
    FZ_OPTION_TEXT(struct review_options, until, "until", "DAY", "limits that still run are held against this day; without it they are no findings"),
    FZ_OPTION_TEXT(struct review_options, format, "format", "text|tsv|json|html", "of the answer (default: text); JSON has a document a record type"),
    FZ_OPTION_TEXT(struct review_options, most, "most", "N", "findings that a text answer lists (default: 20)"),
    FZ_OPTION_TEXT(struct review_options, html, "html", "FILE.html", "write a page with charts as well"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_review = {
    .name = "review",
    .args = "DIR | --map MAP.yaml FILE...",
    .summary = "hold stored records, or a log (CSV or XES, plain, gzip or zip), against their pack: findings and indicators",
    .exits = "0 nothing found, 1 findings or refused rows, 2 usage or bad input, 3 failure",
    .options = review_options,
    .options_bytes = sizeof(struct review_options),
    .run = review_run,
};
