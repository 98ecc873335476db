/* `fazhi key`: the keys of a log and its witnesses, each change an entry of the log like every other act. */
#include <stdio.h>
#include <unistd.h>

#include "cli/signing.h"

struct key_options {
    const char *algorithm, *actor, *organ, *passphrase, *origin, *ground, *explanation, *by, *keeper, *out;
};

/* ---- looking ---- */

static struct fz_log_key *find(const struct fz_log_keys *keys, fz_str record)
{
    for (size_t i = 0; i < keys->n; i++)
        if (fz_str_eq(keys->items[i].record, record))
            return &keys->items[i];
    return NULL;
}

static const char *state_of(const struct fz_log_key *k, bool zh)
{
    static const struct {
        const char *act, *zh, *en;
    } ends[] = {{FZ_LEDGER_KEY_REPLACED, "已更替", "replaced"},
                {FZ_LEDGER_KEY_REVOKED, "已撤销", "revoked"},
                {FZ_LEDGER_WITNESS_ENDS, "不再信任", "withdrawn"}};

    if (!k->verifier)
        return zh ? "公钥无法读取" : "cannot be read";
    for (size_t i = 0; i < FZ_COUNT(ends); i++)
        if (fz_str_is(k->ended, ends[i].act))
            return zh ? ends[i].zh : ends[i].en;
    return k->role == FZ_ROLE_LOG ? zh ? "在用" : "in force" : zh ? "受信任" : "trusted";
}

static void list_key(struct fz_cli *cli, const char *path, struct fz_arena *a, const struct fz_log_key *k)
{
    bool zh = cli->lang == FZ_ZH,
         here = access(fz_str_printf(a, "%s/keys/%.*s.pem", path, FZ_STR_ARG(k->record)).p, F_OK) == 0;
    char from[FZ_DAY_TEXT], until[FZ_DAY_TEXT];

    fz_buf_printf(cli->out, "%.*s\t%s\t%s\t%s %lld (%s)", FZ_STR_ARG(k->record),
                  k->verifier ? fz_algorithm_word(fz_verifier_algorithm(k->verifier)) : "?", state_of(k, zh),
                  zh ? "自条目" : "from entry", (long long)k->from, fz_day_text(k->from_day, from));
    if (k->until)
        fz_buf_printf(cli->out, "\t%s %lld (%s)", zh ? "至条目" : "to entry", (long long)k->until,
                      fz_day_text(k->until_day, until));
    if (k->ground.n)
        fz_buf_printf(cli->out, "\t%.*s", FZ_STR_ARG(k->ground));
    if (k->role == FZ_ROLE_LOG)
        fz_buf_printf(cli->out, "\t%s",
                      here ? zh ? "私钥在此" : "private key at hand"
                      : zh ? "私钥不在此"
                           : "private key not here");
    fz_buf_addc(cli->out, '\n');
}

static fz_status list(struct fz_cli *cli, const struct key_options *o, struct fz_folder *f,
                      const struct fz_log_keys *keys)
{
    (void)o;
    for (size_t i = 0; i < keys->n; i++)
        list_key(cli, cli->args.items[0], &f->packs.arena, &keys->items[i]);
    return FZ_OK;
}

static fz_status export(struct fz_cli *cli, const struct key_options *o, struct fz_folder *f,
                        const struct fz_log_keys *keys)
{
    const char *record = cli->args.n > 2 ? cli->args.items[2] : NULL;
    uint64_t size = fz_engine_size(f->engine);
    struct fz_buf text = {0};
    fz_status s;

    for (size_t i = 0; i < keys->n; i++) {
        const struct fz_log_key *k = &keys->items[i];

        if (record ? fz_str_is(k->record, record) : k->role == FZ_ROLE_LOG && fz_log_key_in_force(k, size))
            fz_buf_printf(&text, "%.*s\n", FZ_STR_ARG(k->vkey));
    }
    s = text.n   ? fz_cli_result(cli, o->out, fz_buf_str(&text))
        : record ? fz_fail(&cli->err, FZ_E_INPUT, "there is no key %s; `fazhi key DIR list` lists them", record)
                 : fz_fail(&cli->err, FZ_E_INPUT, "no key is in force; `fazhi key DIR make` makes one");
    fz_buf_release(&text);
    return s;
}

