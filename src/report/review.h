/*
 * A review (案卷评查): a log held against its pack, case by case, through fz_decide() in observing mode. What happened is taken as fact;
 * each violation is a finding with rule, article, day and working. One violation of one rule in one case is one finding.
 */
#ifndef FZ_REPORT_REVIEW_H
#define FZ_REPORT_REVIEW_H

#include "report/log.h"

struct fz_review_rule {
    fz_str id;
    fz_title title;
    struct fz_articles articles; /* of the newest version that knows it */
    uint64_t findings;
    bool service_norm; /* of a service norm, no breach of a statute */
};

struct fz_finding {
    uint32_t rule;    /* index into rules */
    uint32_t case_no; /* index into log->cases */
    uint16_t version; /* index into versions: the pack that spoke */
    fz_day day;       /* on which the rule was broken */
    uint16_t file;
    uint32_t line;    /* of the act that broke it; 0: of none */
    int32_t over;     /* calendar days late; 0 */
    fz_day from, due; /* of the clock; FZ_DAY_NONE */
    struct fz_articles articles;
    fz_str working;   /* how it was found, in the language asked for: one line, or several of a counted limit */
};

/* One figure of an indicator: of all, or of one value of its dimension. */
struct fz_figure {
    fz_str indicator, basis; /* names; basis empty: the acts themselves */
    fz_title title, unit;
    fz_str by, value;        /* dimension and its value; both empty for the whole */
    fz_title shown;          /* the value in words; zh empty: as it is */
    bool share;
    uint64_t numerator, denominator; /* a count has its count in numerator and 0 in denominator */
    bool sum, mean;  /* then numerator is how many values there are */
    fz_type type;    /* of what is added up: int, money or points; else FZ_TYPE_NONE */
    int64_t total;   /* their sum, exact; a mean is total / numerator */
};

struct fz_review {
    const struct fz_log *log;
    const struct fz_pack *const *versions; /* of the map's pack, oldest first */
    size_t versions_n;
    const struct fz_record *record; /* of the newest version */
    const struct fz_calendar *cal;  /* over which limits were counted; NULL: plain calendar days */
    struct fz_review_rule *rules;   /* every rule that the pack can find, also those without findings, in the order of the pack */
    size_t rules_n;
    struct fz_finding *findings;    /* in the order of the log */
    size_t findings_n;
    uint64_t cases_with_findings;
    uint64_t *cases_of_version;     /* cases judged by versions[i] */
    uint64_t unjudged;              /* limits that the calendar does not reach: neither met nor missed */
    uint64_t before_first;          /* cases begun before the oldest version: judged by it, and said */
    struct fz_figure *figures;
    size_t figures_n;
    fz_day first, last;             /* days of the log */
    fz_day until;                   /* open limits were held against this day; FZ_DAY_NONE: an open limit is no finding */
};

/** Which fields a review reads (gates, clocks, rules, indicators, sets of parties): one flag a field of the newest version's record. */
void fz_review_keep(const struct fz_pack *const *versions, size_t versions_n, int record, bool *keep);

/** Replays the whole log. The log's indices are those of the newest version. `until`: FZ_DAY_NONE, or a day by which limits that still run are judged as well. Lives in `arena`. */
fz_status fz_review_run(struct fz_review *out, const struct fz_log *log, const struct fz_pack *const *versions, size_t versions_n,
                        int record, const struct fz_calendar *cal, fz_day until, fz_language lang, struct fz_arena *arena,
                        struct fz_error *err);

/* How it is written. Cells that a spreadsheet would run are disarmed (fz_buf_cell). */
void fz_review_text(const struct fz_review *r, fz_language lang, size_t most, struct fz_buf *out); /* rules with counts, the first `most` findings, figures */
void fz_review_tsv(const struct fz_review *r, struct fz_buf *out);  /* one finding a line, with a header */
void fz_review_json(const struct fz_review *r, struct fz_buf *out); /* cases, events, findings.{rule}, list, indicators, refused */
/** One self-contained page: counts by rule, organ and month, charts as inline SVG, the findings, the figures; no script needed, nothing fetched. */
void fz_review_html(const struct fz_review *r, fz_language lang, struct fz_buf *out);

#endif
