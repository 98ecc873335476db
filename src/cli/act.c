/* `fazhi init`, `act`, `tick`, `show` and `rebuild`: a data folder from the shell. */
#include <stdio.h>

#include "cli/erasures.h"
#include "cli/personal.h"
#include "cli/receipt.h"
#include "cli/signing.h"
#include "law/prove.h"
#include "report/figures.h"

/* ---- init ---- */

struct init_options {
    const char *place, *hash, *db, *algorithm, *origin, *actor, *passphrase;
    struct fz_texts packs;
    bool synthetic, no_key;
};

static fz_status first_key(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    const struct init_options *o = options;
    fz_algorithm algorithm;
    fz_str record;

    FZ_TRY(fz_algorithm_read(o->algorithm, &algorithm, &cli->err));
    FZ_TRY(fz_signing_make(s, algorithm, fz_str_of(o->origin), fz_str_of(o->actor), &record, &cli->err));
    fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "%.*s：日志密钥，已启用\n" : "%.*s: the key of the log, in force\n", FZ_STR_ARG(record));
    return FZ_OK;
}

static fz_status init_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct init_options *o = options;

    return fz_signing_run(cli, f, o->passphrase, FZ_ALL_KEYS, options, first_key);
}

/* Before the folder is made, or it would be there without its key. */
static fz_status check_key(struct fz_cli *cli, const struct init_options *o)
{
    struct fz_passphrase passphrase;
    fz_algorithm algorithm;
    fz_status s;

    if (o->no_key && (o->algorithm || o->origin || o->actor || o->passphrase))
        return fz_fail(&cli->err, FZ_E_USAGE, "--no-key makes no key: what is said of one is for `fazhi key DIR make`");
    FZ_TRY(fz_algorithm_read(o->algorithm, &algorithm, &cli->err));
    if (o->origin && !fz_key_name_valid(fz_str_of(o->origin)))
        return fz_fail(&cli->err, FZ_E_USAGE, "--origin has 1 to %d bytes of UTF-8 without blanks and plus signs", FZ_KEY_NAME_BYTES_MAX);
    s = fz_passphrase_read(&passphrase, o->passphrase, &cli->err);
    fz_passphrase_forget(&passphrase);
    return s;
}

/* Publishing is proving: a pack that does not hold is not taken in. Those of the binary stand before them, for one may amend another. */
static fz_status prove_own(struct fz_cli *cli, const struct init_options *o, struct fz_packs *p, size_t *out_first)
{
    FZ_TRY(fz_packs_add_shipped(p, &cli->err));
    *out_first = p->n;
    for (size_t i = 0; i < o->packs.n; i++)
        FZ_TRY(fz_packs_add_file(p, o->packs.items[i], &cli->err));
    fz_packs_load(p);
    for (size_t i = *out_first; i < p->n; i++) {
        struct fz_proof_stats stats;

        if (!p->items[i].pack)
            continue;
        fz_prove(p->items[i].pack, &p->arena, cli->lang, &p->diags, &stats);
        for (size_t k = 0; k < i; k++)
            if (p->items[k].pack && fz_str_eq(p->items[k].pack->name, p->items[i].pack->name) && p->items[k].pack->version == p->items[i].pack->version)
                return fz_fail(&cli->err, FZ_E_PACK, "%s: that version is there already, as %s", p->items[i].source.name, p->items[k].source.name);
    }
    return fz_packs_report(p, cli);
}

static fz_status make_folder(struct fz_cli *cli, const struct init_options *o, fz_hash_kind hash)
{
    struct fz_folder_plan plan = {.jurisdiction = fz_str_of(o->place), .hash = hash, .synthetic = o->synthetic, .db = o->db};
    struct fz_packs p;
    size_t first = 0;
    fz_status s = FZ_OK;

    fz_packs_init(&p);
    if (o->packs.n)
        s = prove_own(cli, o, &p, &first);
    plan.packs = p.items + first;
    plan.packs_n = p.n - first;
    if (s == FZ_OK)
        s = fz_folder_init(cli->args.items[0], &plan, &cli->err);
    fz_packs_release(&p);
    return s;
}

static fz_status init_run(struct fz_cli *cli, const void *options)
{
    const struct init_options *o = options;
    fz_hash_kind hash = FZ_SM3;

    if (cli->args.n != 1 || !o->place)
        return fz_fail(&cli->err, FZ_E_USAGE, "init takes DIR and --place CODE");
    if (o->hash && !fz_hash_kind_of(fz_str_of(o->hash), &hash))
        return fz_fail(&cli->err, FZ_E_USAGE, "--hash is sm3 or sha256, not '%s'", o->hash);
    FZ_TRY(check_key(cli, o));
    FZ_TRY(make_folder(cli, o, hash));
    fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "%s：辖区%s的数据文件夹已建立\n" : "%s: a data folder for %s\n", cli->args.items[0], o->place);
    return o->no_key ? FZ_OK : fz_folder_run(cli, options, 1, FZ_READ_WRITE, init_here);
}

