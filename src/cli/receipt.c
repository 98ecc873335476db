/* `fazhi receipt`: the proof that an entry is in the log, for whoever handed something in; and its renewal to a later head. */
#include "cli/receipt.h"

#include <inttypes.h>

#include "cli/folder.h"
#include "report/qr.h"

struct receipt_options {
    const char *out, *qr, *renew;
};

/* ---- files ---- */

bool fz_is_receipt(fz_str text)
{
    fz_str s = fz_str_trim(text);

    return fz_str_starts(s, "{") || fz_str_starts(s, "FZ1:");
}

bool fz_cli_read_receipt(struct fz_arena *arena, const struct fz_source *source, struct fz_receipt *out,
                         struct fz_diags *diags)
{
    struct fz_source *trimmed = FZ_NEW(arena, struct fz_source);

    if (!fz_str_starts(fz_str_trim(source->text), "FZ1:"))
        return fz_receipt_parse(arena, source, out, diags);
    *trimmed = (struct fz_source){source->name, source->text};
    while (trimmed->text.n && (trimmed->text.p[trimmed->text.n - 1] == '\n' ||
                               trimmed->text.p[trimmed->text.n - 1] == '\r')) /* a blank is a character of the code */
        trimmed->text.n--;
    return fz_receipt_parse_compact(arena, trimmed, out, diags);
}

static fz_status write_qr(struct fz_cli *cli, const struct fz_receipt *r, const char *file)
{
    struct fz_buf compact = {0}, svg = {0};
    fz_status s = fz_receipt_compact(r, &compact, &cli->err);

    if (s == FZ_OK)
        s = fz_qr_svg(&svg, fz_buf_str(&compact), cli->lang == FZ_ZH ? FZ_STR("回执") : FZ_STR("receipt"), &cli->err);
    if (s == FZ_OK) {
        fz_buf_addc(&svg, '\n');
        s = fz_cli_replace_file(file, fz_buf_str(&svg), &cli->err);
    }
    fz_buf_release(&compact);
    fz_buf_release(&svg);
    return s;
}

static fz_status write_receipt(struct fz_cli *cli, const struct fz_receipt *r, const char *file, const char *qr)
{
    struct fz_buf text = {0};
    fz_status s;

    fz_receipt_emit(r, &text);
    fz_buf_addc(&text, '\n');
    s = fz_cli_result(cli, file, fz_buf_str(&text));
    fz_buf_release(&text);
    return s == FZ_OK && qr ? write_qr(cli, r, qr) : s;
}

/* The newest head of at least `size` entries that a witness has signed, else the newest. */
static fz_status best_head(struct fz_cli *cli, struct fz_engine *e, const struct fz_log_keys *keys, uint64_t size,
                           struct fz_arena *arena, struct fz_source *out)
{
    out->name = "head";
    FZ_TRY(fz_head_find(e, keys, size, true, arena, &out->text, &cli->err));
    if (out->text.n == 0)
        FZ_TRY(fz_head_find(e, keys, size, false, arena, &out->text, &cli->err));
    return out->text.n
               ? FZ_OK
               : fz_fail(&cli->err, FZ_E_INPUT,
                         "entry %" PRIu64 " is not under a signed head yet; `fazhi head DIR --sign` signs one", size);
}

static fz_status give(struct fz_cli *cli, struct fz_engine *e, const struct fz_log_keys *keys, int64_t seq,
                      struct fz_arena *arena, const char *file, const char *qr)
{
    struct fz_source head;
    struct fz_receipt r;

    if (seq < 1 || (uint64_t)seq > fz_engine_size(e))
        return fz_fail(&cli->err, FZ_E_INPUT, "there is no entry %lld", (long long)seq);
    FZ_TRY(best_head(cli, e, keys, (uint64_t)seq, arena, &head));
    FZ_TRY(fz_receipt_of(e, seq, &head, arena, &r, &cli->err));
    return write_receipt(cli, &r, file, qr);
}

fz_status fz_cli_write_receipt(struct fz_cli *cli, struct fz_engine *e, const struct fz_log_keys *keys, int64_t seq,
                               const char *file, const char *qr)
{
    struct fz_arena arena;
    fz_status s;

    fz_arena_init(&arena);
    s = give(cli, e, keys, seq, &arena, file, qr);
    fz_arena_release(&arena);
    return s;
}

/* ---- renewal ---- */

static bool head_of(struct fz_arena *a, const struct fz_source *source, struct fz_checkpoint *out,
                    struct fz_diags *diags)
{
    struct fz_note note;

