/* The shipped packs as they stand after loading, and small packs for what those do not hold. */
#include <stdio.h>
#include <stdlib.h>

#include "../support/support.h"

#include "law/pack.h"

struct loaded {
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_source sources[3];
    struct fz_pack *pack;
    const struct fz_record *r; /* the first */
};

static fz_str read_file(struct fz_arena *arena, const char *name)
{
    const char *root = getenv("FZ_ROOT");
    char *path = fz_str_z(arena, fz_str_printf(arena, "%s/packs/%s.yaml", root ? root : ".", name));
    char *text = fz_alloc(arena, 1 << 18);
    FILE *f = fopen(path, "rb");
    size_t n;

    if (!f)
        fail_msg("%s cannot be opened", path);
    n = fread(text, 1, 1 << 18, f);
    fclose(f);
    assert_true(n > 0 && n < 1 << 18);
    return (fz_str){text, n};
}

static void finish(struct loaded *p, const struct fz_node *node)
{
    p->pack = fz_pack_load(node, &p->arena, &p->diags);
    if (!p->pack) {
        struct fz_buf out = {0};

        fz_diags_print(&p->diags, FZ_EN, &out);
        fail_msg("%s", out.p);
    }
    assert_int_equal(p->diags.errors, 0);
    p->r = &p->pack->records[0];
}

/* The file, and what amends it one after the other. */
static void load(struct loaded *p, const char *a, const char *b, const char *c)
{
    const char *names[] = {a, b, c};
    const struct fz_node *node = NULL;

    fz_arena_init(&p->arena);
    fz_diags_init(&p->diags, &p->arena);
    for (size_t i = 0; i < FZ_COUNT(names) && names[i]; i++) {
        p->sources[i] = (struct fz_source){names[i], read_file(&p->arena, names[i])};
        node = fz_node_merge(&p->arena, node, fz_node_read(&p->arena, &p->sources[i], &p->diags));
    }
    finish(p, node);
}

static void release(struct loaded *p)
{
    fz_arena_release(&p->arena);
}

/* ---- asking ---- */

static int act(const struct loaded *p, const char *name)
{
    int id = fz_action_find(p->r, fz_str_of(name));

    if (id == FZ_NONE)
        fail_msg("no action %s", name);
    return id;
}

static const struct fz_action *action(const struct loaded *p, const char *name)
{
    return &p->r->actions[act(p, name)];
}

static int clock_id(const struct loaded *p, const char *name)
{
    int id = fz_clock_find(p->r, fz_str_of(name));

    if (id == FZ_NONE)
        fail_msg("no clock %s", name);
    return id;
}

static const struct fz_clock *clock_of(const struct loaded *p, const char *name)
{
    return &p->r->clocks[clock_id(p, name)];
}

static int field(const struct loaded *p, const char *name)
{
    int id = fz_field_find(p->r, fz_str_of(name));

    if (id == FZ_NONE)
        fail_msg("no field %s", name);
    return id;
}

static uint64_t at(const struct loaded *p, const char *name)
{
    int id = fz_stage_find(p->r, fz_str_of(name));

    if (id == FZ_NONE)
        fail_msg("no stage %s", name);
    return UINT64_C(1) << id;
}

static int stage(const struct loaded *p, const char *name)
{
    assert_true(at(p, name) != 0);
    return fz_stage_find(p->r, fz_str_of(name));
}

static void assert_str(fz_str s, const char *z)
{
    if (!fz_str_is(s, z))
        fail_msg("'%.*s' is not '%s'", FZ_STR_ARG(s), z);
}

static void assert_term(const struct fz_term *t, const char *text)
{
    struct fz_buf out = {0};

    assert_non_null(t);
    fz_expr_print(t->from, &out);
    assert_string_equal(out.p, text);
    fz_buf_release(&out);
}

static void assert_length(const struct fz_term *t, int n, fz_unit unit)
{
    assert_non_null(t);
    assert_int_equal(t->kind, FZ_T_CONST);
    assert_int_equal(t->type, FZ_TYPE_LENGTH);
    assert_int_equal(t->value.n, n);
    assert_int_equal(t->value.m, unit);
}

