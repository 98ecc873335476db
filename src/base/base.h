/*
 * What every module may use: integers, assertion, arena, strings, statuses and errors.
 *
 * An arena hands out memory that is given back all at once. A string (fz_str) is a view: it travels by value and
 * somebody else owns its bytes, mostly an arena. A buffer (struct fz_buf) grows and owns its bytes.
 */
#ifndef FZ_BASE_BASE_H
#define FZ_BASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"

#define FZ_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FZ_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* A bug of ours: kept in every build, says where, and stops the process. */
#define fz_assert(cond) ((cond) ? (void)0 : fz_assert_failed(#cond, __FILE__, __LINE__))
_Noreturn void fz_assert_failed(const char *cond, const char *file, int line);

/* ---- strings ------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *p; /* not terminated; may be NULL when n is 0 */
    size_t n;      /* bytes */
} fz_str;

#define FZ_STR(lit) ((fz_str){(lit), sizeof(lit) - 1})
#define FZ_STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

static inline bool fz_is_digit(char c)          /* of ASCII, whatever the locale */
{
    return c >= '0' && c <= '9';
}
fz_str fz_str_of(const char *z);                /* view of a terminated string; NULL gives the empty one */
bool fz_str_eq(fz_str a, fz_str b);
bool fz_str_is(fz_str a, const char *z);
int fz_str_cmp(fz_str a, fz_str b);             /* by bytes, shorter first */
bool fz_str_starts(fz_str s, const char *prefix);
bool fz_str_ends(fz_str s, const char *suffix);
fz_str fz_str_trim(fz_str s);                   /* without ASCII blanks at both ends */
/** Parses a whole decimal integer with optional sign. False on anything else, overflow included. */
bool fz_str_int(fz_str s, int64_t *out);

/** Bytes of the well-formed UTF-8 character at `s`, 0 when it is malformed or `s` is empty; its value in `*out_cp`. */
size_t fz_utf8_next(fz_str s, uint32_t *out_cp);
bool fz_utf8_valid(fz_str s);
size_t fz_utf8_count(fz_str s);                 /* characters; a malformed byte counts as one */
size_t fz_utf8_cells(fz_str s);                 /* terminal cells: 汉字 take two, combining marks none */

/* ---- arena -------------------------------------------------------------------------------------------------- */

struct fz_arena_chunk;
struct fz_arena {
    struct fz_arena_chunk *chunk;
    size_t first_bytes; /* of its first chunk; 0: the usual 64 KiB */
};

void fz_arena_init(struct fz_arena *a);
void fz_arena_init_small(struct fz_arena *a, size_t first_bytes); /* for many that each hold little */
void fz_arena_release(struct fz_arena *a);      /* frees everything; the arena may be used again */
void fz_arena_reset(struct fz_arena *a);        /* empties it and keeps its largest chunk */
/** Zeroed memory for any type. Never NULL: running out of memory stops the process. */
void *fz_alloc(struct fz_arena *a, size_t bytes);
void *fz_alloc_array(struct fz_arena *a, size_t count, size_t each_bytes);
#define FZ_NEW(a, T) ((T *)fz_alloc((a), sizeof(T)))
#define FZ_NEW_ARRAY(a, T, n) ((T *)fz_alloc_array((a), (n), sizeof(T)))
fz_str fz_str_copy(struct fz_arena *a, fz_str s); /* the copy is terminated as well */
char *fz_str_z(struct fz_arena *a, fz_str s);     /* terminated copy */
fz_str fz_str_printf(struct fz_arena *a, const char *fmt, ...) FZ_PRINTF(2, 3);

/* Append to an array of an arena: grows by doubling, the old copy stays in the arena.
 * `items`, `n` and `cap` are three members of one struct. */
#define FZ_PUSH(arena, s, items, n, cap)                                                                       \
    (*((s)->n == (s)->cap                                                                                      \
           ? ((s)->items = fz_grow((arena), (s)->items, sizeof(*(s)->items), (s)->n, &(s)->cap), (void)0)      \
           : (void)0,                                                                                          \
       &(s)->items[(s)->n++]))
