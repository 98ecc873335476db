/*
 * The proof against what it claims: how its cost grows; random packs, each explored state by state through the step function, must be told
 * the same; and random lives of cases under the shipped packs must do nothing that was proved impossible.
 */
#include "../support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/china.h"
#include "../support/packs.h"
#include "law/case_int.h"
#include "law/prove.h"

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static uint64_t first_seed(void)
{
    uint64_t s = getenv("FZ_SEED") ? strtoull(getenv("FZ_SEED"), NULL, 10) : 20240101;

    print_message("seed %llu\n", (unsigned long long)s);
    return s;
}

static const char head[] = "pack: sample\n"
                           "version: 2024-01-01\n"
                           "title: 样例\n"
                           "part: disputes\n"
                           "calendar: none\n"
                           "laws:\n"
                           "  法: {title: 样例法, edition: 2023, in_force: 2024-01-01, working_days: as_written}\n"
                           "records:\n"
                           "  file:\n"
                           "    title: 案件\n"
                           "    shape: case\n";

static struct fz_pack *load(struct fz_arena *arena, struct fz_buf *text)
{
    struct fz_pack *pack = load_pack_text(arena, "random.yaml", fz_str_copy(arena, fz_buf_str(text)));

    fz_buf_reset(text);
    return pack;
}

/* ---- cost ---- */

typedef void (*writer)(struct fz_buf *out, int i, int n);

static void independent(struct fz_buf *out, int i, int n)
{
    (void)n;
    fz_buf_printf(out, "      m%d: {title: 甲, from: open, by: clerk, milestone: true, article: 法 1}\n", i);
}

/* Pairs of which the second needs the first and undoes it when it is taken again. */
static void pairs(struct fz_buf *out, int i, int n)
{
    (void)n;
    if (i % 2)
        fz_buf_printf(out,
                      "      m%d: {title: 甲, from: open, by: clerk, milestone: true, after: m%d, article: 法 1}\n", i,
                      i - 1);
    else
        fz_buf_printf(out,
                      "      m%d: {title: 甲, from: open, by: clerk, milestone: true, clears: m%d, article: 法 1}\n", i,
                      i + 1);
}

/* Partners that stand far apart in the file. */
static void far_pairs(struct fz_buf *out, int i, int n)
{
    if (i < n / 2)
        fz_buf_printf(out, "      m%d: {title: 甲, from: open, by: clerk, milestone: true, article: 法 1}\n", i);
    else
        fz_buf_printf(out,
                      "      m%d: {title: 甲, from: open, by: clerk, milestone: true, after: m%d, article: 法 1}\n", i,
                      i - n / 2);
}

static struct fz_proof_stats cost(writer write, int n)
{
    struct fz_proof_stats s;
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf text = {0};

    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    fz_buf_addz(&text, head);
    fz_buf_addz(&text, "    stages: [open, closed]\n    final: [closed]\n    actions:\n"
                       "      begin: {title: 始, starts: open, by: clerk, article: 法 1}\n");
    for (int i = 0; i < n; i++)
        write(&text, i, n);
    fz_buf_addz(&text, "      decide: {title: 决定, from: open, to: closed, by: clerk, article: 法 1, after: [");
    for (int i = 0; i < n; i++)
        fz_buf_printf(&text, i ? ", m%d" : "m%d", i);
    fz_buf_addz(&text, "]}\nrules:\n");
    for (int i = 0; i < n; i++)
        fz_buf_printf(&text, "  - {name: r%d, never: decide, before: m%d, article: 法 1}\n", i, i);
    fz_prove(load(&arena, &text), &arena, FZ_EN, &diags, &s);
    assert_int_equal(diags.n, 0);
    fz_buf_release(&text);
    fz_arena_release(&arena);
    return s;
}

/* Twice the milestones: how many times the nodes and steps, in tenths, at most. */
static void assert_growth(writer write, const char *name, size_t nodes, size_t steps)
{
    struct fz_proof_stats before = cost(write, 10);

    for (int n = 20; n <= 80; n *= 2) {
        struct fz_proof_stats s = cost(write, n);

        print_message("%s: %d milestones, %zu variables, %zu nodes, %zu steps\n", name, n, s.variables, s.nodes,
                      s.steps);
        assert_true(s.nodes * 10 <= before.nodes * nodes);
        assert_true(s.steps * 10 <= before.steps * steps);
        before = s;
    }
}

static void test_prove__independent_milestones_cost_their_sum(void **state)
{
    (void)state;
    assert_growth(independent, "independent", 22, 22);
    assert_true(cost(independent, 80).nodes < 80 * 25);
}

/* Not two to their number: each of n pairs touches the diagram of the n - 1 others. */
static void test_prove__pairs_cost_their_square_at_most(void **state)
{
    (void)state;
    assert_growth(pairs, "pairs", 44, 22);
    assert_growth(far_pairs, "far pairs", 44, 22);
}

/* ---- random packs ---- */

#define ACTS_MAX 8
#define RULES_MAX 4
#define STAGES 4       /* the last is final */
#define NODES_MAX 4000 /* of one pack; larger ones are passed over */
#define ROUNDS 60      /* FZ_ROUNDS for more */

static int clocks; /* of the pack in hand: k0, k1, ... */

static void add_clock_condition(struct fz_buf *out)
{
    static const char *const states[] = {"waiting", "running", "paused", "open", "met", "missed", "overdue", "over"};

    fz_buf_printf(out, draw(2) ? "clock(k%u) is %s" : "clock(k%u) is not %s", draw((uint32_t)clocks),
                  states[draw(FZ_COUNT(states))]);
}

