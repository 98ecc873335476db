/*
 * What a data folder has published beside what is in the binary: packs, in packs/, and notices of holidays, in calendars/. Each is a line of the file
 * `folder`, "pack packs/NAME-DAY.yaml DIGEST" or "calendar calendars/NUMBER-ID-EDITION.tsv DIGEST" (SM3), written after the log has its entry, and never
 * changed again: a file that is no longer what its line says is refused. "adding" in place of "calendar" is a notice of which the tables do not
 * know yet; whoever opens the folder next to write finishes it, or takes it back when the log has no entry of it.
 */
#ifndef FZ_CLI_OWN_H
#define FZ_CLI_OWN_H

#include "cli/folder.h"

/** Adds the folder's packs to those of the binary and loads them all: the one place where a folder's packs come from. */
fz_status fz_own_packs(struct fz_folder *f, struct fz_error *err);
/** A calendar with the folder's notices laid over it, in the order in which they were added. */
fz_status fz_own_calendar(struct fz_folder *f, fz_str name, const struct fz_calendar **out, struct fz_error *err);
/** From now on calendars are laid anew; those until now stay alive until fz_own_forget(). */
void fz_own_change(struct fz_folder *f);
void fz_own_forget(struct fz_folder *f);
/** Finishes or takes back what broke off. The folder is open to write. Where another process is at it, its end is waited for. */
fz_status fz_own_finish(struct fz_folder *f, struct fz_error *err);

/**
 * Keeps other writers of the log out until fz_own_let_go(), and sees to it that nobody has published anything since this folder was opened.
 * @return FZ_E_BUSY when somebody has, or holds it for long: the command is to be given again
 */
fz_status fz_own_hold(struct fz_folder *f, struct fz_error *err);
void fz_own_let_go(struct fz_folder *f);
/**
 * Of a log that several may write to: whether the folder has every notice that the log knows, once when it is opened.
 * @return FZ_E_INPUT when it has not: another process added it a moment ago, or another node has
 */
fz_status fz_own_check(struct fz_folder *f, struct fz_error *err);
/** The same when others have written meanwhile, for packs too (`moved` of struct fz_setting; `folder` is one). FZ_E_BUSY: the command is to be given again. */
fz_status fz_own_moved(void *folder, struct fz_error *err);

/** Writes a file into the folder that is not there yet, synced; the same bytes there already are no failure. `name`: within the folder. */
fz_status fz_own_put(struct fz_folder *f, const char *name, fz_str text, struct fz_error *err);
/** Adds a line to the file `folder`, or replaces the one of that file; at once and durably. `kind` NULL: takes it away. */
fz_status fz_own_line(struct fz_folder *f, const char *kind, const char *name, const fz_hash *digest,
                      struct fz_error *err);
fz_hash fz_own_digest(const struct fz_folder *f, fz_str text);
/** The record of upkeep under which a file is entered. */
fz_str fz_own_record(struct fz_folder *f, const char *kind, const fz_hash *digest);

#endif
