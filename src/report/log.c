/*
 * From files to rows. A file gives one table, a workbook one for each sheet that a source names. Which source of the map a file belongs to is told by its columns, of XES by its first event. A CSV record is a row as it
 * is; an event of XES is laid out as one, a cell for each name that its source knows. The uses of the source then read the cells,
 * one after the other, and the row goes to report/gather.c: a row is looked at whole before anything of it is kept.
 */
#include "report/log.h"

#include <errno.h>
#include <stdio.h>

#include "io/rows.h"
#include "io/xes.h"
#include "report/cell.h"
#include "report/gather.h"
#include "base/lookup.h"

struct reader {
    const struct fz_map *m;
    const struct fz_log_wish *wish;
    struct fz_arena *arena;  /* of the log */
    struct fz_arena scratch; /* until all files are read */
    struct fz_log *log;
    struct fz_gather *gather;
    struct copy *copy; /* rows are copied, not gathered; NULL */
    uint64_t rows_n;
};

/* One use, at one cell of the rows in hand. */
struct placed_use {
    const struct fz_map_use *use;
    uint32_t cell;
    bool keep;
    bool unread; /* a text that nobody keeps: any text is one */
    bool blank;  /* the map has a word for an empty cell */
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

#define PROGRESS_ROWS 1000

static bool zh(const struct table *t)
{
    return t->r->wish->lang == FZ_ZH;
}

static struct fz_refused refused(const struct table *t, const char *id)
{
    return (struct fz_refused){.file = t->file, .line = t->row.line, .id = id, .case_id = t->row.id};
}

/* ---- from cells to a row ---- */

static void refuse_cell(const struct table *t, const struct placed_use *u, fz_str cell, const struct fz_cell_fault *fault)
{
    struct fz_refused at = refused(t, "unreadable");

    at.column = u->cell + 1;
    at.tail_en = fault->en;
    at.tail_zh = fault->zh;
    fz_gather_refuse(t->r->gather, &at, "column `%.*s`: `%.*s` ", "“%.*s”列：“%.*s”", FZ_STR_ARG(fz_cell_shown(u->use->column)),
                     FZ_STR_ARG(fz_cell_shown(cell)));
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
    case FZ_USE_KEY:
        row->key = cell;
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
                             .begins = t->source->begins,
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

        if (cell.n == 0 && !u->blank)
            continue;
        fault = read_cell(t, u, cell, row);
        if (fault && fz_str_trim(cell).n) {
            refuse_cell(t, u, cell, fault);
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

static const struct placed_use *use_of(const struct table *t, fz_map_role role)
{
    for (size_t i = 0; i < t->uses_n; i++)
        if (t->uses[i].use->role == role)
            return &t->uses[i];
    return NULL;
}

/* A cell that a row cannot do without. */
static bool has_cell(const struct table *t, bool there, fz_map_role role)
{
    static const struct fz_cell_fault missing[] = {[FZ_USE_CASE] = {"no case", "没有案件标识"},
                                                   [FZ_USE_ACTION] = {"no activity", "没有活动"},
                                                   [FZ_USE_ON] = {"no day", "没有日期"}};

    const struct placed_use *u = use_of(t, role);
    struct fz_refused at = refused(t, "missing");

    if (there)
        return true;
    at.column = u->cell + 1;
    at.tail_en = missing[role].en;
    at.tail_zh = missing[role].zh;
    fz_gather_refuse(t->r->gather, &at, "column `%.*s`: ", "“%.*s”列：", FZ_STR_ARG(fz_cell_shown(u->use->column)));
    return false;
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
        use->role == FZ_USE_FIELD && t->r->wish->keep && (size_t)use->id < t->r->m->record->fields_n && t->r->wish->keep[use->id];

    if (use->role != FZ_USE_IGNORE)
        t->uses[t->uses_n++] = (struct placed_use){use, (uint32_t)cell, keep, use->field && use->field->type == FZ_TYPE_TEXT && !keep,
                                                   fz_cell_has_blank(use)};
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
static bool misfit(const struct reader *r, const struct fz_map_source *s, struct fz_rows *rows, struct fz_buf *out)
{
    struct name_list unknown = {0}, missing = {0};
    size_t n, at;
    const fz_str *header = fz_rows_header(rows, &n);

    for (size_t i = 0; i < n; i++)
        if (first_use(s, header[i]) == s->uses_n)
            add_name(&unknown, header[i]);
    for (size_t i = 0; i < s->uses_n; i++)
        if (s->uses[i].role != FZ_USE_IGNORE && first_use(s, s->uses[i].column) == i &&
            !fz_rows_column(rows, s->uses[i].column, &at))
            add_name(&missing, s->uses[i].column);
    fz_buf_printf(out, r->wish->lang == FZ_ZH ? "；来源“%.*s”" : "; source `%.*s`:", FZ_STR_ARG(s->name));
    if (unknown.n)
        fz_buf_printf(out, r->wish->lang == FZ_ZH ? "没有列%s" : " does not know %s", unknown.text.p);
    if (missing.n)
        fz_buf_printf(out, r->wish->lang == FZ_ZH ? "%s缺少列%s" : "%s misses %s",
                      unknown.n ? (r->wish->lang == FZ_ZH ? "，" : ",") : "", missing.text.p);
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

static fz_status each_column_once(const struct table *t, struct fz_rows *rows, struct fz_error *err)
{
    size_t n, at;
    const fz_str *header = fz_rows_header(rows, &n);

    for (size_t i = 0; i < n; i++)
        if (fz_rows_column(rows, header[i], &at) && at != i)
            return fz_fail(err, FZ_E_INPUT,
                           zh(t) ? "%s:%llu：列“%.*s”出现两次" : "%s:%llu: the column `%.*s` stands twice", t->name,
                           (unsigned long long)fz_rows_line(rows), FZ_STR_ARG(fz_cell_shown(header[i])));
    return FZ_OK;
}

/* The one source whose columns these are. */
static fz_status choose_by_header(struct table *t, struct fz_rows *rows, struct fz_error *err)
{
    const struct fz_map *m = t->r->m;
    struct fz_buf why = {0};
    size_t found = m->sources_n;
    fz_status s = each_column_once(t, rows, err);

    for (size_t i = 0; s == FZ_OK && i < m->sources_n; i++) {
        if (misfit(t->r, &m->sources[i], rows, &why))
            continue;
        if (found < m->sources_n)
            s = two_sources(t, fz_rows_line(rows), &m->sources[found], &m->sources[i], err);
        found = i;
    }
    if (s == FZ_OK && found == m->sources_n)
        s = no_source(t, fz_rows_line(rows), &why, err);
    fz_buf_release(&why);
    if (s == FZ_OK)
        begin_table(t, found);
    return s;
}

static void place_columns(struct table *t, struct fz_rows *rows)
{
    for (size_t i = 0; i < t->source->uses_n; i++) {
        size_t at = 0;

        if (fz_rows_column(rows, t->source->uses[i].column, &at))
            place_use(t, &t->source->uses[i], at);
    }
    (void)fz_rows_header(rows, &t->cells_n);
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

/* ---- copying rows ---- */

struct copy {
    const struct fz_log_row *rows; /* sorted */
    size_t rows_n;
    const char *path;
    fz_str header; /* of the file in hand */
    FILE *out;
    size_t files;
    struct fz_buf line;
};

static bool is_wanted(const struct copy *c, uint16_t file, uint64_t line)
{
    size_t low = 0, high = c->rows_n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct fz_log_row *r = &c->rows[mid];

        if (r->file == file && r->line == line)
            return true;
        if (r->file < file || (r->file == file && r->line < line))
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

/* All in quotes, so that nothing of a cell is lost on the way back. */
static fz_str as_record(struct copy *c, const fz_str *cells, size_t n)
{
    fz_buf_reset(&c->line);
    for (size_t i = 0; i < n; i++) {
        fz_buf_addz(&c->line, i ? ",\"" : "\"");
        for (size_t k = 0; k < cells[i].n; k++) {
            if (cells[i].p[k] == '"')
                fz_buf_addc(&c->line, '"');
            fz_buf_addc(&c->line, cells[i].p[k]);
        }
        fz_buf_addc(&c->line, '"');
    }
    fz_buf_addz(&c->line, "\r\n");
    return fz_buf_str(&c->line);
}

static fz_status copy_failed(const struct copy *c, struct fz_error *err)
{
    return fz_fail(err, FZ_E_IO, "%s: %s", c->path, strerror(errno));
}

static fz_status copy_close(struct copy *c, struct fz_error *err)
{
    FILE *f = c->out;

    c->out = NULL;
    return f && fclose(f) != 0 ? copy_failed(c, err) : FZ_OK;
}

/* "bad.csv", "bad-2.csv", ... */
static char *numbered(struct fz_arena *a, const char *path, size_t n)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    int stem = dot && (!slash || dot > slash + 1) && dot != path ? (int)(dot - path) : (int)strlen(path);

    return n == 1 ? fz_str_z(a, fz_str_of(path)) : fz_str_z(a, fz_str_printf(a, "%.*s-%zu%s", stem, path, n, path + stem));
}

/* A new file when the header is another one. Rows of one file stand together, so one header is looked back at. */
static fz_status copy_header(struct table *t, const fz_str *header, size_t n, struct fz_error *err)
{
    struct copy *c = t->r->copy;
    fz_str record = as_record(c, header, n);

    if (c->out && fz_str_eq(record, c->header))
        return FZ_OK;
    FZ_TRY(copy_close(c, err));
    c->header = fz_str_copy(&t->r->scratch, record);
    c->out = fopen(numbered(&t->r->scratch, c->path, ++c->files), "wbe");
    /* The mark tells a spreadsheet that it is UTF-8. */
    return c->out && fputs("\xEF\xBB\xBF", c->out) >= 0 && fwrite(c->header.p, 1, c->header.n, c->out) == c->header.n ? FZ_OK : copy_failed(c, err);
}

static fz_status copy_row(struct table *t, const fz_str *header, size_t header_n, const fz_str *cells, size_t n, uint64_t line, struct fz_error *err)
{
    struct copy *c = t->r->copy;
    fz_str record;

    if (!is_wanted(c, t->file, line))
        return FZ_OK;
    FZ_TRY(copy_header(t, header, header_n, err));
    record = as_record(c, cells, n);
    return fwrite(record.p, 1, record.n, c->out) == record.n ? FZ_OK : copy_failed(c, err);
}

/* ---- rows of tables ---- */

static void note_progress(struct table *t, const struct fz_rows *rows)
{
    const struct fz_log_wish *w = t->r->wish;
    uint64_t done = 0, all = 0;

    if (++t->r->rows_n % PROGRESS_ROWS || !w->progress)
        return;
    if (rows)
        fz_rows_progress(rows, &done, &all);
    w->progress(w->progress_arg, t->name, t->r->rows_n, done, all);
}

static fz_status take_table_row(struct table *t, struct fz_rows *rows, const fz_str *cells, size_t n, struct fz_error *err)
{
    struct fz_refused at;
    size_t header_n;
    const fz_str *header = fz_rows_header(rows, &header_n);

    if (t->r->copy)
        return copy_row(t, header, header_n, cells, n, fz_rows_line(rows), err);
    FZ_TRY(begin_row(t, fz_rows_line(rows), err));
    if (n == t->cells_n)
        return take_row(t, cells, false, err);
    at = refused(t, "cells");
    fz_gather_refuse(t->r->gather, &at, "it has %zu cells, the header %zu", "有%zu个单元格，而表头有%zu个", n, t->cells_n);
    return FZ_OK;
}

static fz_status read_rows(struct table *t, struct fz_rows *rows, struct fz_error *err)
{
    fz_str *cells;
    size_t n;
    fz_status s;

    for (bool end = false;;) {
        s = fz_rows_next(rows, &cells, &n, &end, err);
        if (s != FZ_OK)
            return with_line(t, fz_rows_line(rows), s, err);
        if (end)
            return FZ_OK;
        t->r->log->files[t->file].rows++;
        note_progress(t, rows);
        FZ_TRY(take_table_row(t, rows, cells, n, err));
    }
}

static fz_status read_table(struct table *t, struct fz_rows *rows, struct fz_error *err)
{
    FZ_TRY(choose_by_header(t, rows, err));
    place_columns(t, rows);
    return read_rows(t, rows, err);
}

static fz_status read_csv(struct table *t, struct fz_input *in, struct fz_error *err)
{
    struct fz_rows rows = {0};
    fz_status s = with_line(t, 1, fz_rows_of_csv(&rows, in, err), err);

    if (s == FZ_OK)
        s = read_table(t, &rows, err);
    fz_rows_close(&rows);
    return s;
}

/* ---- workbooks ---- */

static fz_status read_sheet(struct table *t, fz_str sheet, struct fz_error *err)
{
    struct fz_log_file *f = &t->r->log->files[t->file];
    struct fz_rows rows = {0};
    fz_status s = fz_rows_of_sheet(&rows, f->name, sheet, err);

    if (s == FZ_OK) {
        f->encoding = "UTF-8";
        f->sheet = fz_str_copy(t->r->arena, fz_rows_sheet(&rows));
        s = read_table(t, &rows, err);
    }
    fz_rows_close(&rows);
    return s;
}

/* The sheets that sources name and the workbook has, each once; none: its first. */
static fz_status sheets_of(struct reader *r, const char *name, fz_str *out, size_t *out_n, struct fz_error *err)
{
    struct fz_rows rows = {0};
    bool named = false;
    fz_status s;

    *out_n = 0;
    for (size_t i = 0; i < r->m->sources_n; i++)
        named |= r->m->sources[i].sheet.n != 0;
    if (named) {
        s = fz_rows_of_sheet(&rows, name, (fz_str){0}, err);
        for (size_t i = 0; s == FZ_OK && i < r->m->sources_n; i++) {
            fz_str sheet = r->m->sources[i].sheet;
            bool seen = !sheet.n || !fz_xlsx_has(rows.xlsx, sheet);

            for (size_t k = 0; k < *out_n; k++)
                seen |= fz_str_eq(out[k], sheet);
            if (!seen)
                out[(*out_n)++] = sheet;
        }
        fz_rows_close(&rows);
        FZ_TRY(s);
    }
    if (*out_n == 0)
        out[(*out_n)++] = (fz_str){0};
    return FZ_OK;
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
    fz_buf_printf(out, r->wish->lang == FZ_ZH ? "；来源“%.*s”" : "; source `%.*s`", FZ_STR_ARG(s->name));
    if (unknown.n)
        fz_buf_printf(out, r->wish->lang == FZ_ZH ? "没有属性%s" : " does not know %s", unknown.text.p);
    else
        fz_buf_addz(out, r->wish->lang == FZ_ZH ? "的行是案件" : " is of tables with a row a case");
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

        if (names->items[at].given && !t->r->copy) {
            struct fz_refused where = refused(t, "attribute-twice");

            fz_gather_refuse(t->r->gather, &where, "the attribute `%.*s` stands twice", "属性“%.*s”出现两次", FZ_STR_ARG(fz_cell_shown(a[i].key)));
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

/* As a row of a table with a column for each name that the source knows. */
static fz_status copy_event(struct table *t, struct names *names, const struct fz_xes_event *e, struct fz_error *err)
{
    fz_str *header;

    if (!is_wanted(t->r->copy, t->file, e->line))
        return FZ_OK;
    (void)(lay_out(t, names, true, e->trace, e->trace_n) && lay_out(t, names, false, e->attributes, e->attributes_n));
    header = FZ_NEW_ARRAY(&t->r->scratch, fz_str, names->n);
    for (size_t i = 0; i < names->n; i++)
        header[i] = names->items[i].of_trace ? fz_str_printf(&t->r->scratch, "case:%.*s", FZ_STR_ARG(names->items[i].key)) : names->items[i].key;
    return copy_row(t, header, names->n, names->cells, names->n, e->line, err);
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
    if (t->r->copy)
        return copy_event(t, names, e, err);
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
        note_progress(t, NULL);
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

static struct table begin_file(struct reader *r, const char *name)
{
    struct table t = {.r = r, .name = name, .file = (uint16_t)r->log->files_n};

    r->log->files[r->log->files_n++] = (struct fz_log_file){.name = name};
    return t;
}

static fz_status read_workbook(struct reader *r, const char *name, struct fz_error *err)
{
    fz_str *sheets = FZ_NEW_ARRAY(&r->scratch, fz_str, r->m->sources_n + 1);
    size_t n;

    FZ_TRY(sheets_of(r, name, sheets, &n, err));
    for (size_t i = 0; i < n; i++) {
        struct table t = begin_file(r, name);

        FZ_TRY(read_sheet(&t, sheets[i], err));
    }
    return FZ_OK;
}

static fz_status read_file(struct reader *r, const char *name, struct fz_error *err)
{
    struct fz_input *in;
    struct table t;
    fz_status s;

    if (fz_xlsx_is(name))
        return read_workbook(r, name, err);
    t = begin_file(r, name);
    FZ_TRY(fz_input_open(&in, name, err));
    r->log->files[t.file].encoding = fz_input_encoding(in);
    s = fz_input_is_markup(in) ? read_xes(&t, in, err) : read_csv(&t, in, err);
    fz_input_close(in);
    return s;
}

fz_status fz_log_read_as(struct fz_log *out, const struct fz_map *m, const char *const *names, size_t names_n, const struct fz_log_wish *wish,
                         struct fz_arena *arena, struct fz_error *err)
{
    size_t each = m->sources_n ? m->sources_n : 1; /* of a workbook a sheet for each source */
    struct fz_log log = {.files = FZ_NEW_ARRAY(arena, struct fz_log_file, names_n * each)};
    struct reader r = {.m = m, .wish = wish, .arena = arena, .log = &log};
    fz_status s = FZ_OK;

    if (names_n * each > UINT16_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, wish->lang == FZ_ZH ? "文件超过%d个" : "more than %d files", UINT16_MAX);
    r.gather = fz_gather_new(&log, m, wish, arena);
    for (size_t i = 0; s == FZ_OK && i < names_n; i++)
        s = read_file(&r, fz_str_z(arena, fz_str_of(names[i])), err);
    if (s == FZ_OK) {
        fz_gather_finish(r.gather);
        *out = log;
    }
    fz_gather_free(r.gather);
    fz_arena_release(&r.scratch);
    return s;
}

fz_status fz_log_read(struct fz_log *out, const struct fz_map *m, const char *const *names, size_t names_n,
                      const bool *keep, fz_language lang, struct fz_arena *arena, struct fz_error *err)
{
    return fz_log_read_as(out, m, names, names_n, &(struct fz_log_wish){.keep = keep, .lang = lang}, arena, err);
}

fz_status fz_log_copy_rows(const struct fz_log *log, const struct fz_map *m, const struct fz_log_row *rows, size_t rows_n, const char *path, fz_language lang,
                           size_t *out_files, struct fz_error *err)
{
    struct fz_log again = {.files = NULL};
    struct copy copy = {.rows = rows, .rows_n = rows_n, .path = path};
    struct fz_log_wish wish = {.lang = lang};
    struct reader r = {.m = m, .wish = &wish, .log = &again, .copy = &copy};
    struct fz_error at_close;
    fz_status s = FZ_OK;

    again.files = FZ_NEW_ARRAY(&r.scratch, struct fz_log_file, log->files_n + m->sources_n);
    r.arena = &r.scratch;
    for (size_t i = 0; s == FZ_OK && rows_n && i < log->files_n; i++)
        if (i == 0 || log->files[i - 1].name != log->files[i].name) /* the sheets of a workbook are read together */
            s = read_file(&r, log->files[i].name, err);
    if (copy_close(&copy, &at_close) != FZ_OK && s == FZ_OK)
        s = fz_fail(err, at_close.status, "%s", at_close.text);
    fz_buf_release(&copy.line);
    fz_arena_release(&r.scratch);
    *out_files = copy.files;
    return s;
}
