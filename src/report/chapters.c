#include "report/chapters.h"

#include "report/write_int.h"

/* ---- reading ---- */

struct reading {
    const struct fz_contents *of;
    struct fz_arena *arena;
    struct fz_chapters *out;
    struct fz_error *err;
};

/* In the order in which they are written. */
static void put_in_order(struct fz_chapter *c, const struct fz_figures *figures, struct fz_arena *arena)
{
    struct fz_figure *items = FZ_NEW_ARRAY(arena, struct fz_figure, figures->n);
    const struct fz_figure **ordered;

    c->view.figures = figures->items;
    c->view.figures_n = figures->n;
    ordered = fz_figures_in_order(&c->view, arena);
    for (size_t i = 0; i < figures->n; i++)
        items[i] = *ordered[i];
    c->view.figures = items;
}

static fz_status read_chapter(struct reading *r, const struct fz_pack *const *versions, size_t n, int record)
{
    const struct fz_contents *of = r->of;
    struct fz_chapter c = {.count = {.store = of->store, .jurisdiction = of->jurisdiction, .versions = versions, .versions_n = n, .record = record,
                                     .organ = of->organ, .first = of->first, .last = of->last, .log_size = of->log_size},
                           .view = {.versions = versions, .versions_n = n, .record = &versions[n - 1]->records[record]}};
    struct fz_figures figures;

    if (of->keep)
        FZ_TRY(fz_figures_keep(&c.count, r->err));
    FZ_TRY(fz_figures_read(&figures, &c.count, r->arena, r->err));
    c.kept = figures.kept;
    put_in_order(&c, &figures, r->arena);
    FZ_PUSH(r->arena, r->out, items, n, cap) = c;
    return FZ_OK;
}

static bool has_indicators(const struct fz_pack *const *versions, size_t n, fz_str record)
{
    for (size_t v = 0; v < n; v++)
        for (size_t i = 0; i < versions[v]->indicators_n; i++)
            if (fz_str_eq(versions[v]->records[versions[v]->indicators[i].record].name, record))
                return true;
    return false;
}

/* Versions of one pack, from the first of them in the list. */
static const struct fz_pack *const *versions_from(struct reading *r, size_t first, size_t *out_n)
{
    const struct fz_pack **found = FZ_NEW_ARRAY(r->arena, const struct fz_pack *, r->of->packs_n);

    *out_n = 0;
    for (size_t i = first; i < r->of->packs_n; i++)
        if (fz_str_eq(r->of->packs[i]->name, r->of->packs[first]->name))
            found[(*out_n)++] = r->of->packs[i];
    return found;
}

static bool seen_before(const struct fz_contents *of, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (fz_str_eq(of->packs[i]->name, of->packs[at]->name))
            return true;
    return false;
}

static fz_status read_pack(struct reading *r, size_t first)
{
    size_t n;
    const struct fz_pack *const *versions = versions_from(r, first, &n);
    const struct fz_pack *newest = versions[n - 1];

    for (size_t i = 0; i < newest->records_n; i++)
        if (has_indicators(versions, n, newest->records[i].name) && (r->of->record.n == 0 || fz_str_eq(r->of->record, newest->records[i].name)))
            FZ_TRY(read_chapter(r, versions, n, (int)i));
    return FZ_OK;
}

fz_status fz_chapters_read(struct fz_chapters *out, const struct fz_contents *c, struct fz_arena *arena, struct fz_error *err)
{
    struct reading r = {c, arena, out, err};

    *out = (struct fz_chapters){.n = 0};
    for (size_t i = 0; i < c->packs_n; i++)
        if (!seen_before(c, i) && (c->pack.n == 0 || fz_str_eq(c->pack, c->packs[i]->name)))
            FZ_TRY(read_pack(&r, i));
    return FZ_OK;
}

/* ---- finding ---- */

static const struct fz_pack *pack_of(const struct fz_chapter *c)
{
    return c->count.versions[c->count.versions_n - 1];
}

