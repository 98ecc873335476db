/*
 * `fazhi verify`: a data folder against its own entries, nodes, tables and heads; with --trust against heads and receipts that were kept elsewhere, which is
 * what finds a log that was rewritten as a whole or set back; or one receipt, without any folder.
 *
 * Two answers are kept apart. Integrity (真实性): what is there is what was signed. Completeness (完整性): all that was signed is there.
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "cli/receipt.h"
#include "cli/signing.h"
#include "ledger/witness.h"

struct verify_options {
    const char *trust, *witnesses;
    struct fz_texts heads;
};

static fz_status read_trust(struct fz_cli *cli, const struct verify_options *o, struct fz_crypto *crypto,
                            struct fz_arena *a, struct fz_trust_file *out)
{
    int64_t least = 0;

    FZ_TRY(fz_trust_read(out, crypto, a, o->trust, &cli->err));
    if (o->witnesses && (!fz_str_int(fz_str_of(o->witnesses), &least) || least < 0 || least > FZ_NOTE_SIGNATURES_MAX))
        return fz_fail(&cli->err, FZ_E_USAGE, "--witnesses is a number, not '%s'", o->witnesses);
    out->trust.witnesses_min = (size_t)least;
    return FZ_OK;
}

#define SAY(cli, en, zh, ...) fz_buf_printf((cli)->out, (cli)->lang == FZ_ZH ? zh : en, __VA_ARGS__)

/* ---- one receipt ---- */

static void say_entry(struct fz_cli *cli, const struct fz_entry *e)
{
    fz_str what = e->action.n ? e->action : e->waives.n ? e->waives : e->serves.n ? e->serves : e->correction;
    char day[FZ_DAY_TEXT];

    SAY(cli, "entry %lld of the log of %.*s: %.*s, %.*s on %s, by %.*s\n",
        "第%lld条（辖区%.*s）：%.*s，%.*s，%s，%.*s\n", (long long)e->seq, FZ_STR_ARG(e->jurisdiction),
        FZ_STR_ARG(e->record), FZ_STR_ARG(what), fz_day_text(e->on, day), FZ_STR_ARG(e->actor));
}

static void say_holds(struct fz_cli *cli, const struct fz_receipt_facts *facts)
{
    say_entry(cli, &facts->entry);
    SAY(cli, "integrity: holds. The entry is as it was signed, in the log %.*s\n",
        "真实性：成立。条目与签名时一致，在日志%.*s中\n", FZ_STR_ARG(facts->head.origin));
    SAY(cli, "completeness: the head is over %" PRIu64 " entries; what came after them a receipt cannot say\n",
        "完整性：日志头涵盖%" PRIu64 "条；其后的情况，回执不能说明\n", facts->head.size);
    SAY(cli, "signed by a key that you trust; witnesses that you trust: %zu\n", "由可信密钥签名；可信见证方：%zu\n",
        facts->witnesses);
}

/* What failed, in plain words; the place is in the problem itself. */
static fz_status say_fails(struct fz_cli *cli, const char *file, struct fz_diags *diags)
{
    fz_diag_id id = diags->items[0].id;
    bool zh = cli->lang == FZ_ZH;

    fz_cli_say_problems(cli, diags);
    if (id == FZ_D_note_untrusted)
        return fz_fail(&cli->err, FZ_REFUSED,
                       zh ? "%s：不成立：没有可信密钥的签名，真实性无从证明"
                          : "%s: does not hold: no key that you trust has signed it, so nothing shows that it is true",
                       file);
    if (id == FZ_D_note_witnesses)
        return fz_fail(&cli->err, FZ_REFUSED,
                       zh ? "%s：可信密钥已签名，但见证方不足"
                          : "%s: a key that you trust has signed it, but too few witnesses have",
                       file);
    return fz_fail(&cli->err, FZ_REFUSED,
                   zh ? "%s：不成立：真实性被破坏，内容与签名不符"
                      : "%s: does not hold: integrity is broken, it is not what was signed",
                   file);
}

