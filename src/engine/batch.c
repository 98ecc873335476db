/*
 * Batches. Orders are read, judged and folded into their records, which stay in memory for the orders behind them; their entries and rows go to one list of
 * writes, the open batch. Closed, it is in flight: the store commits it, and meanwhile a new one may gather orders judged over what the one before will
 * have left. Only when it is settled does the durable end of the log move. When it fails, nothing that stands in memory holds: records and counters
 * are forgotten, the open batch is dropped, and what comes next looks at the store.
 *
 *     none --take--> open --close--> flight --settle--> none
 *                     ^ a batch each: one may be open while one is in flight
 */
#include "engine/directory.h"

/* ---- open, in flight, settled ---- */

static fz_str key_bytes(const void *owner, uint32_t at)
{
    return (fz_str){(const char *)((const struct pending *)owner)->keys.items[at].hash.bytes, FZ_HASH_BYTES};
}

static fz_str counter_name(const void *owner, uint32_t at)
{
    return ((const struct counters *)owner)->items[at].name;
}

static uint32_t hash_of(fz_str s)
{
    return (uint32_t)fz_hash_text(0, s);
}

static void forget_counters(struct counters *c)
{
    struct fz_arena arena = c->arena;

    fz_arena_reset(&arena);
    *c = (struct counters){.arena = arena};
}

void fz_batch_forget(struct fz_engine *e)
{
    fz_assert(!e->flight);
    e->open = NULL;
    e->settled = e->batches;
    fz_lives_clear(&e->lives);
    forget_counters(&e->counters);
    fz_rights_forget(e);
    e->stale = true;
}

/* Where others write as well, what stands in memory holds only while the log ends where it did. */
static fz_status look_again(struct fz_engine *e, struct fz_error *err)
{
    uint64_t size;

    if (e->flight || !fz_store_is_shared(e->set.store))
        return FZ_OK;
    FZ_TRY(fz_engine_last(e, &size, err));
    if (size != e->end.tree.size)
        fz_batch_forget(e);
    return FZ_OK;
}

/* The batch that gathers orders; over what is durable, or over what is in flight. */
static fz_status open_batch(struct fz_engine *e, struct fz_error *err)
{
    struct pending *p = e->flight == &e->two[0] ? &e->two[1] : &e->two[0];
    struct fz_arena arena = p->arena;

    if (e->open)
        return FZ_OK;
    FZ_TRY(look_again(e, err));
    if (e->stale)
        FZ_TRY(fz_engine_refresh(e, err));
    if (e->forgets && !e->flight) {
        fz_lives_clear(&e->lives);
        e->forgets = false;
    }
    FZ_TRY(fz_rights_load(e, err));
    fz_arena_reset(&arena);
    *p = (struct pending){.arena = arena, .number = ++e->batches, .end = e->flight ? e->flight->end : e->end};
    fz_lookup_init(&p->by_key, &p->arena, 64);
    fz_lookup_init(&p->by_held, &p->arena, 64);
    if (e->counters.by_name.cap == 0)
        fz_lookup_init(&e->counters.by_name, &e->counters.arena, 64);
    e->open = p;
    return FZ_OK;
}

static void write_serials(struct fz_engine *e, struct pending *p)
{
    for (size_t i = 0; i < p->counted.n; i++)
        fz_project_serial(e, &e->counters.items[p->counted.items[i]], &p->arena, &p->writes);
}

struct pending *fz_batch_close(struct fz_engine *e)
{
    struct pending *p = e->open;

    fz_assert(!e->flight);
    e->open = NULL;
    if (!p || p->writes.n == 0)
        return NULL;
    for (size_t i = 0; i < p->moved.n; i++) /* each record once, as the whole batch leaves it */
        fz_project_record(e, p->moved.items[i], &p->arena, &p->writes);
    write_serials(e, p);
    return e->flight = p;
}

fz_status fz_batch_commit(struct fz_engine *e, struct pending *p, struct fz_error *err)
{
    return fz_store_commit(e->set.store, &(struct fz_batch){p->writes.items, p->writes.n}, err);
}

void fz_batch_settle(struct fz_engine *e, fz_status s)
{
    struct pending *p = e->flight;

    e->flight = NULL;
    if (s != FZ_OK) {
        fz_batch_forget(e);
        return;
    }
    e->end = p->end;
    e->settled = p->number;
}

/* A commit shows by its sequence number that nobody wrote meanwhile; what was refused without one may have been judged over half of another's batch. */
fz_status fz_batch_confirm(struct fz_engine *e, struct fz_error *err)
{
    uint64_t size;

    if (!fz_store_is_shared(e->set.store))
        return FZ_OK;
    FZ_TRY(fz_engine_last(e, &size, err));
    if (size == e->end.tree.size)
        return FZ_OK;
    fz_batch_forget(e);
    return fz_fail(err, FZ_E_EXISTS, "another process was quicker");
}

fz_status fz_batch_finish(struct fz_engine *e, struct fz_error *err)
{
    struct pending *p = fz_batch_close(e);
    fz_status s;

    if (!p)
        return fz_batch_confirm(e, err);
    s = fz_batch_commit(e, p, err);
    fz_batch_settle(e, s);
    return s;
}

/* ---- records ---- */

