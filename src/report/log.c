/*
 * From files to rows. Which source of the map a file belongs to is told by its columns, of XES by its first event. A CSV record is a row as it
 * is; an event of XES is laid out as one, a cell for each name that its source knows. The uses of the source then read the cells,
 * one after the other, and the row goes to report/gather.c: a row is looked at whole before anything of it is kept.
 */
#include "report/log.h"

#include "io/csv.h"
#include "io/xes.h"
#include "report/cell.h"
#include "report/gather.h"
#include "base/lookup.h"

struct reader {
    const struct fz_map *m;
    const bool *keep;
    fz_language lang;
    struct fz_arena *arena;  /* of the log */
    struct fz_arena scratch; /* until all files are read */
    struct fz_log *log;
    struct fz_gather *gather;
};

/* One use, at one cell of the rows in hand. */
struct placed_use {
    const struct fz_map_use *use;
    uint32_t cell;
    bool keep;
    bool unread; /* a text that nobody keeps: any text is one */
};

/* The file in hand. */
struct table {
    struct reader *r;
    const char *name;
    const struct fz_map_source *source;
    uint16_t file, source_no;
    struct placed_use *uses;
    size_t uses_n;
    size_t cells_n;
    struct fz_row row; /* its arrays have room for all that the uses can find */
};

#define REFUSE(t, ...) fz_gather_refuse((t)->r->gather, (t)->file, (t)->row.line, __VA_ARGS__)

static bool zh(const struct table *t)
{
    return t->r->lang == FZ_ZH;
}

/* ---- from cells to a row ---- */

static void refuse_cell(const struct table *t, const struct fz_map_use *use, fz_str cell,
                        const struct fz_cell_fault *fault)
{
    REFUSE(t, "column `%.*s`: `%.*s` %s", "“%.*s”列：“%.*s”%s", FZ_STR_ARG(fz_cell_shown(use->column)),
           FZ_STR_ARG(fz_cell_shown(cell)), zh(t) ? fault->zh : fault->en);
}

/* Up to the next ; or ；, which is taken off with it. */
static fz_str take_item(fz_str *s)
{
    static const char wide[] = "；";
    size_t n = 0, mark = 0;

    for (; n < s->n && !mark; n += mark ? 0 : 1)
        mark = s->p[n] == ';' ? 1 : s->n - n >= 3 && memcmp(s->p + n, wide, 3) == 0 ? 3 : 0;
    *s = (fz_str){s->p + n + mark, s->n - n - mark};
    return fz_str_trim((fz_str){s->p - n - mark, n});
}

/* A set: its items between semicolons. */
static const struct fz_cell_fault *read_set(const struct table *t, const struct placed_use *u, fz_str cell,
                                            fz_value *out)
{
    struct {
        fz_value *items;
        size_t n, cap;
    } set = {0};

    while (cell.n) {
        fz_str item = take_item(&cell);
        fz_value v = FZ_UNSET;
        const struct fz_cell_fault *fault = item.n ? fz_cell_value(u->use, t->r->m->currency, item, &v) : NULL;

        if (fault)
            return fault;
        if (v.set && u->keep)
            FZ_PUSH(t->r->arena, &set, items, n, cap) = v;
    }
    *out = (fz_value){.set = set.n != 0, .many = (uint32_t)set.n, .items = set.items};
    return NULL;
}

static const struct fz_cell_fault *read_field(const struct table *t, const struct placed_use *u, fz_str cell,
                                              struct fz_row *row)
{
    fz_value v;
    const struct fz_cell_fault *fault;

    if (u->unread)
        return NULL;
    fault = u->use->field->many ? read_set(t, u, cell, &v) : fz_cell_value(u->use, t->r->m->currency, cell, &v);
    if (fault || !v.set || !u->keep)
        return fault;
    if (u->use->of_trace || !t->source->of_events)
        row->own[row->own_n++] = (struct fz_row_value){u->use, v};
    else
        row->values[row->values_n++] = (struct fz_row_value){u->use, v};
    return NULL;
}

static const struct fz_cell_fault *read_cell(const struct table *t, const struct placed_use *u, fz_str cell,
                                             struct fz_row *row)
{
    struct fz_row_act *a;
    const struct fz_cell_fault *fault;

