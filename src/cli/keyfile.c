#include "cli/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC "public "
#define TRUST_BYTES_MAX (1u << 20) /* some thousand keys */

/* ---- private files ---- */

static fz_status check_mode(const struct stat *st, const char *path, struct fz_error *err)
{
    if ((S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)) && (st->st_mode & 077))
        return fz_fail(
            err, FZ_E_INPUT,
            "%s: others than its owner may read it (mode %04o): nothing was done. `chmod %s` it; if somebody can have read it, revoke the key",
            path, (unsigned)(st->st_mode & 07777), S_ISDIR(st->st_mode) ? "700" : "600");
    return FZ_OK;
}

fz_status fz_only_owner(const char *path, struct fz_error *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", path, strerror(errno));
    return check_mode(&st, path, err);
}

/* Into the caller's memory, so that no copy stays behind. */
static fz_status read_private(const char *file, char *to, size_t room, size_t *out_n, struct fz_error *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    ssize_t got = 0;
    size_t n = 0;
    fz_status s;

    if (fd < 0)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", file, strerror(errno));
    s = fstat(fd, &st) == 0 ? check_mode(&st, file, err) : fz_fail(err, FZ_E_IO, "%s: %s", file, strerror(errno));
    while (s == FZ_OK && n < room && ((got = read(fd, to + n, room - n)) > 0 || (got < 0 && errno == EINTR)))
        n += got > 0 ? (size_t)got : 0;
    if (s == FZ_OK && got < 0)
        s = fz_fail(err, FZ_E_INPUT, "%s: %s", file, strerror(errno));
    if (s == FZ_OK && n == room)
        s = fz_fail(err, FZ_E_TOO_LARGE, "%s: larger than %zu bytes", file, room - 1);
    close(fd);
    *out_n = n;
    return s;
}

fz_status fz_passphrase_read(struct fz_passphrase *out, const char *file, struct fz_error *err)
{
    const char *end;

    out->n = 0;
    if (!file)
        return FZ_OK;
    FZ_TRY(read_private(file, out->text, sizeof(out->text), &out->n, err));
    end = memchr(out->text, '\n', out->n);
    out->n = end ? (size_t)(end - out->text) : out->n;
    return out->n ? FZ_OK : fz_fail(err, FZ_E_INPUT, "%s: its first line, the passphrase, is empty", file);
}

void fz_passphrase_forget(struct fz_passphrase *p)
{
    explicit_bzero(p, sizeof(*p));
}

static fz_status write_private(const char *file, fz_str text, struct fz_error *err)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok;

    if (fd < 0)
        return fz_fail(err, errno == EEXIST ? FZ_E_EXISTS : FZ_E_INPUT, "%s: %s", file, strerror(errno));
    ok = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    ok &= close(fd) == 0;
    if (!ok)
        unlink(file);
    return ok ? FZ_OK : fz_fail(err, FZ_E_IO, "%s: %s", file, strerror(errno));
}

fz_status fz_key_file_write(const char *file, const struct fz_signer *signer, const struct fz_passphrase *passphrase,
                            fz_random random, struct fz_error *err)
{
    struct fz_buf pem = {0}, text = {0};
    fz_status s = fz_signer_write(signer, (fz_str){passphrase->text, passphrase->n}, random, &pem, err);

    if (s == FZ_OK) {
        fz_buf_addz(&text, PUBLIC);
        fz_verifier_emit(fz_signer_verifier(signer), &text);
        fz_buf_printf(&text, "\n%*s", (int)pem.n, ""); /* the whole of its room, so that the key is never moved */
        memcpy(text.p + text.n - pem.n, pem.p, pem.n);
        s = write_private(file, fz_buf_str(&text), err);
    }
    if (pem.p)
        explicit_bzero(pem.p, pem.n);
    if (text.p)
        explicit_bzero(text.p, text.n);
    fz_buf_release(&pem);
    fz_buf_release(&text);
    return s;
}

static fz_str public_line(fz_str text)
{
    const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
    size_t skip = sizeof(PUBLIC) - 1;

    if (!end || !fz_str_starts(text, PUBLIC))
        return (fz_str){0};
    return (fz_str){text.p + skip, (size_t)(end - text.p) - skip};
}

