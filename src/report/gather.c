/*
 * Reading keeps two piles, of raw events and of known cases, in the order in which they come. Finishing groups the events by case, takes the
 * repeated ones out and sorts those cases whose events do not stand in order.
 *
 * Half a million rows come through here in a tenth of a second, so: nothing is allocated for a row; its case is mostly that of the row
 * before; activities, ids and texts are found by one hash; each pile is one block that the system moves by its page tables.
 *
 * Repetition is told by 64 bits of hash over all mapped cells as they are written, together with day, minute, act and actor: cells
 * that nobody needs are not kept, so their text cannot be compared later.
 */
#include "report/gather.h"

#include <stdlib.h>

#include "base/lookup.h"
#include "io/xlsx.h"

#define SMALL_CASE 24  /* up to so many events are compared each with each */
#define SHOWN_BYTES 80 /* of a cell, in a message */

/* ---- what is kept while reading ---- */

struct raw_event {
    struct fz_log_event e;
    uint64_t hash; /* odd: the act is a column of a table of cases */
};

/* Raw events of one case that follow each other, up to where the next run begins. */
struct run {
    uint32_t case_no, first;
};

struct known_case {
    struct fz_log_case c; /* n counts its raw events */
    uint64_t own_hash;    /* of its `case:` columns; 0: none given yet */
    uint32_t own_line;
    uint32_t table_row; /* the last of its rows in tables of cases; FZ_LOOKUP_NONE */
    uint16_t own_file;
    uint32_t begun; /* its event that no row of its own began; FZ_LOOKUP_NONE */
};

/* A row of a table of cases. */
struct table_row {
    uint64_t hash;
    uint32_t before; /* the row of the same case before it; FZ_LOOKUP_NONE */
    uint32_t line;
    uint16_t file, source_no;
};

struct fz_gather {
    const struct fz_map *m;
    struct fz_log_wish wish;
    struct fz_arena *arena;  /* of the log */
    struct fz_arena scratch; /* until the log is finished */
    struct fz_log *log;
    /* Piles of struct raw_event, run, fz_given, known_case, table_row and fz_str. */
    struct fz_buf events, runs, values, cases, table_rows, texts;
    struct fz_lookup case_index, text_index, act_index;
    uint32_t last_case;
    fz_str last_id;
    const struct fz_map_act *last_act;
    size_t refusals_cap;
};

static struct raw_event *events_of(const struct fz_gather *g)
{
    return (struct raw_event *)(void *)g->events.p;
}

static struct run *runs_of(const struct fz_gather *g)
{
    return (struct run *)(void *)g->runs.p;
}

static struct known_case *cases_of(const struct fz_gather *g)
{
    return (struct known_case *)(void *)g->cases.p;
}

static struct table_row *table_rows_of(const struct fz_gather *g)
{
    return (struct table_row *)(void *)g->table_rows.p;
}

static fz_str *texts_of(const struct fz_gather *g)
{
    return (fz_str *)(void *)g->texts.p;
}

/* Adds an item to its pile and returns its position. Piles are as long as a uint32_t counts; check_room() sees to it. */
static inline uint32_t push(struct fz_buf *pile, const void *item, size_t bytes)
{
    if (pile->cap - pile->n > bytes) {
        memcpy(pile->p + pile->n, item, bytes); /* what fz_buf_add() does, for a size that the compiler knows */
        pile->n += bytes;
    } else {
        fz_buf_add(pile, (fz_str){item, bytes});
    }
    return (uint32_t)(pile->n / bytes - 1);
}

/* ---- what is said ---- */

fz_str fz_cell_shown(fz_str s)
{
    if (s.n <= SHOWN_BYTES)
        return s;
    for (s.n = SHOWN_BYTES; s.n && ((unsigned char)s.p[s.n] & 0xC0) == 0x80;)
        s.n--;
    return s;
}