/* ---- changing ---- */

static void say(struct fz_cli *cli, fz_str record, const char *en, const char *zh)
{
    fz_buf_printf(cli->out, "%.*s%s%s\n", FZ_STR_ARG(record), cli->lang == FZ_ZH ? "：" : ": ",
                  cli->lang == FZ_ZH ? zh : en);
}

static fz_status make(struct fz_cli *cli, const struct key_options *o, struct fz_signing *s)
{
    fz_algorithm algorithm;
    fz_str record;

    FZ_TRY(fz_algorithm_read(o->algorithm, &algorithm, &cli->err));
    FZ_TRY(fz_signing_make(s, algorithm, fz_str_of(o->origin), fz_str_of(o->actor), &record, &cli->err));
    say(cli, record, "in force", "已启用");
    return FZ_OK;
}

/* The key named, or the only one in force. */
static fz_status which(struct fz_cli *cli, struct fz_signing *s, struct fz_log_key **out)
{
    uint64_t size = fz_engine_size(s->f->engine);
    size_t n = 0;

    if (cli->args.n > 2) {
        *out = find(&s->keys, fz_str_of(cli->args.items[2]));
        return *out ? FZ_OK
                    : fz_fail(&cli->err, FZ_E_INPUT, "there is no key %s; `fazhi key DIR list` lists them",
                              cli->args.items[2]);
    }
    for (size_t i = 0; i < s->keys.n; i++)
        if (s->keys.items[i].role == FZ_ROLE_LOG && fz_log_key_in_force(&s->keys.items[i], size)) {
            *out = &s->keys.items[i];
            n++;
        }
    return n == 1 ? FZ_OK
                  : fz_fail(&cli->err, FZ_E_USAGE, "which key? %zu are in force; `fazhi key DIR list` lists them", n);
}

/* A log all of whose keys have ended would go on without signatures. */
static fz_status another_in_force(struct fz_cli *cli, struct fz_signing *s, fz_str record)
{
    for (size_t i = 0; i < s->keys.n; i++)
        if (s->keys.items[i].role == FZ_ROLE_LOG &&
            fz_log_key_in_force(&s->keys.items[i], fz_engine_size(s->f->engine)) &&
            !fz_str_eq(s->keys.items[i].record, record))
            return FZ_OK;
    return fz_fail(&cli->err, FZ_E_INPUT, "%.*s is the only key in force: `fazhi key DIR make` another first",
                   FZ_STR_ARG(record));
}

/* A head in between is signed by both, so that who knows the one sees the other come. */
static fz_status replace(struct fz_cli *cli, const struct key_options *o, struct fz_signing *s)
{
    struct fz_named_value values[2] = {{FZ_STR("successor"), fz_str_of(o->by)},
                                       {FZ_STR("explanation"), fz_str_of(o->explanation)}};
    struct fz_log_key *old;
    fz_algorithm algorithm;
    fz_str record;

    FZ_TRY(which(cli, s, &old));
    record = old->record;
    if (old->role != FZ_ROLE_LOG || !fz_log_key_in_force(old, fz_engine_size(s->f->engine)))
        return fz_fail(&cli->err, FZ_E_INPUT, "%.*s is no key in force", FZ_STR_ARG(record));
    if (o->by) {
        const struct fz_log_key *next = find(&s->keys, values[0].text);

        if (!next || next == old || next->role != FZ_ROLE_LOG ||
            !fz_log_key_in_force(next, fz_engine_size(s->f->engine)))
            return fz_fail(&cli->err, FZ_E_INPUT, "%s is no other key in force", o->by);
    } else {
        FZ_TRY(fz_algorithm_read(o->algorithm ? o->algorithm : fz_algorithm_word(fz_verifier_algorithm(old->verifier)),
                                 &algorithm, &cli->err));
        FZ_TRY(fz_signing_make(s, algorithm, (fz_str){0}, fz_str_of(o->actor), &values[0].text, &cli->err));
        say(cli, values[0].text, "in force", "已启用");
    }
    FZ_TRY(fz_signing_act(s, record, FZ_LEDGER_KEY, FZ_LEDGER_KEY_REPLACED, fz_str_of(o->actor), values,
                          o->explanation ? 2 : 1, &cli->err));
    say(cli, record, "replaced; destroy its private key once you are sure that no copy of the log needs it",
        "已更替；确认不再需要后，请销毁其私钥");
    return FZ_OK;
}