static void assert_ids(struct fz_ids ids, const struct loaded *p, const char *names)
{
    struct fz_buf out = {0};

    for (size_t i = 0; i < ids.n; i++)
        fz_buf_printf(&out, "%s%.*s", i ? " " : "", FZ_STR_ARG(p->r->clocks[ids.items[i]].name));
    assert_string_equal(out.p ? out.p : "", names);
    fz_buf_release(&out);
}

static const struct fz_rule *rule(const struct loaded *p, const char *id)
{
    for (size_t i = 0; i < p->pack->rules_n; i++)
        if (fz_str_is(p->pack->rules[i].id, id))
            return &p->pack->rules[i];
    fail_msg("no rule %s", id);
    return NULL;
}

static const struct fz_indicator *indicator(const struct loaded *p, const char *name)
{
    for (size_t i = 0; i < p->pack->indicators_n; i++)
        if (fz_str_is(p->pack->indicators[i].name, name))
            return &p->pack->indicators[i];
    fail_msg("no indicator %s", name);
    return NULL;
}

/* ---- the shipped packs ---- */

static void reconsideration__actions(void **state)
{
    struct loaded p;
    const struct fz_action *a;

    (void)state;
    load(&p, "reconsideration", NULL, NULL);
    assert_str(p.pack->name, "reconsideration");
    assert_int_equal(p.pack->version, fz_day_of(2024, 1, 1));
    assert_int_equal(p.pack->amends, FZ_DAY_NONE);
    assert_str(p.r->title.en, "Reconsideration case");
    assert_int_equal(p.r->final, at(&p, "self_corrected") | at(&p, "refused") | at(&p, "dismissed") |
                                     at(&p, "abandoned") | at(&p, "terminated") | at(&p, "mediated") |
                                     at(&p, "closed"));
    assert_true(p.r->stages[stage(&p, "closed")].final);
    assert_false(p.r->stages[stage(&p, "decided")].final);

    a = action(&p, "hand_in");
    assert_int_equal(a->starts, stage(&p, "handed_in"));
    assert_int_equal(a->from, 0);
    assert_int_equal(a->by_n, 2);
    assert_str(a->by[1].role, "officer");
    assert_str(a->by[1].at, "respondent");
    assert_int_equal(a->by[1].at_field, field(&p, "respondent"));

    a = action(&p, "abandon");
    assert_true(a->by_law);
    assert_int_equal(a->by_n, 0);
    assert_int_equal(a->from, at(&p, "correcting"));
    assert_int_equal(a->to, stage(&p, "abandoned"));

    a = action(&p, "simplify");
    assert_int_equal(a->sets_n, 1);
    assert_int_equal(a->sets[0].field, field(&p, "track"));
    assert_int_equal(a->sets[0].value->value.n, 1);
    assert_int_equal(a->times, 1);
    assert_int_equal(a->gates_n, 2);
    assert_str(a->gates[1].id, "small_sum");

    a = action(&p, "hear_opinions");
    assert_int_equal(a->each.n, 2);
    assert_int_equal(a->each.items[1], field(&p, "third_parties"));
    assert_true(a->milestone && a->waivable && a->waive_reason);
    assert_str(a->waive_by[0].role, "reviewer");
    assert_null(a->waive_when);

    a = action(&p, "propose");
    assert_int_equal(a->after_n, 4);
    assert_true(fz_acts_has(&a->after[0].need, act(&p, "send_copy")));
    assert_null(a->after[0].when);
    assert_term(a->after[3].when, "track = ordinary and (difficult or technical)");

    a = action(&p, "decide");
    assert_true(fz_acts_has(&a->not_by, act(&p, "propose")));
    assert_int_equal(a->outcomes_n, 8);
    assert_int_equal(fz_outcome_find(a, FZ_STR("upheld")), 5);
    assert_str(a->outcomes[5].articles.items[0].number, "68");
    assert_str(p.r->outcomes[a->outcomes[5].id], "upheld");
    assert_int_equal(a->document, fz_document_find(p.r, FZ_STR("decision_letter")));
    assert_int_equal(action(&p, "hold_hearing")->by[0].persons, 3);
    assert_int_equal(action(&p, "end_inspection")->answers, act(&p, "start_inspection"));
    assert_int_equal(action(&p, "suspend")->pauses, fz_pause_find(p.r, FZ_STR("trial")));
    assert_int_equal(action(&p, "resume")->resumes, 0);
    assert_true(fz_acts_has(&p.r->pauses[0].allows, act(&p, "read_file")));
    assert_int_equal(p.r->pauses[0].in, at(&p, "accepted"));
    release(&p);
}

