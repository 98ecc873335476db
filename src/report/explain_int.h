/*
 * What the parts of an explanation share.
 *
 *     explain.def      every word and sentence, in both languages
 *     explain_term.c   names, values and expressions as phrases
 *     explain.c        walks a pack and says it, section by section, onto a page
 *     explain_page.c   a page: the same blocks as Markdown or as HTML
 *     explain_dot.c    a record as a graph, and the graph as a picture
 *
 * A phrase (fz_str) is plain text in the arena of the fz_tell. Nothing in it is escaped: the page does that, once, at the end.
 */
#ifndef FZ_REPORT_EXPLAIN_INT_H
#define FZ_REPORT_EXPLAIN_INT_H

#include "report/explain.h"

/* ---- words ---- */

typedef enum {
#define FZ_WORD(id, en, zh) FZ_W_##id,
#include "report/explain.def"
#undef FZ_WORD
    FZ_WORDS
} fz_word;

struct fz_tell {
    const struct fz_pack *p;
    const struct fz_record *r; /* in view; NULL outside of records */
    fz_language lang;
    const fz_str *clock_names; /* of `r`, see fz_tell_record */
    struct fz_arena arena;
};

struct fz_phrases {
    fz_str *items;
    size_t n, cap;
};

void fz_tell_init(struct fz_tell *t, const struct fz_pack *p, fz_language lang);
void fz_tell_release(struct fz_tell *t);
/** Takes a record (or none) into view. A clock that has no title in Chinese is named by what it measures ("作出决定的期限"). */
void fz_tell_record(struct fz_tell *t, const struct fz_record *r);

/** A row of explain.def with {0}, {1}, ... filled in. Use FZ_SAY: it counts the arguments. */
fz_str fz_say(struct fz_tell *t, fz_word w, const fz_str *args, size_t n);
#define FZ_SAY(t, w, ...)                                                                                              \
    fz_say((t), FZ_W_##w, (const fz_str[]){__VA_ARGS__}, sizeof((const fz_str[]){__VA_ARGS__}) / sizeof(fz_str))
fz_str fz_word_of(const struct fz_tell *t, fz_word w); /* one without arguments, as it stands */
#define FZ_SAID(t, w) fz_word_of((t), FZ_W_##w)

void fz_phrase(struct fz_tell *t, struct fz_phrases *l, fz_str s);
/** "a, b and c": `last` is the word before the last one, FZ_W_AND or FZ_W_OR, or FZ_W_SEMICOLON for all places. */
fz_str fz_join(struct fz_tell *t, const struct fz_phrases *l, fz_word last);
/** A whole sentence: a capital first in English, and its full stop. */
fz_str fz_sentence(struct fz_tell *t, fz_str s);

/* ---- names and values (explain_term.c) ---- */

/** False where the loader put the name in place of a title. */
bool fz_has_title(fz_title title, fz_str name);
/** The title in the language, else in the other, else the name with blanks for its underscores. */
fz_str fz_tell_title(struct fz_tell *t, fz_title title, fz_str name);
fz_str fz_tell_quoted(struct fz_tell *t, fz_str s);
/* In quotation marks, by index within the record in view. */
fz_str fz_tell_act(struct fz_tell *t, int id);
fz_str fz_tell_stage(struct fz_tell *t, int id);
fz_str fz_tell_field(struct fz_tell *t, int id);
fz_str fz_tell_document(struct fz_tell *t, int id);
fz_str fz_tell_clock(struct fz_tell *t, int id);
fz_str fz_tell_pause(struct fz_tell *t, int id);
fz_str fz_tell_outcome(struct fz_tell *t, const struct fz_outcome *o);
fz_str fz_tell_acts_of_pause(struct fz_tell *t, int pause, bool resume); /* what lays it or, `resume`, lifts it */
fz_str fz_tell_acts(struct fz_tell *t, const fz_acts *acts, fz_word last); /* all of a set; empty when it is */
fz_str fz_tell_fields(struct fz_tell *t, struct fz_ids ids, fz_word last);

fz_str fz_tell_count(struct fz_tell *t, int64_t n);         /* 六十, 60 */
fz_str fz_tell_length(struct fz_tell *t, fz_length length); /* 六十日, 60 days */
fz_str fz_tell_day(struct fz_tell *t, fz_day d);
/** `choices` NULL with a choice: an outcome of the record in view. */
fz_str fz_tell_value(struct fz_tell *t, fz_type type, const struct fz_choices *choices, fz_value v);
fz_str fz_tell_term(struct fz_tell *t, const struct fz_term *e);

/* ---- pages (explain_page.c) ---- */

typedef enum {
    FZ_B_PARAGRAPH,
    FZ_B_LIST, /* of items; may stand in an item */
    FZ_B_ITEM,
    FZ_B_TABLE,
    FZ_B_HEAD, /* first row of a table */
    FZ_B_ROW,
    FZ_B_CELL,
    FZ_BLOCKS
} fz_block;

typedef enum { FZ_INK_PLAIN, FZ_INK_STRONG, FZ_INK_QUIET, FZ_INK_CODE, FZ_INKS } fz_ink;

struct fz_page {
    const struct fz_page_ops *ops;
    struct fz_buf *out;
    struct fz_buf contents; /* HTML: links to the headings, put before the body when it is whole */
    struct fz_buf body;
    size_t contents_at;
    int depth; /* lists open */
    int cells; /* of the row in hand */
    int headings;
    fz_block row; /* HEAD or ROW */
};

struct fz_page_ops {
    void (*finish)(struct fz_page *g, fz_language lang, fz_str title); /* nothing may follow */
    void (*heading)(struct fz_page *g, int level, fz_str text);        /* 1 to 6; text in plain ink */
    void (*open)(struct fz_page *g, fz_block b);
    void (*close)(struct fz_page *g, fz_block b);
    void (*text)(struct fz_page *g, fz_ink ink, fz_str s);
    void (*picture)(struct fz_page *g, fz_str svg, fz_str legend); /* Markdown leaves it out */
};

extern const struct fz_page_ops fz_page_markdown, fz_page_html;

/* ---- pictures (explain_dot.c) ---- */

/** The record's graph as an <svg> element that takes its colours and fonts from the page. Not safe in two threads at once: libgvc is not. */
fz_status fz_explain_svg(const struct fz_pack *p, const struct fz_record *r, fz_language lang, struct fz_buf *out,
                         struct fz_error *err);

#endif
