/*
 * States of the log, as the thread sees it:
 *     short     fewer pages than are worth a move: it sleeps
 *     grown     it waits until nobody has committed for a moment, then moves; a commit that comes meanwhile is not held up
 *     long      `held`: the next transaction waits in fz_checkpoint_enter() until it was moved
 * A move is passive: it takes what no reader needs in the log, and waits for nobody. Once all was moved SQLite writes the log anew from its beginning.
 * Where a reader was in the way the next hold comes only after some more growth, for each would be in vain.
 */
#include "store/checkpoint.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>

#define GROWN_PAGES 1000  /* of 4 kB */
#define LONG_PAGES 16384  /* 64 MB: a longer log is appended to, which syncs slower than one that is written over */
#define MORE_PAGES 4096   /* ... before the next try beside a reader */
#define QUIET_MS 10

struct fz_checkpoint {
    char *path;
    sqlite3 *db; /* the thread's */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* any of the members below */
    bool started, asleep, stop, writing, held;
    int pages, hold_at; /* of the log now; at which it is held */
    uint64_t commits, moved; /* so far; at the last move */
};

/* ---- the thread ---- */

/* A connection finds out at its first reading that there is a log. */
static bool open_log(struct fz_checkpoint *c)
{
    if (c->db)
        return true;
    if (sqlite3_open_v2(c->path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
        sqlite3_exec(c->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK)
        return true;
    sqlite3_close(c->db);
    c->db = NULL;
    return false; /* out of memory or files: the log grows, and sqlite.c has a last resort */
}

/* Whether all of the log was moved. */
static bool move(struct fz_checkpoint *c)
{
    int pages = 0, moved = -1;

    return open_log(c) && sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved) == SQLITE_OK && pages == moved &&
           pages >= 0;
}

static void move_while_held(struct fz_checkpoint *c)
{
    bool all;

    fz_assert(!c->writing);
    pthread_mutex_unlock(&c->lock);
    all = move(c);
    pthread_mutex_lock(&c->lock);
    c->hold_at = all ? LONG_PAGES : c->pages + MORE_PAGES;
    c->moved = c->commits;
    c->held = false;
    pthread_cond_broadcast(&c->changed);
}

/* False: somebody committed, or there is something else to do. A commit does not wake the thread: it looks back. */
static bool stays_quiet(struct fz_checkpoint *c)
{
    uint64_t before = c->commits;
    struct timespec until;
    int rc = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += QUIET_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (rc == 0 && !c->held && !c->stop)
        rc = pthread_cond_timedwait(&c->changed, &c->lock, &until);
    return c->commits == before && !c->writing && !c->held && !c->stop;
}

static void move_when_quiet(struct fz_checkpoint *c)
{
    uint64_t before = c->commits;

    if (!stays_quiet(c))
        return;
    pthread_mutex_unlock(&c->lock);
    move(c);
    pthread_mutex_lock(&c->lock);
    /* Also when a reader held something back: looking again before the next commit would not let it go. */
    c->moved = before;
}

static void sleep_until_changed(struct fz_checkpoint *c)
{
    c->asleep = true;
    pthread_cond_wait(&c->changed, &c->lock);
    c->asleep = false;
}

static void *run(void *arg)
{
    struct fz_checkpoint *c = arg;

    pthread_mutex_lock(&c->lock);
    while (!c->stop) {
        if (c->held)
            move_while_held(c);
        else if (c->pages >= GROWN_PAGES && c->moved < c->commits)
            move_when_quiet(c);
        else
            sleep_until_changed(c);
    }
    pthread_mutex_unlock(&c->lock);
    sqlite3_close(c->db);
    return NULL;
}

/* ---- the writer ---- */

void fz_checkpoint_enter(struct fz_checkpoint *c)
{
    pthread_mutex_lock(&c->lock);
    while (c->held)
        pthread_cond_wait(&c->changed, &c->lock);
    c->writing = true;
    pthread_mutex_unlock(&c->lock);
}

void fz_checkpoint_leave(struct fz_checkpoint *c, int log_pages)
{
    pthread_mutex_lock(&c->lock);
    c->writing = false;
    c->pages = log_pages;
    c->commits++;
    if (log_pages >= GROWN_PAGES && !c->started)
        c->started = pthread_create(&c->thread, NULL, run, c) == 0;
    c->held = c->started && log_pages >= c->hold_at;
    if (c->held || (c->asleep && log_pages >= GROWN_PAGES))
        pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

struct fz_checkpoint *fz_checkpoint_new(const char *path)
{
    struct fz_checkpoint *c = fz_must(calloc(1, sizeof(*c)));

    c->path = fz_must(strdup(path));
    c->hold_at = LONG_PAGES;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    return c;
}

void fz_checkpoint_free(struct fz_checkpoint *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    if (c->started)
        pthread_join(c->thread, NULL);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c->path);
    free(c);
}
