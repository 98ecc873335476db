/*
 * Opening a log, reading its end, its nodes and its records. Whatever is folded here is folded by fz_live_take(), for live work, rebuilds and
 * verification alike.
 */
#include "engine/directory.h"
#include "law/link.h"

#include <stdlib.h>

/* ---- opening ---- */

static fz_status take_seq(void *arg, const fz_cell *cells, struct fz_error *err)
{
    fz_cell *last = arg;

    (void)err;
    last[0] = cells[FZ_ENTRY_SEQ];
    return FZ_OK;
}

static fz_status last_seq(struct fz_engine *e, int64_t *out, struct fz_error *err)
{
    fz_cell of[] = {FZ_CELL_OF(e->set.jurisdiction)}, last = FZ_CELL_OF_INT(0);
    struct fz_scan scan = {.table = &fz_table_entry, .index = -1, .prefix = of, .prefix_n = 1, .backwards = true, .limit = 1};

    FZ_TRY(fz_store_scan(reader_of(e), &scan, take_seq, &last, err));
    *out = last.n;
    return FZ_OK;
}

struct nodes {
    fz_hash *out;
    uint64_t index;
    size_t n, want;
    int at, hash; /* columns: the node's position, from `first`; its hash */
    int64_t first;
};

static fz_status take_node(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct nodes *n = arg;

    if (cells[n->at].n != (int64_t)(n->index + n->n) + n->first || cells[n->hash].s.n != FZ_HASH_BYTES || n->n == n->want)
        return fz_fail(err, FZ_E_INPUT, "the tree of the log is torn at node %lld; `fazhi verify` says more", (long long)cells[n->at].n);
    memcpy(n->out[n->n++].bytes, cells[n->hash].s.p, FZ_HASH_BYTES);
    return FZ_OK;
}

/* Leaves stand with their entries, the nodes above them in a table of their own. */
static fz_status read_nodes(void *arg, unsigned level, uint64_t index, size_t n, fz_hash *out, struct fz_error *err)
{
    struct fz_engine *e = arg;
    bool leaves = level == 0;
    struct nodes nodes = {.out = out, .index = index, .want = n, .at = leaves ? FZ_ENTRY_SEQ : FZ_NODE_INDEX, .hash = leaves ? FZ_ENTRY_LEAF : FZ_NODE_HASH,
                          .first = leaves};
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT((int64_t)level)};
    struct fz_scan scan = {.table = leaves ? &fz_table_entry : &fz_table_node, .index = -1, .prefix = prefix, .prefix_n = leaves ? 1 : 2, .ranged = true,
                           .low = FZ_CELL_OF_INT((int64_t)index + leaves), .high = FZ_CELL_OF_INT((int64_t)(index + n - 1) + leaves)};

    FZ_TRY(fz_store_scan(reader_of(e), &scan, take_node, &nodes, err));
    if (nodes.n != n)
        return fz_fail(err, FZ_E_INPUT, "the tree of the log lacks node %llu; `fazhi verify` says more", (unsigned long long)(index + nodes.n));
    return FZ_OK;
}

fz_tree_reader fz_engine_nodes(struct fz_engine *e)
{
    return (fz_tree_reader){read_nodes, e};
}

/* One table for all versions of a record type, with every public field that one of them has. */
static const struct fz_table *table_over_versions(struct fz_engine *e, const struct kind *k)
{
    const struct fz_record **versions = FZ_NEW_ARRAY(&e->arena, const struct fz_record *, e->kinds_n);
    fz_day after = FZ_DAY_NONE;
    size_t n = 0;

    for (;;) {
        const struct kind *next = NULL;

        for (size_t i = 0; i < e->kinds_n; i++)
            if (fz_str_eq(e->kinds[i].r->name, k->r->name) && fz_str_eq(e->kinds[i].pack->name, k->pack->name) && e->kinds[i].pack->version > after &&
                (!next || e->kinds[i].pack->version < next->pack->version))
                next = &e->kinds[i];
        if (!next)
            return fz_typed_table_over(e->set.tables, k->pack, versions, n);
        versions[n++] = next->r;
        after = next->pack->version;
    }
}