/* The record as the batches so far leave it; c is NULL when it has not begun. */
fz_status fz_batch_live(struct batch *b, fz_str id, struct live **out)
{
    struct live *l = fz_lives_find(&b->e->lives, id);
    fz_status s;

    if (!l) {
        l = fz_lives_add(&b->e->lives, id, b->e->settled);
        s = fz_live_fold(b->e, reader_of(b->e), l, b->err);
        if (s != FZ_OK) {
            fz_lives_remove(&b->e->lives, l);
            return s;
        }
        if (l->c) {
            fz_clock_rows(l);
            fz_link_rows(l);
            l->listed = fz_directory_lists(l);
            l->held = fz_held_key(l, NULL, l->arena);
        }
    }
    *out = l;
    return FZ_OK;
}

/* What an order has left: a record that did not begin is none. */
void fz_batch_leave(struct batch *b, struct live *l)
{
    if (l->steps == 0)
        fz_lives_remove(&b->e->lives, l);
}

void fz_batch_moved(struct batch *b, struct live *l)
{
    if (l->batch == b->p->number)
        return;
    l->batch = b->p->number;
    FZ_PUSH(&b->p->arena, &b->p->moved, items, n, cap) = l;
}

bool fz_batch_bad(struct batch *b, struct fz_answer *a, const char *en, const char *zh, fz_str what)
{
    a->kind = FZ_A_BAD;
    a->text = fz_str_printf(b->out, "%s%s%.*s", b->e->set.lang == FZ_ZH ? zh : en, b->e->set.lang == FZ_ZH ? "：" : ": ", FZ_STR_ARG(what));
    return false;
}

/* ---- idempotency ---- */

static void repeated(struct batch *b, struct fz_answer *a, int64_t seq, fz_str record)
{
    a->kind = FZ_A_REPEATED;
    a->seq = seq;
    a->record = fz_str_copy(b->out, record);
}

static bool key_of_batch(struct batch *b, const struct pending *p, fz_str key, struct fz_answer *a)
{
    uint32_t at = p ? fz_lookup_find(&p->by_key, hash_of(key), key, key_bytes, p) : FZ_LOOKUP_NONE;

    if (at != FZ_LOOKUP_NONE)
        repeated(b, a, p->keys.items[at].seq, p->keys.items[at].record);
    return at != FZ_LOOKUP_NONE;
}

static fz_status find_key(struct batch *b, const fz_hash *key, struct fz_answer *a, bool *out_found)
{
    fz_str bytes = {(const char *)key->bytes, FZ_HASH_BYTES};
    fz_cell cells[] = {FZ_CELL_OF(b->e->set.jurisdiction), FZ_CELL_OF(bytes)}, *row;
    int64_t seq;

    *out_found = key_of_batch(b, b->p, bytes, a) || key_of_batch(b, b->e->flight, bytes, a);
    if (*out_found)
        return FZ_OK;
    FZ_TRY(fz_store_get(reader_of(b->e), &fz_table_key, cells, &b->p->arena, &row, out_found, b->err));
    if (!*out_found)
        return FZ_OK;
    seq = row[FZ_KEY_SEQ].n;
    cells[1] = FZ_CELL_OF_INT(seq);
    FZ_TRY(fz_store_get(reader_of(b->e), &fz_table_entry, cells, &b->p->arena, &row, out_found, b->err));
    if (!*out_found)
        return fz_fail(b->err, FZ_E_INPUT, "entry %lld is gone; `fazhi verify` says more", (long long)seq);
    repeated(b, a, seq, row[FZ_ENTRY_RECORD].s);
    return FZ_OK;
}

static bool find_source(struct batch *b, const struct live *l, const fz_hash *key, struct fz_answer *a)
{
    for (size_t i = 0; i < l->sources.n; i++)
        if (fz_hash_eq(&l->sources.items[i].hash, key)) {
            repeated(b, a, l->sources.items[i].seq, l->id);
            return true;
        }
    return false;
}

static void note_key(struct batch *b, struct live *l, const struct fz_entry *entry)
{
    struct pending *p = b->p;
    uint32_t at = (uint32_t)p->keys.n;

    if (!entry->key)
        return;
    if (fz_source_key(entry)) {
        FZ_PUSH(l->arena, &l->sources, items, n, cap) = (struct source_key){*entry->key, entry->seq};
        return;
    }
    FZ_PUSH(&p->arena, &p->keys, items, n, cap) = (struct used_key){*entry->key, entry->seq, entry->record};
    fz_lookup_add(&p->by_key, &p->arena, hash_of(key_bytes(p, at)), at);
}

/* ---- reading an order ---- */

static bool read_value(struct batch *b, const struct fz_record *r, const struct fz_order *o, size_t at, struct fz_step *s, struct fz_given *given,
                       struct fz_answer *a)
{
    const struct fz_named_value *v = &o->values[at];
    struct fz_arena *arena = &b->p->arena;
    int f = fz_field_find(r, v->name);
    fz_value one, *items;
    size_t n = 0;

