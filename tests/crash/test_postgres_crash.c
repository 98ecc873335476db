/*
 * What PostgreSQL's store owes when anything ends at any moment: every acknowledged batch is there, none is half there, and each answer is true.
 * A cluster of its own (tools/postgres.sh), which is killed with the rest.
 *
 *     relay     between store and server something forwards so many bytes and then closes both sides: every place of a batch, in both directions
 *     slow      the connection is lost while the server still waits for a lock, with COMMIT in its mailbox
 *     client    kill -9 of the process that commits, over and over
 *     server    processes of the server ended or killed, and the whole server stopped at once, while a child commits, looks and goes on
 *
 * usage: test_postgres_crash [ROUNDS]. FZ_SEED repeats the moments, as far as a machine can.
 */
#include "../support/support.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../support/batches.h"

static int rounds = 12;
static char cluster[90], server[200], through[200]; /* its folder, how to connect, how through the relay */

/* ---- the cluster ---- */

static bool tool(const char *words)
{
    char command[600];
    const char *root = getenv("FZ_ROOT");

    snprintf(command, sizeof(command), "'%s'/tools/postgres.sh %s >/dev/null", root ? root : ".", words);
    return system(command) == 0;
}

static bool tool_on(const char *verb, const char *folder_name, const char *rest)
{
    char words[300];

    snprintf(words, sizeof(words), "%s %s %s", verb, folder_name, rest);
    return tool(words);
}

static int start_cluster(void **state)
{
    (void)state;
    /* Beside the one of ./test, which removes both. */
    if (postgres_server() && sscanf(postgres_server(), "host=%80s", cluster) == 1) {
        strcat(cluster, "-crash");
        tool_on("remove", cluster, "");
        assert_true(tool_on("start", cluster, ""));
    }
    snprintf(server, sizeof(server), "host=%s user=fazhi dbname=postgres", cluster);
    return 0;
}

static int remove_cluster(void **state)
{
    (void)state;
    if (postgres_server())
        tool_on("remove", cluster, "");
    return 0;
}

