/* What entries give in the tables. The same functions serve live work, rebuild and verification, so there is one meaning of each row. */
#include "engine/directory.h"

static fz_cell text(fz_str s)
{
    return FZ_CELL_OF(s);
}

static fz_cell maybe_text(fz_str s)
{
    return s.n ? FZ_CELL_OF(s) : FZ_CELL_UNSET;
}

static fz_cell maybe_day(fz_day d)
{
    return d == FZ_DAY_NONE ? FZ_CELL_UNSET : FZ_CELL_OF_INT(d);
}

fz_str fz_project_name(const struct fz_record *r, const struct fz_step *s, struct fz_arena *arena)
{
    if (s->kind == FZ_DO)
        return r->actions[s->action].name;
    if (s->kind == FZ_SERVE)
        return fz_str_printf(arena, "serves-%.*s", FZ_STR_ARG(r->documents[s->document].name));
    return fz_str_printf(arena, "waives-%.*s", FZ_STR_ARG(r->actions[s->action].name));
}

static fz_str outcome_of(const struct fz_record *r, const struct fz_step *s)
{
    return s->kind == FZ_DO && s->outcome != FZ_NONE ? r->actions[s->action].outcomes[s->outcome].name : (fz_str){0};
}

/* ---- what an act counts for ---- */

static bool shown_by(const struct fz_indicator *ind, int field)
{
    for (size_t i = 0; i < ind->by.n; i++)
        if (ind->by.items[i] == field)
            return true;
    return false;
}

/* Adds what the act is to one indicator; whether it is anything. */
static bool count_for(const struct kind *k, const fz_view *v, const struct fz_indicator *ind, struct fz_buf *out)
{
    size_t before = out->n;

    if (&k->pack->records[ind->record] != k->r)
        return false;
    if (fz_indicator_counts(v, ind))
        fz_buf_printf(out, " %.*s", FZ_STR_ARG(ind->name));
    for (size_t b = 0; b < ind->bases_n; b++)
        if (fz_acts_has(&ind->bases[b].acts, v->cmd->action))
            fz_buf_printf(out, " %.*s.%.*s", FZ_STR_ARG(ind->name), FZ_STR_ARG(ind->bases[b].name));
    return out->n > before;
}

void fz_project_dimension(const struct kind *k, const fz_view *v, int field, struct fz_buf *out)
{
    const struct fz_field *f = &k->r->fields[field];
    struct fz_buf value = {0};

    fz_value_print(f->type, &f->choices, fz_case_value(v, field), &value);
    fz_buf_printf(out, "%s%.*s=", out->n ? "\n" : "", FZ_STR_ARG(f->name));
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\\' || value.p[i] == '\n')
            fz_buf_addc(out, '\\');
        fz_buf_addc(out, value.p[i] == '\n' ? 'n' : value.p[i]);
    }
    fz_buf_release(&value);
}

/* What the act is as a change: no field, and no field has its name. */
static void add_kind_of_change(const struct kind *k, const fz_view *v, struct fz_buf *out)
{
    int change = fz_action_change(&k->r->actions[v->cmd->action], v->cmd->outcome);

    fz_buf_printf(out, "%skind=%.*s", out->n ? "\n" : "", FZ_STR_ARG(k->r->kinds[change].name));
}

/* Of the fields by which something that the act counts for is broken down, in the order of the record. A personal one is none. */
static void add_dimensions(const struct kind *k, const fz_view *v, const bool *counts, struct fz_buf *out)
{
    bool by_kind = false;

    for (size_t f = 0; f < k->r->fields_n; f++) {
        bool wanted = false;

        for (size_t i = 0; i < k->pack->indicators_n; i++)
            wanted |= counts[i] && shown_by(&k->pack->indicators[i], (int)f);
        if (wanted && !k->r->fields[f].personal)
            fz_project_dimension(k, v, (int)f, out);
    }
    for (size_t i = 0; i < k->pack->indicators_n; i++)
        by_kind |= counts[i] && k->pack->indicators[i].by_kind;
    if (by_kind)
        add_kind_of_change(k, v, out);
}