static fz_status verify_receipt(struct fz_cli *cli, struct fz_arena *a, struct fz_crypto *crypto,
                                const struct fz_trust *trust)
{
    struct fz_source source = {.name = cli->args.items[0]};
    struct fz_receipt_facts facts;
    struct fz_receipt r;
    struct fz_diags diags;

    FZ_TRY(fz_cli_read_file(a, source.name, FZ_RECEIPT_BYTES_MAX, &source.text, &cli->err));
    fz_diags_init(&diags, a);
    if (!fz_cli_read_receipt(a, &source, &r, &diags) || !fz_receipt_verify(a, crypto, &r, trust, &facts, &diags))
        return say_fails(cli, source.name, &diags);
    say_holds(cli, &facts);
    return FZ_OK;
}

static fz_status receipt_run(struct fz_cli *cli, const struct verify_options *o)
{
    struct fz_trust_file trust = {0};
    struct fz_crypto *crypto = NULL;
    struct fz_arena a;
    fz_status s;

    if (!o->trust)
        return fz_fail(
            &cli->err, FZ_E_USAGE,
            "a receipt does not vouch for itself: --trust KEYS, a file of public keys that you have from elsewhere");
    if (o->heads.n)
        return fz_fail(&cli->err, FZ_E_USAGE, "--head is for a data folder");
    fz_arena_init(&a);
    s = fz_crypto_new(&crypto, &cli->err);
    if (s == FZ_OK)
        s = read_trust(cli, o, crypto, &a, &trust);
    if (s == FZ_OK)
        s = verify_receipt(cli, &a, crypto, &trust.trust);
    fz_trust_release(&trust);
    fz_crypto_free(crypto);
    fz_arena_release(&a);
    return s;
}

/* ---- a folder ---- */

struct look {
    struct fz_cli *cli;
    const struct verify_options *o;
    struct fz_folder *f;
    struct fz_arena *a;
    struct fz_trust_file trust;
    struct fz_log_keys keys;
    uint64_t broken, missing; /* findings of either kind */
};

static void not_intact(struct look *k, const char *file, const char *en, const char *zh)
{
    SAY(k->cli, "integrity: broken. %s: %s\n", "真实性：不成立。%s：%s\n", file, k->cli->lang == FZ_ZH ? zh : en);
    k->broken++;
}

/* A head that keys of this log, or keys to trust, have signed. */
static fz_status compare_head(struct look *k, const char *file, const struct fz_checkpoint *c)
{
    uint64_t size = fz_engine_size(k->f->engine);
    fz_standing standing;

    if (k->keys.origin.n && !fz_str_eq(c->origin, k->keys.origin)) {
        not_intact(k, file, "it is a head of another log", "这是其他日志的日志头");
        return FZ_OK;
    }
    FZ_TRY(fz_head_stand(k->f->engine, c, &standing, &k->cli->err));
    if (standing == FZ_BEYOND) {
        SAY(k->cli,
            "completeness: broken. %s: %" PRIu64 " entries were signed, and %" PRIu64 " are here: the last %" PRIu64
            " are missing, the log was set back to an older state\n",
            "完整性：不成立。%s：已签名%" PRIu64 "条，此处只有%" PRIu64 "条：缺少最后%" PRIu64
            "条，日志被恢复到较早的状态\n",
            file, c->size, size, c->size - size);
        k->missing++;
    } else if (standing == FZ_CONTRADICTS) {
        not_intact(k, file, "the entries are not those that were signed: the log was rewritten",
                   "条目与签名时不一致：日志被改写");
    }
    return FZ_OK;
}

static bool open_head(struct look *k, const struct fz_source *source, const struct fz_trust *trust,
                      struct fz_checkpoint *out, struct fz_diags *diags)
{
    struct fz_source *note = FZ_NEW(k->a, struct fz_source);
    struct fz_witness_request r;

    if (!fz_witness_request_parse(k->a, source, &r, diags))
        return false;
    *note = r.note;
    return fz_checkpoint_open(k->a, note, trust, out, diags);
}

/* Besides its head, a receipt has an entry; which one was changed is worth saying. */
static fz_status compare_entry(struct look *k, const char *file, const struct fz_receipt *r, int64_t seq)
{
    fz_str bytes;

    FZ_TRY(fz_engine_entry(k->f->engine, seq, k->a, &bytes, &k->cli->err));
    if (bytes.n && !fz_str_eq(bytes, r->entry.text)) {
        SAY(k->cli, "integrity: broken. %s: entry %lld here is not the one that was signed\n",
            "真实性：不成立。%s：此处第%lld条不是签名时的条目\n", file, (long long)seq);
        k->broken++;
    }
    return FZ_OK;
}

