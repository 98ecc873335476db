/*
 * A batch has three parts. Each order is read, judged and folded into its record, which stays open (struct live) for the orders behind it; its entry and rows
 * go to one list of writes. Then the list is committed. Only after that do the tree and the last `at` of the engine move, so that a failed
 * commit leaves the engine as it was.
 */
#include "engine/engine_int.h"

#include <stdlib.h>

/* ---- opening ---- */

static fz_status read_nodes(void *arg, unsigned level, uint64_t index, size_t n, fz_hash *out, struct fz_error *err);

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

    FZ_TRY(fz_store_scan(e->set.store, &scan, take_seq, &last, err));
    *out = last.n;
    return FZ_OK;
}

struct nodes {
    fz_hash *out;
    uint64_t index;
    size_t n, want;
};

static fz_status take_node(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct nodes *n = arg;

    if (cells[FZ_NODE_INDEX].n != (int64_t)(n->index + n->n) || cells[FZ_NODE_HASH].s.n != FZ_HASH_BYTES || n->n == n->want)
        return fz_fail(err, FZ_E_INPUT, "the tree of the log is torn at node %lld; `fazhi verify` says more", (long long)cells[FZ_NODE_INDEX].n);
    memcpy(n->out[n->n++].bytes, cells[FZ_NODE_HASH].s.p, FZ_HASH_BYTES);
    return FZ_OK;
}

static fz_status read_nodes(void *arg, unsigned level, uint64_t index, size_t n, fz_hash *out, struct fz_error *err)
{
    struct fz_engine *e = arg;
    struct nodes nodes = {.out = out, .index = index, .want = n};
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT((int64_t)level)};
    struct fz_scan scan = {.table = &fz_table_node, .index = -1, .prefix = prefix, .prefix_n = 2, .ranged = true,
                           .low = FZ_CELL_OF_INT((int64_t)index), .high = FZ_CELL_OF_INT((int64_t)(index + n - 1))};

    FZ_TRY(fz_store_scan(e->set.store, &scan, take_node, &nodes, err));
    if (nodes.n != n)
        return fz_fail(err, FZ_E_INPUT, "the tree of the log lacks node %llu; `fazhi verify` says more", (unsigned long long)(index + nodes.n));
    return FZ_OK;
}

/* One table for all versions of a record type: that of the newest, which has every public field. */
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
            k->table = fz_typed_table(e->set.tables, k->pack, k->r);
        }
}

static fz_status declare(struct fz_engine *e, struct fz_error *err)
{
    static const struct fz_table *const kept[] = {&fz_table_entry, &fz_table_node, &fz_table_private};

    FZ_TRY(fz_store_declare(e->set.store, kept, FZ_COUNT(kept), err));
    FZ_TRY(fz_store_declare(e->set.store, fz_projections, fz_projections_n, err));
    for (size_t i = 0; i < e->kinds_n; i++)
        FZ_TRY(fz_store_declare(e->set.store, &e->kinds[i].table, 1, err));
    return FZ_OK;
}

static fz_status last_at(struct fz_engine *e, int64_t seq, struct fz_error *err);

fz_status fz_engine_open(struct fz_engine **out, const struct fz_setting *setting, struct fz_error *err)
{
    struct fz_engine *e = calloc(1, sizeof(*e));
    int64_t seq = 0;
    fz_status s;

    if (!e)
        return fz_fail(err, FZ_E_NOMEM, "memory ran out");
    e->set = *setting;
    fz_arena_init(&e->arena);
    fz_arena_init(&e->batch);
    make_kinds(e);
    s = declare(e, err);
    if (s == FZ_OK)
        s = last_seq(e, &seq, err);
    if (s == FZ_OK)
        s = fz_tree_at(setting->hasher, (fz_tree_reader){read_nodes, e}, (uint64_t)seq, &e->tree, err);
    if (s == FZ_OK && seq)
        s = last_at(e, seq, err);
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
    fz_arena_release(&e->batch);
    fz_arena_release(&e->arena);
    free(e);
}

uint64_t fz_engine_size(const struct fz_engine *e)
{
    return e->tree.size;
}

