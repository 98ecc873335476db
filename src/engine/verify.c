/*
 * Verification, in two passes, each in parts side by side.
 *
 * The log: entries in the order of their sequence, each hashed and held against its leaf; the leaves against the nodes over them, up to the root.
 * The tables: record by record, the entries are read, folded and projected as live work does, what lies beside them is held against their
 * commitments, and each row that they give is looked up. Rows are counted: where a table has more than the entries give, it is searched for them.
 *
 * Rebuilding is the second pass with the store as its sink, after a rehearsal that reads every entry: a table is dropped only when it can be made anew.
 * Where several may write, other places have rows in the same tables: those of this one are removed instead, and other writers kept out meanwhile.
 */
#include "engine/engine_int.h"

#include <pthread.h>
#include <stdlib.h>

#define CHUNK 2048 /* entries read at once */
#define WRITES_AT_ONCE 20000

/* ---- the tables that follow from the entries ---- */

struct tables {
    const struct fz_table **items;
    size_t n;
};

/* Versions of a record type share one table: it stands there once. */
static struct tables projected_tables(const struct fz_engine *e, struct fz_arena *arena)
{
    struct tables t = {FZ_NEW_ARRAY(arena, const struct fz_table *, fz_projections_n + e->kinds_n), 0};

    for (size_t i = 0; i < fz_projections_n; i++)
        t.items[t.n++] = fz_projections[i];
    for (size_t i = 0; i < e->kinds_n; i++) {
        size_t k = fz_projections_n;

        while (k < t.n && strcmp(t.items[k]->name, e->kinds[i].table->name) != 0)
            k++;
        if (k == t.n)
            t.items[t.n++] = e->kinds[i].table;
    }
    return t;
}

static size_t table_number(const struct tables *t, const struct fz_table *table)
{
    size_t i = 0;

    while (strcmp(t->items[i]->name, table->name) != 0)
        i++;
    return i;
}

/* ---- problems ---- */

struct check {
    struct fz_engine *e;
    struct fz_arena *arena; /* of the verdict */
    struct fz_verdict *out;
    struct tables tables;
    const struct fz_problem *bad; /* of the first pass */
    size_t bad_n;
    pthread_mutex_t lock; /* of the verdict and its arena */
};

static void problem(struct check *k, fz_problem_kind kind, int64_t seq, const char *table, const char *fmt, ...) FZ_PRINTF(5, 6);
static void problem(struct check *k, fz_problem_kind kind, int64_t seq, const char *table, const char *fmt, ...)
{
    struct fz_buf text = {0};
    va_list ap;

    va_start(ap, fmt);
    fz_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    pthread_mutex_lock(&k->lock);
    if (k->out->n == FZ_PROBLEMS_MAX)
        k->out->more++;
    else
        FZ_PUSH(k->arena, k->out, items, n, cap) = (struct fz_problem){kind, seq, fz_str_of(table), fz_str_copy(k->arena, fz_buf_str(&text))};
    pthread_mutex_unlock(&k->lock);
    fz_buf_release(&text);
}

static int by_place(const void *a, const void *b)
{
    const struct fz_problem *x = a, *y = b;
    uint64_t at = (uint64_t)x->seq - 1, other = (uint64_t)y->seq - 1; /* those of no entry come last */
    int order = (at > other) - (at < other);

    order = order ? order : (int)x->kind - (int)y->kind;
    order = order ? order : fz_str_cmp(x->table, y->table);
    return order ? order : fz_str_cmp(x->text, y->text);
}

static void sort_problems(struct fz_verdict *v)
{
    if (v->n)
        qsort(v->items, v->n, sizeof(*v->items), by_place);
}

/* Whether the first pass has found fault with the entry: what follows from it is not looked at. */
static bool is_bad(const struct check *k, int64_t seq)
{
    for (size_t i = 0; i < k->bad_n; i++)
        if (k->bad[i].seq == seq)
            return true;
    return false;
}

/* ---- the log ---- */

/* Part of the log: the nodes over its whole tiles, and the leaves behind the last of them. */
struct part {
    struct check *k;
    struct {
        fz_hash *items;
        size_t n, cap;
    } tiles;
    fz_hash leaves[FZ_TILE_NODES];
    size_t leaves_n;
    uint64_t entries;
    struct fz_arena arena;
    struct {
        struct leaf_of {
            int64_t seq;
            fz_str leaf, bytes;
        } *items;
        size_t n, cap;
    } chunk;
    struct fz_arena scratch;
};

static fz_status take_leaf(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct part *p = arg;

    (void)err;
    FZ_PUSH(&p->scratch, &p->chunk, items, n, cap) =
        (struct leaf_of){cells[FZ_ENTRY_SEQ].n, fz_str_copy(&p->scratch, cells[FZ_ENTRY_LEAF].s), fz_str_copy(&p->scratch, cells[FZ_ENTRY_BYTES].s)};
    return FZ_OK;
}