void fz_figure_key(const struct fz_figure *f, struct fz_buf *out)
{
    fz_buf_add(out, f->indicator);
    if (f->basis.n)
        fz_buf_printf(out, ".%.*s", FZ_STR_ARG(f->basis));
}

/* With the pack's name before it or without. */
static bool answers_to(const struct fz_chapter *c, const struct fz_figure *f, fz_str key)
{
    struct fz_buf b = {0};
    size_t short_from;
    bool is;

    fz_buf_printf(&b, "%.*s.", FZ_STR_ARG(pack_of(c)->name));
    short_from = b.n;
    fz_figure_key(f, &b);
    is = fz_str_eq(key, fz_buf_str(&b)) || fz_str_eq(key, (fz_str){b.p + short_from, b.n - short_from});
    fz_buf_release(&b);
    return is;
}

fz_status fz_chapters_find(const struct fz_chapters *c, fz_str key, const struct fz_chapter **out_chapter, const struct fz_figure **out_figure, struct fz_error *err)
{
    size_t found = 0;

    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->items[i].view.figures_n; k++) {
            const struct fz_figure *f = &c->items[i].view.figures[k];

            if (f->by.n || !answers_to(&c->items[i], f, key))
                continue;
            *out_chapter = &c->items[i];
            *out_figure = f;
            found++;
        }
    if (found == 0)
        return fz_fail(err, FZ_E_USAGE, "there is no indicator %.*s; without --why the keys of all are listed", FZ_STR_ARG(key));
    if (found > 1)
        return fz_fail(err, FZ_E_USAGE, "several packs have an indicator %.*s: name it PACK.%.*s", FZ_STR_ARG(key), FZ_STR_ARG(key));
    return FZ_OK;
}

fz_status fz_chapter_find_by(const struct fz_chapter *c, const struct fz_figure *whole, fz_str by, const struct fz_figure **out, struct fz_error *err)
{
    const char *equals = memchr(by.p, '=', by.n);
    fz_str field = {by.p, equals ? (size_t)(equals - by.p) : by.n}, value = {by.p + field.n + 1, by.n - field.n - 1};

    if (!equals)
        return fz_fail(err, FZ_E_USAGE, "--by is FIELD=VALUE, not '%.*s'", FZ_STR_ARG(by));
    for (size_t i = 0; i < c->view.figures_n; i++) {
        const struct fz_figure *f = &c->view.figures[i];

        if (fz_str_eq(f->indicator, whole->indicator) && fz_str_eq(f->basis, whole->basis) && fz_str_eq(f->by, field) && fz_str_eq(f->value, value)) {
            *out = f;
            return FZ_OK;
        }
    }
    return fz_fail(err, FZ_E_USAGE, "%.*s has nothing with %.*s", FZ_STR_ARG(whole->indicator), FZ_STR_ARG(by));
}

/* ---- text ---- */

static size_t wider(size_t cells, fz_str s)
{
    size_t n = fz_utf8_cells(s);

    return n > cells ? n : cells;
}

struct widths {
    size_t key, name, value;
};

/* A figure of a dimension has no key of its own. */
static void key_of(const struct fz_figure *f, struct fz_buf *out)
{
    fz_buf_reset(out);
    fz_buf_addz(out, "");
    if (f->by.n == 0)
        fz_figure_key(f, out);
}

static void measure(const struct fz_chapter *c, const struct fz_figure *f, fz_language lang, struct widths *w, struct fz_buf *scratch)
{
    key_of(f, scratch);
    w->key = wider(w->key, fz_buf_str(scratch));
    fz_buf_reset(scratch);
    fz_figure_name(&c->view, f, lang, scratch);
    w->name = wider(w->name, fz_buf_str(scratch));
    fz_buf_reset(scratch);
    fz_figure_value(f, lang, scratch);
    w->value = wider(w->value, fz_buf_str(scratch));
}

