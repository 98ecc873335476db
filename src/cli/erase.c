/* `fazhi erase`, and how `fazhi show` says what was erased. */
#include "cli/erasures.h"
#include "cli/personal.h"
#include "cli/signing.h"

#define ITEMS_MAX 1000 /* of one erasure: an entry holds 64 kB */

struct erase_options {
    const char *by, *approve, *ground, *on, *organ, *passphrase;
    struct fz_texts fields;
    bool clean;
};

/* ---- which values ---- */

struct choice {
    struct fz_cli *cli;
    const struct erase_options *o;
    struct fz_folder *f;
    fz_str record;
    fz_day today;
    struct fz_erase_plan plan;
    struct {
        const struct fz_erase_item **items;
        size_t n, cap;
    } taken;
};

static bool is_wanted(const struct erase_options *o, fz_str name)
{
    for (size_t i = 0; i < o->fields.n; i++)
        if (fz_str_is(name, o->fields.items[i]))
            return true;
    return o->fields.n == 0;
}

/* A name that the record has no personal value of: is it a field at all, and a personal one? */
static fz_status check_fields(struct choice *c)
{
    for (size_t i = 0; i < c->o->fields.n; i++) {
        fz_str name = fz_str_of(c->o->fields.items[i]);
        size_t k = 0;

        while (k < c->plan.n && !fz_str_eq(c->plan.items[k].name, name))
            k++;
        if (k == c->plan.n)
            return fz_fail(&c->cli->err, FZ_E_INPUT,
                           "%.*s has no personal value called `%.*s`; `fazhi show` names them", FZ_STR_ARG(c->record),
                           FZ_STR_ARG(name));
    }
    return FZ_OK;
}

static fz_status nothing_left(struct choice *c, const struct fz_erase_item *last)
{
    char day[FZ_DAY_TEXT];

    if (!last)
        return fz_fail(&c->cli->err, FZ_E_INPUT, "%.*s has no personal values", FZ_STR_ARG(c->record));
    return fz_fail(&c->cli->err, FZ_E_INPUT, "`%.*s` of entry %lld was %s on %s, by entry %lld (%.*s)",
                   FZ_STR_ARG(last->name), (long long)last->seq, last->state == FZ_ERASED ? "erased" : "locked away",
                   fz_day_text(last->by_on, day), (long long)last->by_seq, FZ_STR_ARG(last->by));
}

static fz_status choose(struct choice *c)
{
    const struct fz_erase_item *gone = NULL;

    FZ_TRY(fz_erase_plan(c->f->engine, c->record, c->today, &c->f->packs.arena, &c->plan, &c->cli->err));
    FZ_TRY(check_fields(c));
    for (size_t i = 0; i < c->plan.n; i++) {
        const struct fz_erase_item *item = &c->plan.items[i];

        if (!is_wanted(c->o, item->name))
            continue;
        if (item->state != FZ_THERE) {
            gone = item;
            continue;
        }
        if (item->waits)
            return fz_fail(&c->cli->err, FZ_REFUSED,
                           "%.*s has not ended, and `%.*s` is kept for a term that begins when it ends",
                           FZ_STR_ARG(c->record), FZ_STR_ARG(item->name));
        FZ_PUSH(&c->f->packs.arena, &c->taken, items, n, cap) = item;
    }
    return c->taken.n ? FZ_OK : nothing_left(c, gone);
}

/* What the ground says stays in the log: it must not say what is erased. */
static bool holds_text(fz_str ground, const fz_entry_value *v)
{
    for (size_t i = 0; v->kind == FZ_VALUE_LIST && i < v->items_n; i++)
        if (holds_text(ground, &v->items[i]))
            return true;
    return v->kind == FZ_VALUE_TEXT && v->text.n > 3 && memmem(ground.p, ground.n, v->text.p, v->text.n);
}

