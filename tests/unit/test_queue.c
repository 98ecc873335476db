/*
 * The queue: many threads order, one commits. What was acknowledged is there, once, numbered without gaps; a commit that fails is answered to everyone who
 * waited for it and leaves nothing; whoever posts ahead learns of it by his ticket.
 */
#include "../support/support.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "../support/engines.h"
#include "engine/queue.h"

#define THREADS 64
#define CASES_EACH 6

struct scene {
    struct fixture *f;
    struct fz_store *reader;
    struct fz_queue *q;
    char folder[32], file[64];
};

static fz_status more(void *arg, struct fz_store **out, struct fz_error *err)
{
    return fz_store_open_sqlite(out, ((struct scene *)arg)->file, FZ_READ_ONLY, err);
}

/* The fixture's engine anew over SQLite, its n-th store call failing (0: none). */
static void begin(struct scene *s, struct fixture *f, uint64_t at, fz_fault fault)
{
    struct fz_error err;

    *s = (struct scene){.f = f, .folder = "fz-queue-XXXXXX"};
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->file, sizeof(s->file), "%s/log.db", s->folder);
    fz_engine_close(f->e);
    fz_store_close(f->store);
    f->e = NULL;
    assert_int_equal(fz_store_open_sqlite(&f->store, s->file, FZ_READ_WRITE, &err), FZ_OK);
    f->store = fz_store_new_fault(f->store, at, fault);
    assert_int_equal(fz_store_open_sqlite(&s->reader, s->file, FZ_READ_ONLY, &err), FZ_OK);
    f->set.reader = s->reader;
    f->set.threads = 2;
    f->set.more = more;
    f->set.more_arg = s;
    open_engine(f);
    assert_int_equal(fz_queue_new(&s->q, f->e, &err), FZ_OK);
}

static void end(struct scene *s)
{
    char command[64];

    fz_queue_free(s->q);
    s->q = NULL;
    assert_sound(s->f);
    fz_engine_close(s->f->e);
    s->f->e = NULL;
    fz_store_close(s->reader);
    s->f->set.reader = NULL;
    s->f->set.more = NULL;
    snprintf(command, sizeof(command), "rm -rf %s", s->folder);
    assert_int_equal(system(command), 0);
}

struct writer {
    struct scene *s;
    int number;
    int done, repeated, failed;
};

static struct fz_answer order(struct writer *w, struct fz_order o, struct fz_arena *arena)
{
    struct fz_error err;
    struct fz_answer a;

    while (fz_queue_submit(w->s->q, &o, 1, 1000, arena, &a, &err) != FZ_OK) /* the store failed once */
        w->failed++;
    w->done += a.kind == FZ_A_DONE;
    w->repeated += a.kind == FZ_A_REPEATED;
    return a;
}

/* Cases of one's own, each with a second step, and one key that everybody uses. */
static void *write_cases(void *arg)
{
    struct writer *w = arg;
    struct fz_arena arena;

    fz_arena_init(&arena);
    for (int i = 0; i < CASES_EACH; i++) {
        char key[32];
        struct fz_answer a;
        struct fz_order o;

        snprintf(key, sizeof(key), "%d-%d", w->number, i);
        a = order(w, receive(key), &arena);
        o = FZ_ORDER(FZ_STR("accept"), day("2026-02-16"));
        o.record = a.record;
        o.if_version = 1;
        order(w, o, &arena);
        order(w, receive("everybody's"), &arena);
    }
    fz_arena_release(&arena);
    return NULL;
}

static struct writer run_writers(struct scene *s, int n)
{
    struct writer writers[THREADS] = {0}, all = {0};
    pthread_t threads[THREADS];

    for (int i = 0; i < n; i++) {
        writers[i] = (struct writer){.s = s, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_cases, &writers[i]), 0);
    }
    for (int i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
        all.done += writers[i].done;
        all.repeated += writers[i].repeated;
        all.failed += writers[i].failed;
    }
    return all;
}

static int64_t last_number(struct fixture *f)
{
    fz_cell key[] = {FZ_CELL_OF(f->set.jurisdiction), FZ_CELL_OF(FZ_STR("A")), FZ_CELL_OF(FZ_STR("reconsideration_case")), FZ_CELL_OF_INT(2026)}, *row;
    bool found;

    assert_int_equal(fz_store_get(f->store, &fz_table_serial, key, &f->arena, &row, &found, NULL), FZ_OK);
    return found ? row[FZ_SERIAL_LAST].n : 0;
}

