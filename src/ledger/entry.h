/*
 * Entries: what anyone did, as one leaf of the log. Version 1 is one line of JSON, integers and texts only:
 *
 *   {"v":1,"seq":7,"at":1767225600000,"on":"2026-01-01","minute":540,"jurisdiction":"330106","record":"r-2026-1",
 *    "type":"reconsideration_case","action":"accept","outcome":"accepted","actor":"o-17","organ":"330106-sfj",
 *    "pack":"reconsideration","pack_version":"2024-01-01","values":{"track":"ordinary"},
 *    "commitments":{"applicants":"HEX"},"documents":{"acceptance_notice":"HEX"},"key":"HEX"}
 *
 * Canonical: keys in this order, no blanks or line ends (there are some above for the reader), maps sorted by the bytes of
 * their names, each name once, integers as short as they go, texts as UTF-8 in which only `"`, `\` and control characters are escaped
 * (`\"`, `\\`, `\u00xx` in lower case). NUL may not stand. Characters are not normalised: whoever wrote 曲 in two ways gets both back.
 * `minute`, `outcome` and `key` are left out when there is none; `action` stands for an act, and in its place
 * `"waives":ACTION` for one that was declared not to apply, `"serves":DOCUMENT` for a service, `"correction":KIND,"corrects":SEQ` for a correction. So the same content gives the same bytes on any machine, and bytes
 * that differ are different content: what decodes encodes to what was decoded, and all else is refused with its place.
 *
 * `at` is in milliseconds: `on` and `minute` carry the law's time, `at` orders and dates the entering, for which a finer unit would
 * claim more than a server's clock knows, and seconds would not tell a batch's entries apart in a chart; as an integer it stays exact in
 * every reader of JSON (below 2^53), and no zone or leap second comes in.
 *
 * Personal values are not in an entry, only commitments to them (ledger/commit.h), which survive their erasure.
 */
#ifndef FZ_LEDGER_ENTRY_H
#define FZ_LEDGER_ENTRY_H

#include "base/day.h"
#include "base/diag.h"
#include "ledger/hash.h"

#define FZ_ENTRY_AT_MAX INT64_C(253402300799999) /* the last millisecond of 9999 */
#define FZ_MINUTE_NONE (-1)

typedef enum { FZ_VALUE_INT, FZ_VALUE_TEXT, FZ_VALUE_LIST } fz_entry_kind;

/* The value of a public field: days are texts, money is fen, a choice its name; a list has no list within. */
typedef struct fz_entry_value {
    fz_entry_kind kind;
    int64_t number;
    fz_str text;
    const struct fz_entry_value *items;
    size_t items_n;
} fz_entry_value;

typedef struct {
    fz_str name;
    fz_entry_value value;
} fz_entry_field;

typedef struct {
    fz_str name;
    fz_hash hash;
} fz_entry_hash;

struct fz_entry {
    int64_t seq;         /* from 1: the size of the log once it is in; its leaf has index seq - 1 */
    int64_t at_ms;       /* when it was entered: milliseconds since 1970-01-01T00:00:00Z */
    fz_day on;           /* when it happened in law */
    int64_t minute;      /* of that day, local civil time; FZ_MINUTE_NONE */
    fz_str jurisdiction; /* 辖区: whose log this is */
    fz_str record, type; /* which record, of which record type */
    fz_str action;       /* 行为; of these four exactly one is not empty */
    fz_str waives;       /* 不适用的行为 */
    fz_str serves;       /* 送达的文书 */
    fz_str correction;   /* 更正: its kind */
    int64_t corrects;    /* the entry that is corrected; 0 for an act */
    fz_str outcome;      /* 结果; may be empty */
    fz_str actor, organ; /* who acted, for which organ */
    fz_str pack, pack_version;
    const fz_entry_field *values;
    size_t values_n;
    const fz_entry_hash *commitments; /* of personal fields */
    size_t commitments_n;
    const fz_entry_hash *documents; /* salted hashes of documents, by what the record calls them */
    size_t documents_n;
    const fz_hash *key; /* hash of the command's idempotency key; NULL */
};

/**
 * The canonical bytes, in the arena. Maps may come in any order. The result is decoded again before it is given out: one set of rules
 * decides on writing and on reading.
 * @return empty when the entry breaks a rule; then `diags` has the problem, its place in the text that would have been written
 */
fz_str fz_entry_encode(struct fz_arena *arena, const struct fz_entry *e, struct fz_diags *diags);

/**
 * @param source  the bytes, which have to outlive `out`, since texts are views into them
 * @param out     lists are in the arena
 * @return false when the bytes are no entry in canonical form; then `diags` has exactly one more problem
 * Pure. O(bytes).
 */
bool fz_entry_decode(struct fz_arena *arena, const struct fz_source *source, struct fz_entry *out,
                     struct fz_diags *diags);

/** A value as it stands in an entry. This is also what a commitment to a personal value is made over: 1 and "1" differ. */
void fz_entry_value_emit(struct fz_buf *out, const fz_entry_value *v);
/** Reads one back: exactly what fz_entry_value_emit() writes, else false. Texts are views into `text` or lie in the arena. */
bool fz_entry_value_read(struct fz_arena *arena, fz_str text, fz_entry_value *out);

#endif
