/*
 * What an act brings about in other records (关联), in the same batch: records that it opens, effects on records that it leads to, and what records that lead
 * to this one are told of it. Each is an entry of its own record, by law, that names where it comes from (step-of); so each record folds from its own entries,
 * and what was known at the time is on record.
 *
 * The order is: the act; the records that it opens; its effects; what is told, and what follows from that there, which may spread further. That no circle
 * comes of it is checked when packs are (law/link.h); SPREAD_MAX holds where packs were not.
 */
#include "engine/directory.h"
#include "law/link.h"

#define LINKED_MAX 500 /* records of one link: those that one act looks at stay in memory together (lives.c) */
#define SPREAD_MAX 32   /* acts that one brings about, one out of the other */

static fz_view view_of(const struct live *l, const struct fz_step *cmd, fz_day day)
{
    return (fz_view){l->c, cmd, l->cal, day};
}

static struct fz_linked linked_of(const struct live *l, const struct fz_step *cmd, fz_day day)
{
    return (struct fz_linked){view_of(l, cmd, day), l->id, l->organ, l->number};
}

static size_t ids_of(const struct fz_link *link, fz_value v)
{
    return !v.set ? 0 : link->many ? v.many : 1;
}

static fz_str id_at(const struct fz_link *link, fz_value v, size_t i)
{
    return link->many ? v.items[i].text : v.text;
}

static bool leads_to(const struct live *l, int link, fz_str other)
{
    const struct fz_link *k = &l->kind->r->links[link];
    fz_view v = view_of(l, NULL, l->changed);
    fz_value ids = fz_case_value(&v, k->field);

    for (size_t i = 0; i < ids_of(k, ids); i++)
        if (fz_str_eq(id_at(k, ids, i), other))
            return true;
    return false;
}

static void ground_of_link(struct batch *b, struct fz_ruling *ruling, const struct fz_link *link, const struct fz_step *s, const char *what, const char *zh, const char *en)
{
    struct fz_ground g = {.kind = FZ_G_GATE, .id = fz_str_printf(b->out, "%.*s_%s", FZ_STR_ARG(link->name), what), .articles = link->articles, .day = s->on,
                          .clock = FZ_NONE, .from = FZ_DAY_NONE, .due = FZ_DAY_NONE};
    fz_str title_en = fz_title_in(link->title, FZ_EN);

    g.title.zh = fz_str_printf(b->out, "%.*s：%s", FZ_STR_ARG(link->title.zh), zh);
    g.title.en = fz_str_printf(b->out, "%.*s: %s", FZ_STR_ARG(title_en), en);
    FZ_PUSH(b->out, ruling, grounds, n, cap) = g;
    ruling->refusing++;
}

/* ---- who leads to a record ---- */

static fz_status take_watcher(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct live *l = arg;

    (void)err;
    FZ_PUSH(l->arena, &l->watchers, items, n, cap) =
        (struct watcher){fz_str_copy(l->arena, cells[FZ_LINK_RECORD].s), fz_str_copy(l->arena, cells[FZ_LINK_NAME].s)};
    return FZ_OK;
}

/* Those that are stored; others came while this record was in memory. */
static fz_status know_watchers(struct batch *b, struct live *l)
{
    fz_cell prefix[] = {FZ_CELL_OF(b->e->set.jurisdiction), FZ_CELL_OF(l->id)};
    struct fz_scan scan = {.table = &fz_table_link, .index = -1, .prefix = prefix, .prefix_n = 2};

    if (l->watchers.known)
        return FZ_OK;
    FZ_TRY(fz_store_scan(reader_of(b->e), &scan, take_watcher, l, b->err));
    l->watchers.known = true;
    return FZ_OK;
}