static void add_condition(struct fz_buf *out, int acts)
{
    int a = (int)draw((uint32_t)acts), b = (int)draw((uint32_t)acts);

    if (clocks && draw(3) == 0) {
        add_clock_condition(out);
        return;
    }

    switch (draw(20)) {
    case 0:
        fz_buf_addz(out, "f");
        break;
    case 1:
        fz_buf_addz(out, "not f");
        break;
    case 2:
        fz_buf_addz(out, "g");
        break;
    case 3:
        fz_buf_addz(out, "not g");
        break;
    case 4:
        fz_buf_addz(out, "g is set");
        break;
    case 5:
        fz_buf_addz(out, "g is not set");
        break;
    case 6:
        fz_buf_addz(out, "c = x");
        break;
    case 7:
        fz_buf_addz(out, "c != y");
        break;
    case 8:
        fz_buf_addz(out, "c in [x, z]");
        break;
    case 9:
        fz_buf_addz(out, "c = d");
        break;
    case 10:
        fz_buf_printf(out, "done(a%d)", a);
        break;
    case 11:
        fz_buf_printf(out, "not done(a%d) or done(a%d)", a, b);
        break;
    case 12:
        fz_buf_printf(out, "times(a%d) < 2", a);
        break;
    case 13:
        fz_buf_addz(out, "served(paper)");
        break;
    case 14:
        fz_buf_addz(out, "both");
        break;
    case 15:
        fz_buf_addz(out, "g otherwise f");
        break;
    case 16:
        fz_buf_printf(out, "if g then done(a%d) else c = z", a);
        break;
    case 17:
        fz_buf_printf(out, "day(a%d) is set", a);
        break;
    case 18:
        fz_buf_printf(out, "first_day(a%d) is not set or f", a);
        break;
    default:
        fz_buf_printf(out, "stage at s%u", draw(STAGES - 1));
        break;
    }
}

static void add_key(struct fz_buf *out, const char *key, int acts)
{
    fz_buf_printf(out, ", %s: \"", key);
    add_condition(out, acts);
    fz_buf_addc(out, '"');
}

static void add_needs(struct fz_buf *out, int acts)
{
    fz_buf_addz(out, ", after: [");
    for (uint32_t i = 0, n = 1 + draw(2); i < n; i++) {
        if (i)
            fz_buf_addz(out, ", ");
        if (draw(4) == 0) {
            fz_buf_printf(out, "{any: [a%u, a%u]}", draw((uint32_t)acts), draw((uint32_t)acts));
            continue;
        }
        fz_buf_printf(out, "{need: a%u", draw((uint32_t)acts));
        if (draw(2))
            add_key(out, "when", acts);
        fz_buf_addz(out, "}");
    }
    fz_buf_addz(out, "]");
}

static void add_outcomes(struct fz_buf *out, int acts)
{
    fz_buf_printf(out, ", outcomes: {o1: {to: s%u, article: 法 1}, o2: {clears: a%u, article: 法 1}, o3: 法 1}",
                  draw(STAGES), draw((uint32_t)acts));
    if (draw(2))
        fz_buf_addz(out, ", gates: [{that: \"outcome != o1 or f\", else: 不可, article: 法 1}]");
    else
        fz_buf_addz(out, ", gates: [{that: \"outcome in [o2, o3] or c = x\", else: 不可, article: 法 1}]");
}

static void add_act(struct fz_buf *out, int i, int acts)
{
    static const char *const sets[] = {", sets: {f: yes}",       ", sets: {f: no}", ", sets: g",
                                       ", sets: {g: yes, c: z}", ", sets: [c, f]",  ", sets: d",
                                       ", sets: known_on"};

    fz_buf_printf(out, "      a%d: {title: 甲, by: clerk, article: 法 1, milestone: true", i);
    if (i == 1) /* the pause lies over the first two stages, and is laid there */
        fz_buf_addz(out, ", pauses: rest, from: [s0, s1]");
    else if (draw(3) == 0)
        fz_buf_printf(out, ", from: s%u", draw(STAGES - 1));
    if (i == 2 && draw(4))
        fz_buf_addz(out, ", resumes: rest");
    if (draw(3) == 0 && i != 1)
        fz_buf_printf(out, ", to: s%u", draw(STAGES));
    if (draw(3) == 0)
        fz_buf_printf(out, ", times: %u", 1 + draw(2));
    if (draw(3) == 0)
        add_needs(out, acts);
    if (draw(4) == 0)
        fz_buf_printf(out, ", clears: [a%u, a%u]", draw((uint32_t)acts), draw((uint32_t)acts));
    if (draw(4) == 0)
        fz_buf_addz(out, sets[draw(FZ_COUNT(sets) - !clocks)]);
    if (draw(4) == 0)
        fz_buf_addz(out, ", document: paper");
    if (draw(5) == 0 && i != 1) {
        add_outcomes(out, acts);
    } else if (draw(2)) {
        fz_buf_addz(out, ", gates: [{that: \"");
        add_condition(out, acts);
        fz_buf_addz(out, "\", else: 不可, article: 法 1}]");
    }
    if (draw(5) == 0)
        fz_buf_addz(out, ", waive: {by: clerk, article: 法 1}");
    fz_buf_addz(out, "}\n");
}

static void add_rule(struct fz_buf *out, int i, int acts)
{
    uint32_t a = draw((uint32_t)acts), b = draw((uint32_t)acts);

    fz_buf_printf(out, "  - {name: r%d, article: 法 1", i);
    switch (draw(5)) {
    case 0:
        fz_buf_printf(out, ", never: a%u, before: a%u", a, b);
        break;
    case 1:
        fz_buf_printf(out, ", never: a%u, after: a%u", a, b);
        break;
    case 2:
        fz_buf_printf(out, ", never: a%u, while: rest", a);
        break;
    case 3:
        fz_buf_printf(out, ", after: a%u, always: [a%u, a%u]", a, b, draw((uint32_t)acts));
        break;
    default:
        fz_buf_printf(out, ", once: a%u", a);
        break;
    }
    if (draw(3) == 0)
        add_key(out, "unless", acts);
    fz_buf_addz(out, "}\n");
}

