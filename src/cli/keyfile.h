/*
 * Files of keys. A private key lies in a file of its own that nobody but its owner may read:
 *
 *   public fazhi/330106+2f6a90c1+/2ZhemhpL...      the public half, for people and to know the key's name
 *   -----BEGIN PRIVATE KEY-----                    PKCS#8, under a passphrase or not, as other programs read it
 *
 * Keys to trust are lines of public keys, as `fazhi key DIR export` and `fazhi witness` print them.
 */
#ifndef FZ_CLI_KEYFILE_H
#define FZ_CLI_KEYFILE_H

#include "cli/cli.h"
#include "ledger/note.h"

/* Forgotten after use. */
struct fz_passphrase {
    char text[FZ_KEY_PEM_BYTES_MAX];
    size_t n;
};

#define FZ_OPTION_PASSPHRASE(type, member)                                                                             \
    FZ_OPTION_TEXT(type, member, "passphrase-file", "FILE", "its first line opens the private keys")

/** The first line of the file, which nobody else may read. `file` NULL: none, and no failure. */
fz_status fz_passphrase_read(struct fz_passphrase *out, const char *file, struct fz_error *err);
void fz_passphrase_forget(struct fz_passphrase *p);

/** A new file; FZ_E_EXISTS when there is one of that name. `passphrase` empty: not encrypted. */
fz_status fz_key_file_write(const char *file, const struct fz_signer *signer, const struct fz_passphrase *passphrase,
                            fz_random random, struct fz_error *err);
/** @return FZ_OK; FZ_E_INPUT when it is not there, others may read it, its halves do not fit, or the passphrase is missing or wrong */
fz_status fz_key_file_read(struct fz_signer **out, struct fz_crypto *crypto, fz_role role, const char *file,
                           const struct fz_passphrase *passphrase, struct fz_error *err);

/** FZ_E_INPUT when anybody but the owner may look into the folder or read the file. */
fz_status fz_only_owner(const char *path, struct fz_error *err);

/* Keys that whoever checks has brought. */
struct fz_trust_file {
    const char *name;
    struct fz_verifier **keys;
    size_t n, cap;
    struct fz_trust trust;
};

/** FZ_E_INPUT, with the line, for what is no public key, and when none is of a log. Released by fz_trust_release() in any case. */
fz_status fz_trust_read(struct fz_trust_file *out, struct fz_crypto *crypto, struct fz_arena *arena, const char *file,
                        struct fz_error *err);
void fz_trust_release(struct fz_trust_file *t);

/** "sm2" or "ed25519"; NULL: SM2. */
fz_status fz_algorithm_read(const char *word, fz_algorithm *out, struct fz_error *err);
const char *fz_algorithm_word(fz_algorithm a);

#endif