static fz_status check_ground(struct choice *c)
{
    for (size_t i = 0; i < c->taken.n; i++) {
        fz_entry_value v;
        fz_str value;
        bool found;

        FZ_TRY(fz_erase_read(c->f->engine, c->taken.items[i], &c->f->packs.arena, &value, &found, &c->cli->err));
        if (found && fz_entry_value_read(&c->f->packs.arena, value, &v) && holds_text(fz_str_of(c->o->ground), &v))
            return fz_fail(&c->cli->err, FZ_E_INPUT,
                           "the ground has the value of `%.*s` in it, and would stay in the log",
                           FZ_STR_ARG(c->taken.items[i]->name));
    }
    return FZ_OK;
}

/* ---- the orders ---- */

static struct fz_order order_of(const struct choice *c, fz_str id, const char *action, const char *who)
{
    struct fz_order o = FZ_ORDER(fz_str_of(action), c->today);

    o.type = FZ_STR(FZ_ERASE_TYPE);
    o.record = id;
    o.actor = fz_str_of(who);
    o.organ = fz_str_of(c->o->organ);
    return o;
}

static fz_status refused(struct choice *c, const struct fz_answer *a)
{
    struct fz_cli *cli = c->cli;

    if (a->kind == FZ_A_BAD)
        return fz_fail(&cli->err, FZ_E_INPUT, "%.*s", FZ_STR_ARG(a->text));
    if (a->kind != FZ_A_REFUSED)
        return fz_fail(&cli->err, FZ_E_IO, "nothing was entered");
    for (size_t i = 0; i < a->ruling.n; i++) {
        fz_str title = fz_title_in(a->ruling.grounds[i].title, cli->lang);

        fz_buf_printf(cli->out, "    %.*s: %.*s\n", FZ_STR_ARG(a->ruling.grounds[i].id), FZ_STR_ARG(title));
    }
    return fz_fail(&cli->err, FZ_REFUSED, "%s", cli->lang == FZ_ZH ? "依法不予办理" : "the law does not allow it");
}

static void say_done(struct choice *c, fz_day until, size_t n, int64_t seq)
{
    bool zh = c->cli->lang == FZ_ZH;
    char day[FZ_DAY_TEXT];

    if (until == FZ_DAY_NONE)
        fz_buf_printf(c->cli->out,
                      zh ? "已删除%.*s的%zu项个人信息（第%lld条）\n"
                         : "%.*s: %zu personal values erased (entry %lld)\n",
                      FZ_STR_ARG(c->record), n, (long long)seq);
    else if (until == FZ_DAY_MAX)
        fz_buf_printf(c->cli->out,
                      zh ? "%.*s的%zu项个人信息永久保存，已封存（第%lld条）\n"
                         : "%.*s: %zu personal values are kept permanently: locked away (entry %lld)\n",
                      FZ_STR_ARG(c->record), n, (long long)seq);
    else
        fz_buf_printf(c->cli->out,
                      zh ? "%.*s的%zu项个人信息已封存至%s（第%lld条）\n"
                         : "%.*s: %zu personal values locked away until %s (entry %lld)\n",
                      FZ_STR_ARG(c->record), n, fz_day_text(until, day), (long long)seq);
}

/* One erasure: some values that are kept until the same day. */
static fz_status erase_some(struct choice *c, const struct fz_erase_item *const *items, size_t n)
{
    struct fz_arena *arena = &c->f->packs.arena;
    struct fz_named_value *values = FZ_NEW_ARRAY(arena, struct fz_named_value, n + 3);
    fz_str id = fz_str_printf(arena, "erasure-%llu", (unsigned long long)fz_engine_size(c->f->engine) + 1);
    fz_day until = items[0]->until;
    struct fz_order o[] = {order_of(c, id, FZ_ERASE_PROPOSE, c->o->by),
                           order_of(c, id, until == FZ_DAY_NONE ? FZ_ERASE_ERASE : FZ_ERASE_LOCK, c->o->approve)};
    struct fz_answer a[2];
    char day[FZ_DAY_TEXT];

    for (size_t i = 0; i < n; i++)
        values[i] = (struct fz_named_value){FZ_STR(FZ_ERASE_ITEMS), fz_erase_item_text(arena, items[i])};
    values[n] = (struct fz_named_value){FZ_STR(FZ_ERASE_TARGET), c->record};
    values[n + 1] = (struct fz_named_value){FZ_STR("ground"), fz_str_of(c->o->ground)};
    values[n + 2] = (struct fz_named_value){FZ_STR(FZ_ERASE_UNTIL), fz_str_of(fz_day_text(until, day))};
    o[0].values = values;
    o[0].values_n = n + 2 + (until != FZ_DAY_NONE && until != FZ_DAY_MAX);
    FZ_TRY(fz_engine_submit(c->f->engine, o, 2, fz_folder_now_ms(c->f), arena, a, &c->cli->err));
    for (int i = 0; i < 2; i++)
        if (a[i].kind != FZ_A_DONE)
            return refused(c, &a[i]);
    say_done(c, until, n, a[1].seq);
    return FZ_OK;
}

