#include "cli/signing.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const head_ends[] = {
    [FZ_HEAD_NEWEST] = ".head", [FZ_HEAD_WITNESSED] = ".witnessed.head", [FZ_HEAD_AGAINST] = ".against.head"};

static char *path_in(struct fz_arena *a, const char *folder, const char *part, fz_str name, const char *end)
{
    return fz_str_z(a, fz_str_printf(a, "%s/%s/%.*s%s", folder, part, FZ_STR_ARG(name), end));
}

static fz_status make_folder(struct fz_arena *a, const char *folder, const char *part, struct fz_error *err)
{
    const char *path = fz_str_printf(a, "%s/%s", folder, part).p;

    return mkdir(path, 0700) == 0 || errno == EEXIST ? FZ_OK : fz_fail(err, FZ_E_IO, "%s: %s", path, strerror(errno));
}

/* ---- heads given out ---- */

static bool head_name(const char *name, uint64_t *out_size, fz_head_why *out_why)
{
    fz_str s = fz_str_of(name);
    int64_t size;

    for (size_t why = FZ_COUNT(head_ends); why-- > 0;) { /* the short end is one of the others too */
        fz_str number = {s.p, s.n - strlen(head_ends[why])};

        if (!fz_str_ends(s, head_ends[why]))
            continue;
        if (number.n == 0 || !fz_is_digit(number.p[0]) || !fz_str_int(number, &size))
            return false;
        *out_size = (uint64_t)size;
        *out_why = (fz_head_why)why;
        return true;
    }
    return false;
}

static void sort_published(struct fz_published *p)
{
    for (size_t i = 1; i < p->n; i++)
        for (size_t k = i; k > 0 && p->items[k - 1].size > p->items[k].size; k--) {
            struct fz_published_head swap = p->items[k];

            p->items[k] = p->items[k - 1];
            p->items[k - 1] = swap;
        }
}

fz_status fz_published_read(const char *path, uint64_t size_min, struct fz_arena *arena, struct fz_published *out,
                            struct fz_error *err)
{
    DIR *d = opendir(fz_str_printf(arena, "%s/heads", path).p);
    struct fz_published_head head;
    fz_status s = FZ_OK;

    *out = (struct fz_published){0};
    if (!d)
        return errno == ENOENT ? FZ_OK : fz_fail(err, FZ_E_IO, "%s/heads: %s", path, strerror(errno));
    for (struct dirent *e; s == FZ_OK && (e = readdir(d)) != NULL;) {
        if (!head_name(e->d_name, &head.size, &head.why) || (head.size <= size_min && head.why != FZ_HEAD_AGAINST))
            continue;
        head.source.name = path_in(arena, path, "heads", fz_str_of(e->d_name), "");
        s = fz_cli_read_file(arena, head.source.name, FZ_NOTE_BYTES_MAX, &head.source.text, err);
        if (s == FZ_OK)
            FZ_PUSH(arena, out, items, n, cap) = head;
    }
    closedir(d);
    sort_published(out);
    return s;
}

/* The newest is one file; those that a witness has signed stay. */
static void remove_older(struct fz_arena *a, const char *path, uint64_t size)
{
    DIR *d = opendir(fz_str_printf(a, "%s/heads", path).p);
    uint64_t other;
    fz_head_why why;

    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (head_name(e->d_name, &other, &why) && why == FZ_HEAD_NEWEST && other < size)
            unlink(path_in(a, path, "heads", fz_str_of(e->d_name), ""));
    closedir(d);
}

fz_status fz_signing_publish(const char *path, uint64_t size, fz_str note, fz_head_why why, struct fz_error *err)
{
    struct fz_arena a;
    fz_status s;

    fz_arena_init(&a);
    s = make_folder(&a, path, "heads", err);
    if (s == FZ_OK)
        s = fz_cli_replace_file(path_in(&a, path, "heads", fz_str_printf(&a, "%016" PRIu64, size), head_ends[why]),
                                note, err);
    if (s == FZ_OK && why == FZ_HEAD_NEWEST)
        remove_older(&a, path, size);
    fz_arena_release(&a);
    return s;
}

/* One head that was given out: of this log, and one that its entries give. */
static fz_status check_published(struct fz_signing *s, const struct fz_source *source, struct fz_error *err)
{
    struct fz_checkpoint c;
    struct fz_diags diags;
    struct fz_note note;
    fz_standing standing;

    fz_diags_init(&diags, s->arena);
    if (!fz_note_parse(s->arena, source, &note, &diags) || !fz_checkpoint_parse(s->arena, &note, &c, &diags) ||
        !fz_str_eq(c.origin, s->keys.origin))
        return fz_fail(err, FZ_E_INPUT, "%s: this is no head of this log: nothing was entered", source->name);
    FZ_TRY(fz_head_stand(s->f->engine, &c, &standing, err));
    if (standing == FZ_BEYOND)
        return fz_fail(
            err, FZ_E_INPUT,
            "%s: a head of %" PRIu64 " entries was given out, and this log has %" PRIu64
            ": it was set back to an older state. Nothing is entered or signed; bring the missing entries back",
            source->name, c.size, fz_engine_size(s->f->engine));
    if (standing == FZ_CONTRADICTS)
        return fz_fail(err, FZ_E_INPUT,
                       "%s: a head of %" PRIu64
                       " entries was given out, and the entries of this log are others: nothing is entered or signed",
                       source->name, c.size);
    return FZ_OK;
}