static fz_hash tile_node(fz_hasher h, fz_hash *leaves)
{
    for (size_t n = FZ_TILE_NODES; n > 1; n /= 2)
        for (size_t i = 0; i < n / 2; i++)
            leaves[i] = fz_hash_node(h, &leaves[2 * i], &leaves[2 * i + 1]);
    return leaves[0];
}

static void check_leaf(struct worker *w, struct part *p, const struct leaf_of *at, int64_t *io_want)
{
    fz_hash leaf = fz_hash_leaf(w->hasher, at->bytes);

    if (at->seq != *io_want)
        problem(p->k, FZ_P_GAP, at->seq, "entry", "entry %lld follows entry %lld", (long long)at->seq, (long long)*io_want - 1);
    if (!fz_str_eq(at->leaf, (fz_str){(const char *)leaf.bytes, FZ_HASH_BYTES}))
        problem(p->k, FZ_P_NODE, at->seq, "entry", "its bytes are not those that were hashed into the tree");
    *io_want = at->seq + 1;
    p->leaves[p->leaves_n++] = leaf;
    p->entries++;
    if (p->leaves_n == FZ_TILE_NODES) {
        FZ_PUSH(&p->arena, &p->tiles, items, n, cap) = tile_node(w->hasher, p->leaves);
        p->leaves_n = 0;
    }
}

static fz_status check_part(struct worker *w, struct fz_error *err)
{
    struct part *p = w->arg;
    fz_cell prefix[] = {FZ_CELL_OF(w->e->set.jurisdiction)};
    int64_t want = (int64_t)w->first + 1, next = w->first ? want : INT64_MIN;
    bool more = true;

    while (more) {
        struct fz_scan scan = {.table = &fz_table_entry, .index = -1, .prefix = prefix, .prefix_n = 1, .ranged = true, .low = FZ_CELL_OF_INT(next), .limit = CHUNK};

        if (w->last < INT64_MAX)
            scan.high = FZ_CELL_OF_INT((int64_t)w->last);
        fz_arena_reset(&p->scratch);
        p->chunk.items = NULL;
        p->chunk.n = p->chunk.cap = 0;
        FZ_TRY(fz_store_scan(w->from, &scan, take_leaf, p, err));
        for (size_t i = 0; i < p->chunk.n; i++)
            check_leaf(w, p, &p->chunk.items[i], &want);
        more = p->chunk.n == CHUNK;
        next = want;
    }
    return FZ_OK;
}

static fz_status check_nodes(struct check *k, const fz_tree_node *nodes, size_t n, uint64_t *io_nodes, struct fz_arena *scratch, struct fz_error *err)
{
    for (size_t i = 0; i < n; i++) {
        fz_cell key[] = {FZ_CELL_OF(k->e->set.jurisdiction), FZ_CELL_OF_INT((int64_t)nodes[i].level), FZ_CELL_OF_INT((int64_t)nodes[i].index)}, *row;
        bool found;

        if (nodes[i].level == 0)
            continue;
        ++*io_nodes;
        fz_arena_reset(scratch);
        FZ_TRY(fz_store_get(k->e->set.store, &fz_table_node, key, scratch, &row, &found, err));
        if (!found)
            problem(k, FZ_P_NODE, 0, "node", "node %llu of level %u is missing", (unsigned long long)nodes[i].index, nodes[i].level);
        else if (!fz_str_eq(row[FZ_NODE_HASH].s, (fz_str){(const char *)nodes[i].hash.bytes, FZ_HASH_BYTES}))
            problem(k, FZ_P_NODE, 0, "node", "node %llu of level %u is not what the entries give", (unsigned long long)nodes[i].index, nodes[i].level);
    }
    return FZ_OK;
}

/* The tree over the parts, one after the other. Behind a gap tiles lie elsewhere: then leaves follow tiles no longer, and the tree is not looked at. */
static fz_status grow_tree(struct check *k, struct part *parts, unsigned n, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(k->e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_node, .index = -1, .prefix = prefix, .prefix_n = 1};
    fz_tree_node nodes[FZ_TREE_STORED_MAX];
    fz_tree tree = {0};
    uint64_t want = 0, there;

    for (unsigned i = 0; i < n; i++) {
        for (size_t t = 0; t < parts[i].tiles.n; t++)
            FZ_TRY(check_nodes(k, nodes, fz_tree_append_tile(k->e->set.hasher, &tree, &parts[i].tiles.items[t], nodes), &want, &parts[i].scratch, err));
        if (parts[i].leaves_n && i + 1 < n && parts[i + 1].entries)
            return FZ_OK; /* a gap, which was said */
        for (size_t l = 0; l < parts[i].leaves_n; l++)
            (void)fz_tree_append(k->e->set.hasher, &tree, &parts[i].leaves[l], nodes);
    }
    k->out->root = fz_tree_root(k->e->set.hasher, &tree);
    FZ_TRY(fz_store_count(k->e->set.store, &scan, &there, err));
    if (there > want)
        problem(k, FZ_P_NODE, 0, "node", "%llu nodes stand there that no entry gives: entries are missing at the end", (unsigned long long)(there - want));
    return FZ_OK;
}