fz_hash fz_engine_root(const struct fz_engine *e)
{
    return fz_tree_root(e->set.hasher, &e->tree);
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
    fz_day day;

    if (!fz_day_parse(version, &day))
        return NULL;
    for (size_t i = 0; i < e->kinds_n; i++)
        if (is_kind(&e->kinds[i], pack, type) && e->kinds[i].pack->version == day)
            return &e->kinds[i];
    return NULL;
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

static fz_status last_at(struct fz_engine *e, int64_t seq, struct fz_error *err)
{
    struct fz_arena scratch;
    fz_cell key[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT(seq)}, *row;
    struct fz_entry entry;
    bool found;
    fz_status s;

    fz_arena_init(&scratch);
    s = fz_store_get(e->set.store, &fz_table_entry, key, &scratch, &row, &found, err);
    if (s == FZ_OK && (!found || !fz_engine_decode(&scratch, row[FZ_ENTRY_BYTES].s, &entry)))
        s = fz_fail(err, FZ_E_INPUT, "entry %lld, the last, cannot be read; `fazhi verify` says more", (long long)seq);
    if (s == FZ_OK)
        e->at_ms = entry.at_ms;
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

    if (cells[FZ_PRIVATE_VALUE].kind == FZ_CELL_NULL) /* erased */
        return FZ_OK;
    if (cells[FZ_PRIVATE_SALT].s.n != FZ_SALT_BYTES)
        return fz_fail(err, FZ_E_INPUT, "the salt beside entry %lld is torn", (long long)cells[FZ_PRIVATE_SEQ].n);
    memcpy(p.salt.bytes, cells[FZ_PRIVATE_SALT].s.p, FZ_SALT_BYTES);
    p.value = fz_str_copy(a->arena, cells[FZ_PRIVATE_VALUE].s);
    FZ_PUSH(a->arena, a->out, items, n, cap) = p;
    return FZ_OK;
}

fz_status fz_privates_of(struct fz_engine *e, int64_t seq, struct fz_arena *arena, struct fz_privates *out, struct fz_error *err)
{
    struct {
        struct fz_privates *out;
        struct fz_arena *arena;
    } a = {out, arena};
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT(seq)};
    struct fz_scan scan = {.table = &fz_table_private, .index = -1, .prefix = prefix, .prefix_n = 2};

    *out = (struct fz_privates){0};
    return fz_store_scan(e->set.store, &scan, take_private, &a, err);
}

static fz_str public_text(const struct fz_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->values_n; i++)
        if (fz_str_is(entry->values[i].name, name))
            return entry->values[i].value.text;
    return (fz_str){0};
}

static fz_status begin_live(struct fz_engine *e, struct live *l, const struct fz_entry *entry, struct fz_arena *arena, struct fz_error *err)
{
    l->kind = fz_kind_of(e, entry->pack, entry->type, entry->pack_version);
    if (!l->kind)
        return fz_fail(err, FZ_E_PACK, "entry %lld needs version %.*s of %.*s, which is not at hand", (long long)entry->seq, FZ_STR_ARG(entry->pack_version),
                       FZ_STR_ARG(entry->pack));
    FZ_TRY(e->set.calendar(e->set.calendar_arg, l->kind->pack->calendar, &l->cal, err));
    l->c = fz_case_new(arena, l->kind->pack, l->kind->r);
    l->id = entry->record;
    l->organ = entry->organ;
    l->opened = entry->on;
    l->number = public_text(entry, FZ_WIRE_NUMBER);
    return FZ_OK;
}

fz_status fz_live_take(struct fz_engine *e, struct live *l, const struct fz_entry *entry, const struct fz_private *privates, size_t n, struct fz_arena *arena,
                       struct fz_step *out_step, struct fz_error *err)
{
    if (!l->c)
        FZ_TRY(begin_live(e, l, entry, arena, err));
    FZ_TRY(fz_wire_read(entry, l->kind->r, privates, n, arena, out_step, err));
    fz_case_apply(l->c, out_step, l->cal);
    l->steps++;
    l->changed = out_step->on;
    return FZ_OK;
}

