/*
 * `fazhi witness` and `fazhi cosign`: a witness of a log, who has a key of its own and no data folder. It signs a head when the log has signed it and when it
 * continues the head that it signed last, which it keeps in a file: so nobody gets two histories of one log signed by it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cli/folder.h"
#include "cli/keyfile.h"
#include "ledger/witness.h"

/* ---- a witness's key ---- */

struct witness_options {
    const char *name, *algorithm, *passphrase, *out;
};

static fz_status make_key(struct fz_cli *cli, const struct witness_options *o, struct fz_crypto *crypto,
                          const struct fz_passphrase *passphrase, struct fz_signer **out)
{
    fz_random random = {fz_folder_random, NULL};
    fz_algorithm algorithm;
    fz_status s;

    FZ_TRY(fz_algorithm_read(o->algorithm, &algorithm, &cli->err));
    FZ_TRY(fz_signer_generate(out, crypto, algorithm, FZ_ROLE_WITNESS, fz_str_of(o->name), random, &cli->err));
    s = fz_key_file_write(cli->args.items[0], *out, passphrase, random, &cli->err);
    if (s != FZ_OK) {
        fz_signer_free(*out);
        *out = NULL;
    }
    return s;
}

static fz_status witness_with(struct fz_cli *cli, const struct witness_options *o, struct fz_crypto *crypto,
                              const struct fz_passphrase *passphrase)
{
    struct fz_signer *signer = NULL;
    struct fz_buf vkey = {0};
    fz_status s = o->name
                      ? make_key(cli, o, crypto, passphrase, &signer)
                      : fz_key_file_read(&signer, crypto, FZ_ROLE_WITNESS, cli->args.items[0], passphrase, &cli->err);

    if (s == FZ_OK) {
        fz_verifier_emit(fz_signer_verifier(signer), &vkey);
        fz_buf_addc(&vkey, '\n');
        s = fz_cli_result(cli, o->out, fz_buf_str(&vkey));
    }
    fz_buf_release(&vkey);
    fz_signer_free(signer);
    return s;
}

static fz_status witness_run(struct fz_cli *cli, const void *options)
{
    const struct witness_options *o = options;
    struct fz_passphrase passphrase;
    struct fz_crypto *crypto = NULL;
    fz_status s;

    if (cli->args.n != 1)
        return fz_fail(&cli->err, FZ_E_USAGE,
                       "witness takes KEYFILE: with --name NAME it makes one, without it prints its public half");
    FZ_TRY(fz_passphrase_read(&passphrase, o->passphrase, &cli->err));
    s = fz_crypto_new(&crypto, &cli->err);
    if (s == FZ_OK)
        s = witness_with(cli, o, crypto, &passphrase);
    fz_crypto_free(crypto);
    fz_passphrase_forget(&passphrase);
    return s;
}