static const struct fz_opt init_options[] = {
    FZ_OPTION_TEXT(struct init_options, place, "place", "CODE", "the jurisdiction, a code of GB/T 2260"),
    FZ_OPTION_TEXT(struct init_options, db, "db", "URL", "keep the log in PostgreSQL (postgresql://HOST/DATABASE), not in the folder; passwords stay outside"),
    FZ_OPTION_TEXT(struct init_options, hash, "hash", "sm3|sha256", "of the log (default: sm3)"),
    FZ_OPTION_TEXT(struct init_options, algorithm, "algorithm", "sm2|ed25519", "of its first key (default: sm2)"),
    FZ_OPTION_TEXT(struct init_options, origin, "origin", "NAME", "name of the log, in its heads (default: fazhi/CODE)"),
    FZ_OPTION_TEXT(struct init_options, actor, "actor", "PERSON", "who puts the key in force (default: administrator)"),
    FZ_OPTION_PASSPHRASE(struct init_options, passphrase),
    FZ_OPTION_MANY(struct init_options, packs, "pack", "PACK.yaml", "a pack beside those of the binary; copied, proved and published; again for each"),
    FZ_OPTION_FLAG(struct init_options, no_key, "no-key", "without a key: no head is signed until `fazhi key DIR make`"),
    FZ_OPTION_FLAG(struct init_options, synthetic, "synthetic", "for trials: clock, salts and keys are fixed, so the same commands give the same head"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_init = {.name = "init", .args = "DIR --place CODE [--pack PACK.yaml]...", .summary = "a new data folder, with a key that signs its heads",
                                       .exits = "0 made, 2 usage, it is there or a pack is wrong, 3 failure", .options = init_options,
                                       .options_bytes = sizeof(struct init_options), .run = init_run};

/* ---- act ---- */

struct act_options {
    const char *type, *pack, *on, *outcome, *as, *organ, *each, *reason, *key, *if_version, *passphrase, *receipt, *qr;
    struct fz_texts by;
    bool serve, waive;
};

static fz_status read_time(const struct act_options *o, const struct fz_folder *f, struct fz_order *order, struct fz_error *err)
{
    bool minute;

    order->on = fz_folder_today(f);
    order->at = FZ_INSTANT_NONE;
    if (!o->on)
        return FZ_OK;
    if (!fz_instant_parse(fz_str_of(o->on), &order->at, &minute))
        return fz_fail(err, FZ_E_USAGE, "--on is a day that exists, or a day and minute, not '%s'", o->on);
    order->on = fz_instant_day(order->at);
    order->at = minute ? order->at : FZ_INSTANT_NONE;
    return FZ_OK;
}

static fz_status read_values(struct fz_cli *cli, struct fz_arena *arena, struct fz_order *order)
{
    struct fz_named_value *values = FZ_NEW_ARRAY(arena, struct fz_named_value, cli->args.n);

    for (size_t i = 3; i < cli->args.n; i++) {
        const char *word = cli->args.items[i], *equals = strchr(word, '=');

        if (!equals || equals == word)
            return fz_fail(&cli->err, FZ_E_USAGE, "a value is FIELD=VALUE, not '%s'", word);
        values[order->values_n++] = (struct fz_named_value){{word, (size_t)(equals - word)}, fz_str_of(equals + 1)};
    }
    order->values = values;
    return FZ_OK;
}

/* --by A --by B, or --by A,B: the first is the actor, the others act together with him. */
static void read_persons(const struct act_options *o, struct fz_arena *arena, struct fz_order *order)
{
    struct {
        fz_str *items;
        size_t n, cap;
    } all = {0};

    for (size_t i = 0; i < o->by.n; i++)
        for (const char *p = o->by.items[i], *end; p; p = end) {
            size_t bytes = strcspn(p, ",");

            end = p[bytes] ? p + bytes + 1 : NULL;
            FZ_PUSH(arena, &all, items, n, cap) = fz_str_trim((fz_str){p, bytes});
        }
    if (all.n == 0)
        return;
    order->actor = all.items[0];
    order->others = all.items + 1;
    order->others_n = all.n - 1;
}

static fz_status read_order(struct fz_cli *cli, const struct act_options *o, struct fz_folder *f, struct fz_order *order)
{
    if (cli->args.n < 3 || (o->serve && o->waive))
        return fz_fail(&cli->err, FZ_E_USAGE, "act takes DIR RECORD ACTION [FIELD=VALUE]...; RECORD is `new` for a record that begins");
    *order = (struct fz_order){.kind = o->serve ? FZ_SERVE : o->waive ? FZ_WAIVE : FZ_DO, .name = fz_str_of(cli->args.items[2]), .type = fz_str_of(o->type),
                               .pack = fz_str_of(o->pack), .outcome = fz_str_of(o->outcome), .role = fz_str_of(o->as),
                               .organ = fz_str_of(o->organ), .member = fz_str_of(o->each), .reason = fz_str_of(o->reason), .key = fz_str_of(o->key),
                               .if_version = -1};
    if (strcmp(cli->args.items[1], "new") != 0)
        order->record = fz_str_of(cli->args.items[1]);
    if (o->if_version && (!fz_str_int(fz_str_of(o->if_version), &order->if_version) || order->if_version < 0))
        return fz_fail(&cli->err, FZ_E_USAGE, "--if-version is a number of steps, not '%s'", o->if_version);
    read_persons(o, &f->packs.arena, order);
    FZ_TRY(read_time(o, f, order, &cli->err));
    return read_values(cli, &f->packs.arena, order);
}

static void print_grounds(struct fz_cli *cli, const struct fz_ruling *ruling)
{
    for (size_t i = 0; i < ruling->n; i++) {
        const struct fz_ground *g = &ruling->grounds[i];
        fz_str title = fz_title_in(g->title, cli->lang);

        fz_buf_printf(cli->out, "    %.*s: %.*s", FZ_STR_ARG(g->id), FZ_STR_ARG(title));
        for (size_t a = 0; a < g->articles.n; a++)
            fz_buf_printf(cli->out, "%s%.*s", a ? ", " : " (", FZ_STR_ARG(g->articles.items[a].text));
        fz_buf_addz(cli->out, g->articles.n ? ")\n" : "\n");
    }
}

/* That nobody judged the rights is not to pass unseen. */
static void print_unjudged(struct fz_cli *cli, fz_str organ)
{
    bool zh = cli->lang == FZ_ZH;
    fz_str where = organ.n ? organ : fz_str_of(zh ? "任何机关" : "any organ");

    fz_buf_printf(cli->out, zh ? "    权限未判断：名录中没有%.*s就此类记录的任职\n" : "    rights not judged: the directory knows no mandate at %.*s for such records\n",
                  FZ_STR_ARG(where));
}

static void print_right(struct fz_cli *cli, const struct fz_right *r)
{
    if (r->how == FZ_RIGHT_NOT_BEGUN)
        print_unjudged(cli, r->organ);
    if (r->in_name_of.n)
        fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "    以%.*s的名义\n" : "    in the name of %.*s\n", FZ_STR_ARG(r->in_name_of));
}

/* What it brought about in linked records. */
static void print_caused(struct fz_cli *cli, const struct fz_answer *a)
{
    for (size_t i = 0; i < a->caused_n; i++)
        fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "    由此记入第%lld条：%.*s %.*s\n" : "    with it entry %lld: %.*s %.*s\n", (long long)a->caused[i].seq,
                      FZ_STR_ARG(a->caused[i].record), FZ_STR_ARG(a->caused[i].act));
}