    switch (u->use->role) {
    case FZ_USE_CASE:
        row->id = cell;
        return NULL;
    case FZ_USE_ACTION:
        row->word = cell;
        return NULL;
    case FZ_USE_ON:
        fault = fz_cell_time(cell, &row->day, &row->minute);
        row->has_day = !fault;
        return fault;
    case FZ_USE_ACTOR:
        row->actor = cell;
        return NULL;
    case FZ_USE_ORGAN:
        row->organ = cell;
        return NULL;
    case FZ_USE_ACT:
        a = &row->acts[row->acts_n];
        fault = fz_cell_time(cell, &a->day, &a->minute);
        a->use = u->use;
        row->acts_n += !fault;
        return fault;
    case FZ_USE_FIELD:
        return read_field(t, u, cell, row);
    case FZ_USE_IGNORE:
        break;
    }
    return NULL;
}

static void clear_row(struct table *t, uint32_t line)
{
    t->row = (struct fz_row){.file = t->file,
                             .source_no = t->source_no,
                             .line = line,
                             .hash = t->source_no,
                             .values = t->row.values,
                             .own = t->row.own,
                             .acts = t->row.acts};
}

/* Empty cells are unset, and so are blank ones where anything but a text belongs. False when the row was refused. */
static bool read_cells(struct table *t, const fz_str *cells)
{
    struct fz_row *row = &t->row;

    for (size_t i = 0; i < t->uses_n; i++) {
        const struct placed_use *u = &t->uses[i];
        fz_str cell = cells[u->cell];
        const struct fz_cell_fault *fault;

        if (cell.n == 0)
            continue;
        fault = read_cell(t, u, cell, row);
        if (fault && fz_str_trim(cell).n) {
            refuse_cell(t, u->use, cell, fault);
            return false;
        }
        if (u->use->role == FZ_USE_CASE)
            continue;
        if (u->use->of_trace && t->source->of_events)
            row->own_hash = fz_hash_text(row->own_hash + i + 1, cell) | 1;
        else
            row->hash = fz_hash_text(row->hash + i + 1, cell);
    }
    return true;
}

static const struct fz_map_use *use_of(const struct table *t, fz_map_role role)
{
    for (size_t i = 0; i < t->uses_n; i++)
        if (t->uses[i].use->role == role)
            return t->uses[i].use;
    return NULL;
}

/* A cell that a row cannot do without. */
static bool has_cell(const struct table *t, bool there, fz_map_role role)
{
    static const struct fz_cell_fault missing[] = {[FZ_USE_CASE] = {"no case", "没有案件标识"},
                                                   [FZ_USE_ACTION] = {"no activity", "没有活动"},
                                                   [FZ_USE_ON] = {"no day", "没有日期"}};

    if (!there)
        REFUSE(t, "column `%.*s`: %s", "“%.*s”列：%s", FZ_STR_ARG(fz_cell_shown(use_of(t, role)->column)),
               zh(t) ? missing[role].zh : missing[role].en);
    return there;
}

static fz_status take_row(struct table *t, const fz_str *cells, bool bare, struct fz_error *err)
{
    struct fz_row *row = &t->row;

    if (!read_cells(t, cells) || !has_cell(t, row->id.n != 0, FZ_USE_CASE))
        return FZ_OK;
    if (bare)
        return fz_gather_bare(t->r->gather, row, err);
    if (!t->source->of_events)
        return fz_gather_case(t->r->gather, row, err);
    if (!has_cell(t, row->word.n != 0, FZ_USE_ACTION) || !has_cell(t, row->has_day, FZ_USE_ON))
        return FZ_OK;
    return fz_gather_event(t->r->gather, row, err);
}

static fz_status begin_row(struct table *t, uint64_t line, struct fz_error *err)
{
    if (line > UINT32_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, zh(t) ? "%s：行数过多" : "%s: too many lines", t->name);
    clear_row(t, (uint32_t)line);
    return FZ_OK;
}