static fz_status entries_of(struct fz_engine *e, fz_str record, struct fz_arena *arena, struct entries *out, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(record)};
    struct fz_scan scan = {.table = &fz_table_entry, .index = 0, .prefix = prefix, .prefix_n = 2};

    *out = (struct entries){.arena = arena};
    return fz_store_scan(e->set.store, &scan, take_entry, out, err);
}

static fz_status fold(struct fz_engine *e, fz_str record, struct fz_arena *arena, struct live *l, struct entries *entries, struct fz_error *err)
{
    FZ_TRY(entries_of(e, record, arena, entries, err));
    *l = (struct live){.id = record};
    for (size_t i = 0; i < entries->n; i++) {
        struct fz_privates privates;
        struct fz_step step;

        FZ_TRY(fz_privates_of(e, entries->items[i].seq, arena, &privates, err));
        FZ_TRY(fz_live_take(e, l, &entries->items[i], privates.items, privates.n, arena, &step, err));
    }
    return FZ_OK;
}

fz_status fz_engine_fold(struct fz_engine *e, fz_str record, struct fz_arena *arena, struct fz_folded *out, struct fz_error *err)
{
    fz_cell key[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(record)};
    struct entries entries;
    struct live l;
    bool found;

    *out = (struct fz_folded){0};
    FZ_TRY(fz_store_get(e->set.store, &fz_table_record, key, arena, &out->row, &found, err));
    if (!found) {
        out->row = NULL;
        return FZ_OK;
    }
    FZ_TRY(fold(e, record, arena, &l, &entries, err));
    if (!l.c)
        return fz_fail(err, FZ_E_INPUT, "%.*s has no entries; `fazhi verify` says more", FZ_STR_ARG(record));
    out->c = l.c;
    out->pack = l.kind->pack;
    out->r = l.kind->r;
    out->cal = l.cal;
    out->entries = entries.items;
    out->entries_n = entries.n;
    return FZ_OK;
}

/* ---- a batch ---- */

struct batch {
    struct fz_engine *e;
    struct fz_arena *out; /* answers */
    struct writes writes;
    fz_tree tree;
    int64_t at_ms;
    struct {
        struct live **items;
        size_t n, cap;
    } lives;
    struct fz_lookup by_id;
    struct {
        struct used_key {
            fz_hash hash;
            int64_t seq;
            fz_str record;
        } *items;
        size_t n, cap;
    } keys;
    struct fz_lookup by_key;
    struct {
        struct counter {
            fz_str organ, kind;
            int64_t year, last;
        } *items;
        size_t n, cap;
    } counters;
    struct fz_error *err;
};

static fz_str live_id(const void *owner, uint32_t at)
{
    return ((const struct batch *)owner)->lives.items[at]->id;
}

static fz_str key_bytes(const void *owner, uint32_t at)
{
    return (fz_str){(const char *)((const struct batch *)owner)->keys.items[at].hash.bytes, FZ_HASH_BYTES};
}

static uint32_t hash_of(fz_str s)
{
    return (uint32_t)fz_hash_text(0, s);
}

/* The record as the batch has left it so far; NULL c when it has not begun. */
static fz_status open_live(struct batch *b, fz_str id, struct live **out)
{
    struct fz_arena *arena = &b->e->batch;
    uint32_t hash = hash_of(id), at = fz_lookup_find(&b->by_id, hash, id, live_id, b);
    struct entries entries;
    struct live *l;

    if (at != FZ_LOOKUP_NONE) {
        *out = b->lives.items[at];
        return FZ_OK;
    }
    l = FZ_NEW(arena, struct live);
    FZ_TRY(fold(b->e, fz_str_copy(arena, id), arena, l, &entries, b->err));
    if (l->c)
        fz_clock_rows(l, arena);
    at = (uint32_t)b->lives.n;
    FZ_PUSH(arena, &b->lives, items, n, cap) = l;
    fz_lookup_add(&b->by_id, arena, hash, at);
    *out = l;
    return FZ_OK;
}

static bool bad(struct batch *b, struct fz_answer *a, const char *en, const char *zh, fz_str what)
{
    a->kind = FZ_A_BAD;
    a->text = fz_str_printf(b->out, "%s%s%.*s", b->e->set.lang == FZ_ZH ? zh : en, b->e->set.lang == FZ_ZH ? "：" : ": ", FZ_STR_ARG(what));
    return false;
}