/* Clocks that run, each with its last day. */
static fz_status print_clocks(struct fz_cli *cli, struct fz_folder *f, fz_str record, fz_day today)
{
    struct fz_folded folded;

    FZ_TRY(fz_engine_fold(f->engine, record, &f->packs.arena, &folded, &cli->err));
    for (int k = 0; folded.row && !fz_case_ended(folded.c) && k < (int)folded.r->clocks_n; k++) {
        const struct fz_clock *clock = &folded.r->clocks[k];
        fz_str title = fz_title_in(clock->title, cli->lang);
        fz_view v = {folded.c, NULL, folded.cal, today};

        for (size_t i = 0; i < fz_clock_instances(folded.c, k); i++) {
            struct fz_clock_look look = fz_clock_look(&v, k, i);
            char day[FZ_DAY_TEXT];

            if (look.started && look.applies && look.stopped == FZ_DAY_NONE && look.due != FZ_DAY_NONE)
                fz_buf_printf(cli->out, "    %s %.*s (%.*s)%s\n", fz_day_text(look.due, day), FZ_STR_ARG(title), FZ_STR_ARG(clock->name),
                              look.provisional ? cli->lang == FZ_ZH ? "（暂定）" : " (provisional)" : "");
        }
    }
    return FZ_OK;
}

