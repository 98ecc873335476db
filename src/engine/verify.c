/*
 * Verification and rebuilding share one pass: project_all() folds every record's entries, one record after the other, into a store. A rebuild gives it the
 * log's own store after dropping the projections; verification gives it one in memory and compares row by row.
 */
#include "engine/engine_int.h"

#define CHUNK 512        /* entries read at once, so that no read happens within a read */
#define WRITES_AT_ONCE 4096

/* ---- one projection of everything ---- */

struct ids {
    struct fz_arena *arena;
    fz_str *items;
    size_t n, cap;
};

static fz_status take_id(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct ids *ids = arg;
    fz_str id = cells[FZ_ENTRY_RECORD].s;

    (void)err;
    if (ids->n == 0 || !fz_str_eq(ids->items[ids->n - 1], id))
        FZ_PUSH(ids->arena, ids, items, n, cap) = fz_str_copy(ids->arena, id);
    return FZ_OK;
}

struct raw {
    int64_t seq;
    fz_str record, bytes;
};

struct raws {
    struct fz_arena *arena;
    struct raw *items;
    size_t n, cap;
};

static fz_status take_raw(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct raws *r = arg;

    (void)err;
    FZ_PUSH(r->arena, r, items, n, cap) =
        (struct raw){cells[FZ_ENTRY_SEQ].n, fz_str_copy(r->arena, cells[FZ_ENTRY_RECORD].s), fz_str_copy(r->arena, cells[FZ_ENTRY_BYTES].s)};
    return FZ_OK;
}

struct serials {
    struct fz_arena *arena;
    struct serial {
        fz_str organ, kind;
        int64_t year, last;
    } *items;
    size_t n, cap;
};

/* The highest number of each organ, kind and year: what the counter stands at. */
static void note_serial(struct serials *s, const struct fz_entry *entry)
{
    int64_t year = fz_day_civil(entry->on).year, serial = 0;

    for (size_t i = 0; i < entry->values_n; i++)
        if (fz_str_is(entry->values[i].name, FZ_WIRE_SERIAL))
            serial = entry->values[i].value.number;
    if (serial == 0)
        return;
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].year == year && fz_str_eq(s->items[i].kind, entry->type) && fz_str_eq(s->items[i].organ, entry->organ)) {
            s->items[i].last = serial > s->items[i].last ? serial : s->items[i].last;
            return;
        }
    FZ_PUSH(s->arena, s, items, n, cap) = (struct serial){fz_str_copy(s->arena, entry->organ), fz_str_copy(s->arena, entry->type), year, serial};
}

static fz_status flush(struct fz_store *sink, struct writes *w, struct fz_error *err)
{
    fz_status s = w->n && sink ? fz_store_commit(sink, &(struct fz_batch){w->items, w->n}, err) : FZ_OK;

    *w = (struct writes){0};
    return s;
}

static fz_status project_record(struct fz_engine *e, fz_str id, struct fz_arena *arena, struct serials *serials, struct writes *w, uint64_t *entries,
                                struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(id)};
    struct fz_scan scan = {.table = &fz_table_entry, .index = 0, .prefix = prefix, .prefix_n = 2};
    struct raws raws = {.arena = arena};
    struct live l = {.id = id};

    FZ_TRY(fz_store_scan(e->set.store, &scan, take_raw, &raws, err));
    for (size_t i = 0; i < raws.n; i++) {
        struct fz_privates privates;
        struct fz_entry entry;
        struct fz_step step;

        if (!fz_engine_decode(arena, raws.items[i].bytes, &entry))
            return fz_fail(err, FZ_E_INPUT, "entry %lld cannot be read", (long long)raws.items[i].seq);
        FZ_TRY(fz_privates_of(e, entry.seq, arena, &privates, err));
        FZ_TRY(fz_live_take(e, &l, &entry, privates.items, privates.n, arena, &step, err));
        note_serial(serials, &entry);
        fz_project_entry(e, &l, &entry, arena, w);
        ++*entries;
    }
    if (l.c)
        fz_project_record(e, &l, arena, w);
    return FZ_OK;
}

static void project_serials(struct fz_engine *e, const struct serials *s, struct fz_arena *arena, struct writes *w)
{
    for (size_t i = 0; i < s->n; i++) {
        fz_cell *row = add_write(w, arena, FZ_PUT, &fz_table_serial);

        row[FZ_SERIAL_JURISDICTION] = FZ_CELL_OF(e->set.jurisdiction);
        row[FZ_SERIAL_ORGAN] = FZ_CELL_OF(s->items[i].organ);
        row[FZ_SERIAL_KIND] = FZ_CELL_OF(s->items[i].kind);
        row[FZ_SERIAL_YEAR] = FZ_CELL_OF_INT(s->items[i].year);
        row[FZ_SERIAL_LAST] = FZ_CELL_OF_INT(s->items[i].last);
    }
}