static void reconsideration__clocks(void **state)
{
    struct loaded p;
    const struct fz_clock *k;

    (void)state;
    load(&p, "reconsideration", NULL, NULL);
    k = clock_of(&p, "application");
    assert_int_equal(k->kind, FZ_CK_WINDOW);
    assert_int_equal(k->starts[0].kind, FZ_AT_DAY);
    assert_term(k->starts[0].day, "told_on otherwise known_on");
    assert_int_equal(k->suspends[0].field, field(&p, "obstacles"));
    assert_int_equal(k->suspends[0].pause, FZ_NONE);
    assert_int_equal(k->caps_n, 2);
    assert_term(k->caps[1].at, "due(act_on, if real_estate then 20 years else 5 years)");
    assert_true(fz_acts_has(&k->used_by, act(&p, "hand_in")));

    k = clock_of(&p, "admission");
    assert_int_equal(k->kind, FZ_CK_DEEMED);
    assert_int_equal(k->then, act(&p, "accept"));
    assert_int_equal(k->then_outcome, FZ_NONE);
    assert_int_equal(k->again, FZ_AGAIN_RESTART);
    assert_length(k->limit[0].be, 5, FZ_WORKING_DAYS);
    assert_null(k->limit[0].when);

    k = clock_of(&p, "correction");
    assert_int_equal(k->starts[0].kind, FZ_AT_SERVICE);
    assert_int_equal(k->starts[0].id, fz_document_find(p.r, FZ_STR("correction_notice")));
    assert_int_equal(k->extends[0].by->kind, FZ_T_CONFIG);

    k = clock_of(&p, "decision");
    assert_int_equal(k->limit_n, 2);
    assert_term(k->limit[1].when, "track = simplified");
    assert_int_equal(k->limit[1].when->args[0]->id, field(&p, "track"));
    assert_length(k->limit[0].be, 60, FZ_DAYS);
    assert_int_equal(k->excludes[0].until, act(&p, "end_inspection"));
    assert_int_equal(k->excludes[0].told_by, FZ_NONE);
    assert_int_equal(k->ladder_n, 3);
    assert_true(k->ladder[0].before);
    assert_int_equal(k->ladder[0].distance.n, 10);
    assert_int_equal(k->ladder[1].distance.n, 0);
    assert_int_equal(k->ladder[2].act, FZ_ESCALATE);
    assert_str(k->title.zh, "作出复议决定");

    k = clock_of(&p, "suing_silence");
    assert_int_equal(k->starts[0].kind, FZ_AT_CLOCK_END);
    assert_int_equal(k->starts[0].id, clock_id(&p, "decision"));
    assert_int_equal(clock_of(&p, "suing")->per.n, 2);
    assert_int_equal(clock_of(&p, "basis_handling")->confidence, FZ_CHOSEN);
    assert_int_equal(clock_of(&p, "decision")->confidence, FZ_VERIFIED);
    assert_int_equal(clock_of(&p, "publication")->limit_n, 0);

    assert_ids(action(&p, "accept")->clocks_start, &p, "copy decision");
    assert_ids(action(&p, "accept")->clocks_stop, &p, "admission");
    assert_ids(action(&p, "receive")->clocks_use, &p, "application");
    assert_ids(action(&p, "sue")->clocks_use, &p, "suing");
    assert_ids(action(&p, "sue")->clocks_start, &p, "");
    assert_ids(action(&p, "extend")->clocks_extend, &p, "decision");
    assert_ids(action(&p, "call_hearing")->clocks_floor, &p, "hearing_floor");
    assert_ids(action(&p, "suspend")->clocks_floor, &p, "");
    release(&p);
}