static fz_status print_answer(struct fz_cli *cli, struct fz_folder *f, const struct fz_answer *a, fz_day on)
{
    bool zh = cli->lang == FZ_ZH;

    switch (a->kind) {
    case FZ_A_DONE:
        fz_buf_printf(cli->out, zh ? "已记入第%lld条：%.*s%s%.*s（第%lld步）\n" : "entry %lld: %.*s%s%.*s (step %lld)\n", (long long)a->seq, FZ_STR_ARG(a->record),
                      a->number.n ? " " : "", a->number.n ? (int)a->number.n : 0, a->number.n ? a->number.p : "", (long long)a->version);
        print_grounds(cli, &a->ruling);
        print_right(cli, &a->ruling.right);
        print_caused(cli, a);
        return print_clocks(cli, f, a->record, on);
    case FZ_A_REPEATED:
        fz_buf_printf(cli->out, zh ? "此前已办：第%lld条，%.*s\n" : "done before: entry %lld, %.*s\n", (long long)a->seq, FZ_STR_ARG(a->record));
        return FZ_OK;
    case FZ_A_REFUSED:
        print_grounds(cli, &a->ruling);
        return fz_fail(&cli->err, FZ_REFUSED, "%s", zh ? "依法不予办理" : "the law does not allow it");
    case FZ_A_CONFLICT:
        return fz_fail(&cli->err, FZ_REFUSED, zh ? "记录已有%lld步，请重新查看" : "the record has had %lld steps by now: look again", (long long)a->version);
    case FZ_A_BAD:
        return fz_fail(&cli->err, FZ_E_INPUT, "%.*s", FZ_STR_ARG(a->text));
    case FZ_A_FAILED:
        break;
    }
    return fz_fail(&cli->err, FZ_E_IO, "nothing was entered");
}

/* An act, and the entry that it became. */
struct acting {
    const struct act_options *o;
    int64_t seq;
};

static fz_status act_in(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    struct acting *a = *(struct acting *const *)options;
    struct fz_order order;
    struct fz_answer answer;

    if (a->o->receipt && s->keys.origin.n == 0)
        return fz_fail(&cli->err, FZ_E_INPUT, "this log has no key to sign a receipt; `fazhi key DIR make` makes one");
    FZ_TRY(read_order(cli, a->o, s->f, &order));
    FZ_TRY(fz_engine_submit(s->f->engine, &order, 1, fz_folder_now_ms(s->f), &s->f->packs.arena, &answer, &cli->err));
    a->seq = answer.seq;
    return print_answer(cli, s->f, &answer, order.on);
}

static fz_status give_receipt(struct fz_cli *cli, const struct acting *a, struct fz_folder *f)
{
    struct fz_log_keys keys;
    fz_status s = fz_log_keys_read(f->engine, &f->packs.arena, &keys, &cli->err);

    if (s == FZ_OK)
        s = fz_cli_write_receipt(cli, f->engine, &keys, a->seq, a->o->receipt, a->o->qr);
    fz_log_keys_release(&keys);
    return s;
}

static fz_status act_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    struct acting a = {.o = options}, *acting = &a;

    if (a.o->qr && !a.o->receipt)
        return fz_fail(&cli->err, FZ_E_USAGE, "--qr is the receipt once more: with --receipt FILE");
    FZ_TRY(fz_signing_run(cli, f, a.o->passphrase, FZ_ALL_KEYS, &acting, act_in));
    return a.o->receipt ? give_receipt(cli, &a, f) : FZ_OK;
}

static fz_status act_run(struct fz_cli *cli, const void *options)
{
    return fz_folder_run(cli, options, 1, FZ_READ_WRITE, act_here);
}