static void make_kinds(struct fz_engine *e)
{
    size_t n = 0;

    for (size_t i = 0; i < e->set.packs_n; i++)
        n += e->set.packs[i]->records_n;
    e->kinds = FZ_NEW_ARRAY(&e->arena, struct kind, n);
    for (size_t i = 0; i < e->set.packs_n; i++)
        for (size_t r = 0; r < e->set.packs[i]->records_n; r++) {
            struct kind *k = &e->kinds[e->kinds_n++];

            *k = (struct kind){.pack = e->set.packs[i], .r = &e->set.packs[i]->records[r]};
            k->version = fz_str_copy(&e->arena, fz_str_of(fz_day_text(k->pack->version, (char[FZ_DAY_TEXT]){0})));
        }
    for (size_t i = 0; i < e->kinds_n; i++) {
        e->kinds[i].table = table_over_versions(e, &e->kinds[i]);
        for (size_t k = 0; k < e->kinds_n; k++)
            for (size_t x = 0; x < e->kinds[k].r->links_n; x++)
                e->kinds[i].watched |= fz_link_leads_to(&e->kinds[k].r->links[x], e->kinds[i].pack, e->kinds[i].r);
    }
}

fz_status fz_engine_declare(const struct fz_engine *e, struct fz_store *s, struct fz_error *err)
{
    static const struct fz_table *const kept[] = {&fz_table_entry, &fz_table_node, &fz_table_head, &fz_table_private, &fz_table_locked};

    FZ_TRY(fz_store_declare(s, kept, FZ_COUNT(kept), err));
    FZ_TRY(fz_store_declare(s, fz_projections, fz_projections_n, err));
    for (size_t i = 0; i < e->kinds_n; i++)
        FZ_TRY(fz_store_declare(s, &e->kinds[i].table, 1, err));
    return FZ_OK;
}

static fz_status last_at(struct fz_engine *e, int64_t seq, int64_t *out, struct fz_error *err);

fz_status fz_engine_last(struct fz_engine *e, uint64_t *out_size, struct fz_error *err)
{
    int64_t seq;

    FZ_TRY(last_seq(e, &seq, err));
    *out_size = (uint64_t)seq;
    return FZ_OK;
}

fz_status fz_engine_refresh(struct fz_engine *e, struct fz_error *err)
{
    struct end end = {.at_ms = 0};
    int64_t seq;

    FZ_TRY(last_seq(e, &seq, err));
    if (e->opened && e->set.moved && (uint64_t)seq != e->end.tree.size)
        FZ_TRY(e->set.moved(e->set.moved_arg, err));
    FZ_TRY(fz_tree_at(e->set.hasher, fz_engine_nodes(e), (uint64_t)seq, &end.tree, err));
    if (seq)
        FZ_TRY(last_at(e, seq, &end.at_ms, err));
    e->end = end;
    e->stale = false;
    e->opened = true;
    return FZ_OK;
}

fz_status fz_engine_look_again(struct fz_engine *e, struct fz_error *err)
{
    fz_assert(!e->open && !e->flight);
    fz_batch_forget(e);
    return fz_engine_refresh(e, err);
}

fz_status fz_engine_open(struct fz_engine **out, const struct fz_setting *setting, struct fz_error *err)
{
    struct fz_engine *e = calloc(1, sizeof(*e));
    fz_status s;

    if (!e)
        return fz_fail(err, FZ_E_NOMEM, "memory ran out");
    e->set = *setting;
    fz_arena_init(&e->arena);
    fz_arena_init(&e->two[0].arena);
    fz_arena_init(&e->two[1].arena);
    fz_arena_init(&e->counters.arena);
    fz_lives_init(&e->lives);
    make_kinds(e);
    s = fz_engine_declare(e, e->set.store, err);
    if (s == FZ_OK && e->set.reader)
        s = fz_engine_declare(e, e->set.reader, err);
    if (s == FZ_OK)
        s = fz_engine_refresh(e, err);
    if (s != FZ_OK) {
        fz_engine_close(e);
        return s;
    }
    *out = e;
    return FZ_OK;
}

void fz_engine_close(struct fz_engine *e)
{
    if (!e)
        return;
    fz_lives_release(&e->lives);
    fz_directory_free(e->directory);
    fz_arena_release(&e->counters.arena);
    fz_arena_release(&e->two[0].arena);
    fz_arena_release(&e->two[1].arena);
    fz_arena_release(&e->arena);
    free(e);
}

