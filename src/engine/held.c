/*
 * Keys of records in a stock (law: `key`): no two records of a type have one together. The law core sees one record; who else has the key is looked up here,
 * in the table `held` and among the records that batches on their way have moved. Those stay in memory until they are durable, so a record in memory says
 * itself what key it has, and its row is asked for no more.
 *
 * Several writers: a key is judged over a state of the log, and the batch commits only if the log still ends there; else everything is judged anew.
 */
#include "engine/engine_int.h"
#include "engine/wire.h"

fz_str fz_held_key(const struct live *l, const struct fz_step *step, struct fz_arena *arena)
{
    const struct fz_register_key *key = &l->kind->r->key;
    fz_view v = {l->c, step, l->cal, step ? step->on : l->changed};
    struct fz_buf b = {0};
    fz_str s = {0};

    if (key->fields.n == 0)
        return s;
    if (key->of_organ)
        fz_buf_printf(&b, "%.*s\n", FZ_STR_ARG(l->organ.n ? l->organ : FZ_STR(FZ_WIRE_NOBODY))); /* as its entries will say */
    if (fz_case_key(&v, &b))
        s = fz_str_copy(arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

static bool has_key(const struct live *l, fz_str key)
{
    struct fz_arena scratch;
    fz_str now;
    bool has;

    fz_arena_init_small(&scratch, 1024);
    now = fz_held_key(l, NULL, &scratch);
    has = now.p && fz_str_eq(now, key);
    fz_arena_release(&scratch);
    return has;
}

/* ---- in memory ---- */

static uint32_t hash_of(fz_str s)
{
    return (uint32_t)fz_hash_text(0, s);
}

static fz_str held_key(const void *owner, uint32_t at)
{
    return ((const struct pending *)owner)->held.items[at].key;
}

static bool same_type(const struct live *a, const struct live *b)
{
    return fz_str_eq(a->kind->r->name, b->kind->r->name) && fz_str_eq(a->kind->pack->name, b->kind->pack->name);
}

/* The index finds the latest record that got the key; those before it come behind, and few keys change hands within a batch. */
static const struct live *holder_in(const struct pending *p, const struct live *l, fz_str key)
{
    if (!p || fz_lookup_find(&p->by_held, hash_of(key), key, held_key, p) == FZ_LOOKUP_NONE)
        return NULL;
    for (size_t i = p->held.n; i-- > 0;) {
        const struct live *other = p->held.items[i].live;

        if (other != l && fz_str_eq(p->held.items[i].key, key) && same_type(other, l) && has_key(other, key))
            return other;
    }
    return NULL;
}

void fz_held_follow(struct fz_engine *e, struct live *l)
{
    struct pending *p = e->open;
    fz_str key = fz_held_key(l, NULL, &p->arena);

    if (!key.p)
        return;
    if (fz_lookup_find(&p->by_held, hash_of(key), key, held_key, p) == FZ_LOOKUP_NONE)
        fz_lookup_add(&p->by_held, &p->arena, hash_of(key), (uint32_t)p->held.n);
    FZ_PUSH(&p->arena, &p->held, items, n, cap) = (struct held_key){key, l};
}

/* ---- in the store ---- */

struct asking {
    struct fz_engine *e;
    const struct live *l;
    fz_str key;
    struct fz_arena *arena;
    fz_str other;
};

static fz_status take_holder(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct asking *a = arg;
    fz_str record = cells[FZ_HELD_RECORD].s;
    const struct live *live;

    (void)err;
    if (a->other.n || fz_str_eq(record, a->l->id))
        return FZ_OK;
    live = fz_lives_find(&a->e->lives, record);
    if (!live || !live->c || has_key(live, a->key))
        a->other = fz_str_copy(a->arena, record);
    return FZ_OK;
}

fz_status fz_held_by_other(struct fz_engine *e, const struct live *l, fz_str key, struct fz_arena *arena, fz_str *out_record, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(l->kind->pack->name), FZ_CELL_OF(l->kind->r->name), FZ_CELL_OF(key)};
    struct fz_scan scan = {.table = &fz_table_held, .index = -1, .prefix = prefix, .prefix_n = 4};
    const struct live *live = holder_in(e->open, l, key);
    struct asking a = {.e = e, .l = l, .key = key, .arena = arena};

    live = live ? live : holder_in(e->flight, l, key);
    if (live)
        a.other = fz_str_copy(arena, live->id);
    else
        FZ_TRY(fz_store_scan(reader_of(e), &scan, take_holder, &a, err));
    *out_record = a.other;
    return FZ_OK;
}

/* ---- judging ---- */

fz_status fz_held_decide(struct fz_engine *e, const struct live *l, const struct fz_step *s, bool observed, struct fz_arena *arena, struct fz_ruling *io, struct fz_error *err)
{
    fz_str key, other;

    /* Conditions bind people, not the law. */
    if (l->kind->r->key.fields.n == 0 || s->kind != FZ_DO || s->by_law || (io->refusing && !observed))
        return FZ_OK;
    key = fz_held_key(l, s, arena);
    if (!key.p || has_key(l, key))
        return FZ_OK;
    FZ_TRY(fz_held_by_other(e, l, key, arena, &other, err));
    if (other.n)
        fz_decide_key(l->c, s, other, arena, io);
    return FZ_OK;
}

/* ---- its row ---- */

static void held_row(struct fz_engine *e, const struct live *l, fz_str key, fz_write_kind kind, struct fz_arena *arena, struct writes *out)
{
    fz_cell *row = add_write(out, arena, kind, &fz_table_held);

    row[FZ_HELD_JURISDICTION] = FZ_CELL_OF(e->set.jurisdiction);
    row[FZ_HELD_PACK] = FZ_CELL_OF(l->kind->pack->name);
    row[FZ_HELD_TYPE] = FZ_CELL_OF(l->kind->r->name);
    row[FZ_HELD_KEY] = FZ_CELL_OF(fz_str_copy(arena, key));
    row[FZ_HELD_RECORD] = FZ_CELL_OF(l->id);
}

void fz_project_held(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out)
{
    fz_str key = fz_held_key(l, NULL, l->arena);

    if (l->held.p && key.p && fz_str_eq(l->held, key))
        return;
    if (l->held.p)
        held_row(e, l, l->held, FZ_REMOVE, arena, out);
    if (key.p)
        held_row(e, l, key, FZ_PUT, arena, out);
    l->held = key;
}