/* The other one stays in memory until the batch is settled, for the store does not know yet who leads to it. */
static fz_status watch(struct batch *b, struct live *other, fz_str record, fz_str link, bool *out_new)
{
    FZ_TRY(know_watchers(b, other));
    fz_batch_moved(b, other);
    *out_new = false;
    for (size_t i = 0; i < other->watchers.n; i++)
        if (fz_str_eq(other->watchers.items[i].record, record) && fz_str_eq(other->watchers.items[i].link, link))
            return FZ_OK;
    *out_new = true;
    FZ_PUSH(other->arena, &other->watchers, items, n, cap) = (struct watcher){fz_str_copy(other->arena, record), fz_str_copy(other->arena, link)};
    return FZ_OK;
}

/* ---- the records that a step links ---- */

static const struct fz_given *given_to(const struct fz_step *s, int field)
{
    for (size_t i = 0; i < s->values_n; i++)
        if (s->values[i].field == field)
            return &s->values[i];
    return NULL;
}

/* The link that a step enters itself; what linked records tell is not entered by anybody. */
static bool enters_link(const struct live *l, const struct fz_step *s, int link)
{
    return s->kind == FZ_DO && given_to(s, l->kind->r->links[link].field);
}

static bool is_right_type(const struct fz_link *k, const struct live *other)
{
    return other->c && fz_link_leads_to(k, other->kind->pack, other->kind->r);
}

static void add_values(struct batch *b, struct fz_step *io_s, const struct fz_given *more, size_t n)
{
    struct fz_given *all = FZ_NEW_ARRAY(&b->p->arena, struct fz_given, io_s->values_n + n);

    if (io_s->values_n)
        memcpy(all, io_s->values, io_s->values_n * sizeof(*all));
    if (n)
        memcpy(all + io_s->values_n, more, n * sizeof(*all));
    io_s->values = all;
    io_s->values_n += n;
}

static fz_status read_link(struct batch *b, struct live *l, int link, struct fz_step *io_s, struct fz_answer *a, bool *out_ok)
{
    const struct fz_link *k = &l->kind->r->links[link];
    fz_value ids = given_to(io_s, k->field)->value;

    if (ids_of(k, ids) > LINKED_MAX)
        *out_ok = fz_batch_bad(b, a, "a link has at most 500 records", "一项关联最多五百个记录", k->name);
    for (size_t i = 0; *out_ok && i < ids_of(k, ids); i++) {
        const struct fz_given *told;
        struct fz_linked there;
        struct live *other;
        size_t n;

        if (fz_str_eq(id_at(k, ids, i), l->id)) {
            *out_ok = fz_batch_bad(b, a, "a record is not linked to itself", "记录不得与自身关联", l->id);
            return FZ_OK;
        }
        FZ_TRY(fz_batch_live(b, id_at(k, ids, i), &other));
        if (!is_right_type(k, other)) {
            *out_ok = fz_batch_bad(b, a, other->c ? "it is of another type than the link leads to" : "there is no such record to link", other->c ? "该记录不是此项关联所指的类型" : "没有可供关联的此记录",
                                   id_at(k, ids, i));
            fz_batch_leave(b, other);
            return FZ_OK;
        }
        there = linked_of(other, NULL, io_s->on);
        n = k->many ? 0 : fz_link_values(l->c, link, &there, true, &b->p->arena, &told); /* of a set each tells by itself, afterwards */
        add_values(b, io_s, told, n);
    }
    return FZ_OK;
}

fz_status fz_links_read(struct batch *b, struct live *l, const struct fz_order *o, struct fz_step *io_s, struct fz_answer *a, bool *out_ok)
{
    const struct fz_record *r = l->kind->r;

    *out_ok = true;
    if (r->links_n == 0 || io_s->kind != FZ_DO)
        return FZ_OK;
    for (size_t i = 0; !io_s->cause.n && !o->observed && i < io_s->values_n; i++) {
        const struct fz_field *f = &r->fields[io_s->values[i].field];

        if (f->of_link != FZ_NONE && f->type != FZ_TYPE_LINK)
            *out_ok = fz_batch_bad(b, a, "this is told by the linked record, and not entered", "此项由关联记录提供，不得填写", f->name);
    }
    for (int i = 0; *out_ok && i < (int)r->links_n; i++)
        if (enters_link(l, io_s, i))
            FZ_TRY(read_link(b, l, i, io_s, a, out_ok));
    return FZ_OK;
}

