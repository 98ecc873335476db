/* `fazhi calendar DIR add FILE`: a new notice of holidays, and which due days it moves. */
#include "cli/own.h"
#include "cli/signing.h"
#include "engine/reproject.h"

#define CALENDAR_BYTES_MAX (1u << 20)

struct calendar_options {
    const char *by, *format, *passphrase;
    bool dry;
};

/* A notice about to be added. */
struct adding {
    struct fz_cli *cli;
    const struct calendar_options *o;
    struct fz_folder *f;
    const char *file;
    fz_str text, id, edition, notice;
    fz_day old_horizon, horizon;
    uint64_t moved, settled, open;
};

/* ---- the file ---- */

static bool is_plain(fz_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!fz_is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
            s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return s.n && s.n <= 40 && s.p[0] != '.';
}

/* By itself: which calendar it is of, and by which notice. */
static fz_status read_alone(struct adding *a)
{
    struct fz_calendar *alone;

    FZ_TRY(fz_calendar_read(&alone, NULL, a->file, a->text, &a->cli->err));
    a->id = fz_str_copy(&a->f->packs.arena, fz_calendar_id(alone));
    a->edition = fz_str_copy(&a->f->packs.arena, fz_calendar_edition(alone));
    a->notice = fz_str_copy(&a->f->packs.arena, fz_calendar_facts(alone, fz_calendar_horizon(alone)).notice);
    fz_calendar_free(alone);
    return is_plain(a->id) && is_plain(a->edition)
               ? FZ_OK
               : fz_fail(&a->cli->err, FZ_E_INPUT,
                         "%s: the name and edition of a calendar are letters, digits, dots and dashes", a->file);
}

/* Over what the folder counts by now. */
static fz_status read_over(struct adding *a)
{
    const struct fz_calendar *now;
    struct fz_calendar *then;

    FZ_TRY(fz_own_calendar(a->f, a->id, &now, &a->cli->err));
    if (fz_str_eq(fz_calendar_edition(now), a->edition))
        return fz_fail(&a->cli->err, FZ_E_EXISTS, "%s: edition %.*s of the calendar %.*s is what the folder counts by",
                       a->file, FZ_STR_ARG(a->edition), FZ_STR_ARG(a->id));
    FZ_TRY(fz_calendar_read(&then, now, a->file, a->text, &a->cli->err));
    a->old_horizon = fz_calendar_horizon(now);
    a->horizon = fz_calendar_horizon(then);
    fz_calendar_free(then);
    return FZ_OK;
}

/* ---- what it moves ---- */

static void print_tsv(struct adding *a, const struct fz_move *m, const char *from, const char *to)
{
    fz_buf_printf(a->cli->out, "%.*s\t%.*s\t%zu\t%s\t%s\t%s\t%.*s\n", FZ_STR_ARG(m->record), FZ_STR_ARG(m->clock),
                  m->instance, m->open ? "open" : "ended", from, to, FZ_STR_ARG(a->notice));
}

static void print_json(struct adding *a, const struct fz_move *m, const char *from, const char *to)
{
    fz_buf_addz(a->cli->out, "{\"record\":");
    fz_buf_json(a->cli->out, m->record);
    fz_buf_addz(a->cli->out, ",\"clock\":");
    fz_buf_json(a->cli->out, m->clock);
    fz_buf_printf(a->cli->out, ",\"instance\":%zu,\"open\":%s,\"from\":\"%s\",\"to\":\"%s\",\"notice\":", m->instance,
                  m->open ? "true" : "false", from, to);
    fz_buf_json(a->cli->out, a->notice);
    fz_buf_addz(a->cli->out, "}\n");
}