static fz_cell cell_of(struct fz_buf *b, struct fz_arena *arena)
{
    fz_cell cell = text(fz_str_copy(arena, fz_buf_str(b)));

    fz_buf_release(b);
    return cell;
}

/* The case stands after the act, with what was given folded in. */
static void project_counted(const struct live *l, const struct fz_step *given, struct fz_arena *arena, fz_cell *row)
{
    const struct fz_pack *p = l->kind->pack;
    bool *counts = FZ_NEW_ARRAY(arena, bool, p->indicators_n), any = false;
    struct fz_buf counted = {0}, dims = {0};
    struct fz_step step = *given;
    fz_view v = {l->c, &step, l->cal, given->on};

    step.values_n = 0;
    fz_buf_add(&counted, p->name);
    for (size_t i = 0; i < p->indicators_n && step.kind == FZ_DO; i++)
        any |= counts[i] = count_for(l->kind, &v, &p->indicators[i], &counted);
    if (any)
        add_dimensions(l->kind, &v, counts, &dims);
    else
        fz_buf_reset(&counted);
    row[FZ_ACT_COUNTED] = cell_of(&counted, arena);
    row[FZ_ACT_DIMS] = cell_of(&dims, arena);
}

/* The act that the record has just taken. */
static void project_act(struct fz_engine *e, struct live *l, const struct done *d, fz_write_kind kind, struct fz_arena *arena, struct writes *out)
{
    fz_cell *row = add_write(out, arena, kind, &fz_table_act);

    row[FZ_ACT_JURISDICTION] = text(e->set.jurisdiction);
    row[FZ_ACT_TYPE] = text(l->kind->r->name);
    row[FZ_ACT_NAME] = text(fz_project_name(l->kind->r, &d->step, arena));
    row[FZ_ACT_ON] = FZ_CELL_OF_INT(d->step.on);
    row[FZ_ACT_SEQ] = FZ_CELL_OF_INT(d->seq);
    row[FZ_ACT_RECORD] = text(l->id);
    row[FZ_ACT_OUTCOME] = maybe_text(outcome_of(l->kind->r, &d->step));
    row[FZ_ACT_ACTOR] = text(d->actor);
    row[FZ_ACT_ORGAN] = text(d->organ);
    project_counted(l, &d->step, arena, row);
    fz_project_measures(e, l, d, kind, arena, out);
}

void fz_project_acts(struct fz_engine *e, const struct live *l, fz_write_kind kind, struct fz_arena *arena, struct writes *out)
{
    struct live again = *l;

    again.arena = arena;
    again.stocked = (struct stocked){.known = false};
    again.c = fz_case_new(arena, l->kind->pack, l->kind->r);
    for (size_t i = 0; i < l->done.n; i++) {
        const struct done *d = &l->done.items[i];

        if (d->annulled)
            continue;
        fz_case_apply(again.c, &d->step, l->cal);
        project_act(e, &again, d, kind, arena, out);
    }
}

static void project_key(struct fz_engine *e, const struct fz_entry *entry, struct fz_arena *arena, struct writes *out)
{
    fz_cell *row;

    if (!entry->key || fz_source_key(entry))
        return;
    row = add_write(out, arena, FZ_PUT, &fz_table_key);
    row[FZ_KEY_JURISDICTION] = text(e->set.jurisdiction);
    row[FZ_KEY_HASH] = text((fz_str){(const char *)entry->key->bytes, FZ_HASH_BYTES});
    row[FZ_KEY_SEQ] = FZ_CELL_OF_INT(entry->seq);
}

/* A clock has a row once it has started, while its condition holds. */
static bool has_row(const struct fz_clock_look *look)
{
    return look->started && look->applies;
}

/* The day under which a clock that runs is swept. */
static fz_day swept_on(const struct live *l, const struct fz_clock_look *look)
{
    return look->stopped == FZ_DAY_NONE && !fz_case_ended(l->c) ? look->due : FZ_DAY_NONE;
}

