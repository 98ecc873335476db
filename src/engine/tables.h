/*
 * The tables of a log. Four hold what cannot be made anew: entries, the nodes of their tree, its signed heads, and the personal values beside them, free and locked. All others are an
 * index over the entries (projections), which a rebuild makes again, row by row the same. Every key begins with the jurisdiction.
 */
#ifndef FZ_ENGINE_TABLES_H
#define FZ_ENGINE_TABLES_H

#include "law/pack.h"
#include "store/store.h"

/* entry: jurisdiction, seq | record, leaf (its hash in the tree), bytes.   Index 0: by record. */
enum { FZ_ENTRY_JURISDICTION, FZ_ENTRY_SEQ, FZ_ENTRY_RECORD, FZ_ENTRY_LEAF, FZ_ENTRY_BYTES, FZ_ENTRY_COLUMNS };
extern const struct fz_table fz_table_entry;

/* node: jurisdiction, level, idx | hash: the stored nodes above the leaves */
enum { FZ_NODE_JURISDICTION, FZ_NODE_LEVEL, FZ_NODE_INDEX, FZ_NODE_HASH, FZ_NODE_COLUMNS };
extern const struct fz_table fz_table_node;

/* head: jurisdiction, size | note: the log's head of that size as it was signed (engine/heads.h) */
enum { FZ_HEAD_JURISDICTION, FZ_HEAD_SIZE, FZ_HEAD_NOTE, FZ_HEAD_COLUMNS };
extern const struct fz_table fz_table_head;

/* private: jurisdiction, seq, name | salt, value (both NULL once erased) */
enum { FZ_PRIVATE_JURISDICTION, FZ_PRIVATE_SEQ, FZ_PRIVATE_NAME, FZ_PRIVATE_SALT, FZ_PRIVATE_VALUE, FZ_PRIVATE_COLUMNS };
extern const struct fz_table fz_table_private;

/* locked: as private, of values that may not be used while the law still keeps them; a value is in one of the two. Only fz_erase_read() looks here. */
extern const struct fz_table fz_table_locked;

/* withheld: jurisdiction, entry, name | record (the erasure), by (its entry), locked: personal values that are locked (1) or erased (0) */
enum { FZ_WITHHELD_JURISDICTION, FZ_WITHHELD_SEQ, FZ_WITHHELD_NAME, FZ_WITHHELD_RECORD, FZ_WITHHELD_BY, FZ_WITHHELD_LOCKED, FZ_WITHHELD_COLUMNS };
extern const struct fz_table fz_table_withheld;

/* key: jurisdiction, key | seq: which entry a command with that idempotency key became. What has a source is found within its record instead. */
enum { FZ_KEY_JURISDICTION, FZ_KEY_HASH, FZ_KEY_SEQ, FZ_KEY_COLUMNS };
extern const struct fz_table fz_table_key;

/* record: where each record stands.   Index 0: by type and stage. */
enum {
    FZ_RECORD_JURISDICTION,
    FZ_RECORD_ID,
    FZ_RECORD_TYPE,
    FZ_RECORD_PACK,
    FZ_RECORD_VERSION, /* day of force of its pack */
    FZ_RECORD_STAGE,
    FZ_RECORD_STEPS,   /* entries so far: its version for optimistic writers */
    FZ_RECORD_OPENED,
    FZ_RECORD_CHANGED, /* day of the last entry */
    FZ_RECORD_ORGAN,
    FZ_RECORD_NUMBER,
    FZ_RECORD_ENDED,
    FZ_RECORD_COLUMNS
};
extern const struct fz_table fz_table_record;

/* act: jurisdiction, type, counted, dims, day, seq | record, action, outcome, actor, organ: what was done, and what it counts for, as corrections have left
 * it. In the order in which it is counted, so that figures need no index.
 *
 * `counted` is the pack and what the act adds to: "reconsideration received in_time in_time." is one to the numerators of two indicators, and one to the
 * base of the second ("in_time.NAME" where the base has a name). Empty: nothing. `dims` is a line FIELD=VALUE for each field by which one of
 * them is broken down, `\` and line ends in the value escaped by `\`. Both are of the moment of the act. */
enum {
    FZ_ACT_JURISDICTION,
    FZ_ACT_TYPE,
    FZ_ACT_COUNTED,
    FZ_ACT_DIMS,
    FZ_ACT_ON,
    FZ_ACT_SEQ,
    FZ_ACT_RECORD,
    FZ_ACT_NAME,
    FZ_ACT_OUTCOME,
    FZ_ACT_ACTOR,
    FZ_ACT_ORGAN,
    FZ_ACT_COLUMNS
};
extern const struct fz_table fz_table_act;