/* `sink` NULL: a rehearsal, which writes nothing. */
static fz_status project_all(struct fz_engine *e, struct fz_store *sink, uint64_t *out_entries, struct fz_error *err)
{
    struct fz_arena arena, part;
    struct ids ids = {.arena = &arena};
    struct serials serials = {.arena = &arena};
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_entry, .index = 0, .prefix = prefix, .prefix_n = 1};
    struct writes w = {0};
    uint64_t entries = 0;
    fz_status s;

    fz_arena_init(&arena);
    fz_arena_init(&part);
    s = fz_store_scan(e->set.store, &scan, take_id, &ids, err);
    for (size_t i = 0; i < ids.n && s == FZ_OK; i++) {
        s = project_record(e, ids.items[i], &part, &serials, &w, &entries, err);
        if (s == FZ_OK && w.n >= WRITES_AT_ONCE) {
            s = flush(sink, &w, err);
            fz_arena_reset(&part);
        }
    }
    if (s == FZ_OK) {
        project_serials(e, &serials, &part, &w);
        s = flush(sink, &w, err);
    }
    fz_arena_release(&part);
    fz_arena_release(&arena);
    *out_entries = entries;
    return s;
}

static fz_status declare_projections(struct fz_engine *e, struct fz_store *sink, struct fz_error *err)
{
    FZ_TRY(fz_store_declare(sink, fz_projections, fz_projections_n, err));
    for (size_t i = 0; i < e->kinds_n; i++)
        FZ_TRY(fz_store_declare(sink, &e->kinds[i].table, 1, err));
    return FZ_OK;
}

/* Versions of a record type share one table: it is handled once, under the first of them. */
static bool first_of_its_table(const struct fz_engine *e, size_t kind)
{
    for (size_t i = 0; i < kind; i++)
        if (strcmp(e->kinds[i].table->name, e->kinds[kind].table->name) == 0)
            return false;
    return true;
}

/* Rehearsed first, for tables that are dropped before an entry turns out to be torn would be gone. */
fz_status fz_engine_rebuild(struct fz_engine *e, uint64_t *out_entries, struct fz_error *err)
{
    FZ_TRY(project_all(e, NULL, out_entries, err));
    for (size_t i = 0; i < fz_projections_n; i++)
        FZ_TRY(fz_store_drop(e->set.store, fz_projections[i], err));
    for (size_t i = 0; i < e->kinds_n; i++)
        if (first_of_its_table(e, i))
            FZ_TRY(fz_store_drop(e->set.store, e->kinds[i].table, err));
    FZ_TRY(declare_projections(e, e->set.store, err));
    return project_all(e, e->set.store, out_entries, err);
}

/* ---- verification ---- */

struct check {
    struct fz_engine *e;
    struct fz_arena *arena; /* of the verdict */
    struct fz_arena scratch;
    struct fz_verdict *out;
    fz_tree tree;
    uint64_t nodes; /* that the entries give */
    uint64_t privates;
};

static void problem(struct check *k, fz_problem_kind kind, int64_t seq, const char *table, fz_str text)
{
    if (k->out->n == FZ_PROBLEMS_MAX) {
        k->out->more++;
        return;
    }
    FZ_PUSH(k->arena, k->out, items, n, cap) = (struct fz_problem){kind, seq, fz_str_of(table), fz_str_copy(k->arena, text)};
}

#define PROBLEM(k, kind, seq, table, ...) problem(k, kind, seq, table, fz_str_printf(&(k)->scratch, __VA_ARGS__))

static fz_status check_nodes(struct check *k, int64_t seq, const fz_tree_node *nodes, size_t n, struct fz_error *err)
{
    for (size_t i = 0; i < n; i++) {
        fz_cell key[] = {FZ_CELL_OF(k->e->set.jurisdiction), FZ_CELL_OF_INT((int64_t)nodes[i].level), FZ_CELL_OF_INT((int64_t)nodes[i].index)}, *row;
        fz_str want = {(const char *)nodes[i].hash.bytes, FZ_HASH_BYTES};
        bool found;

        FZ_TRY(fz_store_get(k->e->set.store, &fz_table_node, key, &k->scratch, &row, &found, err));
        if (!found)
            PROBLEM(k, FZ_P_NODE, seq, "node", "node %llu of level %u is missing", (unsigned long long)nodes[i].index, nodes[i].level);
        else if (!fz_str_eq(row[FZ_NODE_HASH].s, want))
            PROBLEM(k, FZ_P_NODE, seq, "node", "node %llu of level %u is not what the entries give", (unsigned long long)nodes[i].index, nodes[i].level);
    }
    k->nodes += n;
    return FZ_OK;
}

