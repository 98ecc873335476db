/*
 * The pack language as tables: what keys stand where, what each holds, and what it means. Read by fz_read() into the raw structs here, which
 * law/pack.c resolves; the manual and the JSON Schema are printed from the same rows (law/manual.c). Nobody else needs this header.
 */
#ifndef FZ_LAW_SCHEMA_H
#define FZ_LAW_SCHEMA_H

#include "law/directory.h"
#include "law/reader.h"

#define FZ_EFFECT_WORDS "-1 0 1" /* of a change on the stock, in this order */
#define FZ_AT_WORDS "period.end period.start"

/* Each but the pack stands in an array, those with a `name` first under their names. */
struct raw_law {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    fz_str edition;
    fz_day in_force, until;
    struct fz_names working;
};

struct raw_config {
    struct fz_name name;
    const struct fz_node *node;
    int type;
    fz_title title;
    struct fz_parts of; /* struct raw_stage */
    struct fz_names bounds;
    fz_str value;
    int confidence;
    fz_str source;
};

struct raw_input {
    struct fz_name name;
    const struct fz_node *node;
    int type;
    fz_title title;
    struct fz_parts of; /* struct raw_stage */
};

struct raw_column {
    struct fz_name name;
    const struct fz_node *node;
    int type;
    fz_title title;
    struct fz_parts of; /* struct raw_stage */
};

struct raw_table {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    struct fz_parts in, out; /* struct raw_input, struct raw_column */
    const struct fz_node *rows;
    int ends, round, confidence;
    bool slices;
    fz_str source;
    struct fz_names article;
};

struct raw_field {
    struct fz_name name;
    const struct fz_node *node;
    int type;
    fz_title title;
    fz_str required, initial;
    bool many, personal;
    const struct fz_expr *when, *is;
    struct fz_parts of; /* struct raw_stage: a name and its title */
    fz_str purpose, keep;
};

struct raw_stage {
    struct fz_name name;
    const struct fz_node *node;
    fz_str zh, en;
};

struct raw_pause {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    struct fz_names in, allows;
};

struct raw_document {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    struct fz_names to, service;
    fz_str number, public;
};

struct raw_by {
    const struct fz_node *node;
    fz_str role;
    int persons, delegated;
    struct fz_name holding;
};

struct raw_after {
    const struct fz_node *node;
    struct fz_names need, any;
    const struct fz_expr *when;
};

struct raw_waive {
    const struct fz_node *node;
    struct fz_parts by;
    const struct fz_expr *when;
    int reason;
    struct fz_names article;
};

struct raw_gate {
    const struct fz_node *node;
    struct fz_name name;
    const struct fz_expr *that;
    fz_title otherwise;
    struct fz_names article;
};

struct raw_set {
    struct fz_name name;
    const struct fz_node *node;
    const struct fz_expr *value;
};

struct raw_effect {
    const struct fz_node *node;
    struct fz_name at, act;
    struct fz_parts with; /* struct raw_set: fields of the other record */
    const struct fz_expr *when;
};

struct raw_open {
    const struct fz_node *node;
    fz_str record;
    struct fz_name act, link, organ;
    struct fz_parts copies; /* struct raw_set, likewise */
    const struct fz_expr *when;
};

struct raw_follow {
    const struct fz_node *node;
    struct fz_names on;
    const struct fz_expr *when;
    struct fz_name outcome;
};

struct raw_outcome {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    struct fz_name change;
    struct fz_names to, clears, article;
    struct fz_parts effect;
};

struct raw_action {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    struct fz_name starts, answers, pauses, resumes, document, change;
    struct fz_names from, to, not_by, each, clears, article, caused_by;
    struct fz_parts by, after, outcomes, sets, gates, follows, opens, effect;
    const void *waive;
    bool milestone, repeats;
    int times;
};

struct raw_suspends {
    const struct fz_node *node;
    struct fz_name pause, spans;
    struct fz_names article;
};

struct raw_excludes {
    const struct fz_node *node;
    struct fz_name from, until, told_by;
    const struct fz_expr *when;
    struct fz_names article;
};

struct raw_extends {
    const struct fz_node *node;
    struct fz_name on;
    const struct fz_expr *by, *when;
    struct fz_names article;
};

struct raw_caps {
    const struct fz_node *node;
    const struct fz_expr *at, *when;
    struct fz_names article;
};

struct raw_rung {
    const struct fz_node *node;
    fz_str at;
    int act;
};

struct raw_then {
    struct fz_name name;
    const struct fz_node *node;
    struct fz_name outcome;
};

struct raw_limit {
    const struct fz_node *node;
    const struct fz_expr *when, *be, *otherwise, *until;
};

struct raw_clock {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    int kind, again, dated, norm, roll, confidence, each;
    struct fz_exprs starts, stops;
    struct fz_names used_by, holds, blocks, per, article;
    const struct fz_expr *when, *until, *promise, *while_;
    const struct fz_node *limit;
    struct fz_parts suspends, excludes, extends, caps, then, ladder;
    fz_str by, before;
    fz_length every;
};

struct raw_directory {
    const struct fz_node *node;
    int kind;
    struct fz_name parts[FZ_DIRECTORY_PARTS_N]; /* names of fields */
};

/* What is heard of an act of a linked record. */
struct raw_heard {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    struct fz_parts of; /* struct raw_stage: outcomes that are told apart */
};

struct raw_link {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    fz_str to, required;
    int kind, competent;
    bool many, tree;
    struct fz_parts stages; /* struct raw_stage */
    struct fz_parts hears;  /* struct raw_heard */
    struct fz_parts reads;  /* struct raw_field */
    struct fz_names article;
};

struct raw_kind {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    int effect; /* index into FZ_EFFECT_WORDS */
};

struct raw_record {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title;
    int shape;
    fz_str number;
    struct fz_parts fields, stages, pauses, actions, documents, clocks, links, kinds;
    struct fz_names final, key, in_stock;
    const void *directory; /* struct raw_directory; NULL */
};

struct raw_rule {
    const struct fz_node *node;
    struct fz_name name, never, before, pause, after, once;
    fz_title title;
    const struct fz_expr *unless;
    struct fz_names always, differ, article;
};

struct raw_basis {
    struct fz_name name;
    const struct fz_node *node;
    struct fz_names acts;
};

struct raw_indicator {
    struct fz_name name;
    const struct fz_node *node;
    fz_title title, unit;
    struct fz_name count, stock, changes;
    fz_str sum, mean, distinct; /* RECORD.FIELD */
    int at;
    struct fz_names on, share_of, by;
    const struct fz_expr *where;
    struct fz_parts bases;
};

struct raw_pack {
    const struct fz_node *node;
    struct fz_name pack, part, calendar;
    fz_day version, amends;
    fz_title title;
    struct fz_parts laws, config, tables, records, rules, indicators;
};

/** The record with the fields and acts that its links stand for behind its own (link_raw.c); the same one when it has no links. */
const struct raw_record *fz_raw_links(struct fz_arena *arena, const struct raw_record *raw);
/* The words of the types of a table's inputs and columns, in the order of raw_input.type and raw_column.type. */
extern const char fz_table_input_types[], fz_table_column_types[];

extern const struct fz_construct fz_pack_construct; /* struct raw_pack, and from it all others */
extern const struct fz_construct
    fz_limit_construct; /* struct raw_limit: a member of the list that `limit` may be, or {until: DAY} */

#endif