static void begin_table(struct table *t, size_t source_no)
{
    struct fz_arena *scratch = &t->r->scratch;
    const struct fz_map_source *s = &t->r->m->sources[source_no];

    t->source = s;
    t->source_no = (uint16_t)source_no;
    t->uses = FZ_NEW_ARRAY(scratch, struct placed_use, s->uses_n);
    t->row.values = FZ_NEW_ARRAY(scratch, struct fz_row_value, s->uses_n);
    t->row.own = FZ_NEW_ARRAY(scratch, struct fz_row_value, s->uses_n);
    t->row.acts = FZ_NEW_ARRAY(scratch, struct fz_row_act, s->uses_n);
    t->r->log->files[t->file].source = s->name;
}

static void place_use(struct table *t, const struct fz_map_use *use, size_t cell)
{
    bool keep =
        use->role == FZ_USE_FIELD && t->r->keep && (size_t)use->id < t->r->m->record->fields_n && t->r->keep[use->id];

    if (use->role != FZ_USE_IGNORE)
        t->uses[t->uses_n++] =
            (struct placed_use){use, (uint32_t)cell, keep, use->field && use->field->type == FZ_TYPE_TEXT && !keep};
}

/* ---- CSV ---- */

/* The first use of a column; uses_n when there is none. */
static size_t first_use(const struct fz_map_source *s, fz_str column)
{
    size_t i = 0;

    while (i < s->uses_n && !fz_str_eq(s->uses[i].column, column))
        i++;
    return i;
}

struct name_list {
    struct fz_buf text;
    size_t n;
};

static void add_name(struct name_list *l, fz_str name)
{
    fz_buf_printf(&l->text, "%s`%.*s`", l->n++ ? ", " : "", FZ_STR_ARG(fz_cell_shown(name)));
}

/* What keeps the columns of a file from being those of a source, behind `out`; false when nothing does. */
static bool misfit(const struct reader *r, const struct fz_map_source *s, struct fz_csv *csv, struct fz_buf *out)
{
    struct name_list unknown = {0}, missing = {0};
    size_t n, at;
    const fz_str *header = fz_csv_header(csv, &n);

    for (size_t i = 0; i < n; i++)
        if (first_use(s, header[i]) == s->uses_n)
            add_name(&unknown, header[i]);
    for (size_t i = 0; i < s->uses_n; i++)
        if (s->uses[i].role != FZ_USE_IGNORE && first_use(s, s->uses[i].column) == i &&
            !fz_csv_column(csv, s->uses[i].column, &at))
            add_name(&missing, s->uses[i].column);
    fz_buf_printf(out, r->lang == FZ_ZH ? "；来源“%.*s”" : "; source `%.*s`:", FZ_STR_ARG(s->name));
    if (unknown.n)
        fz_buf_printf(out, r->lang == FZ_ZH ? "没有列%s" : " does not know %s", unknown.text.p);
    if (missing.n)
        fz_buf_printf(out, r->lang == FZ_ZH ? "%s缺少列%s" : "%s misses %s",
                      unknown.n ? (r->lang == FZ_ZH ? "，" : ",") : "", missing.text.p);
    fz_buf_release(&unknown.text);
    fz_buf_release(&missing.text);
    return unknown.n || missing.n;
}

static fz_status no_source(const struct table *t, unsigned long long line, struct fz_buf *why, struct fz_error *err)
{
    fz_cell_disarm(why);
    return fz_fail(err, FZ_E_INPUT, zh(t) ? "%s:%llu：没有合适的来源%.*s" : "%s:%llu: no source of the map fits%.*s",
                   t->name, line, (int)why->n, why->p);
}

static fz_status two_sources(const struct table *t, unsigned long long line, const struct fz_map_source *a,
                             const struct fz_map_source *b, struct fz_error *err)
{
    return fz_fail(err, FZ_E_INPUT,
                   zh(t) ? "%s:%llu：来源“%.*s”和“%.*s”都合适" : "%s:%llu: the sources `%.*s` and `%.*s` both fit",
                   t->name, line, FZ_STR_ARG(a->name), FZ_STR_ARG(b->name));
}

static fz_status each_column_once(const struct table *t, struct fz_csv *csv, struct fz_error *err)
{
    size_t n, at;
    const fz_str *header = fz_csv_header(csv, &n);

    for (size_t i = 0; i < n; i++)
        if (fz_csv_column(csv, header[i], &at) && at != i)
            return fz_fail(err, FZ_E_INPUT,
                           zh(t) ? "%s:%llu：列“%.*s”出现两次" : "%s:%llu: the column `%.*s` stands twice", t->name,
                           (unsigned long long)fz_csv_line(csv), FZ_STR_ARG(fz_cell_shown(header[i])));
    return FZ_OK;
}