static const struct fz_opt act_options[] = {
    FZ_OPTION_TEXT(struct act_options, type, "type", "TYPE", "record type of a new record, such as reconsideration_case"),
    FZ_OPTION_TEXT(struct act_options, pack, "pack", "PACK", "its pack, where several have such a type"),
    FZ_OPTION_TEXT(struct act_options, on, "on", "DAY", "when it happened in law, with a minute if known (default: today)"),
    FZ_OPTION_TEXT(struct act_options, outcome, "outcome", "NAME", "of an act that has outcomes"),
    FZ_OPTION_MANY(struct act_options, by, "by", "PERSON[,PERSON]", "who acts; may be given several times"),
    FZ_OPTION_TEXT(struct act_options, as, "as", "ROLE", "in which role"),
    FZ_OPTION_TEXT(struct act_options, organ, "organ", "ORGAN", "for which organ; a new record is numbered by it"),
    FZ_OPTION_TEXT(struct act_options, each, "each", "PARTY", "for which party; without it, for all"),
    FZ_OPTION_TEXT(struct act_options, reason, "reason", "TEXT", "why it is waived"),
    FZ_OPTION_TEXT(struct act_options, key, "key", "TEXT", "idempotency key: the same one is done once"),
    FZ_OPTION_TEXT(struct act_options, if_version, "if-version", "N", "only if the record has had so many steps"),
    FZ_OPTION_TEXT(struct act_options, receipt, "receipt", "FILE", "write the receipt of the entry there"),
    FZ_OPTION_TEXT(struct act_options, qr, "qr", "FILE.svg", "and as a QR code"),
    FZ_OPTION_PASSPHRASE(struct act_options, passphrase),
    FZ_OPTION_FLAG(struct act_options, serve, "serve", "ACTION is a document that reached its addressee"),
    FZ_OPTION_FLAG(struct act_options, waive, "waive", "ACTION does not apply, for --reason"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_act = {.name = "act", .args = "DIR RECORD|new ACTION [FIELD=VALUE]...", .summary = "one lawful step, entered in the log",
                                      .exits = "0 entered, 1 the law does not allow it, 2 usage or bad input, 3 failure", .options = act_options,
                                      .options_bytes = sizeof(struct act_options), .run = act_run};

/* ---- correct ---- */

struct correct_options {
    struct act_options act;
    const char *approve;
    bool annul;
};

static fz_status read_correction(struct fz_cli *cli, const struct correct_options *o, struct fz_folder *f, struct fz_order *order)
{
    bool day_is_given = o->act.on != NULL;

    if (cli->args.n < 3 || (o->annul && (cli->args.n > 3 || o->act.outcome || day_is_given)))
        return fz_fail(&cli->err, FZ_E_USAGE, "correct takes DIR RECORD ENTRY and --annul, or what is to stand there instead: [FIELD=VALUE]... [--on DAY] [--outcome NAME]");
    FZ_TRY(read_order(cli, &o->act, f, order));
    if (!fz_str_int(order->name, &order->corrects) || order->corrects < 1)
        return fz_fail(&cli->err, FZ_E_USAGE, "an entry is a number, as `fazhi show` gives it, not '%.*s'", FZ_STR_ARG(order->name));
    order->name = (fz_str){0};
    order->correction = o->annul ? FZ_ANNUL : FZ_AMEND;
    order->approver = fz_str_of(o->approve);
    if (order->others_n)
        return fz_fail(&cli->err, FZ_E_USAGE, "one person corrects, and another approves it");
    if (!day_is_given)
        order->on = FZ_DAY_NONE;
    return FZ_OK;
}

static fz_status correct_in(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    struct fz_order order;
    struct fz_answer answer;

    FZ_TRY(read_correction(cli, *(const struct correct_options *const *)options, s->f, &order));
    FZ_TRY(fz_engine_submit(s->f->engine, &order, 1, fz_folder_now_ms(s->f), &s->f->packs.arena, &answer, &cli->err));
    return print_answer(cli, s->f, &answer, fz_folder_today(s->f));
}

static fz_status correct_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    return fz_signing_run(cli, f, ((const struct correct_options *)options)->act.passphrase, FZ_ALL_KEYS, &options, correct_in);
}

static fz_status correct_run(struct fz_cli *cli, const void *options)
{
    return fz_folder_run(cli, options, 2, FZ_READ_WRITE, correct_here);
}

static const struct fz_opt correct_options[] = {
    FZ_OPTION_FLAG(struct correct_options, annul, "annul", "it is as if it had not been done"),
    FZ_OPTION_TEXT(struct correct_options, act.on, "on", "DAY", "the day on which it happened in law (default: it stays)"),
    FZ_OPTION_TEXT(struct correct_options, act.outcome, "outcome", "NAME", "how it came out (default: it stays)"),
    FZ_OPTION_MANY(struct correct_options, act.by, "by", "PERSON", "who corrects"),
    FZ_OPTION_TEXT(struct correct_options, approve, "approve", "PERSON", "who approves it: another person"),
    FZ_OPTION_TEXT(struct correct_options, act.reason, "reason", "TEXT", "why; kept as personal, for it may name persons"),
    FZ_OPTION_TEXT(struct correct_options, act.organ, "organ", "ORGAN", "for which organ"),
    FZ_OPTION_TEXT(struct correct_options, act.key, "key", "TEXT", "idempotency key: the same one is done once"),
    FZ_OPTION_TEXT(struct correct_options, act.if_version, "if-version", "N", "only if the record has had so many steps"),
    FZ_OPTION_PASSPHRASE(struct correct_options, act.passphrase),
    FZ_OPTION_END};

const struct fz_command fz_cmd_correct = {.name = "correct", .args = "DIR RECORD ENTRY [FIELD=VALUE]...",
                                          .summary = "answers a mistaken entry by one that says what is right; both stay",
                                          .exits = "0 entered, 1 it cannot stand so, 2 usage or bad input, 3 failure", .options = correct_options,
                                          .options_bytes = sizeof(struct correct_options), .run = correct_run};

/* ---- tick ---- */

struct day_options {
    const char *on, *passphrase;
};

static fz_status count_locked(const struct fz_folder *f, uint64_t *out, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(f->jurisdiction)};

    return fz_store_count(f->store, &(struct fz_scan){.table = &fz_table_locked, .index = -1, .prefix = prefix, .prefix_n = 1}, out, err);
}

