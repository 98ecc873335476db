/*
 * The rights of whoever acts, held against the directory of that day.
 *
 * `by` names one or several roles, each at an organ: a claim, which all persons of the act have to fulfil together. The first that they do is the right
 * under which the act is taken. When they fulfil none, what the claim lacks refuses the act; a claim at an organ whose rights have not begun is judged
 * by nobody, and lets the act pass only when no other could be judged, or when the act says that it is taken for that organ.
 */
#include "law/case_int.h"

/* One of `by`, at one organ. */
struct claim {
    const struct fz_by *by;
    fz_str place;     /* empty: nobody knows which organ that is */
    bool institution; /* at an institution of `place` */
    bool begun;
};

struct claims {
    struct claim *items;
    size_t n, cap;
};

static struct fz_directory_scope scope_of(const struct judge *j)
{
    return (struct fz_directory_scope){j->c->pack->name, j->c->record->name, j->c->record->feeds.kind != FZ_NONE};
}

/* Of records of no organ: whether one of their roles is held anywhere. */
static bool has_begun_anywhere(const struct judge *j, const struct fz_directory_scope *scope, fz_day day)
{
    const struct fz_record *r = j->c->record;

    for (size_t i = 0; i < r->actions_n; i++)
        for (size_t k = 0; k < r->actions[i].by_n; k++)
            if (fz_directory_has_role(j->rights->directory, r->actions[i].by[k].role, scope, day))
                return true;
    return false;
}

/* By the day of the act, or by that of its entering: what is dated back is judged all the same. */
static bool has_begun(const struct judge *j, fz_str organ)
{
    struct fz_directory_scope scope = scope_of(j);
    fz_day day = j->rights->entered > j->cmd->on ? j->rights->entered : j->cmd->on;

    return organ.n ? fz_directory_has_begun(j->rights->directory, organ, &scope, day) : has_begun_anywhere(j, &scope, day);
}

/* ---- claims ---- */

static void add_claim(struct judge *j, struct claims *all, const struct fz_by *by, fz_str place)
{
    bool begun = has_begun(j, place.n ? place : j->rights->organ);

    /* Whoever has begun asks for the government's or institution's approval as well. */
    if (by->at_field == FZ_NONE && by->at.n)
        begun = begun || has_begun(j, j->rights->organ);
    FZ_PUSH(j->arena, all, items, n, cap) = (struct claim){by, place, by->at_field == FZ_NONE && fz_str_is(by->at, "institution"), begun};
}

static void add_claims_of_field(struct judge *j, struct claims *all, const struct fz_by *by)
{
    fz_value v = fz_case_value(&j->v, by->at_field);

    if (!j->c->record->fields[by->at_field].many) {
        add_claim(j, all, by, v.set ? v.text : (fz_str){0});
        return;
    }
    for (uint32_t i = 0; v.set && i < v.many; i++)
        add_claim(j, all, by, v.items[i].text);
}

static bool is_public(const struct fz_by *by)
{
    return fz_str_is(by->role, "public");
}

static struct claims claims_of(struct judge *j, const struct fz_by *by, size_t n)
{
    struct claims all = {0};

    for (size_t i = 0; i < n; i++) {
        if (is_public(&by[i]) || (j->cmd->role.n && !fz_str_eq(by[i].role, j->cmd->role)))
            continue;
        if (by[i].at_field != FZ_NONE)
            add_claims_of_field(j, &all, &by[i]);
        else if (fz_str_is(by[i].at, "government"))
            add_claim(j, &all, &by[i], fz_directory_government(j->rights->directory, j->rights->organ, j->cmd->on));
        else
            add_claim(j, &all, &by[i], j->rights->organ);
    }
    return all;
}

/* ---- one person under one claim ---- */

static struct fz_power power_of(const struct judge *j, const struct claim *c, fz_str person)
{
    struct fz_power_asked asked = {.person = person, .role = c->by->role, .organ = c->place, .institution = c->institution, .delegated = c->by->delegated,
                                   .scope = scope_of(j), .on = j->cmd->on};

    return c->place.n ? fz_directory_power(j->rights->directory, &asked) : (struct fz_power){.mandate = NULL};
}

static bool in_service(const struct judge *j, fz_str person)
{
    const struct fz_directory_row *near;

    return fz_directory_official(j->rights->directory, person, j->cmd->on, &near) != NULL;
}

static bool holds(const struct judge *j, const struct claim *c, fz_str person)
{
    const struct fz_directory_row *near;

    return c->by->holding.n == 0 || fz_directory_certificate(j->rights->directory, person, c->by->holding, j->cmd->on, &near) != NULL;
}

/* The act may say for which organ it is taken: that of the claim, or the one at which the mandate is. */
static bool is_for(const struct judge *j, const struct claim *c, const struct fz_power *p)
{
    fz_str acting = j->rights->acting;

    return acting.n == 0 || fz_str_eq(acting, c->place) || fz_str_eq(acting, p->mandate->text[FZ_DP_ORGAN]);
}

