#include "engine/directory.h"

/* ---- a record's row ---- */

static fz_str *texts_of(fz_value set, struct fz_arena *arena)
{
    fz_str *texts = FZ_NEW_ARRAY(arena, fz_str, set.many);

    for (uint32_t i = 0; i < set.many; i++)
        texts[i] = set.items[i].text;
    return texts;
}

static void take_part(const struct fz_field *f, fz_value v, int part, struct fz_arena *arena, struct fz_directory_row *out)
{
    if (part == FZ_DP_SUCCESSORS) {
        out->successors = texts_of(v, arena);
        out->successors_n = v.many;
    } else if (part == FZ_DP_FROM) {
        out->from = (fz_day)v.n;
    } else if (part == FZ_DP_UNTIL) {
        out->until = (fz_day)v.n;
    } else {
        out->text[part] = f->type == FZ_TYPE_CHOICE ? f->choices.names[v.n] : v.text;
    }
}

static bool is_empty(const struct fz_directory_row *row, int part)
{
    return part < FZ_DIRECTORY_TEXTS && part != FZ_DP_SUCCESSORS && row->text[part].n == 0;
}

bool fz_directory_row_of(const struct live *l, struct fz_arena *arena, struct fz_directory_row *out)
{
    const struct fz_record *r = l->kind->r;
    fz_view view = {l->c, NULL, l->cal, l->changed};
    unsigned needs;

    if (r->feeds.kind == FZ_NONE || fz_case_stage(l->c) == FZ_NONE) /* begun by nothing that stands: all was annulled */
        return false;
    *out = (struct fz_directory_row){.kind = (fz_directory_kind)r->feeds.kind, .record = l->id, .from = FZ_DAY_NONE, .until = FZ_DAY_NONE};
    needs = fz_directory_forms[out->kind].needs;
    for (int p = 0; p < FZ_DIRECTORY_PARTS_N; p++) {
        int field = r->feeds.fields[p];
        fz_value v = field == FZ_NONE ? FZ_UNSET : fz_case_value(&view, field);

        if (v.set)
            take_part(&r->fields[field], v, p, arena, out);
        if ((needs >> p & 1) && (!v.set || is_empty(out, p)))
            return false;
    }
    return true;
}

bool fz_directory_lists(const struct live *l)
{
    struct fz_directory_row row;
    struct fz_arena scratch;
    bool lists;

    if (l->kind->r->feeds.kind == FZ_NONE)
        return false;
    fz_arena_init_small(&scratch, 1024);
    lists = fz_directory_row_of(l, &scratch, &row);
    fz_arena_release(&scratch);
    return lists;
}

/* ---- in the table ---- */

static fz_cell list_cell(const fz_str *texts, size_t n, struct fz_arena *arena)
{
    fz_entry_value *items = FZ_NEW_ARRAY(arena, fz_entry_value, n), list = {.kind = FZ_VALUE_LIST, .items = items, .items_n = n};
    struct fz_buf b = {0};
    fz_cell cell;

    if (n == 0)
        return FZ_CELL_UNSET;
    for (size_t i = 0; i < n; i++)
        items[i] = (fz_entry_value){.kind = FZ_VALUE_TEXT, .text = texts[i]};
    fz_entry_value_emit(&b, &list);
    cell = FZ_CELL_OF(fz_str_copy(arena, fz_buf_str(&b)));
    fz_buf_release(&b);
    return cell;
}

static fz_cell day_cell(fz_day d)
{
    return d == FZ_DAY_NONE ? FZ_CELL_UNSET : FZ_CELL_OF_INT(d);
}

static void fill_cells(const struct fz_directory_row *row, struct fz_arena *arena, fz_cell *cells)
{
    cells[FZ_DIRECTORY_KIND] = FZ_CELL_OF(fz_str_of(fz_directory_forms[row->kind].word));
    for (int p = 0; p < FZ_DIRECTORY_TEXTS; p++)
        cells[FZ_DIRECTORY_PART + p] = row->text[p].n ? FZ_CELL_OF(fz_str_copy(arena, row->text[p])) : FZ_CELL_UNSET;
    cells[FZ_DIRECTORY_PART + FZ_DP_SUCCESSORS] = list_cell(row->successors, row->successors_n, arena);
    cells[FZ_DIRECTORY_PART + FZ_DP_FROM] = day_cell(row->from);
    cells[FZ_DIRECTORY_PART + FZ_DP_UNTIL] = day_cell(row->until);
}