/* Older ones stand under the kept heads, which are checked from one to the next. */
static fz_status check_all_published(struct fz_signing *s, struct fz_error *err)
{
    struct fz_source newest = {"head", {0}};
    struct fz_checkpoint c = {0};
    struct fz_published published;
    struct fz_diags diags;
    struct fz_note note;

    FZ_TRY(fz_head_find(s->f->engine, &s->keys, 0, false, s->arena, &newest.text, err));
    fz_diags_init(&diags, s->arena);
    if (newest.text.n && fz_note_parse(s->arena, &newest, &note, &diags))
        fz_checkpoint_parse(s->arena, &note, &c, &diags);
    FZ_TRY(fz_published_read(s->path, c.size ? c.size - 1 : 0, s->arena, &published, err));
    for (size_t i = published.n; i-- > 0;) /* the newest says it best */
        FZ_TRY(check_published(s, &published.items[i].source, err));
    return FZ_OK;
}

/* ---- private keys ---- */

static fz_status read_signer(struct fz_signing *s, const struct fz_log_key *k, struct fz_error *err)
{
    const char *file = path_in(s->arena, s->path, "keys", k->record, ".pem");
    struct fz_signer *signer;

    if (access(file, F_OK) != 0)
        return fz_fail(
            err, FZ_E_INPUT,
            "%s: the private key of %.*s, which is in force, is not there. Bring it back, or make another key and revoke this one",
            file, FZ_STR_ARG(k->record));
    FZ_TRY(fz_key_file_read(&signer, s->f->crypto, FZ_ROLE_LOG, file, &s->passphrase, err));
    if (!fz_verifier_same_key(fz_signer_verifier(signer), k->verifier)) {
        fz_signer_free(signer);
        return fz_fail(err, FZ_E_INPUT, "%s: the private key is not that of %.*s", file, FZ_STR_ARG(k->record));
    }
    FZ_PUSH(s->arena, s, signers, n, cap) = signer;
    return FZ_OK;
}

static fz_status read_signers(struct fz_signing *s, fz_key_care care, struct fz_error *err)
{
    uint64_t size = fz_engine_size(s->f->engine);
    struct fz_error why;

    for (size_t i = 0; i < s->keys.n; i++) {
        const struct fz_log_key *k = &s->keys.items[i];

        if (k->role != FZ_ROLE_LOG || !fz_log_key_in_force(k, size))
            continue;
        if (read_signer(s, k, &why) == FZ_OK)
            continue;
        if (care == FZ_ALL_KEYS)
            return fz_fail(err, why.status, "%s", why.text);
        fprintf(stderr, "fazhi: %s\n", why.text);
    }
    return FZ_OK;
}

fz_status fz_signing_open(struct fz_signing *s, struct fz_folder *f, const char *path, const char *passphrase_file,
                          fz_key_care care, struct fz_error *err)
{
    const char *keys = fz_str_printf(&f->packs.arena, "%s/keys", path).p;

    *s = (struct fz_signing){.f = f, .path = path, .arena = &f->packs.arena};
    FZ_TRY(fz_log_keys_read(f->engine, s->arena, &s->keys, err));
    FZ_TRY(check_all_published(s, err));
    FZ_TRY(fz_passphrase_read(&s->passphrase, passphrase_file, err));
    if (access(keys, F_OK) == 0)
        FZ_TRY(fz_only_owner(keys, err));
    return read_signers(s, care, err);
}

void fz_signing_close(struct fz_signing *s)
{
    for (size_t i = 0; i < s->n; i++)
        fz_signer_free(s->signers[i]);
    fz_log_keys_release(&s->keys);
    fz_passphrase_forget(&s->passphrase);
}

/* ---- signing ---- */

fz_status fz_signing_head(struct fz_signing *s, fz_str *out_note, struct fz_error *err)
{
    fz_str note;

    fz_log_keys_release(&s->keys);
    FZ_TRY(fz_log_keys_read(s->f->engine, s->arena, &s->keys, err));
    FZ_TRY(
        fz_head_sign(s->f->engine, &s->keys, (const struct fz_signer *const *)s->signers, s->n, s->arena, &note, err));
    if (note.n)
        FZ_TRY(fz_signing_publish(s->path, fz_engine_size(s->f->engine), note, FZ_HEAD_NEWEST, err));
    if (out_note)
        *out_note = note;
    return FZ_OK;
}