static void reconsideration__rules_and_the_rest(void **state)
{
    struct loaded p;
    const struct fz_indicator *i;

    (void)state;
    load(&p, "reconsideration", NULL, NULL);
    assert_int_equal(p.pack->laws_n, 3);
    assert_int_equal(p.pack->laws[0].working, FZ_WD_LIST);
    assert_int_equal(p.pack->laws[0].working_days.items[3], 10);
    assert_int_equal(p.pack->laws[1].working, FZ_WD_AS_WRITTEN);
    assert_int_equal(p.pack->config[1].type, FZ_TYPE_LENGTH);
    assert_int_equal(p.pack->config[1].value.n, 10);
    assert_int_equal(p.pack->config[1].confidence, FZ_CHOSEN);
    assert_false(p.pack->config[1].bounded);

    assert_int_equal(rule(&p, "decide_before_hear_opinions")->kind, FZ_RULE_BEFORE);
    assert_term(rule(&p, "decide_before_hear_opinions")->unless, "track = simplified");
    assert_int_equal(rule(&p, "decide_while_basis")->pause, 1);
    assert_int_equal(rule(&p, "decide_once")->act, act(&p, "decide"));
    assert_int_equal(rule(&p, "propose_decide_same")->kind, FZ_RULE_DIFFER);
    assert_true(fz_acts_has(&rule(&p, "propose_decide_same")->others, act(&p, "propose")));
    assert_int_equal(rule(&p, "accept_without_end")->act, act(&p, "accept"));
    assert_true(fz_acts_has(&rule(&p, "accept_without_end")->others, act(&p, "mediate")));

    i = indicator(&p, "corrected");
    assert_int_equal(i->kind, FZ_SHARE_OF);
    assert_int_equal(i->bases_n, 2);
    assert_str(i->bases[1].name, "merits");
    assert_true(fz_acts_has(&i->bases[0].acts, act(&p, "dismiss")));
    i = indicator(&p, "in_time");
    assert_int_equal(i->bases_n, 1);
    assert_int_equal(i->bases[0].name.n, 0);
    assert_true(fz_acts_has(&i->bases[0].acts, act(&p, "terminate")));
    i = indicator(&p, "received");
    assert_int_equal(i->kind, FZ_COUNT_OF);
    assert_int_equal(i->by.items[0], field(&p, "respondent"));

    assert_int_equal(p.r->fields[field(&p, "track")].initial.n, 0);
    assert_true(p.r->fields[field(&p, "track")].initial.set);
    assert_false(p.r->fields[field(&p, "told_on")].initial.set);
    assert_true(p.r->fields[field(&p, "act_on")].required);
    assert_true(p.r->documents[fz_document_find(p.r, FZ_STR("decision_letter"))].to_all);
    assert_int_equal(p.r->documents[fz_document_find(p.r, FZ_STR("maker_notice"))].to.items[0], field(&p, "maker"));
    assert_int_equal(p.diags.warnings, 0);
    release(&p);
}

