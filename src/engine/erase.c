/*
 * Erasures as orders, writes and rows.
 *
 * Table `private` has a row for each commitment as long as the log lasts. Taken away, its salt and value are NULL. What is locked has the two in table
 * `locked` under the same key. Table `withheld` follows from the entries: a row for each item of an erasure that is locked or erased, so that a value
 * that is gone without an entry, or there against one, is found (fz_erase_check).
 */
#include "engine/erase.h"

#include "engine/engine_int.h"

bool fz_erases(const struct kind *k)
{
    return fz_str_is(k->pack->name, FZ_ERASE_PACK) && fz_str_is(k->r->name, FZ_ERASE_TYPE);
}

/* ---- items ---- */

fz_str fz_erase_item_text(struct fz_arena *arena, const struct fz_erase_item *i)
{
    return fz_str_printf(arena, "%lld %.*s", (long long)i->seq, FZ_STR_ARG(i->name));
}

static bool read_item(fz_str text, int64_t *out_seq, fz_str *out_name)
{
    const char *blank = text.n ? memchr(text.p, ' ', text.n) : NULL;

    if (!blank || !fz_str_int((fz_str){text.p, (size_t)(blank - text.p)}, out_seq))
        return false;
    *out_name = (fz_str){blank + 1, text.n - (size_t)(blank - text.p) - 1};
    return out_name->n > 0;
}

/* A value of an erasure, with the step in hand. */
static fz_value value_of(const struct live *l, const struct fz_step *s, const char *name)
{
    fz_view v = {l->c, s, l->cal, s ? s->on : l->changed};

    return fz_case_value(&v, fz_field_find(l->kind->r, fz_str_of(name)));
}

static fz_cell *keyed(fz_cell *cells, struct fz_engine *e, int64_t seq, fz_str name)
{
    cells[0] = FZ_CELL_OF(e->set.jurisdiction);
    cells[1] = FZ_CELL_OF_INT(seq);
    cells[2] = FZ_CELL_OF(name);
    return cells;
}

/* ---- how long it is kept ---- */

static fz_day later(fz_day a, fz_day b)
{
    return a == FZ_DAY_NONE || (b != FZ_DAY_NONE && b > a) ? b : a;
}

/* Until when its clocks keep a record. */
static fz_day kept_by_clocks(const struct fz_folded *f, fz_day today)
{
    fz_view v = {f->c, NULL, f->cal, today};
    fz_day until = FZ_DAY_NONE;

    for (int k = 0; k < (int)f->r->clocks_n; k++)
        for (size_t i = 0; f->r->clocks[k].kind == FZ_CK_RETENTION && i < fz_clock_instances(f->c, k); i++) {
            struct fz_clock_look look = fz_clock_look(&v, k, i);

            if (look.applies && look.started && look.stopped == FZ_DAY_NONE)
                until = later(until, look.due == FZ_DAY_NONE ? FZ_DAY_MAX : look.due);
        }
    return until;
}

/* Until when its own `keep` keeps a field. Words that are no length can be over for nobody. */
static fz_day kept_by_field(const struct fz_folded *f, const struct fz_field *field, bool *out_waits)
{
    struct fz_limit limit = {.from = (fz_day)f->row[FZ_RECORD_CHANGED].n, .no_roll = true};
    fz_due due;

    if (field->keep.n == 0 || fz_str_is(field->keep, "none"))
        return FZ_DAY_NONE;
    if (!fz_length_parse(field->keep, &limit.length))
        return FZ_DAY_MAX;
    *out_waits = !fz_case_ended(f->c);
    if (*out_waits || fz_limit_due(f->cal, &limit, &due, NULL) != FZ_OK)
        return FZ_DAY_MAX;
    return due.due;
}

/* Whether a personal value of that name is kept by what the field says: its own; that of parties for whom an act was for one of them; any for a reason. */
static bool is_kept_as(const struct fz_folded *f, fz_str name, int field)
{
    int at = fz_field_find(f->r, name);

    if (!f->r->fields[field].personal || (at != FZ_NONE && at != field))
        return false;
    return !fz_str_is(name, FZ_WIRE_MEMBER) || fz_wire_is_party(&f->r->fields[field]);
}