/* ---- whether it may be linked ---- */

static bool is_competent(struct batch *b, const struct fz_link *k, fz_str organ, const struct live *other, fz_day on)
{
    const struct fz_directory *d = b->e->directory;

    switch (k->competent) {
    case FZ_COMPETENT_SAME:
        return fz_str_eq(organ, other->organ);
    case FZ_COMPETENT_SUPERIOR:
        return !fz_directory_knows(d, other->organ, on) || fz_directory_stands_over(d, organ, other->organ, on);
    case FZ_COMPETENT_GOVERNMENT:
        return !fz_directory_knows(d, other->organ, on) || fz_str_eq(fz_directory_government(d, other->organ, on), organ);
    case FZ_COMPETENT_ANY:
        break;
    }
    return true;
}

/* Whether a record leads to `to` along the link, over as many as it takes; `*io_left`: how many may still be looked at. */
static fz_status leads_on(struct batch *b, const struct live *from, int link, fz_str to, int *io_left, bool *out)
{
    const struct fz_link *k = &from->kind->r->links[link];
    fz_view v = view_of(from, NULL, from->changed);
    fz_value ids = fz_case_value(&v, k->field);

    for (size_t i = 0; !*out && i < ids_of(k, ids) && --*io_left > 0; i++) {
        struct live *next;

        *out = fz_str_eq(id_at(k, ids, i), to);
        if (*out)
            break;
        FZ_TRY(fz_batch_live(b, id_at(k, ids, i), &next));
        if (next->c)
            FZ_TRY(leads_on(b, next, link, to, io_left, out));
    }
    return FZ_OK;
}

/* A part belongs to one record alone. */
static fz_status is_part_elsewhere(struct batch *b, const struct live *l, struct live *other, bool *out)
{
    FZ_TRY(know_watchers(b, other));
    for (size_t i = 0; !*out && i < other->watchers.n; i++) {
        struct watcher w = other->watchers.items[i];
        struct live *whole;
        int link;

        if (fz_str_eq(w.record, l->id))
            continue;
        FZ_TRY(fz_batch_live(b, w.record, &whole));
        link = whole->c ? fz_link_find(whole->kind->r, w.link) : FZ_NONE;
        *out = link != FZ_NONE && whole->kind->r->links[link].kind == FZ_LK_PART && leads_to(whole, link, other->id);
        fz_batch_leave(b, whole);
    }
    return FZ_OK;
}

static fz_status judge_link(struct batch *b, const struct live *l, const struct fz_order *o, int link, const struct fz_step *s, struct live *other, struct fz_ruling *ruling)
{
    const struct fz_link *k = &l->kind->r->links[link];
    int left = LINKED_MAX;
    bool found = false;

    if (!is_competent(b, k, l->steps || o->organ.n == 0 ? l->organ : o->organ, other, s->on))
        ground_of_link(b, ruling, k, s, "not_competent", "本机关对该记录没有管辖权", "this organ is not competent for that record");
    if (k->kind == FZ_LK_MERGED && fz_case_ended(other->c))
        ground_of_link(b, ruling, k, s, "has_ended", "该记录已经终结", "that record has ended");
    if (k->kind == FZ_LK_PART)
        FZ_TRY(is_part_elsewhere(b, l, other, &found));
    if (found)
        ground_of_link(b, ruling, k, s, "is_part_elsewhere", "该记录已经是其他记录的分项", "that record is part of another one");
    found = false;
    if (k->tree)
        FZ_TRY(leads_on(b, other, link, l->id, &left, &found));
    if (found || left <= 0)
        ground_of_link(b, ruling, k, s, "in_a_circle", "关联成环", "the link would lead in a circle");
    return FZ_OK;
}