static void penalty__facts(void **state)
{
    struct loaded p;
    const struct fz_action *a;
    const struct fz_clock *k;

    (void)state;
    load(&p, "penalty", NULL, NULL);
    assert_int_equal(p.diags.warnings, 0); /* every law it cites is in force on the day of its version */
    assert_int_equal(p.pack->laws[1].working, FZ_WD_UP_TO);
    assert_int_equal(p.pack->laws[1].working_up_to, 10);
    assert_true(p.pack->config[0].bounded);
    assert_int_equal(p.pack->config[0].low.n, 50000);
    assert_int_equal(p.pack->config[0].value.n, 1000000);
    assert_int_equal(p.r->fields[field(&p, "hearing_due")].is->kind, FZ_T_OR);
    assert_int_equal(p.r->fields[field(&p, "surcharge")].is->kind, FZ_T_MIN);
    assert_int_equal(p.r->fields[field(&p, "fine")].initial.n, 0);
    assert_true(p.r->fields[field(&p, "fine")].initial.set);

    a = action(&p, "decide_on_spot");
    assert_str(a->by[0].holding, "enforcement_certificate");
    assert_int_equal(a->by[0].persons, 2);
    assert_int_equal(a->sets_n, 2);
    assert_null(a->sets[1].value);
    assert_str(a->gates[0].id, "decide_on_spot_gate");
    assert_str(a->gates[2].id, "decide_on_spot_gate_3");
    assert_int_equal(a->articles.n, 2);
    a = action(&p, "legal_review");
    assert_int_equal(a->outcomes[1].to, stage(&p, "investigating"));
    a = action(&p, "close_investigation");
    assert_true(fz_acts_has(&a->clears, act(&p, "discuss")));
    assert_true(
        fz_acts_has(&rule(&p, "close_investigation_legal_review_decide_same")->others, act(&p, "legal_review")));

    k = clock_of(&p, "limitation");
    assert_true(k->no_roll);
    assert_int_equal(k->starts[0].day->id, field(&p, "act_ended_on"));
    assert_term(k->limit[1].when, "harm = life_or_finance");
    k = clock_of(&p, "service");
    assert_int_equal(k->stops[0].kind, FZ_AT_SERVICE);
    assert_int_equal(clock_of(&p, "payment")->extends[0].by->kind, FZ_T_FIELD);
    assert_ids(action(&p, "apply_to_court")->clocks_hold, &p, "demand_floor");
    assert_ids(action(&p, "apply_to_court")->clocks_use, &p, "court_application court_after_deferral");
    assert_ids(action(&p, "review_opinions")->clocks_hold, &p, "defence hearing_request");
    assert_ids(action(&p, "decide")->clocks_start, &p, "service publicity publicity_market");
    assert_length(clock_of(&p, "transfer_delivery")->limit[0].be, 24, FZ_HOURS);
    release(&p);
}

static void licence__facts(void **state)
{
    struct loaded p;
    const struct fz_clock *k;

    (void)state;
    load(&p, "licence", NULL, NULL);
    assert_int_equal(p.pack->laws[0].working, FZ_WD_ALL);
    k = clock_of(&p, "decision");
    assert_int_equal(k->limit_n, 2);
    assert_term(k->limit[0].when, "joint");
    assert_length(k->limit[0].be, 45, FZ_WORKING_DAYS);
    assert_null(k->limit[1].when);
    assert_length(k->limit[1].be, 20, FZ_WORKING_DAYS);
    assert_int_equal(k->excludes[1].told_by, act(&p, "tell_special"));
    assert_int_equal(k->extends_n, 2);
    assert_true(clock_of(&p, "admission")->dated_start);
    assert_true(clock_of(&p, "promise")->service_norm);
    k = clock_of(&p, "renewal");
    assert_true(k->limit[0].until);
    assert_int_equal(k->limit[0].be->id, field(&p, "valid_to"));
    assert_int_equal(k->then, act(&p, "renew"));
    assert_int_equal(clock_of(&p, "expiry")->kind, FZ_CK_VALIDITY);
    assert_int_equal(clock_of(&p, "changing")->again, FZ_AGAIN_ANOTHER);
    assert_ids(action(&p, "grant")->clocks_hold, &p, "hearing_chance");
    assert_ids(action(&p, "grant")->clocks_floor, &p, "renewal_floor"); /* it sets valid_to, the day of that floor */
    assert_ids(action(&p, "ask_renewal")->clocks_floor, &p, "renewal_floor");
    assert_int_equal(action(&p, "revoke")->outcomes_n, 5);
    assert_int_equal(action(&p, "revoke")->outcomes[0].articles.n, 0);
    assert_str(action(&p, "extend_joint")->by[0].at, "government");
    assert_int_equal(action(&p, "extend_joint")->by[0].at_field, FZ_NONE);
    assert_int_equal(action(&p, "grant")->gates[0].that->kind, FZ_T_OR);
    assert_str(p.r->fields[field(&p, "item")].initial.text, "未填写事项");
    assert_int_equal(indicator(&p, "grant_rate")->bases_n, 1);
    assert_null(indicator(&p, "grant_rate")->where);
    release(&p);
}