static void find_until(const struct fz_folded *f, fz_day today, struct fz_erase_item *i)
{
    i->until = kept_by_clocks(f, today);
    for (int k = 0; k < (int)f->r->fields_n; k++)
        if (is_kept_as(f, i->name, k))
            i->until = later(i->until, kept_by_field(f, &f->r->fields[k], &i->waits));
    if (i->until != FZ_DAY_NONE && i->until < today)
        i->until = FZ_DAY_NONE;
}

/* ---- the values of a record ---- */

static fz_status find_state(struct fz_engine *e, struct fz_arena *arena, struct fz_erase_item *i, struct fz_error *err)
{
    fz_cell key[3], *row;
    struct fz_entry entry;
    bool found;

    FZ_TRY(fz_store_get(reader_of(e), &fz_table_withheld, keyed(key, e, i->seq, i->name), arena, &row, &found, err));
    if (!found)
        return FZ_OK;
    i->state = row[FZ_WITHHELD_LOCKED].n ? FZ_LOCKED : FZ_ERASED;
    i->by = row[FZ_WITHHELD_RECORD].s;
    i->by_seq = row[FZ_WITHHELD_BY].n;
    key[1] = FZ_CELL_OF_INT(i->by_seq);
    FZ_TRY(fz_store_get(reader_of(e), &fz_table_entry, key, arena, &row, &found, err));
    if (!found || !fz_engine_decode(arena, row[FZ_ENTRY_BYTES].s, &entry))
        return fz_fail(err, FZ_E_INPUT, "entry %lld cannot be read; `fazhi verify` says more", (long long)i->by_seq);
    i->by_on = entry.on;
    return FZ_OK;
}

fz_status fz_erase_plan(struct fz_engine *e, fz_str record, fz_day today, struct fz_arena *arena,
                        struct fz_erase_plan *out, struct fz_error *err)
{
    struct fz_folded f;

    *out = (struct fz_erase_plan){0};
    FZ_TRY(fz_engine_fold(e, record, arena, &f, err));
    if (!f.row)
        return fz_fail(err, FZ_E_INPUT, "there is no record %.*s", FZ_STR_ARG(record));
    for (size_t i = 0; i < f.entries_n; i++)
        for (size_t c = 0; c < f.entries[i].commitments_n; c++) {
            struct fz_erase_item item = {.seq = f.entries[i].seq,
                                         .name = f.entries[i].commitments[c].name,
                                         .on = f.entries[i].on,
                                         .by_on = FZ_DAY_NONE};

            find_until(&f, today, &item);
            FZ_TRY(find_state(e, arena, &item, err));
            FZ_PUSH(arena, out, items, n, cap) = item;
        }
    return FZ_OK;
}

fz_status fz_erase_read(struct fz_engine *e, const struct fz_erase_item *i, struct fz_arena *arena, fz_str *out,
                        bool *out_found, struct fz_error *err)
{
    fz_cell key[3], *row;

    keyed(key, e, i->seq, i->name);
    FZ_TRY(fz_store_get(reader_of(e), i->state == FZ_LOCKED ? &fz_table_locked : &fz_table_private, key, arena, &row,
                        out_found, err));
    *out_found = *out_found && row[FZ_PRIVATE_VALUE].kind == FZ_CELL_BYTES;
    *out = *out_found ? row[FZ_PRIVATE_VALUE].s : (fz_str){0};
    return FZ_OK;
}

/* ---- what an order may ask ---- */

static const struct fz_erase_item *item_of(const struct fz_erase_plan *p, fz_str text)
{
    int64_t seq;
    fz_str name;

    if (!read_item(text, &seq, &name))
        return NULL;
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].seq == seq && fz_str_eq(p->items[i].name, name))
            return &p->items[i];
    return NULL;
}

