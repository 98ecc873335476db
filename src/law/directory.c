/*
 * Rows in one array, in chains by what they are looked for: persons, organs, the records that gave them. A row that was replaced stays in its chains and
 * is passed over; once most are such, all is laid out anew.
 */
#include "law/directory.h"

#include <stdlib.h>

#include "base/lookup.h"

#define NO_ROW UINT32_MAX
#define GONE_MAX 1024     /* rows passed over before it is worth laying them out anew */
#define DEPTH_MAX 16      /* organs over one another, or one after the other */

const struct fz_directory_form fz_directory_forms[FZ_DIRECTORY_KINDS_N] = {
#define X(name, word, en, zh, needs, may) {word, en, zh, needs, may},
    FZ_DIRECTORY_KINDS(X)
#undef X
};

const char *fz_directory_part_word(fz_directory_part p)
{
    static const char *const words[] = {
#define X(name, word, ...) word,
        FZ_DIRECTORY_PARTS(X)
#undef X
    };

    fz_assert(p < FZ_DIRECTORY_PARTS_N);
    return words[p];
}

/* ---- chains ---- */

struct slot {
    struct fz_directory_row row;
    uint32_t next, next_at_organ; /* in the chain of its name; of mandates, in that of their organ */
    bool gone;
};

struct chain {
    fz_str name;
    uint32_t first;
};

struct chains {
    struct fz_lookup by_name;
    struct chain *items;
    size_t n, cap;
};

struct fz_directory {
    struct fz_arena arena;
    struct slot *items;
    size_t n, cap, gone;
    struct chains named[FZ_DIRECTORY_KINDS_N]; /* by person; organs and delegations by organ */
    struct chains at_organ;                    /* mandates */
    struct chains records;                     /* each a chain of one: `first` is its row */
};

static uint32_t hash_of(fz_str s)
{
    return (uint32_t)fz_hash_text(0, s);
}

static fz_str chain_name(const void *owner, uint32_t at)
{
    return ((const struct chains *)owner)->items[at].name;
}

static struct chain *find_chain(const struct chains *c, fz_str name)
{
    uint32_t at = c->by_name.cap ? fz_lookup_find(&c->by_name, hash_of(name), name, chain_name, c) : FZ_LOOKUP_NONE;

    return at == FZ_LOOKUP_NONE ? NULL : &c->items[at];
}

static struct chain *need_chain(struct fz_directory *d, struct chains *c, fz_str name)
{
    struct chain *there = find_chain(c, name);
    uint32_t at = (uint32_t)c->n;

    if (there)
        return there;
    if (c->by_name.cap == 0)
        fz_lookup_init(&c->by_name, &d->arena, 64);
    FZ_PUSH(&d->arena, c, items, n, cap) = (struct chain){name, NO_ROW};
    fz_lookup_add(&c->by_name, &d->arena, hash_of(name), at);
    return &c->items[at];
}

static fz_str name_of(const struct fz_directory_row *row)
{
    return row->text[row->kind == FZ_DK_ORGAN || row->kind == FZ_DK_DELEGATION ? FZ_DP_ORGAN : FZ_DP_PERSON];
}

/* ---- filling ---- */

struct fz_directory *fz_directory_new(void)
{
    struct fz_directory *d = calloc(1, sizeof(*d));

    fz_assert(d);
    fz_arena_init_small(&d->arena, 4096);
    return d;
}

void fz_directory_free(struct fz_directory *d)
{
    if (!d)
        return;
    fz_arena_release(&d->arena);
    free(d);
}

void fz_directory_clear(struct fz_directory *d)
{
    struct fz_arena arena = d->arena;

    fz_arena_reset(&arena);
    *d = (struct fz_directory){.arena = arena};
}

size_t fz_directory_count(const struct fz_directory *d)
{
    return d->n - d->gone;
}

static struct fz_directory_row copy_row(struct fz_arena *arena, const struct fz_directory_row *row)
{
    fz_str *successors = FZ_NEW_ARRAY(arena, fz_str, row->successors_n);
    struct fz_directory_row copy = *row;

    copy.record = fz_str_copy(arena, row->record);
    for (size_t i = 0; i < FZ_DIRECTORY_TEXTS; i++)
        copy.text[i] = row->text[i].n ? fz_str_copy(arena, row->text[i]) : (fz_str){0};
    for (size_t i = 0; i < row->successors_n; i++)
        successors[i] = fz_str_copy(arena, row->successors[i]);
    copy.successors = successors;
    return copy;
}

