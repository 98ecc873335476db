/*
 * Over all of a log: record by record along the index, in chunks, so that memory does not grow with it; and in parts, each with a thread and a store of its own.
 */
#include "engine/engine_int.h"

#include <pthread.h>
#include <stdlib.h>

#define CHUNK_ROWS 2048
#define SAMPLES 255 /* records looked at to part them evenly */


struct chunk {
    struct fz_arena arena;
    struct raw *items;
    size_t n, cap;
};

static fz_status take_raw(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct chunk *c = arg;

    (void)err;
    FZ_PUSH(&c->arena, c, items, n, cap) = (struct raw){cells[FZ_ENTRY_SEQ].n, fz_str_copy(&c->arena, cells[FZ_ENTRY_RECORD].s),
                                                        fz_str_copy(&c->arena, cells[FZ_ENTRY_LEAF].s), fz_str_copy(&c->arena, cells[FZ_ENTRY_BYTES].s)};
    return FZ_OK;
}

static size_t same_record(const struct chunk *c, size_t from)
{
    size_t n = from;

    while (n < c->n && fz_str_eq(c->items[n].record, c->items[from].record))
        n++;
    return n;
}

struct walk {
    fz_str high;
    struct fz_buf done; /* the last record that was visited, which the next chunk begins with */
    fz_walk_visit *visit;
    void *arg;
    struct fz_arena room;
    struct chunk chunk;
    size_t visited; /* records of this chunk */
    bool more;
};

/* Visits what is whole in the chunk. */
static fz_status visit_chunk(struct walk *w, bool is_last, struct fz_error *err)
{
    struct chunk *c = &w->chunk;
    size_t end = 0;

    w->more = !is_last;
    w->visited = 0;
    for (size_t at = 0; at < c->n; at = end) {
        fz_str record = c->items[at].record;

        end = same_record(c, at);
        if (w->high.n && fz_str_cmp(record, w->high) >= 0) {
            w->more = false;
            return FZ_OK;
        }
        if (end == c->n && !is_last)
            return FZ_OK;
        if (w->done.n && fz_str_eq(record, fz_buf_str(&w->done)))
            continue;
        FZ_TRY(w->visit(w->arg, record, c->items + at, end - at, &w->room, err));
        w->visited++;
        fz_buf_reset(&w->done);
        fz_buf_add(&w->done, record);
    }
    return FZ_OK;
}

static fz_status next_chunk(struct fz_engine *e, struct fz_store *from, fz_str low, size_t rows, struct walk *w, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_entry, .index = 0, .prefix = prefix, .prefix_n = 1, .ranged = true, .limit = rows};

    scan.low = w->done.n ? FZ_CELL_OF(fz_buf_str(&w->done)) : low.n ? FZ_CELL_OF(low) : FZ_CELL_UNSET;
    fz_arena_reset(&w->chunk.arena);
    fz_arena_reset(&w->room);
    w->chunk.items = NULL;
    w->chunk.n = w->chunk.cap = 0;
    FZ_TRY(fz_store_scan(from, &scan, take_raw, &w->chunk, err));
    return visit_chunk(w, w->chunk.n < rows, err);
}

fz_status fz_walk(struct fz_engine *e, struct fz_store *from, fz_str low, fz_str high, fz_walk_visit *visit, void *arg, struct fz_error *err)
{
    struct walk w = {.high = high, .visit = visit, .arg = arg, .more = true};
    size_t rows = CHUNK_ROWS;
    fz_status s = FZ_OK;

    fz_arena_init(&w.chunk.arena);
    fz_arena_init(&w.room);
    while (w.more && s == FZ_OK) {
        s = next_chunk(e, from, low, rows, &w, err);
        rows = w.visited ? CHUNK_ROWS : rows * 4; /* a record longer than the chunk */
    }
    fz_buf_release(&w.done);
    fz_arena_release(&w.room);
    fz_arena_release(&w.chunk.arena);
    return s;
}

/* ---- parts ---- */

