/*
 * `fazhi backup` and `fazhi restore`: a data folder as one file, and back. The log in it is always a file of SQLite's: of a folder that has such a one a
 * copy with all its tables, of one in PostgreSQL the log alone, whose tables are made anew by whoever restores it.
 *
 * A log that is restored into PostgreSQL comes there in many commits. Until it is whole a row of the table `restoring` says so, and the place is held: what
 * a process that was killed has left is cleared by the next one.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/archive.h"
#include "cli/erasures.h"
#include "cli/own.h"
#include "engine/copy.h"

#define RESTORED_FILE "restored"
#define HEADS "heads"

/* ---- what is in a folder ---- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_shown(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

/* A head that the copied log does not have yet is no part of this backup. */
static bool is_of_log(const char *folder, const char *name, int64_t size)
{
    int64_t of;
    const char *dot = strchr(name, '.');

    return strcmp(folder, HEADS) != 0 || !dot || !fz_str_int((fz_str){name, (size_t)(dot - name)}, &of) || of <= size;
}

/* Plain files of a subfolder and those in its own ones. */
static fz_status add_folder(struct fz_archive *a, struct fz_folder *f, const char *folder, struct fz_error *err)
{
    struct dirent **entries;
    int n = scandir(fz_folder_file(f, folder), &entries, is_shown, by_name);
    fz_status s = FZ_OK;

    if (n < 0)
        return errno == ENOENT ? FZ_OK : fz_fail(err, FZ_E_IO, "%s: %s", fz_folder_file(f, folder), strerror(errno));
    for (int i = 0; i < n; i++) {
        char *name = fz_str_z(a->arena, fz_str_printf(a->arena, "%s/%s", folder, entries[i]->d_name));
        const char *path = fz_folder_file(f, name);
        struct stat st;

        if (s == FZ_OK && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            s = add_folder(a, f, name, err);
        else if (s == FZ_OK && S_ISREG(st.st_mode) && !fz_str_ends(fz_str_of(name), ".part") &&
                 is_of_log(folder, entries[i]->d_name, a->size))
            s = fz_archive_add(a, name, path, false, err);
        free(entries[i]);
    }
    free(entries);
    return s;
}

/* ---- backup ---- */

struct backup_options {
    bool with_keys;
};

/* Where the copy of the log ends. Without its tables it is opened to write, for an engine wants some, were they empty. */
static fz_status look_at_copy(struct fz_folder *f, struct fz_archive *a, const char *copy, struct fz_error *err)
{
    struct fz_store *store;
    struct fz_engine *e = NULL;
    char hex[FZ_HASH_HEX];
    fz_hash root;
    fz_status s;

    FZ_TRY(fz_store_open_sqlite(&store, copy, a->tables ? FZ_READ_ONLY : FZ_READ_WRITE, err));
    s = fz_folder_engine_over(f, store, &e, err);
    if (s == FZ_OK) {
        root = fz_engine_root(e);
        a->size = (int64_t)fz_engine_size(e);
        a->root = fz_str_copy(a->arena, fz_str_of(fz_hash_hex(&root, hex)));
    }
    fz_engine_close(e);
    fz_store_close(store);
    return s;
}

static fz_status copy_log(struct fz_folder *f, struct fz_archive *a, const char *copy, struct fz_error *err)
{
    struct fz_store *to;
    fz_status s;

    a->tables = !f->db.n;
    if (a->tables)
        return fz_store_backup(f->store, copy, err);
    FZ_TRY(fz_store_open_sqlite(&to, copy, FZ_READ_WRITE, err));
    s = fz_log_copy(f->store, to, f->jurisdiction, err);
    fz_store_close(to);
    return s;
}

/* The log first: what is published later than it is at most more than it knows. */
static fz_status gather(struct fz_folder *f, const struct backup_options *o, struct fz_archive *a, const char *copy,
                        struct fz_error *err)
{
    static const char *const folders[] = {HEADS, "packs", "calendars", "keys"};

    FZ_TRY(copy_log(f, a, copy, err));
    FZ_TRY(look_at_copy(f, a, copy, err));
    FZ_TRY(fz_archive_add(a, "log.db", copy, false, err));
    FZ_TRY(fz_archive_add(a, "folder", fz_folder_file(f, "folder"), false, err));
    FZ_TRY(fz_archive_add(a, FZ_ERASURES_FILE, fz_folder_file(f, FZ_ERASURES_FILE), true, err));
    for (size_t i = 0; i < FZ_COUNT(folders) - !o->with_keys; i++)
        FZ_TRY(add_folder(a, f, folders[i], err));
    return FZ_OK;
}

static fz_status back_up(struct fz_cli *cli, const struct backup_options *o, struct fz_folder *f, const char *file,
                         const char *copy)
{
    char *real = realpath(f->path, NULL);
    struct fz_archive a = {.arena = &f->packs.arena,
                           .crypto = f->crypto,
                           .jurisdiction = f->jurisdiction,
                           .hash = f->hash,
                           .made_ms = fz_folder_now_ms(f),
                           .keys = o->with_keys,
                           .from = fz_str_copy(&f->packs.arena, fz_str_of(real ? real : f->path))};

    free(real);
    FZ_TRY(gather(f, o, &a, copy, &cli->err));
    FZ_TRY(fz_archive_write(&a, file, &cli->err));
    fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "%s：%lld条，根 %.*s%s\n" : "%s: %lld entries, root %.*s%s\n", file,
                  (long long)a.size, FZ_STR_ARG(a.root),
                  a.keys ? cli->lang == FZ_ZH ? "，含私钥" : ", with private keys" : "");
    return FZ_OK;
}