#define NEEDS_SERVER()                                                                                                 \
    do {                                                                                                               \
        if (!postgres_server()) {                                                                                      \
            printf("# FZ_POSTGRES names no server\n");                                                                 \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

static fz_status open_at(const char *address, struct fz_store **out)
{
    FZ_TRY(fz_store_open_postgres(out, address, FZ_READ_WRITE, &err));
    return fz_store_declare(*out, all_tables, FZ_COUNT(all_tables), &err);
}

static struct fz_store *open_store(const char *address)
{
    struct fz_store *s = NULL;

    if (open_at(in_schema(address), &s) != FZ_OK)
        fail_msg("%s", err.text);
    return s;
}

static int64_t last_there(void)
{
    struct fz_store *s = open_store(server);
    int64_t n = last_batch(s);

    fz_store_close(s);
    return n;
}

static void name_schema(const char *name)
{
    snprintf(postgres_schema, sizeof(postgres_schema), "%s", name);
}

/* ---- the relay ---- */

/* Shared with its process. */
struct relay {
    volatile int64_t cut[2], seen[2]; /* bytes to the server [0] and back [1]: after how many both ends are closed (-1: never), and how many went by */
    volatile bool cut_now;
};

static struct relay *relay;
static pid_t relay_process;

static int listen_at(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
    fz_assert(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 8) == 0);
    return fd;
}

static int connect_to_server(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(a.sun_path, sizeof(a.sun_path), "%s/.s.PGSQL.5432", cluster);
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* What came from one side goes to the other, but no more than is let through. False: the end of this connection. */
static bool forward(int from, int to, int way)
{
    char bytes[4096];
    int64_t left = relay->cut[way] < 0 ? (int64_t)sizeof(bytes) : relay->cut[way] - relay->seen[way];
    ssize_t n = read(from, bytes, sizeof(bytes));

    if (n <= 0)
        return false;
    relay->seen[way] += n; /* first: who has the answer may ask at once how long it was */
    for (ssize_t at = 0, end = n < left ? n : left; at < end;) {
        ssize_t done = write(to, bytes + at, (size_t)(end - at));

        if (done <= 0)
            return false;
        at += done;
    }
    return relay->cut[way] < 0 || relay->seen[way] < relay->cut[way];
}

static void serve(int client)
{
    struct pollfd ends[2] = {{client, POLLIN, 0}, {connect_to_server(), POLLIN, 0}};
    bool on = ends[1].fd >= 0;

    while (on && !relay->cut_now) {
        if (poll(ends, 2, 10) < 0)
            break;
        for (int way = 0; on && way < 2; way++)
            if (ends[way].revents)
                on = forward(ends[way].fd, ends[!way].fd, way);
    }
    relay->cut[0] = relay->cut[1] = -1;
    relay->cut_now = false;
    close(client);
    if (ends[1].fd >= 0)
        close(ends[1].fd);
}

/* One connection at a time, which is all that a store has. */
static void start_relay(void)
{
    char path[100];
    int fd;

    relay = mmap(NULL, sizeof(*relay), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fz_assert(relay != MAP_FAILED);
    relay->cut[0] = relay->cut[1] = -1;
    strcpy(folder, "/tmp/fazhi-relay-XXXXXX"); /* the path of a socket is short */
    fz_assert(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", folder);
    fd = listen_at(path);
    fflush(NULL);
    relay_process = fork();
    if (relay_process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        for (;;)
            serve(accept(fd, NULL, NULL));
    }
    close(fd);
    snprintf(through, sizeof(through), "host=%s user=fazhi dbname=postgres", folder);
}

static void end_relay(void)
{
    fz_assert(relay_process > 0);
    kill(relay_process, SIGKILL);
    waitpid(relay_process, NULL, 0);
    munmap(relay, sizeof(*relay));
    remove_folder();
}

static void arm(int way, int64_t bytes)
{
    relay->seen[0] = relay->seen[1] = 0;
    relay->cut[way] = bytes;
}

struct answers {
    int64_t ok, failed, unsure_there, unsure_gone;
};

/* Batch n with the relay as it is armed. The store itself looks, over a connection that it makes anew; and a stranger, later. */
static int64_t one_answer(struct fz_store *s, int64_t n, struct answers *a)
{
    fz_status status = commit_batch(s, n);
    int64_t there;

    relay->cut[0] = relay->cut[1] = -1;
    there = last_batch(s);
    if (there != n && there != n - 1)
        fail_msg("batch %lld, %s: there is %lld (%s)", (long long)n, fz_status_id(status), (long long)there, err.text);
    if (status == FZ_OK ? there != n : status == FZ_E_IO ? there != n - 1 : status != FZ_E_UNSURE)
        fail_msg("batch %lld was answered %s, and there is %lld (%s)", (long long)n, fz_status_id(status), (long long)there, err.text);
    assert_int_equal(last_there(), there);
    a->ok += status == FZ_OK;
    a->failed += status == FZ_E_IO;
    a->unsure_there += status == FZ_E_UNSURE && there == n;
    a->unsure_gone += status == FZ_E_UNSURE && there == n - 1;
    return there + 1;
}

static void crash__cut_at_every_place_of_a_batch(void **state)
{
    struct answers a = {0};
    struct fz_store *s;
    int64_t n = 1, bytes[2];

    (void)state;
    NEEDS_SERVER();
    name_schema("cut");
    start_relay();
    s = open_store(through);
    n = one_answer(s, n, &a); /* statements are prepared */
    arm(0, -1);
    assert_int_equal(commit_batch(s, n++), FZ_OK);
    bytes[0] = relay->seen[0];
    bytes[1] = relay->seen[1];
    for (int way = 0; way < 2; way++)
        for (int64_t at = 0; at <= bytes[way] + 1; at += at + 300 < bytes[way] ? 1 + bytes[way] / 40 : 17) {
            assert_int_equal(last_batch(s), n - 1); /* connected, and prepared */
            assert_int_equal(commit_batch(s, n++), FZ_OK);
            arm(way, at);
            n = one_answer(s, n, &a);
        }
    printf("# cut in %lld bytes there and %lld back: %lld done, %lld failed, unsure and there %lld, unsure and not %lld\n", (long long)bytes[0],
           (long long)bytes[1], (long long)a.ok, (long long)a.failed, (long long)a.unsure_there, (long long)a.unsure_gone);
    fz_store_close(s);
    end_relay();
    assert_true(a.unsure_there > 3 && a.unsure_gone > 3);
}

/* Of a batch that does not fit into the window its COMMIT goes out late: lost before, it is certain that nothing was written. */
static void crash__cut_early_in_a_long_batch_is_no_doubt(void **state)
{
    enum { N = 3000 };
    static fz_cell cells[N][2];
    static struct fz_write writes[N];
    struct fz_store *s;
    int64_t bytes, certain = 0, unsure = 0;
    uint64_t n;

    (void)state;
    NEEDS_SERVER();
    name_schema("long");
    start_relay();
    s = open_store(through);
    for (int i = 0; i < N; i++) {
        cells[i][0] = I(i);
        cells[i][1] = S("t");
        writes[i] = (struct fz_write){FZ_ADD, &tag, cells[i]};
    }
    assert_int_equal(fz_store_commit(s, &(struct fz_batch){writes, N - 1}, &err), FZ_OK);
    for (int i = 0; i < N; i++)
        writes[i].kind = FZ_PUT;
    arm(0, -1);
    assert_int_equal(fz_store_commit(s, &(struct fz_batch){writes, N - 1}, &err), FZ_OK);
    bytes = relay->seen[0];
    for (int64_t at = 0; at < bytes; at += bytes / 13 + 1) {
        fz_status status;

        assert_int_equal(fz_store_count(s, &(struct fz_scan){.table = &tag, .index = -1}, &n, &err), FZ_OK);
        arm(0, at);
        status = fz_store_commit(s, &(struct fz_batch){writes, N}, &err);
        relay->cut[0] = -1;
        certain += status == FZ_E_IO;
        unsure += status == FZ_E_UNSURE;
        if (at < bytes / 2)
            assert_int_equal(status, FZ_E_IO);
        assert_int_equal(fz_store_count(s, &(struct fz_scan){.table = &tag, .index = -1}, &n, &err), FZ_OK);
        assert_int_equal(n, N - 1); /* its last bytes, COMMIT among them, never reached the server */
    }
    assert_true(certain > 5);
    printf("# %lld certain, %lld unsure\n", (long long)certain, (long long)unsure);
    fz_store_close(s);
    end_relay();
}

/* The server has all of the batch and waits for a row that somebody holds. The connection is lost, the store says that it is unsure, and once it has
 * looked the batch must not come after all. */
static void crash__what_is_under_way_has_ended_before_anybody_looks(void **state)
{
    struct fz_store *s;
    PGconn *holder;
    pid_t cutter;

    (void)state;
    NEEDS_SERVER();
    name_schema("slow");
    start_relay();
    s = open_store(through);
    assert_int_equal(commit_batch(s, 1), FZ_OK);
    holder = PQconnectdb(in_schema(server));
    PQclear(PQexec(holder, "BEGIN"));
    PQclear(PQexec(holder, "UPDATE \"order\" SET due = 1 WHERE place = 'state'"));
    fflush(NULL);
    cutter = fork();
    if (cutter == 0) {
        wait_us(300000);
        relay->cut_now = true;
        _exit(0);
    }
    assert_int_equal(commit_batch(s, 2), FZ_E_UNSURE);
    waitpid(cutter, NULL, 0);
    assert_int_equal(last_batch(s), 1);
    PQclear(PQexec(holder, "ROLLBACK"));
    PQfinish(holder);
    wait_us(100000);
    assert_int_equal(last_there(), 1);
    assert_int_equal(commit_batch(s, 2), FZ_OK);
    assert_int_equal(last_there(), 2);
    fz_store_close(s);
    end_relay();
}

/* ---- the client is killed ---- */

static void commit_for_ever(int acks, int64_t from, int64_t arg)
{
    struct fz_store *s;

    (void)arg;
    if (open_at(in_schema(server), &s) != FZ_OK)
        _exit(FAILED);
    for (int64_t n = from;; n++) {
        if (commit_batch(s, n) != FZ_OK)
            _exit(FAILED);
        acknowledge(acks, n);
    }
}

/* What a killed client has sent the server still does. */
static void wait_until_alone(void)
{
    for (int i = 0; i < 500; i++) {
        if (strcmp(postgres_by_hand(server, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fazhi'"), "0") == 0)
            return;
        wait_us(10000);
    }
    fail_msg("the server's processes do not end");
}

static void crash__kill_the_client_at_any_moment(void **state)
{
    int64_t have = 0, more = 0;

    (void)state;
    NEEDS_SERVER();
    name_schema("client");
    for (int i = 0; i < rounds; i++) {
        struct child c = start(commit_for_ever, have + 1, 0);
        int64_t acked, there;

        wait_us(pick(4) ? pick(120000) : pick(20000));
        kill(c.pid, SIGKILL);
        assert_int_equal(exit_of(c), -SIGKILL);
        acked = last_ack(c.acks, have);
        wait_until_alone();
        there = last_there();
        if (there != acked && there != acked + 1)
            fail_msg("kill %d: acknowledged to %lld, there is %lld", i, (long long)acked, (long long)there);
        more += there > acked;
        have = there;
    }
    printf("# %d kills, %lld batches, %lld of them there without acknowledgement\n", rounds, (long long)have, (long long)more);
    assert_true(have > 0);
}

/* ---- the server is ---- */

static volatile bool *enough;

/* Looks until it can: a server that starts again takes its time. */
static int64_t look(struct fz_store *s)
{
    int64_t n = UNREADABLE;

    for (int i = 0; i < 100 && n == UNREADABLE; i++)
        n = last_batch(s);
    return n;
}

static struct fz_store *open_in_the_end(void)
{
    struct fz_store *s = NULL;

    for (int i = 0; i < 100; i++) {
        if (open_at(in_schema(server), &s) == FZ_OK)
            return s;
        fz_store_close(s);
        s = NULL;
        wait_us(50000);
    }
    _exit(FAILED);
}

/* Every answer is held against what is there; a batch that is not there is sent again under the same number. Exits 0 when told. */
static void commit_through_trouble(int acks, int64_t from, int64_t arg)
{
    struct fz_store *s = open_in_the_end();

    (void)arg;
    for (int64_t n = from; !*enough;) {
        fz_status status = commit_batch(s, n);
        int64_t there = status == FZ_OK ? n : look(s);

        if (status != FZ_OK && status != FZ_E_IO && status != FZ_E_UNSURE)
            _exit(FAILED + 1);
        if (there != n && there != n - 1)
            _exit(FAILED + 2);
        if (status == FZ_E_IO && there == n)
            _exit(FAILED + 3);
        acknowledge(acks, status == FZ_OK ? n : status == FZ_E_UNSURE ? -n : 0);
        n = there + 1;
    }
    fz_store_close(s);
    _exit(0);
}

/* What a server that may be starting again just now says, or "". */
static const char *ask_server(const char *sql)
{
    static char answer[40];
    PGconn *c = PQconnectdb(server);
    PGresult *r = PQexec(c, sql);

    snprintf(answer, sizeof(answer), "%s", PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    PQfinish(c);
    return answer;
}

/* pg_terminate_backend, kill -9 of the process behind the connection (the server then starts all anew), or the whole server at once. */
static void make_trouble(uint32_t kind)
{
    if (kind == 0) {
        ask_server("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'fazhi'");
    } else if (kind == 1) {
        long pid = atol(ask_server("SELECT max(pid) FROM pg_stat_activity WHERE application_name = 'fazhi'"));

        if (pid > 0)
            kill((pid_t)pid, SIGKILL);
    } else {
        tool_on("stop", cluster, "immediate");
        assert_true(tool_on("start", cluster, ""));
    }
}

static void wait_for_server(void)
{
    for (int i = 0; i < 400; i++) {
        PGconn *c = PQconnectdb(server);
        bool ok = PQstatus(c) == CONNECTION_OK;

        PQfinish(c);
        if (ok)
            return;
        wait_us(20000);
    }
    fail_msg("the server does not come back");
}

static void crash__the_server_ends_at_any_moment(void **state)
{
    struct child c;
    int64_t acked = 0, counts[3] = {0}, last = 0;

    (void)state;
    NEEDS_SERVER();
    name_schema("server");
    enough = mmap(NULL, sizeof(*enough), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    c = start(commit_through_trouble, 1, 0);
    for (int i = 0; i < rounds; i++) {
        wait_us(100000 + pick(150000));
        make_trouble(pick(3) == 0 ? 2 : pick(2));
        wait_for_server();
    }
    wait_us(200000);
    *enough = true;
    for (int64_t n; read(c.acks, &n, sizeof(n)) == sizeof(n);) {
        counts[n > 0 ? 0 : n < 0 ? 1 : 2]++;
        acked = n > 0 ? n : acked;
        last = n < 0 ? -n : n > 0 ? n : last;
    }
    close(c.acks);
    assert_int_equal(exit_of(c), 0);
    assert_in_range(last_there(), acked, last > acked ? last : acked);
    printf("# %d times: %lld batches, %lld answers unsure, %lld failed\n", rounds, (long long)counts[0], (long long)counts[1], (long long)counts[2]);
    assert_true(counts[0] > 0 && counts[1] + counts[2] > 0);
    munmap((void *)enough, sizeof(*enough));
}

/* ---- a server that forgets ---- */

static void crash__a_server_that_does_not_sync_is_refused(void **state)
{
    char other[160], address[240];
    struct fz_store *s = NULL;

    (void)state;
    NEEDS_SERVER();
    name_schema("forgetful");
    snprintf(other, sizeof(other), "%s-off", cluster);
    assert_true(tool_on("start", other, "fsync=off"));
    snprintf(address, sizeof(address), "host=%s user=fazhi dbname=postgres", other);
    assert_int_equal(fz_store_open_postgres(&s, address, FZ_READ_WRITE, &err), FZ_E_IO);
    assert_non_null(strstr(err.text, "fsync"));
    tool_on("remove", other, "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crash__cut_at_every_place_of_a_batch),
        cmocka_unit_test(crash__cut_early_in_a_long_batch_is_no_doubt),
        cmocka_unit_test(crash__what_is_under_way_has_ended_before_anybody_looks),
        cmocka_unit_test(crash__kill_the_client_at_any_moment),
        cmocka_unit_test(crash__the_server_ends_at_any_moment),
        cmocka_unit_test(crash__a_server_that_does_not_sync_is_refused),
    };

    if (argc > 1)
        rounds = atoi(argv[1]);
    signal(SIGPIPE, SIG_IGN);
    seed_from_environment();
    return cmocka_run_group_tests_name("postgres crash", tests, start_cluster, remove_cluster);
}