static bool is_act(const struct live *l, const struct fz_step *s, const char *name)
{
    return s->kind == FZ_DO && fz_str_is(l->kind->r->actions[s->action].name, name);
}

static bool takes_away(const struct live *l, const struct fz_step *s)
{
    return is_act(l, s, FZ_ERASE_ERASE) || is_act(l, s, FZ_ERASE_EXPIRE) || is_act(l, s, FZ_ERASE_REAPPLY);
}

static bool locks_away(const struct live *l, const struct fz_step *s)
{
    return is_act(l, s, FZ_ERASE_LOCK) || is_act(l, s, FZ_ERASE_RELOCK);
}

static bool is_again(const struct live *l, const struct fz_step *s)
{
    return is_act(l, s, FZ_ERASE_REAPPLY) || is_act(l, s, FZ_ERASE_RELOCK);
}

/* Why one item may not be taken away so; NULL when it may. */
static const char *objection(const struct live *l, const struct fz_step *s, const struct fz_erase_item *i, bool zh)
{
    if (!i)
        return zh ? "该记录没有此项个人信息" : "the record has no such personal value";
    if (i->state == FZ_ERASED)
        return zh ? "已经删除" : "it was erased before";
    if (i->state == FZ_LOCKED && !fz_str_eq(i->by, l->id))
        return zh ? "已经封存" : "it was locked before";
    if (is_act(l, s, FZ_ERASE_ERASE) && i->until != FZ_DAY_NONE)
        return zh ? "保存期限未届满，只能封存" : "a term for which it is kept has not ended: it can be locked only";
    return NULL;
}

static bool holds_until(const struct live *l, const struct fz_step *s, const struct fz_erase_item *i)
{
    fz_value until = value_of(l, s, FZ_ERASE_UNTIL);

    return !is_act(l, s, FZ_ERASE_LOCK) || !until.set || (i->until != FZ_DAY_MAX && until.n >= i->until);
}

static bool no(struct fz_engine *e, struct fz_arena *arena, struct fz_answer *a, const char *why, fz_str what)
{
    a->kind = FZ_A_BAD;
    a->text = fz_str_printf(arena, "%s%s%.*s", why, e->set.lang == FZ_ZH ? "：" : ": ", FZ_STR_ARG(what));
    return false;
}

static fz_status judge_items(struct fz_engine *e, const struct live *l, const struct fz_step *s, struct fz_arena *arena,
                             struct fz_answer *a, bool *out_ok, struct fz_error *err)
{
    fz_value target = value_of(l, s, FZ_ERASE_TARGET), items = value_of(l, s, FZ_ERASE_ITEMS);
    bool zh = e->set.lang == FZ_ZH;
    struct fz_erase_plan plan;

    FZ_TRY(fz_erase_plan(e, target.text, s->on, arena, &plan, err));
    for (uint32_t i = 0; i < items.many && *out_ok; i++) {
        const struct fz_erase_item *item = item_of(&plan, items.items[i].text);
        const char *why = objection(l, s, item, zh);

        if (!why && !holds_until(l, s, item))
            why = zh ? "保存期限更长" : "it is kept for longer";
        if (why)
            *out_ok = no(e, arena, a, why, items.items[i].text);
    }
    return FZ_OK;
}

fz_status fz_erase_judge(struct fz_engine *e, const struct live *l, const struct fz_order *o, const struct fz_step *s,
                         struct fz_arena *arena, struct fz_answer *a, bool *out_ok, struct fz_error *err)
{
    bool zh = e->set.lang == FZ_ZH, again = is_again(l, s);

    *out_ok = true;
    if (s->by_law)
        return FZ_OK;
    if (o->observed != again || (again && (o->step || o->source.n == 0))) {
        *out_ok = no(e, arena, a, zh ? "不能这样记入删除" : "an erasure is not entered so",
                     l->kind->r->actions[s->action].name);
        return FZ_OK;
    }
    if (s->kind != FZ_DO || is_act(l, s, FZ_ERASE_READ) || !value_of(l, s, FZ_ERASE_TARGET).set)
        return FZ_OK; /* what is missing was a ground of fz_decide() */
    return judge_items(e, l, s, arena, a, out_ok, err);
}