static void add_start(struct fz_buf *out, int i, int acts)
{
    switch (draw(6)) {
    case 0:
        fz_buf_addz(out, ", starts: begin");
        break;
    case 1:
        fz_buf_addz(out, ", starts: known_on");
        break;
    case 2:
        fz_buf_addz(out, ", starts: served(paper)");
        break;
    case 3:
        if (i > 0) {
            fz_buf_printf(out, ", starts: k%d.over", i - 1);
            break;
        } /* fall through */
    default:
        fz_buf_printf(out, ", starts: [a%u, a%u]", draw((uint32_t)acts), draw((uint32_t)acts));
        break;
    }
}

static void add_clock(struct fz_buf *out, int i, int acts)
{
    static const char *const again[] = {"", ", again: restart", ", again: another", ", again: ignore"};
    uint32_t kind = draw(4);
    int all = clocks;

    fz_buf_printf(out, "      k%d: {title: 期, article: 法 1, kind: %s", i,
                  kind == 0   ? "at_most"
                  : kind == 1 ? "window"
                  : kind == 2 ? "at_least"
                              : "deemed, then: auto");
    add_start(out, i, acts);
    if (kind == 1)
        fz_buf_printf(out, ", used_by: a%u", draw((uint32_t)acts));
    if (draw(3))
        fz_buf_printf(out, ", stops: a%u", draw((uint32_t)acts));
    fz_buf_addz(out, again[draw(4)]);
    fz_buf_addz(out, draw(3) ? ", limit: 10 days" : ", limit: [{when: c = x, be: 5 days}, {else: 30 days}]");
    clocks = i; /* its `when` may ask for earlier ones only */
    if (draw(4) == 0)
        add_key(out, "when", acts);
    clocks = all;
    if (draw(3) == 0)
        fz_buf_addz(out, ", suspends: [{while: rest}]");
    if (draw(4) == 0)
        fz_buf_printf(out, ", extends: [{on: a%u, by: 5 days, article: 法 1}]", draw((uint32_t)acts));
    if (draw(4) == 0)
        fz_buf_printf(out, ", excludes: [{from: a%u, until: a%u, article: 法 1}]", draw((uint32_t)acts),
                      draw((uint32_t)acts));
    fz_buf_addz(out, "}\n");
}

static void write_random_pack(struct fz_buf *out, int with_clocks)
{
    int acts = 3 + (int)draw(ACTS_MAX - 5), rules = 1 + (int)draw(RULES_MAX);

    clocks = with_clocks;
    fz_buf_addz(out, head);
    fz_buf_addz(out, "    fields:\n"
                     "      owner: {type: party, title: 业主}\n"
                     "      f: {type: flag, title: 己, default: no}\n"
                     "      g: {type: flag, title: 庚");
    if (draw(3) == 0)
        fz_buf_printf(out, draw(2) ? ", required: a%u" : ", required: a%u, when: f", draw((uint32_t)acts));
    fz_buf_addz(out, "}\n"
                     "      c: {type: choice, title: 丙, of: [x, y, z], default: x}\n"
                     "      d: {type: choice, title: 丁, of: [x, y, z]}\n"
                     "      both: {type: flag, title: 皆, is: f and not g}\n"
                     "      known_on: {type: day, title: 知道之日}\n"
                     "    stages: [s0, s1, s2, s3]\n"
                     "    final: [s3]\n");
    fz_buf_printf(out, "    pauses: {rest: {title: 止, in: [s0, s1], allows: [a2, a%u, quit]}}\n",
                  draw((uint32_t)acts));
    fz_buf_addz(out, "    documents: {paper: {title: 书, to: owner}}\n    actions:\n"
                     "      begin: {title: 始, starts: s0, by: clerk, article: 法 1}\n");
    for (int i = 0; i < acts; i++)
        add_act(out, i, acts);
    if (draw(4))
        fz_buf_addz(out, "      on: {title: 进, from: s0, to: s1, by: clerk, article: 法 1}\n"
                         "      further: {title: 进, from: s1, to: s2, by: clerk, article: 法 1}\n");
    fz_buf_addz(out, draw(3) ? "      quit: {title: 终, to: s3, by: clerk, article: 法 1}\n"
                             : "      quit: {title: 终, from: s0, to: s1, by: clerk, article: 法 1}\n");
    if (clocks)
        fz_buf_addz(out, "      auto: {title: 自, from: [s0, s1], to: s2, by: clerk, article: 法 1}\n    clocks:\n");
    for (int i = 0; i < clocks; i++)
        add_clock(out, i, acts);
    fz_buf_addz(out, "rules:\n");
    for (int i = 0; i < rules; i++)
        add_rule(out, i, acts);
}

/* ---- the slow way: every state through the step function ---- */

struct state {
    int parent;               /* -1: it is a beginning */
    struct fz_step step;      /* that led from there to here */
    struct fz_given given[4]; /* of a beginning: what is known before the first act */
    uint64_t key;
    bool can_end;
};

struct edge {
    int from, to;
};

struct explored {
    struct fz_arena arena, scratch;
    const struct fz_pack *pack;
    const struct fz_record *r;
    struct fz_case *c;
    int here; /* the state that the case stands in; -1: none */
    struct state *states;
    size_t states_n, states_cap;
    struct edge *edges;
    size_t edges_n, edges_cap;
    int *table; /* of states by key, -1 empty */
    uint64_t stages, rules_broken;
    fz_acts taken;
};

#define TABLE (1u << 17)

static fz_view view_of(const struct explored *x, const struct fz_step *step)
{
    return (fz_view){.c = x->c, .cmd = step, .day = step ? step->on : fz_day_of(2024, 3, 1)};
}