/* ---- idempotency ---- */

static fz_status find_key(struct batch *b, const fz_hash *key, struct fz_answer *a, bool *out_found)
{
    fz_str bytes = {(const char *)key->bytes, FZ_HASH_BYTES};
    fz_cell cells[] = {FZ_CELL_OF(b->e->set.jurisdiction), FZ_CELL_OF(bytes)}, *row;
    uint32_t at = fz_lookup_find(&b->by_key, hash_of(bytes), bytes, key_bytes, b);

    *out_found = true;
    a->kind = FZ_A_REPEATED;
    if (at != FZ_LOOKUP_NONE) {
        a->seq = b->keys.items[at].seq;
        a->record = fz_str_copy(b->out, b->keys.items[at].record);
        return FZ_OK;
    }
    FZ_TRY(fz_store_get(b->e->set.store, &fz_table_key, cells, &b->e->batch, &row, out_found, b->err));
    if (!*out_found)
        return FZ_OK;
    a->seq = row[FZ_KEY_SEQ].n;
    cells[1] = FZ_CELL_OF_INT(a->seq);
    FZ_TRY(fz_store_get(b->e->set.store, &fz_table_entry, cells, &b->e->batch, &row, out_found, b->err));
    if (!*out_found)
        return fz_fail(b->err, FZ_E_INPUT, "entry %lld is gone; `fazhi verify` says more", (long long)a->seq);
    a->record = fz_str_copy(b->out, row[FZ_ENTRY_RECORD].s);
    return FZ_OK;
}

static void note_key(struct batch *b, const fz_hash *key, int64_t seq, fz_str record)
{
    struct fz_arena *arena = &b->e->batch;
    uint32_t at = (uint32_t)b->keys.n;

    FZ_PUSH(arena, &b->keys, items, n, cap) = (struct used_key){*key, seq, record};
    fz_lookup_add(&b->by_key, arena, hash_of(key_bytes(b, at)), at);
}

/* ---- reading an order ---- */

static bool read_value(struct batch *b, const struct fz_record *r, const struct fz_order *o, size_t at, struct fz_step *s, struct fz_given *given,
                       struct fz_answer *a)
{
    const struct fz_named_value *v = &o->values[at];
    struct fz_arena *arena = &b->e->batch;
    int f = fz_field_find(r, v->name);
    fz_value one, *items;
    size_t n = 0;

    if (f == FZ_NONE)
        return bad(b, a, "no such field", "没有此字段", v->name);
    for (size_t i = 0; i < at; i++)
        if (fz_str_eq(o->values[i].name, v->name))
            return r->fields[f].many || bad(b, a, "given twice", "重复填写", v->name); /* read with the first */
    items = FZ_NEW_ARRAY(arena, fz_value, o->values_n);
    for (size_t i = at; i < o->values_n; i++) {
        if (!fz_str_eq(o->values[i].name, v->name))
            continue;
        if (!fz_value_parse(r->fields[f].type, &r->fields[f].choices, o->values[i].text, &one))
            return bad(b, a, r->fields[f].type == FZ_TYPE_CHOICE ? "not one of the choices" : fz_type_word(r->fields[f].type), "不是可以填写的值", o->values[i].text);
        items[n++] = one;
    }
    given[s->values_n].field = f;
    given[s->values_n++].value = r->fields[f].many ? (fz_value){.set = true, .many = (uint32_t)n, .items = items} : items[0];
    return true;
}

