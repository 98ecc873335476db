/* For the files of this folder alone. */
#ifndef FZ_ENGINE_ENGINE_INT_H
#define FZ_ENGINE_ENGINE_INT_H

#include "base/lookup.h"
#include "engine/engine.h"

/* A record type of a pack, with its typed table. */
struct kind {
    const struct fz_pack *pack;
    const struct fz_record *r;
    const struct fz_table *table;
    fz_str version; /* day of force of the pack, as entries have it */
    const struct fz_calendar *cal;
    bool cal_known;
    bool watched; /* some link leads to such records */
};

/* Rows to write, in order. */
struct writes {
    struct fz_write *items;
    size_t n, cap;
};

static inline fz_cell *add_write(struct writes *w, struct fz_arena *arena, fz_write_kind kind, const struct fz_table *t)
{
    fz_cell *cells = FZ_NEW_ARRAY(arena, fz_cell, t->columns_n);

    FZ_PUSH(arena, w, items, n, cap) = (struct fz_write){kind, t, cells};
    return cells;
}

/* A clock instance that has a row, with the day under which it is swept; FZ_DAY_NONE: it is not. */
struct clock_row {
    int clock;
    size_t instance;
    fz_day swept;
};

/* Where a record stands in the stocks of its pack's indicators (measure.c). */
struct stocked {
    bool known;
    int64_t seq;  /* after which act; 0: before any */
    fz_day day;   /* the latest of its acts so far; FZ_DAY_MIN */
    fz_str *dims; /* by indicator; p NULL: not in its stock */
};

/* A record in memory, folded from its entries. Everything it holds lives in its arena. */
struct live {
    fz_str id, organ, number;
    const struct kind *kind;
    const struct fz_calendar *cal;
    struct fz_case *c; /* NULL: no entry has begun it */
    int64_t steps; /* entries */
    fz_day opened, changed; /* days of the first and the last entry */
    struct {
        struct done {
            int64_t seq;
            struct fz_step step; /* as corrections have left it */
            fz_str actor, organ;
            bool annulled;
        } *items;
        size_t n, cap;
    } done; /* acts, waivers and services, in the order of their entries */
    struct {
        struct clock_row *items;
        size_t n, cap;
    } rows; /* of clocks, as the store has them once every batch is there */
    bool listed; /* likewise: it has a row in the directory */
    struct stocked stocked;
    fz_str held; /* likewise: its key that has a row there; p NULL: none */
    struct {
        struct linked {
            int link;
            fz_str other;
        } *items;
        size_t n, cap;
    } linked; /* likewise: its rows of `link` */
    struct {
        struct watcher {
            fz_str record, link;
        } *items;
        size_t n, cap;
        bool known;
    } watchers; /* records that lead to it, as the batches so far leave them; some may lead elsewhere by now */
    struct {
        struct source_key {
            fz_hash hash;
            int64_t seq;
        } *items;
        size_t n, cap;
    } sources; /* keys that hold within this record */
    struct fz_whos whos; /* its parties by their numbers */

    struct fz_arena *arena, own; /* of those in struct lives: its own */
    uint64_t batch; /* number of the last batch that moved it */
    uint32_t hash;
    struct live *next, *newer, *older; /* in its bucket; by use */
};

/* Records kept between batches. Those that a batch on its way has moved are never let go: the store does not have them yet. */
struct lives {
    struct live **buckets; /* by hash, LIVES_BUCKETS of them */
    struct live *newest, *oldest, *spare;
    size_t n;
};

/* A counter of numbers without gaps, as it stands once every batch is there. */
struct counter {
    fz_str name; /* organ, kind and year */
    fz_str organ, kind;
    int64_t year, last;
    uint64_t batch; /* that moved it last */
};

struct counters {
    struct fz_arena arena;
    struct counter *items;
    size_t n, cap;
    struct fz_lookup by_name;
};

/* Where a log ends. */
struct end {
    fz_tree tree;
    int64_t at_ms; /* of the last entry */
};

/* Orders that were judged and are to become durable together. */
struct pending {
    struct fz_arena arena;
    uint64_t number;
    struct writes writes;
    struct end end; /* of the log with it */
    struct {
        struct live **items;
        size_t n, cap;
    } moved;
    struct {
        uint32_t *items;
        size_t n, cap;
    } counted; /* counters that it has moved, by their place */
    struct {
        struct used_key {
            fz_hash hash;
            int64_t seq;
            fz_str record;
        } *items;
        size_t n, cap;
    } keys;
    struct fz_lookup by_key;
    struct {
        struct held_key {
            fz_str key;
            struct live *live;
        } *items;
        size_t n, cap;
    } held; /* keys of records that one of its entries has given them; whether they have them still, the record says */
    struct fz_lookup by_held;
};