static uint64_t pack_bits(uint64_t key, uint64_t value, int bits)
{
    return key << bits | value;
}

/* Rules of kind `always`, each waiting or not, are part of the state. */
static uint64_t pending_after(const struct explored *x, uint64_t pending, const struct fz_step *step)
{
    for (size_t i = 0; i < x->pack->rules_n && step->kind == FZ_DO; i++) {
        const struct fz_rule *r = &x->pack->rules[i];

        if (r->kind != FZ_RULE_ALWAYS)
            continue;
        if (fz_acts_has(&r->others, step->action))
            pending &= ~(UINT64_C(1) << i);
        else if (r->act == step->action)
            pending |= UINT64_C(1) << i;
    }
    return pending;
}

static uint64_t key_of(const struct explored *x, uint64_t pending)
{
    fz_view v = view_of(x, NULL);
    uint64_t key = pending;

    key = pack_bits(key, (uint64_t)(fz_case_stage(x->c) + 1), 3);
    key = pack_bits(key, x->c->paused, 1);
    for (size_t f = 1; f <= 4; f++)
        key = pack_bits(key, x->c->values[f].set ? (uint64_t)x->c->values[f].n + 1 : 0, 2);
    for (int a = 0; a < (int)x->r->actions_n; a++) {
        uint32_t times = x->c->acts[a].times;

        key = pack_bits(key, times > 2 ? 2 : times, 2);
        key = pack_bits(key, fz_case_done(&v, a), 1);
    }
    key = pack_bits(key, x->c->documents[0].made, 1);
    return pack_bits(key, document_served(&v, 0), 1);
}

static int find_state(struct explored *x, uint64_t key, uint32_t *out_at)
{
    uint32_t at = (uint32_t)(key * 0x9E3779B97F4A7C15u >> 40) % TABLE;

    while (x->table[at] >= 0 && x->states[x->table[at]].key != key)
        at = (at + 1) % TABLE;
    *out_at = at;
    return x->table[at];
}

static int add_state(struct explored *x, int parent, const struct fz_step *step, uint64_t key)
{
    uint32_t at;
    int found = find_state(x, key, &at);
    struct state *s;

    if (found >= 0)
        return found;
    x->table[at] = (int)x->states_n;
    s = &FZ_PUSH(&x->arena, x, states, states_n, states_cap);
    *s = (struct state){.parent = parent, .step = *step, .key = key};
    for (size_t i = 0; i < step->values_n; i++)
        s->given[i] = step->values[i];
    return (int)x->states_n - 1;
}

static void apply(struct explored *x, const struct state *s)
{
    struct fz_step step = s->step;

    step.values = s->given;
    fz_case_apply(x->c, &step, NULL);
}

/* The case as it stands in that state, from its beginning on. */
static void replay(struct explored *x, int state)
{
    const struct state *root;
    int path[256], n = 0;

    for (int s = state; x->states[s].parent >= 0; s = x->states[s].parent) {
        assert_true(n < (int)FZ_COUNT(path));
        path[n++] = s;
    }
    fz_case_reset(x->c, x->pack, x->r);
    root = &x->states[n ? x->states[path[n - 1]].parent : state];
    for (size_t g = 0; g < root->step.values_n; g++)
        fz_case_set(x->c, root->given[g].field, root->given[g].value);
    while (n > 0)
        apply(x, &x->states[path[--n]]);
}

static bool refused_by_pack(struct explored *x, const struct fz_step *step)
{
    struct fz_ruling ruling = {0};
    size_t rules = 0;

    fz_arena_reset(&x->scratch);
    fz_decide(x->c, step, NULL, false, &x->scratch, &ruling);
    for (size_t i = 0; i < ruling.n; i++)
        rules += ruling.grounds[i].kind == FZ_G_RULE;
    return ruling.refusing > rules;
}

static bool some_done(const fz_view *v, const fz_acts *acts)
{
    for (int a = 0; a < (int)v->c->record->actions_n; a++)
        if (fz_acts_has(acts, a) && fz_case_done(v, a))
            return true;
    return false;
}

static int stage_after(const struct explored *x, const struct fz_step *step)
{
    const struct fz_action *a = &x->r->actions[step->action];

    if (step->outcome != FZ_NONE && a->outcomes[step->outcome].to != FZ_NONE)
        return a->outcomes[step->outcome].to;
    return a->to;
}

static bool rule_broken(const struct explored *x, size_t i, const struct fz_step *step, uint64_t pending)
{
    const struct fz_rule *r = &x->pack->rules[i];
    fz_view v = view_of(x, step);
    int to = stage_after(x, step);

    if (r->unless && fz_term_holds(&v, r->unless))
        return false;
    if (r->kind == FZ_RULE_ALWAYS)
        return to != FZ_NONE && (x->r->final >> to & 1) && (pending_after(x, pending, step) >> i & 1);
    if (r->act != step->action)
        return false;
    switch (r->kind) {
    case FZ_RULE_BEFORE:
        return !some_done(&v, &r->others);
    case FZ_RULE_AFTER:
        return some_done(&v, &r->others);
    case FZ_RULE_WHILE:
        return x->c->paused != 0;
    default:
        return x->c->acts[r->act].times > 0;
    }
}

static void take(struct explored *x, int from, const struct fz_step *step, uint64_t pending)
{
    uint64_t after = pending_after(x, pending, step);
    int to;

    if (x->here != from)
        replay(x, from);
    x->here = from;
    if (refused_by_pack(x, step))
        return;
    x->here = -1;
    for (size_t i = 0; i < x->pack->rules_n && step->kind == FZ_DO; i++)
        if (rule_broken(x, i, step, pending))
            x->rules_broken |= UINT64_C(1) << i;
    if (step->kind == FZ_DO)
        fz_acts_add(&x->taken, step->action);
    fz_case_apply(x->c, step, NULL);
    to = add_state(x, from, step, key_of(x, after));
    if (to != from)
        FZ_PUSH(&x->arena, x, edges, edges_n, edges_cap) = (struct edge){from, to};
}