static void hotline__facts(void **state)
{
    struct loaded p;
    const struct fz_action *a;

    (void)state;
    load(&p, "hotline", NULL, NULL);
    assert_int_equal(p.pack->config_n, 10);
    assert_int_equal(p.pack->config[1].value.m, FZ_HOURS);
    assert_int_equal(p.pack->config[1].high.n, 4);
    assert_int_equal(p.diags.warnings, 0);
    assert_str(action(&p, "dispatch")->gates[1].id, "dispatch_gate_2");
    a = action(&p, "close");
    assert_true(fz_acts_has(&a->after[0].any, act(&p, "call_unanswered")));
    assert_true(fz_acts_empty(&a->after[0].need));
    a = action(&p, "contact");
    assert_true(a->repeats);
    assert_int_equal(a->by[0].at_field, field(&p, "unit"));
    assert_int_equal(action(&p, "refer_clue")->waive_by[0].at_field, field(&p, "unit"));
    assert_ids(action(&p, "dispatch")->clocks_start, &p,
               "signing urgent_signing returning handling_time consultation_time");
    assert_ids(action(&p, "archive")->clocks_stop, &p, "whole_time");
    assert_int_equal(clock_of(&p, "whole_time")->kind, FZ_CK_AT_ONCE);
    assert_term(clock_of(&p, "urgent_signing")->when, "urgency = urgent");
    assert_int_equal(clock_of(&p, "contacting")->confidence, FZ_LOCAL);
    assert_str(rule(&p, "stop_before_ask_stop")->title.zh, "承办单位申请方可终止");
    assert_int_equal(indicator(&p, "received")->by.n, 2);
    assert_str(p.r->stages[0].title.en, "Received");
    release(&p);
}

static void traffic_fines__amended_twice(void **state)
{
    struct loaded p;

    (void)state;
    load(&p, "it-traffic-fines", NULL, NULL);
    assert_str(p.pack->calendar, "none");
    assert_length(clock_of(&p, "late_notification")->limit[0].be, 150, FZ_DAYS);
    assert_int_equal(clock_of(&p, "late_notification")->articles.n, 1);
    assert_int_equal(rule(&p, "payment_after_collection")->kind, FZ_RULE_AFTER);
    assert_str(rule(&p, "second_surcharge")->id, "second_surcharge");
    assert_str(rule(&p, "second_surcharge")->title.zh, "重复加处罚款");
    assert_str(action(&p, "add_penalty")->gates[0].id, "surcharge_day");
    assert_int_equal(action(&p, "add_penalty")->gates[0].that->kind, FZ_T_EQ);
    assert_int_equal(action(&p, "pay")->from,
                     at(&p, "created") | at(&p, "sent") | at(&p, "notified") | at(&p, "surcharged"));
    assert_int_equal(action(&p, "pay")->to, FZ_NONE);
    assert_str(p.r->stages[0].title.zh, "created");
    assert_str(action(&p, "appeal_judge")->articles.items[0].number, "204-bis");
    release(&p);

    load(&p, "it-traffic-fines", "it-traffic-fines-2010-08-13", NULL);
    assert_int_equal(p.pack->version, fz_day_of(2010, 8, 13));
    assert_int_equal(p.pack->amends, fz_day_of(1993, 1, 1));
    assert_length(clock_of(&p, "late_notification")->limit[0].be, 90, FZ_DAYS);
    assert_int_equal(clock_of(&p, "late_notification")->articles.items[1].law, 1);
    assert_str(p.pack->laws[1].name, "L120");
    assert_str(p.pack->laws[0].edition, "2010-07-29");
    assert_length(clock_of(&p, "late_judge_appeal")->limit[0].be, 60, FZ_DAYS);
    release(&p);

    load(&p, "it-traffic-fines", "it-traffic-fines-2010-08-13", "it-traffic-fines-2011-10-06");
    assert_length(clock_of(&p, "late_judge_appeal")->limit[0].be, 30, FZ_DAYS);
    assert_length(clock_of(&p, "late_notification")->limit[0].be, 90, FZ_DAYS);
    assert_int_equal(p.pack->laws_n, 3);
    assert_int_equal(p.diags.n, 0);
    release(&p);
}

