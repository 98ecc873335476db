/*
 * The packs and calendars that a command works with: those in the binary, or files named on the command line. Amendments are merged over
 * the version that they name; scenarios stand in scenarios/NAME.yaml beside a pack.
 */
#ifndef FZ_CLI_PACKS_H
#define FZ_CLI_PACKS_H

#include "cli/cli.h"
#include "law/calendar.h"
#include "law/pack.h"

#define FZ_OPTION_PROFILE(T, m) FZ_OPTION_TEXT(T, m, "profile", "PROFILE.yaml", "what a place has set of what the packs leave open")

#define FZ_PACK_FILES_MAX 256
#define FZ_CALENDARS_MAX 16

struct fz_pack_file {
    struct fz_source source;
    const struct fz_node *node;  /* as written; NULL when it could not be read */
    const struct fz_node *whole; /* with what it amends */
    struct fz_pack *pack;        /* NULL when it is wrong */
    struct fz_source scenarios;  /* name NULL: none beside it */
    bool merging;                /* being merged: an amendment that amends itself ends here */
};

struct fz_packs {
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_pack_file *items;
    size_t n;
    struct {
        fz_str id;
        struct fz_calendar *calendar;
    } calendars[FZ_CALENDARS_MAX];
    size_t calendars_n;
};

void fz_packs_init(struct fz_packs *p);
void fz_packs_release(struct fz_packs *p);

/** Adds the packs of the binary. */
fz_status fz_packs_add_shipped(struct fz_packs *p, struct fz_error *err);
/** Adds one file, with the scenarios beside it. FZ_E_INPUT when it cannot be opened. */
fz_status fz_packs_add_file(struct fz_packs *p, const char *name, struct fz_error *err);
/** Loads everything that was added; what is wrong is in p->diags. */
void fz_packs_load(struct fz_packs *p);
/**
 * Lays profiles of places (law/profile.h) over the packs that were loaded, instead of what lay there before; files of one day in their order. What is
 * wrong is in p->diags, and then nothing is laid.
 */
fz_status fz_packs_lay(struct fz_packs *p, const struct fz_source *profiles, size_t n, struct fz_error *err);
/** The same with one file, as an option names it; NULL: nothing is done. FZ_E_INPUT when it cannot be opened, FZ_E_PACK after its problems were printed. */
fz_status fz_packs_profile(struct fz_packs *p, const char *name, struct fz_cli *cli);
/** Prints the problems to standard error; FZ_E_PACK when one is an error. */
fz_status fz_packs_report(struct fz_packs *p, struct fz_cli *cli);

/** Every loaded version of a pack, oldest first, in the arena; `*out_n` 0 when there is none. */
const struct fz_pack *const *fz_packs_versions(struct fz_packs *p, fz_str name, size_t *out_n);

/** "cn", a file, or "none" for plain days (*out is then NULL). Each is read once. */
fz_status fz_packs_calendar(struct fz_packs *p, fz_str name, const struct fz_calendar **out, struct fz_error *err);

/** One calendar: of the binary by its name, else a file; `cn+FILE` lays a region's own days over it. Released by fz_calendar_free(). */
fz_status fz_cli_calendar(struct fz_arena *arena, fz_str name, struct fz_calendar **out, struct fz_error *err);

#endif