/* Every way to enter what the act may set: not at all, or each value of each field. */
static void take_with_values(struct explored *x, int from, struct fz_step step, uint64_t pending)
{
    const struct fz_action *a = &x->r->actions[step.action];
    struct fz_given given[2];
    size_t n = 0;
    int counts[2] = {0, 0};

    for (size_t i = 0; i < a->sets_n; i++)
        if (!a->sets[i].value) {
            given[n].field = a->sets[i].field;
            counts[n++] = a->sets[i].field <= 2 ? 2 : 3;
        }
    step.values = given;
    for (int one = n > 0 ? -1 : 0; one < (n > 0 ? counts[0] : 1); one++)
        for (int two = n > 1 ? -1 : 0; two < (n > 1 ? counts[1] : 1); two++) {
            struct fz_given all[2] = {given[0], given[1]};
            struct fz_step s = step;

            s.values_n = 0;
            s.values = all;
            if (n > 0 && one >= 0)
                all[s.values_n++] = (struct fz_given){given[0].field, FZ_NUMBER(one)};
            if (n > 1 && two >= 0)
                all[s.values_n++] = (struct fz_given){given[1].field, FZ_NUMBER(two)};
            take(x, from, &s, pending);
        }
}

static void expand(struct explored *x, int state)
{
    uint64_t pending = x->states[state].key >> (3 + 1 + 8 + 3 * x->r->actions_n + 2);
    fz_day on = fz_day_of(2024, 3, 1);

    for (int a = 0; a < (int)x->r->actions_n; a++) {
        struct fz_step step = FZ_STEP(a, on);

        step.outcome = x->r->actions[a].outcomes_n ? 0 : FZ_NONE;
        do {
            take_with_values(x, state, step, pending);
        } while (++step.outcome < (int)x->r->actions[a].outcomes_n);
        if (x->r->actions[a].waivable) {
            step = FZ_STEP(a, on);
            step.kind = FZ_WAIVE;
            step.reason = FZ_STR("不适用");
            take(x, state, &step, pending);
        }
    }
    {
        struct fz_step serve = FZ_STEP(FZ_NONE, on);

        serve.kind = FZ_SERVE;
        serve.document = 0;
        take(x, state, &serve, pending);
    }
}

/* f yes or no, g yes, no or not said, c any, d any or not said. */
static void add_beginnings(struct explored *x)
{
    static const int values[] = {2, 3, 3, 4}, named[] = {2, 2, 3, 3};

    for (int i = 0; i < 2 * 3 * 3 * 4; i++) {
        struct fz_step step = FZ_STEP(FZ_NONE, fz_day_of(2024, 3, 1));
        struct fz_given given[4];

        fz_case_reset(x->c, x->pack, x->r);
        for (int f = 0, left = i; f < 4; left /= values[f++])
            if (left % values[f] < named[f])
                given[step.values_n++] = (struct fz_given){f + 1, FZ_NUMBER(left % values[f])};
        step.values = given;
        for (size_t g = 0; g < step.values_n; g++)
            fz_case_set(x->c, given[g].field, given[g].value);
        add_state(x, -1, &step, key_of(x, 0));
    }
}

static bool explore(struct explored *x, const struct fz_pack *pack)
{
    *x = (struct explored){.pack = pack, .r = &pack->records[0], .here = -1};
    fz_arena_init(&x->arena);
    fz_arena_init(&x->scratch);
    x->table = FZ_NEW_ARRAY(&x->arena, int, TABLE);
    memset(x->table, 0xff, TABLE * sizeof(*x->table));
    x->c = fz_case_new(&x->arena, pack, x->r);
    add_beginnings(x);
    for (size_t i = 0; i < x->states_n; i++) {
        if (x->states_n > NODES_MAX)
            return false;
        expand(x, (int)i);
    }
    return true;
}

static int stage_of(const struct explored *x, size_t state)
{
    return (int)(x->states[state].key >> (1 + 8 + 3 * x->r->actions_n + 2) & 7) - 1;
}

static bool paused_in(const struct explored *x, size_t state)
{
    return x->states[state].key >> (8 + 3 * x->r->actions_n + 2) & 1;
}

static void find_ends(struct explored *x)
{
    bool more = true;

    for (size_t i = 0; i < x->states_n; i++) {
        int s = stage_of(x, i);

        if (s >= 0)
            x->stages |= UINT64_C(1) << s;
        x->states[i].can_end = s >= 0 && (x->r->final >> s & 1);
    }
    while (more) {
        more = false;
        for (size_t e = x->edges_n; e > 0; e--)
            if (x->states[x->edges[e - 1].to].can_end && !x->states[x->edges[e - 1].from].can_end)
                more = x->states[x->edges[e - 1].from].can_end = true;
    }
}

/* ---- the same verdicts ---- */

static size_t said(const struct fz_diags *d, fz_diag_id id, fz_str name)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n; i++)
        n += d->items[i].id == id && (!name.n || fz_str_eq(d->items[i].args[0], name));
    return n;
}

static bool rule_said(const struct fz_diags *d, const struct fz_rule *r)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].id >= FZ_D_rule_before && d->items[i].id <= FZ_D_rule_differ &&
            d->items[i].span.line == r->span.line)
            return true;
    return false;
}

static bool dead_by_itself(const struct explored *x, int a)
{
    return !fz_acts_has(&x->taken, a) && (x->r->actions[a].starts != FZ_NONE || (x->r->actions[a].from & x->stages));
}

static bool leads_to(const struct fz_action *a, int stage)
{
    bool leads = a->to == stage || a->starts == stage;

    for (size_t o = 0; o < a->outcomes_n; o++)
        leads |= a->outcomes[o].to == stage;
    return leads;
}