fz_status fz_signing_act(struct fz_signing *s, fz_str record, const char *type, const char *action, fz_str actor,
                         const struct fz_named_value *values, size_t n, struct fz_error *err)
{
    struct fz_order o = FZ_ORDER(fz_str_of(action), fz_folder_today(s->f));
    struct fz_answer a;

    o.record = record;
    o.type = fz_str_of(type);
    o.pack = FZ_STR(FZ_LEDGER_PACK);
    o.actor = actor.n ? actor : FZ_STR("administrator");
    o.role = FZ_STR("administrator");
    o.organ = s->organ;
    o.values = values;
    o.values_n = n;
    FZ_TRY(fz_engine_submit(s->f->engine, &o, 1, fz_folder_now_ms(s->f), s->arena, &a, err));
    if (a.kind == FZ_A_DONE)
        return FZ_OK;
    if (a.kind == FZ_A_REFUSED && a.ruling.n)
        return fz_fail(err, FZ_REFUSED, "%.*s: %.*s", FZ_STR_ARG(record),
                       FZ_STR_ARG(fz_title_in(a.ruling.grounds[0].title, s->lang)));
    return fz_fail(err, FZ_E_INPUT, "%.*s", FZ_STR_ARG(a.text));
}

/* The file first: an entry for a key that nobody has would stop every further command. */
static fz_status put_in_force(struct fz_signing *s, const struct fz_signer *signer, fz_str record, fz_str actor,
                              struct fz_error *err)
{
    const struct fz_verifier *v = fz_signer_verifier(signer);
    const char *file = path_in(s->arena, s->path, "keys", record, ".pem");
    char hex[FZ_HASH_HEX];
    struct fz_buf vkey = {0};
    fz_hash hash;
    fz_status st;

    FZ_TRY(make_folder(s->arena, s->path, "keys", err));
    FZ_TRY(fz_only_owner(fz_str_printf(s->arena, "%s/keys", s->path).p, err));
    FZ_TRY(fz_key_file_write(file, signer, &s->passphrase, (fz_random){fz_folder_random, s->f}, err));
    fz_verifier_emit(v, &vkey);
    hash = fz_hash_of((fz_hasher){s->f->crypto, s->f->hash}, &(fz_str){vkey.p, vkey.n}, 1);
    st = fz_signing_act(
        s, record, FZ_LEDGER_KEY, FZ_LEDGER_KEY_BEGINS, actor,
        (const struct fz_named_value[]){{FZ_STR("name"), fz_verifier_name(v)},
                                        {FZ_STR("algorithm"), fz_str_of(fz_algorithm_word(fz_verifier_algorithm(v)))},
                                        {FZ_STR("vkey"), fz_buf_str(&vkey)},
                                        {FZ_STR("key_hash"), fz_str_of(fz_hash_hex(&hash, hex))}},
        4, err);
    if (st != FZ_OK && st != FZ_E_UNSURE)
        unlink(file);
    fz_buf_release(&vkey);
    return st;
}

fz_status fz_signing_make(struct fz_signing *s, fz_algorithm algorithm, fz_str origin, fz_str actor, fz_str *out_record,
                          struct fz_error *err)
{
    fz_str name = s->keys.origin.n ? s->keys.origin : origin, record;
    struct fz_signer *signer;
    fz_status st;

    if (origin.n && !fz_str_eq(origin, name))
        return fz_fail(err, FZ_E_INPUT, "this log is %.*s: a key of another name would sign for another log",
                       FZ_STR_ARG(name));
    if (name.n == 0)
        name = fz_str_printf(s->arena, "fazhi/%.*s", FZ_STR_ARG(s->f->jurisdiction));
    FZ_TRY(fz_signer_generate(&signer, s->f->crypto, algorithm, FZ_ROLE_LOG, name, (fz_random){fz_folder_random, s->f},
                              err));
    record = fz_str_printf(s->arena, "log-%08" PRIx32, fz_verifier_id(fz_signer_verifier(signer)));
    st = put_in_force(s, signer, record, actor, err);
    if (st != FZ_OK) {
        fz_signer_free(signer);
        return st;
    }
    FZ_PUSH(s->arena, s, signers, n, cap) = signer;
    *out_record = record;
    return fz_signing_head(s, NULL, err);
}

fz_status fz_signing_run(struct fz_cli *cli, struct fz_folder *f, const char *passphrase_file, fz_key_care care,
                         const void *options,
                         fz_status (*run)(struct fz_cli *cli, const void *options, struct fz_signing *s))
{
    struct fz_signing s;
    struct fz_error err;
    fz_status st = fz_signing_open(&s, f, cli->args.items[0], passphrase_file, care, &cli->err), head;
    uint64_t before;

    if (st == FZ_OK) {
        before = fz_engine_size(f->engine);
        s.lang = cli->lang;
        st = run(cli, options, &s);
        head = fz_engine_size(f->engine) > before ? fz_signing_head(&s, NULL, &err) : FZ_OK;
        if (head != FZ_OK)
            st = fz_fail(&cli->err, head, "%llu entries were made, and no head could be signed: %s",
                         (unsigned long long)(fz_engine_size(f->engine) - before), err.text);
    }
    fz_signing_close(&s);
    return st;
}