static void print_move(struct adding *a, const struct fz_move *m)
{
    char from[FZ_DAY_TEXT], to[FZ_DAY_TEXT];
    fz_str title = fz_title_in(m->title, a->cli->lang);
    bool zh = a->cli->lang == FZ_ZH;

    fz_day_text(m->from, from);
    fz_day_text(m->to, to);
    if (a->o->format && strcmp(a->o->format, "tsv") == 0)
        print_tsv(a, m, from, to);
    else if (a->o->format && strcmp(a->o->format, "json") == 0)
        print_json(a, m, from, to);
    else
        fz_buf_printf(a->cli->out,
                      zh ? "    %.*s  %.*s（%.*s）：%s → %s%s  %.*s\n" : "    %.*s  %.*s (%.*s): %s -> %s%s  %.*s\n",
                      FZ_STR_ARG(m->record), FZ_STR_ARG(title), FZ_STR_ARG(m->clock), from, to,
                      m->open ? ""
                      : zh    ? "（已停止）"
                              : " (it has ended)",
                      FZ_STR_ARG(a->notice));
}

static fz_status see(void *arg, const struct fz_move *m, struct fz_error *err)
{
    struct adding *a = arg;

    (void)err;
    a->open += m->open;
    if (m->from != m->to) {
        a->moved++;
        print_move(a, m);
    } else if (m->open && !m->provisional && m->to != FZ_DAY_NONE && m->to > a->old_horizon) {
        a->settled++;
    }
    return FZ_OK;
}

static void say_sums(struct adding *a)
{
    char old[FZ_DAY_TEXT], now[FZ_DAY_TEXT];
    bool zh = a->cli->lang == FZ_ZH;

    if (a->o->format && strcmp(a->o->format, "text") != 0)
        return;
    fz_buf_printf(
        a->cli->out,
        zh ? "移动的届满日：%llu；由暂定成为确定而不移动：%llu；在计期限：%llu；日历由 %s 延至 %s\n"
           : "due days moved: %llu; provisional before and settled as they were: %llu; clocks that run: %llu; the calendar reaches %s -> %s\n",
        (unsigned long long)a->moved, (unsigned long long)a->settled, (unsigned long long)a->open,
        fz_day_text(a->old_horizon, old), fz_day_text(a->horizon, now));
}

/* As it will be: with the file on trial, or with what has its line. */
static void change(void *arg)
{
    struct adding *a = arg;

    a->f->trial = a->o->dry ? a->text : (fz_str){0};
    a->f->trial_name = a->file;
    a->f->takes_added = !a->o->dry;
    fz_own_change(a->f);
}

static fz_status rehearse(struct adding *a)
{
    FZ_TRY(fz_engine_reproject(a->f->engine, false, change, see, a, &a->cli->err));
    say_sums(a);
    return FZ_OK;
}

/* ---- adding ---- */

static fz_status enter_notice(struct adding *a, fz_str record, const char *name, const fz_hash *digest)
{
    char hex[FZ_HASH_HEX];
    struct fz_named_value v[] = {{FZ_STR("calendar"), a->id},
                                 {FZ_STR("edition"), a->edition},
                                 {FZ_STR("notice"), a->notice},
                                 {FZ_STR("hash"), fz_str_copy(&a->f->packs.arena, fz_str_of(fz_hash_hex(digest, hex)))},
                                 {FZ_STR("file"), fz_str_of(name)}};
    struct fz_order o = FZ_ORDER(FZ_STR("add_notice"), fz_folder_today(a->f));
    struct fz_answer answer;

    o.type = FZ_STR("calendar_notice");
    o.pack = FZ_STR("upkeep");
    o.record = record;
    o.actor = a->o->by ? fz_str_of(a->o->by) : FZ_STR("administrator");
    o.values = v;
    o.values_n = FZ_COUNT(v);
    FZ_TRY(fz_engine_submit(a->f->engine, &o, 1, fz_folder_now_ms(a->f), &a->f->packs.arena, &answer, &a->cli->err));
    if (answer.kind != FZ_A_DONE)
        return fz_fail(&a->cli->err, FZ_E_INPUT, "%s: the notice cannot be entered, or was before: %.*s", a->file,
                       FZ_STR_ARG(answer.text));
    fz_buf_printf(a->cli->out, a->cli->lang == FZ_ZH ? "第%lld条：%.*s\n" : "entry %lld: %.*s\n", (long long)answer.seq,
                  FZ_STR_ARG(a->notice));
    return FZ_OK;
}