static bool read_order(struct batch *b, const struct fz_record *r, const struct fz_order *o, struct fz_step *s, struct fz_answer *a)
{
    struct fz_given *given = FZ_NEW_ARRAY(&b->e->batch, struct fz_given, o->values_n + 1);

    if (o->step) {
        *s = *o->step;
        return true;
    }
    *s = FZ_STEP(o->kind == FZ_SERVE ? FZ_NONE : fz_action_find(r, o->name), o->on);
    s->kind = o->kind;
    if (o->kind == FZ_SERVE)
        s->document = fz_document_find(r, o->name);
    if ((o->kind == FZ_SERVE ? s->document : s->action) == FZ_NONE)
        return bad(b, a, o->kind == FZ_SERVE ? "no such document" : "no such action", o->kind == FZ_SERVE ? "没有此文书" : "没有此行为", o->name);
    s->at = o->at;
    if (o->outcome.n) {
        s->outcome = o->kind == FZ_DO ? fz_outcome_find(&r->actions[s->action], o->outcome) : FZ_NONE;
        if (s->outcome == FZ_NONE)
            return bad(b, a, "no such outcome", "没有此结果", o->outcome);
    }
    for (size_t i = 0; i < o->values_n; i++)
        if (!read_value(b, r, o, i, s, given, a))
            return false;
    s->values = given;
    s->person = o->actor;
    s->role = o->role;
    s->member = o->member;
    s->reason = o->reason;
    return true;
}

/* ---- numbers ---- */

static fz_status next_serial(struct batch *b, fz_str organ, fz_str kind, int64_t year, int64_t *out)
{
    fz_cell key[] = {FZ_CELL_OF(b->e->set.jurisdiction), FZ_CELL_OF(organ), FZ_CELL_OF(kind), FZ_CELL_OF_INT(year)}, *row;
    bool found;

    for (size_t i = 0; i < b->counters.n; i++) {
        struct counter *c = &b->counters.items[i];

        if (c->year == year && fz_str_eq(c->kind, kind) && fz_str_eq(c->organ, organ)) {
            *out = ++c->last;
            return FZ_OK;
        }
    }
    FZ_TRY(fz_store_get(b->e->set.store, &fz_table_serial, key, &b->e->batch, &row, &found, b->err));
    *out = found ? row[FZ_SERIAL_LAST].n + 1 : 1;
    FZ_PUSH(&b->e->batch, &b->counters, items, n, cap) = (struct counter){organ, kind, year, *out};
    return FZ_OK;
}

/* Each record once, as the whole batch leaves it. */
static void write_records(struct batch *b)
{
    for (size_t i = 0; i < b->lives.n; i++)
        if (b->lives.items[i]->moved)
            fz_project_record(b->e, b->lives.items[i], &b->e->batch, &b->writes);
}

static void write_serials(struct batch *b)
{
    for (size_t i = 0; i < b->counters.n; i++) {
        const struct counter *c = &b->counters.items[i];
        fz_cell *row = add_write(&b->writes, &b->e->batch, FZ_PUT, &fz_table_serial);

        row[FZ_SERIAL_JURISDICTION] = FZ_CELL_OF(b->e->set.jurisdiction);
        row[FZ_SERIAL_ORGAN] = FZ_CELL_OF(c->organ);
        row[FZ_SERIAL_KIND] = FZ_CELL_OF(c->kind);
        row[FZ_SERIAL_YEAR] = FZ_CELL_OF_INT(c->year);
        row[FZ_SERIAL_LAST] = FZ_CELL_OF_INT(c->last);
    }
}

/* "{organ.short}复〔{year}〕{serial}号" with what the braces name. */
static fz_str fill_number(struct fz_arena *arena, fz_str form, fz_str organ, int64_t year, int64_t serial)
{
    struct fz_buf out = {0};
    fz_str s;

    while (form.n) {
        if (fz_str_starts(form, "{organ.short}") || fz_str_starts(form, "{year}") || fz_str_starts(form, "{serial}")) {
            size_t n = (size_t)((const char *)memchr(form.p, '}', form.n) - form.p) + 1;

            if (form.p[1] == 'o')
                fz_buf_add(&out, organ);
            else
                fz_buf_printf(&out, "%lld", (long long)(form.p[1] == 'y' ? year : serial));
            form.p += n;
            form.n -= n;
        } else {
            fz_buf_addc(&out, form.p[0]);
            form.p++;
            form.n--;
        }
    }
    s = fz_str_copy(arena, fz_buf_str(&out));
    fz_buf_release(&out);
    return s;
}

/* ---- an order becomes an entry ---- */