static size_t distinct_persons(const struct fz_step *s)
{
    size_t distinct = 0;

    for (size_t i = 0; i < persons_count(s); i++) {
        size_t k = 0;

        while (k < i && !fz_str_eq(person_at(s, k), person_at(s, i)))
            k++;
        distinct += k == i;
    }
    return distinct;
}

static bool fulfilled(const struct judge *j, const struct claim *c)
{
    if (persons_count(j->cmd) == 0 || distinct_persons(j->cmd) < (size_t)c->by->persons)
        return false;
    for (size_t i = 0; i < persons_count(j->cmd); i++) {
        fz_str person = person_at(j->cmd, i);
        struct fz_power p = power_of(j, c, person);

        if (!in_service(j, person) || !p.mandate || !is_for(j, c, &p) || !holds(j, c, person))
            return false;
    }
    return true;
}

/* ---- what a claim lacks ---- */

static void lack(struct judge *j, fz_ground_kind kind, const char *what, fz_str zh, fz_str en)
{
    ground_of_act(j, kind, what, zh.p, en.p);
}

/* Of a row whose days leave out that of the act: " (ended 2026-02-28)". */
static fz_str term_of(struct judge *j, const struct fz_directory_row *near, fz_language lang)
{
    char day[FZ_DAY_TEXT];

    if (!near)
        return (fz_str){"", 0};
    if (near->from != FZ_DAY_NONE && near->from > j->cmd->on)
        return fz_str_printf(j->arena, lang == FZ_ZH ? "（自%s起）" : " (only from %s)", fz_day_text(near->from, day));
    return fz_str_printf(j->arena, lang == FZ_ZH ? "（至%s止）" : " (ended %s)", fz_day_text(near->until, day));
}

static void lack_of_service(struct judge *j, fz_str person)
{
    const struct fz_directory_row *near;

    fz_directory_official(j->rights->directory, person, j->cmd->on, &near);
    lack(j, FZ_G_ROLE, "by_no_official", fz_str_printf(j->arena, "%.*s当日不是名录中的在职工作人员%s", FZ_STR_ARG(person), term_of(j, near, FZ_ZH).p),
         fz_str_printf(j->arena, "%.*s is no official in service%s", FZ_STR_ARG(person), term_of(j, near, FZ_EN).p));
}

static void lack_of_mandate(struct judge *j, const struct claim *c, fz_str person, const struct fz_directory_row *near)
{
    fz_str role = c->by->role, place = c->place;

    lack(j, FZ_G_ROLE, "without_mandate",
         fz_str_printf(j->arena, "%.*s当日在%.*s%s没有%.*s一职%s", FZ_STR_ARG(person), FZ_STR_ARG(place), c->institution ? "的机构" : "", FZ_STR_ARG(role),
                       term_of(j, near, FZ_ZH).p),
         fz_str_printf(j->arena, "%.*s does not hold %.*s at %s%.*s%s", FZ_STR_ARG(person), FZ_STR_ARG(role), c->institution ? "an institution of " : "",
                       FZ_STR_ARG(place), term_of(j, near, FZ_EN).p));
}

static void lack_of_holding(struct judge *j, const struct claim *c, fz_str person)
{
    const struct fz_directory_row *near;
    fz_str holding = c->by->holding;

    fz_directory_certificate(j->rights->directory, person, holding, j->cmd->on, &near);
    lack(j, FZ_G_HOLDING, fz_str_printf(j->arena, "without_%.*s", FZ_STR_ARG(holding)).p,
         fz_str_printf(j->arena, "%.*s当日未持有效的%.*s%s", FZ_STR_ARG(person), FZ_STR_ARG(holding), term_of(j, near, FZ_ZH).p),
         fz_str_printf(j->arena, "%.*s holds no valid %.*s%s", FZ_STR_ARG(person), FZ_STR_ARG(holding), term_of(j, near, FZ_EN).p));
}

static void lacks_of_person(struct judge *j, const struct claim *c, fz_str person)
{
    struct fz_power p = power_of(j, c, person);

    if (!in_service(j, person))
        lack_of_service(j, person);
    else if (!p.mandate)
        lack_of_mandate(j, c, person, p.near);
    else if (!is_for(j, c, &p))
        lack(j, FZ_G_ROLE, "for_other_organ", fz_str_printf(j->arena, "%.*s无权以%.*s的名义进行", FZ_STR_ARG(person), FZ_STR_ARG(j->rights->acting)),
             fz_str_printf(j->arena, "%.*s has no right to act for %.*s", FZ_STR_ARG(person), FZ_STR_ARG(j->rights->acting)));
    if (!holds(j, c, person))
        lack_of_holding(j, c, person);
}