struct tally {
    size_t packs, states, broken, held, lost, dead, unreached;
};

static void same(const char *what, fz_str name, bool said_so, bool is_so)
{
    if (said_so != is_so)
        fail_msg("%s %.*s: the proof says %s, the states say %s", what, FZ_STR_ARG(name), said_so ? "yes" : "no",
                 is_so ? "yes" : "no");
}

static void compare_rules(const struct explored *x, const struct fz_diags *d, struct tally *t)
{
    for (size_t i = 0; i < x->pack->rules_n; i++) {
        bool broken = x->rules_broken >> i & 1;

        same("broken rule", x->pack->rules[i].id, rule_said(d, &x->pack->rules[i]), broken);
        t->broken += broken;
        t->held += !broken;
    }
}

static void compare_acts(const struct explored *x, const struct fz_diags *d, bool endless, struct tally *t)
{
    for (int a = 0; a < (int)x->r->actions_n; a++) {
        bool dead = dead_by_itself(x, a) && !(x->r->actions[a].resumes != FZ_NONE && endless);

        same("dead act", x->r->actions[a].name, said(d, FZ_D_dead_action, x->r->actions[a].name) > 0, dead);
        t->dead += dead;
    }
}

static void compare_stages(const struct explored *x, const struct fz_diags *d, struct tally *t)
{
    for (int s = 0; s < (int)x->r->stages_n; s++) {
        bool missing = !(x->stages >> s & 1);

        for (int a = 0; a < (int)x->r->actions_n; a++)
            missing = missing && !(leads_to(&x->r->actions[a], s) && dead_by_itself(x, a));
        same("unreached stage", x->r->stages[s].name, said(d, FZ_D_unreachable_stage, x->r->stages[s].name) > 0,
             missing);
        t->unreached += missing;
    }
}

/* A case that can no longer end; under a pause that nothing resumes it is that pause which is told. */
static void compare_ends(const struct explored *x, const struct fz_diags *d, bool endless, struct tally *t)
{
    bool lost = false;

    for (size_t i = 0; i < x->states_n; i++)
        lost |= stage_of(x, i) >= 0 && !x->states[i].can_end && !(endless && paused_in(x, i));
    same("a state that is", FZ_STR("lost"), said(d, FZ_D_stuck, (fz_str){0}) + said(d, FZ_D_dead_end, (fz_str){0}) > 0,
         lost);
    t->lost += lost;
}

static void compare(const struct explored *x, const struct fz_diags *d, struct tally *t)
{
    bool endless = said(d, FZ_D_endless_pause, (fz_str){0}) > 0;

    compare_rules(x, d, t);
    compare_acts(x, d, endless, t);
    compare_stages(x, d, t);
    compare_ends(x, d, endless, t);
    t->states += x->states_n;
    t->packs++;
}

static void test_prove__says_what_every_state_says(void **state)
{
    int rounds = getenv("FZ_ROUNDS") ? atoi(getenv("FZ_ROUNDS")) : ROUNDS;
    struct tally t = {0};
    struct fz_buf text = {0};

    (void)state;
    seed = first_seed();
    for (int round = 0; round < rounds; round++) {
        uint64_t began = seed;
        struct fz_arena arena;
        struct fz_diags diags;
        struct fz_pack *pack;
        struct explored x;

        fz_arena_init(&arena);
        fz_diags_init(&diags, &arena);
        write_random_pack(&text, 0);
        if (getenv("FZ_SHOW"))
            fprintf(stderr, "seed %llu\n%s", (unsigned long long)began, text.p);
        pack = load(&arena, &text);
        if (explore(&x, pack)) {
            find_ends(&x);
            fz_prove(pack, &arena, FZ_EN, &diags, NULL);
            if (getenv("FZ_SHOW")) {
                struct fz_buf out = {0};

                fz_diags_print(&diags, FZ_EN, &out);
                fprintf(stderr, "%s", out.p ? out.p : "sound\n");
                fz_buf_release(&out);
            }
            compare(&x, &diags, &t);
        }
        fz_arena_release(&x.arena);
        fz_arena_release(&x.scratch);
        fz_arena_release(&arena);
    }
    fz_buf_release(&text);
    print_message(
        "%zu packs of %zu states: %zu rules broken, %zu held, %zu packs with lost cases, %zu dead acts, %zu stages not reached\n",
        t.packs, t.states, t.broken, t.held, t.lost, t.dead, t.unreached);
    if (rounds >= ROUNDS) /* each verdict was met both ways */
        assert_true(t.packs > 20 && t.broken > 10 && t.held > 10 && t.lost > 5 && t.lost < t.packs && t.dead > 10 &&
                    t.unreached > 5);
}

/* ---- lives of cases, with days that pass ---- */

struct life {
    struct explored *x;
    const struct fz_diags *said;
    fz_day today;
    uint64_t pending;
    size_t acts, by_law;
};

static void check_step(struct life *l, const struct fz_step *step)
{
    struct explored *x = l->x;

    for (size_t i = 0; i < x->pack->rules_n; i++)
        if (rule_broken(x, i, step, l->pending))
            same("broken rule", x->pack->rules[i].id, rule_said(l->said, &x->pack->rules[i]), true);
    same("dead act", x->r->actions[step->action].name,
         said(l->said, FZ_D_dead_action, x->r->actions[step->action].name) > 0, false);
}

static void take_in_life(struct life *l, const struct fz_step *step)
{
    struct explored *x = l->x;
    int stage;

    if (step->kind == FZ_DO)
        check_step(l, step);
    l->pending = pending_after(x, l->pending, step);
    fz_case_apply(x->c, step, NULL);
    stage = fz_case_stage(x->c);
    if (stage != FZ_NONE)
        same("unreached stage", x->r->stages[stage].name,
             said(l->said, FZ_D_unreachable_stage, x->r->stages[stage].name) > 0, false);
    l->acts++;
}