static fz_entry_field *with_number(struct fz_arena *arena, const struct fz_entry *entry, int64_t serial, fz_str number)
{
    fz_entry_field *values = FZ_NEW_ARRAY(arena, fz_entry_field, entry->values_n + 2);

    if (entry->values_n)
        memcpy(values, entry->values, entry->values_n * sizeof(*values));
    values[entry->values_n] = (fz_entry_field){FZ_STR(FZ_WIRE_SERIAL), {.kind = FZ_VALUE_INT, .number = serial}};
    values[entry->values_n + 1] = (fz_entry_field){FZ_STR(FZ_WIRE_NUMBER), {.kind = FZ_VALUE_TEXT, .text = number}};
    return values;
}

static fz_status number_record(struct batch *b, struct live *l, struct fz_entry *entry)
{
    int64_t year = fz_day_civil(entry->on).year, serial;

    if (l->kind->r->number.n == 0)
        return FZ_OK;
    FZ_TRY(next_serial(b, l->organ, l->kind->r->name, year, &serial));
    l->number = fill_number(&b->e->batch, l->kind->r->number, l->organ, year, serial);
    entry->values = with_number(&b->e->batch, entry, serial, l->number);
    entry->values_n += 2;
    return FZ_OK;
}

static void write_entry(struct batch *b, const struct fz_entry *entry, fz_str bytes, const struct fz_privates *privates)
{
    struct fz_arena *arena = &b->e->batch;
    fz_cell jurisdiction = FZ_CELL_OF(b->e->set.jurisdiction), *row = add_write(&b->writes, arena, FZ_ADD, &fz_table_entry);
    fz_hash leaf = fz_hash_leaf(b->e->set.hasher, bytes);
    fz_tree_node nodes[FZ_TREE_STORED_MAX];
    size_t n = fz_tree_append(b->e->set.hasher, &b->tree, &leaf, nodes);

    row[FZ_ENTRY_JURISDICTION] = jurisdiction;
    row[FZ_ENTRY_SEQ] = FZ_CELL_OF_INT(entry->seq);
    row[FZ_ENTRY_RECORD] = FZ_CELL_OF(entry->record);
    row[FZ_ENTRY_BYTES] = FZ_CELL_OF(bytes);
    for (size_t i = 0; i < n; i++) {
        row = add_write(&b->writes, arena, FZ_ADD, &fz_table_node);
        row[FZ_NODE_JURISDICTION] = jurisdiction;
        row[FZ_NODE_LEVEL] = FZ_CELL_OF_INT((int64_t)nodes[i].level);
        row[FZ_NODE_INDEX] = FZ_CELL_OF_INT((int64_t)nodes[i].index);
        row[FZ_NODE_HASH] = FZ_CELL_OF(fz_str_copy(arena, (fz_str){(const char *)nodes[i].hash.bytes, FZ_HASH_BYTES}));
    }
    for (size_t i = 0; i < privates->n; i++) {
        row = add_write(&b->writes, arena, FZ_ADD, &fz_table_private);
        row[FZ_PRIVATE_JURISDICTION] = jurisdiction;
        row[FZ_PRIVATE_SEQ] = FZ_CELL_OF_INT(entry->seq);
        row[FZ_PRIVATE_NAME] = FZ_CELL_OF(privates->items[i].name);
        row[FZ_PRIVATE_SALT] = FZ_CELL_OF(((fz_str){(const char *)privates->items[i].salt.bytes, FZ_SALT_BYTES}));
        row[FZ_PRIVATE_VALUE] = FZ_CELL_OF(privates->items[i].value);
    }
}

static fz_str or_nobody(fz_str s, const struct fz_step *step)
{
    return s.n ? s : step->by_law ? FZ_STR("law") : FZ_STR("unknown");
}