uint64_t fz_engine_size(const struct fz_engine *e)
{
    return e->end.tree.size;
}

fz_hash fz_engine_root(const struct fz_engine *e)
{
    return fz_tree_root(e->set.hasher, &e->end.tree);
}

/* ---- kinds ---- */

static bool is_kind(const struct kind *k, fz_str pack, fz_str type)
{
    return fz_str_eq(k->r->name, type) && (pack.n == 0 || fz_str_eq(k->pack->name, pack));
}

const struct kind *fz_kind_on(const struct fz_engine *e, fz_str pack, fz_str type, fz_day day)
{
    const struct kind *best = NULL, *oldest = NULL;

    for (size_t i = 0; i < e->kinds_n; i++) {
        const struct kind *k = &e->kinds[i];

        if (!is_kind(k, pack, type))
            continue;
        if (!oldest || k->pack->version < oldest->pack->version)
            oldest = k;
        if (k->pack->version <= day && (!best || k->pack->version > best->pack->version))
            best = k;
    }
    return best ? best : oldest;
}

const struct kind *fz_kind_of(const struct fz_engine *e, fz_str pack, fz_str type, fz_str version)
{
    for (size_t i = 0; i < e->kinds_n; i++)
        if (fz_str_eq(e->kinds[i].version, version) && is_kind(&e->kinds[i], pack, type))
            return &e->kinds[i];
    return NULL;
}

/* Kept with the kind: a folder reads a calendar when it is first asked for. */
fz_status fz_kind_calendar(struct fz_engine *e, const struct kind *k, struct fz_error *err)
{
    struct kind *mine = &e->kinds[k - e->kinds];

    if (mine->cal_known)
        return FZ_OK;
    FZ_TRY(e->set.calendar(e->set.calendar_arg, k->pack->calendar, &mine->cal, err));
    mine->cal_known = true;
    return FZ_OK;
}

/* ---- folding a record ---- */

bool fz_engine_decode(struct fz_arena *arena, fz_str bytes, struct fz_entry *out)
{
    struct fz_source *source = FZ_NEW(arena, struct fz_source);
    struct fz_diags diags;

    *source = (struct fz_source){"entry", bytes};
    fz_diags_init(&diags, arena);
    return fz_entry_decode(arena, source, out, &diags);
}

struct entries {
    struct fz_arena *arena;
    struct fz_entry *items;
    size_t n, cap;
};

static fz_status take_entry(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct entries *out = arg;
    struct fz_entry entry;

    if (!fz_engine_decode(out->arena, fz_str_copy(out->arena, cells[FZ_ENTRY_BYTES].s), &entry) || entry.seq != cells[FZ_ENTRY_SEQ].n)
        return fz_fail(err, FZ_E_INPUT, "entry %lld cannot be read; `fazhi verify` says more", (long long)cells[FZ_ENTRY_SEQ].n);
    FZ_PUSH(out->arena, out, items, n, cap) = entry;
    return FZ_OK;
}

static fz_status last_at(struct fz_engine *e, int64_t seq, int64_t *out, struct fz_error *err)
{
    struct fz_arena scratch;
    fz_cell key[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT(seq)}, *row;
    struct fz_entry entry;
    bool found;
    fz_status s;

    fz_arena_init(&scratch);
    s = fz_store_get(reader_of(e), &fz_table_entry, key, &scratch, &row, &found, err);
    if (s == FZ_OK && (!found || !fz_engine_decode(&scratch, row[FZ_ENTRY_BYTES].s, &entry)))
        s = fz_fail(err, FZ_E_INPUT, "entry %lld, the last, cannot be read; `fazhi verify` says more", (long long)seq);
    if (s == FZ_OK)
        *out = entry.at_ms;
    fz_arena_release(&scratch);
    return s;
}

