/*
 * What the engine owes after kill -9 at any moment under load: every acknowledged order is there under its key, none is half done, numbers have no gaps, the
 * log verifies, and its tables are those that its entries give. A child process orders from several threads and acknowledges each key over a pipe; the
 * parent kills it, opens the folder anew and looks; the same folder goes on.
 *
 * On PostgreSQL two such processes order at once, for one jurisdiction: one is killed, the other goes on, and is killed as well.
 *
 * usage: test_engine_crash [KILLS]. FZ_SEED repeats the moments, as far as a machine can; FZ_POSTGRES is how to connect to a server.
 */
#include "../support/support.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../support/engines.h"
#include "engine/queue.h"

#define THREADS 8

static int kills = 20;
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

static char path[64];
static char server[256]; /* empty: SQLite */

static fz_status open_one(struct fz_store **out, fz_store_mode mode, struct fz_error *err)
{
    return server[0] ? fz_store_open_postgres(out, server, mode, err) : fz_store_open_sqlite(out, path, mode, err);
}

static fz_status more(void *arg, struct fz_store **out, struct fz_error *err)
{
    (void)arg;
    return open_one(out, FZ_READ_ONLY, err);
}

static void begin(struct fixture *f)
{
    struct fz_error err;

    fz_engine_close(f->e);
    fz_store_close(f->set.reader);
    fz_store_close(f->store);
    f->e = NULL;
    f->set.reader = f->store = NULL;
    if (open_one(&f->store, FZ_READ_WRITE, &err) != FZ_OK || more(NULL, &f->set.reader, &err) != FZ_OK)
        fail_msg("%s", err.text);
    f->set.threads = 2;
    f->set.more = more;
    open_engine(f);
}

/* ---- the child ---- */

struct clerk {
    struct fz_queue *q;
    int acks;
    uint32_t round, number;
};

struct ack {
    uint32_t round, number, at; /* the key */
    uint32_t step;
};

static void acknowledge(const struct clerk *c, uint32_t at, uint32_t step)
{
    struct ack a = {c->round, c->number, at, step};

    if (write(c->acks, &a, sizeof(a)) != sizeof(a)) /* less than PIPE_BUF: never in pieces */
        _exit(1);
}

static void key_of(char key[64], const struct ack *a)
{
    snprintf(key, 64, "%u-%u-%u-%u", a->round, a->number, a->at, a->step);
}

/* Nothing but a kill stops it: what goes wrong is told. */
static void order(const struct clerk *c, const struct fz_order *o, struct fz_arena *arena, struct fz_answer *a)
{
    struct fz_error err = {0};

    if (fz_queue_submit(c->q, o, 1, 1000, arena, a, &err) == FZ_OK && a->kind == FZ_A_DONE)
        return;
    fprintf(stderr, "an order was not entered: %d %.*s %.*s %s\n", (int)a->kind, FZ_STR_ARG(o->key), FZ_STR_ARG(a->text), err.text);
    _exit(1);
}

static void *work(void *arg)
{
    struct clerk *c = arg;
    struct fz_arena arena;

    fz_arena_init(&arena);
    for (uint32_t at = 0;; at++) {
        char key[64], next[64];
        struct fz_answer a;
        struct fz_order o;

        key_of(key, &(struct ack){c->round, c->number, at, 1});
        o = receive(key);
        order(c, &o, &arena, &a);
        acknowledge(c, at, 1);
        key_of(next, &(struct ack){c->round, c->number, at, 2});
        o = FZ_ORDER(FZ_STR("accept"), day("2026-02-16"));
        o.record = a.record;
        o.key = fz_str_of(next);
        order(c, &o, &arena, &a);
        acknowledge(c, at, 2);
        fz_arena_reset(&arena);
    }
    return NULL;
}

static void child(struct fixture *f, int acks, uint32_t round, uint32_t process)
{
    static struct clerk clerks[THREADS];
    pthread_t threads[THREADS];
    struct fz_queue *q;

    begin(f);
    if (fz_queue_new(&q, f->e, NULL) != FZ_OK)
        _exit(1);
    for (uint32_t i = 0; i < THREADS; i++) {
        clerks[i] = (struct clerk){q, acks, round, process * THREADS + i};
        if (pthread_create(&threads[i], NULL, work, &clerks[i]) != 0)
            _exit(1);
    }
    for (;;)
        pause();
}

/* ---- the parent ---- */

struct acks {
    struct fz_arena arena;
    struct ack *items;
    size_t n, cap;
};

static void sleep_us(uint64_t us)
{
    nanosleep(&(struct timespec){(time_t)(us / 1000000), (long)(us % 1000000) * 1000}, NULL);
}