/* The one source whose columns these are. */
static fz_status choose_by_header(struct table *t, struct fz_csv *csv, struct fz_error *err)
{
    const struct fz_map *m = t->r->m;
    struct fz_buf why = {0};
    size_t found = m->sources_n;
    fz_status s = each_column_once(t, csv, err);

    for (size_t i = 0; s == FZ_OK && i < m->sources_n; i++) {
        if (misfit(t->r, &m->sources[i], csv, &why))
            continue;
        if (found < m->sources_n)
            s = two_sources(t, fz_csv_line(csv), &m->sources[found], &m->sources[i], err);
        found = i;
    }
    if (s == FZ_OK && found == m->sources_n)
        s = no_source(t, fz_csv_line(csv), &why, err);
    fz_buf_release(&why);
    if (s == FZ_OK)
        begin_table(t, found);
    return s;
}

static void place_columns(struct table *t, struct fz_csv *csv)
{
    for (size_t i = 0; i < t->source->uses_n; i++) {
        size_t at = 0;

        if (fz_csv_column(csv, t->source->uses[i].column, &at))
            place_use(t, &t->source->uses[i], at);
    }
    (void)fz_csv_header(csv, &t->cells_n);
}

/* Bytes of an input have no line of their own; the reader above knows how far it came. */
static fz_status with_line(const struct table *t, uint64_t line, fz_status s, struct fz_error *err)
{
    const char *name = t->name;
    size_t n = strlen(name);
    struct fz_error below;

    if (s == FZ_OK || !err || strncmp(err->text, name, n) != 0 || err->text[n] != ':' || err->text[n + 1] != ' ')
        return s;
    below = *err;
    return fz_fail(err, s, "%s:%llu: %s", name, (unsigned long long)line, below.text + n + 2);
}

static fz_status read_rows(struct table *t, struct fz_csv *csv, struct fz_error *err)
{
    fz_str *cells;
    size_t n;
    fz_status s;

    for (bool end = false;;) {
        s = fz_csv_next(csv, &cells, &n, &end, err);
        if (s != FZ_OK)
            return with_line(t, fz_csv_line(csv), s, err);
        if (end)
            return FZ_OK;
        t->r->log->files[t->file].rows++;
        FZ_TRY(begin_row(t, fz_csv_line(csv), err));
        if (n == t->cells_n)
            FZ_TRY(take_row(t, cells, false, err));
        else
            REFUSE(t, "it has %zu cells, the header %zu", "有%zu个单元格，而表头有%zu个", n, t->cells_n);
    }
}

static fz_status read_csv(struct table *t, struct fz_input *in, struct fz_error *err)
{
    struct fz_csv *csv;
    fz_status s = with_line(t, 1, fz_csv_open(&csv, in, 0, err), err);

    if (s != FZ_OK)
        return s;
    s = choose_by_header(t, csv, err);
    if (s == FZ_OK) {
        place_columns(t, csv);
        s = read_rows(t, csv, err);
    }
    fz_csv_close(csv);
    return s;
}

/* ---- XES ---- */

/* The names that a source knows, as cells of a row. */
struct names {
    struct name {
        fz_str key; /* without `case:` */
        bool of_trace, given;
    } * items;
    size_t n;
    struct fz_lookup of_events, of_traces;
    fz_str *cells;
};

static fz_str text_of_name(const void *owner, uint32_t at)
{
    return ((const struct names *)owner)->items[at].key;
}

static uint32_t name_find(const struct names *names, bool of_trace, fz_str key)
{
    return fz_lookup_find(of_trace ? &names->of_traces : &names->of_events, (uint32_t)fz_hash_text(0, key), key,
                         text_of_name, names);
}

/* The cell of a use's name, made when it is new. */
static uint32_t name_add(struct fz_arena *arena, struct names *names, const struct fz_map_use *use)
{
    size_t prefix = use->of_trace ? strlen("case:") : 0;
    fz_str key = {use->column.p + prefix, use->column.n - prefix};
    uint32_t at = name_find(names, use->of_trace, key);

    if (at != FZ_LOOKUP_NONE)
        return at;
    at = (uint32_t)names->n++;
    names->items[at] = (struct name){key, use->of_trace, false};
    fz_lookup_add(use->of_trace ? &names->of_traces : &names->of_events, arena, (uint32_t)fz_hash_text(0, key), at);
    return at;
}