static fz_status take_private(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct {
        struct fz_privates *out;
        struct fz_arena *arena;
    } *a = arg;
    struct fz_private p = {.name = fz_str_copy(a->arena, cells[FZ_PRIVATE_NAME].s)};

    if (cells[FZ_PRIVATE_VALUE].kind == FZ_CELL_NULL) /* erased, or locked */
        return FZ_OK;
    if (cells[FZ_PRIVATE_SALT].s.n != FZ_SALT_BYTES)
        return fz_fail(err, FZ_E_INPUT, "the salt beside entry %lld is torn", (long long)cells[FZ_PRIVATE_SEQ].n);
    memcpy(p.salt.bytes, cells[FZ_PRIVATE_SALT].s.p, FZ_SALT_BYTES);
    p.value = fz_str_copy(a->arena, cells[FZ_PRIVATE_VALUE].s);
    FZ_PUSH(a->arena, a->out, items, n, cap) = p;
    return FZ_OK;
}

fz_status fz_privates_of(struct fz_engine *e, struct fz_store *from, int64_t seq, struct fz_arena *arena, struct fz_privates *out, struct fz_error *err)
{
    struct {
        struct fz_privates *out;
        struct fz_arena *arena;
    } a = {out, arena};
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT(seq)};
    struct fz_scan scan = {.table = &fz_table_private, .index = -1, .prefix = prefix, .prefix_n = 2};

    *out = (struct fz_privates){0};
    return fz_store_scan(from, &scan, take_private, &a, err);
}

static fz_str public_text(const struct fz_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->values_n; i++)
        if (fz_str_is(entry->values[i].name, name))
            return entry->values[i].value.text;
    return (fz_str){0};
}

const fz_hash *fz_source_key(const struct fz_entry *entry)
{
    return entry->key && public_text(entry, FZ_WIRE_SOURCE).n ? entry->key : NULL;
}

static fz_status begin_live(struct fz_engine *e, struct live *l, const struct fz_entry *entry, struct fz_error *err)
{
    l->kind = fz_kind_of(e, entry->pack, entry->type, entry->pack_version);
    if (!l->kind)
        return fz_fail(err, FZ_E_PACK, "entry %lld needs version %.*s of %.*s, which is not at hand", (long long)entry->seq, FZ_STR_ARG(entry->pack_version),
                       FZ_STR_ARG(entry->pack));
    FZ_TRY(fz_kind_calendar(e, l->kind, err));
    l->cal = l->kind->cal;
    l->c = fz_case_new(l->arena, l->kind->pack, l->kind->r);
    l->whos = (struct fz_whos){.arena = l->arena};
    l->organ = fz_str_copy(l->arena, entry->organ);
    l->opened = entry->on;
    l->number = fz_str_copy(l->arena, public_text(entry, FZ_WIRE_NUMBER));
    return FZ_OK;
}

struct done *fz_live_done(const struct live *l, int64_t seq)
{
    for (size_t i = 0; i < l->done.n; i++)
        if (l->done.items[i].seq == seq)
            return &l->done.items[i];
    return NULL;
}

void fz_live_again(struct live *l)
{
    fz_case_reset(l->c, l->kind->pack, l->kind->r);
    l->stocked.known = false;
    for (size_t i = 0; i < l->done.n; i++)
        if (!l->done.items[i].annulled)
            fz_case_apply(l->c, &l->done.items[i].step, l->cal);
}

static fz_status take_correction(struct live *l, const struct fz_entry *entry, const struct fz_private *privates, size_t n, struct fz_error *err)
{
    struct done *of = fz_live_done(l, entry->corrects);
    bool annuls = fz_str_is(entry->correction, FZ_WIRE_ANNUL);

    if (!of || of->annulled || (!annuls && !fz_str_is(entry->correction, FZ_WIRE_AMEND)))
        return fz_fail(err, FZ_E_INPUT, "entry %lld corrects entry %lld, which is no act of %.*s that stands", (long long)entry->seq, (long long)entry->corrects,
                       FZ_STR_ARG(l->id));
    FZ_TRY(fz_wire_correct(entry, l->kind->r, privates, n, &of->step, &l->whos, l->arena, &of->step, err));
    of->annulled = annuls;
    fz_live_again(l);
    return FZ_OK;
}

static fz_status take_step(struct live *l, const struct fz_entry *entry, const struct fz_private *privates, size_t n, struct fz_error *err)
{
    struct done d = {.seq = entry->seq, .actor = entry->actor, .organ = entry->organ};

    FZ_TRY(fz_wire_read(entry, l->kind->r, privates, n, &l->whos, l->arena, &d.step, err));
    fz_case_apply(l->c, &d.step, l->cal);
    FZ_PUSH(l->arena, &l->done, items, n, cap) = d;
    return FZ_OK;
}

