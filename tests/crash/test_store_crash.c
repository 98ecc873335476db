/*
 * What SQLite's store owes after an end at any moment: every acknowledged batch is whole, no batch is half there, none is there behind one that
 * is not. A child process commits numbered batches and acknowledges each over a pipe; the parent, once the child is gone, opens the file anew and
 * looks.
 *
 *     kill    kill -9 at a moment at random, over and over on the same file
 *     exit    the fault driver ends the process before or after call 1, 2, 3, ...
 *     disk    a file system of ours fails the n-th write, sync or truncation below SQLite, n = 1, 2, 3, ..., with each kind of failure; the child
 *             goes on for some batches, holds every answer against what it reads, and ends, by turns with and without closing
 *
 * usage: test_store_crash [KILLS]. FZ_SEED repeats the moments, as far as a machine can.
 */
#include "../support/support.h"

#include <signal.h>
#include <sqlite3.h>

#include "../support/batches.h"

enum { SCRIPT = 4 };

static int kills = 30;

static bool open_store(struct fz_store **out)
{
    return fz_store_open_sqlite(out, in_folder("store.db"), FZ_READ_WRITE, &err) == FZ_OK;
}

static int64_t last_after_reopening(void)
{
    struct fz_store *s;
    int64_t n;

    if (!open_store(&s) || fz_store_declare(s, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK)
        fail_msg("%s", err.text);
    n = last_batch(s);
    fz_store_close(s);
    return n;
}

/* SQLite's own look, every page and every index. */
static void expect_sound_file(void)
{
    sqlite3 *db;
    sqlite3_stmt *st;

    assert_int_equal(sqlite3_open(in_folder("store.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(st, 0), "ok");
    sqlite3_finalize(st);
    sqlite3_close(db);
}

/* ---- kill ---- */

static void commit_for_ever(int acks, int64_t from, int64_t arg)
{
    struct fz_store *s;

    (void)arg;
    if (!open_store(&s) || fz_store_declare(s, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK)
        _exit(FAILED);
    for (int64_t n = from;; n++) {
        if (commit_batch(s, n) != FZ_OK)
            _exit(FAILED);
        acknowledge(acks, n);
    }
}

static void crash__kill_at_any_moment(void **state)
{
    int64_t have = 0, at_most_one_more = 0;

    (void)state;
    make_folder();
    for (int i = 0; i < kills; i++) {
        struct child c = start(commit_for_ever, have + 1, 0);
        int64_t acked, there;

        /* Some ends fall into opening, declaring and recovery, some behind many batches. */
        wait_us(pick(4) ? pick(60000) : pick(8000));
        kill(c.pid, SIGKILL);
        assert_int_equal(exit_of(c), -SIGKILL);
        acked = last_ack(c.acks, have);
        there = last_after_reopening();
        if (there != acked && there != acked + 1)
            fail_msg("kill %d: acknowledged to %lld, there is %lld", i, (long long)acked, (long long)there);
        at_most_one_more += there > acked;
        have = there;
    }
    expect_sound_file();
    printf("# %d kills, %lld batches, %lld of them there without acknowledgement\n", kills, (long long)have, (long long)at_most_one_more);
    assert_true(have > 0);
    remove_folder();
}

/* ---- exit ---- */

/* arg: the call, negative for the moment after it. */
static void run_script_to_fault(int acks, int64_t from, int64_t arg)
{
    struct fz_store *s;
    uint64_t n;

    if (!open_store(&s))
        _exit(FAILED);
    s = fz_store_new_fault(s, (uint64_t)(arg < 0 ? -arg : arg), arg < 0 ? FZ_FAULT_EXIT_AFTER : FZ_FAULT_EXIT);
    if (fz_store_declare(s, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK)
        _exit(FAILED);
    for (int64_t i = from; i < from + SCRIPT; i++) {
        if (commit_batch(s, i) != FZ_OK || fz_store_count(s, &(struct fz_scan){.table = &entry, .index = -1}, &n, &err) != FZ_OK)
            _exit(FAILED);
        acknowledge(acks, i);
    }
    fz_store_close(s);
}

/* The calls are: declare, then commit and count by turns; a batch is acknowledged after its count. */
static void expect_after_exit(int64_t have, int64_t call, bool after, int64_t acked, int64_t there)
{
    int64_t commits = call / 2 - (call % 2 == 0 && !after);

    assert_int_equal(there, have + commits);
    assert_int_equal(acked, have + (call > 1 ? (call - 2) / 2 : 0));
}

static void crash__exit_at_every_call(void **state)
{
    int64_t have = 0;

    (void)state;
    make_quick_folder();
    for (int64_t call = 1; call <= 1 + 2 * SCRIPT; call++)
        for (int after = 0; after < 2; after++) {
            struct child c = start(run_script_to_fault, have + 1, after ? -call : call);
            int64_t acked, there;

            assert_int_equal(exit_of(c), 86);
            acked = last_ack(c.acks, have);
            there = last_after_reopening();
            expect_after_exit(have, call, after, acked, there);
            have = there;
        }
    assert_int_equal(exit_of(start(run_script_to_fault, have + 1, 2 + 2 * SCRIPT)), 0);
    assert_int_equal(last_after_reopening(), have + SCRIPT);
    expect_sound_file();
    remove_folder();
}

/* ---- a disk that fails ---- */

/* SQLite's file system with its n-th call of those that change a file failing by `bad_code`, and when `bad_for_good` every later one too. */
struct bad_file {
    sqlite3_file base;
    sqlite3_file *real; /* lies behind this struct */
};

static sqlite3_vfs bad_vfs;
static sqlite3_vfs *real_vfs;
static int64_t bad_calls, bad_at, syncs;
static int bad_code;
static bool bad_for_good;

static bool goes_bad(void)
{
    bad_calls++;
    return bad_calls == bad_at || (bad_for_good && bad_at && bad_calls > bad_at);
}

#define REAL(f) (((struct bad_file *)(f))->real)

static int bad_close(sqlite3_file *f)
{
    return REAL(f)->pMethods->xClose(REAL(f));
}

static int bad_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return REAL(f)->pMethods->xRead(REAL(f), p, n, at);
}

/* A write that fails has written half, as a full disk does. */
static int bad_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (goes_bad()) {
        REAL(f)->pMethods->xWrite(REAL(f), p, n / 2, at);
        return bad_code == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    return REAL(f)->pMethods->xWrite(REAL(f), p, n, at);
}

static int bad_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    return goes_bad() ? SQLITE_IOERR_TRUNCATE : REAL(f)->pMethods->xTruncate(REAL(f), n);
}

static int bad_sync(sqlite3_file *f, int flags)
{
    syncs++;
    return goes_bad() ? SQLITE_IOERR_FSYNC : REAL(f)->pMethods->xSync(REAL(f), flags);
}

static int bad_file_size(sqlite3_file *f, sqlite3_int64 *n)
{
    return REAL(f)->pMethods->xFileSize(REAL(f), n);
}

static int bad_lock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xLock(REAL(f), level);
}

static int bad_unlock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xUnlock(REAL(f), level);
}

static int bad_check_lock(sqlite3_file *f, int *out)
{
    return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}

static int bad_control(sqlite3_file *f, int op, void *arg)
{
    return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}

static int bad_sector(sqlite3_file *f)
{
    return REAL(f)->pMethods->xSectorSize(REAL(f));
}

static int bad_traits(sqlite3_file *f)
{
    return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}

static int bad_shm_map(sqlite3_file *f, int page, int bytes, int extend, void volatile **out)
{
    return extend && goes_bad() ? SQLITE_IOERR_SHMSIZE : REAL(f)->pMethods->xShmMap(REAL(f), page, bytes, extend, out);
}

static int bad_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return REAL(f)->pMethods->xShmLock(REAL(f), at, n, flags);
}

static void bad_shm_barrier(sqlite3_file *f)
{
    REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static int bad_shm_unmap(sqlite3_file *f, int remove)
{
    return REAL(f)->pMethods->xShmUnmap(REAL(f), remove);
}

static const sqlite3_io_methods bad_methods = {
    2,          bad_close,      bad_read,    bad_write,  bad_truncate, bad_sync,    bad_file_size, bad_lock,        bad_unlock,
    bad_check_lock, bad_control, bad_sector, bad_traits, bad_shm_map,  bad_shm_lock, bad_shm_barrier, bad_shm_unmap, NULL, NULL,
};

static int bad_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
    struct bad_file *b = (struct bad_file *)f;
    int rc;

    (void)v;
    b->real = (sqlite3_file *)(b + 1);
    rc = real_vfs->xOpen(real_vfs, name, b->real, flags, out_flags);
    b->base.pMethods = b->real->pMethods ? &bad_methods : NULL;
    return rc;
}

static void use_bad_disk(int64_t at, int code, bool for_good)
{
    real_vfs = sqlite3_vfs_find(NULL);
    bad_vfs = *real_vfs;
    bad_vfs.zName = "bad";
    bad_vfs.szOsFile = real_vfs->szOsFile + (int)sizeof(struct bad_file);
    bad_vfs.xOpen = bad_open;
    bad_at = at;
    bad_code = code;
    bad_for_good = for_good;
    fz_assert(sqlite3_vfs_register(&bad_vfs, 1) == SQLITE_OK);
}

enum { FULL_ONCE, IO_ONCE, FULL_FOR_GOOD, IO_FOR_GOOD, KINDS };

/* What an answer promises is read at once: the batch, or the state before. The state after an unsure one is not: it is for who opens anew. */
static void hold_against(fz_status s, int64_t was, int64_t now)
{
    if (s == FZ_OK ? now != was + 1 : s == FZ_E_UNSURE ? now < was || now > was + 1 : now != was)
        _exit(FAILED + 1);
}

/* arg: call * KINDS + kind. A batch that failed is tried again under the same number. Exits 1 when the call was never reached. */
static void commit_on_bad_disk(int acks, int64_t from, int64_t arg)
{
    struct fz_store *s;
    int64_t n = from;
    bool unsure = false;

    use_bad_disk(arg / KINDS, arg % KINDS == FULL_ONCE || arg % KINDS == FULL_FOR_GOOD ? SQLITE_FULL : SQLITE_IOERR, arg % KINDS >= FULL_FOR_GOOD);
    if (!open_store(&s))
        _exit(0);
    if (fz_store_declare(s, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK)
        _exit(0);
    for (int i = 0; i < SCRIPT; i++) {
        fz_status status = commit_batch(s, n);

        if (status != FZ_OK && status != FZ_E_IO && status != FZ_E_FULL && status != FZ_E_UNSURE)
            _exit(FAILED + 2);
        if (unsure && status != FZ_E_IO)
            _exit(FAILED + 3);
        unsure = unsure || status == FZ_E_UNSURE;
        hold_against(status, n - 1, last_batch(s));
        /* 0: nothing was written, -n: batch n is unsure. */
        acknowledge(acks, status == FZ_OK ? n : unsure ? -n : 0);
        n += status == FZ_OK;
    }
    /* Closing moves the log into the file, which may fail as well: nothing is lost by that. */
    if (arg / KINDS % 2)
        fz_store_close(s);
    _exit(bad_calls < bad_at);
}

struct answers {
    int64_t acked, unsure, failed;
};

static struct answers read_answers(int acks, int64_t have)
{
    struct answers a = {.acked = have};

    for (int64_t n; read(acks, &n, sizeof(n)) == sizeof(n);) {
        a.acked = n > 0 ? n : a.acked;
        a.unsure = n < 0 ? -n : a.unsure;
        a.failed += n == 0;
    }
    close(acks);
    return a;
}

/* One kind of failure at one call of making a store, declaring, writing and closing. False when there are not so many calls. */
static bool fail_at_call(int kind, int64_t call, int64_t counts[3])
{
    struct child c;
    struct answers a;
    int64_t there;
    int status;

    make_quick_folder();
    c = start(commit_on_bad_disk, 1, call * KINDS + kind);
    status = exit_of(c);
    assert_in_range(status, 0, 1);
    a = read_answers(c.acks, 0);
    there = last_after_reopening();
    if (there != a.acked && !(a.unsure == a.acked + 1 && there == a.unsure))
        fail_msg("kind %d, call %lld: acknowledged to %lld, there is %lld", kind, (long long)call, (long long)a.acked, (long long)there);
    counts[0] += a.failed;
    counts[1] += a.unsure > 0;
    counts[2] += a.unsure > 0 && there == a.unsure;
    expect_sound_file();
    remove_folder();
    return status == 0;
}

static void crash__the_disk_fails_at_every_call(void **state)
{
    int64_t counts[3] = {0}, calls = 0;

    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        /* A disk that stays bad differs little from one call to the next. */
        for (int64_t call = 1; fail_at_call(kind, call, counts); call += kind >= FULL_FOR_GOOD ? 3 : 1)
            calls++;
    printf("# %lld calls failed and with them %lld commits; %lld times unsure, %lld of them there in the end\n", (long long)calls,
           (long long)counts[0], (long long)counts[1], (long long)counts[2]);
    assert_true(counts[0] > 0 && counts[1] > 0 && counts[2] > 0);
}

/* No kill tells a commit that was not synced; a power failure would. */
static void count_syncs(int acks, int64_t from, int64_t arg)
{
    struct fz_store *s;

    (void)arg;
    use_bad_disk(0, SQLITE_OK, false);
    if (!open_store(&s) || fz_store_declare(s, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK)
        _exit(FAILED);
    for (int64_t n = from; n < from + SCRIPT; n++) {
        int64_t before = syncs;

        if (commit_batch(s, n) != FZ_OK || syncs == before)
            _exit(FAILED);
        acknowledge(acks, n);
    }
    fz_store_close(s);
}

static void crash__every_commit_is_synced(void **state)
{
    struct child c;

    (void)state;
    make_quick_folder();
    c = start(count_syncs, 1, 0);
    assert_int_equal(last_ack(c.acks, 0), SCRIPT);
    assert_int_equal(exit_of(c), 0);
    remove_folder();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crash__kill_at_any_moment),
        cmocka_unit_test(crash__exit_at_every_call),
        cmocka_unit_test(crash__the_disk_fails_at_every_call),
        cmocka_unit_test(crash__every_commit_is_synced),
    };

    if (argc > 1)
        kills = atoi(argv[1]);
    seed_from_environment();
    return cmocka_run_group_tests_name("store crash", tests, NULL, NULL);
}