/* ---- what an entry does to the values ---- */

static void add_row(struct writes *w, struct fz_arena *arena, fz_write_kind kind, const struct fz_table *t,
                    struct fz_engine *e, int64_t seq, fz_str name, const fz_cell *opening)
{
    fz_cell *row = keyed(add_write(w, arena, kind, t), e, seq, name);

    row[FZ_PRIVATE_SALT] = opening ? opening[FZ_PRIVATE_SALT] : FZ_CELL_UNSET;
    row[FZ_PRIVATE_VALUE] = opening ? opening[FZ_PRIVATE_VALUE] : FZ_CELL_UNSET;
}

static fz_status take_one(struct fz_engine *e, fz_str item, bool locks, struct fz_arena *arena, struct writes *out,
                          struct fz_error *err)
{
    fz_cell key[3], *row;
    int64_t seq;
    fz_str name;
    bool found;

    if (!read_item(item, &seq, &name))
        return FZ_OK;
    FZ_TRY(fz_store_get(reader_of(e), &fz_table_private, keyed(key, e, seq, name), arena, &row, &found, err));
    if (!found)
        return fz_fail(err, FZ_E_INPUT, "beside entry %lld there is no place for `%.*s`; `fazhi verify` says more",
                       (long long)seq, FZ_STR_ARG(name));
    add_row(out, arena, FZ_PUT, &fz_table_private, e, seq, name, NULL);
    if (!locks)
        add_row(out, arena, FZ_REMOVE, &fz_table_locked, e, seq, name, NULL);
    else if (row[FZ_PRIVATE_VALUE].kind == FZ_CELL_BYTES)
        add_row(out, arena, FZ_PUT, &fz_table_locked, e, seq, name, row);
    return FZ_OK;
}

fz_status fz_erase_follow(struct fz_engine *e, const struct live *l, const struct fz_step *s, struct fz_arena *arena,
                          struct writes *out, struct fz_error *err)
{
    fz_value items = value_of(l, s, FZ_ERASE_ITEMS);
    struct writes all = {0};

    if (!takes_away(l, s) && !locks_away(l, s))
        return FZ_OK;
    for (uint32_t i = 0; i < items.many; i++)
        FZ_TRY(take_one(e, items.items[i].text, locks_away(l, s), arena, &all, err));
    for (size_t i = 0; i < all.n; i++)
        FZ_PUSH(arena, out, items, n, cap) = all.items[i];
    e->forgets = true;
    return FZ_OK;
}

/* ---- rows ---- */

/* The act after which the values are as they are; NULL: they are still there. */
static const struct done *last_taking(const struct live *l)
{
    for (size_t i = l->done.n; i-- > 0;)
        if (takes_away(l, &l->done.items[i].step) || locks_away(l, &l->done.items[i].step))
            return &l->done.items[i];
    return NULL;
}

void fz_project_withheld(struct fz_engine *e, const struct live *l, struct fz_arena *arena, struct writes *out)
{
    const struct done *by = last_taking(l);
    fz_value items = value_of(l, NULL, FZ_ERASE_ITEMS);

    for (uint32_t i = 0; by && i < items.many; i++) {
        int64_t seq;
        fz_str name;
        fz_cell *row;

        if (!read_item(items.items[i].text, &seq, &name))
            continue;
        row = keyed(add_write(out, arena, FZ_PUT, &fz_table_withheld), e, seq, name);
        row[FZ_WITHHELD_RECORD] = FZ_CELL_OF(l->id);
        row[FZ_WITHHELD_BY] = FZ_CELL_OF_INT(by->seq);
        row[FZ_WITHHELD_LOCKED] = FZ_CELL_OF_INT(locks_away(l, &by->step));
    }
}

/* ---- verifying ---- */