    if (f == FZ_NONE)
        return fz_batch_bad(b, a, "no such field", "没有此字段", v->name);
    for (size_t i = 0; i < at; i++)
        if (fz_str_eq(o->values[i].name, v->name))
            return r->fields[f].many || fz_batch_bad(b, a, "given twice", "重复填写", v->name); /* read with the first */
    items = FZ_NEW_ARRAY(arena, fz_value, o->values_n);
    for (size_t i = at; i < o->values_n; i++) {
        if (!fz_str_eq(o->values[i].name, v->name))
            continue;
        if (!fz_value_parse(r->fields[f].type, &r->fields[f].choices, o->values[i].text, &one))
            return fz_batch_bad(b, a, r->fields[f].type == FZ_TYPE_CHOICE ? "not one of the choices" : fz_type_word(r->fields[f].type), "不是可以填写的值", o->values[i].text);
        items[n++] = one;
    }
    given[s->values_n].field = f;
    given[s->values_n++].value = r->fields[f].many ? (fz_value){.set = true, .many = (uint32_t)n, .items = items} : items[0];
    return true;
}

/* One of those who act, when somebody is named among them more than once, or not by anything; NULL. */
static const fz_str *named_twice(const struct fz_order *o)
{
    for (size_t i = 0; i < o->others_n; i++) {
        bool there = o->others[i].n == 0 || fz_str_eq(o->others[i], o->actor);

        for (size_t k = 0; k < i; k++)
            there |= fz_str_eq(o->others[i], o->others[k]);
        if (there)
            return &o->others[i];
    }
    return NULL;
}

static bool read_order(struct batch *b, const struct fz_record *r, const struct fz_order *o, struct fz_step *s, struct fz_answer *a)
{
    struct fz_given *given = FZ_NEW_ARRAY(&b->p->arena, struct fz_given, o->values_n + 1);

    if (o->step) {
        *s = *o->step;
        return true;
    }
    *s = FZ_STEP(o->kind == FZ_SERVE ? FZ_NONE : fz_action_find(r, o->name), o->on);
    s->kind = o->kind;
    if (o->kind == FZ_SERVE)
        s->document = fz_document_find(r, o->name);
    if ((o->kind == FZ_SERVE ? s->document : s->action) == FZ_NONE)
        return fz_batch_bad(b, a, o->kind == FZ_SERVE ? "no such document" : "no such action", o->kind == FZ_SERVE ? "没有此文书" : "没有此行为", o->name);
    s->at = o->at;
    if (o->outcome.n) {
        s->outcome = o->kind == FZ_DO ? fz_outcome_find(&r->actions[s->action], o->outcome) : FZ_NONE;
        if (s->outcome == FZ_NONE)
            return fz_batch_bad(b, a, "no such outcome", "没有此结果", o->outcome);
    }
    for (size_t i = 0; i < o->values_n; i++)
        if (!read_value(b, r, o, i, s, given, a))
            return false;
    s->values = given;
    if (named_twice(o))
        return fz_batch_bad(b, a, "named twice", "重复写明", *named_twice(o));
    s->person = o->actor;
    s->others = o->others;
    s->others_n = o->others_n;
    s->role = o->role;
    s->member = o->member;
    s->reason = o->reason;
    return true;
}

/* ---- numbers ---- */

