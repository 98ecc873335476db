#include "cli/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report/figures.h"

#define FOLDER_FORMAT 2 /* 1: without a line `db`, which an older version would overlook */
#define DB_BYTES_MAX 2048
#define FOLDER_BYTES_MAX 65536 /* a line a pack and a notice */
#define PACK_TAG "pack "
#define SYNTHETIC_NOW_MS INT64_C(1767225600000) /* 2026-01-01 */
#define CHINA_MS (8 * 3600 * 1000)              /* Beijing time has no summer time */

static char *path_in(struct fz_arena *a, const char *folder, const char *name)
{
    return fz_str_z(a, fz_str_printf(a, "%s/%s", folder, name));
}

/* ---- making ---- */

static fz_status write_file(const char *path, fz_str text, struct fz_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok;

    if (fd < 0)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", path, strerror(errno));
    ok = write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
    ok &= close(fd) == 0;
    return ok ? FZ_OK : fz_fail(err, FZ_E_IO, "%s: %s", path, strerror(errno));
}

static bool is_code(fz_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!fz_is_digit(s.p[i]))
            return false;
    return s.n == 2 || s.n == 4 || s.n == 6 || s.n == 9 || s.n == 12;
}

/* Opened once by the one who makes it, so that its tables are there for those who only read. */
static fz_status first_opening(const char *path, struct fz_error *err)
{
    struct fz_folder f;
    fz_status s = fz_folder_open(&f, path, FZ_READ_WRITE, FZ_EN, err);

    fz_folder_close(&f);
    return s;
}

static fz_status check_db(const char *db, struct fz_error *err)
{
    if (strlen(db) > DB_BYTES_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "the address of a database has at most %d bytes", DB_BYTES_MAX);
    return fz_store_check_conninfo(db, err);
}

static fz_hash digest_of(struct fz_crypto *crypto, fz_str text)
{
    return fz_hash_of((fz_hasher){crypto, FZ_SM3}, &text, 1);
}

/* "packs/NAME-VERSION.yaml" in the folder, and its line of `folder`. */
static fz_status publish(const char *path, const struct fz_pack_file *f, struct fz_crypto *crypto, struct fz_arena *arena, struct fz_buf *lines, struct fz_error *err)
{
    char day[FZ_DAY_TEXT], hex[FZ_HASH_HEX];
    fz_str name = fz_str_printf(arena, "packs/%.*s-%s.yaml", FZ_STR_ARG(f->pack->name), fz_day_text(f->pack->version, day));
    fz_hash digest = digest_of(crypto, f->source.text);

    FZ_TRY(write_file(path_in(arena, path, name.p), f->source.text, err));
    fz_buf_printf(lines, PACK_TAG "%s %s\n", name.p, fz_hash_hex(&digest, hex));
    return FZ_OK;
}

static fz_status publish_all(const char *path, const struct fz_pack_file *packs, size_t packs_n, struct fz_arena *arena, struct fz_buf *lines, struct fz_error *err)
{
    struct fz_crypto *crypto;
    fz_status s = FZ_OK;

    if (packs_n == 0)
        return FZ_OK;
    if (mkdir(path_in(arena, path, "packs"), 0700) != 0 && errno != EEXIST)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", path_in(arena, path, "packs"), strerror(errno));
    FZ_TRY(fz_crypto_new(&crypto, err));
    for (size_t i = 0; s == FZ_OK && i < packs_n; i++)
        s = publish(path, &packs[i], crypto, arena, lines, err);
    fz_crypto_free(crypto);
    return s;
}

static fz_str folder_text(const struct fz_folder_plan *plan, const struct fz_buf *packs, struct fz_arena *arena)
{
    const char *db = plan->db;

    return fz_str_printf(arena, "fazhi %d\njurisdiction %.*s\nhash %s\nsynthetic %s\n%s%s%s%s", db ? FOLDER_FORMAT : 1, FZ_STR_ARG(plan->jurisdiction),
                         fz_hash_kind_id(plan->hash), plan->synthetic ? "yes" : "no", db ? "db " : "", db ? db : "", db ? "\n" : "", packs->n ? packs->p : "");
}

