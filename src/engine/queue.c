/*
 * One lock guards the engine; the committing thread gives it up while the store commits (fz_batch_commit touches nothing else). A ticket is the number of a
 * batch: it is decided once the engine has settled that number, and failed when it stands in `failed`.
 */
#include "engine/queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "engine/engine_int.h"

#define WRITES_MAX 200000 /* rows gathered while a commit lasts; who orders more waits */
#define ATTEMPTS_MAX 50   /* of orders that another process was quicker than */
#define FAILED_KEPT 64    /* tickets whose failure is remembered: more can hardly be waited for */

struct failed {
    uint64_t ticket;
    struct fz_error err;
};

struct fz_queue {
    struct fz_engine *e;
    pthread_t committer;
    pthread_mutex_t lock;
    pthread_cond_t work, settled;
    bool ends, broken; /* broken: what is open is about to be dropped */
    struct failed failed[FAILED_KEPT];
    size_t failed_n; /* ever */
};

/* ---- the committing thread ---- */

static void note_failure(struct fz_queue *q, uint64_t ticket, const struct fz_error *err)
{
    q->failed[q->failed_n++ % FAILED_KEPT] = (struct failed){ticket, *err};
}

static void commit_one(struct fz_queue *q, struct pending *p)
{
    struct fz_error err = {0};
    fz_status s;

    pthread_mutex_unlock(&q->lock);
    s = fz_batch_commit(q->e, p, &err);
    pthread_mutex_lock(&q->lock);
    if (s != FZ_OK) {
        note_failure(q, p->number, &err);
        if (q->e->open) /* judged over what is not there */
            note_failure(q, q->e->open->number, &err);
    }
    fz_batch_settle(q->e, s);
    pthread_cond_broadcast(&q->settled);
}

