/*
 * Values (值) of fields, and their types. A value is copied; a text or a set belongs to whoever made it, mostly an arena.
 * Money is in fen (or cents), points in hundredths, a month is year * 12 + month - 1: integers only.
 */
#ifndef FZ_LAW_VALUE_H
#define FZ_LAW_VALUE_H

#include "base/day.h"
#include "base/diag.h"
#include "law/limit.h"

/* type, word in packs, meaning */
#define FZ_TYPE_TABLE(X)                                                                                       \
    X(FLAG, "flag", "yes or no")                                                                               \
    X(INT, "int", "a whole number")                                                                            \
    X(MONEY, "money", "fen or cents")                                                                          \
    X(POINTS, "points", "hundredths")                                                                          \
    X(SHARE, "share", "an exact fraction, n of m")                                                             \
    X(DAY, "day", "a civil day")                                                                               \
    X(MONTH, "month", "a month of a year")                                                                     \
    X(YEAR, "year", "a year")                                                                                  \
    X(INSTANT, "instant", "a minute of local civil time")                                                      \
    X(SPAN, "span", "two days, first and last")                                                                \
    X(LENGTH, "length", "a number with a unit")                                                                \
    X(CHOICE, "choice", "one of declared names")                                                               \
    X(TEXT, "text", "text")                                                                                    \
    X(FILE, "file", "a file's name and hash")                                                                  \
    X(ARTICLE, "article", "an article of a law")                                                               \
    X(PLACE, "place", "a code of GB/T 2260")                                                                   \
    X(ORGAN, "organ", "an organ of the directory")                                                             \
    X(OFFICIAL, "official", "an official of the directory")                                                    \
    X(PARTY, "party", "a person or organisation of the case")                                                  \
    X(LINK, "link", "another record; stands under links")

typedef struct {
    fz_str zh, en; /* en is empty when the pack gives one text only */
} fz_title;
fz_str fz_title_in(fz_title t, fz_language lang);

typedef enum {
    FZ_TYPE_NONE,
#define X(name, word, text) FZ_TYPE_##name,
    FZ_TYPE_TABLE(X)
#undef X
    FZ_TYPES
} fz_type;

const char *fz_type_word(fz_type t);
bool fz_type_of_word(fz_str word, fz_type *out);
bool fz_type_is_text(fz_type t); /* its value is `text`, not numbers: TEXT and everything after it */

typedef struct fz_value {
    bool set;      /* false: nobody has said it yet; everything else is then 0 */
    uint32_t many; /* a set of so many `items` when the field is `many` (0 is an empty set), else 0 */
    union {
        struct {
            int64_t n; /* flag 0 1; number; fen; hundredths; numerator; day; month; year; minutes; first day; length; index of a choice */
            int64_t m; /* denominator of a share; last day of a span, FZ_DAY_NONE while it lasts; fz_unit of a length; of money its
                        * fz_currency, for printing only */
        };
        fz_str text;
        const struct fz_value *items; /* NULL of an empty set */
    };
} fz_value;

#define FZ_UNSET ((fz_value){.set = false})
#define FZ_NUMBER(x) ((fz_value){.set = true, .n = (x)})

/** Names of a choice, in the order of the pack. */
struct fz_choices {
    const fz_str *names;
    size_t n;
    const fz_title *titles; /* of each name; NULL, or a title that is empty: it has none */
};

int fz_choice_find(const struct fz_choices *c, fz_str name); /* index into its names; -1 */

/**
 * Reads one value as packs and scenarios write it: yes/no/true/false, 12, 35.00 yuan (or euro), 2026-01-31, 2026-01, 2026, 2026-01-31 09:30,
 * DAY..DAY, DAY.. (it lasts), 5 working_days, a choice's name, any text; points with two decimals or none, a share as 3/4, a place as six
 * digits. Sets are read item by item by the caller.
 * @param choices  needed for FZ_TYPE_CHOICE only
 * @return false when `s` is no value of that type, does not exist (2026-02-30) or does not fit 63 bits; `out` is then untouched
 * Texts stay views of `s`.
 */
bool fz_value_parse(fz_type type, const struct fz_choices *choices, fz_str s, fz_value *out);
/** The same text back; "-" for an unset one; the items of a set joined by ", ". `type` and `choices` are those of the items. */
void fz_value_print(fz_type type, const struct fz_choices *choices, fz_value v, struct fz_buf *out);
/** Whether a is at most b, both set, of a type that bounds may have: a number, money, points, share, day, month, year, instant or length; lengths within one unit only. */
bool fz_value_at_most(fz_type type, fz_value a, fz_value b);
/** Two unset values are equal; sets are whatever the order of their items; 1/2 is 2/4; one month is not thirty days. */
bool fz_value_equal(fz_type type, fz_value a, fz_value b);

#endif