void fz_cell_disarm(struct fz_buf *b)
{
    for (size_t i = 0; i < b->n; i++) {
        if ((unsigned char)b->p[i] < 0x20 || b->p[i] == 0x7F)
            b->p[i] = ' ';
        else if (b->p[i] == '\xC2' && (unsigned char)b->p[i + 1] < 0xA0)
            b->p[i] = b->p[i + 1] = ' ';
    }
}

static fz_str message(struct fz_gather *g, const char *fmt, va_list ap) FZ_PRINTF(2, 0);
static fz_str message(struct fz_gather *g, const char *fmt, va_list ap)
{
    struct fz_buf b = {0};
    fz_str s;

    fz_buf_vprintf(&b, fmt, ap);
    fz_cell_disarm(&b);
    s = fz_str_copy(g->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

static fz_str reason(struct fz_gather *g, const char *tail, const char *fmt, va_list ap) FZ_PRINTF(3, 0);
static fz_str reason(struct fz_gather *g, const char *tail, const char *fmt, va_list ap)
{
    va_list copy;
    fz_str s;

    va_copy(copy, ap);
    s = message(g, fmt, copy);
    va_end(copy);
    return tail ? fz_str_printf(g->arena, "%.*s%s", FZ_STR_ARG(s), tail) : s;
}

static struct fz_log_refusal *list(struct fz_gather *g, const struct fz_refused *at)
{
    struct fz_log *log = g->log;

    if (log->refusals_n == (g->wish.refusals_most ? g->wish.refusals_most : FZ_REFUSALS_LISTED))
        return NULL;
    if (log->refusals_n == g->refusals_cap)
        log->refusals = fz_grow(g->arena, log->refusals, sizeof(*log->refusals), log->refusals_n, &g->refusals_cap);
    log->refusals[log->refusals_n] = (struct fz_log_refusal){.file = at->file,
                                                             .line = at->line,
                                                             .column = at->column,
                                                             .id = at->id,
                                                             .case_id = fz_str_copy(g->arena, at->case_id)};
    return &log->refusals[log->refusals_n++];
}

void fz_gather_refuse(struct fz_gather *g, const struct fz_refused *at, const char *en, const char *zh, ...)
{
    struct fz_log_refusal *r = list(g, at);
    bool chinese = g->wish.lang == FZ_ZH;
    va_list ap;

    g->log->refused++;
    if (!r)
        return;
    va_start(ap, zh);
    if (chinese || g->wish.both_languages)
        r->zh = reason(g, at->tail_zh, zh, ap);
    if (!chinese || g->wish.both_languages)
        r->en = reason(g, at->tail_en, en, ap);
    va_end(ap);
    r->why = chinese ? r->zh : r->en;
}

/* A repeated row is listed with the refused ones and counted by itself. */
static void list_repeated(struct fz_gather *g, uint16_t file, uint32_t line, fz_str case_id, uint16_t earlier_file,
                          uint32_t earlier_line)
{
    g->log->refused--;
    g->log->duplicates++;
    fz_gather_refuse(g, &(struct fz_refused){.file = file, .line = line, .id = "repeated", .case_id = case_id},
                     "it repeats line %u of %s, which counts once", "与 %2$s 第%1$u行重复，只计一次", earlier_line,
                     g->log->files[earlier_file].name);
}

static struct fz_refused of_row(const struct fz_row *row, const char *id)
{
    return (struct fz_refused){.file = row->file, .line = row->line, .id = id, .case_id = row->id};
}

/* ---- finding texts ---- */

static fz_str text_of_case(const void *owner, uint32_t at)
{
    return cases_of(owner)[at].c.id;
}

static fz_str text_of_text(const void *owner, uint32_t at)
{
    return texts_of(owner)[at];
}

static fz_str text_of_act(const void *owner, uint32_t at)
{
    return ((const struct fz_gather *)owner)->m->acts[at].word;
}

/* Index of a text in texts; 0 for the empty one. */
static uint32_t intern(struct fz_gather *g, fz_str s)
{
    uint32_t hash, at;
    fz_str copy;

    if (s.n == 0)
        return 0;
    hash = (uint32_t)fz_hash_text(0, s);
    at = fz_lookup_find(&g->text_index, hash, s, text_of_text, g);
    if (at != FZ_LOOKUP_NONE)
        return at;
    copy = fz_str_copy(g->arena, s);
    at = push(&g->texts, &copy, sizeof(copy));
    fz_lookup_add(&g->text_index, &g->scratch, hash, at);
    return at;
}

static const struct fz_map_act *find_act(struct fz_gather *g, fz_str word)
{
    uint32_t at;

    if (g->last_act && fz_str_eq(g->last_act->word, word))
        return g->last_act;
    at = fz_lookup_find(&g->act_index, (uint32_t)fz_hash_text(0, word), word, text_of_act, g);
    if (at == FZ_LOOKUP_NONE)
        return g->m->otherwise;
    return g->last_act = &g->m->acts[at];
}

/* Ids are mostly numbers in a row: those that differ in their last digit only lie side by side in the index, so that most of them are found
 * in the line of memory that the one before has brought. */
static uint32_t hash_of_id(fz_str id)
{
    return (uint32_t)fz_hash_text(0, (fz_str){id.p, id.n - 1}) << 4 | ((unsigned char)id.p[id.n - 1] & 15);
}

/* The case of that name, made when there is none. */
static uint32_t find_case(struct fz_gather *g, const struct fz_row *row)
{
    struct known_case k = {
        .c = {.file = row->file, .line = row->line}, .table_row = FZ_LOOKUP_NONE, .begun = FZ_LOOKUP_NONE};
    uint32_t hash, at;

    if (fz_str_eq(g->last_id, row->id))
        return g->last_case;
    hash = hash_of_id(row->id);
    at = fz_lookup_find(&g->case_index, hash, row->id, text_of_case, g);
    if (at == FZ_LOOKUP_NONE) {
        k.c.id = fz_str_copy(g->arena, row->id);
        at = push(&g->cases, &k, sizeof(k));
        fz_lookup_add(&g->case_index, &g->scratch, hash, at);
    }
    g->last_id = cases_of(g)[at].c.id;
    return g->last_case = at;
}

/* ---- keeping what a row says ---- */

static uint32_t values_n(const struct fz_gather *g)
{
    return (uint32_t)(g->values.n / sizeof(struct fz_given));
}

/* Texts of a value are views of the row until here; the items of a set are in the log's arena already. */
static fz_value keep_texts(struct fz_gather *g, const struct fz_field *f, fz_value v)
{
    fz_value *items = f->many ? (fz_value *)(uintptr_t)v.items : &v;

    for (uint32_t i = 0; fz_type_is_text(f->type) && i < (f->many ? v.many : 1); i++) {
        uint32_t at = intern(g, items[i].text);

        items[i].text = texts_of(g)[at];
    }
    return v;
}

static void push_values(struct fz_gather *g, const struct fz_row_value *values, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct fz_given given = {values[i].use->id, keep_texts(g, values[i].use->field, values[i].v)};

        push(&g->values, &given, sizeof(given));
    }
}

/* Values of the case itself stand together, so those that it has already move behind what was added since. */
static void push_own(struct fz_gather *g, struct known_case *k, const struct fz_row *row)
{
    uint32_t at = values_n(g);

    if (row->own_n == 0)
        return;
    for (uint32_t i = 0; i < k->c.values_n; i++) {
        struct fz_given given = ((const struct fz_given *)(const void *)g->values.p)[k->c.values_at + i];

        push(&g->values, &given, sizeof(given));
    }
    push_values(g, row->own, row->own_n);
    k->c.values_at = at;
    k->c.values_n += row->own_n;
}

/* Positions are 32 bits long, and one row adds no more than a few for each of its cells. */
static fz_status check_room(const struct fz_gather *g, struct fz_error *err)
{
    size_t room = UINT32_MAX - 8 * FZ_FIELDS_MAX;

    if (g->events.n / sizeof(struct raw_event) > room || g->cases.n / sizeof(struct known_case) > room ||
        values_n(g) > room)
        return fz_fail(err, FZ_E_TOO_LARGE, g->wish.lang == FZ_ZH ? "日志过大" : "the log is too large");
    return FZ_OK;
}

static fz_status push_event(struct fz_gather *g, const struct fz_row *row, uint32_t case_no, struct raw_event *raw,
                            struct fz_error *err)
{
    struct known_case *k = &cases_of(g)[case_no];
    const char *name = g->log->files[row->file].name;
    struct run run = {.case_no = case_no};

    if (k->c.n == FZ_CASE_EVENTS_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE,
                       g->wish.lang == FZ_ZH ? "%s:%u：案件“%.*s”的行为超过%d项"
                                             : "%s:%u: case `%.*s` has more than %d acts",
                       name, row->line, FZ_STR_ARG(fz_cell_shown(k->c.id)), FZ_CASE_EVENTS_MAX);
    raw->e.file = row->file;
    raw->e.line = row->line;
    run.first = push(&g->events, raw, sizeof(*raw));
    if (g->runs.n == 0 || runs_of(g)[g->runs.n / sizeof(run) - 1].case_no != case_no)
        push(&g->runs, &run, sizeof(run));
    k->c.n++;
    return FZ_OK;
}

/* ---- rows of events ---- */

/* What the `case:` columns say holds for the case: said once, and not otherwise on a later row. */
static bool take_own(struct fz_gather *g, const struct fz_row *row, struct known_case *k)
{
    if (row->own_hash == 0 || row->own_hash == k->own_hash)
        return true;
    if (k->own_hash) {
        struct fz_refused at = of_row(row, "differs");

        fz_gather_refuse(g, &at, "what it says of the case itself differs from line %u of %s",
                         "关于案件本身的内容与 %2$s 第%1$u行不同", k->own_line, g->log->files[k->own_file].name);
        return false;
    }
    k->own_hash = row->own_hash;
    k->own_line = row->line;
    k->own_file = row->file;
    push_own(g, k, row);
    return true;
}

static void take_organ(struct fz_gather *g, struct known_case *k, fz_str organ)
{
    if (k->c.organ == 0 && organ.n)
        k->c.organ = intern(g, organ);
}

/* Of a source that `begins` cases: the act that its first row stands for as well, on the earliest day of all its rows. */
static fz_status begin_case(struct fz_gather *g, const struct fz_row *row, uint32_t case_no, struct fz_error *err)
{
    struct known_case *k = &cases_of(g)[case_no];
    struct raw_event raw = {.e = {.day = row->day, .minute = row->minute, .outcome = FZ_NONE, .kind = FZ_DO},
                            .hash = 1};
    struct fz_log_event *begun;

    if (row->begins == FZ_NONE)
        return FZ_OK;
    if (k->begun == FZ_LOOKUP_NONE) {
        raw.e.action = (uint16_t)row->begins;
        k->begun = (uint32_t)(g->events.n / sizeof(struct raw_event));
        g->log->column_acts++;
        return push_event(g, row, case_no, &raw, err);
    }
    begun = &events_of(g)[k->begun].e;
    if (row->day < begun->day || (row->day == begun->day && row->minute < begun->minute)) {
        begun->day = row->day;
        begun->minute = row->minute;
    }
    return FZ_OK;
}

fz_status fz_gather_event(struct fz_gather *g, const struct fz_row *row, struct fz_error *err)
{
    const struct fz_map_act *act = find_act(g, row->word);
    struct raw_event raw = {.hash = row->hash & ~UINT64_C(1)};
    struct known_case *k;
    uint32_t case_no;

    FZ_TRY(check_room(g, err));
    if (!act) {
        struct fz_refused at = of_row(row, "unknown-activity");

        fz_gather_refuse(g, &at, "the map does not know the activity `%.*s`", "对照图中没有活动“%.*s”",
                         FZ_STR_ARG(fz_cell_shown(row->word)));
        return FZ_OK;
    }
    case_no = find_case(g, row);
    k = &cases_of(g)[case_no];
    if (!take_own(g, row, k))
        return FZ_OK;
    take_organ(g, k, row->organ);
    raw.e = (struct fz_log_event){.day = row->day,
                                  .minute = row->minute,
                                  .outcome = act->outcome,
                                  .action = act->id,
                                  .kind = act->kind,
                                  .rank = 1,
                                  .actor = intern(g, row->actor),
                                  .key = g->wish.keys ? intern(g, row->key) : 0,
                                  .values_at = values_n(g),
                                  .values_n = row->values_n};
    push_values(g, row->values, row->values_n);
    FZ_TRY(begin_case(g, row, case_no, err));
    g->log->events_n++;
    return push_event(g, row, case_no, &raw, err);
}

/* ---- rows of cases ---- */

/* The row that this source gave of the case before. */
static const struct table_row *earlier_row(const struct fz_gather *g, const struct known_case *k, uint16_t source_no)
{
    for (uint32_t at = k->table_row; at != FZ_LOOKUP_NONE; at = table_rows_of(g)[at].before)
        if (table_rows_of(g)[at].source_no == source_no)
            return &table_rows_of(g)[at];
    return NULL;
}

/* False when the case has a row of this source already: the same one counts once, another one is refused. */
static bool first_row(struct fz_gather *g, const struct fz_row *row, const struct known_case *k)
{
    const struct table_row *earlier = earlier_row(g, k, row->source_no);
    struct fz_refused at = of_row(row, "other-row");

    if (!earlier)
        return true;
    if (earlier->hash == row->hash)
        list_repeated(g, row->file, row->line, row->id, earlier->file, earlier->line);
    else
        fz_gather_refuse(g, &at, "its case has another row on line %u of %s",
                         "该案件在 %2$s 第%1$u行已有内容不同的一行", earlier->line, g->log->files[earlier->file].name);
    return false;
}

static fz_status push_act(struct fz_gather *g, const struct fz_row *row, uint32_t case_no, size_t i,
                          struct fz_error *err)
{
    const struct fz_row_act *a = &row->acts[i];
    struct raw_event raw = {.e = {.day = a->day,
                                  .minute = a->minute,
                                  .outcome = FZ_NONE,
                                  .action = (uint16_t)a->use->id,
                                  .kind = FZ_DO,
                                  .rank = a->use->rank,
                                  .key = g->wish.keys ? intern(g, row->key) : 0},
                            .hash = fz_hash_mix(row->hash, i + 1) | 1};

    g->log->column_acts++;
    return push_event(g, row, case_no, &raw, err);
}

fz_status fz_gather_case(struct fz_gather *g, const struct fz_row *row, struct fz_error *err)
{
    struct table_row now = {row->hash, FZ_LOOKUP_NONE, row->line, row->file, row->source_no};
    struct known_case *k;
    uint32_t case_no;

    FZ_TRY(check_room(g, err));
    case_no = find_case(g, row);
    k = &cases_of(g)[case_no];
    if (!first_row(g, row, k))
        return FZ_OK;
    now.before = k->table_row;
    k->table_row = push(&g->table_rows, &now, sizeof(now));
    take_organ(g, k, row->organ);
    push_own(g, k, row);
    for (size_t i = 0; i < row->acts_n; i++)
        FZ_TRY(push_act(g, row, case_no, i, err));
    return FZ_OK;
}

fz_status fz_gather_bare(struct fz_gather *g, const struct fz_row *row, struct fz_error *err)
{
    struct known_case *k;
    uint32_t case_no;

    FZ_TRY(check_room(g, err));
    case_no = find_case(g, row);
    k = &cases_of(g)[case_no];
    if (take_own(g, row, k))
        take_organ(g, k, row->organ);
    return FZ_OK;
}

/* ---- the finished log ---- */

/* A key of the events of one case: events of equal keys keep the order that they have. */
struct sort_key {
    int64_t key;
    uint32_t at;
};

static int by_key(const void *a, const void *b)
{
    const struct sort_key *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static void sort_keys(struct sort_key *keys, uint32_t n)
{
    if (n > SMALL_CASE) {
        qsort(keys, n, sizeof(*keys), by_key);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        struct sort_key moved = keys[i];
        uint32_t to = i;

        for (; to > 0 && keys[to - 1].key > moved.key; to--)
            keys[to] = keys[to - 1];
        keys[to] = moved;
    }
}

/* Room for the largest case. */
struct workroom {
    struct sort_key *keys;
    struct fz_log_event *events;
    bool *repeated;
};

static int64_t day_key(const struct fz_log_event *e)
{
    return (int64_t)e->day * 4 + e->rank;
}

/* An event whose minute is not known stays behind the one that it followed on its day. */
static bool set_keys(struct workroom *w, const struct fz_log_event *e, uint32_t n, bool minutes)
{
    bool sorted = true;
    int64_t minute = -1, last_day = INT64_MIN;

    for (uint32_t i = 0; i < n; i++) {
        int64_t day = day_key(&e[i]);

        minute = day != last_day ? -1 : minute;
        minute = e[i].minute >= 0 ? e[i].minute : minute;
        last_day = day;
        w->keys[i] = (struct sort_key){minutes ? day * 2048 + minute + 1 : day, i};
        sorted &= i == 0 || w->keys[i - 1].key <= w->keys[i].key;
    }
    return sorted;
}

/* What set_keys() would find sorted both times. */
static bool in_order(const struct fz_log_event *e, uint32_t n)
{
    int16_t minute = -1;

    for (uint32_t i = 0; i < n; i++) {
        bool same_day = i && day_key(&e[i - 1]) == day_key(&e[i]);

        if (i && day_key(&e[i - 1]) > day_key(&e[i]))
            return false;
        if (!same_day)
            minute = -1;
        if (e[i].minute >= 0 && e[i].minute < minute)
            return false;
        minute = e[i].minute >= 0 ? e[i].minute : minute;
    }
    return true;
}

static void sort_events(struct workroom *w, struct fz_log_event *e, uint32_t n)
{
    if (in_order(e, n))
        return;
    for (int minutes = 0; minutes < 2; minutes++) {
        if (set_keys(w, e, n, minutes))
            continue;
        sort_keys(w->keys, n);
        memcpy(w->events, e, n * sizeof(*e));
        for (uint32_t i = 0; i < n; i++)
            e[i] = w->events[w->keys[i].at];
    }
}

static bool same_event(const struct raw_event *a, const struct raw_event *b)
{
    return a->hash == b->hash && a->e.day == b->e.day && a->e.minute == b->e.minute && a->e.kind == b->e.kind &&
           a->e.action == b->e.action && a->e.outcome == b->e.outcome && a->e.actor == b->e.actor;
}

static void note_repeated(struct fz_gather *g, fz_str case_id, const struct raw_event *first,
                          const struct raw_event *again, bool *repeated)
{
    *repeated = true;
    g->log->events_n--;
    list_repeated(g, again->e.file, again->e.line, case_id, first->e.file, first->e.line);
}

static void find_repeated_small(struct fz_gather *g, fz_str case_id, const struct raw_event *raw, const uint32_t *order,
                                uint32_t n, bool *repeated)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (raw[order[i]].hash == raw[order[k]].hash && same_event(&raw[order[k]], &raw[order[i]])) {
                note_repeated(g, case_id, &raw[order[k]], &raw[order[i]], &repeated[i]);
                break;
            }
}

/* Of events with one hash, sorted together, the first stands for the others. */
static void find_repeated_large(struct fz_gather *g, fz_str case_id, struct workroom *w, const struct raw_event *raw,
                                const uint32_t *order, uint32_t n)
{
    uint32_t first = 0;

    for (uint32_t i = 0; i < n; i++)
        w->keys[i] = (struct sort_key){(int64_t)raw[order[i]].hash, i};
    sort_keys(w->keys, n);
    for (uint32_t i = 1; i < n; i++) {
        if (same_event(&raw[order[w->keys[first].at]], &raw[order[w->keys[i].at]]))
            note_repeated(g, case_id, &raw[order[w->keys[first].at]], &raw[order[w->keys[i].at]],
                          &w->repeated[w->keys[i].at]);
        else
            first = i;
    }
}

static void find_repeated(struct fz_gather *g, fz_str case_id, struct workroom *w, const uint32_t *order, uint32_t n)
{
    memset(w->repeated, 0, n);
    if (n <= SMALL_CASE)
        find_repeated_small(g, case_id, events_of(g), order, n, w->repeated);
    else
        find_repeated_large(g, case_id, w, events_of(g), order, n);
}

/* Positions of the raw events, case by case; the cases learn where theirs begin. */
static uint32_t *order_by_case(struct fz_gather *g)
{
    struct known_case *cases = cases_of(g);
    size_t n = g->events.n / sizeof(struct raw_event), runs_n = g->runs.n / sizeof(struct run);
    uint32_t *order = FZ_NEW_ARRAY(&g->scratch, uint32_t, n), at = 0;

    for (size_t i = 0; i < g->log->cases_n; i++) {
        cases[i].c.first = at;
        at += cases[i].c.n;
        cases[i].c.n = 0;
    }
    for (size_t i = 0; i < runs_n; i++) {
        const struct run *run = &runs_of(g)[i];
        struct fz_log_case *c = &cases[run->case_no].c;
        uint32_t end = i + 1 < runs_n ? run[1].first : (uint32_t)n;

        for (uint32_t e = run->first; e < end; e++)
            order[c->first + c->n++] = e;
    }
    return order;
}

static struct workroom make_workroom(struct fz_gather *g)
{
    uint32_t most = 0;

    for (size_t i = 0; i < g->log->cases_n; i++)
        most = cases_of(g)[i].c.n > most ? cases_of(g)[i].c.n : most;
    return (struct workroom){FZ_NEW_ARRAY(&g->scratch, struct sort_key, most),
                             FZ_NEW_ARRAY(&g->scratch, struct fz_log_event, most),
                             FZ_NEW_ARRAY(&g->scratch, bool, most)};
}

/* Puts the events of one case at `at` and returns the position behind them; tells whether their rows went back in time. */
static uint32_t place_events(struct fz_gather *g, const bool *repeated, const uint32_t *order, uint32_t n, uint32_t at)
{
    const struct raw_event *raw = events_of(g);
    fz_day last = FZ_DAY_MIN;
    bool back = false;

    for (uint32_t i = 0; i < n; i++) {
        const struct raw_event *e = &raw[order[i]];

        if (repeated[i])
            continue;
        g->log->events[at++] = e->e;
        if (e->hash & 1)
            continue;
        back |= e->e.day < last;
        last = e->e.day;
    }
    g->log->disordered += back;
    return at;
}

static void finish_events(struct fz_gather *g)
{
    const uint32_t *order = order_by_case(g);
    struct workroom w = make_workroom(g);
    uint32_t at = 0;

    g->log->events = FZ_NEW_ARRAY(g->arena, struct fz_log_event, g->events.n / sizeof(struct raw_event));
    for (size_t i = 0; i < g->log->cases_n; i++) {
        struct fz_log_case *c = &cases_of(g)[i].c;
        const uint32_t *its = order + c->first;

        find_repeated(g, c->id, &w, its, c->n);
        c->first = at;
        at = place_events(g, w.repeated, its, c->n, at);
        c->n = at - c->first;
        sort_events(&w, g->log->events + c->first, c->n);
    }
    fz_buf_release(&g->events);
}

static void finish_cases(struct fz_gather *g)
{
    g->log->cases = FZ_NEW_ARRAY(g->arena, struct fz_log_case, g->log->cases_n);
    for (size_t i = 0; i < g->log->cases_n; i++)
        g->log->cases[i] = cases_of(g)[i].c;
    fz_buf_release(&g->cases);
}

static void finish_values(struct fz_gather *g)
{
    struct fz_given *values = FZ_NEW_ARRAY(g->arena, struct fz_given, values_n(g));

    if (g->values.n)
        memcpy(values, g->values.p, g->values.n);
    fz_buf_release(&g->values);
    g->log->values = values;
}

static void finish_texts(struct fz_gather *g)
{
    fz_str *texts = FZ_NEW_ARRAY(g->arena, fz_str, g->texts.n / sizeof(fz_str));

    memcpy(texts, g->texts.p, g->texts.n);
    g->log->texts = texts;
}

static int by_line(const void *a, const void *b)
{
    const struct fz_log_refusal *x = a, *y = b;

    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

void fz_log_place(const struct fz_log *log, uint16_t file, uint32_t line, uint32_t column, struct fz_buf *out)
{
    const struct fz_log_file *f = &log->files[file];
    struct fz_buf b = {0};
    char letters[FZ_XLSX_COLUMN_TEXT] = "";

    fz_buf_printf(&b, "%s:", f->name);
    if (f->sheet.n)
        fz_buf_printf(&b, "%.*s!%s", FZ_STR_ARG(f->sheet), column ? fz_xlsx_column_text(column - 1, letters) : "");
    fz_cell_disarm(&b);
    fz_buf_printf(out, "%s%u", b.p, line);
    fz_buf_release(&b);
}

void fz_gather_finish(struct fz_gather *g)
{
    g->log->cases_n = g->cases.n / sizeof(struct known_case);
    finish_events(g);
    finish_cases(g);
    finish_values(g);
    finish_texts(g);
    if (g->log->refusals_n)
        qsort(g->log->refusals, g->log->refusals_n, sizeof(*g->log->refusals), by_line);
}

/* ---- life ---- */

struct fz_gather *fz_gather_new(struct fz_log *log, const struct fz_map *m, const struct fz_log_wish *wish,
                                struct fz_arena *arena)
{
    static const fz_str empty;
    struct fz_arena scratch = {0};
    struct fz_gather *g = FZ_NEW(&scratch, struct fz_gather);

    *g = (struct fz_gather){.m = m, .wish = *wish, .arena = arena, .log = log};
    fz_lookup_init(&g->case_index, &scratch, 1 << 12);
    fz_lookup_init(&g->text_index, &scratch, 1 << 8);
    fz_lookup_init(&g->act_index, &scratch, 1 << 6);
    for (size_t i = 0; i < m->acts_n; i++)
        fz_lookup_add(&g->act_index, &scratch, (uint32_t)fz_hash_text(0, m->acts[i].word), (uint32_t)i);
    push(&g->texts, &empty, sizeof(empty));
    g->scratch = scratch;
    return g;
}

void fz_gather_free(struct fz_gather *g)
{
    struct fz_arena scratch;

    if (!g)
        return;
    fz_buf_release(&g->events);
    fz_buf_release(&g->runs);
    fz_buf_release(&g->cases);
    fz_buf_release(&g->table_rows);
    fz_buf_release(&g->texts);
    fz_buf_release(&g->values);
    scratch = g->scratch; /* which holds *g as well */
    fz_arena_release(&scratch);
}