static void *commit_all(void *arg)
{
    struct fz_queue *q = arg;

    pthread_mutex_lock(&q->lock);
    for (;;) {
        struct pending *p;

        while ((!q->ends && !q->e->open) || q->broken)
            pthread_cond_wait(&q->work, &q->lock);
        if (!q->e->open)
            break;
        p = fz_batch_close(q->e);
        if (p)
            commit_one(q, p);
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

/* ---- life ---- */

fz_status fz_queue_new(struct fz_queue **out, struct fz_engine *e, struct fz_error *err)
{
    struct fz_queue *q = calloc(1, sizeof(*q));

    fz_assert(e->set.reader);
    if (!q)
        return fz_fail(err, FZ_E_NOMEM, "memory ran out");
    q->e = e;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->work, NULL);
    pthread_cond_init(&q->settled, NULL);
    if (pthread_create(&q->committer, NULL, commit_all, q) != 0) {
        free(q);
        return fz_fail(err, FZ_E_NOMEM, "there is no further thread to be had");
    }
    *out = q;
    return FZ_OK;
}

void fz_queue_free(struct fz_queue *q)
{
    if (!q)
        return;
    pthread_mutex_lock(&q->lock);
    q->ends = true;
    pthread_cond_signal(&q->work);
    pthread_mutex_unlock(&q->lock);
    pthread_join(q->committer, NULL);
    pthread_cond_destroy(&q->settled);
    pthread_cond_destroy(&q->work);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

/* ---- ordering ---- */

/* What the answers wait for: the batch that they are in; for refusals the one in flight, over which they were judged; else nothing. */
static uint64_t hand_over(struct fz_queue *q)
{
    if (!q->e->open || q->e->open->writes.n == 0)
        return q->e->flight ? q->e->flight->number : 0;
    pthread_cond_signal(&q->work);
    return q->e->open->number;
}

static void wait_for_room(struct fz_queue *q)
{
    while (q->broken || (q->e->open && q->e->open->writes.n >= WRITES_MAX))
        pthread_cond_wait(&q->settled, &q->lock);
}

/* A look into the store failed half way through somebody's orders: nothing that was judged so far is kept, so that none of them is done by half. */
static void drop_open(struct fz_queue *q, const struct fz_error *err)
{
    q->broken = true;
    while (q->e->flight)
        pthread_cond_wait(&q->settled, &q->lock);
    if (q->e->open) {
        note_failure(q, q->e->open->number, err);
        fz_batch_forget(q->e);
    }
    q->broken = false;
    pthread_cond_broadcast(&q->settled);
    pthread_cond_signal(&q->work);
}

static fz_status take(struct fz_queue *q, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                      uint64_t *out_ticket, struct fz_error *err)
{
    wait_for_room(q);
    *out_ticket = 0;
    FZ_TRY(fz_batch_take(q->e, orders, n, at_ms, arena, answers, err));
    *out_ticket = hand_over(q);
    return *out_ticket ? FZ_OK : fz_batch_confirm(q->e, err);
}

fz_status fz_queue_post(struct fz_queue *q, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                        uint64_t *out_ticket, struct fz_error *err)
{
    struct fz_error why;
    fz_status s = FZ_E_EXISTS;

    pthread_mutex_lock(&q->lock);
    for (int i = 0; i < ATTEMPTS_MAX && s == FZ_E_EXISTS; i++)
        s = take(q, orders, n, at_ms, arena, answers, out_ticket, &why);
    if (s != FZ_OK)
        drop_open(q, &why);
    pthread_mutex_unlock(&q->lock);
    if (s != FZ_OK && err)
        *err = why;
    return s;
}

static fz_status fate_of(const struct fz_queue *q, uint64_t ticket, struct fz_error *err)
{
    for (size_t i = 0; i < q->failed_n && i < FAILED_KEPT; i++)
        if (q->failed[i].ticket == ticket) {
            if (err)
                *err = q->failed[i].err;
            return q->failed[i].err.status;
        }
    return FZ_OK;
}

fz_status fz_queue_wait(struct fz_queue *q, uint64_t ticket, struct fz_error *err)
{
    fz_status s;

    pthread_mutex_lock(&q->lock);
    while (q->e->settled < ticket)
        pthread_cond_wait(&q->settled, &q->lock);
    s = fate_of(q, ticket, err);
    pthread_mutex_unlock(&q->lock);
    return s;
}

static fz_status post_and_wait(struct fz_queue *q, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                               struct fz_error *err)
{
    struct fz_error later;
    uint64_t ticket;
    fz_status s = fz_queue_post(q, orders, n, at_ms, arena, answers, &ticket, err), then = fz_queue_wait(q, ticket, &later);

    if (then != FZ_OK && err)
        *err = later;
    return then != FZ_OK ? then : s;
}

fz_status fz_queue_submit(struct fz_queue *q, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                          struct fz_error *err)
{
    fz_status s = FZ_E_EXISTS;

    for (int i = 0; i < ATTEMPTS_MAX && s == FZ_E_EXISTS; i++)
        s = post_and_wait(q, orders, n, at_ms, arena, answers, err);
    for (size_t i = 0; i < n && s != FZ_OK; i++)
        if (answers[i].kind == FZ_A_DONE)
            answers[i] = (struct fz_answer){.kind = FZ_A_FAILED};
    return s == FZ_E_EXISTS ? fz_fail(err, FZ_E_BUSY, "others were quicker %d times", ATTEMPTS_MAX) : s;
}

/* ---- what the law has done ---- */

static fz_status tick_once(struct fz_queue *q, const struct fz_due *due, size_t from, fz_day today, int64_t at_ms, uint64_t *out_n, struct fz_error *err)
{
    struct fz_error why;
    uint64_t ticket = 0;
    fz_status s;

    pthread_mutex_lock(&q->lock);
    wait_for_room(q);
    s = fz_batch_tick_some(q->e, due, from, today, at_ms, out_n, &why);
    if (s == FZ_OK)
        ticket = hand_over(q);
    else
        drop_open(q, &why);
    pthread_mutex_unlock(&q->lock);
    if (s == FZ_OK)
        return fz_queue_wait(q, ticket, err);
    if (err)
        *err = why;
    return s;
}

/* A process that was quicker has moved one of the records: judged anew. */
static fz_status tick_some(struct fz_queue *q, const struct fz_due *due, size_t from, fz_day today, int64_t at_ms, uint64_t *io_n, struct fz_error *err)
{
    fz_status s = FZ_E_EXISTS;
    uint64_t done = 0;

    for (int i = 0; i < ATTEMPTS_MAX && s == FZ_E_EXISTS; i++)
        s = tick_once(q, due, from, today, at_ms, &done, err);
    *io_n += s == FZ_OK ? done : 0;
    return s;
}

fz_status fz_queue_tick(struct fz_queue *q, fz_day today, int64_t at_ms, uint64_t *out_n, struct fz_error *err)
{
    struct fz_arena arena;
    struct fz_due due = {.arena = &arena};
    fz_status s;

    fz_arena_init(&arena);
    *out_n = 0;
    pthread_mutex_lock(&q->lock);
    s = fz_due_records(q->e, today, &due, err);
    pthread_mutex_unlock(&q->lock);
    for (size_t i = 0; s == FZ_OK && i < due.n; i += FZ_TICK_RECORDS)
        s = tick_some(q, &due, i, today, at_ms, out_n, err);
    fz_arena_release(&arena);
    return s;
}

/* ---- looking ---- */

struct fz_engine *fz_queue_hold(struct fz_queue *q)
{
    pthread_mutex_lock(&q->lock);
    return q->e;
}

void fz_queue_release(struct fz_queue *q)
{
    pthread_mutex_unlock(&q->lock);
}