/* measure: jurisdiction, type, counted, dims, value, day, seq | n, record, action, organ: what acts bring to figures that are no counts (engine/measure.c).
 *
 * `counted` is "PACK:KIND:INDICATOR", `dims` as above, of that indicator alone. Of a sum or mean `n` is the value, of a count of different values `value`
 * is. Of a stock `n` is 1 where the record enters it with these dimensions and -1 where it leaves it; `day` never goes back within a record, and `organ` is
 * the record's. */
enum {
    FZ_MEASURE_JURISDICTION,
    FZ_MEASURE_TYPE,
    FZ_MEASURE_COUNTED,
    FZ_MEASURE_DIMS,
    FZ_MEASURE_VALUE,
    FZ_MEASURE_ON,
    FZ_MEASURE_SEQ,
    FZ_MEASURE_N,
    FZ_MEASURE_RECORD,
    FZ_MEASURE_NAME,
    FZ_MEASURE_ORGAN,
    FZ_MEASURE_COLUMNS
};
extern const struct fz_table fz_table_measure;
/** What stands in `counted` there. */
fz_str fz_measure_name(const struct fz_pack *p, const struct fz_indicator *ind, struct fz_arena *arena);

/* held: jurisdiction, pack, type, key, record: which record in the stock has which key (case.h: fz_case_key; a line with its organ before, where the key is
 * of one organ). Two records of one key stand here when that happened, or a correction brought it about. */
enum { FZ_HELD_JURISDICTION, FZ_HELD_PACK, FZ_HELD_TYPE, FZ_HELD_KEY, FZ_HELD_RECORD, FZ_HELD_COLUMNS };
extern const struct fz_table fz_table_held;

/* clock: jurisdiction, record, clock, instance | started, due, stopped, late, open, paused, unreached. */
enum {
    FZ_CLOCK_JURISDICTION,
    FZ_CLOCK_RECORD,
    FZ_CLOCK_NAME,
    FZ_CLOCK_INSTANCE,
    FZ_CLOCK_FROM,
    FZ_CLOCK_DUE,
    FZ_CLOCK_STOPPED,
    FZ_CLOCK_LATE,
    FZ_CLOCK_OPEN,
    FZ_CLOCK_PAUSED,
    FZ_CLOCK_UNREACHED, /* the calendar does not reach: neither met nor missed */
    FZ_CLOCK_COLUMNS
};
extern const struct fz_table fz_table_clock;

/* due: jurisdiction, due, record, clock, instance: of the clocks that run, what a sweep looks at */
enum { FZ_DUE_JURISDICTION, FZ_DUE_DAY, FZ_DUE_RECORD, FZ_DUE_CLOCK, FZ_DUE_INSTANCE, FZ_DUE_COLUMNS };
extern const struct fz_table fz_table_due;

/* serial: jurisdiction, organ, kind, year | last: numbers of records without gaps */
enum { FZ_SERIAL_JURISDICTION, FZ_SERIAL_ORGAN, FZ_SERIAL_KIND, FZ_SERIAL_YEAR, FZ_SERIAL_LAST, FZ_SERIAL_COLUMNS };
extern const struct fz_table fz_table_serial;

/* directory: jurisdiction, record | kind, parts (law/directory.h): what records that feed the directory give it. Texts, the successors as a list; days. */
enum { FZ_DIRECTORY_JURISDICTION, FZ_DIRECTORY_RECORD, FZ_DIRECTORY_KIND, FZ_DIRECTORY_PART, FZ_DIRECTORY_COLUMNS = FZ_DIRECTORY_PART + FZ_DIRECTORY_PARTS_N };
extern const struct fz_table fz_table_directory;

/* link: jurisdiction, other, record, link: the record leads to the other one by that link; so the other one knows whom to tell */
enum { FZ_LINK_JURISDICTION, FZ_LINK_OTHER, FZ_LINK_RECORD, FZ_LINK_NAME, FZ_LINK_COLUMNS };
extern const struct fz_table fz_table_link;

/** Those that a rebuild makes anew, besides the typed ones. */
extern const struct fz_table *const fz_projections[];
extern const size_t fz_projections_n;

/** jurisdiction, record | a column a public field: the values of one record type. Personal fields have none. */
const struct fz_table *fz_typed_table(struct fz_arena *arena, const struct fz_pack *p, const struct fz_record *r);
/** The same for n versions of one record type, oldest first: every field that one of them has. */
const struct fz_table *fz_typed_table_over(struct fz_arena *arena, const struct fz_pack *p, const struct fz_record *const *versions, size_t n);
/** Its column of a field; -1: none. */
int fz_typed_column(const struct fz_table *t, const struct fz_field *f);
/** The cell of a field there: numbers, days and flags are integers, choices their names, sets a JSON list. */
fz_cell fz_typed_cell(const struct fz_field *f, fz_value v, struct fz_arena *arena);
/** Whether a field has a column: it is public and not derived. */
bool fz_typed_has(const struct fz_field *f);

#endif