/* The step is lawful, or happened: it becomes an entry, and the record moves. */
static fz_status enter(struct batch *b, struct live *l, const struct fz_order *o, const struct fz_step *s, const fz_hash *key, struct fz_answer *a)
{
    struct fz_arena *arena = &b->e->batch;
    struct fz_entry entry = {.seq = (int64_t)b->tree.size + 1, .at_ms = b->at_ms, .jurisdiction = b->e->set.jurisdiction, .record = l->id, .type = l->kind->r->name,
                             .actor = or_nobody(o->actor, s), .organ = or_nobody(o->organ.n ? o->organ : l->organ, s), .pack = l->kind->pack->name, .key = key};
    struct fz_privates privates;
    struct fz_diags diags;
    char day[FZ_DAY_TEXT];
    fz_str bytes;
    bool begins = l->steps == 0;

    entry.pack_version = fz_str_copy(arena, fz_str_of(fz_day_text(l->kind->pack->version, day)));
    fz_wire_write(s, l->kind->r, b->e->set.hasher, b->e->set.random, arena, &entry, &privates);
    if (begins) {
        l->organ = entry.organ;
        l->opened = s->on;
        FZ_TRY(number_record(b, l, &entry));
    }
    fz_diags_init(&diags, arena);
    bytes = fz_entry_encode(arena, &entry, &diags);
    if (bytes.n == 0) {
        struct fz_buf why = {0};

        fz_diags_print(&diags, b->e->set.lang, &why);
        bad(b, a, "this cannot be entered", "无法记入", fz_str_trim(fz_buf_str(&why)));
        fz_buf_release(&why);
        if (begins)
            l->c = NULL;
        return FZ_OK;
    }
    write_entry(b, &entry, bytes, &privates);
    fz_case_apply(l->c, s, l->cal);
    l->steps++;
    l->changed = s->on;
    l->moved = true;
    fz_project_entry(b->e, l, &entry, arena, &b->writes);
    if (key)
        note_key(b, key, entry.seq, l->id);
    a->kind = FZ_A_DONE;
    a->seq = entry.seq;
    a->record = fz_str_copy(b->out, l->id);
    a->number = begins ? fz_str_copy(b->out, l->number) : (fz_str){0};
    a->version = l->steps;
    return FZ_OK;
}

/* A new record: its type and pack, and an id that says which entry began it. */
static fz_status begin_record(struct batch *b, struct live *l, const struct fz_order *o, struct fz_answer *a, bool *out_ok)
{
    struct fz_arena *arena = &b->e->batch;

    *out_ok = false;
    if (o->type.n == 0)
        return bad(b, a, "there is no such record", "没有此记录", o->record), FZ_OK;
    l->kind = fz_kind_on(b->e, o->pack, o->type, o->step ? o->step->on : o->on);
    if (!l->kind)
        return bad(b, a, "no pack has such records", "没有制度包有此类记录", o->type), FZ_OK;
    FZ_TRY(b->e->set.calendar(b->e->set.calendar_arg, l->kind->pack->calendar, &l->cal, b->err));
    l->c = fz_case_new(arena, l->kind->pack, l->kind->r);
    l->organ = o->organ;
    *out_ok = true;
    return FZ_OK;
}

static fz_str new_id(struct batch *b, const struct fz_order *o)
{
    return o->record.n ? o->record : fz_str_printf(&b->e->batch, "%.*s-%llu", FZ_STR_ARG(o->type), (unsigned long long)b->tree.size + 1);
}

static fz_status judge_and_enter(struct batch *b, struct live *l, const struct fz_order *o, const fz_hash *key, struct fz_answer *a)
{
    struct fz_step s;
    bool ok = true, begins = !l->c;

    if (begins)
        FZ_TRY(begin_record(b, l, o, a, &ok));
    if (!ok || !read_order(b, l->kind->r, o, &s, a)) {
        l->c = begins ? NULL : l->c;
        return FZ_OK;
    }
    fz_decide(l->c, &s, l->cal, o->observed, b->out, &a->ruling);
    if (a->ruling.refusing && !o->observed) {
        a->kind = FZ_A_REFUSED;
        l->c = begins ? NULL : l->c;
        return FZ_OK;
    }
    return enter(b, l, o, &s, key, a);
}

static fz_status take_order(struct batch *b, const struct fz_order *o, struct fz_answer *a)
{
    fz_hash *key = NULL;
    struct live *l;
    bool found = false;

    *a = (struct fz_answer){0};
    if (o->key.n) {
        key = FZ_NEW(&b->e->batch, fz_hash);
        *key = fz_hash_of(b->e->set.hasher, &o->key, 1);
        FZ_TRY(find_key(b, key, a, &found));
        if (found)
            return FZ_OK;
    }
    FZ_TRY(open_live(b, new_id(b, o), &l));
    if (o->if_version >= 0 && o->if_version != l->steps) {
        a->kind = FZ_A_CONFLICT;
        a->record = fz_str_copy(b->out, l->id);
        a->version = l->steps;
        return FZ_OK;
    }
    return judge_and_enter(b, l, o, key, a);
}