void fz_clock_rows(struct live *l)
{
    fz_view v = {l->c, NULL, l->cal, l->changed};

    l->rows.n = 0;
    for (int k = 0; k < (int)l->kind->r->clocks_n; k++)
        for (size_t i = 0; i < fz_clock_instances(l->c, k); i++) {
            struct fz_clock_look look = fz_clock_look(&v, k, i);

            if (has_row(&look))
                FZ_PUSH(l->arena, &l->rows, items, n, cap) = (struct clock_row){k, i, swept_on(l, &look)};
        }
}

static fz_cell *clock_row(struct fz_engine *e, const struct live *l, int clock, size_t instance, fz_write_kind kind, struct fz_arena *arena, struct writes *out)
{
    fz_cell *row = add_write(out, arena, kind, &fz_table_clock);

    row[FZ_CLOCK_JURISDICTION] = text(e->set.jurisdiction);
    row[FZ_CLOCK_RECORD] = text(l->id);
    row[FZ_CLOCK_NAME] = text(l->kind->r->clocks[clock].name);
    row[FZ_CLOCK_INSTANCE] = FZ_CELL_OF_INT((int64_t)instance);
    return row;
}

static void due_row(struct fz_engine *e, const struct live *l, const struct clock_row *of, fz_write_kind kind, struct fz_arena *arena, struct writes *out)
{
    fz_cell *row = add_write(out, arena, kind, &fz_table_due);

    row[FZ_DUE_JURISDICTION] = text(e->set.jurisdiction);
    row[FZ_DUE_DAY] = FZ_CELL_OF_INT(of->swept);
    row[FZ_DUE_RECORD] = text(l->id);
    row[FZ_DUE_CLOCK] = text(l->kind->r->clocks[of->clock].name);
    row[FZ_DUE_INSTANCE] = FZ_CELL_OF_INT((int64_t)of->instance);
}

static fz_day swept_before(const struct live *l, int clock, size_t instance)
{
    for (size_t i = 0; i < l->rows.n; i++)
        if (l->rows.items[i].clock == clock && l->rows.items[i].instance == instance)
            return l->rows.items[i].swept;
    return FZ_DAY_NONE;
}

/* What holds no longer goes: its row, and the day under which it was swept. */
static void remove_old_clocks(struct fz_engine *e, const struct live *l, const fz_view *v, struct fz_arena *arena, struct writes *out)
{
    for (size_t i = 0; i < l->rows.n; i++) {
        const struct clock_row *row = &l->rows.items[i];
        struct fz_clock_look look = fz_clock_look(v, row->clock, row->instance);

        if (!has_row(&look))
            clock_row(e, l, row->clock, row->instance, FZ_REMOVE, arena, out);
        if (row->swept != FZ_DAY_NONE && (!has_row(&look) || swept_on(l, &look) != row->swept))
            due_row(e, l, row, FZ_REMOVE, arena, out);
    }
}

static void project_clock(struct fz_engine *e, const struct live *l, int clock, size_t instance, const struct fz_clock_look *look, struct fz_arena *arena,
                          struct writes *out)
{
    fz_cell *row = clock_row(e, l, clock, instance, FZ_PUT, arena, out);
    struct clock_row now = {clock, instance, swept_on(l, look)};

    row[FZ_CLOCK_FROM] = FZ_CELL_OF_INT(look->from);
    row[FZ_CLOCK_DUE] = maybe_day(look->due);
    row[FZ_CLOCK_STOPPED] = maybe_day(look->stopped);
    row[FZ_CLOCK_LATE] = FZ_CELL_OF_INT(look->late);
    row[FZ_CLOCK_OPEN] = FZ_CELL_OF_INT(look->stopped == FZ_DAY_NONE && !fz_case_ended(l->c));
    row[FZ_CLOCK_PAUSED] = FZ_CELL_OF_INT(look->paused);
    row[FZ_CLOCK_UNREACHED] = FZ_CELL_OF_INT(look->unreached);
    if (now.swept != FZ_DAY_NONE && now.swept != swept_before(l, clock, instance))
        due_row(e, l, &now, FZ_PUT, arena, out);
}

