/* `fazhi head`: the newest signed head of a log, as a file that travels: to whoever keeps it, to a witness and back. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/signing.h"
#include "ledger/witness.h"

struct head_options {
    const char *since, *add, *out, *passphrase;
    bool sign, witnessed;
};

static fz_status parse_kept(struct fz_arena *a, fz_str note, struct fz_checkpoint *out, struct fz_error *err)
{
    struct fz_source *source = FZ_NEW(a, struct fz_source);
    struct fz_diags diags;
    struct fz_note n;

    *source = (struct fz_source){"head", note};
    fz_diags_init(&diags, a);
    return fz_note_parse(a, source, &n, &diags) && fz_checkpoint_parse(a, &n, out, &diags)
               ? FZ_OK
               : fz_fail(err, FZ_E_INPUT, "the kept head cannot be read; `fazhi verify` says more");
}

static fz_status write_since(struct fz_cli *cli, const struct head_options *o, struct fz_folder *f, fz_str note,
                             uint64_t size)
{
    struct fz_witness_request r = {.note = {"head", note}};
    struct fz_buf out = {0};
    int64_t since;
    fz_status s;

    if (!fz_str_int(fz_str_of(o->since), &since) || since < 0)
        return fz_fail(&cli->err, FZ_E_USAGE, "--since is a number of entries, not '%s'", o->since);
    r.old = (uint64_t)since;
    if (r.old > size)
        return fz_fail(&cli->err, FZ_E_INPUT, "the head is over %" PRIu64 " entries: it cannot continue one over %s",
                       size, o->since);
    FZ_TRY(fz_engine_consistency(f->engine, r.old, size, &r.proof, &cli->err));
    fz_witness_request_emit(&r, &out);
    s = fz_cli_result(cli, o->out, fz_buf_str(&out));
    fz_buf_release(&out);
    return s;
}

static fz_status write_head(struct fz_cli *cli, const struct head_options *o, struct fz_folder *f,
                            const struct fz_log_keys *keys)
{
    struct fz_checkpoint c;
    fz_str note;

    FZ_TRY(fz_head_find(f->engine, keys, 0, o->witnessed, &f->packs.arena, &note, &cli->err));
    if (note.n == 0)
        return fz_fail(&cli->err, FZ_E_INPUT,
                       o->witnessed ? "no witness has signed a head of this log yet"
                                    : "this log has no signed head; `fazhi key DIR make` makes a key");
    FZ_TRY(parse_kept(&f->packs.arena, note, &c, &cli->err));
    if (fz_engine_size(f->engine) > c.size && !o->witnessed)
        fprintf(stderr,
                "fazhi: %" PRIu64 " entries are not under a signed head yet; `fazhi head DIR --sign` signs one\n",
                fz_engine_size(f->engine) - c.size);
    return o->since ? write_since(cli, o, f, note, c.size) : fz_cli_result(cli, o->out, note);
}

static fz_status head_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    struct fz_log_keys keys;
    fz_status s = fz_log_keys_read(f->engine, &f->packs.arena, &keys, &cli->err);

    if (s == FZ_OK)
        s = write_head(cli, options, f, &keys);
    fz_log_keys_release(&keys);
    return s;
}

/* ---- signing, and what comes back ---- */

static fz_status sign(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    FZ_TRY(fz_signing_head(s, NULL, &cli->err));
    return write_head(cli, options, s->f, &s->keys);
}

static fz_status sign_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct head_options *o = options;

    return fz_signing_run(cli, f, o->passphrase, FZ_KEYS_AT_HAND, options, sign);
}