static fz_status check_log(struct check *k, struct fz_error *err)
{
    unsigned n = fz_parts_n(k->e);
    struct part *parts = calloc(n, sizeof(*parts));
    void *args[FZ_PARTS_MAX];
    fz_status s;

    fz_assert(parts);
    for (unsigned i = 0; i < n; i++) {
        parts[i].k = k;
        fz_arena_init(&parts[i].arena);
        fz_arena_init(&parts[i].scratch);
        args[i] = &parts[i];
    }
    s = fz_parts(k->e, args, check_part, err);
    if (s == FZ_OK)
        s = grow_tree(k, parts, n, err);
    for (unsigned i = 0; i < n; i++) {
        k->out->entries += parts[i].entries;
        fz_arena_release(&parts[i].arena);
        fz_arena_release(&parts[i].scratch);
    }
    free(parts);
    return s;
}

fz_status fz_engine_verify_log(struct fz_engine *e, struct fz_arena *arena, struct fz_verdict *out, struct fz_error *err)
{
    struct check k = {.e = e, .arena = arena, .out = out, .lock = PTHREAD_MUTEX_INITIALIZER};
    fz_status s;

    *out = (struct fz_verdict){0};
    FZ_TRY(fz_store_begin_read(e->set.store, err));
    s = check_log(&k, err);
    fz_store_end_read(e->set.store);
    sort_problems(out);
    return s;
}

/* ---- folding a record from what is stored ---- */

/* What one worker of the second pass has. */
struct fold {
    struct check *k; /* NULL: a rebuild, for which a torn entry is a failure */
    struct worker *w;
    struct writes writes;
    uint64_t entries, privates, rows;
    uint64_t *given; /* rows a table */
    struct {
        struct counter *items;
        size_t n, cap;
    } serials;
    struct fz_arena arena, scratch; /* serials; one look */
    bool corrected;                 /* the record in hand has been */
    bool rehearses;                 /* reads every entry, folds nothing */
    pthread_mutex_t *sink;          /* of a rebuild: one worker writes at a time */
    struct fz_arena rows_arena;
};

/* The highest number of each organ, kind and year: what the counter stands at. */
static void note_serial(struct fold *f, fz_str organ, fz_str kind, int64_t year, int64_t last)
{
    for (size_t i = 0; i < f->serials.n; i++) {
        struct counter *c = &f->serials.items[i];

        if (c->year == year && fz_str_eq(c->kind, kind) && fz_str_eq(c->organ, organ)) {
            c->last = last > c->last ? last : c->last;
            return;
        }
    }
    FZ_PUSH(&f->arena, &f->serials, items, n, cap) =
        (struct counter){.organ = fz_str_copy(&f->arena, organ), .kind = fz_str_copy(&f->arena, kind), .year = year, .last = last};
}

static void note_serial_of(struct fold *f, const struct fz_entry *entry)
{
    for (size_t i = 0; i < entry->values_n; i++)
        if (fz_str_is(entry->values[i].name, FZ_WIRE_SERIAL))
            note_serial(f, entry->organ, entry->type, fz_day_civil(entry->on).year, entry->values[i].value.number);
}

static const fz_hash *commitment_to(const struct fz_entry *entry, fz_str name)
{
    for (size_t i = 0; i < entry->commitments_n; i++)
        if (fz_str_eq(entry->commitments[i].name, name))
            return &entry->commitments[i].hash;
    return NULL;
}

static bool lies_beside(const struct fz_privates *privates, fz_str name)
{
    for (size_t i = 0; i < privates->n; i++)
        if (fz_str_eq(privates->items[i].name, name))
            return true;
    return false;
}

/* What the entry committed to and does not lie beside it: taken away by an erasure, or lost. */
static fz_status check_gone(struct fold *f, const struct fz_entry *entry, const struct fz_privates *privates, struct fz_arena *arena, struct fz_error *err)
{
    for (size_t i = 0; f->k && i < entry->commitments_n; i++) {
        fz_str name = entry->commitments[i].name;
        bool does = true;

        if (!lies_beside(privates, name))
            FZ_TRY(fz_erase_accounts_for(f->w->e, f->w->from, entry->seq, name, arena, &does, err));
        if (!does)
            problem(f->k, FZ_P_COMMITMENT, entry->seq, "private", "`%.*s` is gone, and no entry took it away", FZ_STR_ARG(name));
    }
    return FZ_OK;
}