/* Between the first line and the last, whoever opens the folder next finishes it, or takes it back when there is no entry (cli/own.h). */
static fz_status add_alone(struct adding *a)
{
    struct fz_folder *f = a->f;
    fz_hash digest = fz_own_digest(f, a->text);
    fz_str record = fz_own_record(f, "calendar_notice", &digest);
    char *name = fz_str_z(&f->packs.arena, fz_str_printf(&f->packs.arena, "calendars/%06llu-%.*s-%.*s.tsv",
                                                         (unsigned long long)fz_engine_size(f->engine) + 1,
                                                         FZ_STR_ARG(a->id), FZ_STR_ARG(a->edition)));
    fz_status s;

    FZ_TRY(fz_own_put(f, name, a->text, &a->cli->err));
    FZ_TRY(fz_own_line(f, "adding", name, &digest, &a->cli->err));
    s = enter_notice(a, record, name, &digest);
    if (s != FZ_OK) {
        struct fz_error kept = a->cli->err;

        (void)fz_own_finish(f, NULL);
        a->cli->err = kept;
        return s;
    }
    FZ_TRY(fz_engine_reproject(f->engine, true, change, see, a, &a->cli->err));
    say_sums(a);
    fz_own_forget(f);
    f->takes_added = false;
    return fz_own_line(f, "calendar", name, &digest, &a->cli->err);
}

/* Rows are counted anew in several commits: other writers are kept out, and find the entry of the notice when they go on. */
static fz_status add(struct adding *a)
{
    fz_status s;

    FZ_TRY(fz_own_hold(a->f, &a->cli->err));
    s = fz_engine_look_again(a->f->engine, &a->cli->err);
    if (s == FZ_OK)
        s = add_alone(a);
    fz_own_let_go(a->f);
    return s;
}

/* ---- the command ---- */

static fz_status read_notice(struct fz_cli *cli, const void *options, struct fz_folder *f, struct adding *out)
{
    *out = (struct adding){.cli = cli, .o = options, .f = f, .file = cli->args.items[2]};
    FZ_TRY(fz_cli_read_file(&f->packs.arena, out->file, CALENDAR_BYTES_MAX, &out->text, &cli->err));
    FZ_TRY(read_alone(out));
    return read_over(out);
}

static fz_status rehearse_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    struct adding a;

    FZ_TRY(read_notice(cli, options, f, &a));
    return rehearse(&a);
}

static fz_status add_in(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    struct adding a;

    FZ_TRY(read_notice(cli, options, s->f, &a));
    return add(&a);
}

static fz_status add_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    return fz_signing_run(cli, f, ((const struct calendar_options *)options)->passphrase, FZ_ALL_KEYS, options, add_in);
}

static fz_status calendar_run(struct fz_cli *cli, const void *options)
{
    const struct calendar_options *o = options;

    if (cli->args.n != 3 || strcmp(cli->args.items[1], "add") != 0)
        return fz_fail(&cli->err, FZ_E_USAGE, "calendar takes DIR add FILE.tsv");
    if (o->format && strcmp(o->format, "text") != 0 && strcmp(o->format, "tsv") != 0 && strcmp(o->format, "json") != 0)
        return fz_fail(&cli->err, FZ_E_USAGE, "--format is text, tsv or json, not '%s'", o->format);
    return o->dry ? fz_folder_run(cli, options, 1, FZ_READ_ONLY, rehearse_here)
                  : fz_folder_run(cli, options, 1, FZ_READ_WRITE, add_here);
}

static const struct fz_opt calendar_options[] = {
    FZ_OPTION_FLAG(struct calendar_options, dry, "dry-run", "only say which due days would move"),
    FZ_OPTION_TEXT(struct calendar_options, by, "by", "PERSON", "who adds it"),
    FZ_OPTION_TEXT(struct calendar_options, format, "format", "text|tsv|json",
                   "of the due days that move (default: text)"),
    FZ_OPTION_PASSPHRASE(struct calendar_options, passphrase), FZ_OPTION_END};

const struct fz_command fz_cmd_calendar = {.name = "calendar",
                                           .args = "DIR add FILE.tsv",
                                           .summary =
                                               "a new notice of holidays: entered, and every clock counted by it",
                                           .exits = "0 added, 2 usage or bad input, 3 failure",
                                           .options = calendar_options,
                                           .options_bytes = sizeof(struct calendar_options),
                                           .run = calendar_run};
