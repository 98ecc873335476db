#include "engine/wire.h"

/* ---- values ---- */

static bool is_number(fz_type t)
{
    return t == FZ_TYPE_FLAG || t == FZ_TYPE_INT || t == FZ_TYPE_MONEY || t == FZ_TYPE_POINTS || t == FZ_TYPE_YEAR;
}

static fz_entry_value one_out(const struct fz_field *f, fz_value v, struct fz_arena *arena)
{
    struct fz_buf b = {0};
    fz_entry_value out = {.kind = FZ_VALUE_TEXT};

    if (is_number(f->type))
        return (fz_entry_value){.kind = FZ_VALUE_INT, .number = v.n};
    fz_value_print(f->type, &f->choices, v, &b);
    out.text = fz_str_copy(arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return out;
}

fz_entry_value fz_wire_value(const struct fz_field *f, fz_value v, struct fz_arena *arena)
{
    fz_entry_value *items;

    if (!f->many)
        return one_out(f, v, arena);
    items = FZ_NEW_ARRAY(arena, fz_entry_value, v.many);
    for (uint32_t i = 0; i < v.many; i++)
        items[i] = one_out(f, v.items[i], arena);
    return (fz_entry_value){.kind = FZ_VALUE_LIST, .items = items, .items_n = v.many};
}

static bool one_in(const struct fz_field *f, const fz_entry_value *v, fz_value *out)
{
    if (!is_number(f->type))
        return v->kind == FZ_VALUE_TEXT && fz_value_parse(f->type, &f->choices, v->text, out);
    if (v->kind != FZ_VALUE_INT)
        return false;
    *out = FZ_NUMBER(v->number);
    return true;
}

static bool value_in(const struct fz_field *f, const fz_entry_value *v, struct fz_arena *arena, fz_value *out)
{
    fz_value *items;

    if (!f->many)
        return one_in(f, v, out);
    if (v->kind != FZ_VALUE_LIST)
        return false;
    items = FZ_NEW_ARRAY(arena, fz_value, v->items_n + 1);
    for (size_t i = 0; i < v->items_n; i++)
        if (!one_in(f, &v->items[i], &items[i]))
            return false;
    *out = (fz_value){.set = true, .many = (uint32_t)v->items_n, .items = items};
    return true;
}

/* ---- parties by their numbers ---- */

#define WHO_MARK "\x1a" /* SUB: what stands for what is gone */
#define WHO_AHEAD_MAX 65536 /* numbers of one entry: it has not that many bytes */

fz_str fz_who_stand_in(struct fz_arena *arena, int64_t number)
{
    return fz_str_printf(arena, WHO_MARK "%lld", (long long)number);
}

bool fz_who_is_stand_in(fz_str text)
{
    return fz_str_starts(text, WHO_MARK);
}

bool fz_wire_is_party(const struct fz_field *f)
{
    return f->personal && fz_type_is_text(f->type) && (f->many || f->type == FZ_TYPE_PARTY || f->type == FZ_TYPE_ORGAN || f->type == FZ_TYPE_OFFICIAL);
}

static int64_t number_of(struct fz_whos *w, fz_str text)
{
    for (size_t i = 0; i < w->n; i++)
        if (fz_str_eq(w->items[i], text))
            return (int64_t)i + 1;
    FZ_PUSH(w->arena, w, items, n, cap) = fz_str_copy(w->arena, text);
    return (int64_t)w->n;
}

/* The one text by which the record knows party `number`: the first that was read, which may be its stand-in. False: no such number can be. */
static bool known_as(struct fz_whos *w, int64_t number, fz_str *io_text)
{
    if (number < 0 || number > (int64_t)w->n + WHO_AHEAD_MAX)
        return false;
    if (number == 0)
        return true;
    while (w->n < (size_t)number)
        FZ_PUSH(w->arena, w, items, n, cap) = (fz_str){0};
    if (w->items[number - 1].n == 0)
        w->items[number - 1] = fz_str_copy(w->arena, *io_text);
    *io_text = w->items[number - 1];
    return true;
}

/* ---- a step becomes an entry ---- */

struct writer {
    struct fz_arena *arena;
    fz_hasher h;
    struct fz_random random;
    struct fz_whos *whos;
    struct {
        fz_entry_field *items;
        size_t n, cap;
    } values;
    struct {
        fz_entry_hash *items;
        size_t n, cap;
    } commitments;
    struct fz_privates *privates;
};

static void add_public(struct writer *w, fz_str name, fz_entry_value v)
{
    FZ_PUSH(w->arena, &w->values, items, n, cap) = (fz_entry_field){name, v};
}

static void add_private(struct writer *w, fz_str name, const fz_entry_value *v)
{
    struct fz_private p = {.name = name};
    struct fz_buf b = {0};

    fz_entry_value_emit(&b, v);
    p.value = fz_str_copy(w->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    w->random.fill(w->random.arg, p.salt.bytes, sizeof(p.salt.bytes));
    FZ_PUSH(w->arena, w->privates, items, n, cap) = p;
    FZ_PUSH(w->arena, &w->commitments, items, n, cap) = (fz_entry_hash){name, fz_commit_field(w->h, &p.salt, name, p.value)};
}

static void add_text(struct writer *w, const char *name, fz_str text, bool personal)
{
    fz_entry_value v = {.kind = FZ_VALUE_TEXT, .text = text};

    if (text.n == 0)
        return;
    if (personal)
        add_private(w, fz_str_of(name), &v);
    else
        add_public(w, fz_str_of(name), v);
}

static void add_persons(struct writer *w, const struct fz_step *s)
{
    fz_entry_value *items = FZ_NEW_ARRAY(w->arena, fz_entry_value, s->others_n);

    for (size_t i = 0; i < s->others_n; i++)
        items[i] = (fz_entry_value){.kind = FZ_VALUE_TEXT, .text = s->others[i]};
    if (s->others_n)
        add_public(w, FZ_STR(FZ_WIRE_PERSONS), (fz_entry_value){.kind = FZ_VALUE_LIST, .items = items, .items_n = s->others_n});
}

static fz_entry_value number_out(struct writer *w, fz_str text)
{
    return (fz_entry_value){.kind = FZ_VALUE_INT, .number = number_of(w->whos, text)};
}

/* The numbers of the parties in a field, beside the commitment to their names. */
static void add_numbers(struct writer *w, const struct fz_field *f, fz_value v)
{
    fz_entry_value out = {.kind = FZ_VALUE_LIST, .items_n = v.many};
    fz_entry_value *items;

    if (!f->many) {
        out = number_out(w, v.text);
    } else {
        out.items = items = FZ_NEW_ARRAY(w->arena, fz_entry_value, v.many);
        for (uint32_t i = 0; i < v.many; i++)
            items[i] = number_out(w, v.items[i].text);
    }
    add_public(w, fz_str_printf(w->arena, FZ_WIRE_WHO "-%.*s", FZ_STR_ARG(f->name)), out);
}

static void add_values(struct writer *w, const struct fz_step *s, const struct fz_record *r)
{
    for (size_t i = 0; i < s->values_n; i++) {
        const struct fz_field *f = &r->fields[s->values[i].field];
        fz_entry_value v;

        if (!s->values[i].value.set)
            continue;
        v = fz_wire_value(f, s->values[i].value, w->arena);
        if (f->personal)
            add_private(w, f->name, &v);
        else
            add_public(w, f->name, v);
        if (fz_wire_is_party(f))
            add_numbers(w, f, s->values[i].value);
    }
}

/* A party. The record of a link is told by what it comes from. */
static void add_member(struct writer *w, fz_str member)
{
    add_text(w, FZ_WIRE_MEMBER, member, true);
    if (member.n)
        add_public(w, FZ_STR(FZ_WIRE_WHO), number_out(w, member));
}

static void name_the_step(const struct fz_step *s, const struct fz_record *r, struct fz_entry *out)
{
    if (s->kind == FZ_DO && s->outcome != FZ_NONE)
        out->outcome = r->actions[s->action].outcomes[s->outcome].name;
    if (out->correction.n)
        return;
    switch (s->kind) {
    case FZ_DO:
        out->action = r->actions[s->action].name;
        break;
    case FZ_WAIVE:
        out->waives = r->actions[s->action].name;
        break;
    case FZ_SERVE:
        out->serves = r->documents[s->document].name;
        break;
    }
}

void fz_wire_write(const struct fz_step *s, const struct fz_record *r, fz_hasher h, struct fz_random random, struct fz_arena *arena, struct fz_whos *io_whos,
                   struct fz_entry *out, struct fz_privates *out_private)
{
    struct writer w = {.arena = arena, .h = h, .random = random, .whos = io_whos, .privates = out_private};
    char day[FZ_DAY_TEXT];

    *out_private = (struct fz_privates){0};
    name_the_step(s, r, out);
    out->on = s->on;
    out->minute = s->at == FZ_INSTANT_NONE ? FZ_MINUTE_NONE : s->at - fz_day_instant(s->on);
    add_values(&w, s, r);
    if (s->cause.n == 0)
        add_member(&w, s->member);
    add_text(&w, FZ_WIRE_REASON, s->reason, true);
    add_text(&w, FZ_WIRE_ROLE, s->role, false);
    add_persons(&w, s);
    if (s->by_law)
        add_public(&w, FZ_STR(FZ_WIRE_LAW), (fz_entry_value){.kind = FZ_VALUE_INT, .number = 1});
    add_text(&w, FZ_WIRE_CAUSE, s->cause, false);
    if (s->opened)
        add_public(&w, FZ_STR(FZ_WIRE_OPENED), (fz_entry_value){.kind = FZ_VALUE_INT, .number = 1});
    if (s->dated != FZ_DAY_NONE)
        add_text(&w, FZ_WIRE_DATED, fz_str_copy(arena, fz_str_of(fz_day_text(s->dated, day))), false);
    out->values = w.values.items;
    out->values_n = w.values.n;
    out->commitments = w.commitments.items;
    out->commitments_n = w.commitments.n;
}

/* ---- and an entry a step ---- */

struct reader {
    const struct fz_entry *e;
    const struct fz_record *r;
    struct fz_whos *whos;
    struct fz_arena *arena;
    struct fz_step *out;
    struct fz_given *given;
    struct fz_error *err;
};

static fz_status unknown(struct reader *r, const char *what, fz_str name)
{
    return fz_fail(r->err, FZ_E_INPUT, "entry %lld: %.*s has no %s `%.*s`", (long long)r->e->seq, FZ_STR_ARG(r->r->name), what, FZ_STR_ARG(name));
}

static fz_status read_outcome(struct reader *r)
{
    fz_str name = r->e->outcome;

    if (name.n == 0)
        return FZ_OK;
    r->out->outcome = r->out->action == FZ_NONE ? FZ_NONE : fz_outcome_find(&r->r->actions[r->out->action], name);
    return r->out->outcome == FZ_NONE ? unknown(r, "outcome", name) : FZ_OK;
}

static fz_status read_name(struct reader *r)
{
    const struct fz_entry *e = r->e;
    fz_str act = e->action.n ? e->action : e->waives;

    if (e->correction.n)
        return fz_fail(r->err, FZ_E_INPUT, "entry %lld corrects entry %lld and cannot stand alone", (long long)e->seq, (long long)e->corrects);

    if (e->serves.n) {
        r->out->kind = FZ_SERVE;
        r->out->document = fz_document_find(r->r, e->serves);
        return r->out->document == FZ_NONE ? unknown(r, "document", e->serves) : FZ_OK;
    }
    r->out->kind = e->waives.n ? FZ_WAIVE : FZ_DO;
    r->out->action = fz_action_find(r->r, act);
    if (r->out->action == FZ_NONE)
        return unknown(r, "action", act);
    return read_outcome(r);
}

static void read_persons(struct reader *r, const fz_entry_value *v)
{
    fz_str *others = FZ_NEW_ARRAY(r->arena, fz_str, v->items_n);

    for (size_t i = 0; i < v->items_n; i++)
        others[i] = v->items[i].text;
    r->out->others = others;
    r->out->others_n = v->items_n;
}

static const fz_entry_value *value_named(const struct fz_entry *e, fz_str name)
{
    for (size_t i = 0; i < e->values_n; i++)
        if (fz_str_eq(e->values[i].name, name))
            return &e->values[i].value;
    return NULL;
}

/* The numbers beside the commitment to field `f`; NULL: the entry has none. */
static const fz_entry_value *numbers_of(const struct reader *r, const struct fz_field *f)
{
    return fz_wire_is_party(f) ? value_named(r->e, fz_str_printf(r->arena, FZ_WIRE_WHO "-%.*s", FZ_STR_ARG(f->name))) : NULL;
}

static fz_status bad_number(struct reader *r, fz_str name)
{
    return fz_fail(r->err, FZ_E_INPUT, "entry %lld: its numbers of `%.*s` fit no parties", (long long)r->e->seq, FZ_STR_ARG(name));
}

/* Parties under the names by which the record knows them. */
static fz_status as_known(struct reader *r, const struct fz_field *f, fz_value *io)
{
    const fz_entry_value *numbers = numbers_of(r, f);
    fz_value *items = f->many ? (fz_value *)(uintptr_t)io->items : io; /* made by value_in() or stand_in() */
    size_t n = f->many ? io->many : 1;

    if (!numbers)
        return FZ_OK;
    if ((numbers->kind == FZ_VALUE_LIST) != f->many || (f->many && numbers->items_n != n))
        return bad_number(r, f->name);
    for (size_t i = 0; i < n; i++)
        if (!known_as(r->whos, f->many ? numbers->items[i].number : numbers->number, &items[i].text))
            return bad_number(r, f->name);
    return FZ_OK;
}

/* What a step has beside its fields; false: the name is a field's. */
static bool read_own(struct reader *r, fz_str name, const fz_entry_value *v)
{
    if (!fz_str_starts(name, "step-")) /* no field is called so, and most values are fields' */
        return false;
    if (fz_str_is(name, FZ_WIRE_MEMBER))
        r->out->member = v->text;
    else if (fz_str_is(name, FZ_WIRE_REASON))
        r->out->reason = v->text;
    else if (fz_str_is(name, FZ_WIRE_ROLE))
        r->out->role = v->text;
    else if (fz_str_is(name, FZ_WIRE_PERSONS))
        read_persons(r, v);
    else if (fz_str_is(name, FZ_WIRE_LAW))
        r->out->by_law = v->number != 0;
    else if (fz_str_is(name, FZ_WIRE_CAUSE))
        r->out->cause = v->text;
    else if (fz_str_is(name, FZ_WIRE_OPENED))
        r->out->opened = v->number != 0;
    else if (fz_str_is(name, FZ_WIRE_DATED))
        (void)fz_day_parse(v->text, &r->out->dated);
    else if (fz_str_is(name, FZ_WIRE_APPROVER) || fz_str_starts(name, FZ_WIRE_WHO))
        return true;
    else /* of the record or of its entering, not of the step */
        return fz_str_is(name, FZ_WIRE_SERIAL) || fz_str_is(name, FZ_WIRE_NUMBER) || fz_str_is(name, FZ_WIRE_SOURCE) ||
               fz_str_is(name, FZ_WIRE_RIGHT) || fz_str_is(name, FZ_WIRE_NAME);
    return true;
}

static fz_status read_value(struct reader *r, fz_str name, const fz_entry_value *v)
{
    int field;

    if (read_own(r, name, v))
        return FZ_OK;
    field = fz_field_find(r->r, name);
    if (field == FZ_NONE)
        return unknown(r, "field", name);
    if (!value_in(&r->r->fields[field], v, r->arena, &r->given[r->out->values_n].value))
        return fz_fail(r->err, FZ_E_INPUT, "entry %lld: no value of `%.*s`", (long long)r->e->seq, FZ_STR_ARG(name));
    FZ_TRY(as_known(r, &r->r->fields[field], &r->given[r->out->values_n].value));
    r->given[r->out->values_n++].field = field;
    return FZ_OK;
}

/* What stands for a value that is gone. Unset: nothing does. */
static fz_value stand_in(const struct reader *r, const struct fz_field *f)
{
    const fz_entry_value *numbers = numbers_of(r, f);
    fz_value *items;

    if (!fz_type_is_text(f->type) || (f->many && (!numbers || numbers->kind != FZ_VALUE_LIST)))
        return FZ_UNSET;
    if (!f->many)
        return (fz_value){.set = true, .text = fz_who_stand_in(r->arena, numbers ? numbers->number : 0)};
    items = FZ_NEW_ARRAY(r->arena, fz_value, numbers->items_n + 1);
    for (size_t i = 0; i < numbers->items_n; i++)
        items[i] = (fz_value){.set = true, .text = fz_who_stand_in(r->arena, numbers->items[i].number)};
    return (fz_value){.set = true, .many = (uint32_t)numbers->items_n, .items = items};
}

static bool lies_beside(const struct fz_private *privates, size_t n, fz_str name)
{
    for (size_t i = 0; i < n; i++)
        if (fz_str_eq(privates[i].name, name))
            return true;
    return false;
}

static fz_status read_gone(struct reader *r, fz_str name)
{
    const fz_entry_value *number = value_named(r->e, FZ_STR(FZ_WIRE_WHO));
    int field = fz_field_find(r->r, name);
    struct fz_given *given = &r->given[r->out->values_n];

    if (fz_str_is(name, FZ_WIRE_MEMBER))
        r->out->member = fz_who_stand_in(r->arena, number ? number->number : 0);
    if (field == FZ_NONE)
        return FZ_OK;
    *given = (struct fz_given){field, stand_in(r, &r->r->fields[field])};
    if (!given->value.set)
        return FZ_OK;
    r->out->values_n++;
    return as_known(r, &r->r->fields[field], &given->value);
}

/* What the entry committed to and is not there any more. */
static fz_status read_all_gone(struct reader *r, const struct fz_private *privates, size_t n)
{
    const fz_entry_value *number = value_named(r->e, FZ_STR(FZ_WIRE_WHO));

    for (size_t i = 0; i < r->e->commitments_n; i++)
        if (!lies_beside(privates, n, r->e->commitments[i].name))
            FZ_TRY(read_gone(r, r->e->commitments[i].name));
    if (number && r->out->member.n && !known_as(r->whos, number->number, &r->out->member))
        return bad_number(r, FZ_STR(FZ_WIRE_MEMBER));
    return FZ_OK;
}

static fz_status read_values(struct reader *r, const struct fz_private *privates, size_t n)
{
    const struct fz_entry *e = r->e;

    for (size_t i = 0; i < e->values_n; i++)
        FZ_TRY(read_value(r, e->values[i].name, &e->values[i].value));
    for (size_t i = 0; i < n; i++) {
        fz_entry_value v;

        if (!fz_entry_value_read(r->arena, privates[i].value, &v))
            return fz_fail(r->err, FZ_E_INPUT, "entry %lld: what lies beside it for `%.*s` is no value", (long long)e->seq, FZ_STR_ARG(privates[i].name));
        FZ_TRY(read_value(r, privates[i].name, &v));
    }
    FZ_TRY(read_all_gone(r, privates, n));
    r->out->values = r->given;
    return FZ_OK;
}

static bool is_told_by_one_of_many(const struct fz_record *r, const struct fz_step *s)
{
    int link = s->kind == FZ_DO ? r->actions[s->action].of_link : FZ_NONE;

    return link != FZ_NONE && r->links[link].many;
}

fz_status fz_wire_read(const struct fz_entry *e, const struct fz_record *r, const struct fz_private *privates, size_t n, struct fz_whos *io_whos,
                       struct fz_arena *arena, struct fz_step *out, struct fz_error *err)
{
    struct fz_step s = FZ_STEP(FZ_NONE, e->on);
    struct reader rd = {e, r, io_whos, arena, &s, FZ_NEW_ARRAY(arena, struct fz_given, e->values_n + e->commitments_n + n + 1), err};

    if (e->minute != FZ_MINUTE_NONE)
        s.at = fz_day_instant(e->on) + e->minute;
    FZ_TRY(read_name(&rd));
    FZ_TRY(read_values(&rd, privates, n));
    if (is_told_by_one_of_many(r, &s))
        s.member = s.cause;
    if (!s.by_law && !fz_str_is(e->actor, FZ_WIRE_NOBODY))
        s.person = e->actor;
    s.ref = (uint32_t)e->seq;
    *out = s;
    return FZ_OK;
}

static const struct fz_given *given_for(const struct fz_given *given, size_t n, int field)
{
    for (size_t i = 0; i < n; i++)
        if (given[i].field == field)
            return &given[i];
    return NULL;
}

/* The old values, each in its new words where there are any, and then what is new. */
static void overlay(const struct fz_step *corrected, struct fz_step *io_new, struct fz_arena *arena)
{
    struct fz_given *all = FZ_NEW_ARRAY(arena, struct fz_given, corrected->values_n + io_new->values_n);
    size_t n = 0;

    for (size_t i = 0; i < corrected->values_n; i++) {
        const struct fz_given *instead = given_for(io_new->values, io_new->values_n, corrected->values[i].field);

        all[n++] = instead ? *instead : corrected->values[i];
    }
    for (size_t i = 0; i < io_new->values_n; i++)
        if (!given_for(corrected->values, corrected->values_n, io_new->values[i].field))
            all[n++] = io_new->values[i];
    io_new->values = all;
    io_new->values_n = n;
}

fz_status fz_wire_correct(const struct fz_entry *e, const struct fz_record *r, const struct fz_private *privates, size_t n, const struct fz_step *corrected,
                          struct fz_whos *io_whos, struct fz_arena *arena, struct fz_step *out, struct fz_error *err)
{
    struct fz_step s = *corrected;
    struct reader rd = {e, r, io_whos, arena, &s, FZ_NEW_ARRAY(arena, struct fz_given, e->values_n + e->commitments_n + n + 1), err};

    if (fz_str_is(e->correction, FZ_WIRE_ANNUL)) {
        *out = *corrected;
        return FZ_OK;
    }
    s.values_n = 0;
    s.on = e->on;
    s.at = e->minute == FZ_MINUTE_NONE ? FZ_INSTANT_NONE : fz_day_instant(e->on) + e->minute;
    FZ_TRY(read_outcome(&rd));
    FZ_TRY(read_values(&rd, privates, n));
    s.role = corrected->role; /* the correction's own role, reason and member are not the step's */
    s.reason = corrected->reason;
    s.member = corrected->member;
    s.others = corrected->others;
    s.others_n = corrected->others_n;
    overlay(corrected, &s, arena);
    *out = s;
    return FZ_OK;
}