static fz_status tick_in(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    const struct day_options *o = options;
    struct fz_folder *f = s->f;
    fz_day today = fz_folder_today(f);
    uint64_t n, locked, left;

    if (o->on && !fz_day_parse(fz_str_of(o->on), &today))
        return fz_fail(&cli->err, FZ_E_USAGE, "--on is a day that exists, not '%s'", o->on);
    FZ_TRY(count_locked(f, &locked, &cli->err));
    FZ_TRY(fz_engine_tick(f->engine, today, fz_folder_now_ms(f), &n, &cli->err));
    fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "依法发生并记入：%llu条\n" : "by operation of law: %llu entries\n", (unsigned long long)n);
    FZ_TRY(count_locked(f, &left, &cli->err));
    if (left == locked)
        return FZ_OK;
    FZ_TRY(fz_erasures_write(f, &cli->err)); /* terms were over, and their ends have erased */
    return fz_folder_scrub(f, &cli->err);
}

static fz_status tick_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct day_options *o = options;

    return fz_signing_run(cli, f, o->passphrase, FZ_ALL_KEYS, options, tick_in);
}

static fz_status tick_run(struct fz_cli *cli, const void *options)
{
    return fz_folder_run(cli, options, 1, FZ_READ_WRITE, tick_here);
}

static const struct fz_opt tick_options[] = {FZ_OPTION_TEXT(struct day_options, on, "on", "DAY", "by the end of this day (default: today)"),
                                             FZ_OPTION_PASSPHRASE(struct day_options, passphrase), FZ_OPTION_END};

const struct fz_command fz_cmd_tick = {.name = "tick", .args = "DIR", .summary = "enters what the law has done by now: deemed acts, lapses",
                                       .exits = "0 done, 2 usage or bad input, 3 failure", .options = tick_options, .options_bytes = sizeof(struct day_options),
                                       .run = tick_run};

/* ---- show ---- */

/* The entry that annulled or amended another; 0. */
static int64_t corrected_by(const struct fz_folded *f, int64_t seq)
{
    for (size_t i = f->entries_n; i-- > 0;)
        if (f->entries[i].corrects == seq)
            return f->entries[i].seq;
    return 0;
}

static void print_correction(struct fz_cli *cli, const struct fz_entry *e)
{
    bool zh = cli->lang == FZ_ZH, annuls = fz_str_is(e->correction, FZ_WIRE_ANNUL);
    char day[FZ_DAY_TEXT];

    fz_buf_printf(cli->out, "    %lld  %s  ", (long long)e->seq, fz_day_text(e->on, day));
    if (zh)
        fz_buf_printf(cli->out, annuls ? "撤销条目%lld" : "更正条目%lld", (long long)e->corrects);
    else
        fz_buf_printf(cli->out, annuls ? "annuls entry %lld" : "amends entry %lld", (long long)e->corrects);
    if (e->outcome.n)
        fz_buf_printf(cli->out, " = %.*s", FZ_STR_ARG(e->outcome));
    for (size_t i = 0; i < e->values_n; i++)
        if (fz_str_is(e->values[i].name, FZ_WIRE_APPROVER))
            fz_buf_printf(cli->out, zh ? "  %.*s，%.*s批准\n" : "  %.*s, approved by %.*s\n", FZ_STR_ARG(e->actor), FZ_STR_ARG(e->values[i].value.text));
}

static void print_list(struct fz_cli *cli, const char *before, const fz_entry_value *list, const char *after)
{
    for (size_t i = 0; i < list->items_n; i++)
        fz_buf_printf(cli->out, "%s%.*s", i ? ", " : before, FZ_STR_ARG(list->items[i].text));
    fz_buf_addz(cli->out, after);
}

/* Who took it, in whose name, and under which records of the directory. */
static void print_persons(struct fz_cli *cli, const struct fz_entry *e)
{
    fz_buf_printf(cli->out, "  %.*s", FZ_STR_ARG(e->actor));
    for (size_t i = 0; i < e->values_n; i++)
        if (fz_str_is(e->values[i].name, FZ_WIRE_PERSONS))
            print_list(cli, ", ", &e->values[i].value, "");
    for (size_t i = 0; i < e->values_n; i++)
        if (fz_str_is(e->values[i].name, FZ_WIRE_NAME))
            fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "，以%.*s的名义" : ", in the name of %.*s", FZ_STR_ARG(e->values[i].value.text));
        else if (fz_str_is(e->values[i].name, FZ_WIRE_RIGHT))
            print_list(cli, cli->lang == FZ_ZH ? "（" : " (", &e->values[i].value, cli->lang == FZ_ZH ? "）" : ")");
}