fz_status fz_erase_accounts_for(struct fz_engine *e, struct fz_store *from, int64_t seq, fz_str name,
                                struct fz_arena *arena, bool *out_does, struct fz_error *err)
{
    fz_cell key[3], *row;

    return fz_store_get(from, &fz_table_withheld, keyed(key, e, seq, name), arena, &row, out_does, err);
}

struct looks {
    struct fz_engine *e;
    struct fz_arena arena;
    fz_erase_say *say;
    void *arg;
    uint64_t locked;
};

static bool opens(struct looks *k, const fz_cell *locked, const struct fz_entry *entry, fz_str name)
{
    for (size_t i = 0; i < entry->commitments_n; i++)
        if (fz_str_eq(entry->commitments[i].name, name) && locked[FZ_PRIVATE_SALT].s.n == FZ_SALT_BYTES &&
            locked[FZ_PRIVATE_VALUE].kind == FZ_CELL_BYTES) {
            fz_salt salt;
            fz_hash got;

            memcpy(salt.bytes, locked[FZ_PRIVATE_SALT].s.p, FZ_SALT_BYTES);
            got = fz_commit_field(k->e->set.hasher, &salt, name, locked[FZ_PRIVATE_VALUE].s);
            return fz_hash_eq(&got, &entry->commitments[i].hash);
        }
    return false;
}

static fz_status check_locked(struct looks *k, int64_t seq, fz_str name, struct fz_error *err)
{
    fz_cell key[3], *row, *of;
    struct fz_entry entry;
    bool found;

    FZ_TRY(fz_store_get(k->e->set.store, &fz_table_locked, keyed(key, k->e, seq, name), &k->arena, &row, &found, err));
    if (!found) {
        k->say(k->arg, seq, "locked", "`%.*s` is locked, and is not there", FZ_STR_ARG(name));
        return FZ_OK;
    }
    k->locked++;
    FZ_TRY(fz_store_get(k->e->set.store, &fz_table_entry, key, &k->arena, &of, &found, err));
    if (!found || !fz_engine_decode(&k->arena, of[FZ_ENTRY_BYTES].s, &entry) || !opens(k, row, &entry, name))
        k->say(k->arg, seq, "locked", "`%.*s` is not what the entry committed to", FZ_STR_ARG(name));
    return FZ_OK;
}

static fz_status check_withheld(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct looks *k = arg;
    int64_t seq = cells[FZ_WITHHELD_SEQ].n;
    fz_str name = cells[FZ_WITHHELD_NAME].s;
    fz_cell key[3], *row;
    bool found;

    fz_arena_reset(&k->arena);
    FZ_TRY(fz_store_get(k->e->set.store, &fz_table_private, keyed(key, k->e, seq, name), &k->arena, &row, &found, err));
    if (found && (row[FZ_PRIVATE_VALUE].kind == FZ_CELL_BYTES || row[FZ_PRIVATE_SALT].kind == FZ_CELL_BYTES))
        k->say(k->arg, seq, "private", "`%.*s` is there, and entry %lld took it away", FZ_STR_ARG(name),
               (long long)cells[FZ_WITHHELD_BY].n);
    return cells[FZ_WITHHELD_LOCKED].n ? check_locked(k, seq, name, err) : FZ_OK;
}

fz_status fz_erase_check(struct fz_engine *e, fz_erase_say *say, void *arg, struct fz_error *err)
{
    struct looks k = {.e = e, .say = say, .arg = arg};
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_withheld, .index = -1, .prefix = prefix, .prefix_n = 1};
    uint64_t n;
    fz_status s;

    fz_arena_init(&k.arena);
    s = fz_store_scan(e->set.store, &scan, check_withheld, &k, err);
    scan.table = &fz_table_locked;
    if (s == FZ_OK)
        s = fz_store_count(e->set.store, &scan, &n, err);
    if (s == FZ_OK && n > k.locked)
        say(arg, 0, "locked", "%llu values are locked that no entry locked", (unsigned long long)(n - k.locked));
    fz_arena_release(&k.arena);
    return s;
}