struct fz_engine {
    struct fz_setting set;
    struct fz_arena arena; /* as long as the engine */
    struct kind *kinds;
    size_t kinds_n;
    struct end end;    /* of what is durable */
    struct fz_directory *directory; /* as the open batch leaves it; NULL until it is first wanted */
    bool directory_known;
    bool opened;       /* the end has been looked up once */
    bool stale;        /* the store may have more, or less, than `end` says: to be looked up before the next order is judged */
    uint64_t settled;  /* number of the last batch of which is known whether it is there */
    struct pending two[2], *open, *flight; /* gathering orders; being committed. NULL: none */
    uint64_t batches;  /* begun so far */
    bool forgets;      /* a batch takes personal values away: the records in memory have them, and go before the next batch */
    struct lives lives;
    struct counters counters;
};

/* Where reads go while a batch may be on its way. */
static inline struct fz_store *reader_of(const struct fz_engine *e)
{
    return e->set.reader ? e->set.reader : e->set.store;
}

/* What one submit works with. */
struct batch {
    struct fz_engine *e;
    struct pending *p;
    struct fz_arena *out; /* answers */
    int64_t at_ms;
    struct fz_error *err;
};

/* ---- records in memory: lives.c ---- */

void fz_lives_init(struct lives *l);
void fz_lives_release(struct lives *l);
struct live *fz_lives_find(struct lives *l, fz_str id); /* NULL; else it is the newest now */
/** An empty one of that id; those used longest ago make room, as far as no batch after `settled` has moved them. */
struct live *fz_lives_add(struct lives *l, fz_str id, uint64_t settled);
void fz_lives_remove(struct lives *l, struct live *live);
void fz_lives_clear(struct lives *l);

/* ---- batches: batch.c ----
 * One thread at a time calls these, fz_batch_commit() apart: it touches the store and the batch alone, so that orders can be judged meanwhile when
 * the engine has a reader. At most one batch is in flight. */

/** Judges orders into the open batch. After a failure of the store the orders from the failing one on are FZ_A_FAILED, and nothing of them is in it. */
fz_status fz_batch_take(struct fz_engine *e, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                        struct fz_error *err);
/* Records with a clock that is due. */
struct fz_due {
    struct fz_arena *arena;
    fz_str *items;
    size_t n, cap;
};
#define FZ_TICK_RECORDS 200 /* made durable together */
fz_status fz_due_records(struct fz_engine *e, fz_day today, struct fz_due *io_due, struct fz_error *err);
/** Everything that the law has done by the end of `today` to the next FZ_TICK_RECORDS of them, into the open batch. */
fz_status fz_batch_tick_some(struct fz_engine *e, const struct fz_due *due, size_t from, fz_day today, int64_t at_ms, uint64_t *out_n, struct fz_error *err);
/** Puts the open batch in flight, with the rows of its records; NULL when there is nothing to write. */
struct pending *fz_batch_close(struct fz_engine *e);
fz_status fz_batch_commit(struct fz_engine *e, struct pending *p, struct fz_error *err);
/** What has become of the batch in flight. After a failure nothing that was judged over it holds: the open batch is dropped as well. */
void fz_batch_settle(struct fz_engine *e, fz_status s);
/** Drops what is open and looks at the store anew before the next order. Nothing is in flight. */
void fz_batch_forget(struct fz_engine *e);
/** Of answers for which there is nothing to commit and nothing in flight: whether they were given over what is durable. FZ_E_EXISTS: others wrote
 * meanwhile, and everything is to be judged anew. */
fz_status fz_batch_confirm(struct fz_engine *e, struct fz_error *err);
/** Closes, commits (or confirms, when there is nothing to write), settles. */
fz_status fz_batch_finish(struct fz_engine *e, struct fz_error *err);

/* For links.c, within a batch. */
/** The record as the batches so far leave it; c is NULL when it has not begun. */
fz_status fz_batch_live(struct batch *b, fz_str id, struct live **out);
void fz_batch_leave(struct batch *b, struct live *l); /* what an order has left: a record that did not begin is none */
void fz_batch_moved(struct batch *b, struct live *l); /* its rows are written with the batch; until that is settled it stays in memory */
bool fz_batch_bad(struct batch *b, struct fz_answer *a, const char *en, const char *zh, fz_str what); /* false */
/** Makes a new record of it: its type and pack. */
fz_status fz_batch_begin(struct batch *b, struct live *l, const struct fz_order *o, struct fz_answer *a, bool *out_ok);
/** The step becomes an entry, and the record moves; nothing else does. */
fz_status fz_batch_enter(struct batch *b, struct live *l, const struct fz_order *o, const struct fz_step *s, const fz_hash *key, struct fz_answer *a);
/** Judges and enters, with all that it brings about. */
fz_status fz_batch_do(struct batch *b, struct live *l, const struct fz_order *o, const fz_hash *key, struct fz_answer *a);

