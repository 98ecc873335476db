/*
 * The store in memory, for tests and simulation: what SQLite answers, without a file.
 *
 * A row is one block of the heap: its cells, then their bytes. A table keeps its rows in trees, one by the key and one an index, each ordered by
 * the index's columns and then by the key, so that no two rows are alike in a tree. A tree is a treap: by order a search tree, by priority, which
 * a fixed sequence gives, a heap; so its shape is that of a tree filled at random, some 2.5 log2 n deep, and the same in every run.
 *
 * A batch is done write by write and noted; when one fails the notes are undone from the last to the first. Readers are never between, for there
 * is one thread and a visit does not write.
 */
#include "store/store_int.h"

#include <stdlib.h>

struct row {
    size_t bytes;
    fz_cell cells[];
};

struct node {
    const struct row *row;
    uint32_t priority;
    struct node *left, *right;
};

/* Columns of an index, then those of the key that are not among them. */
struct tree {
    int columns[FZ_COLUMNS_MAX];
    size_t columns_n, unique_n; /* unique_n: the first so many are alike in no two rows; 0: only all of them */
    struct node *root;
};

struct table {
    const struct fz_table *table;
    struct tree *trees; /* [0] by the key, [i + 1] by index i */
};

/* What undoes a write. */
struct note {
    struct table *table;
    struct row *before, *after; /* NULL: none */
};

struct memory {
    struct fz_store base;
    struct table *tables;
    size_t tables_n, tables_cap;
    struct note *notes; /* of the batch at hand */
    size_t notes_n, notes_cap;
    uint32_t random;
};

/* ---- rows ---- */

static struct row *new_row(const fz_cell *cells, size_t n)
{
    size_t bytes = 0, at = n * sizeof(fz_cell);
    struct row *r;

    for (size_t i = 0; i < n; i++)
        bytes += cells[i].kind == FZ_CELL_BYTES ? cells[i].s.n : 0;
    r = fz_must(malloc(sizeof(*r) + at + bytes));
    r->bytes = bytes;
    for (size_t i = 0; i < n; i++) {
        r->cells[i] = cells[i];
        if (cells[i].kind != FZ_CELL_BYTES)
            continue;
        r->cells[i].s.p = (char *)r->cells + at;
        if (cells[i].s.n)
            memcpy((char *)r->cells + at, cells[i].s.p, cells[i].s.n);
        at += cells[i].s.n;
    }
    return r;
}

/* ---- trees ---- */

static int row_cmp(const struct tree *t, const fz_cell *a, const fz_cell *b)
{
    int order = 0;

    for (size_t i = 0; i < t->columns_n && order == 0; i++)
        order = fz_cell_cmp(&a[t->columns[i]], &b[t->columns[i]]);
    return order;
}

static struct node *turn_right(struct node *n)
{
    struct node *up = n->left;

    n->left = up->right;
    up->right = n;
    return up;
}

static struct node *turn_left(struct node *n)
{
    struct node *up = n->right;

    n->right = up->left;
    up->left = n;
    return up;
}

static struct node *tree_add(const struct tree *t, struct node *at, struct node *new)
{
    int order;

    if (!at)
        return new;
    order = row_cmp(t, new->row->cells, at->row->cells);
    fz_assert(order != 0);
    if (order < 0) {
        at->left = tree_add(t, at->left, new);
        return at->left->priority > at->priority ? turn_right(at) : at;
    }
    at->right = tree_add(t, at->right, new);
    return at->right->priority > at->priority ? turn_left(at) : at;
}

/* Both halves into one; all of `a` comes before all of `b`. */
static struct node *tree_join(struct node *a, struct node *b)
{
    if (!a || !b)
        return a ? a : b;
    if (a->priority > b->priority) {
        a->right = tree_join(a->right, b);
        return a;
    }
    b->left = tree_join(a, b->left);
    return b;
}