static fz_status erase_all(struct choice *c)
{
    const struct fz_erase_item **group = FZ_NEW_ARRAY(&c->f->packs.arena, const struct fz_erase_item *, c->taken.n);

    while (c->taken.n) {
        size_t n = 0, left = 0;
        fz_day until = c->taken.items[0]->until;

        for (size_t i = 0; i < c->taken.n; i++)
            if (c->taken.items[i]->until == until && n < ITEMS_MAX)
                group[n++] = c->taken.items[i];
            else
                c->taken.items[left++] = c->taken.items[i];
        c->taken.n = left;
        FZ_TRY(erase_some(c, group, n));
    }
    return FZ_OK;
}

/* ---- the command ---- */

static fz_status check_options(struct fz_cli *cli, const struct erase_options *o)
{
    if (cli->args.n != 2 || !o->by || !o->approve)
        return fz_fail(&cli->err, FZ_E_USAGE, "erase takes DIR RECORD, --by A, --approve B and --ground TEXT");
    if (!o->ground || fz_str_trim(fz_str_of(o->ground)).n == 0)
        return fz_fail(&cli->err, FZ_E_USAGE,
                       "an erasure needs its ground: --ground, an article or words that name nobody");
    if (strcmp(o->by, o->approve) == 0)
        return fz_fail(&cli->err, FZ_REFUSED, "an erasure is approved by another person than who proposes it");
    return FZ_OK;
}

static fz_status erase_in(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    const struct erase_options *o = options;
    struct choice c = {
        .cli = cli, .o = o, .f = s->f, .record = fz_str_of(cli->args.items[1]), .today = fz_folder_today(s->f)};

    if (o->on && !fz_day_parse(fz_str_of(o->on), &c.today))
        return fz_fail(&cli->err, FZ_E_USAGE, "--on is a day that exists, not '%s'", o->on);
    FZ_TRY(choose(&c));
    FZ_TRY(check_ground(&c));
    return erase_all(&c);
}

static fz_status erase_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct erase_options *o = options;

    if (!o->clean)
        FZ_TRY(check_options(cli, o));
    if (!o->clean)
        FZ_TRY(fz_signing_run(cli, f, o->passphrase, FZ_ALL_KEYS, options, erase_in));
    FZ_TRY(fz_erasures_write(f, &cli->err));
    return fz_folder_scrub(f, &cli->err);
}

static fz_status erase_run(struct fz_cli *cli, const void *options)
{
    return fz_folder_run(cli, options, 1, FZ_READ_WRITE, erase_here);
}

static const struct fz_opt erase_options[] = {
    FZ_OPTION_MANY(struct erase_options, fields, "field", "FIELD",
                   "only this one; step-member and step-reason: whom acts were for, and why they were waived"),
    FZ_OPTION_TEXT(struct erase_options, by, "by", "PERSON", "who proposes it"),
    FZ_OPTION_TEXT(struct erase_options, approve, "approve", "PERSON", "who approves it: another person"),
    FZ_OPTION_TEXT(struct erase_options, ground, "ground", "TEXT",
                   "an article, or words that name nobody: they stay in the log"),
    FZ_OPTION_TEXT(struct erase_options, on, "on", "DAY", "when it happened (default: today)"),
    FZ_OPTION_TEXT(struct erase_options, organ, "organ", "ORGAN", "for which organ"),
    FZ_OPTION_FLAG(struct erase_options, clean, "clean",
                   "erase nothing; only clean what a reader kept from being cleaned before"),
    FZ_OPTION_PASSPHRASE(struct erase_options, passphrase),
    FZ_OPTION_END};