static fz_status end(struct fz_cli *cli, const struct key_options *o, struct fz_signing *s, fz_role role)
{
    struct fz_named_value values[2] = {{FZ_STR("ground"), fz_str_of(o->ground)},
                                       {FZ_STR("explanation"), fz_str_of(o->explanation)}};
    struct fz_log_key *k;

    if (cli->args.n < 3 || !o->ground)
        return fz_fail(&cli->err, FZ_E_USAGE, "which key, and on what --ground? %s",
                       role == FZ_ROLE_LOG ? "compromised, suspected, lost or retired"
                                           : "compromised, suspected, contradicted or retired");
    FZ_TRY(which(cli, s, &k));
    if (k->role != role)
        return fz_fail(&cli->err, FZ_E_INPUT, "%.*s is %s", FZ_STR_ARG(k->record),
                       role == FZ_ROLE_LOG ? "a witness: withdraw it" : "a key of the log: revoke it");
    if (role == FZ_ROLE_LOG)
        FZ_TRY(another_in_force(cli, s, k->record));
    FZ_TRY(fz_signing_act(s, k->record, role == FZ_ROLE_LOG ? FZ_LEDGER_KEY : FZ_LEDGER_WITNESS,
                          role == FZ_ROLE_LOG ? FZ_LEDGER_KEY_REVOKED : FZ_LEDGER_WITNESS_ENDS, fz_str_of(o->actor),
                          values, o->explanation ? 2 : 1, &cli->err));
    if (role == FZ_ROLE_LOG)
        say(cli, k->record, "revoked; tell those who trust it, and enter that with `fazhi act DIR RECORD tell_parties`",
            "已撤销；请告知有关各方，并以 `fazhi act DIR RECORD tell_parties` 记入");
    else
        say(cli, k->record, "trusted no more", "不再信任");
    return FZ_OK;
}

static fz_status revoke_key(struct fz_cli *cli, const struct key_options *o, struct fz_signing *s)
{
    return end(cli, o, s, FZ_ROLE_LOG);
}

static fz_status withdraw(struct fz_cli *cli, const struct key_options *o, struct fz_signing *s)
{
    return end(cli, o, s, FZ_ROLE_WITNESS);
}

static fz_status trust_key(struct fz_cli *cli, const struct key_options *o, struct fz_signing *s, fz_str vkey,
                           const struct fz_verifier *v)
{
    fz_str record = fz_str_printf(s->arena, "witness-%08x", (unsigned)fz_verifier_id(v));
    char hex[FZ_HASH_HEX];
    fz_hash hash = fz_hash_of((fz_hasher){s->f->crypto, s->f->hash}, &vkey, 1);
    struct fz_named_value values[] = {{FZ_STR("name"), fz_verifier_name(v)},
                                      {FZ_STR("algorithm"), fz_str_of(fz_algorithm_word(fz_verifier_algorithm(v)))},
                                      {FZ_STR("vkey"), vkey},
                                      {FZ_STR("key_hash"), fz_str_of(fz_hash_hex(&hash, hex))},
                                      {FZ_STR("keeper"), fz_str_of(o->keeper)}};

    if (fz_verifier_role(v) != FZ_ROLE_WITNESS)
        return fz_fail(&cli->err, FZ_E_INPUT, "%s: this is the key of a log, not of a witness", cli->args.items[2]);
    if (find(&s->keys, record))
        return fz_fail(&cli->err, FZ_E_EXISTS, "%.*s is there already", FZ_STR_ARG(record));
    FZ_TRY(fz_signing_act(s, record, FZ_LEDGER_WITNESS, FZ_LEDGER_WITNESS_BEGINS, fz_str_of(o->actor), values,
                          o->keeper ? 5 : 4, &cli->err));
    say(cli, record, "trusted", "受信任");
    return FZ_OK;
}