/* The file `folder` comes last: without it there is none yet. */
static fz_status write_folder(const char *path, const struct fz_folder_plan *plan, struct fz_error *err)
{
    struct fz_arena arena;
    struct fz_buf packs = {0};
    fz_status s = FZ_OK;

    fz_arena_init(&arena);
    if (access(path_in(&arena, path, "folder"), F_OK) == 0)
        s = fz_fail(err, FZ_E_INPUT, "%s: %s", path_in(&arena, path, "folder"), strerror(EEXIST));
    if (s == FZ_OK)
        s = publish_all(path, plan->packs, plan->packs_n, &arena, &packs, err);
    if (s == FZ_OK)
        s = write_file(path_in(&arena, path, "folder"), folder_text(plan, &packs, &arena), err);
    fz_buf_release(&packs);
    fz_arena_release(&arena);
    return s;
}

fz_status fz_folder_init(const char *path, const struct fz_folder_plan *plan, struct fz_error *err)
{
    if (!is_code(plan->jurisdiction))
        return fz_fail(err, FZ_E_USAGE, "a place is a code of GB/T 2260 (2, 4, 6, 9 or 12 digits), not '%.*s'", FZ_STR_ARG(plan->jurisdiction));
    if (plan->db)
        FZ_TRY(check_db(plan->db, err));
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", path, strerror(errno));
    FZ_TRY(write_folder(path, plan, err));
    return first_opening(path, err);
}

/* ---- opening ---- */

static fz_str line_of(fz_str text, const char *key)
{
    while (text.n) {
        const char *nl = memchr(text.p, '\n', text.n);
        fz_str line = {text.p, nl ? (size_t)(nl - text.p) : text.n};
        size_t n = strlen(key);

        if (fz_str_starts(line, key) && line.n > n && line.p[n] == ' ')
            return (fz_str){line.p + n + 1, line.n - n - 1};
        text.p += line.n + (nl != NULL);
        text.n -= line.n + (nl != NULL);
    }
    return (fz_str){0};
}

static fz_status read_folder(struct fz_folder *f, const char *path, struct fz_error *err)
{
    const char *name = path_in(&f->packs.arena, path, "folder");
    fz_str text;
    int64_t format;

    if (access(name, F_OK) != 0)
        return fz_fail(err, FZ_E_INPUT, "%s is no data folder; `fazhi init %s --place CODE` makes one", path, path);
    f->path = fz_str_z(&f->packs.arena, fz_str_of(path));
    FZ_TRY(fz_cli_read_file(&f->packs.arena, name, FOLDER_BYTES_MAX, &text, err));
    f->text = text;
    if (!fz_str_int(line_of(text, "fazhi"), &format))
        return fz_fail(err, FZ_E_INPUT, "%s: this is no data folder of fazhi", name);
    if (format > FOLDER_FORMAT)
        return fz_fail(err, FZ_E_INPUT, "%s: made by a newer version (format %lld, this one knows %d); nothing was touched", name, (long long)format, FOLDER_FORMAT);
    f->jurisdiction = line_of(text, "jurisdiction");
    f->db = line_of(text, "db");
    f->synthetic = fz_str_is(line_of(text, "synthetic"), "yes");
    if (!is_code(f->jurisdiction) || !fz_hash_kind_of(line_of(text, "hash"), &f->hash))
        return fz_fail(err, FZ_E_INPUT, "%s: its place or hash cannot be read", name);
    return FZ_OK;
}

static void fill_random(void *arg, uint8_t *out, size_t n)
{
    fz_folder_random(arg, out, n);
}