/* What the law has brought about by now; mostly seen before anybody does anything else. */
static void let_law_act(struct life *l)
{
    for (int i = 0; i < 5 && draw(8); i++) {
        fz_view v = {.c = l->x->c, .day = l->today};
        struct fz_step due = fz_case_due_by_law(&v);

        if (due.action == FZ_NONE)
            return;
        take_in_life(l, &due);
        l->by_law++;
    }
}

static void fill_in(struct life *l, struct fz_step *step)
{
    const struct fz_action *a = &l->x->r->actions[step->action];
    struct fz_given *given = FZ_NEW_ARRAY(&l->x->arena, struct fz_given, a->sets_n);

    for (size_t i = 0; i < a->sets_n; i++) {
        const struct fz_field *f = &l->x->r->fields[a->sets[i].field];
        int64_t n = f->type == FZ_TYPE_DAY ? l->today - (int64_t)draw(20) : draw(f->type == FZ_TYPE_FLAG ? 2 : 3);

        if (!a->sets[i].value && draw(3))
            given[step->values_n++] = (struct fz_given){a->sets[i].field, FZ_NUMBER(n)};
    }
    step->values = given;
}

static void try_something(struct life *l)
{
    const struct fz_record *r = l->x->r;
    struct fz_step step = FZ_STEP((int)draw((uint32_t)r->actions_n), l->today);
    const struct fz_action *a = &r->actions[step.action];

    if (draw(8) == 0) {
        step.kind = FZ_SERVE;
        step.action = FZ_NONE;
        step.document = 0;
    } else if (a->waivable && draw(3) == 0) {
        step.kind = FZ_WAIVE;
    } else {
        step.outcome = a->outcomes_n ? (int)draw((uint32_t)a->outcomes_n) : FZ_NONE;
        fill_in(l, &step);
    }
    if (!refused_by_pack(l->x, &step))
        take_in_life(l, &step);
}

static void begin_life(struct life *l)
{
    struct explored *x = l->x;

    fz_case_reset(x->c, x->pack, x->r);
    l->pending = 0;
    l->today = fz_day_of(2024, 3, 1);
    fz_case_set(x->c, 1, FZ_NUMBER(draw(2)));
    fz_case_set(x->c, 3, FZ_NUMBER(draw(3)));
    if (draw(2))
        fz_case_set(x->c, 2, FZ_NUMBER(draw(2)));
    if (draw(2))
        fz_case_set(x->c, 4, FZ_NUMBER(draw(3)));
    if (draw(2))
        fz_case_set(x->c, 6, FZ_NUMBER(l->today - (int64_t)draw(60)));
}

static void live(struct life *l)
{
    begin_life(l);
    for (int i = 0; i < 150; i++) {
        if (draw(3) == 0)
            l->today += (fz_day)draw(draw(4) ? 4 : 50);
        let_law_act(l);
        try_something(l);
    }
}

static void test_prove__no_life_does_what_is_said_to_be_impossible(void **state)
{
    struct fz_buf text = {0};
    size_t acts = 0, by_law = 0;

    (void)state;
    seed = first_seed();
    for (int round = 0; round < 150; round++) {
        struct fz_arena arena;
        struct fz_diags diags;
        struct explored x = {.here = -1};
        struct life l = {.x = &x, .said = &diags};

        fz_arena_init(&arena);
        fz_arena_init(&x.arena);
        fz_arena_init(&x.scratch);
        fz_diags_init(&diags, &arena);
        if (getenv("FZ_SHOW"))
            fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
        write_random_pack(&text, 1 + (int)draw(3));
        if (getenv("FZ_SHOW"))
            fprintf(stderr, "%s", text.p);
        x.pack = load(&arena, &text);
        x.r = &x.pack->records[0];
        x.c = fz_case_new(&x.arena, x.pack, x.r);
        fz_prove(x.pack, &arena, FZ_EN, &diags, NULL);
        for (int i = 0; i < 25; i++)
            live(&l);
        acts += l.acts;
        by_law += l.by_law;
        fz_arena_release(&x.arena);
        fz_arena_release(&x.scratch);
        fz_arena_release(&arena);
    }
    fz_buf_release(&text);
    print_message("%zu acts, %zu of them by law\n", acts, by_law);
    assert_true(acts > 10000 && by_law > 200);
}

/* ---- lives under the shipped packs ---- */

static fz_value random_value(struct fz_arena *arena, const struct fz_field *f, fz_day today, bool item)
{
    static const char *const names[] = {"甲", "乙", "丙"};

    if (f->many && !item) {
        fz_value *items = FZ_NEW_ARRAY(arena, fz_value, 2);
        uint32_t n = 1 + draw(2);

        for (uint32_t i = 0; i < n; i++) {
            items[i] = random_value(arena, f, today, true);
            if (fz_type_is_text(f->type))
                items[i].text = fz_str_of(names[i]);
        }
        return (fz_value){.set = true, .many = n, .items = items};
    }
    if (fz_type_is_text(f->type))
        return (fz_value){.set = true, .text = fz_str_of(names[draw(3)])};
    switch (f->type) {
    case FZ_TYPE_FLAG:
        return FZ_NUMBER(draw(2));
    case FZ_TYPE_CHOICE:
        return FZ_NUMBER(draw((uint32_t)f->choices.n));
    case FZ_TYPE_DAY:
        return FZ_NUMBER(today + (int64_t)draw(400) - 200);
    case FZ_TYPE_LENGTH:
        return (fz_value){.set = true, .n = 1 + draw(20), .m = FZ_DAYS};
    case FZ_TYPE_SPAN:
        return (fz_value){.set = true, .n = today - (int64_t)draw(50), .m = today};
    default:
        return FZ_NUMBER(draw(4) ? draw(30000) : draw(20000000));
    }
}

