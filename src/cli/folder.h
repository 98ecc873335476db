/*
 * A data folder: its file `folder` says whose log it is and how it hashes, and which packs and notices it has published (cli/own.h); `log.db` holds
 * entries and tables, unless the file names a database of PostgreSQL for that; `erasures` the erasures that an older backup does not know
 * (cli/erasures.h). Whoever opens a folder gets an engine over it.
 */
#ifndef FZ_CLI_FOLDER_H
#define FZ_CLI_FOLDER_H

#include "cli/packs.h"
#include "engine/engine.h"

struct fz_folder {
    struct fz_packs packs;
    struct fz_crypto *crypto;
    struct fz_store *store, *reader; /* reader: beside a writer's; else NULL */
    char *store_path;
    struct fz_engine *engine;
    fz_str text; /* of its file `folder` */
    fz_str jurisdiction, db; /* db: empty: log.db */
    const char *path;
    struct fz_laid {
        fz_str name;
        struct fz_calendar *calendar;
    } calendars[FZ_CALENDARS_MAX], aside[FZ_CALENDARS_MAX]; /* with its own notices laid over those of the binary; aside: they count no more */
    size_t calendars_n, aside_n;
    fz_str trial; /* text of a notice to be counted with as if it had been added; `trial_name`: its file. Empty: none */
    const char *trial_name;
    size_t publications_aside; /* packs that the log has published and the folder lacks, as it was opened: a publication that broke off */
    bool takes_added; /* notices of which the tables do not know yet count as well */
    fz_hash_kind hash;
    bool synthetic;  /* clock and salts are fixed, so that the same commands give the same root; never for real records */
    uint64_t random; /* state of the salts of a synthetic folder */
};

/* What a folder is made as. */
struct fz_folder_plan {
    fz_str jurisdiction;
    fz_hash_kind hash;
    bool synthetic;
    const char *db;                   /* where PostgreSQL keeps the log, as fz_store_check_conninfo() allows; NULL: in the folder */
    const struct fz_pack_file *packs; /* copied into it; loaded and proved by whoever calls */
    size_t packs_n;
};

/** Makes the folder, which must not be there or be empty. */
fz_status fz_folder_init(const char *path, const struct fz_folder_plan *plan, struct fz_error *err);
/** Opens it; released by fz_folder_close() in any case. FZ_E_INPUT when it is none, or made by a newer version; FZ_E_PACK when a pack of it was changed. */
fz_status fz_folder_open(struct fz_folder *f, const char *path, fz_store_mode mode, fz_language lang, struct fz_error *err);
/** The same, and what broke off is left as it is (fz_own_finish()): for whoever brings the log first. */
fz_status fz_folder_open_as_is(struct fz_folder *f, const char *path, fz_store_mode mode, fz_language lang, struct fz_error *err);
void fz_folder_close(struct fz_folder *f);
/** Changes where the file `folder` of that path says that the log is: in `db`, or in the folder (NULL). The log itself stays where it was. */
fz_status fz_folder_say_db(const char *path, const char *db, struct fz_error *err);
/** FZ_E_INPUT when its database holds logs of other places, whose tables would be dropped with its own. */
fz_status fz_folder_is_alone(const struct fz_folder *f, struct fz_error *err);

/** What a command does in the folder that its first argument names; `args`: how many arguments it needs. */
fz_status fz_folder_run(struct fz_cli *cli, const void *options, size_t args, fz_store_mode mode,
                        fz_status (*run)(struct fz_cli *cli, const void *options, struct fz_folder *f));

/** Random bytes (the `fill` of key.h): of the system, or those of a synthetic folder, which repeat themselves. `folder` NULL: of the system. */
bool fz_folder_random(void *folder, void *to, size_t n);
/** Of a synthetic folder, starts the salts anew from a size of the log, so that they do not depend on how the entries before came in. Called before a batch. */
void fz_folder_renew_salts(struct fz_folder *f, uint64_t size);
/** An engine over another store with the folder's packs, hash and place; closed by whoever opened it. */
fz_status fz_folder_engine_over(struct fz_folder *f, struct fz_store *store, struct fz_engine **out, struct fz_error *err);
/** Path of a file within it. */
const char *fz_folder_file(struct fz_folder *f, const char *name);
/** Makes certain that erased values are nowhere in the database and its log. FZ_E_BUSY when somebody still reads an older state. */
fz_status fz_folder_scrub(struct fz_folder *f, struct fz_error *err);

/** Milliseconds since 1970 by the machine's clock; of a synthetic folder always the same. */
int64_t fz_folder_now_ms(const struct fz_folder *f);
/** Today in China Standard Time (北京时间), or the same fixed day. */
fz_day fz_folder_today(const struct fz_folder *f);

#endif