static struct node *tree_remove(const struct tree *t, struct node *at, const struct row *row)
{
    struct node *joined;
    int order;

    fz_assert(at);
    order = row_cmp(t, row->cells, at->row->cells);
    if (order < 0) {
        at->left = tree_remove(t, at->left, row);
        return at;
    }
    if (order > 0) {
        at->right = tree_remove(t, at->right, row);
        return at;
    }
    joined = tree_join(at->left, at->right);
    free(at);
    return joined;
}

/* A row whose first n columns of the tree's order are those of `cells`, a row. */
static const struct row *tree_find(const struct tree *t, const fz_cell *cells, size_t n)
{
    const struct node *at = t->root;

    while (at) {
        int order = 0;

        for (size_t i = 0; i < n && order == 0; i++)
            order = fz_cell_cmp(&cells[t->columns[i]], &at->row->cells[t->columns[i]]);
        if (order == 0)
            return at->row;
        at = order < 0 ? at->left : at->right;
    }
    return NULL;
}

static void free_nodes(struct node *at, bool rows)
{
    if (!at)
        return;
    free_nodes(at->left, rows);
    free_nodes(at->right, rows);
    if (rows)
        free((void *)at->row);
    free(at);
}

/* ---- tables ---- */

static void make_tree(struct tree *t, const struct fz_table *table, int index)
{
    size_t n;
    const int *columns = fz_order_of(table, index, &n);
    uint64_t has = 0;

    for (size_t i = 0; i < n; i++) {
        t->columns[t->columns_n++] = columns[i];
        has |= UINT64_C(1) << columns[i];
    }
    for (size_t i = 0; i < table->key_n; i++)
        if (!(has >> i & 1))
            t->columns[t->columns_n++] = (int)i;
    t->unique_n = index >= 0 && table->indexes[index].unique ? n : 0;
}

static struct table *table_of(struct memory *m, const char *name)
{
    for (size_t i = 0; i < m->tables_n; i++)
        if (strcmp(m->tables[i].table->name, name) == 0)
            return &m->tables[i];
    return NULL;
}

static void add_table(struct memory *m, const struct fz_table *table)
{
    struct table *t;

    if (m->tables_n == m->tables_cap) {
        m->tables_cap = m->tables_cap ? m->tables_cap * 2 : 16;
        m->tables = fz_must(realloc(m->tables, m->tables_cap * sizeof(*m->tables)));
    }
    t = &m->tables[m->tables_n++];
    *t = (struct table){table, fz_must(calloc(table->indexes_n + 1, sizeof(*t->trees)))};
    for (size_t i = 0; i <= table->indexes_n; i++)
        make_tree(&t->trees[i], table, (int)i - 1);
}

static void free_table(struct table *t)
{
    for (size_t i = 0; i <= t->table->indexes_n; i++)
        free_nodes(t->trees[i].root, i == 0);
    free(t->trees);
}

static fz_status same_form(const struct fz_table *there, const struct fz_table *wanted, struct fz_error *err)
{
    struct fz_buf a = {0}, b = {0};
    fz_status s = FZ_OK;

    fz_table_form(&a, there);
    fz_table_form(&b, wanted);
    if (!fz_str_eq(fz_buf_str(&a), fz_buf_str(&b)))
        s = fz_fail(err, FZ_E_SCHEMA, "there is %s; this version wants %s", a.p, b.p);
    fz_buf_release(&a);
    fz_buf_release(&b);
    return s;
}

static fz_status memory_declare(struct fz_store *s, const struct fz_table *const *tables, size_t n,
                                struct fz_error *err)
{
    struct memory *m = (struct memory *)s;
    size_t before = m->tables_n;

    for (size_t i = 0; i < n; i++) {
        const struct table *there = table_of(m, tables[i]->name);
        fz_status status = there ? same_form(there->table, tables[i], err) : FZ_OK;

        if (status != FZ_OK) {
            while (m->tables_n > before)
                free_table(&m->tables[--m->tables_n]);
            return status;
        }
        if (!there)
            add_table(m, tables[i]);
    }
    return FZ_OK;
}