void *fz_grow(struct fz_arena *a, const void *old, size_t each_bytes, size_t n, size_t *cap);

/* ---- buffer ------------------------------------------------------------------------------------------------- */

struct fz_buf {
    char *p; /* terminated while n > 0 or after the first write */
    size_t n, cap;
};

void fz_buf_release(struct fz_buf *b);          /* accepts a zeroed one */
void fz_buf_reset(struct fz_buf *b);
void fz_buf_add(struct fz_buf *b, fz_str s);
void fz_buf_addz(struct fz_buf *b, const char *z);
void fz_buf_addc(struct fz_buf *b, char c);
void fz_buf_int(struct fz_buf *b, int64_t n); /* in decimal */
void fz_buf_reserve(struct fz_buf *b, size_t more); /* room for so many bytes */
void fz_buf_printf(struct fz_buf *b, const char *fmt, ...) FZ_PRINTF(2, 3);
void fz_buf_vprintf(struct fz_buf *b, const char *fmt, va_list ap) FZ_PRINTF(2, 0);
void fz_buf_json(struct fz_buf *b, fz_str s);   /* as a quoted JSON string; malformed bytes become U+FFFD */
void fz_buf_html(struct fz_buf *b, fz_str s);   /* with & < > " ' escaped */
/** As a cell of CSV or TSV that a spreadsheet will not run: text that begins with = + - @ TAB CR gets a leading '. */
void fz_buf_cell(struct fz_buf *b, fz_str s, char separator);
fz_str fz_buf_str(const struct fz_buf *b);

/* ---- statuses and errors ------------------------------------------------------------------------------------ */

/* name, stable id, exit code, meaning */
#define FZ_STATUS_TABLE(X)                                                                                     \
    X(OK, "ok", 0, "done")                                                                                     \
    X(REFUSED, "refused", 1, "findings, or rows that were refused and listed")                                 \
    X(E_USAGE, "usage", 2, "the command line is wrong")                                                        \
    X(E_INPUT, "input", 2, "a file or value given to fazhi is wrong")                                          \
    X(E_PACK, "pack", 2, "a pack is ill-formed, unsound or unlawful")                                          \
    X(E_CALENDAR_END, "calendar-end", 2, "the calendar ends before the time limit does")                       \
    X(E_TOO_LARGE, "too-large", 2, "a named maximum is passed")                                                \
    X(E_EXISTS, "exists", 2, "it is there already")                                                            \
    X(E_BUSY, "busy", 3, "another process writes here")                                                        \
    X(E_SCHEMA, "schema", 3, "a table has another form than this version's; it is rebuilt from the entries")   \
    X(E_FULL, "full", 3, "the disk is full")                                                                   \
    X(E_UNSURE, "unsure", 3, "the connection broke during a commit: whether it was done shows on opening anew")                                                \
    X(E_IO, "io", 3, "the system could not read or write")                                                     \
    X(E_NOMEM, "no-memory", 3, "memory ran out")

typedef enum {
#define X(name, id, code, text) FZ_##name,
    FZ_STATUS_TABLE(X)
#undef X
} fz_status;

const char *fz_status_id(fz_status s);
int fz_status_exit(fz_status s);

/* Lives on the caller's stack; the text is cut between characters, never inside one. */
struct fz_error {
    fz_status status;
    char text[FZ_ERROR_BYTES];
};

/** Fills `err` (which may be NULL) and returns `s`, so that a failure is one line. */
fz_status fz_fail(struct fz_error *err, fz_status s, const char *fmt, ...) FZ_PRINTF(3, 4);

#define FZ_TRY(call)                                                                                           \
    do {                                                                                                       \
        fz_status fz_try_ = (call);                                                                            \
        if (fz_try_ != FZ_OK)                                                                                  \
            return fz_try_;                                                                                    \
    } while (0)

#endif