static void place_names(struct table *t, struct names *names)
{
    struct fz_arena *arena = &t->r->scratch;

    *names = (struct names){.items = FZ_NEW_ARRAY(arena, struct name, t->source->uses_n),
                            .cells = FZ_NEW_ARRAY(arena, fz_str, t->source->uses_n)};
    fz_lookup_init(&names->of_events, arena, 64);
    fz_lookup_init(&names->of_traces, arena, 64);
    for (size_t i = 0; i < t->source->uses_n; i++)
        place_use(t, &t->source->uses[i], name_add(arena, names, &t->source->uses[i]));
}

static bool source_has_key(const struct fz_map_source *s, bool of_trace, fz_str key)
{
    for (size_t i = 0; i < s->uses_n; i++) {
        fz_str column = s->uses[i].column;

        if (of_trace && s->uses[i].of_trace)
            column = (fz_str){column.p + strlen("case:"), column.n - strlen("case:")};
        if (s->uses[i].of_trace == of_trace && fz_str_eq(column, key))
            return true;
    }
    return false;
}

static void unknown_keys(const struct fz_map_source *s, bool of_trace, const struct fz_xes_attribute *a, size_t n,
                         struct name_list *out)
{
    for (size_t i = 0; i < n; i++)
        if (!source_has_key(s, of_trace, a[i].key)) {
            fz_buf_printf(&out->text, "%s`%s%.*s`", out->n++ ? ", " : "", of_trace ? "case:" : "",
                          FZ_STR_ARG(fz_cell_shown(a[i].key)));
        }
}

/* As misfit(): attributes that a source names and an event lacks are unset. */
static bool key_misfit(const struct reader *r, const struct fz_map_source *s, const struct fz_xes_event *e,
                       struct fz_buf *out)
{
    struct name_list unknown = {0};
    bool fits;

    unknown_keys(s, true, e->trace, e->trace_n, &unknown);
    unknown_keys(s, false, e->attributes, e->attributes_n, &unknown);
    fits = s->of_events && unknown.n == 0;
    fz_buf_printf(out, r->lang == FZ_ZH ? "；来源“%.*s”" : "; source `%.*s`", FZ_STR_ARG(s->name));
    if (unknown.n)
        fz_buf_printf(out, r->lang == FZ_ZH ? "没有属性%s" : " does not know %s", unknown.text.p);
    else
        fz_buf_addz(out, r->lang == FZ_ZH ? "的行是案件" : " is of tables with a row a case");
    fz_buf_release(&unknown.text);
    return !fits;
}

/* The first event tells which source the file belongs to. */
static fz_status choose_by_event(struct table *t, const struct fz_xes_event *e, struct fz_error *err)
{
    const struct fz_map *m = t->r->m;
    struct fz_buf why = {0};
    size_t found = m->sources_n;
    fz_status s = FZ_OK;

    for (size_t i = 0; s == FZ_OK && i < m->sources_n; i++) {
        if (key_misfit(t->r, &m->sources[i], e, &why))
            continue;
        if (found < m->sources_n)
            s = two_sources(t, e->line, &m->sources[found], &m->sources[i], err);
        found = i;
    }
    if (s == FZ_OK && found == m->sources_n)
        s = no_source(t, e->line, &why, err);
    fz_buf_release(&why);
    if (s == FZ_OK)
        begin_table(t, found);
    return s;
}

/* Lays attributes out as cells. False when one of them stands twice: then which of them counts would be a guess. */
static bool lay_out(const struct table *t, struct names *names, bool of_trace, const struct fz_xes_attribute *a,
                    size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t at = name_find(names, of_trace, a[i].key);

        if (names->items[at].given) {
            REFUSE(t, "the attribute `%.*s` stands twice", "属性“%.*s”出现两次", FZ_STR_ARG(fz_cell_shown(a[i].key)));
            return false;
        }
        names->items[at].given = true;
        names->cells[at] = a[i].value;
    }
    return true;
}

static fz_status known_keys(const struct table *t, const struct names *names, const struct fz_xes_event *e,
                            struct fz_error *err)
{
    struct name_list unknown = {0};
    bool all = true;