/* ---- links between records: links.c ---- */

/* What a step is to bring about, found out before it is entered. */
struct bringing {
    struct opening {
        struct live *l;
        struct fz_order order;
        struct fz_step step;
    } *opens;
    size_t opens_n;
    struct affecting {
        fz_str record;
        struct fz_step step;
    } *effects;
    size_t effects_n;
};

/** Looks at the records that the step links, and adds to it what they tell; `*out_ok` false: `a` says what is wrong with them. */
fz_status fz_links_read(struct batch *b, struct live *l, const struct fz_order *o, struct fz_step *io_s, struct fz_answer *a, bool *out_ok);
/** What the step is to bring about, judged as well: grounds against it are grounds against the step. Adds the records that it opens to its links. */
fz_status fz_links_judge(struct batch *b, struct live *l, const struct fz_order *o, struct fz_step *io_s, struct fz_answer *a, struct bringing *out, bool *out_ok);
/** After the step was entered: opens records, has its effects, and tells the records that lead to this one. What was done goes to a->caused. */
fz_status fz_links_spread(struct batch *b, struct live *l, const struct fz_step *s, const struct bringing *what, struct fz_answer *a);
/** After a correction of the record: tells what is now otherwise. Nothing follows that has followed already. */
fz_status fz_links_retell(struct batch *b, struct live *l, fz_day day, struct fz_answer *a);
/** Lets go what was to be opened. */
void fz_links_leave(struct batch *b, const struct bringing *what);
/** The rows of `link`: those of l->linked that hold no longer are removed; afterwards l->linked are the new ones. */
void fz_project_links(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out);
/** For l->linked. */
void fz_link_rows(struct live *l);

/* ---- rows: project.c ---- */

/** The rows of one entry: of its key, and of its act, which is the last one in the record. */
void fz_project_entry(struct fz_engine *e, struct live *l, const struct fz_entry *entry, struct fz_arena *arena, struct writes *out);
/** The rows of all its acts as corrections have left them: `kind` puts or removes them. Folds the record once more. */
void fz_project_acts(struct fz_engine *e, const struct live *l, fz_write_kind kind, struct fz_arena *arena, struct writes *out);
/** The rows of a record as it stands after its last entry: where it is, its public values, its clocks. Those of l->rows that hold no longer are removed;
 * afterwards l->rows are the new ones. */
void fz_project_record(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out);
/** The rows of `measure` of an act that the record has just taken, which is among l->done. */
void fz_project_measures(struct fz_engine *e, struct live *l, const struct done *d, fz_write_kind kind, struct fz_arena *arena, struct writes *out);
/* A line FIELD=VALUE of dimensions; what an act is called in tables. */
void fz_project_dimension(const struct kind *k, const fz_view *v, int field, struct fz_buf *out);
fz_str fz_project_name(const struct fz_record *r, const struct fz_step *s, struct fz_arena *arena);
/** The clocks that have a row, for l->rows. */
void fz_clock_rows(struct live *l);
void fz_project_serial(struct fz_engine *e, const struct counter *c, struct fz_arena *arena, struct writes *out);

/* ---- keys of records in a stock: held.c ---- */

/** The key that the record has (step NULL), or will have after the step, with its organ where the key is of one; p NULL: none. In `arena`. */
fz_str fz_held_key(const struct live *l, const struct fz_step *step, struct fz_arena *arena);
/** Another record that has the key, as the batches so far leave it; empty: nobody. */
fz_status fz_held_by_other(struct fz_engine *e, const struct live *l, fz_str key, struct fz_arena *arena, fz_str *out_record, struct fz_error *err);
/** Holds what the step would make its key against the others', and adds that it is taken to the ruling. */
fz_status fz_held_decide(struct fz_engine *e, const struct live *l, const struct fz_step *s, bool observed, struct fz_arena *arena, struct fz_ruling *io, struct fz_error *err);
/** What an entry has made its key is known to the orders behind it. */
void fz_held_follow(struct fz_engine *e, struct live *l);
/** The row of its key. */
void fz_project_held(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out);

/* ---- erasures: erase.c ---- */

/** Whether records of this kind are erasures. */
bool fz_erases(const struct kind *k);
/** Holds a lawful step of an erasure against the record it concerns; `*out_ok` false: `a` says why it may not be. */
fz_status fz_erase_judge(struct fz_engine *e, const struct live *l, const struct fz_order *o, const struct fz_step *s, struct fz_arena *arena, struct fz_answer *a,
                         bool *out_ok, struct fz_error *err);
