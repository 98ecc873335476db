/* What the crash tests of stores share: numbered batches that show when they are torn, and a child that acknowledges over a pipe. */
#ifndef FZ_TESTS_BATCHES_H
#define FZ_TESTS_BATCHES_H

#include "support.h"

#include <sys/wait.h>
#include <time.h>

#include "stores.h"

enum { ROWS = 7, FAILED = 100 };

static struct fz_error err;

/* ---- batches ---- */

/* Batch n: ROWS entries, one of them long; order 1 put over with n; the order of the batch before removed, its own added. */
static inline fz_status commit_batch(struct fz_store *s, int64_t n)
{
    static char body[9000];
    fz_cell entries[ROWS][5], state[5], own[5], old[2] = {S("o"), I(n - 1)};
    struct fz_write writes[ROWS + 3];
    size_t at = 0;

    memset(body, 'a' + (int)(n % 26), sizeof(body));
    for (int i = 0; i < ROWS; i++) {
        size_t bytes = i == 3 ? sizeof(body) : (size_t)(100 + n % 300);

        memcpy(entries[i], CELLS(I(1), I(n * ROWS + i), S("r"), FZ_CELL_OF(((fz_str){body, bytes})), NIL), sizeof(entries[i]));
        writes[at++] = (struct fz_write){FZ_ADD, &entry, entries[i]};
    }
    memcpy(state, CELLS(S("state"), I(1), S("g"), I(n), NIL), sizeof(state));
    memcpy(own, CELLS(S("o"), I(n), S("g"), I(n), S("number")), sizeof(own)); /* unique: the one before has to be gone */
    writes[at++] = (struct fz_write){FZ_PUT, &order, state};
    writes[at++] = (struct fz_write){FZ_REMOVE, &order, old};
    writes[at++] = (struct fz_write){FZ_ADD, &order, own};
    return fz_store_commit(s, &(struct fz_batch){writes, at}, &err);
}

struct look {
    int64_t next; /* seq that comes next */
    bool torn;
};

static inline fz_status look_at_entry(void *arg, const fz_cell *cells, struct fz_error *e)
{
    struct look *l = arg;
    int64_t n = cells[1].n / ROWS, i = cells[1].n % ROWS;
    fz_str body = cells[3].s;

    (void)e;
    l->torn = l->torn || cells[1].n != l->next || body.n != (i == 3 ? 9000u : (size_t)(100 + n % 300));
    for (size_t k = 0; k < body.n; k++)
        l->torn = l->torn || body.p[k] != 'a' + (char)(n % 26);
    l->next = cells[1].n + 1;
    return FZ_OK;
}

static inline fz_status look_at_order(void *arg, const fz_cell *cells, struct fz_error *e)
{
    int64_t *dues = arg;

    (void)e;
    dues[0] = dues[0] * 1000000 + cells[3].n;
    return FZ_OK;
}

enum { TORN = -1, UNREADABLE = -2 };

/* The number of the last batch, or one of those. All entries from 1 to it, both indexes alike, and the two orders of that batch. */
static inline int64_t last_batch(struct fz_store *s)
{
    struct look by_key = {.next = ROWS}, by_record = {.next = ROWS};
    struct fz_scan scan = {&entry, -1, CELLS(I(1)), 1};
    int64_t dues = 0, n;

    if (fz_store_scan(s, &scan, look_at_entry, &by_key, &err) != FZ_OK)
        return UNREADABLE;
    scan.index = 0;
    if (fz_store_scan(s, &scan, look_at_entry, &by_record, &err) != FZ_OK ||
        fz_store_scan(s, &(struct fz_scan){.table = &order, .index = 0}, look_at_order, &dues, &err) != FZ_OK)
        return UNREADABLE;
    n = by_key.next / ROWS - 1;
    if (by_key.torn || by_record.torn || by_key.next % ROWS != 0 || by_record.next != by_key.next || dues != n * 1000000 + n)
        return TORN;
    return n;
}

/* ---- a child and its acknowledgements ---- */

struct child {
    pid_t pid;
    int acks;
};

static inline struct child start(void (*work)(int acks, int64_t from, int64_t arg), int64_t from, int64_t arg)
{
    int ends[2];
    struct child c;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    c.pid = fork();
    if (c.pid == 0) {
        close(ends[0]);
        work(ends[1], from, arg);
        _exit(0);
    }
    assert_true(c.pid > 0);
    close(ends[1]);
    c.acks = ends[0];
    return c;
}

static inline void acknowledge(int acks, int64_t n)
{
    if (write(acks, &n, sizeof(n)) != sizeof(n))
        _exit(FAILED);
}

/* The last acknowledgement, or `none`; 0 bytes left is the child's end. */
static inline int64_t last_ack(int acks, int64_t none)
{
    for (int64_t n; read(acks, &n, sizeof(n)) == sizeof(n);)
        none = n;
    close(acks);
    return none;
}

static inline int exit_of(struct child c)
{
    int status = 0;

    assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline void wait_us(uint32_t us)
{
    nanosleep(&(struct timespec){us / 1000000, (long)(us % 1000000) * 1000}, NULL);
}

#endif
