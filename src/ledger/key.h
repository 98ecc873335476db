/*
 * Keys of logs and witnesses: a signer has the private half, a verifier the public one. Both carry the name that stands
 * in a note's signature lines, and belong to one role.
 *
 *   role     algorithm     type bytes (C2SP signed-note)      signature
 *   log      Ed25519       01                                 RFC 8032 over the note's text
 *   witness  Ed25519       04 (tlog-cosignature)              time, then RFC 8032 over "cosignature/v1", the time and the text
 *   log      SM2 with SM3  ff "fazhi/sm2-note/v1"             r || s (GB/T 32918.2) over the note's text
 *   witness  SM2 with SM3  ff "fazhi/sm2-cosignature/v1"      time, then r || s over what the Ed25519 witness signs
 *
 * No byte is assigned to SM2; signed-note reserves ff, followed by an identifier of one's own, for such types. SM2 takes the
 * user id 1234567812345678 of GM/T 0009, its public key is the uncompressed point (04 || x || y), and r and s are 32 bytes each:
 * unlike DER, that is one form. The id of a key is what signed-note says: the first four bytes of SHA-256(name || 0A || type || key).
 *
 * Randomness is given by the caller, so that a marked simulation can repeat itself; for any other use it has to be the
 * system's generator: whoever can foresee what an SM2 signature drew can compute the key from it. Ed25519 draws
 * nothing to sign.
 *
 * A key is made with a struct fz_crypto, uses it, and is freed before it. No file is touched here.
 */
#ifndef FZ_LEDGER_KEY_H
#define FZ_LEDGER_KEY_H

#include "ledger/hash.h"

typedef enum { FZ_ED25519, FZ_SM2, FZ_ALGORITHMS } fz_algorithm;
typedef enum { FZ_ROLE_LOG, FZ_ROLE_WITNESS, FZ_ROLES } fz_role;

#define FZ_SIGNATURE_BYTES 64

/* Fills `to` with random bytes; false when it cannot. */
typedef struct {
    bool (*fill)(void *arg, void *to, size_t n);
    void *arg;
} fz_random;

struct fz_signer;
struct fz_verifier;

/** Not empty, UTF-8, at most FZ_KEY_NAME_BYTES_MAX, without white space, control characters and plus (signed-note). */
bool fz_key_name_valid(fz_str name);

/* ---- private ---- */

/** @return FZ_OK; FZ_E_INPUT for the name; FZ_E_IO when there is no randomness */
fz_status fz_signer_generate(struct fz_signer **out, struct fz_crypto *crypto, fz_algorithm algorithm, fz_role role,
                             fz_str name, fz_random random, struct fz_error *err);

/**
 * @param pem         PKCS#8, encrypted or not; text around the block is skipped
 * @param passphrase  empty for none
 * @return FZ_OK; FZ_E_INPUT for the name, for what is no PKCS#8 key of a known algorithm, for a missing or wrong passphrase
 */
fz_status fz_signer_read(struct fz_signer **out, struct fz_crypto *crypto, fz_role role, fz_str name, fz_str pem,
                         fz_str passphrase, struct fz_error *err);

/**
 * As PKCS#8 in PEM, for other programs to read as well.
 * @param passphrase  empty: not encrypted; else with AES-256-CBC under PBKDF2-HMAC-SHA-256 of FZ_KEY_ITERATIONS
 * @param out         gets it in one piece; the caller overwrites it after use
 * Cost: a fifth of a second when it is encrypted.
 */
fz_status fz_signer_write(const struct fz_signer *s, fz_str passphrase, fz_random random, struct fz_buf *out,
                          struct fz_error *err);

const struct fz_verifier *fz_signer_verifier(const struct fz_signer *s); /* lives as long as the signer */
void fz_signer_free(struct fz_signer *s);                                /* accepts NULL */

/** Signs plain bytes. @return FZ_OK; FZ_E_IO when there is no randomness */
fz_status fz_signer_sign(const struct fz_signer *s, fz_str message, fz_random random, uint8_t out[FZ_SIGNATURE_BYTES],
                         struct fz_error *err);

/* ---- public ---- */

/** From the text that fz_verifier_emit() writes: NAME+ID+BASE64(type || key), with the id that follows from the rest.
 *  @return FZ_OK; FZ_E_INPUT for anything else, a point off the curve included */
fz_status fz_verifier_read(struct fz_verifier **out, struct fz_crypto *crypto, fz_str vkey, struct fz_error *err);
void fz_verifier_emit(const struct fz_verifier *v, struct fz_buf *out);
void fz_verifier_free(struct fz_verifier *v); /* accepts NULL; never for one of fz_signer_verifier() */

fz_str fz_verifier_name(const struct fz_verifier *v);
uint32_t fz_verifier_id(const struct fz_verifier *v);
fz_role fz_verifier_role(const struct fz_verifier *v);
fz_algorithm fz_verifier_algorithm(const struct fz_verifier *v);
bool fz_verifier_same_key(const struct fz_verifier *a, const struct fz_verifier *b); /* whatever names and roles say */

/** Whether that key signed these plain bytes. */
bool fz_verifier_check(const struct fz_verifier *v, fz_str message, const uint8_t signature[FZ_SIGNATURE_BYTES]);

#endif