/* Every clock that has started: its due day may have moved with anything that the step changed. */
static void project_clocks(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out)
{
    fz_view v = {l->c, NULL, l->cal, l->changed};

    remove_old_clocks(e, l, &v, arena, out);
    for (int k = 0; k < (int)l->kind->r->clocks_n; k++)
        for (size_t i = 0; i < fz_clock_instances(l->c, k); i++) {
            struct fz_clock_look look = fz_clock_look(&v, k, i);

            if (has_row(&look))
                project_clock(e, l, k, i, &look, arena, out);
        }
    fz_clock_rows(l);
}

void fz_project_serial(struct fz_engine *e, const struct counter *c, struct fz_arena *arena, struct writes *out)
{
    fz_cell *row = add_write(out, arena, FZ_PUT, &fz_table_serial);

    row[FZ_SERIAL_JURISDICTION] = text(e->set.jurisdiction);
    row[FZ_SERIAL_ORGAN] = text(c->organ);
    row[FZ_SERIAL_KIND] = text(c->kind);
    row[FZ_SERIAL_YEAR] = FZ_CELL_OF_INT(c->year);
    row[FZ_SERIAL_LAST] = FZ_CELL_OF_INT(c->last);
}

static void project_typed(struct fz_engine *e, const struct live *l, struct fz_arena *arena, struct writes *out)
{
    const struct fz_record *r = l->kind->r;
    fz_view v = {l->c, NULL, l->cal, l->changed};
    const struct fz_table *t = l->kind->table;
    fz_cell *row = add_write(out, arena, FZ_PUT, t);
    size_t next = 2; /* a version alone has its fields in order */

    row[0] = text(e->set.jurisdiction);
    row[1] = text(l->id);
    for (size_t i = 2; i < t->columns_n; i++)
        row[i] = FZ_CELL_UNSET;
    for (size_t i = 0; i < r->fields_n; i++) {
        if (!fz_typed_has(&r->fields[i]))
            continue;
        if (next >= t->columns_n || !fz_str_is(r->fields[i].name, t->columns[next].name + 2))
            next = (size_t)fz_typed_column(t, &r->fields[i]);
        row[next++] = fz_typed_cell(&r->fields[i], fz_case_value(&v, (int)i), arena);
    }
}

static void project_standing(struct fz_engine *e, const struct live *l, struct fz_arena *arena, struct writes *out)
{
    fz_cell *row = add_write(out, arena, FZ_PUT, &fz_table_record);
    int stage = fz_case_stage(l->c);

    row[FZ_RECORD_JURISDICTION] = text(e->set.jurisdiction);
    row[FZ_RECORD_ID] = text(l->id);
    row[FZ_RECORD_TYPE] = text(l->kind->r->name);
    row[FZ_RECORD_PACK] = text(l->kind->pack->name);
    row[FZ_RECORD_VERSION] = FZ_CELL_OF_INT(l->kind->pack->version);
    row[FZ_RECORD_STAGE] = text(stage == FZ_NONE ? (fz_str){0} : l->kind->r->stages[stage].name);
    row[FZ_RECORD_STEPS] = FZ_CELL_OF_INT(l->steps);
    row[FZ_RECORD_OPENED] = FZ_CELL_OF_INT(l->opened);
    row[FZ_RECORD_CHANGED] = FZ_CELL_OF_INT(l->changed);
    row[FZ_RECORD_ORGAN] = text(l->organ);
    row[FZ_RECORD_NUMBER] = maybe_text(l->number);
    row[FZ_RECORD_ENDED] = FZ_CELL_OF_INT(fz_case_ended(l->c));
}

void fz_project_record(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out)
{
    project_standing(e, l, arena, out);
    project_typed(e, l, arena, out);
    project_clocks(e, l, arena, out);
    fz_project_directory(e, l, arena, out);
    fz_project_links(e, l, arena, out);
    fz_project_held(e, l, arena, out);
    if (fz_erases(l->kind))
        fz_project_withheld(e, l, arena, out);
}

void fz_project_entry(struct fz_engine *e, struct live *l, const struct fz_entry *entry, struct fz_arena *arena, struct writes *out)
{
    project_key(e, entry, arena, out);
    if (!entry->correction.n)
        project_act(e, l, &l->done.items[l->done.n - 1], FZ_PUT, arena, out);
}