static fz_status judge_links(struct batch *b, const struct live *l, const struct fz_order *o, const struct fz_step *s, struct fz_ruling *ruling)
{
    const struct fz_record *r = l->kind->r;

    for (int i = 0; i < (int)r->links_n; i++) {
        fz_value ids = enters_link(l, s, i) ? given_to(s, r->links[i].field)->value : FZ_UNSET;

        for (size_t k = 0; k < ids_of(&r->links[i], ids); k++) {
            struct live *other;

            FZ_TRY(fz_batch_live(b, id_at(&r->links[i], ids, k), &other));
            FZ_TRY(judge_link(b, l, o, i, s, other, ruling));
        }
    }
    return FZ_OK;
}

/* ---- values for another record ---- */

static bool copy_one(struct batch *b, const struct live *l, const struct fz_step *s, const struct fz_copy *c, const struct fz_record *there, struct fz_given *out,
                     struct fz_answer *a)
{
    fz_view v = view_of(l, s, s->on);
    int id = fz_field_find(there, c->field);

    if (id == FZ_NONE || there->fields[id].type != c->value->type || there->fields[id].many != c->value->many)
        return fz_batch_bad(b, a, "the other record has no such field of that type", "该记录没有此类型的字段", c->field);
    *out = (struct fz_given){id, fz_term_eval(&v, c->value)};
    if (out->value.set && c->value->type == FZ_TYPE_CHOICE) {
        fz_str name = (c->value->choices ? c->value->choices->names : l->kind->r->outcomes)[out->value.n];
        int choice = fz_choice_find(&there->fields[id].choices, name);

        if (choice < 0)
            return fz_batch_bad(b, a, "the other record does not know this choice", "该记录没有此选项", name);
        out->value = FZ_NUMBER(choice);
    }
    return true;
}

static bool copy_all(struct batch *b, const struct live *l, const struct fz_step *s, const struct fz_copy *copies, size_t n, const struct fz_record *there, struct fz_step *out,
                     struct fz_answer *a)
{
    struct fz_given *given = FZ_NEW_ARRAY(&b->p->arena, struct fz_given, n);

    for (size_t i = 0; i < n; i++) {
        if (!copy_one(b, l, s, &copies[i], there, &given[out->values_n], a))
            return false;
        out->values_n += given[out->values_n].value.set;
    }
    out->values = given;
    return true;
}

/* ---- what it opens ---- */

static void take_grounds(struct batch *b, const struct fz_ruling *from, struct fz_ruling *to)
{
    for (size_t i = 0; from->refusing && i < from->n; i++)
        FZ_PUSH(b->out, to, grounds, n, cap) = from->grounds[i];
    to->refusing += from->refusing;
}

static fz_str organ_for(const struct live *l, const struct fz_order *o, const struct fz_step *s, const struct fz_open *open)
{
    fz_view v = view_of(l, s, s->on);
    fz_value organ = open->organ == FZ_NONE ? FZ_UNSET : fz_case_value(&v, open->organ);

    return organ.set ? organ.text : l->steps || o->organ.n == 0 ? l->organ : o->organ;
}