static fz_status read_signer(struct fz_signer **out, struct fz_crypto *crypto, fz_role role, const char *file,
                             fz_str text, const struct fz_passphrase *passphrase, struct fz_error *err)
{
    fz_str vkey = public_line(text);
    const char *plus = vkey.n ? memchr(vkey.p, '+', vkey.n) : NULL;
    struct fz_error why;
    struct fz_buf again = {0};
    bool same;

    if (!plus)
        return fz_fail(err, FZ_E_INPUT, "%s: its first line is not `public` and the public key", file);
    if (fz_signer_read(out, crypto, role, (fz_str){vkey.p, (size_t)(plus - vkey.p)}, text,
                       (fz_str){passphrase->text, passphrase->n}, &why) != FZ_OK)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", file, why.text);
    fz_verifier_emit(fz_signer_verifier(*out), &again);
    same = fz_str_eq(fz_buf_str(&again), vkey);
    fz_buf_release(&again);
    if (same)
        return FZ_OK;
    fz_signer_free(*out);
    *out = NULL;
    return fz_fail(err, FZ_E_INPUT, "%s: the private key is not that of the public one above it", file);
}

fz_status fz_key_file_read(struct fz_signer **out, struct fz_crypto *crypto, fz_role role, const char *file,
                           const struct fz_passphrase *passphrase, struct fz_error *err)
{
    char text[FZ_KEY_PEM_BYTES_MAX];
    size_t n;
    fz_status s = read_private(file, text, sizeof(text), &n, err);

    if (s == FZ_OK)
        s = read_signer(out, crypto, role, file, (fz_str){text, n}, passphrase, err);
    explicit_bzero(text, sizeof(text));
    return s;
}

/* ---- keys to trust ---- */

static void sort_roles(struct fz_trust_file *t, struct fz_arena *arena)
{
    const struct fz_verifier **logs = FZ_NEW_ARRAY(arena, const struct fz_verifier *, t->n),
                             **witnesses = FZ_NEW_ARRAY(arena, const struct fz_verifier *, t->n);

    t->trust = (struct fz_trust){.logs = logs, .witnesses = witnesses};
    for (size_t i = 0; i < t->n; i++)
        if (fz_verifier_role(t->keys[i]) == FZ_ROLE_LOG)
            logs[t->trust.logs_n++] = t->keys[i];
        else
            witnesses[t->trust.witnesses_n++] = t->keys[i];
}

static fz_status add_line(struct fz_trust_file *t, struct fz_crypto *crypto, struct fz_arena *arena, fz_str line,
                          size_t number, struct fz_error *err)
{
    struct fz_verifier *v;
    struct fz_error why;

    if (line.n == 0 || line.p[0] == '#')
        return FZ_OK;
    if (fz_verifier_read(&v, crypto, line, &why) != FZ_OK)
        return fz_fail(err, FZ_E_INPUT, "%s:%zu: %s", t->name, number, why.text);
    FZ_PUSH(arena, t, keys, n, cap) = v;
    return FZ_OK;
}

fz_status fz_trust_read(struct fz_trust_file *out, struct fz_crypto *crypto, struct fz_arena *arena, const char *file,
                        struct fz_error *err)
{
    fz_str text;

    *out = (struct fz_trust_file){.name = file};
    FZ_TRY(fz_cli_read_file(arena, file, TRUST_BYTES_MAX, &text, err));
    for (size_t number = 1; text.n; number++) {
        const char *end = memchr(text.p, '\n', text.n);
        fz_str line = {text.p, end ? (size_t)(end - text.p) : text.n};
        size_t step = line.n + (end != NULL);

        FZ_TRY(add_line(out, crypto, arena, fz_str_trim(line), number, err));
        text = (fz_str){text.p + step, text.n - step};
    }
    sort_roles(out, arena);
    return out->trust.logs_n ? FZ_OK : fz_fail(err, FZ_E_INPUT, "%s: no key of a log stands in it", file);
}

void fz_trust_release(struct fz_trust_file *t)
{
    for (size_t i = 0; i < t->n; i++)
        fz_verifier_free(t->keys[i]);
    *t = (struct fz_trust_file){0};
}

/* ---- words ---- */

static const char *const words[FZ_ALGORITHMS] = {[FZ_ED25519] = "ed25519", [FZ_SM2] = "sm2"};

const char *fz_algorithm_word(fz_algorithm a)
{
    return words[a];
}

fz_status fz_algorithm_read(const char *word, fz_algorithm *out, struct fz_error *err)
{
    *out = FZ_SM2;
    if (!word)
        return FZ_OK;
    for (size_t a = 0; a < FZ_ALGORITHMS; a++)
        if (strcmp(word, words[a]) == 0) {
            *out = (fz_algorithm)a;
            return FZ_OK;
        }
    return fz_fail(err, FZ_E_USAGE, "--algorithm is sm2 or ed25519, not '%s'", word);
}
