/* Ids first, then each record folded: no read happens within a read of the same table. */
#include "report/stored.h"

#include <stdlib.h>

#include "base/lookup.h"

/* ---- which ---- */

struct found {
    fz_str id, organ;
    fz_day version;
};

struct choosing {
    const struct fz_stored *from;
    fz_str pack;
    struct fz_arena *arena;
    struct found *items;
    size_t n, cap;
};

static fz_status choose(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct choosing *c = arg;
    const struct fz_stored *from = c->from;
    fz_str id = cells[FZ_RECORD_ID].s, organ = cells[FZ_RECORD_ORGAN].s;

    (void)err;
    if (!fz_str_eq(cells[FZ_RECORD_PACK].s, c->pack) || (from->organ.n && !fz_str_eq(from->organ, organ)) ||
        (from->wants && !from->wants(from->wants_arg, id)))
        return FZ_OK;
    FZ_PUSH(c->arena, c, items, n, cap) =
        (struct found){fz_str_copy(c->arena, id), fz_str_copy(c->arena, organ), (fz_day)cells[FZ_RECORD_VERSION].n};
    return FZ_OK;
}

static const struct fz_pack *newest_of(const struct fz_stored *from)
{
    return from->versions[from->versions_n - 1];
}

static fz_status choose_all(struct choosing *c, struct fz_error *err)
{
    const struct fz_pack *p = newest_of(c->from);
    fz_cell prefix[] = {FZ_CELL_OF(c->from->jurisdiction), FZ_CELL_OF(p->records[c->from->record].name)};
    struct fz_scan scan = {.table = &fz_table_record, .index = 0, .prefix = prefix, .prefix_n = 2};

    c->pack = p->name;
    return fz_store_scan(c->from->store, &scan, choose, c, err);
}

static fz_status count_one(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct choosing *c = arg;

    (void)err;
    c->n += fz_str_eq(cells[FZ_RECORD_PACK].s, c->pack);
    return FZ_OK;
}

fz_status fz_stored_count(const struct fz_stored *from, uint64_t *out_n, struct fz_error *err)
{
    const struct fz_pack *p = newest_of(from);
    fz_cell prefix[] = {FZ_CELL_OF(from->jurisdiction), FZ_CELL_OF(p->records[from->record].name)};
    struct fz_scan scan = {.table = &fz_table_record, .index = 0, .prefix = prefix, .prefix_n = 2};
    struct choosing c = {.pack = p->name};

    FZ_TRY(fz_store_scan(from->store, &scan, count_one, &c, err));
    *out_n = c.n;
    return FZ_OK;
}

/* ---- reading ---- */

struct reading {
    const struct fz_stored *from;
    struct fz_arena *arena, fold; /* fold: of one record */
    struct texts {
        struct fz_lookup index;
        fz_str *items;
        size_t n, cap;
    } texts;
    struct fz_log_case *cases;
    uint16_t *versions;
    size_t cases_n;
    struct {
        struct fz_log_event *items;
        size_t n, cap;
    } events;
    struct {
        struct fz_step *items;
        size_t n, cap;
    } steps;
    const struct fz_record *record; /* of the case being read */
};

static fz_str text_at(const void *owner, uint32_t at)
{
    return ((const struct texts *)owner)->items[at];
}

static uint32_t text_no(struct reading *r, fz_str s)
{
    uint32_t hash = (uint32_t)fz_hash_text(0, s), at = fz_lookup_find(&r->texts.index, hash, s, text_at, &r->texts);

    if (at == FZ_LOOKUP_NONE) {
        at = (uint32_t)r->texts.n;
        FZ_PUSH(r->arena, &r->texts, items, n, cap) = fz_str_copy(r->arena, s);
        fz_lookup_add(&r->texts.index, r->arena, hash, at);
    }
    return at;
}

/* Of fields that nobody reads nothing is kept. */
static fz_value kept_value(struct reading *r, int field, fz_value v)
{
    const struct fz_field *f = &r->record->fields[field];
    fz_value *items;

    if (v.set && f->many) {
        items = FZ_NEW_ARRAY(r->arena, fz_value, v.many + 1);
        for (uint32_t i = 0; i < v.many; i++) {
            items[i] = v.items[i];
            if (fz_type_is_text(f->type))
                items[i].text = fz_str_copy(r->arena, v.items[i].text);
        }
        v.items = items;
    } else if (v.set && fz_type_is_text(f->type)) {
        v.text = fz_str_copy(r->arena, v.text);
    }
    return v;
}

/* The step out of the memory of its fold. */
static struct fz_step kept_step(struct reading *r, const struct fz_step *s)
{
    struct fz_given *given = FZ_NEW_ARRAY(r->arena, struct fz_given, s->values_n + 1);
    struct fz_step kept = *s;

    kept.values = given;
    kept.values_n = 0;
    for (size_t i = 0; i < s->values_n; i++)
        if (r->from->keep[s->values[i].field])
            given[kept.values_n++] = (struct fz_given){s->values[i].field, kept_value(r, s->values[i].field, s->values[i].value)};
    kept.person = fz_str_copy(r->arena, s->person);
    kept.role = fz_str_copy(r->arena, s->role);
    kept.reason = fz_str_copy(r->arena, s->reason);
    kept.member = fz_str_copy(r->arena, s->member);
    return kept;
}