void fz_project_directory(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out)
{
    struct fz_directory_row row;
    bool gives = fz_directory_row_of(l, arena, &row);
    fz_cell *cells;

    if (!gives && !l->listed)
        return;
    cells = add_write(out, arena, gives ? FZ_PUT : FZ_REMOVE, &fz_table_directory);
    cells[FZ_DIRECTORY_JURISDICTION] = FZ_CELL_OF(e->set.jurisdiction);
    cells[FZ_DIRECTORY_RECORD] = FZ_CELL_OF(l->id);
    if (gives)
        fill_cells(&row, arena, cells);
    l->listed = gives;
}

/* ---- in memory ---- */

static fz_str text_in(const fz_cell *cells, int column)
{
    return cells[column].kind == FZ_CELL_BYTES ? cells[column].s : (fz_str){0};
}

static fz_day day_in(const fz_cell *cells, int column)
{
    return cells[column].kind == FZ_CELL_INT ? (fz_day)cells[column].n : FZ_DAY_NONE;
}

static bool kind_in(fz_str word, fz_directory_kind *out)
{
    for (int k = 0; k < FZ_DIRECTORY_KINDS_N; k++)
        if (fz_str_is(word, fz_directory_forms[k].word)) {
            *out = (fz_directory_kind)k;
            return true;
        }
    return false;
}

static bool read_successors(fz_str text, struct fz_arena *arena, struct fz_directory_row *out)
{
    fz_entry_value list;
    fz_str *texts;

    if (text.n == 0)
        return true;
    if (!fz_entry_value_read(arena, text, &list) || list.kind != FZ_VALUE_LIST)
        return false;
    texts = FZ_NEW_ARRAY(arena, fz_str, list.items_n);
    for (size_t i = 0; i < list.items_n; i++)
        texts[i] = list.items[i].text;
    out->successors = texts;
    out->successors_n = list.items_n;
    return true;
}

static bool read_row(const fz_cell *cells, struct fz_arena *arena, struct fz_directory_row *out)
{
    *out = (struct fz_directory_row){.record = cells[FZ_DIRECTORY_RECORD].s, .from = day_in(cells, FZ_DIRECTORY_PART + FZ_DP_FROM),
                                     .until = day_in(cells, FZ_DIRECTORY_PART + FZ_DP_UNTIL)};
    for (int p = 0; p < FZ_DIRECTORY_TEXTS; p++)
        if (p != FZ_DP_SUCCESSORS)
            out->text[p] = text_in(cells, FZ_DIRECTORY_PART + p);
    if (!kind_in(text_in(cells, FZ_DIRECTORY_KIND), &out->kind))
        return false;
    for (int p = 0; p < FZ_DIRECTORY_PARTS_N; p++)
        if ((fz_directory_forms[out->kind].needs >> p & 1) && cells[FZ_DIRECTORY_PART + p].kind == FZ_CELL_NULL)
            return false;
    return read_successors(text_in(cells, FZ_DIRECTORY_PART + FZ_DP_SUCCESSORS), arena, out);
}

struct loading {
    struct fz_directory *directory;
    struct fz_arena scratch;
};

static fz_status take_row(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct loading *g = arg;
    struct fz_directory_row row;

    fz_arena_reset(&g->scratch);
    if (!read_row(cells, &g->scratch, &row))
        return fz_fail(err, FZ_E_INPUT, "the directory has a row of %.*s that cannot be read; `fazhi rebuild` makes it anew", FZ_STR_ARG(cells[FZ_DIRECTORY_RECORD].s));
    fz_directory_put(g->directory, &row);
    return FZ_OK;
}