static void permit_receipt__facts(void **state)
{
    struct loaded p;

    (void)state;
    load(&p, "nl-permit-receipt", NULL, NULL);
    assert_str(p.r->name, "application");
    assert_int_equal(p.r->stages_n, 3);
    assert_int_equal(p.r->actions_n, 24);
    assert_int_equal(p.r->outcomes_n, 0);
    assert_length(clock_of(&p, "late_decision")->limit[0].be, 56, FZ_DAYS);
    assert_length(clock_of(&p, "late_decision")->extends[0].by, 42, FZ_DAYS);
    assert_str(clock_of(&p, "late_decision")->extends[0].articles.items[0].number, "3.9(2)");
    assert_int_equal(p.r->fields[field(&p, "channel")].choices.n, 5);
    assert_str(p.r->fields[field(&p, "channel")].choices.names[4], "internal");
    assert_int_equal(rule(&p, "extended_twice")->kind, FZ_RULE_ONCE);
    assert_ids(action(&p, "withdraw")->clocks_stop, &p, "late_decision");
    assert_true(fz_acts_has(&action(&p, "decide")->after[0].need, act(&p, "send_confirmation")));
    release(&p);
}

/* ---- what the shipped packs do not hold ---- */

#define HEAD                                                                                                           \
    "pack: t\nversion: 2024-01-01\ntitle: t\npart: t\ncalendar: cn\n"                                                  \
    "laws: {L: {title: L, edition: x, in_force: 2020-01-01, working_days: as_written}}\n"

static void load_text(struct loaded *p, const char *text)
{
    fz_arena_init(&p->arena);
    fz_diags_init(&p->diags, &p->arena);
    p->sources[0] = (struct fz_source){"t.yaml", fz_str_of(text)};
    finish(p, fz_node_read(&p->arena, &p->sources[0], &p->diags));
}

static void pack__recurring_clocks_and_named_outcomes(void **state)
{
    struct loaded p;
    const struct fz_clock *k;

    (void)state;
    load_text(
        &p, HEAD
        "config: {mood: {type: choice, of: [mild, strict], default: strict, confidence: local, source: x}}\n"
        "records:\n"
        "  thing:\n"
        "    title: t\n"
        "    shape: register\n"
        "    fields: {note: {type: text, title: n, required: end, when: tag = a}, tag: {type: choice, title: t, of: [a, b]},\n"
        "             tags: {type: int, title: t, many: yes, default: 3}, again: {type: choice, title: t, of: [a, b], is: tag}}\n"
        "    stages: [open, shut]\n"
        "    final: shut\n"
        "    actions:\n"
        "      begin: {title: b, starts: open, by: [law, clerk], article: L 1}\n"
        "      look: {title: l, by: clerk, article: L 1, times: 2}\n"
        "      end: {title: e, to: shut, by: law, outcomes: {well: {title: W, to: shut}, badly: L 2}, article: L 1}\n"
        "    clocks:\n"
        "      yearly: {kind: fixed_day, starts: begin, each: year, by: 02-29, article: L 1}\n"
        "      monthly: {kind: recurring, starts: begin, each: month, before: 25, while: stage at open, article: L 1}\n"
        "      cycle: {kind: recurring, starts: begin, every: 2 years, article: L 1}\n"
        "      silence: {kind: deemed, starts: begin, limit: 3 days, then: {end: badly}, article: L 1}\n"
        "rules: [{never: end, before: look, article: L 1}]\n");
    assert_int_equal(p.r->shape, FZ_REGISTER);
    assert_int_equal(p.pack->config[0].value.n, 1);
    k = clock_of(&p, "yearly");
    assert_int_equal(k->recurs.how, FZ_EACH_YEAR);
    assert_int_equal(k->recurs.month * 100 + k->recurs.day, 229);
    assert_false(k->recurs.before);
    k = clock_of(&p, "monthly");
    assert_int_equal(k->recurs.how, FZ_EACH_MONTH);
    assert_int_equal(k->recurs.month * 100 + k->recurs.day, 25);
    assert_true(k->recurs.before);
    assert_int_equal(k->recurs.while_->kind, FZ_T_STAGE_AT);
    k = clock_of(&p, "cycle");
    assert_int_equal(k->recurs.how, FZ_EVERY);
    assert_int_equal(k->recurs.every.n, 2);
    assert_int_equal(clock_of(&p, "silence")->then, act(&p, "end"));
    assert_int_equal(clock_of(&p, "silence")->then_outcome, 1);
    assert_int_equal(clock_of(&p, "silence")->recurs.how, FZ_RECURS_NOT);
    assert_int_equal(action(&p, "end")->outcomes[0].to, stage(&p, "shut"));
    assert_str(action(&p, "end")->outcomes[0].title.zh, "W");
    assert_int_equal(action(&p, "look")->from, at(&p, "open"));
    assert_true(action(&p, "begin")->by_law);
    assert_str(action(&p, "begin")->by[0].role, "clerk");
    assert_int_equal(p.r->fields[0].required_at, act(&p, "end"));
    assert_false(p.r->fields[0].required);
    assert_term(p.r->fields[0].when, "tag = a");
    assert_int_equal(p.r->fields[2].initial.many, 1);
    assert_int_equal(p.r->fields[2].initial.items[0].n, 3);
    assert_int_equal(p.r->fields[3].is->kind, FZ_T_FIELD);
    release(&p);
}