static void print_entry(struct fz_cli *cli, const struct fz_folded *f, const struct fz_entry *e)
{
    int64_t by = corrected_by(f, e->seq);
    int act = fz_action_find(f->r, e->action.n ? e->action : e->waives), doc = fz_document_find(f->r, e->serves);
    fz_str title = e->serves.n ? fz_title_in(f->r->documents[doc].title, cli->lang) : fz_title_in(f->r->actions[act].title, cli->lang);
    char day[FZ_DAY_TEXT];
    bool zh = cli->lang == FZ_ZH;

    fz_buf_printf(cli->out, "    %lld  %s  %s%.*s", (long long)e->seq, fz_day_text(e->on, day), e->waives.n ? zh ? "不适用：" : "waived: " : "", FZ_STR_ARG(title));
    if (e->serves.n)
        fz_buf_addz(cli->out, zh ? "（送达）" : " (served)");
    if (e->outcome.n)
        fz_buf_printf(cli->out, " = %.*s", FZ_STR_ARG(e->outcome));
    print_persons(cli, e);
    if (by)
        fz_buf_printf(cli->out, zh ? "  （见更正条目%lld）" : "  (corrected by entry %lld)", (long long)by);
    fz_buf_addc(cli->out, '\n');
}

/* ---- show: a record as it stood ---- */

/* Its acts until the end of the day; one that was entered later and happened earlier does not stand before those it was entered after. */
static struct fz_case *as_it_stood(const struct fz_folded *f, fz_day day, struct fz_arena *arena)
{
    struct fz_case *c = fz_case_new(arena, f->pack, f->r);

    for (size_t i = 0; i < f->steps_n && f->steps[i].on <= day; i++)
        fz_case_apply(c, &f->steps[i], f->cal);
    return c;
}

static void print_field(struct fz_cli *cli, const struct fz_record *r, const fz_view *v, int field)
{
    const struct fz_field *f = &r->fields[field];
    fz_value value = fz_case_value(v, field);
    struct fz_buf b = {0};

    if (f->personal || !value.set)
        return;
    if (f->type == FZ_TYPE_CHOICE && !f->many && f->choices.titles && f->choices.titles[value.n].zh.n)
        fz_buf_add(&b, fz_title_in(f->choices.titles[value.n], cli->lang));
    else
        fz_value_print(f->type, &f->choices, value, &b);
    fz_buf_printf(cli->out, "    %.*s%s%.*s\n", FZ_STR_ARG(fz_title_in(f->title, cli->lang)), cli->lang == FZ_ZH ? "：" : ": ", FZ_STR_ARG(fz_buf_str(&b)));
    fz_buf_release(&b);
}

static fz_status print_as_it_stood(struct fz_cli *cli, const struct fz_folded *f, fz_str id, fz_day day, struct fz_arena *arena)
{
    const struct fz_case *c = as_it_stood(f, day, arena);
    fz_view v = {c, NULL, f->cal, day};
    bool zh = cli->lang == FZ_ZH, begun = fz_case_stage(c) != FZ_NONE;
    char text[FZ_DAY_TEXT];

    fz_buf_printf(cli->out, zh ? "%.*s（%s终了时）：" : "%.*s at the end of %s: ", FZ_STR_ARG(id), fz_day_text(day, text));
    if (!begun) {
        fz_buf_addz(cli->out, zh ? "尚未开始\n" : "it had not begun\n");
        return FZ_OK;
    }
    fz_buf_add(cli->out, fz_title_in(f->r->stages[fz_case_stage(c)].title, cli->lang));
    if (fz_case_in_stock(c))
        fz_buf_addz(cli->out, zh ? "，计入存量\n" : ", in the stock\n");
    else
        fz_buf_addz(cli->out, zh ? "，未计入存量\n" : ", not in the stock\n");
    for (size_t i = 0; i < f->r->fields_n; i++)
        print_field(cli, f->r, &v, (int)i);
    return FZ_OK;
}

struct show_options {
    const char *on, *as_of, *by, *ground, *passphrase;
    bool personal, unlock;
};

static fz_status show_day(struct fz_cli *cli, const struct show_options *o, const struct fz_folder *f, fz_day *out)
{
    *out = fz_folder_today(f);
    if (o->on && !fz_day_parse(fz_str_of(o->on), out))
        return fz_fail(&cli->err, FZ_E_USAGE, "--on is a day that exists, not '%s'", o->on);
    return FZ_OK;
}