static fz_status memory_drop(struct fz_store *s, const struct fz_table *table, struct fz_error *err)
{
    struct memory *m = (struct memory *)s;
    struct table *t = table_of(m, table->name);

    (void)err;
    if (!t)
        return FZ_OK;
    free_table(t);
    *t = m->tables[--m->tables_n];
    return FZ_OK;
}

/* ---- writing ---- */

static uint32_t next_priority(struct memory *m)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 17;
    m->random ^= m->random << 5;
    return m->random;
}

/* Takes `before` out of every tree and puts `after` into it; either may be NULL. */
static void change(struct memory *m, struct table *t, const struct row *before, const struct row *after)
{
    for (size_t i = 0; i <= t->table->indexes_n; i++) {
        struct tree *tree = &t->trees[i];

        if (before)
            tree->root = tree_remove(tree, tree->root, before);
        if (after) {
            struct node *n = fz_must(malloc(sizeof(*n)));

            *n = (struct node){after, next_priority(m), NULL, NULL};
            tree->root = tree_add(tree, tree->root, n);
        }
    }
}

static bool has_null(const struct tree *t, const fz_cell *cells)
{
    for (size_t i = 0; i < t->unique_n; i++)
        if (cells[t->columns[i]].kind == FZ_CELL_NULL)
            return true;
    return false;
}

/* Whether a row other than `but` is in the way of `cells` in a unique index. */
static bool in_the_way(const struct table *t, const fz_cell *cells, const struct row *but)
{
    for (size_t i = 1; i <= t->table->indexes_n; i++) {
        const struct tree *tree = &t->trees[i];
        const struct row *other =
            tree->unique_n && !has_null(tree, cells) ? tree_find(tree, cells, tree->unique_n) : NULL;

        if (other && other != but)
            return true;
    }
    return false;
}

static void note(struct memory *m, struct note n)
{
    if (m->notes_n == m->notes_cap) {
        m->notes_cap = m->notes_cap ? m->notes_cap * 2 : 64;
        m->notes = fz_must(realloc(m->notes, m->notes_cap * sizeof(*m->notes)));
    }
    m->notes[m->notes_n++] = n;
}

static fz_status write_one(struct memory *m, const struct fz_write *w, size_t number, struct fz_error *err)
{
    struct table *t = table_of(m, w->table->name);
    struct row *before = (struct row *)tree_find(&t->trees[0], w->cells, w->table->key_n), *after = NULL;

    if (w->kind == FZ_REMOVE && !before)
        return FZ_OK;
    if ((w->kind == FZ_ADD && before) || (w->kind != FZ_REMOVE && in_the_way(t, w->cells, before)))
        return fz_store_exists(w->table, number, err);
    if (w->kind != FZ_REMOVE)
        after = new_row(w->cells, w->table->columns_n);
    change(m, t, before, after);
    note(m, (struct note){t, before, after});
    return FZ_OK;
}

static void undo_all(struct memory *m)
{
    while (m->notes_n) {
        const struct note *n = &m->notes[--m->notes_n];

        change(m, n->table, n->after, n->before);
        free(n->after);
    }
}

static void keep_all(struct memory *m)
{
    for (size_t i = 0; i < m->notes_n; i++)
        free(m->notes[i].before);
    m->notes_n = 0;
}

static fz_status memory_commit(struct fz_store *s, const struct fz_batch *batch, struct fz_error *err)
{
    struct memory *m = (struct memory *)s;

    for (size_t i = 0; i < batch->n; i++) {
        fz_status status = write_one(m, &batch->writes[i], i + 1, err);

        if (status != FZ_OK) {
            undo_all(m);
            return status;
        }
    }
    keep_all(m);
    return FZ_OK;
}

/* ---- reading ---- */

