/*
 * A data folder that signs: its private keys (`keys/RECORD.pem`), and the heads that it has given out (`heads/`), which travel and may come back.
 *
 * A command that writes opens this before it enters anything, so that a missing key, one that others may read, or a log that was set back stops it before
 * there is an entry; and signs a head when it is done. `heads/SIZE.head` is the newest head, `heads/SIZE.witnessed.head` one that a witness has signed,
 * `heads/SIZE.against.head` one that came back and that the entries do not give: they are no part of `log.db`, so that an older `log.db` beside them is found out.
 */
#ifndef FZ_CLI_SIGNING_H
#define FZ_CLI_SIGNING_H

#include "cli/folder.h"
#include "cli/keyfile.h"
#include "engine/heads.h"

struct fz_signing {
    struct fz_folder *f;
    const char *path;
    fz_language lang;
    struct fz_arena *arena; /* the folder's */
    struct fz_log_keys keys;
    struct fz_passphrase passphrase;
    fz_str organ; /* for which the commands about keys act; empty: for none */
    struct fz_signer **signers;
    size_t n, cap;
};

typedef enum {
    FZ_ALL_KEYS,     /* a private key in force that cannot be read is a failure */
    FZ_KEYS_AT_HAND, /* it is said on standard error: for the commands that replace and revoke keys */
} fz_key_care;

/**
 * @param path             of the folder
 * @param passphrase_file  NULL: none
 * @return FZ_OK; FZ_E_INPUT also when a head was given out that the log does not have, or has otherwise: nothing may be entered then
 * Released by fz_signing_close() in any case.
 */
fz_status fz_signing_open(struct fz_signing *s, struct fz_folder *f, const char *path, const char *passphrase_file,
                          fz_key_care care, struct fz_error *err);
void fz_signing_close(struct fz_signing *s);

/** Signs the head of the log as it is now, keeps it, and lays it into `heads/`. `*out_note` is empty while no key is in force; may be NULL. */
fz_status fz_signing_head(struct fz_signing *s, fz_str *out_note, struct fz_error *err);

/** Makes a key, lays its private half into `keys/`, and puts it in force. `origin`: the log's name if it has none yet. `*out_record` is in the arena. */
fz_status fz_signing_make(struct fz_signing *s, fz_algorithm algorithm, fz_str origin, fz_str actor, fz_str *out_record,
                          struct fz_error *err);

/** Enters an act upon a record of the pack `ledger`, today. The law's refusal is FZ_REFUSED with its first ground. */
fz_status fz_signing_act(struct fz_signing *s, fz_str record, const char *type, const char *action, fz_str actor,
                         const struct fz_named_value *values, size_t n, struct fz_error *err);

typedef enum {
    FZ_HEAD_NEWEST,    /* one file, replaced by the next */
    FZ_HEAD_WITNESSED, /* stays */
    FZ_HEAD_AGAINST,   /* it came back, and the entries do not give it: while that is so, nothing is entered */
} fz_head_why;

/** Keeps a head in `heads/`. */
fz_status fz_signing_publish(const char *path, uint64_t size, fz_str note, fz_head_why why, struct fz_error *err);

/* Heads given out, as `heads/` has them, by size. */
struct fz_published {
    struct fz_published_head {
        uint64_t size;
        fz_head_why why;
        struct fz_source source;
    } * items;
    size_t n, cap;
};
/** Reads those over more than `size_min` entries, and all that came back against the log. No such folder: none. */
fz_status fz_published_read(const char *path, uint64_t size_min, struct fz_arena *arena, struct fz_published *out,
                            struct fz_error *err);

/** What a command does between opening and signing. */
fz_status fz_signing_run(struct fz_cli *cli, struct fz_folder *f, const char *passphrase_file, fz_key_care care,
                         const void *options,
                         fz_status (*run)(struct fz_cli *cli, const void *options, struct fz_signing *s));

#endif
