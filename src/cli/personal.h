/* The personal values of a record, as `fazhi show` says them: there, locked away, or erased. */
#ifndef FZ_CLI_PERSONAL_H
#define FZ_CLI_PERSONAL_H

#include "cli/folder.h"

/** Prints which are locked or erased; with `values`, those that are there; with `unlocked`, also those that are locked: then whoever calls has entered that
 * they are read. */
fz_status fz_personal_print(struct fz_cli *cli, struct fz_folder *f, fz_str record, fz_day today, bool values,
                            bool unlocked);

/** Enters, for each erasure that has locked values of the record, that they are read. FZ_E_INPUT when nothing is locked. */
fz_status fz_personal_unlock(struct fz_cli *cli, struct fz_folder *f, fz_str record, fz_day today, const char *by,
                             const char *ground);

#endif