static void check_privates(struct fold *f, const struct fz_entry *entry, const struct fz_privates *privates)
{
    for (size_t i = 0; f->k && i < privates->n; i++) {
        const struct fz_private *p = &privates->items[i];
        const fz_hash *want = commitment_to(entry, p->name);
        fz_hash got = fz_commit_field(f->w->hasher, &p->salt, p->name, p->value);

        if (!want || !fz_hash_eq(want, &got))
            problem(f->k, FZ_P_COMMITMENT, entry->seq, "private", "`%.*s` is not what the entry committed to", FZ_STR_ARG(p->name));
    }
    f->privates += entry->commitments_n;
}

/* An entry that cannot be taken: a problem of the log, or the end of a rebuild. */
static fz_status torn(struct fold *f, int64_t seq, const char *why, struct fz_error *err)
{
    if (!f->k)
        return fz_fail(err, FZ_E_INPUT, "entry %lld: %s", (long long)seq, why);
    problem(f->k, FZ_P_ENTRY, seq, "entry", "%s", why);
    return FZ_OK;
}

/* `*out_ok` false: it was torn. */
static fz_status take_entry(struct fold *f, struct live *l, const struct raw *raw, bool *out_ok, struct fz_error *err)
{
    struct fz_privates privates = {0};
    struct fz_entry entry;
    fz_status s;

    *out_ok = false;
    if (!fz_engine_decode(l->arena, raw->bytes, &entry))
        return torn(f, raw->seq, "its bytes are no entry", err);
    if (entry.seq != raw->seq || !fz_str_eq(entry.record, raw->record) || !fz_str_eq(entry.jurisdiction, f->w->e->set.jurisdiction)) {
        fz_str why = fz_str_printf(l->arena, "it says that it is entry %lld of record %.*s in %.*s", (long long)entry.seq, FZ_STR_ARG(entry.record),
                                   FZ_STR_ARG(entry.jurisdiction));
        return torn(f, raw->seq, why.p, err);
    }
    if (f->k && is_bad(f->k, raw->seq))
        return FZ_OK;
    if (entry.commitments_n)
        FZ_TRY(fz_privates_of(f->w->e, f->w->from, entry.seq, l->arena, &privates, err));
    check_privates(f, &entry, &privates);
    FZ_TRY(check_gone(f, &entry, &privates, l->arena, err));
    s = fz_live_take(f->w->e, l, &entry, privates.items, privates.n, err);
    if (s == FZ_E_INPUT && f->k)
        return torn(f, raw->seq, err->text, err);
    FZ_TRY(s);
    *out_ok = true;
    if (f->rehearses)
        return FZ_OK;
    note_serial_of(f, &entry);
    fz_project_entry(f->w->e, l, &entry, l->arena, &f->writes);
    f->corrected |= entry.correction.n > 0;
    *out_ok = true;
    return FZ_OK;
}

/* Acts as corrections have left them, in place of those as they were entered. */
static void project_corrected(struct fold *f, const struct live *l, size_t mark, struct fz_arena *arena)
{
    size_t kept = mark;

    for (size_t i = mark; i < f->writes.n; i++)
        if (f->writes.items[i].table != &fz_table_act && f->writes.items[i].table != &fz_table_measure)
            f->writes.items[kept++] = f->writes.items[i];
    f->writes.n = kept;
    fz_project_acts(f->w->e, l, FZ_PUT, arena, &f->writes);
}

/* The rows of a record, in f->writes and `arena`; none when one of its entries is torn. */
static fz_status fold_record(struct fold *f, fz_str record, const struct raw *raws, size_t n, struct fz_arena *arena, bool *out_ok, struct fz_error *err)
{
    struct live l = {.id = record, .arena = arena};
    size_t mark = f->writes.n;
    bool ok = true;

    *out_ok = false;
    f->corrected = false;
    for (size_t i = 0; i < n && ok; i++)
        FZ_TRY(take_entry(f, &l, &raws[i], &ok, err));
    if (!ok)
        return FZ_OK;
    f->entries += n;
    if (f->corrected)
        project_corrected(f, &l, mark, arena);
    if (!f->rehearses)
        fz_project_record(f->w->e, &l, arena, &f->writes);
    *out_ok = true;
    return FZ_OK;
}

/* ---- rows against what the entries give ---- */

static bool same_cell(const fz_cell *a, const fz_cell *b)
{
    return a->kind == b->kind && (a->kind != FZ_CELL_INT || a->n == b->n) && (a->kind != FZ_CELL_BYTES || fz_str_eq(a->s, b->s));
}