static fz_status trust(struct fz_cli *cli, const struct key_options *o, struct fz_signing *s)
{
    struct fz_verifier *v;
    fz_str text, vkey;
    fz_status st;

    if (cli->args.n < 3)
        return fz_fail(&cli->err, FZ_E_USAGE, "trust takes the file with the witness's public key");
    FZ_TRY(fz_cli_read_file(s->arena, cli->args.items[2], FZ_KEY_PEM_BYTES_MAX, &text, &cli->err));
    vkey = fz_str_trim(text);
    st = fz_verifier_read(&v, s->f->crypto, vkey, &cli->err);
    if (st != FZ_OK)
        return fz_fail(&cli->err, st, "%s: this is no public key, alone on its line", cli->args.items[2]);
    st = trust_key(cli, o, s, vkey, v);
    fz_verifier_free(v);
    return st;
}

/* ---- the command ---- */

static const struct {
    const char *name;
    fz_status (*look)(struct fz_cli *cli, const struct key_options *o, struct fz_folder *f,
                      const struct fz_log_keys *keys);
    fz_status (*change)(struct fz_cli *cli, const struct key_options *o, struct fz_signing *s);
} verbs[] = {{"list", list, NULL},        {"export", export, NULL},     {"make", NULL, make},
             {"replace", NULL, replace},  {"revoke", NULL, revoke_key}, {"trust", NULL, trust},
             {"withdraw", NULL, withdraw}};

static int verb_of(const struct fz_cli *cli)
{
    for (size_t i = 0; cli->args.n > 1 && i < FZ_COUNT(verbs); i++)
        if (strcmp(verbs[i].name, cli->args.items[1]) == 0)
            return (int)i;
    return -1;
}

static fz_status look_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    struct fz_log_keys keys;
    fz_status s = fz_log_keys_read(f->engine, &f->packs.arena, &keys, &cli->err);

    if (s == FZ_OK)
        s = verbs[verb_of(cli)].look(cli, options, f, &keys);
    fz_log_keys_release(&keys);
    return s;
}

static fz_status change(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    s->organ = fz_str_of(((const struct key_options *)options)->organ);
    return verbs[verb_of(cli)].change(cli, options, s);
}

static fz_status change_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct key_options *o = options;

    return fz_signing_run(cli, f, o->passphrase, FZ_KEYS_AT_HAND, options, change);
}

static fz_status key_run(struct fz_cli *cli, const void *options)
{
    int verb = verb_of(cli);

    if (verb < 0)
        return fz_fail(&cli->err, FZ_E_USAGE,
                       "key takes DIR and one of list, export, make, replace, revoke, trust, withdraw");
    return verbs[verb].look ? fz_folder_run(cli, options, 1, FZ_READ_ONLY, look_here)
                            : fz_folder_run(cli, options, 1, FZ_READ_WRITE, change_here);
}

static const struct fz_opt key_options[] = {
    FZ_OPTION_TEXT(struct key_options, algorithm, "algorithm", "sm2|ed25519",
                   "of a new key (default: sm2; of a successor that of the old key)"),
    FZ_OPTION_TEXT(struct key_options, origin, "origin", "NAME",
                   "name of the log, with its first key (default: fazhi/CODE)"),
    FZ_OPTION_TEXT(struct key_options, actor, "actor", "PERSON", "who does it (default: administrator)"),
    FZ_OPTION_TEXT(struct key_options, organ, "organ", "ORGAN", "for which organ: needed once somebody is its administrator (default: none)"),
    FZ_OPTION_TEXT(struct key_options, by, "by", "RECORD", "replace: by this key in force, instead of by a new one"),
    FZ_OPTION_TEXT(struct key_options, ground, "ground", "WORD",
                   "revoke: compromised, suspected, lost, retired; withdraw: contradicted as well"),
    FZ_OPTION_TEXT(struct key_options, explanation, "explanation", "TEXT", "of the ground, for everybody to read"),
    FZ_OPTION_TEXT(struct key_options, keeper, "keeper", "TEXT", "trust: who keeps the witness"),
    FZ_OPTION_PASSPHRASE(struct key_options, passphrase),
    FZ_OPTION_TEXT(struct key_options, out, "out", "FILE", "export: write there (-o for short)"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_key = {
    .name = "key",
    .args = "DIR list | export [RECORD] | make | replace [RECORD] | revoke RECORD | trust FILE | withdraw RECORD",
    .summary = "the keys that sign a log's heads, and its witnesses",
    .exits = "0 done, 1 the law does not allow it, 2 usage or bad input, 3 failure",
    .options = key_options,
    .options_bytes = sizeof(struct key_options),
    .run = key_run};