static void begin_shipped(struct life *l)
{
    struct explored *x = l->x;

    fz_case_reset(x->c, x->pack, x->r);
    l->today = fz_day_of(2025, 1, 10) + (fz_day)draw(200);
    for (size_t f = 0; f < x->r->fields_n; f++)
        if (!x->r->fields[f].is && (x->r->fields[f].required || draw(2)))
            fz_case_set(x->c, (int)f, random_value(&x->arena, &x->r->fields[f], l->today, false));
}

/* Refused for no other reason than a rule: the pack allows what its rule forbids. */
static void check_ruling(const struct life *l, const struct fz_step *step, const struct fz_ruling *ruling)
{
    size_t rules = 0;

    for (size_t i = 0; i < ruling->n; i++)
        rules += ruling->grounds[i].kind == FZ_G_RULE;
    if (rules && rules == ruling->refusing)
        fail_msg("%.*s: %.*s breaks a proved rule", FZ_STR_ARG(l->x->pack->name),
                 FZ_STR_ARG(l->x->r->actions[step->action].name));
}

static void try_shipped(struct life *l, const struct fz_calendar *cal)
{
    static const char *const persons[] = {"赵", "钱", "孙", "李"};
    struct explored *x = l->x;
    struct fz_step step = FZ_STEP((int)draw((uint32_t)x->r->actions_n), l->today);
    const struct fz_action *a = &x->r->actions[step.action];
    struct fz_given *given = FZ_NEW_ARRAY(&x->arena, struct fz_given, a->sets_n);
    struct fz_ruling ruling = {0};
    int to;

    if (x->r->documents_n && draw(8) == 0) {
        step.kind = FZ_SERVE;
        step.action = FZ_NONE;
        step.document = (int)draw((uint32_t)x->r->documents_n);
    } else if (a->waivable && draw(3) == 0) {
        step.kind = FZ_WAIVE;
        step.reason = FZ_STR("不适用");
    } else {
        step.outcome = a->outcomes_n ? (int)draw((uint32_t)a->outcomes_n) : FZ_NONE;
        step.person = fz_str_of(persons[draw(4)]);
        step.member = a->each.n && draw(2) ? fz_str_of(draw(2) ? "甲" : "乙") : (fz_str){0};
        for (size_t i = 0; i < a->sets_n; i++)
            if (!a->sets[i].value && draw(5))
                given[step.values_n++] = (struct fz_given){
                    a->sets[i].field, random_value(&x->arena, &x->r->fields[a->sets[i].field], l->today, false)};
        step.values = given;
    }
    to = step.kind == FZ_DO ? stage_after(x, &step) : FZ_NONE;
    if (to != FZ_NONE && (x->r->final >> to & 1) && draw(30)) /* a long life sees more */
        return;
    fz_arena_reset(&x->scratch);
    fz_decide(x->c, &step, cal, false, &x->scratch, &ruling);
    if (step.kind == FZ_DO)
        check_ruling(l, &step, &ruling);
    if (ruling.refusing)
        return;
    fz_case_apply(x->c, &step, cal);
    l->acts++;
}

static void live_shipped(struct life *l, const struct fz_calendar *cal)
{
    begin_shipped(l);
    for (int i = 0; i < 1500 && !fz_case_ended(l->x->c); i++) {
        fz_view v = {.c = l->x->c, .cal = cal, .day = l->today};
        struct fz_step due = fz_case_due_by_law(&v);

        if (due.action != FZ_NONE && draw(2)) {
            fz_case_apply(l->x->c, &due, cal);
            l->by_law++;
        }
        if (draw(20) == 0)
            l->today += (fz_day)draw(draw(4) ? 4 : 70);
        try_shipped(l, cal);
    }
}

/* What is proved of a shipped pack holds for whatever its cases do. */
static void test_prove__no_life_breaks_a_rule_of_a_shipped_pack(void **state)
{
    static const char *const names[] = {"hotline",           "it-traffic-fines", "licence",
                                        "nl-permit-receipt", "penalty",          "reconsideration"};
    struct fz_calendar *cal = china_calendar();

    (void)state;
    seed = first_seed();
    for (size_t p = 0; p < FZ_COUNT(names); p++) {
        struct fz_diags diags;
        struct explored x = {.here = -1};
        struct life l = {.x = &x};
        size_t ended = 0;

        fz_arena_init(&x.arena);
        fz_arena_init(&x.scratch);
        fz_diags_init(&diags, &x.arena);
        x.pack = load_shipped_pack(&x.arena, fz_str_z(&x.arena, fz_str_printf(&x.arena, "%s.yaml", names[p])));
        x.r = &x.pack->records[0];
        x.c = fz_case_new(&x.arena, x.pack, x.r);
        fz_prove(x.pack, &x.arena, FZ_EN, &diags, NULL);
        assert_int_equal(diags.n, 0);
        for (int i = 0; i < 25; i++) {
            live_shipped(&l, fz_str_is(x.pack->calendar, "none") ? NULL : cal);
            ended += fz_case_ended(x.c);
        }
        print_message("%s: %zu acts, %zu by law, %zu of 25 cases ended\n", names[p], l.acts, l.by_law, ended);
        assert_true(l.acts > 100);
        fz_arena_release(&x.arena);
        fz_arena_release(&x.scratch);
    }
    fz_calendar_free(cal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prove__independent_milestones_cost_their_sum),
        cmocka_unit_test(test_prove__pairs_cost_their_square_at_most),
        cmocka_unit_test(test_prove__says_what_every_state_says),
        cmocka_unit_test(test_prove__no_life_does_what_is_said_to_be_impossible),
        cmocka_unit_test(test_prove__no_life_breaks_a_rule_of_a_shipped_pack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