static void add(struct fz_directory *d, const struct fz_directory_row *row)
{
    struct slot slot = {.row = copy_row(&d->arena, row)};
    struct chain *named = need_chain(d, &d->named[row->kind], name_of(&slot.row)), *at;

    slot.next = named->first;
    named->first = (uint32_t)d->n;
    if (row->kind == FZ_DK_MANDATE) {
        at = need_chain(d, &d->at_organ, slot.row.text[FZ_DP_ORGAN]);
        slot.next_at_organ = at->first;
        at->first = (uint32_t)d->n;
    }
    need_chain(d, &d->records, slot.row.record)->first = (uint32_t)d->n;
    FZ_PUSH(&d->arena, d, items, n, cap) = slot;
}

/* What is passed over goes. */
static void lay_out_anew(struct fz_directory *d)
{
    struct fz_directory old = *d;

    *d = (struct fz_directory){.gone = 0};
    fz_arena_init(&d->arena);
    for (size_t i = 0; i < old.n; i++)
        if (!old.items[i].gone)
            add(d, &old.items[i].row);
    fz_arena_release(&old.arena);
}

void fz_directory_remove(struct fz_directory *d, fz_str record)
{
    struct chain *c = find_chain(&d->records, record);

    if (!c || c->first == NO_ROW)
        return;
    d->items[c->first].gone = true;
    c->first = NO_ROW;
    if (++d->gone > GONE_MAX && d->gone > d->n / 2)
        lay_out_anew(d);
}

void fz_directory_put(struct fz_directory *d, const struct fz_directory_row *row)
{
    fz_assert(row->kind < FZ_DIRECTORY_KINDS_N && name_of(row).n);
    fz_directory_remove(d, row->record);
    add(d, row);
}

/* ---- looking ---- */

static const struct slot *slot_at(const struct fz_directory *d, uint32_t at)
{
    while (at != NO_ROW && d->items[at].gone)
        at = d->items[at].next;
    return at == NO_ROW ? NULL : &d->items[at];
}

static const struct slot *first_of(const struct fz_directory *d, fz_directory_kind kind, fz_str name)
{
    const struct chain *c = find_chain(&d->named[kind], name);

    return c ? slot_at(d, c->first) : NULL;
}

static const struct slot *next_of(const struct fz_directory *d, const struct slot *s)
{
    return slot_at(d, s->next);
}

/* Rows of one kind and name. */
#define EACH_ROW(d, s, kind, name) (const struct slot *s = first_of((d), (kind), (name)); s; s = next_of((d), s))

static bool has_come(const struct fz_directory_row *r, fz_day on)
{
    return r->from == FZ_DAY_NONE || r->from <= on;
}

static bool has_gone(const struct fz_directory_row *r, fz_day on)
{
    return r->until != FZ_DAY_NONE && r->until < on;
}

static bool counts(const struct fz_directory_row *r, fz_day on)
{
    return has_come(r, on) && !has_gone(r, on);
}

static bool before(const struct fz_directory_row *a, const struct fz_directory_row *b)
{
    return !b || fz_str_cmp(a->record, b->record) < 0;
}

/* Of those that do not count on a day, the one nearest to it: what has begun last, else what comes first; then by id. */
static bool is_nearer(const struct fz_directory_row *a, const struct fz_directory_row *b, fz_day on)
{
    if (!b || has_come(a, on) != has_come(b, on))
        return !b || has_come(a, on);
    if (a->from != b->from)
        return has_come(a, on) ? a->from > b->from : a->from < b->from;
    return before(a, b);
}

static bool covers(fz_str scope, const struct fz_directory_scope *asked)
{
    return scope.n == 0 ? !asked->feeds : fz_str_eq(scope, asked->pack) || fz_str_eq(scope, asked->type);
}

/* The organ by its name as of the day, the one that counts before others of that name; NULL. */
static const struct fz_directory_row *organ_of(const struct fz_directory *d, fz_str name, fz_day on)
{
    const struct fz_directory_row *best = NULL;

    for EACH_ROW(d, s, FZ_DK_ORGAN, name)
        if (!best || (counts(&s->row, on) && !counts(best, on)) || (counts(&s->row, on) == counts(best, on) && is_nearer(&s->row, best, on)))
            best = &s->row;
    return best;
}