/* Beyond the log, or another history: kept in `heads/`, so that nothing more is signed here. */
static fz_status caught(struct fz_cli *cli, struct fz_folder *f, const char *file, fz_str note, uint64_t size,
                        fz_standing standing)
{
    FZ_TRY(fz_signing_publish(cli->args.items[0], size, note, FZ_HEAD_AGAINST, &cli->err));
    if (standing == FZ_BEYOND)
        return fz_fail(
            &cli->err, FZ_REFUSED,
            "%s: this log signed a head of %" PRIu64 " entries, and it has %" PRIu64
            ": it was set back to an older state. Nothing more is entered or signed; bring the missing entries back",
            file, size, fz_engine_size(f->engine));
    return fz_fail(&cli->err, FZ_REFUSED,
                   "%s: this log signed a head of %" PRIu64
                   " entries, and its entries are others now: it was rewritten. Keep the file, it proves it",
                   file, size);
}

static fz_status add(struct fz_cli *cli, struct fz_folder *f, const char *file, const struct fz_log_keys *keys)
{
    struct fz_source source = {.name = file};
    struct fz_diags diags;
    fz_standing standing = FZ_STANDS;
    uint64_t size = 0;
    size_t n = 0;
    fz_str note;
    fz_status s;

    FZ_TRY(fz_cli_read_file(&f->packs.arena, file, FZ_NOTE_BYTES_MAX, &source.text, &cli->err));
    fz_diags_init(&diags, &f->packs.arena);
    s = fz_head_add(f->engine, keys, &source, &f->packs.arena, &diags, &n, &size, &standing, &cli->err);
    fz_cli_say_problems(cli, &diags);
    FZ_TRY(s);
    if (standing != FZ_STANDS)
        return caught(cli, f, file, source.text, size, standing);
    FZ_TRY(fz_head_at(f->engine, size, &f->packs.arena, &note, &cli->err));
    if (n)
        FZ_TRY(fz_signing_publish(cli->args.items[0], size, note, FZ_HEAD_WITNESSED, &cli->err));
    fz_buf_printf(cli->out,
                  cli->lang == FZ_ZH ? "%" PRIu64 "条的日志头：新增签名%zu个\n"
                                     : "the head of %" PRIu64 " entries: %zu signatures added\n",
                  size, n);
    return FZ_OK;
}

static fz_status add_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct head_options *o = options;
    struct fz_log_keys keys;
    fz_status s = fz_log_keys_read(f->engine, &f->packs.arena, &keys, &cli->err);

    if (s == FZ_OK)
        s = add(cli, f, o->add, &keys);
    fz_log_keys_release(&keys);
    return s;
}

static fz_status head_run(struct fz_cli *cli, const void *options)
{
    const struct head_options *o = options;

    if (o->add)
        return fz_folder_run(cli, options, 1, FZ_READ_WRITE, add_here);
    return o->sign ? fz_folder_run(cli, options, 1, FZ_READ_WRITE, sign_here)
                   : fz_folder_run(cli, options, 1, FZ_READ_ONLY, head_here);
}

static const struct fz_opt head_options[] = {
    FZ_OPTION_TEXT(struct head_options, out, "out", "FILE", "write there (-o for short)"),
    FZ_OPTION_TEXT(struct head_options, since, "since", "SIZE",
                   "for a witness: with the proof that it continues the head of SIZE entries"),
    FZ_OPTION_TEXT(struct head_options, add, "add", "FILE", "take a head back that witnesses have signed"),
    FZ_OPTION_FLAG(struct head_options, witnessed, "witnessed", "the newest that a witness has signed"),
    FZ_OPTION_FLAG(struct head_options, sign, "sign", "sign what is not under a head yet"),
    FZ_OPTION_PASSPHRASE(struct head_options, passphrase),
    FZ_OPTION_END};

const struct fz_command fz_cmd_head = {
    .name = "head",
    .args = "DIR",
    .summary = "the newest signed head of a log, to be kept elsewhere or shown to witnesses",
    .exits = "0 done, 1 the log was set back or rewritten, 2 usage or bad input, 3 failure",
    .options = head_options,
    .options_bytes = sizeof(struct head_options),
    .run = head_run};
