#include "report/choose.h"

struct choosing {
    const struct fz_choice *c;
    struct fz_chosen *out;
    struct fz_arena *arena;
    const struct fz_pack *pack; /* the version at hand */
    const struct fz_record *record;
    const struct fz_term *condition;
    struct fz_error *err;
};

static void choose(struct choosing *x, fz_str id)
{
    bool new;

    fz_names_number(&x->out->ids, x->arena, id, &new);
}

bool fz_is_chosen(void *chosen, fz_str record)
{
    return fz_names_has(&((struct fz_chosen *)chosen)->ids, record);
}

/* ---- in SQL ---- */

static fz_status take_record(void *arg, const fz_cell *cells, struct fz_error *err)
{
    (void)err;
    choose(arg, cells[0].s);
    return FZ_OK;
}

static fz_status choose_in_sql(struct choosing *x, bool *out_said)
{
    struct fz_sql q = {x->pack, x->record, x->c->day};
    fz_cell jurisdiction = FZ_CELL_OF(x->c->jurisdiction);
    struct fz_buf sql = {0};
    fz_status s = FZ_OK;

    *out_said = fz_sql_records(&q, x->condition, &sql, &x->out->no);
    if (*out_said)
        s = fz_store_query(x->c->store, fz_buf_str(&sql), &jurisdiction, 1, take_record, x, x->err);
    fz_buf_release(&sql);
    return s;
}

/* ---- in C ---- */

struct ids {
    struct choosing *x;
    fz_str *items;
    size_t n, cap;
};

static fz_status take_id(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct ids *ids = arg;
    const struct fz_pack *p = ids->x->pack;

    (void)err;
    if (fz_str_eq(cells[FZ_RECORD_PACK].s, p->name) && cells[FZ_RECORD_VERSION].n == p->version)
        FZ_PUSH(ids->x->arena, ids, items, n, cap) = fz_str_copy(ids->x->arena, cells[FZ_RECORD_ID].s);
    return FZ_OK;
}

static fz_status ask_record(struct choosing *x, fz_str id, struct fz_arena *scratch)
{
    struct fz_folded f;
    fz_view v;

    FZ_TRY(fz_engine_fold(x->c->engine, id, scratch, &f, x->err));
    v = (fz_view){f.c, NULL, f.cal, x->c->day};
    if (f.row && fz_term_holds(&v, x->condition))
        choose(x, id);
    return FZ_OK;
}

static fz_status choose_by_folds(struct choosing *x)
{
    fz_cell prefix[] = {FZ_CELL_OF(x->c->jurisdiction), FZ_CELL_OF(x->record->name)};
    struct fz_scan scan = {.table = &fz_table_record, .index = 0, .prefix = prefix, .prefix_n = 2};
    struct ids ids = {.x = x};
    struct fz_arena scratch;
    fz_status s;

    fz_arena_init(&scratch);
    s = fz_store_scan(x->c->store, &scan, take_id, &ids, x->err);
    for (size_t i = 0; i < ids.n && s == FZ_OK; i++) {
        fz_arena_reset(&scratch);
        s = ask_record(x, ids.items[i], &scratch);
    }
    fz_arena_release(&scratch);
    return s;
}

/* ---- each version ---- */

static fz_status choose_of_version(struct choosing *x)
{
    bool said = false;

    if (!x->c->by_folds && fz_store_has_query(x->c->store))
        FZ_TRY(choose_in_sql(x, &said));
    x->out->by_sql &= said;
    return said ? FZ_OK : choose_by_folds(x);
}

fz_status fz_choose(struct fz_chosen *out, const struct fz_choice *c, struct fz_arena *arena, struct fz_diags *diags, struct fz_error *err)
{
    struct choosing x = {.c = c, .out = out, .arena = arena, .err = err};
    const struct fz_expr *e = fz_expr_parse(arena, c->where, (fz_span){NULL, 1, 1, 1}, diags);
    fz_str type = c->versions[c->versions_n - 1]->records[c->record].name;

    *out = (struct fz_chosen){.by_sql = true};
    fz_names_init(&out->ids, arena);
    for (size_t i = 0; e && i < c->versions_n; i++) {
        int record = fz_record_find(c->versions[i], type);

        if (record == FZ_NONE)
            continue;
        x.pack = c->versions[i];
        x.record = &x.pack->records[record];
        x.condition = fz_term_make(arena, x.pack, x.record, e, (struct fz_want){.type = FZ_TYPE_FLAG}, diags);
        if (!x.condition)
            return fz_fail(err, FZ_E_USAGE, "`%.*s` is no condition on %.*s", FZ_STR_ARG(c->where), FZ_STR_ARG(type));
        FZ_TRY(choose_of_version(&x));
    }
    return e ? FZ_OK : fz_fail(err, FZ_E_USAGE, "`%.*s` is no expression", FZ_STR_ARG(c->where));
}