/* Whether `organ` is `of`, or goes on with its powers: its successor, or one of theirs. */
static bool stands_for(const struct fz_directory *d, fz_str organ, fz_str of, fz_day on, int depth)
{
    const struct fz_directory_row *ended;

    if (fz_str_eq(organ, of))
        return true;
    ended = depth ? organ_of(d, of, on) : NULL;
    if (!ended || !has_gone(ended, on))
        return false;
    for (size_t i = 0; i < ended->successors_n; i++)
        if (stands_for(d, organ, ended->successors[i], on, depth - 1))
            return true;
    return false;
}

static bool began_at(const struct fz_directory *d, fz_str organ, const struct fz_directory_scope *scope, fz_day on)
{
    const struct chain *c = find_chain(&d->at_organ, organ);

    for (uint32_t at = c ? c->first : NO_ROW; at != NO_ROW; at = d->items[at].next_at_organ) {
        const struct slot *s = &d->items[at];

        if (!s->gone && has_come(&s->row, on) && covers(s->row.text[FZ_DP_SCOPE], scope))
            return true;
    }
    return false;
}

static bool begun(const struct fz_directory *d, fz_str organ, const struct fz_directory_scope *scope, fz_day on, int depth)
{
    const struct fz_directory_row *ended;

    if (began_at(d, organ, scope, on))
        return true;
    ended = depth ? organ_of(d, organ, on) : NULL;
    for (size_t i = 0; ended && has_gone(ended, on) && i < ended->successors_n; i++)
        if (begun(d, ended->successors[i], scope, on, depth - 1))
            return true;
    return false;
}

bool fz_directory_has_begun(const struct fz_directory *d, fz_str organ, const struct fz_directory_scope *scope, fz_day on)
{
    return begun(d, organ, scope, on, DEPTH_MAX);
}

bool fz_directory_has_role(const struct fz_directory *d, fz_str role, const struct fz_directory_scope *scope, fz_day on)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct slot *s = &d->items[i];

        if (!s->gone && s->row.kind == FZ_DK_MANDATE && fz_str_eq(s->row.text[FZ_DP_ROLE], role) && has_come(&s->row, on) &&
            covers(s->row.text[FZ_DP_SCOPE], scope))
            return true;
    }
    return false;
}

const struct fz_directory_row *fz_directory_official(const struct fz_directory *d, fz_str person, fz_day on, const struct fz_directory_row **out_near)
{
    *out_near = NULL;
    for EACH_ROW(d, s, FZ_DK_OFFICIAL, person) {
        if (counts(&s->row, on))
            return &s->row;
        if (is_nearer(&s->row, *out_near, on))
            *out_near = &s->row;
    }
    return NULL;
}

/* ---- powers ---- */

/* Whether an organ is an institution (机构) of another on that day. */
static bool is_institution_of(const struct fz_directory *d, fz_str organ, fz_str of, fz_day on)
{
    const struct fz_directory_row *row = organ_of(d, organ, on);

    return row && counts(row, on) && fz_str_is(row->text[FZ_DP_CLASS], "institution") && fz_str_eq(row->text[FZ_DP_SUPERIOR], of);
}

/* The delegation under which a mandate at another organ holds at this one; the first by id. */
static const struct fz_directory_row *delegation_to(const struct fz_directory *d, fz_str organ, const struct fz_power_asked *a)
{
    const struct fz_directory_row *best = NULL;

    for EACH_ROW(d, s, FZ_DK_DELEGATION, a->organ) {
        const struct fz_directory_row *r = &s->row;
        bool fits = fz_str_eq(r->text[FZ_DP_TO], organ) && covers(r->text[FZ_DP_SCOPE], &a->scope) &&
                    (r->text[FZ_DP_ROLE].n == 0 || fz_str_eq(r->text[FZ_DP_ROLE], a->role));

        if (fits && counts(r, a->on) && before(r, best))
            best = r;
    }
    return best;
}

/* Whether a mandate holds where it is asked for, whatever its days. `*out_delegation`: because of this one. */
static bool holds_there(const struct fz_directory *d, const struct fz_directory_row *m, const struct fz_power_asked *a, const struct fz_directory_row **out_delegation)
{
    *out_delegation = NULL;
    if (!fz_str_eq(m->text[FZ_DP_ROLE], a->role) || !covers(m->text[FZ_DP_SCOPE], &a->scope))
        return false;
    if (a->institution)
        return is_institution_of(d, m->text[FZ_DP_ORGAN], a->organ, a->on);
    if (stands_for(d, m->text[FZ_DP_ORGAN], a->organ, a->on, DEPTH_MAX))
        return true;
    if (a->delegated)
        *out_delegation = delegation_to(d, m->text[FZ_DP_ORGAN], a);
    return *out_delegation != NULL;
}

