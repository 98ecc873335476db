/* What `fazhi check` does to one pack, for whoever publishes it as well. */
#ifndef FZ_CLI_CHECK_H
#define FZ_CLI_CHECK_H

#include "cli/packs.h"
#include "law/prove.h"
#include "law/scenario.h"

struct fz_checked {
    struct fz_proof_stats proof;
    struct fz_scenarios run; /* of the scenarios beside the file */
};

/** Holds what the packs say of each other's records together (law/link.h); problems are in p->diags. After fz_packs_load(). */
void fz_check_links(struct fz_packs *p);

/** Proves a pack that was loaded, and runs the scenarios beside it; what is wrong is in p->diags. */
fz_status fz_check_pack(struct fz_packs *p, const struct fz_pack_file *f, fz_language lang, struct fz_checked *out,
                        struct fz_error *err);

#endif