/* The ids of new records say which entry begins them: these come right behind the act. */
static fz_status judge_open(struct batch *b, struct live *l, const struct fz_order *o, const struct fz_step *s, const struct fz_open *open, struct bringing *io, struct fz_answer *a,
                            bool *out_ok)
{
    struct opening *n = &io->opens[io->opens_n];
    struct fz_ruling ruling = {0};
    int act;

    *n = (struct opening){.order = FZ_ORDER(open->act, s->on)};
    n->order.record = fz_str_printf(&b->p->arena, "%.*s-%llu", FZ_STR_ARG(open->record), (unsigned long long)(b->p->end.tree.size + 2 + io->opens_n));
    n->order.pack = open->pack;
    n->order.type = open->record;
    n->order.organ = organ_for(l, o, s, open);
    n->order.actor = o->actor;
    FZ_TRY(fz_batch_live(b, n->order.record, &n->l));
    if (n->l->c) {
        *out_ok = fz_batch_bad(b, a, "there is such a record already", "已有此记录", n->order.record);
        return FZ_OK;
    }
    io->opens_n++;
    FZ_TRY(fz_batch_begin(b, n->l, &n->order, a, out_ok));
    if (!*out_ok)
        return FZ_OK;
    act = fz_action_find(n->l->kind->r, open->act);
    if (act == FZ_NONE) {
        *out_ok = fz_batch_bad(b, a, "no such action", "没有此行为", open->act);
        return FZ_OK;
    }
    n->step = FZ_STEP(act, s->on);
    n->step.at = s->at;
    n->step.by_law = n->step.opened = true;
    n->step.cause = l->id;
    *out_ok = copy_all(b, l, s, open->copies, open->copies_n, n->l->kind->r, &n->step, a);
    if (!*out_ok)
        return FZ_OK;
    fz_decide(n->l->c, &n->step, n->l->cal, o->observed, b->out, &ruling);
    take_grounds(b, &ruling, &a->ruling);
    return FZ_OK;
}

/* The link holds what it held, and the new record. */
static void add_to_link(struct batch *b, const struct live *l, struct fz_step *io_s, const struct fz_link *k, fz_str id)
{
    fz_view v = view_of(l, io_s, io_s->on);
    fz_value old = fz_case_value(&v, k->field), *items = FZ_NEW_ARRAY(&b->p->arena, fz_value, ids_of(k, old) + 1);
    struct fz_given now = {k->field, {.set = true, .text = id}};
    struct fz_given *given;

    if (k->many) {
        for (size_t i = 0; i < ids_of(k, old); i++)
            items[i] = old.items[i];
        items[ids_of(k, old)] = now.value;
        now.value = (fz_value){.set = true, .many = (uint32_t)ids_of(k, old) + 1, .items = items};
    }
    if (!given_to(io_s, k->field)) {
        add_values(b, io_s, &now, 1);
        return;
    }
    add_values(b, io_s, NULL, 0); /* a list of our own */
    given = (struct fz_given *)(uintptr_t)given_to(io_s, k->field);
    given->value = now.value;
}

static fz_status judge_opens(struct batch *b, struct live *l, const struct fz_order *o, struct fz_step *io_s, struct bringing *io, struct fz_answer *a, bool *out_ok)
{
    const struct fz_action *act = &l->kind->r->actions[io_s->action];
    fz_view v = view_of(l, io_s, io_s->on);

    io->opens = FZ_NEW_ARRAY(&b->p->arena, struct opening, act->opens_n);
    for (size_t i = 0; *out_ok && i < act->opens_n; i++)
        if (fz_term_holds(&v, act->opens[i].when)) {
            FZ_TRY(judge_open(b, l, o, io_s, &act->opens[i], io, a, out_ok));
            if (*out_ok)
                add_to_link(b, l, io_s, &l->kind->r->links[act->opens[i].link], io->opens[io->opens_n - 1].order.record);
        }
    return FZ_OK;
}

/* ---- its effects ---- */

static bool expects(struct batch *b, const struct fz_action *a, const struct live *l)
{
    fz_str name = fz_str_printf(&b->p->arena, "%.*s.%.*s", FZ_STR_ARG(l->kind->pack->name), FZ_STR_ARG(l->kind->r->name));

    for (size_t i = 0; i < a->caused_by_n; i++)
        if (fz_str_eq(a->caused_by[i], name))
            return true;
    return false;
}