/* 0: one's own; 1: held for somebody; 2 and 3: entrusted. */
static int distance(const struct fz_directory_row *mandate, const struct fz_directory_row *delegation)
{
    return (mandate->text[FZ_DP_ACTING_FOR].n > 0) + 2 * (delegation != NULL);
}

struct fz_power fz_directory_power(const struct fz_directory *d, const struct fz_power_asked *a)
{
    struct fz_power best = {.mandate = NULL};

    for EACH_ROW(d, s, FZ_DK_MANDATE, a->person) {
        const struct fz_directory_row *m = &s->row, *delegation;
        int nearer;

        if (!holds_there(d, m, a, &delegation))
            continue;
        if (!counts(m, a->on)) {
            if (is_nearer(m, best.near, a->on))
                best.near = m;
            continue;
        }
        nearer = best.mandate ? distance(m, delegation) - distance(best.mandate, best.delegation) : -1;
        if (nearer < 0 || (nearer == 0 && before(m, best.mandate))) {
            best.mandate = m;
            best.delegation = delegation;
        }
    }
    return best;
}

bool fz_directory_serves(const struct fz_directory *d, fz_str person, fz_str organ, const struct fz_directory_scope *scope, fz_day on)
{
    const struct fz_directory_row *near;

    if (!fz_directory_official(d, person, on, &near))
        return false;
    for EACH_ROW(d, s, FZ_DK_MANDATE, person)
        if (counts(&s->row, on) && covers(s->row.text[FZ_DP_SCOPE], scope) && stands_for(d, s->row.text[FZ_DP_ORGAN], organ, on, DEPTH_MAX))
            return true;
    return false;
}

const struct fz_directory_row *fz_directory_certificate(const struct fz_directory *d, fz_str person, fz_str holding, fz_day on,
                                                        const struct fz_directory_row **out_near)
{
    *out_near = NULL;
    for EACH_ROW(d, s, FZ_DK_CERTIFICATE, person) {
        if (!fz_str_eq(s->row.text[FZ_DP_HOLDING], holding))
            continue;
        if (counts(&s->row, on))
            return &s->row;
        if (is_nearer(&s->row, *out_near, on))
            *out_near = &s->row;
    }
    return NULL;
}

const struct fz_directory_row *fz_directory_recusal(const struct fz_directory *d, fz_str person, fz_str record, fz_str organ, fz_day on)
{
    const struct fz_directory_row *best = NULL;

    for EACH_ROW(d, s, FZ_DK_RECUSAL, person) {
        const struct fz_directory_row *r = &s->row;
        bool meant = fz_str_eq(r->text[FZ_DP_CASE], record) &&
                     (r->text[FZ_DP_ORGAN].n == 0 || stands_for(d, r->text[FZ_DP_ORGAN], organ, on, DEPTH_MAX));

        if (meant && counts(r, on) && before(r, best))
            best = r;
    }
    return best;
}

fz_str fz_directory_government(const struct fz_directory *d, fz_str organ, fz_day on)
{
    for (int i = 0; i < DEPTH_MAX; i++) {
        const struct fz_directory_row *row = organ_of(d, organ, on);

        if (!row)
            break;
        if (fz_str_is(row->text[FZ_DP_CLASS], "government"))
            return row->text[FZ_DP_ORGAN];
        organ = row->text[FZ_DP_SUPERIOR];
    }
    return (fz_str){0};
}

bool fz_directory_knows(const struct fz_directory *d, fz_str organ, fz_day on)
{
    return organ_of(d, organ, on) != NULL;
}

bool fz_directory_stands_over(const struct fz_directory *d, fz_str over, fz_str organ, fz_day on)
{
    for (int i = 0; i < DEPTH_MAX; i++) {
        const struct fz_directory_row *row = organ_of(d, organ, on);

        if (!row || row->text[FZ_DP_SUPERIOR].n == 0)
            break;
        organ = row->text[FZ_DP_SUPERIOR];
        if (fz_str_eq(organ, over))
            return true;
    }
    return false;
}