static fz_str key_text(const struct fz_table *t, const fz_cell *cells, struct fz_arena *arena)
{
    struct fz_buf b = {0};
    fz_str s;

    for (size_t i = 1; i < t->key_n; i++) {
        fz_buf_addz(&b, i > 1 ? " " : "");
        if (cells[i].kind == FZ_CELL_INT)
            fz_buf_printf(&b, "%lld", (long long)cells[i].n);
        else if (t->columns[i].kind == FZ_COL_TEXT)
            fz_buf_add(&b, cells[i].s);
        else
            fz_buf_addz(&b, "(bytes)");
    }
    s = fz_str_copy(arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

static fz_status compare_row(struct fold *f, const struct fz_write *want, struct fz_error *err)
{
    const struct fz_table *t = want->table;
    fz_cell *row;
    bool found;
    size_t i = 0;

    fz_arena_reset(&f->scratch);
    f->rows++;
    f->given[table_number(&f->k->tables, t)]++;
    FZ_TRY(fz_store_get(f->w->from, t, want->cells, &f->scratch, &row, &found, err));
    if (!found) {
        fz_str key = key_text(t, want->cells, &f->scratch);

        f->given[table_number(&f->k->tables, t)]--;
        problem(f->k, FZ_P_MISSING, 0, t->name, "%.*s: the entries give this row, and it is not there", FZ_STR_ARG(key));
        return FZ_OK;
    }
    while (i < t->columns_n && same_cell(&want->cells[i], &row[i]))
        i++;
    if (i < t->columns_n) {
        fz_str key = key_text(t, want->cells, &f->scratch);

        problem(f->k, FZ_P_ROW, 0, t->name, "%.*s: the entries give another `%s`", FZ_STR_ARG(key), t->columns[i].name);
    }
    return FZ_OK;
}

static fz_status compare_writes(struct fold *f, struct fz_error *err)
{
    for (size_t i = 0; i < f->writes.n; i++)
        FZ_TRY(compare_row(f, &f->writes.items[i], err));
    f->writes = (struct writes){0};
    return FZ_OK;
}

static fz_status check_record(void *arg, fz_str record, const struct raw *raws, size_t n, struct fz_arena *arena, struct fz_error *err)
{
    struct fold *f = arg;
    bool ok;

    f->writes = (struct writes){0};
    FZ_TRY(fold_record(f, record, raws, n, arena, &ok, err));
    if (!ok)
        f->writes = (struct writes){0};
    return compare_writes(f, err);
}

static fz_status check_records(struct worker *w, struct fz_error *err)
{
    struct fold *f = w->arg;

    f->w = w;
    return fz_walk(w->e, w->from, w->low, w->high, check_record, f, err);
}

/* ---- rows that no entry gives ---- */

/* Columns that say whose row it is; -1: none. */
static int record_column(const struct fz_table *t)
{
    for (size_t i = 0; i < t->columns_n; i++)
        if (strcmp(t->columns[i].name, "record") == 0)
            return (int)i;
    return -1;
}

static int seq_column(const struct fz_table *t)
{
    for (size_t i = 0; i < t->columns_n; i++)
        if (strcmp(t->columns[i].name, "seq") == 0)
            return (int)i;
    return -1;
}

struct extras {
    struct check *k;
    struct fold *f;
    const struct fz_table *table;
    struct fz_arena arena; /* rows of the record that was looked at last */
    fz_str record;
    bool known, torn;
    struct writes writes;
};

/* What a walk holds goes with its chunk: copied, for the rows outlive it. */
static fz_status take_rows(void *arg, fz_str record, const struct raw *raws, size_t n, struct fz_arena *arena, struct fz_error *err)
{
    struct extras *x = arg;
    struct raw *mine = FZ_NEW_ARRAY(&x->arena, struct raw, n);
    bool ok;

    (void)arena;
    if (!fz_str_eq(record, x->record))
        return FZ_OK;
    x->f->writes = (struct writes){0};
    for (size_t i = 0; i < n; i++)
        x->torn |= is_bad(x->k, raws[i].seq);
    if (x->torn)
        return FZ_OK;
    for (size_t i = 0; i < n; i++)
        mine[i] = (struct raw){raws[i].seq, x->record, raws[i].leaf, fz_str_copy(&x->arena, raws[i].bytes)};
    FZ_TRY(fold_record(x->f, x->record, mine, n, &x->arena, &ok, err));
    x->writes = x->f->writes;
    x->f->writes = (struct writes){0};
    return FZ_OK;
}

static fz_status look_at_record(struct extras *x, fz_str record, struct fz_error *err)
{
    struct fz_buf after = {0};
    fz_status s;

    if (x->known && fz_str_eq(x->record, record))
        return FZ_OK;
    fz_arena_reset(&x->arena);
    x->known = true;
    x->torn = false;
    x->writes = (struct writes){0};
    x->record = fz_str_copy(&x->arena, record);
    fz_buf_add(&after, record); /* up to the next one: ids have no control characters */
    fz_buf_addc(&after, '\1');
    s = fz_walk(x->k->e, x->k->e->set.store, x->record, fz_buf_str(&after), take_rows, x, err);
    fz_buf_release(&after);
    x->torn |= s == FZ_E_INPUT; /* which was said: of its rows nobody knows */
    return x->torn ? FZ_OK : s;
}

static bool gives(const struct writes *w, const struct fz_table *t, const fz_cell *cells)
{
    for (size_t i = 0; i < w->n; i++) {
        size_t k = 0;

        if (strcmp(w->items[i].table->name, t->name) != 0)
            continue;
        while (k < t->key_n && same_cell(&w->items[i].cells[k], &cells[k]))
            k++;
        if (k == t->key_n)
            return true;
    }
    return false;
}

/* The record whose row it would be: by name, or by the entry that it speaks of. */
static fz_status owner_of(struct extras *x, const fz_cell *cells, struct fz_arena *arena, fz_str *out, struct fz_error *err)
{
    int record = record_column(x->table), seq = seq_column(x->table);
    fz_cell key[] = {FZ_CELL_OF(x->k->e->set.jurisdiction), FZ_CELL_OF_INT(seq >= 0 ? cells[seq].n : 0)}, *row;
    bool found;

    *out = record >= 0 ? cells[record].s : (fz_str){0};
    if (record >= 0)
        return FZ_OK;
    FZ_TRY(fz_store_get(x->k->e->set.store, &fz_table_entry, key, arena, &row, &found, err));
    *out = found ? row[FZ_ENTRY_RECORD].s : (fz_str){0};
    return FZ_OK;
}

static fz_status look_for_extra(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct extras *x = arg;
    int seq = seq_column(x->table);
    struct fz_arena scratch;
    fz_str owner = {0};
    fz_status s;

    fz_arena_init(&scratch);
    s = owner_of(x, cells, &scratch, &owner, err);
    if (s == FZ_OK && owner.n)
        s = look_at_record(x, owner, err);
    if (s == FZ_OK && !(owner.n && x->torn) && ((owner.n == 0 && x->table != &fz_table_serial) || !gives(&x->writes, x->table, cells))) {
        fz_str key = key_text(x->table, cells, &scratch);

        if (seq >= 0 && cells[seq].n > (int64_t)x->k->out->entries)
            problem(x->k, FZ_P_GAP, cells[seq].n, x->table->name, "it knows entry %lld, which is not there: the end of the log is missing", (long long)cells[seq].n);
        else
            problem(x->k, FZ_P_ROW, 0, x->table->name, "%.*s: no entry gives this row", FZ_STR_ARG(key));
    }
    fz_arena_release(&scratch);
    return s;
}

static fz_status look_for_extras(struct check *k, struct fold *f, const struct fz_table *table, struct fz_error *err)
{
    struct extras x = {.k = k, .f = f, .table = table};
    struct worker alone = {.e = k->e, .from = k->e->set.store, .hasher = k->e->set.hasher};
    fz_cell prefix[] = {FZ_CELL_OF(k->e->set.jurisdiction)};
    struct fz_scan scan = {.table = table, .index = -1, .prefix = prefix, .prefix_n = 1};
    struct fold quiet = {.w = &alone};
    fz_status s;

    fz_arena_init(&x.arena);
    fz_arena_init(&quiet.arena);
    x.f = &quiet;
    if (table == &fz_table_serial)
        for (size_t i = 0; i < f->serials.n; i++)
            fz_project_serial(k->e, &f->serials.items[i], &x.arena, &x.writes);
    s = fz_store_scan(k->e->set.store, &scan, look_for_extra, &x, err);
    fz_arena_release(&quiet.arena);
    fz_arena_release(&x.arena);
    return s;
}

static fz_status count_rows(struct check *k, struct fold *all, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(k->e->set.jurisdiction)};
    uint64_t n;

    for (size_t i = 0; i < k->tables.n; i++) {
        struct fz_scan scan = {.table = k->tables.items[i], .index = -1, .prefix = prefix, .prefix_n = 1};

        FZ_TRY(fz_store_count(k->e->set.store, &scan, &n, err));
        if (n != all->given[i])
            FZ_TRY(look_for_extras(k, all, k->tables.items[i], err));
    }
    FZ_TRY(fz_store_count(k->e->set.store, &(struct fz_scan){.table = &fz_table_private, .index = -1, .prefix = prefix, .prefix_n = 1}, &n, err));
    if (n != all->privates && k->out->n == 0)
        problem(k, FZ_P_COMMITMENT, 0, "private", "%llu personal values stand there, and the entries committed to %llu", (unsigned long long)n,
                (unsigned long long)all->privates);
    return FZ_OK;
}

/* ---- both passes ---- */

static void say_value(void *arg, int64_t seq, const char *table, const char *fmt, ...)
{
    struct fz_buf text = {0};
    va_list ap;

    va_start(ap, fmt);
    fz_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    problem(arg, FZ_P_COMMITMENT, seq, table, "%.*s", FZ_STR_ARG(fz_buf_str(&text)));
    fz_buf_release(&text);
}

static void fold_init(struct fold *f, struct check *k, size_t tables)
{
    *f = (struct fold){.k = k};
    fz_arena_init(&f->arena);
    fz_arena_init(&f->scratch);
    fz_arena_init(&f->rows_arena);
    f->given = FZ_NEW_ARRAY(&f->arena, uint64_t, tables);
}

static void fold_release(struct fold *f)
{
    fz_arena_release(&f->arena);
    fz_arena_release(&f->scratch);
    fz_arena_release(&f->rows_arena);
}

static void fold_add(struct fold *to, const struct fold *from, size_t tables)
{
    to->entries += from->entries;
    to->privates += from->privates;
    to->rows += from->rows;
    for (size_t i = 0; i < tables; i++)
        to->given[i] += from->given[i];
    for (size_t i = 0; i < from->serials.n; i++) {
        const struct counter *c = &from->serials.items[i];

        note_serial(to, c->organ, c->kind, c->year, c->last);
    }
}

static fz_status check_serials(struct check *k, struct fold *all, struct fz_error *err)
{
    struct worker alone = {.e = k->e, .from = k->e->set.store, .hasher = k->e->set.hasher};

    all->w = &alone;
    for (size_t i = 0; i < all->serials.n; i++)
        fz_project_serial(k->e, &all->serials.items[i], &all->arena, &all->writes);
    return compare_writes(all, err);
}

static fz_status check_tables(struct check *k, struct fz_error *err)
{
    unsigned n = fz_parts_n(k->e);
    struct fold folds[FZ_PARTS_MAX], all;
    void *args[FZ_PARTS_MAX];
    fz_status s;

    fold_init(&all, k, k->tables.n);
    for (unsigned i = 0; i < n; i++) {
        fold_init(&folds[i], k, k->tables.n);
        args[i] = &folds[i];
    }
    s = fz_parts(k->e, args, check_records, err);
    for (unsigned i = 0; i < n; i++)
        fold_add(&all, &folds[i], k->tables.n);
    if (s == FZ_OK)
        s = fz_erase_check(k->e, say_value, k, err);
    if (s == FZ_OK)
        s = check_serials(k, &all, err);
    k->out->rows = all.rows;
    if (s == FZ_OK)
        s = count_rows(k, &all, err);
    for (unsigned i = 0; i < n; i++)
        fold_release(&folds[i]);
    fold_release(&all);
    return s;
}

static fz_status check_all(struct check *k, struct fz_error *err)
{
    FZ_TRY(check_log(k, err));
    k->bad = k->out->items; /* what is added later may move them, and leaves these where they are */
    k->bad_n = k->out->n;
    FZ_TRY(check_tables(k, err));
    return k->out->n == 0 ? fz_heads_check(k->e, k->arena, k->out, err) : FZ_OK;
}

/* Others may write meanwhile: one state is looked at. */
fz_status fz_engine_verify(struct fz_engine *e, struct fz_arena *arena, struct fz_verdict *out, struct fz_error *err)
{
    struct check k = {.e = e, .arena = arena, .out = out, .tables = projected_tables(e, arena), .lock = PTHREAD_MUTEX_INITIALIZER};
    fz_status s;

    *out = (struct fz_verdict){0};
    FZ_TRY(fz_store_begin_read(e->set.store, err));
    s = check_all(&k, err);
    fz_store_end_read(e->set.store);
    sort_problems(out);
    return s;
}

/* ---- rebuilding ---- */

/* One worker writes while the others fold. */
static fz_status pour(struct fold *f, struct fz_error *err)
{
    fz_status s;

    if (f->writes.n == 0)
        return FZ_OK;
    pthread_mutex_lock(f->sink);
    s = fz_store_commit(f->w->e->set.store, &(struct fz_batch){f->writes.items, f->writes.n}, err);
    pthread_mutex_unlock(f->sink);
    f->writes = (struct writes){0};
    fz_arena_reset(&f->rows_arena);
    return s;
}

/* The rows outlive the chunk of the walk: whatever they point to is in the worker's own arena. */
static fz_status rebuild_record(void *arg, fz_str record, const struct raw *raws, size_t n, struct fz_arena *arena, struct fz_error *err)
{
    struct fold *f = arg;
    struct raw *mine = FZ_NEW_ARRAY(&f->rows_arena, struct raw, n);
    fz_str id = fz_str_copy(&f->rows_arena, record);
    bool ok;

    (void)arena;
    for (size_t i = 0; i < n; i++)
        mine[i] = (struct raw){raws[i].seq, id, raws[i].leaf, fz_str_copy(&f->rows_arena, raws[i].bytes)};
    FZ_TRY(fold_record(f, id, mine, n, &f->rows_arena, &ok, err));
    return f->writes.n < WRITES_AT_ONCE ? FZ_OK : pour(f, err);
}

static fz_status rehearse_record(void *arg, fz_str record, const struct raw *raws, size_t n, struct fz_arena *arena, struct fz_error *err)
{
    bool ok;

    return fold_record(arg, record, raws, n, arena, &ok, err);
}

static fz_status rebuild_part(struct worker *w, struct fz_error *err)
{
    struct fold *f = w->arg;

    f->w = w;
    if (f->rehearses)
        return fz_walk(w->e, w->from, w->low, w->high, rehearse_record, f, err);
    FZ_TRY(fz_walk(w->e, w->from, w->low, w->high, rebuild_record, f, err));
    return pour(f, err);
}

static fz_status write_serials(struct fz_engine *e, struct fold *all, struct fz_error *err)
{
    for (size_t i = 0; i < all->serials.n; i++)
        fz_project_serial(e, &all->serials.items[i], &all->arena, &all->writes);
    return all->writes.n ? fz_store_commit(e->set.store, &(struct fz_batch){all->writes.items, all->writes.n}, err) : FZ_OK;
}

static fz_status project_all(struct fz_engine *e, bool rehearses, uint64_t *out_entries, struct fz_error *err)
{
    unsigned n = fz_parts_n(e);
    pthread_mutex_t sink = PTHREAD_MUTEX_INITIALIZER;
    struct fold folds[FZ_PARTS_MAX], all;
    void *args[FZ_PARTS_MAX];
    fz_status s;

    fold_init(&all, NULL, 0);
    for (unsigned i = 0; i < n; i++) {
        fold_init(&folds[i], NULL, 0);
        folds[i].rehearses = rehearses;
        folds[i].sink = &sink;
        args[i] = &folds[i];
    }
    s = fz_parts(e, args, rebuild_part, err);
    for (unsigned i = 0; i < n; i++)
        fold_add(&all, &folds[i], 0);
    if (s == FZ_OK && !rehearses)
        s = write_serials(e, &all, err);
    *out_entries = all.entries;
    for (unsigned i = 0; i < n; i++)
        fold_release(&folds[i]);
    fold_release(&all);
    return s;
}

static fz_status empty(struct fz_engine *e, const struct tables *t, struct fz_error *err)
{
    fz_cell place = FZ_CELL_OF(e->set.jurisdiction);

    for (size_t i = 0; i < t->n; i++)
        FZ_TRY(fz_store_is_shared(e->set.store) ? fz_store_clear(e->set.store, t->items[i], &place, err) : fz_store_drop(e->set.store, t->items[i], err));
    return fz_engine_declare(e, e->set.store, err);
}

static fz_status make_anew(struct fz_engine *e, const struct tables *t, uint64_t *out_entries, struct fz_error *err)
{
    FZ_TRY(project_all(e, true, out_entries, err));
    FZ_TRY(empty(e, t, err));
    return project_all(e, false, out_entries, err);
}

/* Whoever has judged a batch before commits it behind this: its rows are those that its entries give, then as before. */
static fz_status make_anew_alone(struct fz_engine *e, const struct tables *t, uint64_t *out_entries, struct fz_error *err)
{
    fz_cell place = FZ_CELL_OF(e->set.jurisdiction);
    bool held = fz_store_holds(e->set.store);
    fz_status s;

    if (!held)
        FZ_TRY(fz_store_hold(e->set.store, &place, err));
    s = fz_engine_refresh(e, err);
    if (s == FZ_OK)
        s = make_anew(e, t, out_entries, err);
    if (!held)
        fz_store_let_go(e->set.store);
    return s;
}

/* Rehearsed first, for tables that are dropped before an entry turns out to be torn would be gone. */
fz_status fz_engine_rebuild(struct fz_engine *e, uint64_t *out_entries, struct fz_error *err)
{
    struct fz_arena arena;
    struct tables tables;
    fz_status s;

    fz_assert(!e->open && !e->flight);
    fz_arena_init(&arena);
    tables = projected_tables(e, &arena);
    s = make_anew_alone(e, &tables, out_entries, err);
    fz_batch_forget(e);
    if (s == FZ_OK && e->set.reader)
        s = fz_engine_declare(e, e->set.reader, err);
    fz_arena_release(&arena);
    return s;
}