const struct fz_command fz_cmd_erase = {
    .name = "erase",
    .args = "DIR RECORD [--field FIELD]...",
    .summary = "personal values of a record, erased for good; locked away while the law keeps them",
    .exits = "0 erased or locked, 1 the law does not allow it, 2 usage or bad input, 3 failure",
    .options = erase_options,
    .options_bytes = sizeof(struct erase_options),
    .run = erase_run};

/* ---- what show says ---- */

static void print_state(struct fz_cli *cli, const struct fz_erase_item *i)
{
    bool zh = cli->lang == FZ_ZH;
    char day[FZ_DAY_TEXT];

    if (i->state == FZ_ERASED)
        fz_buf_printf(cli->out, zh ? "已于%s由第%lld条删除\n" : "erased on %s by entry %lld\n",
                      fz_day_text(i->by_on, day), (long long)i->by_seq);
    else
        fz_buf_printf(cli->out, zh ? "已于%s由第%lld条封存\n" : "locked on %s by entry %lld\n",
                      fz_day_text(i->by_on, day), (long long)i->by_seq);
}

fz_status fz_personal_print(struct fz_cli *cli, struct fz_folder *f, fz_str record, fz_day today, bool values,
                            bool unlocked)
{
    struct fz_erase_plan plan;

    FZ_TRY(fz_erase_plan(f->engine, record, today, &f->packs.arena, &plan, &cli->err));
    for (size_t i = 0; i < plan.n; i++) {
        const struct fz_erase_item *item = &plan.items[i];
        fz_str value;
        bool found = false;

        if (item->state == FZ_THERE && !values)
            continue;
        fz_buf_printf(cli->out, "    %lld  %.*s: ", (long long)item->seq, FZ_STR_ARG(item->name));
        if (item->state == FZ_THERE || (item->state == FZ_LOCKED && unlocked))
            FZ_TRY(fz_erase_read(f->engine, item, &f->packs.arena, &value, &found, &cli->err));
        if (found)
            fz_buf_printf(cli->out, "%.*s\n", FZ_STR_ARG(value));
        else
            print_state(cli, item);
    }
    return FZ_OK;
}

static fz_status enter_reading(struct fz_cli *cli, struct fz_folder *f, fz_str erasure, fz_day today, const char *by,
                               const char *ground)
{
    struct fz_named_value value = {FZ_STR("read_ground"), fz_str_of(ground)};
    struct fz_order o = FZ_ORDER(FZ_STR(FZ_ERASE_READ), today);
    struct choice c = {.cli = cli, .f = f};
    struct fz_answer a;

    o.record = erasure;
    o.actor = fz_str_of(by);
    o.values = &value;
    o.values_n = 1;
    FZ_TRY(fz_engine_submit(f->engine, &o, 1, fz_folder_now_ms(f), &f->packs.arena, &a, &cli->err));
    return a.kind == FZ_A_DONE ? FZ_OK : refused(&c, &a);
}

fz_status fz_personal_unlock(struct fz_cli *cli, struct fz_folder *f, fz_str record, fz_day today, const char *by,
                             const char *ground)
{
    struct fz_erase_plan plan;
    bool any = false;

    FZ_TRY(fz_erase_plan(f->engine, record, today, &f->packs.arena, &plan, &cli->err));
    for (size_t i = 0; i < plan.n; i++) {
        bool before = false;

        for (size_t k = 0; k < i; k++)
            before |= plan.items[k].state == FZ_LOCKED && fz_str_eq(plan.items[k].by, plan.items[i].by);
        if (plan.items[i].state == FZ_LOCKED && !before)
            FZ_TRY(enter_reading(cli, f, plan.items[i].by, today, by, ground));
        any |= plan.items[i].state == FZ_LOCKED;
    }
    return any ? FZ_OK : fz_fail(&cli->err, FZ_E_INPUT, "nothing of %.*s is locked", FZ_STR_ARG(record));
}