/** What the step, about to be entered, does to personal values. Nothing is added when it fails. */
fz_status fz_erase_follow(struct fz_engine *e, const struct live *l, const struct fz_step *s, struct fz_arena *arena, struct writes *out, struct fz_error *err);
/** Rows of `withheld`, of an erasure as it stands. */
void fz_project_withheld(struct fz_engine *e, const struct live *l, struct fz_arena *arena, struct writes *out);
/** Whether an erasure took away the value that is missing. */
fz_status fz_erase_accounts_for(struct fz_engine *e, struct fz_store *from, int64_t seq, fz_str name, struct fz_arena *arena, bool *out_does, struct fz_error *err);
/** Says every value that is there though it was taken away, and every locked one that is missing, false, or locked by nobody. */
typedef void fz_erase_say(void *arg, int64_t seq, const char *table, const char *fmt, ...) FZ_PRINTF(4, 5);
fz_status fz_erase_check(struct fz_engine *e, fz_erase_say *say, void *arg, struct fz_error *err);

/* ---- all records: walk.c ---- */

/* An entry as stored. */
struct raw {
    int64_t seq;
    fz_str record, leaf, bytes;
};

/** All entries of one record, in order. `arena` lasts for some records: what is to stay is copied. */
typedef fz_status fz_walk_visit(void *arg, fz_str record, const struct raw *raws, size_t n, struct fz_arena *arena, struct fz_error *err);

/** Visits every record from `low` on, those from `high` on left out (empty: none), in memory that does not grow with the log. The visit may read and write. */
fz_status fz_walk(struct fz_engine *e, struct fz_store *from, fz_str low, fz_str high, fz_walk_visit *visit, void *arg, struct fz_error *err);

/** Declares every table of the log in `s`. */
fz_status fz_engine_declare(const struct fz_engine *e, struct fz_store *s, struct fz_error *err);

#define FZ_PARTS_MAX 16

/* One of several threads, each with a store and a digest of its own. */
struct worker {
    struct fz_engine *e;
    struct fz_store *from;
    struct fz_crypto *crypto; /* NULL: the engine's, for the only worker */
    fz_hasher hasher;
    bool opened;
    fz_str low, high; /* records */
    uint64_t first, last; /* entries: (first, last] */
    void *arg;
    fz_status (*run)(struct worker *w, struct fz_error *err);
    fz_status status;
    struct fz_error err;
};

/** Runs `run` over all records and all entries, in `set.threads` parts side by side; `args`: one a worker. The first failure is what it returns. */
fz_status fz_parts(struct fz_engine *e, void **args, fz_status (*run)(struct worker *w, struct fz_error *err), struct fz_error *err);
unsigned fz_parts_n(const struct fz_engine *e); /* how many there will be at most */

/* ---- reading: engine.c ---- */

/** Newest version of the pack and type in force on `day` (the oldest before it began); NULL when there is none. `pack` may be empty. */
const struct kind *fz_kind_on(const struct fz_engine *e, fz_str pack, fz_str type, fz_day day);
const struct kind *fz_kind_of(const struct fz_engine *e, fz_str pack, fz_str type, fz_str version);

/** Has the calendar of a kind ready, which is read when it is first wanted. */
fz_status fz_kind_calendar(struct fz_engine *e, const struct kind *k, struct fz_error *err);

/** Reads an entry as stored; `out` keeps pointing into `bytes`, so they live in `arena` or longer. False when they are none. */
bool fz_engine_decode(struct fz_arena *arena, fz_str bytes, struct fz_entry *out);
/** Takes one entry of a record onto a live one (c NULL: it begins here), a correction too. `privates` may be empty. What is kept of them lives as long as the
 * record. FZ_E_INPUT when it does not fit. */
fz_status fz_live_take(struct fz_engine *e, struct live *l, const struct fz_entry *entry, const struct fz_private *privates, size_t n, struct fz_error *err);
/** An act of the record by its entry, annulled ones too; NULL when it has no such act. */
struct done *fz_live_done(const struct live *l, int64_t seq);
/** The case made anew from what was done and not annulled. */
void fz_live_again(struct live *l);
/** Folds a record from its entries, into l->arena. */
fz_status fz_live_fold(struct fz_engine *e, struct fz_store *from, struct live *l, struct fz_error *err);
fz_status fz_privates_of(struct fz_engine *e, struct fz_store *from, int64_t seq, struct fz_arena *arena, struct fz_privates *out, struct fz_error *err);
/** The key of an entry that holds within its record; NULL when it has none, or one that holds in the whole log. */
const fz_hash *fz_source_key(const struct fz_entry *entry);
/** The kept heads against the entries, and their signatures against the keys in force (heads.c); the end of fz_engine_verify(). */
fz_status fz_heads_check(struct fz_engine *e, struct fz_arena *arena, struct fz_verdict *out, struct fz_error *err);
/** How many entries the store has. */
fz_status fz_engine_last(struct fz_engine *e, uint64_t *out_size, struct fz_error *err);
/** Looks up where the log ends. */
fz_status fz_engine_refresh(struct fz_engine *e, struct fz_error *err);

#endif