static fz_status judge_effect(struct batch *b, struct live *l, const struct fz_step *s, const struct fz_effect *e, fz_str id, struct affecting *out, struct fz_answer *a, bool *out_ok)
{
    struct fz_ruling ruling = {0};
    struct live *there;
    int act;

    out->record = id;
    FZ_TRY(fz_batch_live(b, id, &there));
    act = there->c ? fz_action_find(there->kind->r, e->act) : FZ_NONE;
    if (act == FZ_NONE || !expects(b, &there->kind->r->actions[act], l)) {
        *out_ok = fz_batch_bad(b, a, "that record does not expect such an effect", "该记录没有列明此项效力", e->act);
        return FZ_OK;
    }
    out->step = FZ_STEP(act, s->on);
    out->step.at = s->at;
    out->step.by_law = true;
    out->step.cause = l->id;
    *out_ok = copy_all(b, l, s, e->with, e->with_n, there->kind->r, &out->step, a);
    if (!*out_ok)
        return FZ_OK;
    fz_decide(there->c, &out->step, there->cal, false, b->out, &ruling);
    take_grounds(b, &ruling, &a->ruling);
    return FZ_OK;
}

static fz_status judge_effects(struct batch *b, struct live *l, const struct fz_step *s, const struct fz_effects *effects, struct bringing *io, struct fz_answer *a, bool *out_ok)
{
    fz_view v = view_of(l, s, s->on);

    for (size_t i = 0; *out_ok && i < effects->n; i++) {
        const struct fz_effect *e = &effects->items[i];
        const struct fz_link *k = &l->kind->r->links[e->link];
        fz_value ids = fz_case_value(&v, k->field);
        struct affecting *more;

        if (!fz_term_holds(&v, e->when) || ids_of(k, ids) == 0)
            continue;
        more = FZ_NEW_ARRAY(&b->p->arena, struct affecting, io->effects_n + ids_of(k, ids));
        if (io->effects_n)
            memcpy(more, io->effects, io->effects_n * sizeof(*more));
        io->effects = more;
        for (size_t n = 0; *out_ok && n < ids_of(k, ids); n++)
            FZ_TRY(judge_effect(b, l, s, e, id_at(k, ids, n), &io->effects[io->effects_n++], a, out_ok));
    }
    return FZ_OK;
}

fz_status fz_links_judge(struct batch *b, struct live *l, const struct fz_order *o, struct fz_step *io_s, struct fz_answer *a, struct bringing *out, bool *out_ok)
{
    const struct fz_action *act;

    *out = (struct bringing){0};
    *out_ok = true;
    if (l->kind->r->links_n == 0 || io_s->kind != FZ_DO)
        return FZ_OK;
    act = &l->kind->r->actions[io_s->action];
    FZ_TRY(judge_links(b, l, o, io_s, &a->ruling));
    FZ_TRY(judge_opens(b, l, o, io_s, out, a, out_ok));
    if (*out_ok)
        FZ_TRY(judge_effects(b, l, io_s, &act->effects, out, a, out_ok));
    if (*out_ok && io_s->outcome != FZ_NONE)
        FZ_TRY(judge_effects(b, l, io_s, &act->outcomes[io_s->outcome].effects, out, a, out_ok));
    if (!*out_ok)
        fz_links_leave(b, out);
    return FZ_OK;
}

void fz_links_leave(struct batch *b, const struct bringing *what)
{
    for (size_t i = 0; i < what->opens_n; i++)
        fz_batch_leave(b, what->opens[i].l);
}

/* ---- spreading ---- */

static void note_caused(struct batch *b, struct fz_answer *a, const struct live *l, const struct fz_step *s, const struct fz_answer *of)
{
    FZ_PUSH(b->out, a, caused, caused_n, caused_cap) = (struct fz_caused){fz_str_copy(b->out, l->id), fz_str_copy(b->out, l->kind->r->actions[s->action].name), of->seq};
    for (size_t i = 0; i < of->caused_n; i++)
        FZ_PUSH(b->out, a, caused, caused_n, caused_cap) = of->caused[i];
}