static pid_t start(struct fixture *f, int ends[2], uint32_t round, uint32_t process)
{
    pid_t pid = fork();

    if (pid == 0) {
        close(ends[0]);
        child(f, ends[1], round, process);
    }
    return pid;
}

/* It did not end by itself, by a failure. */
static void kill_one(pid_t pid)
{
    int status;

    sleep_us(20000 + draw(200000));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

/* Kills them somewhere between their start and some hundred commits. */
static void run_and_kill(struct fixture *f, uint32_t round, struct acks *out)
{
    int processes = server[0] ? 2 : 1, ends[2];
    pid_t pids[2];
    struct ack a;

    assert_int_equal(pipe(ends), 0);
    fz_engine_close(f->e);
    fz_store_close(f->set.reader);
    fz_store_close(f->store);
    f->e = NULL;
    f->set.reader = f->store = NULL;
    for (int i = 0; i < processes; i++)
        pids[i] = start(f, ends, round, (uint32_t)i);
    close(ends[1]);
    for (int i = 0; i < processes; i++)
        kill_one(pids[i]);
    while (read(ends[0], &a, sizeof(a)) == sizeof(a))
        FZ_PUSH(&out->arena, out, items, n, cap) = a;
    close(ends[0]);
}

static void assert_there(struct fixture *f, const struct acks *acks)
{
    for (size_t i = 0; i < acks->n; i++) {
        char key[64];
        struct fz_answer a;
        struct fz_error err;
        struct fz_order o;

        key_of(key, &acks->items[i]);
        o = receive(key);
        assert_int_equal(fz_engine_submit(f->e, &o, 1, 1000, &f->arena, &a, &err), FZ_OK);
        assert_int_equal(a.kind, FZ_A_REPEATED);
    }
}

static int64_t last_number(struct fixture *f)
{
    fz_cell key[] = {FZ_CELL_OF(f->set.jurisdiction), FZ_CELL_OF(FZ_STR("A")), FZ_CELL_OF(FZ_STR("reconsideration_case")), FZ_CELL_OF_INT(2026)}, *row;
    bool found;

    assert_int_equal(fz_store_get(f->store, &fz_table_serial, key, &f->arena, &row, &found, NULL), FZ_OK);
    return found ? row[FZ_SERIAL_LAST].n : 0;
}

static void what_was_acknowledged_is_there(void **state)
{
    struct fixture *f = *state;
    struct acks all = {.n = 0};

    fz_arena_init(&all.arena);
    for (uint32_t round = 0; round < (uint32_t)kills; round++) {
        size_t before = all.n;
        struct acks now;

        run_and_kill(f, round, &all);
        begin(f);
        now = (struct acks){.items = all.items + before, .n = all.n - before};
        assert_there(f, &now);
        assert_int_equal(last_number(f), rows(f, &fz_table_record));
        if (round % 10 == 0 || round + 1 == (uint32_t)kills)
            assert_sound(f);
    }
    assert_there(f, &all);
    print_message("# %d kills, %zu acknowledged orders, all there\n", kills, all.n);
    assert_true(all.n > (size_t)kills);
    fz_engine_close(f->e);
    f->e = NULL;
    fz_store_close(f->set.reader);
    f->set.reader = NULL;
    fz_arena_release(&all.arena);
}

static void test_engine_crash__sqlite(void **state)
{
    server[0] = '\0';
    what_was_acknowledged_is_there(state);
}

static void test_engine_crash__two_processes_on_postgres(void **state)
{
    const char *address = getenv("FZ_POSTGRES");

    if (!address) {
        print_message("# skipped: FZ_POSTGRES names no server\n");
        skip();
    }
    snprintf(server, sizeof(server), "%s options='-csearch_path=crash%ld'", address, (long)getpid());
    what_was_acknowledged_is_there(state);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_engine_crash__sqlite, setup, teardown),
                                       cmocka_unit_test_setup_teardown(test_engine_crash__two_processes_on_postgres, setup, teardown)};
    const char *given_seed = getenv("FZ_SEED");
    char folder[] = "fz-crash-XXXXXX", command[64];
    int failed;

    kills = argc > 1 ? atoi(argv[1]) : kills;
    seed = given_seed ? strtoull(given_seed, NULL, 10) : (uint64_t)time(NULL);
    printf("# seed %llu\n", (unsigned long long)seed);
    if (!mkdtemp(folder))
        return 3;
    snprintf(path, sizeof(path), "%s/log.db", folder);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command) != 0 || failed;
}