/* Side by side only where nobody else writes: stores of their own would see states of their own. */
unsigned fz_parts_n(const struct fz_engine *e)
{
    unsigned n = e->set.more && !fz_store_is_shared(e->set.store) ? e->set.threads : 1;

    return n == 0 ? 1 : n > FZ_PARTS_MAX ? FZ_PARTS_MAX : n;
}

static int by_text(const void *a, const void *b)
{
    return fz_str_cmp(*(const fz_str *)a, *(const fz_str *)b);
}

/* Records of entries that lie evenly over the log, in order. */
static fz_status sample(struct fz_engine *e, struct fz_arena *arena, fz_str *out, size_t *out_n, struct fz_error *err)
{
    uint64_t size = e->end.tree.size;
    size_t n = 0;

    for (uint64_t i = 0; i < SAMPLES && size; i++) {
        fz_cell key[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT((int64_t)(1 + i * size / SAMPLES))}, *row;
        bool found;

        FZ_TRY(fz_store_get(e->set.store, &fz_table_entry, key, arena, &row, &found, err));
        if (found)
            out[n++] = row[FZ_ENTRY_RECORD].s;
    }
    qsort(out, n, sizeof(*out), by_text);
    *out_n = n;
    return FZ_OK;
}

static fz_status set_out(struct fz_engine *e, struct worker *workers, unsigned n, void **args, fz_status (*run)(struct worker *, struct fz_error *),
                         struct fz_arena *arena, struct fz_error *err)
{
    fz_str samples[SAMPLES];
    size_t samples_n;
    uint64_t tiles = e->end.tree.size / FZ_TILE_NODES;

    FZ_TRY(sample(e, arena, samples, &samples_n, err));
    for (size_t i = 0; i < e->kinds_n; i++) /* before threads ask for them */
        FZ_TRY(fz_kind_calendar(e, &e->kinds[i], err));
    for (unsigned i = 0; i < n; i++) {
        struct worker *w = &workers[i];

        *w = (struct worker){.e = e, .from = e->set.store, .hasher = e->set.hasher, .arg = args[i], .run = run};
        w->low = i && samples_n ? samples[i * samples_n / n] : (fz_str){0};
        w->high = i + 1 < n && samples_n ? samples[(i + 1) * samples_n / n] : (fz_str){0};
        w->first = i * tiles / n * FZ_TILE_NODES;
        w->last = i + 1 < n ? (i + 1) * tiles / n * FZ_TILE_NODES : UINT64_MAX;
        if (n == 1)
            continue; /* alone, in the caller's store */
        FZ_TRY(e->set.more(e->set.more_arg, &w->from, err));
        w->opened = true;
        FZ_TRY(fz_engine_declare(e, w->from, err));
        FZ_TRY(fz_crypto_new(&w->crypto, err));
        w->hasher.crypto = w->crypto;
    }
    return FZ_OK;
}

static void *run_one(void *arg)
{
    struct worker *w = arg;

    w->status = w->run(w, &w->err);
    return NULL;
}

static fz_status run_all(struct worker *workers, unsigned n, struct fz_error *err)
{
    pthread_t threads[FZ_PARTS_MAX];

    for (unsigned i = 1; i < n; i++)
        fz_assert(pthread_create(&threads[i], NULL, run_one, &workers[i]) == 0);
    run_one(&workers[0]);
    for (unsigned i = 1; i < n; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < n; i++)
        if (workers[i].status != FZ_OK) {
            if (err)
                *err = workers[i].err;
            return workers[i].status;
        }
    return FZ_OK;
}

fz_status fz_parts(struct fz_engine *e, void **args, fz_status (*run)(struct worker *w, struct fz_error *err), struct fz_error *err)
{
    struct worker workers[FZ_PARTS_MAX] = {0};
    unsigned n = fz_parts_n(e);
    struct fz_arena arena;
    fz_status s;

    fz_arena_init(&arena);
    s = set_out(e, workers, n, args, run, &arena, err);
    if (s == FZ_OK)
        s = run_all(workers, n, err);
    for (unsigned i = 0; i < n; i++) {
        fz_crypto_free(workers[i].crypto);
        if (workers[i].opened)
            fz_store_close(workers[i].from);
    }
    fz_arena_release(&arena);
    return s;
}