/* An act by law on another record, with what it brings about there in turn. */
static fz_status do_there(struct batch *b, struct live *l, const struct fz_step *s, struct fz_answer *a)
{
    struct fz_order o = {.record = l->id, .if_version = -1, .step = s, .observed = true}; /* it was judged, or merely happened */
    struct fz_answer there = {0};

    FZ_TRY(fz_batch_do(b, l, &o, NULL, &there));
    if (there.kind == FZ_A_DONE)
        note_caused(b, a, l, s, &there);
    return there.kind == FZ_A_BAD ? fz_fail(b->err, FZ_E_INPUT, "%.*s: %.*s", FZ_STR_ARG(l->id), FZ_STR_ARG(there.text)) : FZ_OK;
}

/* What the law does there by that day, the consequence of what was told among it. */
static fz_status follow(struct batch *b, struct live *l, fz_day day, struct fz_answer *a)
{
    for (int i = 0; i < SPREAD_MAX; i++) {
        fz_view v = view_of(l, NULL, day);
        struct fz_step next = fz_case_due_by_law(&v);

        if (next.action == FZ_NONE)
            return FZ_OK;
        FZ_TRY(do_there(b, l, &next, a));
    }
    return fz_fail(b->err, FZ_E_INPUT, "%.*s: acts bring each other about without end", FZ_STR_ARG(l->id));
}

static fz_status tell_one(struct batch *b, struct live *l, const struct fz_step *s, struct watcher w, struct fz_answer *a)
{
    struct fz_linked there = linked_of(l, s->action == FZ_NONE ? NULL : s, s->on);
    struct fz_step news;
    struct live *to;
    int link;

    FZ_TRY(fz_batch_live(b, w.record, &to));
    link = to->c ? fz_link_find(to->kind->r, w.link) : FZ_NONE;
    if (link == FZ_NONE || !leads_to(to, link, l->id) || !fz_link_news(to->c, link, &there, &b->p->arena, &news)) {
        fz_batch_leave(b, to);
        return FZ_OK;
    }
    FZ_TRY(do_there(b, to, &news, a));
    return follow(b, to, s->on, a);
}

static fz_status tell_all(struct batch *b, struct live *l, const struct fz_step *s, struct fz_answer *a)
{
    if (!l->kind->watched)
        return FZ_OK;
    FZ_TRY(know_watchers(b, l));
    for (size_t i = 0; i < l->watchers.n; i++) /* those that come meanwhile are told as they come */
        FZ_TRY(tell_one(b, l, s, l->watchers.items[i], a));
    return FZ_OK;
}

/* A record that was linked just now: from now on it tells this one what it does, and at first what it did before. */
static fz_status begin_watching(struct batch *b, struct live *l, int link, fz_str id, const struct fz_step *s, struct fz_answer *a)
{
    struct fz_linked there;
    struct fz_step *heard;
    struct live *other;
    bool new;
    size_t n;

    FZ_TRY(fz_batch_live(b, id, &other));
    if (!other->c)
        return FZ_OK;
    FZ_TRY(watch(b, other, l->id, l->kind->r->links[link].name, &new));
    if (!new || fz_case_ended(l->c))
        return FZ_OK;
    there = linked_of(other, NULL, s->on);
    n = fz_link_heard(l->c, link, &there, &b->p->arena, &heard);
    for (size_t i = 0; i < n; i++)
        FZ_TRY(do_there(b, l, &heard[i], a));
    if (l->kind->r->links[link].many) {
        struct fz_step news;

        if (fz_link_news(l->c, link, &there, &b->p->arena, &news))
            FZ_TRY(do_there(b, l, &news, a));
    }
    return FZ_OK;
}

static fz_status watch_links(struct batch *b, struct live *l, const struct fz_step *s, struct fz_answer *a)
{
    const struct fz_record *r = l->kind->r;

    for (int i = 0; i < (int)r->links_n; i++) {
        fz_value ids = enters_link(l, s, i) ? given_to(s, r->links[i].field)->value : FZ_UNSET;

        for (size_t k = 0; k < ids_of(&r->links[i], ids); k++)
            FZ_TRY(begin_watching(b, l, i, id_at(&r->links[i], ids, k), s, a));
    }
    return FZ_OK;
}