fz_status fz_rights_load(struct fz_engine *e, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_directory, .index = -1, .prefix = prefix, .prefix_n = 1};
    struct loading g = {.directory = e->directory};
    fz_status s;

    if (e->directory_known)
        return FZ_OK;
    if (!e->directory)
        g.directory = e->directory = fz_directory_new();
    fz_directory_clear(e->directory);
    fz_arena_init(&g.scratch);
    s = fz_store_scan(reader_of(e), &scan, take_row, &g, err);
    fz_arena_release(&g.scratch);
    e->directory_known = s == FZ_OK;
    return s;
}

void fz_rights_forget(struct fz_engine *e)
{
    e->directory_known = false;
}

void fz_rights_follow(struct fz_engine *e, const struct live *l)
{
    struct fz_directory_row row;
    struct fz_arena scratch;

    if (l->kind->r->feeds.kind == FZ_NONE)
        return;
    fz_assert(e->directory_known);
    fz_arena_init_small(&scratch, 1024);
    if (fz_directory_row_of(l, &scratch, &row))
        fz_directory_put(e->directory, &row);
    else
        fz_directory_remove(e->directory, l->id);
    fz_arena_release(&scratch);
}

/* ---- judging ---- */

/* The day in China Standard Time (北京时间). */
static fz_day day_of(int64_t at_ms)
{
    return (fz_day)((at_ms + INT64_C(8) * 3600 * 1000) / (INT64_C(24) * 3600 * 1000));
}

void fz_rights_decide(struct fz_engine *e, const struct live *l, const struct fz_step *s, const struct fz_order *o, int64_t at_ms, struct fz_arena *arena,
                      struct fz_ruling *out)
{
    struct fz_rights rights = {.directory = e->directory, .record = l->id, .organ = l->organ, .acting = o->organ, .entered = day_of(at_ms)};

    fz_assert(e->directory_known);
    fz_decide_by(l->c, s, l->cal, o->observed, &rights, arena, out);
}

static struct fz_directory_scope scope_of(const struct fz_pack *p, const struct fz_record *r)
{
    return (struct fz_directory_scope){p->name, r->name, r->feeds.kind != FZ_NONE};
}

const fz_str *fz_rights_correct(struct fz_engine *e, const struct live *l, const struct fz_order *o, int64_t at_ms)
{
    struct fz_directory_scope scope = scope_of(l->kind->pack, l->kind->r);
    fz_day day = day_of(at_ms);

    fz_assert(e->directory_known);
    if (!fz_directory_has_begun(e->directory, l->organ, &scope, day))
        return NULL;
    if (!fz_directory_serves(e->directory, o->actor, l->organ, &scope, day))
        return &o->actor;
    return fz_directory_serves(e->directory, o->approver, l->organ, &scope, day) ? NULL : &o->approver;
}

size_t fz_right_values(const struct fz_right *r, struct fz_arena *arena, fz_entry_field *out)
{
    fz_entry_value *items = FZ_NEW_ARRAY(arena, fz_entry_value, r->by_n);
    size_t n = 0;

    if (r->how != FZ_RIGHT_JUDGED)
        return 0;
    for (size_t i = 0; i < r->by_n; i++)
        items[i] = (fz_entry_value){.kind = FZ_VALUE_TEXT, .text = r->by[i]};
    out[n++] = (fz_entry_field){FZ_STR(FZ_WIRE_RIGHT), {.kind = FZ_VALUE_LIST, .items = items, .items_n = r->by_n}};
    if (r->in_name_of.n)
        out[n++] = (fz_entry_field){FZ_STR(FZ_WIRE_NAME), {.kind = FZ_VALUE_TEXT, .text = r->in_name_of}};
    return n;
}

fz_status fz_engine_rights_begun(struct fz_engine *e, const struct fz_folded *f, fz_day on, bool *out, struct fz_error *err)
{
    struct fz_directory_scope scope = scope_of(f->pack, f->r);

    FZ_TRY(fz_rights_load(e, err));
    *out = fz_directory_has_begun(e->directory, f->row[FZ_RECORD_ORGAN].s, &scope, on);
    return FZ_OK;
}