static void test_queue__many_writers_and_nothing_is_lost_or_doubled(void **state)
{
    struct scene s;
    struct writer all;

    begin(&s, *state, 0, FZ_FAULT_IO);
    all = run_writers(&s, THREADS);
    assert_int_equal(all.failed, 0);
    assert_int_equal(all.done, THREADS * CASES_EACH * 2 + 1);
    assert_int_equal(all.repeated, THREADS * CASES_EACH - 1);
    assert_int_equal(fz_engine_size(s.f->e), all.done);
    assert_int_equal(last_number(s.f), THREADS * CASES_EACH + 1);
    end(&s);
}

/* One commit after the other fails, once at a time; whoever is told so orders again. */
static void test_queue__a_commit_that_fails_leaves_nothing(void **state)
{
    static const fz_fault faults[] = {FZ_FAULT_IO, FZ_FAULT_FULL, FZ_FAULT_LOST};

    for (size_t i = 0; i < FZ_COUNT(faults); i++)
        for (uint64_t at = 1; at <= 12; at++) {
            struct scene s;
            struct writer all;
            uint64_t opening;

            begin(&s, *state, 0, faults[i]);
            opening = fz_store_fault_calls(s.f->store);
            end(&s);
            begin(&s, *state, opening + at, faults[i]);
            all = run_writers(&s, 8);
            assert_true(all.failed > 0);
            assert_int_equal(all.done, 8 * CASES_EACH * 2 + 1);
            assert_int_equal(fz_engine_size(s.f->e), all.done);
            assert_int_equal(last_number(s.f), 8 * CASES_EACH + 1);
            end(&s);
        }
}

static void test_queue__posting_ahead(void **state)
{
    struct scene s;
    struct fz_error err;
    struct fz_answer a[40];
    uint64_t tickets[40];
    struct fz_order o;

    begin(&s, *state, 0, FZ_FAULT_IO);
    for (int i = 0; i < 40; i++) {
        o = receive("");
        assert_int_equal(fz_queue_post(s.q, &o, 1, 1000, &s.f->arena, &a[i], &tickets[i], &err), FZ_OK);
        assert_int_equal(a[i].kind, FZ_A_DONE);
        assert_int_equal(a[i].seq, i + 1);
        assert_true(i == 0 || tickets[i] >= tickets[i - 1]);
    }
    for (int i = 0; i < 40; i++)
        assert_int_equal(fz_queue_wait(s.q, tickets[i], &err), FZ_OK);
    o = FZ_ORDER(FZ_STR("accept"), day("2026-02-16"));
    o.record = a[0].record;
    o.if_version = 7;
    assert_int_equal(fz_queue_submit(s.q, &o, 1, 1000, &s.f->arena, &a[0], &err), FZ_OK);
    assert_int_equal(a[0].kind, FZ_A_CONFLICT);
    end(&s);
}

static void test_queue__the_law_acts_beside_them(void **state)
{
    struct scene s;
    struct fz_error err;
    struct fz_answer a;
    struct fz_order o;
    uint64_t n;

    begin(&s, *state, 0, FZ_FAULT_IO);
    for (int i = 0; i < 500; i++) {
        uint64_t ticket;

        o = receive("");
        assert_int_equal(fz_queue_post(s.q, &o, 1, 1000, &s.f->arena, &a, &ticket, &err), FZ_OK);
    }
    o = receive("");
    assert_int_equal(fz_queue_submit(s.q, &o, 1, 1000, &s.f->arena, &a, &err), FZ_OK);
    assert_int_equal(fz_queue_tick(s.q, day("2026-03-02"), 1000, &n, &err), FZ_OK);
    assert_int_equal(n, 501);
    assert_int_equal(fz_queue_tick(s.q, day("2026-03-02"), 1000, &n, &err), FZ_OK);
    assert_int_equal(n, 0);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_queue__many_writers_and_nothing_is_lost_or_doubled),
        T(test_queue__a_commit_that_fails_leaves_nothing),
        T(test_queue__posting_ahead),
        T(test_queue__the_law_acts_beside_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