static void text_figure(const struct fz_chapter *c, const struct fz_figure *f, fz_language lang, const struct widths *w, struct fz_buf *out, struct fz_buf *scratch)
{
    fz_buf_addz(out, "  ");
    key_of(f, scratch);
    fz_add_padded(out, fz_buf_str(scratch), w->key + 2);
    fz_buf_reset(scratch);
    fz_figure_name(&c->view, f, lang, scratch);
    fz_add_padded(out, fz_buf_str(scratch), w->name + 2);
    fz_buf_reset(scratch);
    fz_figure_value(f, lang, scratch);
    fz_add_right(out, fz_buf_str(scratch), w->value);
    fz_buf_addz(out, "  ");
    if (!f->share)
        fz_add_safe(out, fz_title_in(f->unit, lang), fz_buf_add);
    fz_buf_addz(out, f->mean ? "  " : "");
    if (fz_figure_has_parts(f))
        fz_figure_parts(f, out);
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    fz_buf_addc(out, '\n');
}

static void text_heading(const struct fz_chapter *c, fz_language lang, struct fz_buf *out)
{
    fz_add_safe(out, fz_title_in(pack_of(c)->title, lang), fz_buf_add);
    fz_buf_addz(out, lang == FZ_ZH ? "：" : ": ");
    fz_add_safe(out, fz_title_in(c->view.record->title, lang), fz_buf_add);
    fz_buf_printf(out, " (%.*s, %.*s)", FZ_STR_ARG(pack_of(c)->name), FZ_STR_ARG(pack_of(c)->part));
    if (c->kept)
        fz_buf_addz(out, lang == FZ_ZH ? "，留存的数据" : ", kept");
    fz_buf_addc(out, '\n');
}

void fz_chapters_text(const struct fz_chapters *c, fz_language lang, struct fz_buf *out)
{
    struct fz_buf scratch = {0};
    struct widths w = {0};

    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->items[i].view.figures_n; k++)
            measure(&c->items[i], &c->items[i].view.figures[k], lang, &w, &scratch);
    for (size_t i = 0; i < c->n; i++) {
        fz_buf_addz(out, i ? "\n" : "");
        text_heading(&c->items[i], lang, out);
        for (size_t k = 0; k < c->items[i].view.figures_n; k++)
            text_figure(&c->items[i], &c->items[i].view.figures[k], lang, &w, out, &scratch);
    }
    fz_buf_release(&scratch);
}

/* ---- TSV ---- */

static void cell(struct fz_buf *out, fz_str s)
{
    fz_buf_cell(out, s, '\t');
    fz_buf_addc(out, '\t');
}

static void number_cell(struct fz_buf *out, uint64_t n)
{
    fz_add_number(out, n, "");
    fz_buf_addc(out, '\t');
}

static void tsv_figure(const struct fz_chapter *c, const struct fz_figure *f, struct fz_buf *out)
{
    cell(out, pack_of(c)->part);
    cell(out, pack_of(c)->name);
    cell(out, c->view.record->name);
    cell(out, f->indicator);
    cell(out, f->basis);
    cell(out, f->title.zh);
    cell(out, f->title.en);
    cell(out, f->by);
    cell(out, fz_figure_unset(f) ? (fz_str){0} : f->value);
    number_cell(out, f->numerator);
    if (f->share)
        fz_add_number(out, f->denominator, "");
    fz_buf_addc(out, '\t');
    if (f->share && f->denominator)
        fz_add_number(out, fz_share_hundredths(f->numerator, f->denominator), "");
    fz_buf_addc(out, '\t');
    cell(out, f->unit.zh);
    if (f->sum || f->mean)
        fz_buf_printf(out, "%lld", (long long)f->total);
    fz_buf_addc(out, '\n');
}

void fz_chapters_tsv(const struct fz_chapters *c, struct fz_buf *out)
{
    fz_buf_addz(out, "part\tpack\trecord\tindicator\tbasis\ttitle_zh\ttitle_en\tby\tvalue\tnumerator\tdenominator\tshare_hundredths\tunit\ttotal\n");
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->items[i].view.figures_n; k++)
            tsv_figure(&c->items[i], &c->items[i].view.figures[k], out);
}

