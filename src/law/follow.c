/*
 * What follows by law from an act of a linked record. The act is heard as one of this record's own (LINK.ACTION, entered by law); what it leaves to follow is
 * kept until it is taken, or until the record stands where it no longer belongs.
 */
#include "law/case_int.h"

static bool stands_where(const struct fz_case *c, int action)
{
    return c->stage != FZ_NONE && (action_of(c, action)->from >> c->stage & 1);
}

/* It is taken: once for everything that it was to follow from. */
static void forget(struct fz_case *c, int action)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->following_n; i++)
        if (c->following[i].action != action)
            c->following[kept++] = c->following[i];
    c->following_n = kept;
}

void fold_following(struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    fz_view v = {.c = c, .cal = cal, .day = cmd->on};

    forget(c, cmd->action);
    if (action_of(c, cmd->action)->of_link == FZ_NONE)
        return;
    for (int a = 0; a < (int)c->record->actions_n; a++)
        for (size_t i = 0; i < action_of(c, a)->follows_n; i++) {
            const struct fz_follow *f = &action_of(c, a)->follows[i];

            if (!fz_acts_has(&f->on, cmd->action) || !stands_where(c, a) || !fz_term_holds(&v, f->when))
                continue;
            FZ_PUSH(c->arena, c, following, following_n, following_cap) = (struct following){a, f->outcome, cmd->on};
            break; /* the first that fits */
        }
}

struct fz_step step_following(const fz_view *v)
{
    struct fz_step first = FZ_STEP(FZ_NONE, FZ_DAY_NONE);

    for (size_t i = 0; i < v->c->following_n; i++) {
        const struct following *f = &v->c->following[i];

        if (f->on > v->day || !stands_where(v->c, f->action) || (first.action != FZ_NONE && first.on <= f->on))
            continue;
        first = FZ_STEP(f->action, f->on);
        first.by_law = true;
        first.outcome = f->outcome;
    }
    return first;
}
