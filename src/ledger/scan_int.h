/*
 * Reads the ledger's JSON from the front, piece by piece, each piece where it is expected and nowhere else.
 *
 * The ledger has few forms, each with its keys in one order, so there is no tree of values and nothing to look up: what
 * does not stand at its place is a problem with that place. After the first problem every call fails and adds no other.
 */
#ifndef FZ_LEDGER_SCAN_INT_H
#define FZ_LEDGER_SCAN_INT_H

#include "base/diag.h"
#include "ledger/hash.h"

struct fz_scan {
    struct fz_arena *arena; /* for texts that had escapes */
    const struct fz_source *source;
    struct fz_diags *diags;
    size_t at; /* bytes read */
    bool
        loose; /* blanks between pieces and any escape of JSON are fine: for what people pass on, never for what is hashed */
    bool failed;
};

/** Begins with the whole text, which has at most `bytes_max` bytes and is UTF-8; else the scan has failed. */
struct fz_scan fz_scan_begin(struct fz_arena *arena, const struct fz_source *source, size_t bytes_max, bool loose,
                             struct fz_diags *diags);

/** A problem at `n` bytes from offset `at`; false, for the caller to return. */
bool fz_scan_fail(struct fz_scan *s, fz_diag_id id, size_t at, size_t n, fz_str a0, fz_str a1);

bool fz_scan_mark(struct fz_scan *s, char mark);                  /* has to stand here */
bool fz_scan_key(struct fz_scan *s, const char *key, bool first); /* [,]"key": has to stand here */
bool fz_scan_take_key(struct fz_scan *s, const char *key, size_t key_bytes, bool first); /* reads it, or reads nothing */
bool fz_scan_int(struct fz_scan *s, int64_t min, int64_t max, int64_t *out);
bool fz_scan_text(struct fz_scan *s, fz_str *out); /* view of the source, or of the arena */
bool fz_scan_end(struct fz_scan *s);

/* For what is read by lines. */
fz_str fz_line_at(fz_str text, size_t at);           /* up to its LF; empty behind the last one */
bool fz_tree_size_read(fz_str text, uint64_t *out);  /* of a log: without sign and leading zeros, at most FZ_TREE_SIZE_MAX */

size_t fz_scan_past_blanks(struct fz_scan *s);

/** Where the piece that comes next begins. */
static inline size_t fz_scan_here(struct fz_scan *s)
{
    return s->loose ? fz_scan_past_blanks(s) : s->at;
}

/** Whether that mark stands here; nothing is read. */
static inline bool fz_scan_is(struct fz_scan *s, char mark)
{
    size_t at = fz_scan_here(s);

    return !s->failed && at < s->source->text.n && s->source->text.p[at] == mark;
}

/** A span over `n` bytes of the source. */
fz_span fz_scan_span(const struct fz_source *source, size_t at, size_t n);

/** As a JSON text in the one form that a strict scan takes. `s` is UTF-8. */
void fz_emit_text(struct fz_buf *out, fz_str s);

#endif