static void fail_answers(struct fz_answer *answers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (answers[i].kind == FZ_A_DONE)
            answers[i] = (struct fz_answer){.kind = FZ_A_FAILED};
}

fz_status fz_engine_submit(struct fz_engine *e, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                           struct fz_error *err)
{
    struct batch b = {.e = e, .out = arena, .tree = e->tree, .at_ms = at_ms > e->at_ms ? at_ms : e->at_ms, .err = err};
    fz_status s = FZ_OK;

    fz_arena_reset(&e->batch);
    fz_lookup_init(&b.by_id, &e->batch, 64);
    fz_lookup_init(&b.by_key, &e->batch, 64);
    for (size_t i = 0; i < n; i++)
        answers[i] = (struct fz_answer){.kind = FZ_A_FAILED};
    for (size_t i = 0; i < n && s == FZ_OK; i++)
        s = take_order(&b, &orders[i], &answers[i]);
    if (s == FZ_OK && b.writes.n) {
        write_records(&b);
        write_serials(&b);
        s = fz_store_commit(e->set.store, &(struct fz_batch){b.writes.items, b.writes.n}, err);
    }
    if (s != FZ_OK) {
        fail_answers(answers, n);
        return s;
    }
    if (b.tree.size > e->tree.size)
        e->at_ms = b.at_ms;
    e->tree = b.tree;
    return FZ_OK;
}

/* ---- what the law has done ---- */

struct due_records {
    struct fz_arena *arena;
    fz_str *items;
    size_t n, cap;
};

static fz_status take_due(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct due_records *d = arg;

    (void)err;
    if (d->n && fz_str_eq(d->items[d->n - 1], cells[FZ_CLOCK_RECORD].s))
        return FZ_OK;
    FZ_PUSH(d->arena, d, items, n, cap) = fz_str_copy(d->arena, cells[FZ_CLOCK_RECORD].s);
    return FZ_OK;
}

/* Everything that the law has done to one record by then, one entry after the other: what it did first may start what it does next. */
static fz_status tick_record(struct fz_engine *e, fz_str record, fz_day today, int64_t at_ms, uint64_t *n, struct fz_error *err)
{
    struct fz_arena scratch;
    fz_status s = FZ_OK;

    fz_arena_init(&scratch);
    for (bool more = true; more && s == FZ_OK;) {
        struct fz_folded f;
        struct fz_answer a;

        s = fz_engine_fold(e, record, &scratch, &f, err);
        more = false;
        if (s == FZ_OK && f.row) {
            fz_view v = {f.c, NULL, f.cal, today};
            struct fz_step law = fz_case_due_by_law(&v);
            struct fz_order o = {.record = record, .if_version = -1, .step = &law};

            if (law.action != FZ_NONE) {
                s = fz_engine_submit(e, &o, 1, at_ms, &scratch, &a, err);
                more = s == FZ_OK && a.kind == FZ_A_DONE;
                *n += more;
            }
        }
    }
    fz_arena_release(&scratch);
    return s;
}

fz_status fz_engine_tick(struct fz_engine *e, fz_day today, int64_t at_ms, uint64_t *out_n, struct fz_error *err)
{
    struct fz_arena arena;
    struct due_records due = {.arena = &arena};
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT(1)};
    struct fz_scan scan = {.table = &fz_table_clock, .index = 0, .prefix = prefix, .prefix_n = 2, .ranged = true, .low = FZ_CELL_OF_INT(FZ_DAY_MIN),
                           .high = FZ_CELL_OF_INT(today)};
    uint64_t n = 0;
    fz_status s;

    fz_arena_init(&arena);
    s = fz_store_scan(e->set.store, &scan, take_due, &due, err);
    for (size_t i = 0; i < due.n && s == FZ_OK; i++)
        s = tick_record(e, due.items[i], today, at_ms, &n, err);
    fz_arena_release(&arena);
    *out_n = n;
    return s;
}