/* ---- JSON ---- */

static void json_member(struct fz_buf *out, const char *name, fz_str s)
{
    fz_buf_printf(out, ",\"%s\":", name);
    fz_add_json(out, s);
}

static void json_day(struct fz_buf *out, const char *name, fz_day d)
{
    char text[FZ_DAY_TEXT];

    fz_buf_printf(out, ",\"%s\":\"%s\"", name, fz_day_text(d, text));
}

static void json_chapter(const struct fz_chapter *c, struct fz_buf *out)
{
    fz_buf_addz(out, "{\"part\":");
    fz_add_json(out, pack_of(c)->part);
    json_member(out, "pack", pack_of(c)->name);
    json_member(out, "record", c->view.record->name);
    fz_buf_printf(out, ",\"kept\":%s,\n\"indicators\":[", c->kept ? "true" : "false");
    for (size_t i = 0; i < c->view.figures_n; i++) {
        fz_buf_addz(out, i ? ",\n" : "\n");
        fz_figure_json(&c->view.figures[i], out);
    }
    fz_buf_addz(out, "]}");
}

void fz_chapters_json(const struct fz_chapters *c, const struct fz_contents *of, struct fz_buf *out)
{
    fz_buf_addz(out, "{\"place\":");
    fz_add_json(out, of->jurisdiction);
    json_member(out, "organ", of->organ);
    json_day(out, "from", of->first);
    json_day(out, "to", of->last);
    fz_buf_printf(out, ",\"entries\":%lld,\n\"chapters\":[", (long long)of->log_size);
    for (size_t i = 0; i < c->n; i++) {
        fz_buf_addz(out, i ? ",\n" : "\n");
        json_chapter(&c->items[i], out);
    }
    fz_buf_addz(out, "]}\n");
}

/* ---- what lies behind one figure ---- */

fz_status fz_why_read(struct fz_why *out, const struct fz_chapter *c, const struct fz_figure *f, struct fz_arena *arena, struct fz_error *err)
{
    *out = (struct fz_why){.chapter = c, .figure = f};
    FZ_TRY(fz_figure_behind(&out->counted, &c->count, f, false, arena, err));
    if (f->share)
        FZ_TRY(fz_figure_behind(&out->base, &c->count, f, true, arena, err));
    if (out->counted.n != f->numerator || (f->share && out->base.n != f->denominator))
        return fz_fail(err, FZ_E_BUSY, "acts were entered while the figure was read: ask again");
    return FZ_OK;
}

/* What it brings to the figure, where that is more than being counted. */
static void add_brought(const struct fz_figure *f, const struct fz_behind *b, struct fz_buf *out)
{
    if (f->sum || f->mean)
        fz_figure_total(&(struct fz_figure){.type = f->type, .total = b->n}, out);
    else
        fz_buf_add(out, b->value);
}

static void text_behind(const struct fz_figure *f, const struct fz_behind *b, struct fz_buf *out)
{
    struct fz_buf brought = {0};

    add_brought(f, b, &brought);
    fz_buf_printf(out, "    %lld  ", (long long)b->seq);
    fz_add_day(out, b->day);
    fz_buf_addz(out, "  ");
    fz_add_safe(out, b->record, fz_buf_add);
    fz_buf_printf(out, "  %.*s  ", FZ_STR_ARG(b->action));
    fz_add_safe(out, b->organ, fz_buf_add);
    fz_buf_addz(out, brought.n ? "  " : "");
    fz_add_safe(out, fz_buf_str(&brought), fz_buf_add);
    fz_buf_addc(out, '\n');
    fz_buf_release(&brought);
}

static void text_behinds(const struct fz_figure *f, const struct fz_behinds *b, const char *what, size_t most, bool zh, struct fz_buf *out)
{
    fz_buf_printf(out, "\n%s: %zu\n", what, b->n);
    for (size_t i = 0; i < b->n && i < most; i++)
        text_behind(f, &b->items[i], out);
    if (b->n > most)
        fz_add_sentence(out, zh ? "    另有{0}条；--most N 列出更多，--format tsv 列出全部\n" : "    and {0} more; --most N lists more, --format tsv all\n", "", b->n - most, 0);
}