    return fz_note_parse(a, source, &note, diags) && fz_checkpoint_parse(a, &note, out, diags);
}

static fz_status not_renewed(struct fz_cli *cli, struct fz_diags *diags, const char *file)
{
    fz_cli_say_problems(cli, diags);
    return fz_fail(&cli->err, FZ_REFUSED, "%s: no receipt of this log: it cannot be renewed", file);
}

/* Held against the keys of this log: a receipt that it never gave is not made true here. */
static fz_status renew(struct fz_cli *cli, const struct receipt_options *o, struct fz_folder *f,
                       const struct fz_log_keys *keys)
{
    struct fz_arena *a = &f->packs.arena;
    struct fz_source source = {.name = o->renew}, later;
    struct fz_checkpoint then, now;
    struct fz_receipt r, renewed;
    struct fz_diags diags;
    struct fz_trust trust;
    struct fz_path proof;

    FZ_TRY(fz_cli_read_file(a, o->renew, FZ_RECEIPT_BYTES_MAX, &source.text, &cli->err));
    fz_diags_init(&diags, a);
    if (!fz_cli_read_receipt(a, &source, &r, &diags) || !head_of(a, &r.checkpoint, &then, &diags))
        return not_renewed(cli, &diags, o->renew);
    FZ_TRY(best_head(cli, f->engine, keys, then.size, a, &later));
    if (!head_of(a, &later, &now, &diags))
        return not_renewed(cli, &diags, o->renew);
    FZ_TRY(fz_engine_consistency(f->engine, then.size, now.size, &proof, &cli->err));
    trust = fz_log_trust(keys, now.size, fz_engine_size(f->engine), a);
    if (!fz_receipt_renew(a, f->crypto, &r, &later, &proof, &trust, &renewed, &diags))
        return not_renewed(cli, &diags, o->renew);
    return write_receipt(cli, &renewed, o->out, o->qr);
}

/* ---- the command ---- */

/* A number is an entry; anything else a record, and its last entry. */
static fz_status find_entry(struct fz_cli *cli, struct fz_folder *f, int64_t *out)
{
    fz_str what = fz_str_of(cli->args.items[1]);
    struct fz_folded r;

    if (fz_str_int(what, out))
        return FZ_OK;
    FZ_TRY(fz_engine_fold(f->engine, what, &f->packs.arena, &r, &cli->err));
    if (!r.row)
        return fz_fail(&cli->err, FZ_E_INPUT, "there is no record %.*s", FZ_STR_ARG(what));
    *out = r.entries[r.entries_n - 1].seq;
    return FZ_OK;
}

static fz_status receipt_with(struct fz_cli *cli, const struct receipt_options *o, struct fz_folder *f,
                              const struct fz_log_keys *keys)
{
    int64_t seq;

    if (o->renew)
        return renew(cli, o, f, keys);
    if (cli->args.n < 2)
        return fz_fail(&cli->err, FZ_E_USAGE,
                       "receipt takes DIR and the number of an entry or a record, or --renew FILE");
    FZ_TRY(find_entry(cli, f, &seq));
    return fz_cli_write_receipt(cli, f->engine, keys, seq, o->out, o->qr);
}

static fz_status receipt_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    struct fz_log_keys keys;
    fz_status s = fz_log_keys_read(f->engine, &f->packs.arena, &keys, &cli->err);

    if (s == FZ_OK)
        s = receipt_with(cli, options, f, &keys);
    fz_log_keys_release(&keys);
    return s;
}

static fz_status receipt_run(struct fz_cli *cli, const void *options)
{
    return fz_folder_run(cli, options, 1, FZ_READ_ONLY, receipt_here);
}

static const struct fz_opt receipt_options[] = {
    FZ_OPTION_TEXT(struct receipt_options, out, "out", "FILE", "write there (-o for short)"),
    FZ_OPTION_TEXT(struct receipt_options, qr, "qr", "FILE.svg", "as a QR code as well, all in one"),
    FZ_OPTION_TEXT(struct receipt_options, renew, "renew", "FILE",
                   "a receipt of this log, brought under its newest witnessed head"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_receipt = {
    .name = "receipt",
    .args = "DIR SEQ|RECORD",
    .summary = "the proof that an entry is in the log, to be checked anywhere and years later",
    .exits = "0 written, 1 no receipt of this log, 2 usage or bad input, 3 failure",
    .options = receipt_options,
    .options_bytes = sizeof(struct receipt_options),
    .run = receipt_run};