static fz_status memory_get(struct fz_store *s, const struct fz_table *table, const fz_cell *key,
                            struct fz_arena *arena, fz_cell **out_cells, bool *out_found, struct fz_error *err)
{
    const struct table *t = table_of((struct memory *)s, table->name);
    const struct row *r = tree_find(&t->trees[0], key, table->key_n);

    (void)err;
    *out_found = r != NULL;
    if (r)
        *out_cells = fz_cells_copy(arena, r->cells, table->columns_n);
    return FZ_OK;
}

struct walk {
    const struct fz_scan *scan;
    const struct tree *tree;
    fz_row_visit *visit;
    void *arg;
    size_t left; /* rows still to give */
    struct fz_error *err;
};

/* Where a row lies: before what is looked for (< 0), within (0) or behind. */
static int place(const struct walk *w, const fz_cell *cells)
{
    const struct fz_scan *scan = w->scan;
    const fz_cell *next;

    for (size_t i = 0; i < scan->prefix_n; i++) {
        int order = fz_cell_cmp(&cells[w->tree->columns[i]], &scan->prefix[i]);

        if (order != 0)
            return order;
    }
    if (!scan->ranged)
        return 0;
    next = &cells[w->tree->columns[scan->prefix_n]];
    if (next->kind == FZ_CELL_NULL || fz_cell_cmp(next, &scan->low) < 0)
        return -1;
    return scan->high.kind != FZ_CELL_NULL && fz_cell_cmp(next, &scan->high) > 0 ? 1 : 0;
}

static fz_status walk(struct walk *w, const struct node *at)
{
    const struct node *first, *last;
    int where;

    if (!at || w->left == 0)
        return FZ_OK;
    where = place(w, at->row->cells);
    first = w->scan->backwards ? at->right : at->left;
    last = w->scan->backwards ? at->left : at->right;
    /* What is on the far side of a row that lies outside is outside as well. */
    if (w->scan->backwards ? where <= 0 : where >= 0)
        FZ_TRY(walk(w, first));
    if (where == 0 && w->left > 0) {
        w->left--;
        FZ_TRY(w->visit(w->arg, at->row->cells, w->err));
    }
    return (w->scan->backwards ? where >= 0 : where <= 0) ? walk(w, last) : FZ_OK;
}

static fz_status memory_scan(struct fz_store *s, const struct fz_scan *scan, fz_row_visit *visit, void *arg,
                             struct fz_error *err)
{
    const struct table *t = table_of((struct memory *)s, scan->table->name);
    struct walk w = {scan, &t->trees[scan->index + 1], visit, arg, scan->limit ? scan->limit : SIZE_MAX, err};

    return walk(&w, w.tree->root);
}

static fz_status count_row(void *arg, const fz_cell *cells, struct fz_error *err)
{
    (void)cells;
    (void)err;
    ++*(uint64_t *)arg;
    return FZ_OK;
}

static fz_status memory_count(struct fz_store *s, const struct fz_scan *scan, uint64_t *out_n, struct fz_error *err)
{
    struct fz_scan all = *scan;

    all.limit = 0;
    return memory_scan(s, &all, count_row, out_n, err);
}

/* ---- the door ---- */

static void memory_close(struct fz_store *s)
{
    struct memory *m = (struct memory *)s;

    for (size_t i = 0; i < m->tables_n; i++)
        free_table(&m->tables[i]);
    free(m->tables);
    free(m->notes);
    free(m);
}

static const struct fz_store_ops memory_ops = {
    .name = "memory",
    .declare = memory_declare,
    .drop = memory_drop,
    .commit = memory_commit,
    .get = memory_get,
    .scan = memory_scan,
    .count = memory_count,
    .close = memory_close,
};

struct fz_store *fz_store_new_memory(void)
{
    struct memory *m = fz_must(calloc(1, sizeof(*m)));

    fz_store_init(&m->base, &memory_ops, FZ_READ_WRITE);
    m->random = 2463534242u;
    return &m->base;
}