/* The counter as the batches so far leave it. */
static fz_status counter_of(struct batch *b, fz_str organ, fz_str kind, int64_t year, struct counter **out)
{
    struct counters *all = &b->e->counters;
    fz_str name = fz_str_printf(&b->p->arena, "%.*s\n%.*s\n%lld", FZ_STR_ARG(organ), FZ_STR_ARG(kind), (long long)year);
    uint32_t at = fz_lookup_find(&all->by_name, hash_of(name), name, counter_name, all);
    fz_cell key[] = {FZ_CELL_OF(b->e->set.jurisdiction), FZ_CELL_OF(organ), FZ_CELL_OF(kind), FZ_CELL_OF_INT(year)}, *row;
    bool found;

    if (at == FZ_LOOKUP_NONE) {
        FZ_TRY(fz_store_get(reader_of(b->e), &fz_table_serial, key, &b->p->arena, &row, &found, b->err));
        at = (uint32_t)all->n;
        FZ_PUSH(&all->arena, all, items, n, cap) = (struct counter){.name = fz_str_copy(&all->arena, name), .organ = fz_str_copy(&all->arena, organ),
                                                                    .kind = kind, .year = year, .last = found ? row[FZ_SERIAL_LAST].n : 0};
        fz_lookup_add(&all->by_name, &all->arena, hash_of(name), at);
    }
    *out = &all->items[at];
    return FZ_OK;
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

static void add_value(struct batch *b, struct fz_entry *entry, const char *name, fz_entry_value value)
{
    fz_entry_field *values = FZ_NEW_ARRAY(&b->p->arena, fz_entry_field, entry->values_n + 1);

    if (entry->values_n)
        memcpy(values, entry->values, entry->values_n * sizeof(*values));
    values[entry->values_n++] = (fz_entry_field){fz_str_of(name), value};
    entry->values = values;
}

static void add_right(struct batch *b, struct fz_entry *entry, const struct fz_right *right)
{
    fz_entry_field values[FZ_RIGHT_VALUES];
    size_t n = fz_right_values(right, &b->p->arena, values);

    for (size_t i = 0; i < n; i++)
        add_value(b, entry, values[i].name.p, values[i].value);
}

static void count_on(struct batch *b, struct counter *c)
{
    c->last++;
    if (c->batch == b->p->number)
        return;
    c->batch = b->p->number;
    FZ_PUSH(&b->p->arena, &b->p->counted, items, n, cap) = (uint32_t)(c - b->e->counters.items);
}

/* The number that the record gets; its counter moves only when the entry is made. */
static fz_status number_record(struct batch *b, struct live *l, struct fz_entry *entry, struct counter **out)
{
    int64_t year = fz_day_civil(entry->on).year;

    *out = NULL;
    if (l->kind->r->number.n == 0)
        return FZ_OK;
    FZ_TRY(counter_of(b, l->organ, l->kind->r->name, year, out));
    l->number = fill_number(l->arena, l->kind->r->number, l->organ, year, (*out)->last + 1);
    add_value(b, entry, FZ_WIRE_SERIAL, (fz_entry_value){.kind = FZ_VALUE_INT, .number = (*out)->last + 1});
    add_value(b, entry, FZ_WIRE_NUMBER, (fz_entry_value){.kind = FZ_VALUE_TEXT, .text = l->number});
    return FZ_OK;
}

static void write_entry(struct batch *b, const struct fz_entry *entry, fz_str bytes, const struct fz_privates *privates)
{
    struct fz_arena *arena = &b->p->arena;
    fz_cell jurisdiction = FZ_CELL_OF(b->e->set.jurisdiction), *row = add_write(&b->p->writes, arena, FZ_ADD, &fz_table_entry);
    fz_hash *leaf = FZ_NEW(arena, fz_hash);
    fz_tree_node nodes[FZ_TREE_STORED_MAX];
    size_t n;

    *leaf = fz_hash_leaf(b->e->set.hasher, bytes);
    n = fz_tree_append(b->e->set.hasher, &b->p->end.tree, leaf, nodes);
    row[FZ_ENTRY_JURISDICTION] = jurisdiction;
    row[FZ_ENTRY_SEQ] = FZ_CELL_OF_INT(entry->seq);
    row[FZ_ENTRY_RECORD] = FZ_CELL_OF(entry->record);
    row[FZ_ENTRY_LEAF] = FZ_CELL_OF(((fz_str){(const char *)leaf->bytes, FZ_HASH_BYTES}));
    row[FZ_ENTRY_BYTES] = FZ_CELL_OF(bytes);
    for (size_t i = 1; i < n; i++) {
        row = add_write(&b->p->writes, arena, FZ_ADD, &fz_table_node);
        row[FZ_NODE_JURISDICTION] = jurisdiction;
        row[FZ_NODE_LEVEL] = FZ_CELL_OF_INT((int64_t)nodes[i].level);
        row[FZ_NODE_INDEX] = FZ_CELL_OF_INT((int64_t)nodes[i].index);
        row[FZ_NODE_HASH] = FZ_CELL_OF(fz_str_copy(arena, (fz_str){(const char *)nodes[i].hash.bytes, FZ_HASH_BYTES}));
    }
    for (size_t i = 0; i < privates->n; i++) {
        row = add_write(&b->p->writes, arena, FZ_ADD, &fz_table_private);
        row[FZ_PRIVATE_JURISDICTION] = jurisdiction;
        row[FZ_PRIVATE_SEQ] = FZ_CELL_OF_INT(entry->seq);
        row[FZ_PRIVATE_NAME] = FZ_CELL_OF(privates->items[i].name);
        row[FZ_PRIVATE_SALT] = FZ_CELL_OF(((fz_str){(const char *)privates->items[i].salt.bytes, FZ_SALT_BYTES}));
        row[FZ_PRIVATE_VALUE] = FZ_CELL_OF(privates->items[i].value);
    }
}

static fz_str or_nobody(fz_str s, const struct fz_step *step)
{
    return s.n ? s : step->by_law ? FZ_STR("law") : FZ_STR(FZ_WIRE_NOBODY);
}

static fz_str encode(struct batch *b, const struct fz_entry *entry, struct fz_answer *a)
{
    struct fz_diags diags;
    struct fz_buf why = {0};
    fz_str bytes;

    fz_diags_init(&diags, &b->p->arena);
    bytes = fz_entry_encode(&b->p->arena, entry, &diags);
    if (bytes.n == 0) {
        fz_diags_print(&diags, b->e->set.lang, &why);
        fz_batch_bad(b, a, "this cannot be entered", "无法记入", fz_str_trim(fz_buf_str(&why)));
        fz_buf_release(&why);
    }
    return bytes;
}

/* The record moves, by what lives as long as it: the order is somebody else's. */
static void move(struct live *l, const struct fz_entry *entry, const struct fz_step *s)
{
    struct done d = {.seq = entry->seq, .step = fz_step_copy(l->arena, l->kind->r, s), .actor = fz_str_copy(l->arena, entry->actor)};

    d.step.ref = (uint32_t)entry->seq;
    d.organ = fz_str_eq(entry->organ, l->organ) ? l->organ : fz_str_copy(l->arena, entry->organ);
    fz_case_apply(l->c, &d.step, l->cal);
    FZ_PUSH(l->arena, &l->done, items, n, cap) = d;
}

static struct fz_entry entry_of(struct batch *b, const struct live *l, const struct fz_order *o, const struct fz_step *s, const fz_hash *key)
{
    return (struct fz_entry){.seq = (int64_t)b->p->end.tree.size + 1, .at_ms = b->at_ms, .jurisdiction = b->e->set.jurisdiction, .record = l->id,
                             .type = l->kind->r->name, .actor = or_nobody(o->actor, s), .organ = or_nobody(o->organ.n ? o->organ : l->organ, s),
                             .pack = l->kind->pack->name, .pack_version = l->kind->version, .key = key};
}

/* What stands in every entry's wake. */
static void entered(struct batch *b, struct live *l, const struct fz_entry *entry, struct fz_answer *a)
{
    l->steps++;
    l->changed = entry->on;
    fz_batch_moved(b, l);
    fz_rights_follow(b->e, l);
    fz_held_follow(b->e, l);
    fz_project_entry(b->e, l, entry, &b->p->arena, &b->p->writes);
    note_key(b, l, entry);
    b->p->end.at_ms = b->at_ms;
    a->kind = FZ_A_DONE;
    a->seq = entry->seq;
    a->record = fz_str_copy(b->out, l->id);
    a->version = l->steps;
}

/* The step is lawful, or happened: it becomes an entry, and the record moves. */
fz_status fz_batch_enter(struct batch *b, struct live *l, const struct fz_order *o, const struct fz_step *s, const fz_hash *key, struct fz_answer *a)
{
    struct fz_entry entry = entry_of(b, l, o, s, key);
    struct counter *counter = NULL;
    struct fz_privates privates;
    fz_str bytes;
    bool begins = l->steps == 0;
    size_t whos = l->whos.n;

    fz_wire_write(s, l->kind->r, b->e->set.hasher, b->e->set.random, &b->p->arena, &l->whos, &entry, &privates);
    if (o->source.n)
        add_value(b, &entry, FZ_WIRE_SOURCE, (fz_entry_value){.kind = FZ_VALUE_TEXT, .text = o->source});
    add_right(b, &entry, &a->ruling.right);
    if (begins) {
        l->organ = fz_str_copy(l->arena, entry.organ);
        l->opened = s->on;
        FZ_TRY(number_record(b, l, &entry, &counter));
    }
    bytes = encode(b, &entry, a);
    if (bytes.n == 0) {
        l->whos.n = whos;
        return FZ_OK;
    }
    if (fz_erases(l->kind))
        FZ_TRY(fz_erase_follow(b->e, l, s, &b->p->arena, &b->p->writes, b->err));
    write_entry(b, &entry, bytes, &privates);
    if (counter)
        count_on(b, counter);
    move(l, &entry, s);
    entered(b, l, &entry, a);
    a->number = begins ? fz_str_copy(b->out, l->number) : (fz_str){0};
    return FZ_OK;
}

/* A new record: its type and pack. */
fz_status fz_batch_begin(struct batch *b, struct live *l, const struct fz_order *o, struct fz_answer *a, bool *out_ok)
{
    *out_ok = false;
    if (o->type.n == 0)
        return fz_batch_bad(b, a, "there is no such record", "没有此记录", o->record), FZ_OK;
    l->kind = fz_kind_on(b->e, o->pack, o->type, o->step ? o->step->on : o->on);
    if (!l->kind)
        return fz_batch_bad(b, a, "no pack has such records", "没有制度包有此类记录", o->type), FZ_OK;
    FZ_TRY(fz_kind_calendar(b->e, l->kind, b->err));
    l->cal = l->kind->cal;
    l->c = fz_case_new(l->arena, l->kind->pack, l->kind->r);
    l->whos = (struct fz_whos){.arena = l->arena};
    l->organ = fz_str_copy(l->arena, o->organ);
    *out_ok = true;
    return FZ_OK;
}

fz_status fz_batch_do(struct batch *b, struct live *l, const struct fz_order *o, const fz_hash *key, struct fz_answer *a)
{
    struct bringing what = {0};
    struct fz_step s;
    bool ok = true;

    if (!l->c)
        FZ_TRY(fz_batch_begin(b, l, o, a, &ok));
    if (!ok || !read_order(b, l->kind->r, o, &s, a))
        return FZ_OK;
    FZ_TRY(fz_links_read(b, l, o, &s, a, &ok));
    if (!ok)
        return FZ_OK;
    fz_rights_decide(b->e, l, &s, o, b->at_ms, b->out, &a->ruling);
    FZ_TRY(fz_held_decide(b->e, l, &s, o->observed, b->out, &a->ruling, b->err));
    FZ_TRY(fz_links_judge(b, l, o, &s, a, &what, &ok));
    if (!ok)
        return FZ_OK;
    if (a->ruling.refusing && !o->observed)
        a->kind = FZ_A_REFUSED;
    else if (fz_erases(l->kind))
        FZ_TRY(fz_erase_judge(b->e, l, o, &s, b->out, a, &ok, b->err));
    if (ok && a->kind != FZ_A_REFUSED)
        FZ_TRY(fz_batch_enter(b, l, o, &s, key, a));
    if (a->kind == FZ_A_DONE)
        return fz_links_spread(b, l, &s, &what, a);
    fz_links_leave(b, &what);
    return FZ_OK;
}

/* ---- corrections ---- */

static bool is_of_words(const struct fz_ground *g)
{
    return g->kind == FZ_G_VALUE || g->kind == FZ_G_OUTCOME || g->kind == FZ_G_KEY;
}

/* What the law has against the steps as they stand: as of what happened, and of the one that is corrected also against its outcome and values. */
static struct fz_ruling judge_anew(struct batch *b, const struct live *l, int64_t corrected)
{
    struct fz_case *c = fz_case_new(&b->p->arena, l->kind->pack, l->kind->r);
    struct fz_ruling all = {0};

    for (size_t i = 0; i < l->done.n; i++) {
        const struct done *d = &l->done.items[i];
        struct fz_ruling words = {0};

        if (d->annulled)
            continue;
        fz_decide(c, &d->step, l->cal, true, b->out, &all);
        if (d->seq == corrected)
            fz_decide(c, &d->step, l->cal, false, b->out, &words);
        for (size_t k = 0; k < words.n; k++)
            if (is_of_words(&words.grounds[k]))
                FZ_PUSH(b->out, &all, grounds, n, cap) = words.grounds[k];
        fz_case_apply(c, &d->step, l->cal);
    }
    return all;
}

static bool has_ground(const struct fz_ruling *r, const struct fz_ground *g)
{
    for (size_t i = 0; i < r->n; i++)
        if (fz_str_eq(r->grounds[i].id, g->id) && r->grounds[i].day == g->day)
            return true;
    return false;
}

static struct fz_ruling what_is_new(struct batch *b, const struct fz_ruling *before, const struct fz_ruling *after)
{
    struct fz_ruling new = {0};

    for (size_t i = 0; i < after->n; i++)
        if (!has_ground(before, &after->grounds[i]))
            FZ_PUSH(b->out, &new, grounds, n, cap) = after->grounds[i];
    return new;
}

static bool others_stand(const struct live *l, const struct done *first)
{
    for (size_t i = 0; i < l->done.n; i++)
        if (&l->done.items[i] != first && !l->done.items[i].annulled)
            return true;
    return false;
}

static bool may_correct(struct batch *b, const struct live *l, const struct fz_order *o, const struct done *of, struct fz_answer *a)
{
    if (!of)
        return fz_batch_bad(b, a, "no act of this record is entry", "本记录没有此条目所记的行为", fz_str_printf(b->out, "%lld", (long long)o->corrects));
    if (fz_erases(l->kind))
        return fz_batch_bad(b, a, "an erasure cannot be undone, so its entries are not corrected", "删除不可恢复，其条目不予更正", l->id);
    if (of->annulled)
        return fz_batch_bad(b, a, "it was annulled before", "此条目已被撤销", fz_str_printf(b->out, "%lld", (long long)o->corrects));
    if (o->reason.n == 0)
        return fz_batch_bad(b, a, "a correction needs its reason", "更正应当说明理由", FZ_STR("reason"));
    if (o->actor.n == 0 || o->approver.n == 0 || fz_str_eq(o->actor, o->approver))
        return fz_batch_bad(b, a, "a correction is approved by another person than who makes it", "更正应当由他人批准", o->approver.n ? o->approver : FZ_STR("approver"));
    if (fz_rights_correct(b->e, l, o, b->at_ms))
        return fz_batch_bad(b, a, "who corrects and who approves it serve at the organ of the record", "更正和批准的人应当在该记录的机关任职", *fz_rights_correct(b->e, l, o, b->at_ms));
    if (o->correction == FZ_ANNUL && of == l->done.items && others_stand(l, of))
        return fz_batch_bad(b, a, "the act that began the record goes last", "开始本记录的行为应当最后撤销", fz_str_printf(b->out, "%lld", (long long)o->corrects));
    return true;
}

/* The order's words as a step, with what it does not say from the act that it corrects. */
static bool read_amendment(struct batch *b, const struct live *l, const struct fz_order *o, const struct done *of, struct fz_step *out, struct fz_answer *a)
{
    struct fz_order words = *o;

    *out = FZ_STEP(of->step.action, o->on);
    out->kind = of->step.kind;
    out->document = of->step.document;
    words.step = NULL;
    words.kind = of->step.kind;
    words.name = of->step.kind == FZ_SERVE ? l->kind->r->documents[of->step.document].name : l->kind->r->actions[of->step.action].name;
    if (o->correction == FZ_AMEND && !read_order(b, l->kind->r, &words, out, a))
        return false;
    if (o->correction == FZ_ANNUL || o->on == FZ_DAY_NONE)
        out->on = of->step.on;
    if (out->on == of->step.on && out->at == FZ_INSTANT_NONE)
        out->at = of->step.at;
    out->role = out->member = (fz_str){0};
    out->person = o->actor;
    out->reason = o->reason;
    return true;
}

/* A correction can give the record a key that another one has: then or since. */
static fz_status judge_key(struct batch *b, const struct live *l, fz_str before, const struct fz_step *s, struct fz_ruling *io)
{
    fz_str now = fz_held_key(l, NULL, b->out), other;

    if (!now.p || (before.p && fz_str_eq(before, now)))
        return FZ_OK;
    FZ_TRY(fz_held_by_other(b->e, l, now, b->out, &other, b->err));
    if (other.n && s->kind == FZ_DO)
        fz_decide_key(l->c, s, other, b->out, io);
    return FZ_OK;
}

/* Values and outcomes that the act cannot have, and keys that are taken, make no amendment; all else that the law has against it is told. */
static bool is_wrong(const struct fz_ruling *new)
{
    for (size_t i = 0; i < new->n; i++)
        if (is_of_words(&new->grounds[i]))
            return true;
    return false;
}

static fz_status enter_correction(struct batch *b, struct live *l, const struct fz_order *o, struct fz_step *words, const fz_hash *key, struct fz_answer *a)
{
    struct fz_entry entry = entry_of(b, l, o, words, key), back;
    struct fz_ruling before = judge_anew(b, l, o->corrects), after, new;
    struct done *of = fz_live_done(l, o->corrects), was = *of;
    fz_str held = fz_held_key(l, NULL, b->out);
    fz_day changed = l->changed;
    struct fz_privates privates;
    struct writes old = {0};
    fz_str bytes;
    size_t whos = l->whos.n;
    fz_status s;

    entry.correction = fz_str_of(o->correction == FZ_ANNUL ? FZ_WIRE_ANNUL : FZ_WIRE_AMEND);
    entry.corrects = o->corrects;
    fz_wire_write(words, l->kind->r, b->e->set.hasher, b->e->set.random, &b->p->arena, &l->whos, &entry, &privates);
    add_value(b, &entry, FZ_WIRE_APPROVER, (fz_entry_value){.kind = FZ_VALUE_TEXT, .text = o->approver});
    bytes = encode(b, &entry, a);
    if (bytes.n == 0) {
        l->whos.n = whos;
        return FZ_OK;
    }
    fz_project_acts(b->e, l, FZ_REMOVE, &b->p->arena, &old);
    /* Folded from what will be read back, so that a rebuild folds the same. */
    fz_assert(fz_engine_decode(l->arena, fz_str_copy(l->arena, bytes), &back));
    for (size_t i = 0; i < privates.n; i++)
        privates.items[i].value = fz_str_copy(l->arena, privates.items[i].value);
    FZ_TRY(fz_live_take(b->e, l, &back, privates.items, privates.n, b->err));
    l->steps--;
    after = judge_anew(b, l, o->corrects);
    new = what_is_new(b, &before, &after);
    s = judge_key(b, l, held, &of->step, &new);
    if (s != FZ_OK || (o->correction == FZ_AMEND && is_wrong(&new))) {
        *of = was;
        l->changed = changed;
        l->whos.n = whos;
        fz_live_again(l);
        FZ_TRY(s);
        a->kind = FZ_A_REFUSED;
        a->ruling = new;
        a->ruling.refusing = new.n;
        return FZ_OK;
    }
    write_entry(b, &entry, bytes, &privates);
    for (size_t i = 0; i < old.n; i++)
        FZ_PUSH(&b->p->arena, &b->p->writes, items, n, cap) = old.items[i];
    fz_project_acts(b->e, l, FZ_PUT, &b->p->arena, &b->p->writes);
    entered(b, l, &entry, a);
    a->ruling = new;
    return fz_links_retell(b, l, l->changed, a);
}

static fz_status correct(struct batch *b, struct live *l, const struct fz_order *o, const fz_hash *key, struct fz_answer *a)
{
    const struct done *of = l->c ? fz_live_done(l, o->corrects) : NULL;
    struct fz_step words;

    if (!l->c)
        return fz_batch_bad(b, a, "there is no such record", "没有此记录", o->record), FZ_OK;
    if (!may_correct(b, l, o, of, a) || !read_amendment(b, l, o, of, &words, a))
        return FZ_OK;
    return enter_correction(b, l, o, &words, key, a);
}

/* The order over its record. */
static fz_status take_over(struct batch *b, struct live *l, const struct fz_order *o, const fz_hash *key, struct fz_answer *a)
{
    if (o->source.n && key && find_source(b, l, key, a))
        return FZ_OK;
    if (o->if_version >= 0 && o->if_version != l->steps) {
        a->kind = FZ_A_CONFLICT;
        a->record = fz_str_copy(b->out, l->id);
        a->version = l->steps;
        return FZ_OK;
    }
    return (o->correction == FZ_NO_CORRECTION ? fz_batch_do : correct)(b, l, o, key, a);
}

/* The id of a new record says which entry began it: nobody else's can be there already, but by a name that was given. */
static fz_str id_of(struct batch *b, const struct fz_order *o)
{
    return o->record.n ? o->record : fz_str_printf(&b->p->arena, "%.*s-%llu", FZ_STR_ARG(o->type), (unsigned long long)b->p->end.tree.size + 1);
}

static fz_status take_order(struct batch *b, const struct fz_order *o, struct fz_answer *a)
{
    fz_hash *key = NULL;
    struct live *l;
    bool found = false;
    fz_status s;

    *a = (struct fz_answer){0};
    b->at_ms = b->at_ms > b->p->end.at_ms ? b->at_ms : b->p->end.at_ms;
    if (o->key.n) {
        key = FZ_NEW(&b->p->arena, fz_hash);
        *key = fz_hash_of(b->e->set.hasher, &o->key, 1);
        if (o->source.n == 0)
            FZ_TRY(find_key(b, key, a, &found));
        if (found)
            return FZ_OK;
    }
    FZ_TRY(fz_batch_live(b, id_of(b, o), &l));
    s = take_over(b, l, o, key, a);
    fz_batch_leave(b, l);
    return s;
}

fz_status fz_batch_take(struct fz_engine *e, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                        struct fz_error *err)
{
    struct batch b = {.e = e, .out = arena, .at_ms = at_ms, .err = err};
    fz_status s = open_batch(e, err);

    b.p = e->open;
    for (size_t i = 0; i < n; i++)
        answers[i] = (struct fz_answer){.kind = FZ_A_FAILED};
    for (size_t i = 0; i < n && s == FZ_OK; i++) {
        s = take_order(&b, &orders[i], &answers[i]);
        if (s != FZ_OK)
            answers[i] = (struct fz_answer){.kind = FZ_A_FAILED};
    }
    return s;
}

/* ---- alone, without a queue ---- */

#define ATTEMPTS_MAX 50 /* of a batch that another process was quicker than */

static void fail_answers(struct fz_answer *answers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (answers[i].kind == FZ_A_DONE)
            answers[i] = (struct fz_answer){.kind = FZ_A_FAILED};
}

static fz_status take_and_finish(struct fz_engine *e, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                                 struct fz_error *err)
{
    fz_status s = fz_batch_take(e, orders, n, at_ms, arena, answers, err);

    if (s == FZ_OK)
        return fz_batch_finish(e, err);
    fz_batch_forget(e);
    return s;
}

fz_status fz_engine_submit(struct fz_engine *e, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                           struct fz_error *err)
{
    fz_status s = FZ_E_EXISTS;

    fz_assert(!e->open && !e->flight);
    for (int i = 0; i < ATTEMPTS_MAX && s == FZ_E_EXISTS; i++)
        s = take_and_finish(e, orders, n, at_ms, arena, answers, err);
    if (s != FZ_OK)
        fail_answers(answers, n);
    return s == FZ_E_EXISTS ? fz_fail(err, FZ_E_BUSY, "others were quicker %d times", ATTEMPTS_MAX) : s;
}

/* ---- what the law has done ---- */

/* Everything that the law has done to one record. */
static fz_status tick_record(struct fz_engine *e, fz_str record, fz_day today, int64_t at_ms, uint64_t *io_n, struct fz_error *err)
{
    struct batch b = {.e = e, .at_ms = at_ms, .err = err};
    struct live *l;

    FZ_TRY(open_batch(e, err));
    b.p = e->open;
    b.out = &b.p->arena;
    b.at_ms = at_ms > b.p->end.at_ms ? at_ms : b.p->end.at_ms;
    FZ_TRY(fz_batch_live(&b, record, &l));
    /* What the law did first may start what it does next. */
    for (bool more = l->c != NULL; more;) {
        struct fz_step law = fz_case_due_by_law(&(fz_view){l->c, NULL, l->cal, today});
        struct fz_order o = {.record = record, .if_version = -1, .step = &law};
        struct fz_answer a = {0};

        if (law.action == FZ_NONE)
            break;
        FZ_TRY(fz_batch_do(&b, l, &o, NULL, &a));
        more = a.kind == FZ_A_DONE;
        *io_n += more;
    }
    fz_batch_leave(&b, l);
    return FZ_OK;
}

static fz_status take_due(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct fz_due *d = arg;

    (void)err;
    if (d->n == 0 || !fz_str_eq(d->items[d->n - 1], cells[FZ_DUE_RECORD].s))
        FZ_PUSH(d->arena, d, items, n, cap) = fz_str_copy(d->arena, cells[FZ_DUE_RECORD].s);
    return FZ_OK;
}

fz_status fz_due_records(struct fz_engine *e, fz_day today, struct fz_due *io_due, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_due, .index = -1, .prefix = prefix, .prefix_n = 1, .ranged = true, .low = FZ_CELL_OF_INT(FZ_DAY_MIN),
                           .high = FZ_CELL_OF_INT(today)};

    return fz_store_scan(reader_of(e), &scan, take_due, io_due, err);
}