static void add_event(struct reading *r, const struct fz_step *s)
{
    FZ_PUSH(r->arena, &r->steps, items, n, cap) = *s;
    FZ_PUSH(r->arena, &r->events, items, n, cap) = (struct fz_log_event){
        .day = s->on,
        .minute = (int16_t)(s->at == FZ_INSTANT_NONE ? -1 : s->at - fz_day_instant(s->on)),
        .outcome = (int16_t)s->outcome,
        .action = (uint16_t)(s->kind == FZ_SERVE ? s->document : s->action),
        .kind = (uint8_t)s->kind,
        .rank = 1,
        .line = s->ref,
        .actor = text_no(r, s->person),
    };
}

/* An entry always names an organ, if only as not known. */
static fz_str known(fz_str organ)
{
    return fz_str_is(organ, FZ_WIRE_NOBODY) ? (fz_str){0} : organ;
}

static fz_status read_record(struct reading *r, const struct found *f, struct fz_error *err)
{
    struct fz_log_case *c = &r->cases[r->cases_n];
    struct fz_folded folded;

    fz_arena_reset(&r->fold);
    FZ_TRY(fz_engine_fold(r->from->engine, f->id, &r->fold, &folded, err));
    if (!folded.row || folded.entries[0].seq > UINT32_MAX)
        return fz_fail(err, FZ_E_INPUT, "%.*s cannot be read; `fazhi verify` says more", FZ_STR_ARG(f->id));
    *c = (struct fz_log_case){.id = f->id, .first = (uint32_t)r->events.n, .n = (uint32_t)folded.steps_n, .organ = text_no(r, known(f->organ)),
                              .line = (uint32_t)folded.entries[0].seq};
    for (size_t i = 0; i < folded.steps_n; i++) {
        struct fz_step s = kept_step(r, &folded.steps[i]);

        add_event(r, &s);
    }
    return FZ_OK;
}

static fz_status find_version(struct reading *r, const struct found *f, struct fz_error *err)
{
    fz_str type = newest_of(r->from)->records[r->from->record].name;
    char day[FZ_DAY_TEXT];

    for (size_t i = 0; i < r->from->versions_n; i++) {
        const struct fz_pack *p = r->from->versions[i];
        int at = fz_record_find(p, type);

        if (p->version != f->version || at == FZ_NONE)
            continue;
        r->record = &p->records[at];
        r->versions[r->cases_n] = (uint16_t)i;
        return FZ_OK;
    }
    return fz_fail(err, FZ_E_PACK, "%.*s began under version %s of %.*s, which is not at hand", FZ_STR_ARG(f->id), fz_day_text(f->version, day),
                   FZ_STR_ARG(newest_of(r->from)->name));
}

/* In the order in which they began. Their events stay where they are. */
struct place {
    struct fz_log_case c;
    uint16_t version;
};

static int by_beginning(const void *a, const void *b)
{
    uint32_t x = ((const struct place *)a)->c.line, y = ((const struct place *)b)->c.line;

    return (x > y) - (x < y);
}

static void sort_cases(struct reading *r)
{
    struct place *places = FZ_NEW_ARRAY(r->arena, struct place, r->cases_n + 1);

    for (size_t i = 0; i < r->cases_n; i++)
        places[i] = (struct place){r->cases[i], r->versions[i]};
    qsort(places, r->cases_n, sizeof(*places), by_beginning);
    for (size_t i = 0; i < r->cases_n; i++) {
        r->cases[i] = places[i].c;
        r->versions[i] = places[i].version;
    }
}

static struct fz_log_file *one_file(struct reading *r)
{
    struct fz_log_file *f = FZ_NEW(r->arena, struct fz_log_file);

    *f = (struct fz_log_file){.name = "entry", .encoding = "UTF-8", .source = FZ_STR("entries"), .rows = r->events.n};
    return f;
}

fz_status fz_stored_read(struct fz_log *out, const struct fz_stored *from, struct fz_arena *arena, struct fz_error *err)
{
    struct choosing chosen = {.from = from, .arena = arena};
    struct reading r = {.from = from, .arena = arena};
    fz_status s = FZ_OK;

    FZ_TRY(choose_all(&chosen, err));
    fz_lookup_init(&r.texts.index, arena, 64);
    text_no(&r, (fz_str){0});
    r.cases = FZ_NEW_ARRAY(arena, struct fz_log_case, chosen.n + 1);
    r.versions = FZ_NEW_ARRAY(arena, uint16_t, chosen.n + 1);
    fz_arena_init(&r.fold);
    for (size_t i = 0; i < chosen.n && s == FZ_OK; i++) {
        s = find_version(&r, &chosen.items[i], err);
        if (s == FZ_OK)
            s = read_record(&r, &chosen.items[i], err);
        r.cases_n++;
    }
    fz_arena_release(&r.fold);
    FZ_TRY(s);
    sort_cases(&r);
    *out = (struct fz_log){.files = one_file(&r), .files_n = 1, .cases = r.cases, .cases_n = r.cases_n, .events = r.events.items, .events_n = r.events.n,
                           .texts = r.texts.items, .steps = r.steps.items, .versions = r.versions};
    return FZ_OK;
}