static void at_no_organ(struct judge *j)
{
    ground_of_act(j, FZ_G_ROLE, "at_no_organ", "不知由哪一机关进行", "nobody knows which organ takes it");
}

static void lacks_of(struct judge *j, const struct claim *c)
{
    size_t n = persons_count(j->cmd), distinct = distinct_persons(j->cmd);

    if (c->place.n == 0) {
        at_no_organ(j);
        return;
    }
    if (n == 0) {
        ground_of_act(j, FZ_G_PERSON, "by_nobody", "没有写明由谁进行", "nobody is named who takes it");
        return;
    }
    if (distinct < (size_t)c->by->persons)
        lack(j, FZ_G_PERSON, "by_too_few", fz_str_printf(j->arena, "应当由至少%d人进行，只写明%zu人", c->by->persons, distinct),
             fz_str_printf(j->arena, "needs at least %d persons, %zu named", c->by->persons, distinct));
    for (size_t i = 0; i < n; i++)
        lacks_of_person(j, c, person_at(j->cmd, i));
}

/* ---- all claims ---- */

static void rely_on(struct judge *j, fz_str *by, const struct fz_directory_row *row)
{
    struct fz_right *r = &j->out->right;

    for (size_t i = 0; row && i < r->by_n; i++)
        if (fz_str_eq(by[i], row->record))
            return;
    if (row)
        by[r->by_n++] = fz_str_copy(j->arena, row->record);
}

static void take_right(struct judge *j, const struct claim *c)
{
    fz_str *by = FZ_NEW_ARRAY(j->arena, fz_str, persons_count(j->cmd) * 2);

    j->out->right = (struct fz_right){.how = FZ_RIGHT_JUDGED, .organ = fz_str_copy(j->arena, c->place), .by = by};
    for (size_t i = 0; i < persons_count(j->cmd); i++) {
        struct fz_power p = power_of(j, c, person_at(j->cmd, i));
        fz_str name = p.delegation ? c->place : p.mandate->text[FZ_DP_ACTING_FOR];

        rely_on(j, by, p.mandate);
        rely_on(j, by, p.delegation);
        if (name.n && (p.delegation || j->out->right.in_name_of.n == 0))
            j->out->right.in_name_of = fz_str_copy(j->arena, name);
    }
}

/* The claim that the act itself points at, of those that were or were not judged; else the first of them; NULL. */
static const struct claim *meant(const struct judge *j, const struct claims *all, bool begun, bool *out_said)
{
    const struct claim *first = NULL;

    *out_said = false;
    for (size_t i = 0; i < all->n; i++) {
        if (all->items[i].begun != begun)
            continue;
        first = first ? first : &all->items[i];
        if (j->rights->acting.n && fz_str_eq(all->items[i].place, j->rights->acting)) {
            *out_said = true;
            return &all->items[i];
        }
    }
    return first;
}

static void judge_recusals(struct judge *j)
{
    for (size_t i = 0; i < persons_count(j->cmd); i++) {
        fz_str person = person_at(j->cmd, i);
        const struct fz_directory_row *r = fz_directory_recusal(j->rights->directory, person, j->rights->record, j->rights->organ, j->cmd->on);

        if (r)
            lack(j, FZ_G_PERSON, "by_recused", fz_str_printf(j->arena, "%.*s已决定回避（%.*s）", FZ_STR_ARG(person), FZ_STR_ARG(r->record)),
                 fz_str_printf(j->arena, "%.*s is recused (%.*s)", FZ_STR_ARG(person), FZ_STR_ARG(r->record)));
    }
}

static bool may_be_public(const struct judge *j, const struct fz_by *by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_public(&by[i]) && (j->cmd->role.n == 0 || fz_str_is(j->cmd->role, "public")))
            return true;
    return false;
}

void judge_rights(struct judge *j, const struct fz_by *by, size_t n)
{
    struct claims all;
    const struct claim *judged, *unjudged;
    bool said, said_unjudged;

    /* Whoever begins a record of no organ would have it judged by none. */
    if (j->a->starts != FZ_NONE && j->rights->organ.n == 0 && has_begun(j, j->rights->organ)) {
        at_no_organ(j);
        return;
    }
    if (may_be_public(j, by, n))
        return;
    judge_recusals(j);
    all = claims_of(j, by, n);
    for (size_t i = 0; i < all.n; i++)
        if (all.items[i].begun && fulfilled(j, &all.items[i])) {
            take_right(j, &all.items[i]);
            return;
        }
    judged = meant(j, &all, true, &said);
    unjudged = meant(j, &all, false, &said_unjudged);
    if (judged && !(said_unjudged && !said)) {
        lacks_of(j, judged);
        return;
    }
    if (unjudged)
        j->out->right = (struct fz_right){.how = FZ_RIGHT_NOT_BEGUN, .organ = fz_str_copy(j->arena, unjudged->place)};
}