bool fz_folder_random(void *folder, void *to, size_t n)
{
    struct fz_folder *f = folder;
    bool synthetic = f && f->synthetic;
    uint8_t *out = to;

    for (size_t i = 0; synthetic && i < n; i++) {
        f->random = f->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        out[i] = (uint8_t)(f->random >> 56);
    }
    while (!synthetic && n) {
        ssize_t got = getrandom(out, n, 0);

        fz_assert(got > 0 || errno == EINTR);
        out += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

void fz_folder_renew_salts(struct fz_folder *f, uint64_t size)
{
    f->random = size;
}

static fz_status calendar_of(void *arg, fz_str name, const struct fz_calendar **out, struct fz_error *err)
{
    return fz_own_calendar(arg, name, out, err);
}

static fz_status open_store(struct fz_folder *f, fz_store_mode mode, struct fz_store **out, struct fz_error *err)
{
    if (f->db.n)
        return fz_store_open_postgres(out, fz_str_z(&f->packs.arena, f->db), mode, err);
    return fz_store_open_sqlite(out, f->store_path, mode, err);
}

static fz_status open_reader(void *folder, struct fz_store **out, struct fz_error *err)
{
    return open_store(folder, FZ_READ_ONLY, out, err);
}

static struct fz_setting setting_of(struct fz_folder *f)
{
    const struct fz_pack **packs = FZ_NEW_ARRAY(&f->packs.arena, const struct fz_pack *, f->packs.n);
    struct fz_setting set = {.hasher = {f->crypto, f->hash}, .jurisdiction = f->jurisdiction, .packs = packs, .calendar = calendar_of,
                             .calendar_arg = f, .random = {fill_random, f}, .tables = &f->packs.arena};

    for (size_t i = 0; i < f->packs.n; i++)
        if (f->packs.items[i].pack)
            packs[set.packs_n++] = f->packs.items[i].pack;
    return set;
}

static fz_status open_engine(struct fz_folder *f, fz_language lang, struct fz_error *err)
{
    struct fz_setting set = setting_of(f);

    set.store = f->store;
    set.reader = f->reader;
    set.lang = lang;
    set.threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    set.more = open_reader;
    set.more_arg = f;
    set.moved = fz_store_is_shared(f->store) ? fz_own_moved : NULL;
    set.moved_arg = f;
    FZ_TRY(fz_engine_open(&f->engine, &set, err));
    FZ_TRY(fz_figures_declare(f->store, err));
    fz_folder_renew_salts(f, fz_engine_size(f->engine));
    return FZ_OK;
}

fz_status fz_folder_engine_over(struct fz_folder *f, struct fz_store *store, struct fz_engine **out, struct fz_error *err)
{
    struct fz_setting set = setting_of(f);

    set.store = store;
    return fz_engine_open(out, &set, err);
}

/* ---- moving ---- */

static void add_line(struct fz_buf *out, fz_str line)
{
    fz_buf_add(out, line);
    fz_buf_addc(out, '\n');
}

static fz_str text_with_db(fz_str text, const char *db, struct fz_arena *arena)
{
    struct fz_buf out = {0};
    fz_str s;

    while (text.n) {
        const char *nl = memchr(text.p, '\n', text.n);
        fz_str line = {text.p, nl ? (size_t)(nl - text.p) : text.n};

        if (fz_str_starts(line, "fazhi "))
            fz_buf_printf(&out, "fazhi %d\n", db ? FOLDER_FORMAT : 1);
        else if (!fz_str_starts(line, "db "))
            add_line(&out, line);
        if (db && fz_str_starts(line, "synthetic "))
            fz_buf_printf(&out, "db %s\n", db);
        text.p += line.n + (nl != NULL);
        text.n -= line.n + (nl != NULL);
    }
    s = fz_str_copy(arena, fz_buf_str(&out));
    fz_buf_release(&out);
    return s;
}

fz_status fz_folder_say_db(const char *path, const char *db, struct fz_error *err)
{
    struct fz_arena arena;
    fz_str text;
    fz_status s = db ? check_db(db, err) : FZ_OK;

    fz_arena_init(&arena);
    if (s == FZ_OK)
        s = fz_cli_read_file(&arena, path_in(&arena, path, "folder"), FOLDER_BYTES_MAX, &text, err);
    if (s == FZ_OK)
        s = fz_cli_replace_file(path_in(&arena, path, "folder"), text_with_db(text, db, &arena), err);
    fz_arena_release(&arena);
    return s;
}

/* ---- opened ---- */

fz_status fz_folder_open(struct fz_folder *f, const char *path, fz_store_mode mode, fz_language lang, struct fz_error *err)
{
    FZ_TRY(fz_folder_open_as_is(f, path, mode, lang, err));
    if (mode == FZ_READ_ONLY)
        return FZ_OK;
    FZ_TRY(fz_own_finish(f, err));
    return fz_own_check(f, err);
}

fz_status fz_folder_open_as_is(struct fz_folder *f, const char *path, fz_store_mode mode, fz_language lang, struct fz_error *err)
{
    *f = (struct fz_folder){.crypto = NULL};
    fz_packs_init(&f->packs);
    FZ_TRY(read_folder(f, path, err));
    FZ_TRY(fz_crypto_new(&f->crypto, err));
    FZ_TRY(fz_own_packs(f, err));
    f->store_path = path_in(&f->packs.arena, path, "log.db");
    FZ_TRY(open_store(f, mode, &f->store, err));
    if (mode == FZ_READ_WRITE)
        FZ_TRY(open_reader(f, &f->reader, err));
    return open_engine(f, lang, err);
}

void fz_folder_close(struct fz_folder *f)
{
    fz_engine_close(f->engine);
    fz_store_close(f->reader);
    fz_store_close(f->store);
    fz_crypto_free(f->crypto);
    fz_own_change(f);
    fz_own_forget(f);
    fz_packs_release(&f->packs);
}

fz_status fz_folder_run(struct fz_cli *cli, const void *options, size_t args, fz_store_mode mode,
                        fz_status (*run)(struct fz_cli *cli, const void *options, struct fz_folder *f))
{
    struct fz_folder f;
    fz_status s;

    if (cli->args.n < args)
        return fz_fail(&cli->err, FZ_E_USAGE, args == 1 ? "which data folder?" : "which data folder, and which record?");
    s = fz_folder_open(&f, cli->args.items[0], mode, cli->lang, &cli->err);
    if (s == FZ_OK)
        s = run(cli, options, &f);
    fz_folder_close(&f);
    return s;
}

static fz_status look_at_place(void *arg, const fz_cell *cells, struct fz_error *err)
{
    const struct fz_folder *f = arg;
    fz_str place = cells[FZ_ENTRY_JURISDICTION].s;

    if (fz_str_eq(place, f->jurisdiction))
        return FZ_OK;
    return fz_fail(err, FZ_E_INPUT, "the database holds the log of %.*s as well; its tables lie among those of %.*s and would be dropped with them", FZ_STR_ARG(place),
                   FZ_STR_ARG(f->jurisdiction));
}

/* The first and the last of all entries: what lies between two of one place is of that place. */
fz_status fz_folder_is_alone(const struct fz_folder *f, struct fz_error *err)
{
    for (int way = 0; way < 2; way++)
        FZ_TRY(fz_store_scan(f->store, &(struct fz_scan){.table = &fz_table_entry, .index = -1, .backwards = way, .limit = 1}, look_at_place, (void *)f, err));
    return FZ_OK;
}

const char *fz_folder_file(struct fz_folder *f, const char *name)
{
    return path_in(&f->packs.arena, f->path, name);
}

fz_status fz_folder_scrub(struct fz_folder *f, struct fz_error *err)
{
    static const struct fz_table *const personal[] = {&fz_table_private, &fz_table_locked};
    bool whole;

    FZ_TRY(fz_store_scrub(f->store, personal, FZ_COUNT(personal), &whole, err));
    if (!whole)
        fprintf(stderr, "fazhi: the tables are clean; the server's own log and its copies are not ours to clean (doc/postgresql.md)\n");
    return FZ_OK;
}

/* ---- time ---- */

int64_t fz_folder_now_ms(const struct fz_folder *f)
{
    struct timespec t;

    if (f->synthetic)
        return SYNTHETIC_NOW_MS;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

fz_day fz_folder_today(const struct fz_folder *f)
{
    return (fz_day)((fz_folder_now_ms(f) + CHINA_MS) / (24 * 3600 * 1000));
}