static fz_status compare_file(struct look *k, const char *file)
{
    struct fz_source source = {.name = file};
    struct fz_receipt_facts facts;
    struct fz_receipt r;
    struct fz_checkpoint c;
    struct fz_diags diags;
    bool receipt, ok;

    FZ_TRY(fz_cli_read_file(k->a, file, FZ_RECEIPT_BYTES_MAX, &source.text, &k->cli->err));
    fz_diags_init(&diags, k->a);
    receipt = fz_is_receipt(source.text);
    if (receipt)
        ok = fz_cli_read_receipt(k->a, &source, &r, &diags) &&
             fz_receipt_verify(k->a, k->f->crypto, &r, &k->trust.trust, &facts, &diags);
    else
        ok = open_head(k, &source, &k->trust.trust, &c, &diags);
    if (!ok) /* the file is wrong, not the log */
        return say_fails(k->cli, file, &diags);
    if (receipt)
        FZ_TRY(compare_entry(k, file, &r, facts.entry.seq));
    return compare_head(k, file, receipt ? &facts.head : &c);
}

/* The newest head here: without this a log that was made anew with keys of its own, all at once, would pass. */
static fz_status check_newest(struct look *k)
{
    struct fz_source source = {.name = "head"};
    struct fz_checkpoint c;
    struct fz_diags diags;

    fz_diags_init(&diags, k->a);
    FZ_TRY(fz_head_find(k->f->engine, &k->keys, 0, k->trust.trust.witnesses_min > 0, k->a, &source.text, &k->cli->err));
    if (source.text.n && fz_checkpoint_open(k->a, &source, &k->trust.trust, &c, &diags)) {
        SAY(k->cli, "a key that you trust has signed the head of %" PRIu64 " entries\n",
            "可信密钥已为%" PRIu64 "条的日志头签名\n", c.size);
        return FZ_OK;
    }
    k->broken++;
    if (diags.n && diags.items[0].id == FZ_D_note_witnesses)
        SAY(k->cli, "integrity: not shown. %s: too few of these witnesses have signed the newest head\n",
            "真实性：无从证明。%s：为最新日志头签名的见证方不足\n", k->o->trust);
    else
        SAY(k->cli,
            "integrity: not shown. %s: none of these keys has signed the newest head: the log was made anew with another key, or its key was replaced and you lack the new one\n",
            "真实性：无从证明。%s：这些密钥均未为最新日志头签名：日志被用其他密钥重新制作，或者密钥已更替而您没有新密钥\n",
            k->o->trust);
    return FZ_OK;
}

/* Heads that this folder gave out, as they lie in `heads/`. */
static fz_status check_published(struct look *k)
{
    uint64_t now = fz_engine_size(k->f->engine);
    struct fz_published published;

    FZ_TRY(fz_published_read(k->cli->args.items[0], 0, k->a, &published, &k->cli->err));
    for (size_t i = 0; i < published.n; i++) {
        struct fz_source *source = &published.items[i].source;
        struct fz_checkpoint c;
        struct fz_diags diags;
        struct fz_trust trust;
        struct fz_note note;
        size_t witnesses;

        fz_diags_init(&diags, k->a);
        if (!fz_note_parse(k->a, source, &note, &diags) || !fz_checkpoint_parse(k->a, &note, &c, &diags)) {
            not_intact(k, source->name, "this is no head of a log", "这不是日志头");
            continue;
        }
        trust = fz_log_trust(&k->keys, c.size < now ? c.size : now, now, k->a);
        if (!fz_checkpoint_verify(k->a, &note, &c, &trust, &witnesses, &diags))
            not_intact(k, source->name, "no key that this log knows has signed it, or a signature does not fit",
                       "本日志所知的密钥均未签名，或者签名不符");
        FZ_TRY(compare_head(k, source->name, &c));
    }
    return FZ_OK;
}