static const fz_hash *commitment_to(const struct fz_entry *entry, fz_str name)
{
    for (size_t i = 0; i < entry->commitments_n; i++)
        if (fz_str_eq(entry->commitments[i].name, name))
            return &entry->commitments[i].hash;
    return NULL;
}

static fz_status check_privates(struct check *k, const struct fz_entry *entry, struct fz_error *err)
{
    struct fz_privates privates;

    FZ_TRY(fz_privates_of(k->e, entry->seq, &k->scratch, &privates, err));
    for (size_t i = 0; i < privates.n; i++) {
        const struct fz_private *p = &privates.items[i];
        const fz_hash *want = commitment_to(entry, p->name);
        fz_hash got = fz_commit_field(k->e->set.hasher, &p->salt, p->name, p->value);

        if (!want || !fz_hash_eq(want, &got))
            PROBLEM(k, FZ_P_COMMITMENT, entry->seq, "private", "`%.*s` is not what the entry committed to", FZ_STR_ARG(p->name));
    }
    k->privates += entry->commitments_n;
    return FZ_OK;
}

static fz_status check_entry(struct check *k, const struct raw *raw, struct fz_error *err)
{
    int64_t want = (int64_t)k->tree.size + 1;
    fz_hash leaf = fz_hash_leaf(k->e->set.hasher, raw->bytes);
    fz_tree_node nodes[FZ_TREE_STORED_MAX];
    struct fz_entry entry;

    if (raw->seq != want)
        PROBLEM(k, FZ_P_GAP, raw->seq, "entry", "entry %lld follows entry %lld", (long long)raw->seq, (long long)want - 1);
    FZ_TRY(check_nodes(k, raw->seq, nodes, fz_tree_append(k->e->set.hasher, &k->tree, &leaf, nodes), err));
    if (!fz_engine_decode(&k->scratch, raw->bytes, &entry)) {
        PROBLEM(k, FZ_P_ENTRY, raw->seq, "entry", "its bytes are no entry");
        return FZ_OK;
    }
    if (entry.seq != raw->seq || !fz_str_eq(entry.record, raw->record) || !fz_str_eq(entry.jurisdiction, k->e->set.jurisdiction))
        PROBLEM(k, FZ_P_ENTRY, raw->seq, "entry", "it says that it is entry %lld of record %.*s in %.*s", (long long)entry.seq, FZ_STR_ARG(entry.record),
                FZ_STR_ARG(entry.jurisdiction));
    return check_privates(k, &entry, err);
}

/* In order of sequence, a chunk at a time. */
static fz_status check_entries(struct check *k, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(k->e->set.jurisdiction)};
    int64_t next = INT64_MIN;

    for (;;) {
        struct raws raws = {.arena = &k->scratch};
        struct fz_scan scan = {.table = &fz_table_entry, .index = -1, .prefix = prefix, .prefix_n = 1, .ranged = true, .low = FZ_CELL_OF_INT(next), .limit = CHUNK};

        fz_arena_reset(&k->scratch);
        FZ_TRY(fz_store_scan(k->e->set.store, &scan, take_raw, &raws, err));
        for (size_t i = 0; i < raws.n; i++)
            FZ_TRY(check_entry(k, &raws.items[i], err));
        k->out->entries += raws.n;
        if (raws.n < CHUNK)
            return FZ_OK;
        next = raws.items[raws.n - 1].seq + 1;
    }
}

/* What stands beside the entries and none of them accounts for. */
static fz_status check_counts(struct check *k, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(k->e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_node, .index = -1, .prefix = prefix, .prefix_n = 1};
    uint64_t n;

    FZ_TRY(fz_store_count(k->e->set.store, &scan, &n, err));
    if (n > k->nodes)
        PROBLEM(k, FZ_P_NODE, 0, "node", "%llu nodes stand there that no entry gives: entries are missing at the end", (unsigned long long)(n - k->nodes));
    scan.table = &fz_table_private;
    FZ_TRY(fz_store_count(k->e->set.store, &scan, &n, err));
    if (n != k->privates)
        PROBLEM(k, FZ_P_COMMITMENT, 0, "private", "%llu personal values stand there, and the entries committed to %llu", (unsigned long long)n,
                (unsigned long long)k->privates);
    return FZ_OK;
}

