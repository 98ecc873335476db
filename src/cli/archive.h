/*
 * A backup file: a tar archive (ustar), so that any tool can look into it, whose first member MANIFEST says what is in it:
 *
 *     fazhi backup 2
 *     jurisdiction CODE
 *     hash sm3|sha256            of the log
 *     made MILLISECONDS
 *     from PATH                  of the folder
 *     size ENTRIES
 *     root HEX                   of the log's tree with them
 *     keys yes|no                whether private keys are in it
 *     tables yes|no              whether log.db has the tables as well, or the log only; not there in version 1, which had them always
 *     file BYTES DIGEST NAME     for each member behind it, in their order; SM3
 *     end DIGEST                 of the lines above
 *
 * log.db is a store of SQLite, whatever the folder's own log lay in: what was taken from one is restored into either.
 *
 * So a byte that is missing, added or changed is found, and said with the member it is in.
 */
#ifndef FZ_CLI_ARCHIVE_H
#define FZ_CLI_ARCHIVE_H

#include "base/base.h"
#include "ledger/hash.h"

struct fz_archive_file {
    fz_str name;      /* in the archive, and within the folder */
    const char *path; /* where its bytes lie; NULL: in `text` */
    fz_str text;
    uint64_t bytes;
    fz_hash digest;
};

struct fz_archive {
    struct fz_arena *arena;
    struct fz_crypto *crypto;
    fz_str jurisdiction, from, root;
    fz_hash_kind hash;
    int64_t made_ms, size;
    bool keys, tables;
    struct fz_archive_file *items;
    size_t n, cap;
    char *room; /* its own */
};

/** Adds a file by its path, if there is one; its bytes are read and digested now. `optional`: none there is no failure. */
fz_status fz_archive_add(struct fz_archive *a, const char *name, const char *path, bool optional, struct fz_error *err);
/** Adds a file by its text, which outlives the archive. */
void fz_archive_add_text(struct fz_archive *a, const char *name, fz_str text);

/** Writes it to `path`, where nothing may stand yet: whole and durable when it returns FZ_OK, else not there. A file that changed since it was added is FZ_E_IO. */
fz_status fz_archive_write(struct fz_archive *a, const char *path, struct fz_error *err);

/** Reads one and lays its files into `folder`, which is there and empty. FZ_E_INPUT with what is wrong; what was laid there until then stays. */
fz_status fz_archive_extract(struct fz_archive *a, const char *path, const char *folder, struct fz_error *err);

#endif