    for (size_t i = 0; i < e->trace_n; i++)
        all &= name_find(names, true, e->trace[i].key) != FZ_LOOKUP_NONE;
    for (size_t i = 0; i < e->attributes_n; i++)
        all &= name_find(names, false, e->attributes[i].key) != FZ_LOOKUP_NONE;
    if (all)
        return FZ_OK;
    unknown_keys(t->source, true, e->trace, e->trace_n, &unknown);
    unknown_keys(t->source, false, e->attributes, e->attributes_n, &unknown);
    fz_cell_disarm(&unknown.text);
    fz_fail(err, FZ_E_INPUT,
            zh(t) ? "%s:%llu：来源“%.*s”没有属性%s；请列入 fields 或者 ignore"
                  : "%s:%llu: source `%.*s` does not know %s; name them under fields or ignore",
            t->name, (unsigned long long)e->line, FZ_STR_ARG(t->source->name), unknown.text.p);
    fz_buf_release(&unknown.text);
    return FZ_E_INPUT;
}

static fz_status take_xes_event(struct table *t, struct names *names, const struct fz_xes_event *e,
                                struct fz_error *err)
{
    FZ_TRY(known_keys(t, names, e, err));
    FZ_TRY(begin_row(t, e->line, err));
    for (size_t i = 0; i < names->n; i++) {
        names->items[i].given = false;
        names->cells[i] = (fz_str){0};
    }
    if (!lay_out(t, names, true, e->trace, e->trace_n) || !lay_out(t, names, false, e->attributes, e->attributes_n))
        return FZ_OK;
    return take_row(t, names->cells, e->bare, err);
}

static fz_status read_events(struct table *t, struct fz_xes *xes, struct fz_error *err)
{
    struct names names = {0};
    struct fz_xes_event e;

    for (bool end = false;;) {
        FZ_TRY(fz_xes_next(xes, &e, &end, err));
        if (end)
            return FZ_OK;
        if (!t->source) {
            FZ_TRY(choose_by_event(t, &e, err));
            place_names(t, &names);
        }
        t->r->log->files[t->file].rows += !e.bare;
        FZ_TRY(take_xes_event(t, &names, &e, err));
    }
}

static fz_status read_xes(struct table *t, struct fz_input *in, struct fz_error *err)
{
    struct fz_xes *xes;
    fz_status s;

    FZ_TRY(fz_xes_open(&xes, in, err));
    s = read_events(t, xes, err);
    fz_xes_close(xes);
    return s;
}

/* ---- the door ---- */

static fz_status read_file(struct reader *r, size_t i, struct fz_error *err)
{
    struct fz_log_file *f = &r->log->files[i];
    struct table t = {.r = r, .name = f->name, .file = (uint16_t)i};
    struct fz_input *in;
    fz_status s;

    FZ_TRY(fz_input_open(&in, f->name, err));
    f->encoding = fz_input_encoding(in);
    s = fz_input_is_markup(in) ? read_xes(&t, in, err) : read_csv(&t, in, err);
    fz_input_close(in);
    return s;
}

fz_status fz_log_read(struct fz_log *out, const struct fz_map *m, const char *const *names, size_t names_n,
                      const bool *keep, fz_language lang, struct fz_arena *arena, struct fz_error *err)
{
    struct fz_log log = {.files = FZ_NEW_ARRAY(arena, struct fz_log_file, names_n), .files_n = names_n};
    struct reader r = {.m = m, .keep = keep, .lang = lang, .arena = arena, .log = &log};
    fz_status s = FZ_OK;

    if (names_n > UINT16_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, lang == FZ_ZH ? "文件超过%d个" : "more than %d files", UINT16_MAX);
    for (size_t i = 0; i < names_n; i++)
        log.files[i].name = fz_str_z(arena, fz_str_of(names[i]));
    r.gather = fz_gather_new(&log, m, lang, arena);
    for (size_t i = 0; s == FZ_OK && i < names_n; i++)
        s = read_file(&r, i, err);
    if (s == FZ_OK) {
        fz_gather_finish(r.gather);
        *out = log;
    }
    fz_gather_free(r.gather);
    fz_arena_release(&r.scratch);
    return s;
}