fz_status fz_live_take(struct fz_engine *e, struct live *l, const struct fz_entry *entry, const struct fz_private *privates, size_t n, struct fz_error *err)
{
    const fz_hash *key = fz_source_key(entry);

    if (!l->c && !entry->correction.n)
        FZ_TRY(begin_live(e, l, entry, err));
    if (!l->c)
        return fz_fail(err, FZ_E_INPUT, "entry %lld corrects a record that has not begun", (long long)entry->seq);
    FZ_TRY((entry->correction.n ? take_correction : take_step)(l, entry, privates, n, err));
    l->steps++;
    l->changed = entry->on;
    if (key)
        FZ_PUSH(l->arena, &l->sources, items, n, cap) = (struct source_key){*key, entry->seq};
    return FZ_OK;
}

static fz_status entries_of(struct fz_engine *e, struct fz_store *from, fz_str record, struct fz_arena *arena, struct entries *out, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(record)};
    struct fz_scan scan = {.table = &fz_table_entry, .index = 0, .prefix = prefix, .prefix_n = 2};

    *out = (struct entries){.arena = arena};
    return fz_store_scan(from, &scan, take_entry, out, err);
}

/* Most entries have nothing personal beside them, and are not asked for it. */
static fz_status take_entries(struct fz_engine *e, struct fz_store *from, struct live *l, struct entries *entries, struct fz_error *err)
{
    FZ_TRY(entries_of(e, from, l->id, l->arena, entries, err));
    for (size_t i = 0; i < entries->n; i++) {
        struct fz_privates privates = {0};

        if (entries->items[i].commitments_n)
            FZ_TRY(fz_privates_of(e, from, entries->items[i].seq, l->arena, &privates, err));
        FZ_TRY(fz_live_take(e, l, &entries->items[i], privates.items, privates.n, err));
    }
    return FZ_OK;
}

fz_status fz_live_fold(struct fz_engine *e, struct fz_store *from, struct live *l, struct fz_error *err)
{
    struct entries entries;

    return take_entries(e, from, l, &entries, err);
}

fz_status fz_engine_fold(struct fz_engine *e, fz_str record, struct fz_arena *arena, struct fz_folded *out, struct fz_error *err)
{
    fz_cell key[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(record)};
    struct live l = {.id = record, .arena = arena};
    struct entries entries;
    bool found;

    *out = (struct fz_folded){0};
    FZ_TRY(fz_store_get(reader_of(e), &fz_table_record, key, arena, &out->row, &found, err));
    if (!found) {
        out->row = NULL;
        return FZ_OK;
    }
    FZ_TRY(take_entries(e, reader_of(e), &l, &entries, err));
    if (!l.c)
        return fz_fail(err, FZ_E_INPUT, "%.*s has no entries; `fazhi verify` says more", FZ_STR_ARG(record));
    out->c = l.c;
    out->pack = l.kind->pack;
    out->r = l.kind->r;
    out->cal = l.cal;
    out->entries = entries.items;
    out->entries_n = entries.n;
    out->steps = FZ_NEW_ARRAY(arena, struct fz_step, l.done.n);
    for (size_t i = 0; i < l.done.n; i++)
        if (!l.done.items[i].annulled) {
            out->steps[out->steps_n] = l.done.items[i].step;
            out->steps[out->steps_n++].ref = (uint32_t)l.done.items[i].seq;
        }
    return FZ_OK;
}

struct listing {
    struct fz_arena *arena;
    struct fz_record_ids *out;
};

static fz_status take_id(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct listing *l = arg;

    (void)err;
    FZ_PUSH(l->arena, l->out, items, n, cap) = fz_str_copy(l->arena, cells[FZ_RECORD_ID].s);
    return FZ_OK;
}

fz_status fz_engine_records(struct fz_engine *e, fz_str type, struct fz_arena *arena, struct fz_record_ids *out, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(type)};
    struct fz_scan scan = {.table = &fz_table_record, .index = 0, .prefix = prefix, .prefix_n = 2};
    struct listing l = {arena, out};

    *out = (struct fz_record_ids){0};
    return fz_store_scan(e->set.store, &scan, take_id, &l, err);
}