static void say_problems(struct fz_cli *cli, const struct fz_verdict *v)
{
    static const char *const kinds[] = {"gap", "entry", "node", "commitment", "row", "missing", "head"};

    for (size_t i = 0; i < v->n; i++)
        fz_buf_printf(cli->out, "%.*s[%s]%s%.0lld: %.*s\n", FZ_STR_ARG(v->items[i].table), kinds[v->items[i].kind],
                      v->items[i].seq ? " " : "", (long long)v->items[i].seq, FZ_STR_ARG(v->items[i].text));
}

static void say_sound(struct fz_cli *cli, const struct fz_verdict *v)
{
    char hex[FZ_HASH_HEX];

    if (v->heads)
        SAY(cli,
            "heads: %" PRIu64 ", signed up to entry %" PRIu64 ", witnessed up to %" PRIu64
            "; not under one yet: %" PRIu64 "\n",
            "日志头：%" PRIu64 "个，签名至第%" PRIu64 "条，见证至第%" PRIu64 "条；尚未签名：%" PRIu64 "条\n", v->heads,
            v->signed_size, v->witnessed_size, v->entries - v->signed_size);
    SAY(cli, "sound: %" PRIu64 " entries, %" PRIu64 " rows, root %s\n", "完好：%" PRIu64 "条，%" PRIu64 "行，根 %s\n",
        v->entries, v->rows, fz_hash_hex(&v->root, hex));
}

static fz_status look_outside(struct look *k)
{
    FZ_TRY(check_published(k));
    if (!k->o->trust)
        return FZ_OK;
    FZ_TRY(read_trust(k->cli, k->o, k->f->crypto, k->a, &k->trust));
    for (size_t i = 0; i < k->o->heads.n; i++)
        FZ_TRY(compare_file(k, k->o->heads.items[i]));
    return check_newest(k);
}

static fz_status look(struct look *k)
{
    struct fz_verdict v;
    uint64_t n;

    FZ_TRY(fz_engine_verify(k->f->engine, k->a, &v, &k->cli->err));
    say_problems(k->cli, &v);
    n = v.n + v.more;
    if (n == 0 || v.items[0].kind == FZ_P_HEAD) { /* else the entries cannot be relied upon to compare with */
        FZ_TRY(fz_log_keys_read(k->f->engine, k->a, &k->keys, &k->cli->err));
        FZ_TRY(look_outside(k));
    }
    n += k->broken + k->missing;
    if (n)
        return fz_fail(&k->cli->err, FZ_REFUSED, k->cli->lang == FZ_ZH ? "不符之处：%" PRIu64 : "problems: %" PRIu64,
                       n);
    say_sound(k->cli, &v);
    return FZ_OK;
}

static fz_status look_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    struct look k = {.cli = cli, .o = options, .f = f, .a = &f->packs.arena};
    fz_status s;

    if (k.o->heads.n && !k.o->trust)
        return fz_fail(
            &cli->err, FZ_E_USAGE,
            "a head does not vouch for itself: --trust KEYS, a file of public keys that you have from elsewhere");
    s = look(&k);
    fz_log_keys_release(&k.keys);
    fz_trust_release(&k.trust);
    return s;
}

static fz_status verify_run(struct fz_cli *cli, const void *options)
{
    struct stat st;

    if (cli->args.n == 1 && stat(cli->args.items[0], &st) == 0 && S_ISREG(st.st_mode))
        return receipt_run(cli, options);
    /* Alone in the folder: entries that came in between two looks would pass for rows that nothing accounts for. */
    return fz_folder_run(cli, options, 1, FZ_READ_WRITE, look_here);
}

static const struct fz_opt verify_options[] = {
    FZ_OPTION_TEXT(struct verify_options, trust, "trust", "KEYS",
                   "public keys that you have from elsewhere, a line each: of the log and of its witnesses"),
    FZ_OPTION_MANY(struct verify_options, heads, "head", "FILE",
                   "a head or a receipt of this log that was kept elsewhere; again for more"),
    FZ_OPTION_TEXT(struct verify_options, witnesses, "witnesses", "N",
                   "how many witnesses have to have signed (default: 0)"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_verify = {
    .name = "verify",
    .args = "DIR | RECEIPT",
    .summary =
        "the log against its tree, its heads and its tables, and against heads kept elsewhere; or one receipt, offline",
    .exits = "0 sound, 1 something is not, 2 usage or bad input, 3 could not look",
    .options = verify_options,
    .options_bytes = sizeof(struct verify_options),
    .run = verify_run};