static fz_status show_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct show_options *o = options;
    fz_str id = fz_str_of(cli->args.items[1]);
    struct fz_folded r;
    fz_day today, as_of = FZ_DAY_NONE;
    fz_str stage;
    bool begun;

    FZ_TRY(show_day(cli, o, f, &today));
    if (o->as_of && !fz_day_parse(fz_str_of(o->as_of), &as_of))
        return fz_fail(&cli->err, FZ_E_USAGE, "--as-of is a day that exists, not '%s'", o->as_of);
    FZ_TRY(fz_engine_fold(f->engine, id, &f->packs.arena, &r, &cli->err));
    if (!r.row)
        return fz_fail(&cli->err, FZ_E_INPUT, "there is no record %.*s", FZ_STR_ARG(id));
    if (o->as_of)
        return print_as_it_stood(cli, &r, id, as_of, &f->packs.arena);
    stage = fz_case_stage(r.c) == FZ_NONE ? fz_str_of(cli->lang == FZ_ZH ? "已全部撤销" : "all annulled")
                                          : fz_title_in(r.r->stages[fz_case_stage(r.c)].title, cli->lang);
    fz_buf_add(cli->out, id);
    if (r.row[FZ_RECORD_NUMBER].kind == FZ_CELL_BYTES) {
        fz_buf_addc(cli->out, ' ');
        fz_buf_add(cli->out, r.row[FZ_RECORD_NUMBER].s);
    }
    fz_buf_printf(cli->out, ": %.*s\n", FZ_STR_ARG(stage));
    for (size_t i = 0; i < r.entries_n; i++)
        if (r.entries[i].correction.n)
            print_correction(cli, &r.entries[i]);
        else
            print_entry(cli, &r, &r.entries[i]);
    FZ_TRY(fz_personal_print(cli, f, id, today, o->personal || o->unlock, o->unlock));
    FZ_TRY(fz_engine_rights_begun(f->engine, &r, today, &begun, &cli->err));
    if (!begun)
        print_unjudged(cli, r.row[FZ_RECORD_ORGAN].s);
    return print_clocks(cli, f, id, today);
}

static fz_status unlock_in(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    const struct show_options *o = options;
    fz_day today;

    FZ_TRY(show_day(cli, o, s->f, &today));
    return fz_personal_unlock(cli, s->f, fz_str_of(cli->args.items[1]), today, o->by, o->ground);
}

static fz_status unlock_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    FZ_TRY(fz_signing_run(cli, f, ((const struct show_options *)options)->passphrase, FZ_ALL_KEYS, options, unlock_in));
    return show_here(cli, options, f);
}

/* What is locked is read by an entry that says who and why. */
static fz_status show_run(struct fz_cli *cli, const void *options)
{
    const struct show_options *o = options;

    if (o->unlock && (!o->by || !o->ground))
        return fz_fail(&cli->err, FZ_E_USAGE, "--unlock needs --by PERSON and --ground TEXT: it is entered who read what is locked, and why");
    return o->unlock ? fz_folder_run(cli, options, 2, FZ_READ_WRITE, unlock_here) : fz_folder_run(cli, options, 2, FZ_READ_ONLY, show_here);
}

static const struct fz_opt show_options[] = {FZ_OPTION_TEXT(struct show_options, on, "on", "DAY", "as of the end of this day (default: today)"),
                                             FZ_OPTION_TEXT(struct show_options, as_of, "as-of", "DAY", "instead: its stage and public fields as they stood at the end of this day"),
                                             FZ_OPTION_FLAG(struct show_options, personal, "personal", "with the personal values that are there"),
                                             FZ_OPTION_FLAG(struct show_options, unlock, "unlock", "and with those that are locked, which is entered"),
                                             FZ_OPTION_TEXT(struct show_options, by, "by", "PERSON", "who reads what is locked"),
                                             FZ_OPTION_TEXT(struct show_options, ground, "ground", "TEXT", "and why; it stays in the log"),
                                             FZ_OPTION_PASSPHRASE(struct show_options, passphrase),
                                             FZ_OPTION_END};

const struct fz_command fz_cmd_show = {.name = "show", .args = "DIR RECORD", .summary = "where a record stands, what was done, and which time limits run",
                                       .exits = "0 shown, 1 the law does not allow it, 2 usage or no such record, 3 failure", .options = show_options,
                                       .options_bytes = sizeof(struct show_options), .run = show_run};

/* ---- rebuild ---- */

struct no_options {
    bool unused;
};
static const struct fz_opt no_options[] = {FZ_OPTION_END};

static fz_status rebuild_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    uint64_t n;

    (void)options;
    FZ_TRY(fz_engine_rebuild(f->engine, &n, &cli->err));
    FZ_TRY(fz_figures_forget(f->store, f->jurisdiction, &cli->err));
    fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "已由%llu条重建各表\n" : "tables made anew from %llu entries\n", (unsigned long long)n);
    return FZ_OK;
}

static fz_status rebuild_run(struct fz_cli *cli, const void *options)
{
    return fz_folder_run(cli, options, 1, FZ_READ_WRITE, rebuild_here);
}

const struct fz_command fz_cmd_rebuild = {.name = "rebuild", .args = "DIR", .summary = "makes the tables anew from the entries",
                                          .exits = "0 done, 2 usage or bad input, 3 failure", .options = no_options, .options_bytes = sizeof(struct no_options),
                                          .run = rebuild_run};
