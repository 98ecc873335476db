/* A pack made by hand for whoever types expressions: a field of every type, names that could be two things. */
#ifndef FZ_TESTS_TERM_H
#define FZ_TESTS_TERM_H

#include "law/pack.h"

#define N(z)                                                                                                           \
    {                                                                                                                  \
        z, sizeof(z) - 1                                                                                               \
    }
#define OF(a)                                                                                                          \
    {                                                                                                                  \
        (a), FZ_COUNT(a)                                                                                               \
    }

static const fz_str term_tracks[] = {N("ordinary"), N("simplified")};
static const fz_str term_urgencies[] = {N("ordinary"), N("urgent"), N("track"), N("fine"), N("kind")};
static const fz_str term_kinds[] = {N("other"), N("urgency"), N("kind")};
static const fz_str term_outcomes[] = {N("granted"), N("refused"), N("ordinary")};

static const struct fz_field term_fields[] = {
    {.name = N("joint"), .type = FZ_TYPE_FLAG},
    {.name = N("difficult"), .type = FZ_TYPE_FLAG},
    {.name = N("persons"), .type = FZ_TYPE_INT},
    {.name = N("fine"), .type = FZ_TYPE_MONEY},
    {.name = N("proposed"), .type = FZ_TYPE_MONEY},
    {.name = N("score"), .type = FZ_TYPE_POINTS},
    {.name = N("ratio"), .type = FZ_TYPE_SHARE},
    {.name = N("act_on"), .type = FZ_TYPE_DAY},
    {.name = N("told_on"), .type = FZ_TYPE_DAY},
    {.name = N("in_month"), .type = FZ_TYPE_MONTH},
    {.name = N("since"), .type = FZ_TYPE_YEAR},
    {.name = N("called_at"), .type = FZ_TYPE_INSTANT},
    {.name = N("obstacle"), .type = FZ_TYPE_SPAN},
    {.name = N("deferral"), .type = FZ_TYPE_LENGTH},
    {.name = N("track"), .type = FZ_TYPE_CHOICE, .choices = OF(term_tracks)},
    {.name = N("old_track"), .type = FZ_TYPE_CHOICE, .choices = OF(term_tracks)},
    {.name = N("urgency"), .type = FZ_TYPE_CHOICE, .choices = OF(term_urgencies)},
    {.name = N("kind"), .type = FZ_TYPE_CHOICE, .choices = OF(term_kinds)},
    {.name = N("note"), .type = FZ_TYPE_TEXT},
    {.name = N("paper"), .type = FZ_TYPE_FILE},
    {.name = N("ground"), .type = FZ_TYPE_ARTICLE},
    {.name = N("town"), .type = FZ_TYPE_PLACE},
    {.name = N("respondent"), .type = FZ_TYPE_ORGAN},
    {.name = N("clerk"), .type = FZ_TYPE_OFFICIAL},
    {.name = N("applicant"), .type = FZ_TYPE_PARTY},
    {.name = N("applicants"), .type = FZ_TYPE_PARTY, .many = true},
    {.name = N("third_parties"), .type = FZ_TYPE_PARTY, .many = true},
    {.name = N("organs"), .type = FZ_TYPE_ORGAN, .many = true},
    {.name = N("tracks"), .type = FZ_TYPE_CHOICE, .choices = OF(term_tracks), .many = true},
    {.name = N("simplified"), .type = FZ_TYPE_INT}, /* a name of the choice `track` as well */
};
static const struct fz_stage term_stages[] = {{.name = N("received")},
                                              {.name = N("accepted")},
                                              {.name = N("decided"), .final = true},
                                              {.name = N("closed"), .final = true}};
static const struct fz_pause term_pauses[] = {{.name = N("trial"), .in = 2}};
static struct fz_action term_actions[] = {
    {.name = N("receive")}, {.name = N("accept")}, {.name = N("hear"), .milestone = true}, {.name = N("decide")}};
static const struct fz_document term_documents[] = {{.name = N("notice")}, {.name = N("letter")}};
static const struct fz_clock term_clocks[] = {{.name = N("decision")}, {.name = N("payment")}};
static struct fz_record term_records[] = {{
    .name = N("case"),
    .fields = term_fields,
    .fields_n = FZ_COUNT(term_fields),
    .stages = term_stages,
    .stages_n = FZ_COUNT(term_stages),
    .final = 0xc,
    .pauses = term_pauses,
    .pauses_n = FZ_COUNT(term_pauses),
    .actions = term_actions,
    .actions_n = FZ_COUNT(term_actions),
    .documents = term_documents,
    .documents_n = FZ_COUNT(term_documents),
    .clocks = term_clocks,
    .clocks_n = FZ_COUNT(term_clocks),
    .outcomes = term_outcomes,
    .outcomes_n = FZ_COUNT(term_outcomes),
}};
static struct fz_config term_config[] = {{.name = N("promised"), .type = FZ_TYPE_LENGTH},
                                               {.name = N("threshold"), .type = FZ_TYPE_MONEY},
                                               {.name = N("way"), .type = FZ_TYPE_CHOICE, .choices = OF(term_tracks)},
                                               {.name = N("strict"), .type = FZ_TYPE_FLAG},
                                               {.name = N("most"), .type = FZ_TYPE_INT}};

static const struct fz_pack term_pack = {.name = N("hand"),
                                         .config = term_config,
                                         .config_n = FZ_COUNT(term_config),
                                         .records = term_records,
                                         .records_n = FZ_COUNT(term_records)};
#undef N
#undef OF

#endif