/* With what SQLite lays beside it. */
static void remove_copy(struct fz_folder *f, const char *copy)
{
    static const char *const names[] = {"", "-wal", "-shm", "-lock"};

    for (size_t i = 0; i < FZ_COUNT(names); i++)
        unlink(fz_str_printf(&f->packs.arena, "%s%s", copy, names[i]).p);
}

static fz_status backup_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const char *file = cli->args.items[1], *copy;
    fz_status s;

    if (access(file, F_OK) == 0)
        return fz_fail(&cli->err, FZ_E_EXISTS, "%s: there is a file already; a backup replaces none", file);
    copy = fz_str_printf(&f->packs.arena, "%s.%ld.db.part", file, (long)getpid()).p;
    remove_copy(f, copy);
    s = back_up(cli, options, f, file, copy);
    remove_copy(f, copy);
    return s;
}

static fz_status backup_run(struct fz_cli *cli, const void *options)
{
    if (cli->args.n != 2)
        return fz_fail(&cli->err, FZ_E_USAGE, "backup takes DIR and FILE");
    return fz_folder_run(cli, options, 2, FZ_READ_ONLY, backup_here);
}

static const struct fz_opt backup_options[] = {
    FZ_OPTION_FLAG(struct backup_options, with_keys, "with-keys",
                   "with the private keys: whoever has the file can then sign as this log"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_backup = {.name = "backup",
                                         .args = "DIR FILE",
                                         .summary = "a folder as one file, while others write on",
                                         .exits = "0 made, 2 usage or the file is there, 3 failure",
                                         .options = backup_options,
                                         .options_bytes = sizeof(struct backup_options),
                                         .run = backup_run};

/* ---- restore ---- */

struct restore_options {
    const char *erasures, *by, *db;
};

struct restoring {
    struct fz_cli *cli;
    const struct restore_options *o;
    struct fz_archive a;
    struct fz_folder f;
    uint64_t again;
    size_t beyond; /* heads that were given out over more entries than it has */
    bool ours;     /* what the database has of this place is from here, or from an attempt before */
    bool unclean;  /* what was erased again is still to be cleaned: somebody reads there */
};

/* ---- the log into PostgreSQL ---- */

/* restoring: jurisdiction | since: there is a log of this place that is not whole yet */
static const struct fz_column restoring_columns[] = {{"jurisdiction", FZ_COL_TEXT}, {"since", FZ_COL_INT}};
static const struct fz_table restoring_table = {"restoring", restoring_columns, 2, 1, NULL, 0};
static const struct fz_table *const restoring_tables[] = {&restoring_table};

static fz_status mark(struct restoring *r, fz_write_kind kind, struct fz_error *err)
{
    fz_cell row[] = {FZ_CELL_OF(r->f.jurisdiction), FZ_CELL_OF_INT(r->a.made_ms)};

    return fz_store_commit(r->f.store, &(struct fz_batch){&(struct fz_write){kind, &restoring_table, row}, 1}, err);
}

/* Nothing of this place may be there, but what an earlier attempt has left. */
static fz_status make_room(struct restoring *r)
{
    fz_cell key[] = {FZ_CELL_OF(r->f.jurisdiction)}, *row;
    struct fz_scan scan = {.table = &fz_table_entry, .index = -1, .prefix = key, .prefix_n = 1};
    struct fz_error *err = &r->cli->err;
    uint64_t n;
    bool found;

    FZ_TRY(fz_store_get(r->f.store, &restoring_table, key, &r->f.packs.arena, &row, &found, err));
    if (found) {
        r->ours = true;
        return fz_log_discard(r->f.engine, err);
    }
    FZ_TRY(fz_store_count(r->f.store, &scan, &n, err));
    if (n)
        return fz_fail(err, FZ_E_EXISTS,
                       "%s: the log of %.*s is there already, with %llu entries; a log is restored where none is",
                       r->o->db, FZ_STR_ARG(r->f.jurisdiction), (unsigned long long)n);
    FZ_TRY(mark(r, FZ_PUT, err));
    r->ours = true;
    return FZ_OK;
}

static fz_status fill_database(struct restoring *r)
{
    const char *copy = fz_folder_file(&r->f, "log.db");
    fz_cell place = FZ_CELL_OF(r->f.jurisdiction);
    struct fz_store *from;
    fz_status s;

    FZ_TRY(fz_store_declare(r->f.store, restoring_tables, 1, &r->cli->err));
    FZ_TRY(fz_store_hold(r->f.store, &place, &r->cli->err));
    FZ_TRY(make_room(r));
    FZ_TRY(fz_store_open_sqlite(&from, copy, FZ_READ_ONLY, &r->cli->err));
    s = fz_log_copy(from, r->f.store, r->f.jurisdiction, &r->cli->err);
    fz_store_close(from);
    return s;
}

/* Takes away what a failure has left, as far as the database still answers; the mark of what it has not stays. */
static fz_status leave_database(struct restoring *r, fz_status s)
{
    struct fz_error kept = r->cli->err;

    if (!r->f.store || !fz_store_holds(r->f.store))
        return s;
    if (s == FZ_OK)
        s = mark(r, FZ_REMOVE, &kept);
    else if (r->ours && fz_log_discard(r->f.engine, NULL) == FZ_OK)
        (void)mark(r, FZ_REMOVE, NULL);
    fz_store_let_go(r->f.store);
    r->cli->err = kept;
    return s;
}

/* The copy with what SQLite lays beside it: in a folder whose log is elsewhere it is of no use, and holds personal values. */
static void remove_log_file(struct restoring *r)
{
    static const char *const names[] = {"log.db", "log.db-wal", "log.db-shm", "log.db-lock"};

    for (size_t i = 0; i < FZ_COUNT(names); i++)
        unlink(fz_folder_file(&r->f, names[i]));
}

static fz_status make_tables(struct restoring *r)
{
    uint64_t n;

    if (r->a.tables && !r->o->db)
        return FZ_OK;
    return fz_engine_rebuild(r->f.engine, &n, &r->cli->err);
}

/* ---- proving, and catching up ---- */

/* Whole, and ending where the manifest says. */
static fz_status verify_restored(struct restoring *r)
{
    struct fz_verdict v;
    char hex[FZ_HASH_HEX];

    if (!fz_str_eq(r->f.jurisdiction, r->a.jurisdiction) || r->f.hash != r->a.hash)
        return fz_fail(&r->cli->err, FZ_E_INPUT, "the folder in the backup is not the one that its manifest speaks of");
    FZ_TRY(fz_engine_verify(r->f.engine, &r->f.packs.arena, &v, &r->cli->err));
    if (v.n)
        return fz_fail(&r->cli->err, FZ_E_INPUT, "the log in the backup is not sound: %.*s (%llu problems)",
                       FZ_STR_ARG(v.items[0].text), (unsigned long long)(v.n + v.more));
    if ((int64_t)v.entries != r->a.size || !fz_str_is(r->a.root, fz_hash_hex(&v.root, hex)))
        return fz_fail(&r->cli->err, FZ_E_INPUT,
                       "the log in the backup ends at entry %llu with root %s, and its manifest says %lld and %.*s",
                       (unsigned long long)v.entries, hex, (long long)r->a.size, FZ_STR_ARG(r->a.root));
    return FZ_OK;
}

/* The next entry says where it came from. */
static fz_status enter_restoration(struct restoring *r)
{
    struct fz_arena *arena = &r->f.packs.arena;
    fz_day made = (fz_day)((r->a.made_ms + INT64_C(8) * 3600 * 1000) / (INT64_C(24) * 3600 * 1000)); /* Beijing time */
    char day[FZ_DAY_TEXT];
    struct fz_named_value v[] = {{FZ_STR("made"), fz_str_copy(arena, fz_str_of(fz_day_text(made, day)))},
                                 {FZ_STR("size"), fz_str_printf(arena, "%lld", (long long)r->a.size)},
                                 {FZ_STR("root"), r->a.root}};
    struct fz_order o = FZ_ORDER(FZ_STR("restore"), fz_folder_today(&r->f));
    struct fz_answer a;

    o.type = FZ_STR("restoration");
    o.pack = FZ_STR("upkeep");
    o.actor = r->o->by ? fz_str_of(r->o->by) : FZ_STR("administrator");
    o.values = v;
    o.values_n = FZ_COUNT(v);
    FZ_TRY(fz_engine_submit(r->f.engine, &o, 1, fz_folder_now_ms(&r->f), arena, &a, &r->cli->err));
    if (a.kind != FZ_A_DONE)
        return fz_fail(&r->cli->err, FZ_E_INPUT, "the restoration cannot be entered: %.*s", FZ_STR_ARG(a.text));
    return FZ_OK;
}

static fz_status apply_list(struct restoring *r, const char *name)
{
    fz_str text;
    uint64_t n;

    FZ_TRY(fz_cli_read_file(&r->f.packs.arena, name, SIZE_MAX / 2, &text, &r->cli->err));
    FZ_TRY(fz_erasures_apply(&r->f, name, text, &n, &r->cli->err));
    r->again += n;
    return FZ_OK;
}

/* The folder that the backup was made of, when it is still there and is the same log. */
static const char *newer_folder(struct restoring *r)
{
    char *from = fz_str_z(&r->f.packs.arena, r->a.from),
         *name = fz_str_z(&r->f.packs.arena, fz_str_printf(&r->f.packs.arena, "%s/folder", from));
    fz_str text, line;

    if (fz_cli_read_file(&r->f.packs.arena, name, 65536, &text, NULL) != FZ_OK)
        return NULL;
    line = fz_str_printf(&r->f.packs.arena, "\njurisdiction %.*s\n", FZ_STR_ARG(r->a.jurisdiction));
    return memmem(text.p, text.n, line.p, line.n) ? from : NULL;
}

/* Heads that were given out since: with them beside it, the folder signs none that contradicts one. */
static fz_status take_heads(struct restoring *r, const char *from)
{
    struct dirent **entries;
    const char *folder = fz_str_printf(&r->f.packs.arena, "%s/" HEADS, from).p;
    int n = scandir(folder, &entries, is_shown, by_name);
    fz_status s = FZ_OK;

    for (int i = 0; i < n; i++) {
        fz_str text;

        if (s == FZ_OK && !is_of_log(HEADS, entries[i]->d_name, r->a.size))
            s = fz_cli_read_file(&r->f.packs.arena,
                                 fz_str_printf(&r->f.packs.arena, "%s/%s", folder, entries[i]->d_name).p, 1u << 20,
                                 &text, &r->cli->err);
        if (s == FZ_OK && !is_of_log(HEADS, entries[i]->d_name, r->a.size))
            s = fz_own_put(&r->f, fz_str_printf(&r->f.packs.arena, HEADS "/%s", entries[i]->d_name).p, text,
                           &r->cli->err);
        r->beyond += !is_of_log(HEADS, entries[i]->d_name, r->a.size);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return s;
}

static fz_status catch_up(struct restoring *r)
{
    const char *newer = newer_folder(r),
               *list = newer ? fz_str_printf(&r->f.packs.arena, "%s/" FZ_ERASURES_FILE, newer).p : NULL;

    if (r->o->erasures)
        FZ_TRY(apply_list(r, r->o->erasures));
    if (list && access(list, F_OK) == 0)
        FZ_TRY(apply_list(r, list));
    return newer ? take_heads(r, newer) : FZ_OK;
}

/* Others may read in a database: that what was erased again is not clean yet is no reason to give up what is restored. */
static fz_status clean(struct restoring *r)
{
    fz_status s;

    if (r->o->db)
        remove_log_file(r);
    if (r->o->db && r->again == 0)
        return FZ_OK;
    s = fz_folder_scrub(&r->f, &r->cli->err);
    r->unclean = s == FZ_E_BUSY;
    return r->unclean ? FZ_OK : s;
}

static fz_status finish_restored(struct restoring *r)
{
    fz_str text = fz_str_printf(&r->f.packs.arena, "size %lld\nroot %.*s\nmade %lld\n", (long long)r->a.size,
                                FZ_STR_ARG(r->a.root), (long long)r->a.made_ms);

    if (r->o->db)
        FZ_TRY(fill_database(r));
    FZ_TRY(make_tables(r));
    FZ_TRY(fz_own_finish(&r->f, &r->cli->err));
    FZ_TRY(verify_restored(r));
    FZ_TRY(enter_restoration(r));
    FZ_TRY(catch_up(r));
    FZ_TRY(fz_erasures_write(&r->f, &r->cli->err));
    FZ_TRY(clean(r));
    return fz_cli_replace_file(fz_folder_file(&r->f, RESTORED_FILE), text, &r->cli->err);
}

static void say_restored(struct restoring *r, const char *dir)
{
    bool zh = r->cli->lang == FZ_ZH;
    fz_hash root = fz_engine_root(r->f.engine);
    char hex[FZ_HASH_HEX];

    fz_buf_printf(r->cli->out,
                  zh ? "%s：备份止于第%lld条，根 %.*s，完好\n"
                     : "%s: the backup ends at entry %lld, root %.*s, and is sound\n",
                  dir, (long long)r->a.size, FZ_STR_ARG(r->a.root));
    fz_buf_printf(r->cli->out, zh ? "再次作出的删除：%llu\n" : "erasures made again: %llu\n",
                  (unsigned long long)r->again);
    fz_buf_printf(r->cli->out, zh ? "日志现止于第%llu条，根 %s\n" : "the log now ends at entry %llu, root %s\n",
                  (unsigned long long)fz_engine_size(r->f.engine), fz_hash_hex(&root, hex));
    if (r->beyond)
        fz_buf_addz(
            r->cli->out,
            zh ? "备份之后已经给出过日志头：本文件夹可以查阅，但不再记入或者签名\n"
               : "heads were given out after the backup: this folder can be read, and enters and signs nothing\n");
}

/* A log that says where it is to lie. */
static fz_status open_restored(struct restoring *r, const char *part)
{
    FZ_TRY(fz_folder_say_db(part, r->o->db, &r->cli->err));
    return fz_folder_open_as_is(&r->f, part, FZ_READ_WRITE, r->cli->lang, &r->cli->err);
}

static fz_status restore_into(struct restoring *r, const char *file, const char *part, const char *dir)
{
    struct fz_arena arena;
    fz_status s;

    fz_arena_init(&arena);
    r->a.arena = &arena;
    s = fz_crypto_new(&r->a.crypto, &r->cli->err);
    if (s == FZ_OK)
        s = fz_archive_extract(&r->a, file, part, &r->cli->err);
    if (s == FZ_OK) {
        s = open_restored(r, part);
        if (s == FZ_OK)
            s = finish_restored(r);
        s = leave_database(r, s);
        if (s == FZ_OK)
            say_restored(r, dir);
        fz_folder_close(&r->f);
    }
    fz_crypto_free(r->a.crypto);
    fz_arena_release(&arena);
    return s;
}

static void remove_tree(const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, NULL, NULL);
    char name[8192];

    for (int i = 0; i < n; i++) {
        if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0) {
            snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
            if (unlink(name) != 0)
                remove_tree(name);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    rmdir(path);
}

/* Beside its place, and there only once it is whole: an empty folder may stand there. */
static fz_status restore_run(struct fz_cli *cli, const void *options)
{
    struct restoring r = {.cli = cli, .o = options};
    const char *file, *dir;
    char part[4096];
    bool stays = false;
    fz_status s;

    if (cli->args.n != 2)
        return fz_fail(&cli->err, FZ_E_USAGE, "restore takes FILE and DIR");
    file = cli->args.items[0];
    dir = cli->args.items[1];
    if (access(dir, F_OK) == 0 && rmdir(dir) != 0)
        return fz_fail(&cli->err, FZ_E_EXISTS, "%s: a folder is restored where nothing is: %s", dir, strerror(errno));
    if (snprintf(part, sizeof(part), "%s.%ld.part", dir, (long)getpid()) >= (int)sizeof(part))
        return fz_fail(&cli->err, FZ_E_USAGE, "the name of the folder is too long");
    if (mkdir(part, 0700) != 0)
        return fz_fail(&cli->err, FZ_E_INPUT, "%s: %s", part, strerror(errno));
    s = restore_into(&r, file, part, dir);
    if (s == FZ_OK && rename(part, dir) != 0) {
        stays = r.o->db != NULL;
        s = fz_fail(&cli->err, FZ_E_IO, "%s: %s%s%s", dir, strerror(errno), stays ? "; the log is in its place, and this is its folder: " : "", stays ? part : "");
    }
    if (s != FZ_OK)
        fz_buf_reset(cli->out);
    if (s != FZ_OK && !stays)
        remove_tree(part);
    if (s == FZ_OK)
        s = fz_cli_sync_folder_of(dir, &cli->err);
    return s == FZ_OK && r.unclean ? FZ_E_BUSY : s; /* in the words of the scrub */
}

static const struct fz_opt restore_options[] = {
    FZ_OPTION_TEXT(struct restore_options, erasures, "erasures", "FILE",
                   "`erasures` of the folder as it was last: what was erased after the backup is erased again"),
    FZ_OPTION_TEXT(struct restore_options, by, "by", "PERSON", "who restores"),
    FZ_OPTION_TEXT(struct restore_options, db, "db", "URL",
                   "lay the log into PostgreSQL (as with init); without it, into the folder, wherever it was before"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_restore = {.name = "restore",
                                          .args = "FILE DIR",
                                          .summary =
                                              "a folder from a backup, verified wholly, with later erasures made again",
                                          .exits = "0 restored, 2 usage or the backup is damaged, 3 failure",
                                          .options = restore_options,
                                          .options_bytes = sizeof(struct restore_options),
                                          .run = restore_run};