/* A problem that two versions share is said once, and neither of them is handed out. */
static void pack__shared_problem_stops_both_versions(void **state)
{
    struct fz_source source = {"t.yaml", FZ_STR(HEAD "records: {}\nrules: [{once: nothing, article: L 1}]\n")};
    struct fz_arena arena;
    struct fz_diags diags;
    const struct fz_node *node;

    (void)state;
    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    node = fz_node_read(&arena, &source, &diags);
    assert_null(fz_pack_load(node, &arena, &diags));
    assert_null(fz_pack_load(node, &arena, &diags));
    assert_int_equal(diags.errors, 1);
    assert_null(fz_pack_load(NULL, &arena, &diags));
    fz_arena_release(&arena);
}

/* Every bound is held before anything is built that relies on it. */
static void pack__bounds_are_held(void **state)
{
    struct fz_buf text = {0}, out = {0};
    struct fz_source source;
    struct fz_arena arena;
    struct fz_diags diags;

    (void)state;
    fz_buf_addz(&text, HEAD "records:\n  r:\n    title: r\n    shape: case\n    stages: [a0");
    for (int i = 1; i <= FZ_STAGES_MAX; i++)
        fz_buf_printf(&text, ", a%d", i);
    fz_buf_addz(&text, "]\n    final: a0\n    actions:\n");
    for (int i = 0; i <= FZ_ACTIONS_MAX; i++)
        fz_buf_printf(&text, "      b%d: {title: b, starts: a0, by: clerk, article: L 1}\n", i);
    source = (struct fz_source){"t.yaml", fz_buf_str(&text)};
    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    assert_null(fz_pack_load(fz_node_read(&arena, &source, &diags), &arena, &diags));
    fz_diags_print(&diags, FZ_ZH, &out);
    assert_int_equal(diags.errors, 2);
    assert_non_null(strstr(out.p, "阶段超过64项"));
    assert_non_null(strstr(out.p, "行为超过256项"));
    fz_buf_release(&out);
    fz_buf_release(&text);
    fz_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reconsideration__actions),
        cmocka_unit_test(reconsideration__clocks),
        cmocka_unit_test(reconsideration__rules_and_the_rest),
        cmocka_unit_test(penalty__facts),
        cmocka_unit_test(licence__facts),
        cmocka_unit_test(hotline__facts),
        cmocka_unit_test(traffic_fines__amended_twice),
        cmocka_unit_test(permit_receipt__facts),
        cmocka_unit_test(pack__recurring_clocks_and_named_outcomes),
        cmocka_unit_test(pack__shared_problem_stops_both_versions),
        cmocka_unit_test(pack__bounds_are_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