fz_status fz_batch_tick_some(struct fz_engine *e, const struct fz_due *due, size_t from, fz_day today, int64_t at_ms, uint64_t *out_n, struct fz_error *err)
{
    fz_status s = FZ_OK;

    *out_n = 0;
    for (size_t i = from; i < due->n && i < from + FZ_TICK_RECORDS && s == FZ_OK; i++)
        s = tick_record(e, due->items[i], today, at_ms, out_n, err);
    return s;
}

/* A process that was quicker has moved one of the records: judged anew. */
static fz_status tick_alone(struct fz_engine *e, const struct fz_due *due, size_t from, fz_day today, int64_t at_ms, uint64_t *io_n, struct fz_error *err)
{
    fz_status s = FZ_E_EXISTS;
    uint64_t done = 0;

    for (int i = 0; i < ATTEMPTS_MAX && s == FZ_E_EXISTS; i++) {
        s = fz_batch_tick_some(e, due, from, today, at_ms, &done, err);
        if (s == FZ_OK)
            s = fz_batch_finish(e, err);
        else
            fz_batch_forget(e);
    }
    *io_n += s == FZ_OK ? done : 0;
    return s;
}

fz_status fz_engine_tick(struct fz_engine *e, fz_day today, int64_t at_ms, uint64_t *out_n, struct fz_error *err)
{
    struct fz_arena arena;
    struct fz_due due = {.arena = &arena};
    fz_status s;

    fz_arena_init(&arena);
    *out_n = 0;
    s = fz_due_records(e, today, &due, err);
    for (size_t i = 0; s == FZ_OK && i < due.n; i += FZ_TICK_RECORDS)
        s = tick_alone(e, &due, i, today, at_ms, out_n, err);
    fz_arena_release(&arena);
    return s;
}