/* ---- tables against entries ---- */

struct compare {
    struct check *k;
    const struct fz_table *table;
    struct fz_store *other; /* where the same key is looked for */
    bool forwards;          /* from the log's table to what the entries give; else the other way, for what is missing */
    struct fz_arena scratch;
};

static bool same_cell(const fz_cell *a, const fz_cell *b)
{
    return a->kind == b->kind && (a->kind != FZ_CELL_INT || a->n == b->n) && (a->kind != FZ_CELL_BYTES || fz_str_eq(a->s, b->s));
}

static fz_str key_text(struct compare *c, const fz_cell *cells)
{
    struct fz_buf b = {0};
    fz_str s;

    for (size_t i = 1; i < c->table->key_n; i++) {
        fz_buf_addz(&b, i > 1 ? " " : "");
        if (cells[i].kind == FZ_CELL_INT)
            fz_buf_printf(&b, "%lld", (long long)cells[i].n);
        else if (c->table->columns[i].kind == FZ_COL_TEXT)
            fz_buf_add(&b, cells[i].s);
        else
            fz_buf_addz(&b, "(bytes)");
    }
    s = fz_str_copy(&c->k->scratch, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

static fz_status compare_row(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct compare *c = arg;
    fz_cell *row;
    bool found;

    c->k->out->rows += c->forwards;
    fz_arena_reset(&c->scratch);
    FZ_TRY(fz_store_get(c->other, c->table, cells, &c->scratch, &row, &found, err));
    if (!found) {
        fz_str key = key_text(c, cells);

        if (c->forwards)
            PROBLEM(c->k, FZ_P_ROW, 0, c->table->name, "%.*s: no entry gives this row", FZ_STR_ARG(key));
        else
            PROBLEM(c->k, FZ_P_MISSING, 0, c->table->name, "%.*s: the entries give this row, and it is not there", FZ_STR_ARG(key));
        return FZ_OK;
    }
    for (size_t i = 0; c->forwards && i < c->table->columns_n; i++)
        if (!same_cell(&cells[i], &row[i])) {
            fz_str key = key_text(c, cells);

            PROBLEM(c->k, FZ_P_ROW, 0, c->table->name, "%.*s: the entries give another `%s`", FZ_STR_ARG(key), c->table->columns[i].name);
            break;
        }
    return FZ_OK;
}

static fz_status compare_table(struct check *k, const struct fz_table *table, struct fz_store *given, struct fz_error *err)
{
    struct compare c = {.k = k, .table = table, .other = given, .forwards = true};
    fz_cell prefix[] = {FZ_CELL_OF(k->e->set.jurisdiction)};
    struct fz_scan scan = {.table = table, .index = -1, .prefix = prefix, .prefix_n = 1};
    fz_status s;

    fz_arena_init(&c.scratch);
    s = fz_store_scan(k->e->set.store, &scan, compare_row, &c, err);
    c.forwards = false;
    c.other = k->e->set.store;
    if (s == FZ_OK)
        s = fz_store_scan(given, &scan, compare_row, &c, err);
    fz_arena_release(&c.scratch);
    return s;
}

static fz_status compare_tables(struct check *k, struct fz_store *given, struct fz_error *err)
{
    uint64_t entries;

    FZ_TRY(declare_projections(k->e, given, err));
    FZ_TRY(project_all(k->e, given, &entries, err));
    for (size_t i = 0; i < fz_projections_n; i++)
        FZ_TRY(compare_table(k, fz_projections[i], given, err));
    for (size_t i = 0; i < k->e->kinds_n; i++)
        if (first_of_its_table(k->e, i))
            FZ_TRY(compare_table(k, k->e->kinds[i].table, given, err));
    return FZ_OK;
}

fz_status fz_engine_verify(struct fz_engine *e, struct fz_arena *arena, struct fz_verdict *out, struct fz_error *err)
{
    struct check k = {.e = e, .arena = arena, .out = out};
    fz_status s;

    *out = (struct fz_verdict){0};
    fz_arena_init(&k.scratch);
    s = check_entries(&k, err);
    if (s == FZ_OK)
        s = check_counts(&k, err);
    out->root = fz_tree_root(e->set.hasher, &k.tree);
    /* Over entries that cannot be read there is nothing to compare with. */
    if (s == FZ_OK && out->n == 0) {
        struct fz_store *given = fz_store_new_memory();

        s = compare_tables(&k, given, err);
        fz_store_close(given);
    }
    fz_arena_release(&k.scratch);
    return s;
}