void fz_why_text(const struct fz_why *w, const char *folder, size_t most, fz_language lang, struct fz_buf *out)
{
    bool zh = lang == FZ_ZH;
    struct fz_buf b = {0};

    fz_figure_name(&w->chapter->view, w->figure, lang, &b);
    fz_add_safe(out, fz_buf_str(&b), fz_buf_add);
    fz_buf_addz(out, zh ? "：" : ": ");
    fz_figure_value(w->figure, lang, out);
    fz_buf_addc(out, '\n');
    text_behinds(w->figure, &w->counted, zh ? w->figure->share ? "分子" : "计入的行为" : w->figure->share ? "numerator" : "acts counted", most, zh, out);
    if (w->figure->share)
        text_behinds(w->figure, &w->base, zh ? "分母" : "denominator", most, zh, out);
    fz_buf_addz(out, zh ? "\n每行：条目序号、日期、记录、行为、机关。核验：fazhi show " : "\na line: entry, day, record, act, organ. To look: fazhi show ");
    fz_add_safe(out, fz_str_of(folder), fz_buf_add);
    fz_buf_addz(out, zh ? " 记录；fazhi verify " : " RECORD; fazhi verify ");
    fz_add_safe(out, fz_str_of(folder), fz_buf_add);
    fz_buf_addc(out, '\n');
    fz_buf_release(&b);
}

static void tsv_behinds(const struct fz_figure *f, const struct fz_behinds *b, const char *side, struct fz_buf *out)
{
    struct fz_buf brought = {0};

    for (size_t i = 0; i < b->n; i++) {
        fz_buf_printf(out, "%s\t%lld\t", side, (long long)b->items[i].seq);
        fz_add_day(out, b->items[i].day);
        fz_buf_addc(out, '\t');
        cell(out, b->items[i].record);
        cell(out, b->items[i].action);
        cell(out, b->items[i].organ);
        fz_buf_reset(&brought);
        add_brought(f, &b->items[i], &brought);
        fz_buf_cell(out, fz_buf_str(&brought), '\t');
        fz_buf_addc(out, '\n');
    }
    fz_buf_release(&brought);
}

void fz_why_tsv(const struct fz_why *w, struct fz_buf *out)
{
    fz_buf_addz(out, "side\tentry\tday\trecord\taction\torgan\tvalue\n");
    tsv_behinds(w->figure, &w->counted, "numerator", out);
    tsv_behinds(w->figure, &w->base, "denominator", out);
}

static void json_behinds(const struct fz_figure *f, const struct fz_behinds *b, const char *side, struct fz_buf *out)
{
    fz_buf_printf(out, ",\n\"%s\":[", side);
    for (size_t i = 0; i < b->n; i++) {
        fz_buf_printf(out, "%s{\"entry\":%lld", i ? ",\n" : "\n", (long long)b->items[i].seq);
        json_day(out, "day", b->items[i].day);
        json_member(out, "record", b->items[i].record);
        json_member(out, "action", b->items[i].action);
        json_member(out, "organ", b->items[i].organ);
        if (f->sum || f->mean)
            fz_buf_printf(out, ",\"value\":%lld", (long long)b->items[i].n);
        else if (b->items[i].value.n)
            json_member(out, "value", b->items[i].value);
        fz_buf_addc(out, '}');
    }
    fz_buf_addc(out, ']');
}

void fz_why_json(const struct fz_why *w, struct fz_buf *out)
{
    fz_buf_addz(out, "{\"pack\":");
    fz_add_json(out, pack_of(w->chapter)->name);
    fz_buf_addz(out, ",\"figure\":");
    fz_figure_json(w->figure, out);
    json_behinds(w->figure, &w->counted, "numerator", out);
    json_behinds(w->figure, &w->base, "denominator", out);
    fz_buf_addz(out, "}\n");
}