fz_status fz_links_spread(struct batch *b, struct live *l, const struct fz_step *s, const struct bringing *what, struct fz_answer *a)
{
    for (size_t i = 0; i < what->opens_n; i++) {
        const struct opening *n = &what->opens[i];
        struct fz_answer opened = {0};

        FZ_TRY(fz_batch_enter(b, n->l, &n->order, &n->step, NULL, &opened));
        if (opened.kind != FZ_A_DONE)
            return fz_fail(b->err, FZ_E_INPUT, "%.*s: %.*s", FZ_STR_ARG(n->order.record), FZ_STR_ARG(opened.text));
        note_caused(b, a, n->l, &n->step, &opened);
    }
    FZ_TRY(watch_links(b, l, s, a));
    for (size_t i = 0; i < what->opens_n; i++) {
        struct bringing nothing = {0};

        FZ_TRY(fz_links_spread(b, what->opens[i].l, &what->opens[i].step, &nothing, a));
    }
    for (size_t i = 0; i < what->effects_n; i++) {
        struct live *there;

        FZ_TRY(fz_batch_live(b, what->effects[i].record, &there));
        FZ_TRY(do_there(b, there, &what->effects[i].step, a));
    }
    return s->kind == FZ_DO ? tell_all(b, l, s, a) : FZ_OK;
}

fz_status fz_links_retell(struct batch *b, struct live *l, fz_day day, struct fz_answer *a)
{
    struct fz_step none = FZ_STEP(FZ_NONE, day);

    return tell_all(b, l, &none, a);
}

/* ---- rows ---- */

void fz_link_rows(struct live *l)
{
    const struct fz_record *r = l->kind->r;
    fz_view v = view_of(l, NULL, l->changed);

    l->linked.n = 0;
    for (int i = 0; i < (int)r->links_n; i++) {
        fz_value ids = fz_case_value(&v, r->links[i].field);

        for (size_t k = 0; k < ids_of(&r->links[i], ids); k++)
            FZ_PUSH(l->arena, &l->linked, items, n, cap) = (struct linked){i, fz_str_copy(l->arena, id_at(&r->links[i], ids, k))};
    }
}

static void link_row(struct fz_engine *e, const struct live *l, const struct linked *k, fz_write_kind kind, struct fz_arena *arena, struct writes *out)
{
    fz_cell *row = add_write(out, arena, kind, &fz_table_link);

    row[FZ_LINK_JURISDICTION] = FZ_CELL_OF(e->set.jurisdiction);
    row[FZ_LINK_OTHER] = FZ_CELL_OF(k->other);
    row[FZ_LINK_RECORD] = FZ_CELL_OF(l->id);
    row[FZ_LINK_NAME] = FZ_CELL_OF(l->kind->r->links[k->link].name);
}

static bool has_row(const struct linked *items, size_t n, const struct linked *k)
{
    for (size_t i = 0; i < n; i++)
        if (items[i].link == k->link && fz_str_eq(items[i].other, k->other))
            return true;
    return false;
}

void fz_project_links(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out)
{
    struct linked *before = l->linked.items;
    size_t n = l->linked.n;

    if (l->kind->r->links_n == 0)
        return;
    l->linked.items = NULL;
    l->linked.n = l->linked.cap = 0;
    fz_link_rows(l);
    for (size_t i = 0; i < n; i++)
        if (!has_row(l->linked.items, l->linked.n, &before[i]))
            link_row(e, l, &before[i], FZ_REMOVE, arena, out);
    for (size_t i = 0; i < l->linked.n; i++)
        if (!has_row(before, n, &l->linked.items[i]) && !has_row(l->linked.items, i, &l->linked.items[i]))
            link_row(e, l, &l->linked.items[i], FZ_PUT, arena, out);
}