static const struct fz_opt witness_options[] = {
    FZ_OPTION_TEXT(struct witness_options, name, "name", "NAME", "of a new key, such as audit.example/w1"),
    FZ_OPTION_TEXT(struct witness_options, algorithm, "algorithm", "sm2|ed25519", "of a new key (default: sm2)"),
    FZ_OPTION_PASSPHRASE(struct witness_options, passphrase),
    FZ_OPTION_TEXT(struct witness_options, out, "out", "FILE", "write the public key there (-o for short)"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_witness = {
    .name = "witness",
    .args = "KEYFILE [--name NAME]",
    .summary = "makes the key of a witness, or prints its public half for the log to trust",
    .exits = "0 done, 2 usage or bad input, 3 failure",
    .options = witness_options,
    .options_bytes = sizeof(struct witness_options),
    .run = witness_run};

/* ---- signing a head of a log ---- */

struct cosign_options {
    const char *key, *state, *trust, *passphrase, *out;
    bool first;
};

struct cosign {
    struct fz_cli *cli;
    const struct cosign_options *o;
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_crypto *crypto;
    struct fz_passphrase passphrase;
    struct fz_trust_file trust;
    struct fz_signer *signer;
    int lock;
    struct fz_witness_request request;
    struct fz_note note;
    struct fz_checkpoint head;
};

static fz_status refuse(struct cosign *w, const char *why)
{
    fz_cli_say_problems(w->cli, &w->diags);
    return fz_fail(&w->cli->err, FZ_REFUSED, "%s: not signed: %s", w->request.note.name, why);
}

/* Two at once could each sign a history of its own. The lock is a file beside the state, for that one is replaced. */
static fz_status lock(struct cosign *w)
{
    const char *name = fz_str_printf(&w->arena, "%s.lock", w->o->state).p;

    w->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (w->lock < 0)
        return fz_fail(&w->cli->err, FZ_E_INPUT, "%s: %s", name, strerror(errno));
    return flock(w->lock, LOCK_EX | LOCK_NB) == 0
               ? FZ_OK
               : fz_fail(&w->cli->err, FZ_E_BUSY, "%s: another process signs with this state", w->o->state);
}

static fz_status read_request(struct cosign *w)
{
    struct fz_source *source = FZ_NEW(&w->arena, struct fz_source);
    size_t witnesses;

    source->name = w->request.note.name = w->cli->args.items[0];
    FZ_TRY(fz_cli_read_file(&w->arena, source->name, FZ_NOTE_BYTES_MAX, &source->text, &w->cli->err));
    if (!fz_witness_request_parse(&w->arena, source, &w->request, &w->diags) ||
        !fz_note_parse(&w->arena, &w->request.note, &w->note, &w->diags) ||
        !fz_checkpoint_parse(&w->arena, &w->note, &w->head, &w->diags)) {
        fz_cli_say_problems(w->cli, &w->diags);
        return fz_fail(&w->cli->err, FZ_E_INPUT, "%s: this is no head of a log", source->name);
    }
    if (!fz_checkpoint_verify(&w->arena, &w->note, &w->head, &w->trust.trust, &witnesses, &w->diags))
        return refuse(w, "no key of the log that you trust has signed it");
    return FZ_OK;
}

/* The head signed last. It bears the witness's own signature, so that a state that somebody else wrote is not believed. */
static fz_status read_state(struct cosign *w, struct fz_checkpoint *last)
{
    struct fz_source *source = FZ_NEW(&w->arena, struct fz_source);
    struct fz_note note;

    source->name = w->o->state;
    FZ_TRY(fz_cli_read_file(&w->arena, source->name, FZ_NOTE_BYTES_MAX, &source->text, &w->cli->err));
    if (fz_note_parse(&w->arena, source, &note, &w->diags) && fz_checkpoint_parse(&w->arena, &note, last, &w->diags) &&
        fz_note_signed_by(&note, fz_signer_verifier(w->signer)))
        return FZ_OK;
    return refuse(w, "the state is no head that this witness has signed");
}

static fz_status check_state(struct cosign *w)
{
    struct fz_checkpoint last = {0};

    if (access(w->o->state, F_OK) != 0)
        return w->o->first
                   ? FZ_OK
                   : fz_fail(&w->cli->err, FZ_E_INPUT,
                             "%s: there is no such file. Only with --first is a head signed without one before it",
                             w->o->state);
    if (w->o->first)
        return fz_fail(&w->cli->err, FZ_E_EXISTS, "%s: there is a head that was signed before; without --first",
                       w->o->state);
    FZ_TRY(read_state(w, &last));
    if (w->head.size > last.size && w->request.old != last.size)
        return fz_fail(&w->cli->err, FZ_E_INPUT,
                       "%s: has a proof from %" PRIu64 " entries, and %" PRIu64
                       " were signed last: `fazhi head DIR --since %" PRIu64 "`",
                       w->request.note.name, w->request.old, last.size, last.size);
    if (!fz_checkpoint_follows(w->crypto, &last, &w->head, &w->request.proof, &w->request.note, &w->diags))
        return refuse(w, "it does not continue the head that was signed last. Keep both, they are the evidence");
    return FZ_OK;
}

/* The head with its other signatures, and this witness's. */
static fz_status sign(struct cosign *w)
{
    const struct fz_verifier *self = fz_signer_verifier(w->signer);
    struct fz_buf out = {0};
    struct timespec now;
    fz_status s;

    fz_buf_add(&out, w->note.text);
    fz_buf_addc(&out, '\n');
    for (size_t i = 0; i < w->note.signatures_n; i++) {
        const struct fz_note_signature *sig = &w->note.signatures[i];

        if (sig->id == fz_verifier_id(self) && fz_str_eq(sig->name, fz_verifier_name(self)))
            continue;
        fz_buf_add(&out, (fz_str){w->request.note.text.p + sig->at, sig->n});
        fz_buf_addc(&out, '\n');
    }
    clock_gettime(CLOCK_REALTIME, &now);
    s = fz_note_sign(w->signer, w->note.text, now.tv_sec, (fz_random){fz_folder_random, NULL}, &out, &w->cli->err);
    if (s == FZ_OK) /* before the signature leaves the house */
        s = fz_cli_replace_file(w->o->state, fz_buf_str(&out), &w->cli->err);
    if (s == FZ_OK)
        s = fz_cli_result(w->cli, w->o->out, fz_buf_str(&out));
    fz_buf_release(&out);
    return s;
}

static fz_status cosign(struct cosign *w)
{
    FZ_TRY(fz_crypto_new(&w->crypto, &w->cli->err));
    FZ_TRY(fz_trust_read(&w->trust, w->crypto, &w->arena, w->o->trust, &w->cli->err));
    FZ_TRY(fz_passphrase_read(&w->passphrase, w->o->passphrase, &w->cli->err));
    FZ_TRY(fz_key_file_read(&w->signer, w->crypto, FZ_ROLE_WITNESS, w->o->key, &w->passphrase, &w->cli->err));
    FZ_TRY(lock(w));
    FZ_TRY(read_request(w));
    FZ_TRY(check_state(w));
    return sign(w);
}

static fz_status cosign_run(struct fz_cli *cli, const void *options)
{
    struct cosign w = {.cli = cli, .o = options, .lock = -1};
    fz_status s;

    if (cli->args.n != 1 || !w.o->key || !w.o->state || !w.o->trust)
        return fz_fail(&cli->err, FZ_E_USAGE, "cosign takes HEAD, --key KEYFILE, --state FILE and --trust KEYS");
    fz_arena_init(&w.arena);
    fz_diags_init(&w.diags, &w.arena);
    s = cosign(&w);
    if (w.lock >= 0)
        close(w.lock);
    fz_signer_free(w.signer);
    fz_trust_release(&w.trust);
    fz_passphrase_forget(&w.passphrase);
    fz_crypto_free(w.crypto);
    fz_arena_release(&w.arena);
    return s;
}

static const struct fz_opt cosign_options[] = {
    FZ_OPTION_TEXT(struct cosign_options, key, "key", "KEYFILE", "the witness's private key"),
    FZ_OPTION_TEXT(struct cosign_options, state, "state", "FILE",
                   "the head of this log that was signed last; kept by the witness"),
    FZ_OPTION_TEXT(struct cosign_options, trust, "trust", "KEYS", "public keys of the log, a line each"),
    FZ_OPTION_FLAG(struct cosign_options, first, "first", "there is no state yet: nothing before it is asked for"),
    FZ_OPTION_TEXT(struct cosign_options, out, "out", "FILE", "write the head with the signature there (-o for short)"),
    FZ_OPTION_PASSPHRASE(struct cosign_options, passphrase),
    FZ_OPTION_END};

const struct fz_command fz_cmd_cosign = {
    .name = "cosign",
    .args = "HEAD --key KEYFILE --state FILE --trust KEYS",
    .summary = "signs a head of a log as its witness, if it continues the one signed last",
    .exits =
        "0 signed, 1 it does not continue what was signed, or the log did not sign it, 2 usage or bad input, 3 failure",
    .options = cosign_options,
    .options_bytes = sizeof(struct cosign_options),
    .run = cosign_run};
