/* `fazhi distribute`: a folder's tables laid out over the nodes of Citus, by jurisdiction. */
#include "cli/folder.h"

struct distribute_options {
    bool dry_run;
};

static fz_status distribute_here(struct fz_cli *cli, const struct distribute_options *o, struct fz_folder *f)
{
    size_t before = cli->out->n;

    FZ_TRY(fz_store_distribute(f->store, o->dry_run, cli->out, &cli->err));
    if (cli->out->n == before)
        fz_buf_addz(cli->out, cli->lang == FZ_ZH ? "各表均已分布\n" : "every table is distributed already\n");
    return FZ_OK;
}

static fz_status distribute_run(struct fz_cli *cli, const void *options)
{
    struct fz_folder f;
    fz_status s;

    if (cli->args.n != 1)
        return fz_fail(&cli->err, FZ_E_USAGE, "distribute takes DIR");
    s = fz_folder_open(&f, cli->args.items[0], FZ_READ_WRITE, cli->lang, &cli->err);
    if (s == FZ_OK)
        s = distribute_here(cli, options, &f);
    fz_folder_close(&f);
    return s;
}

static const struct fz_opt distribute_options[] = {FZ_OPTION_FLAG(struct distribute_options, dry_run, "dry-run", "print the statements, do nothing"), FZ_OPTION_END};

const struct fz_command fz_cmd_distribute = {.name = "distribute", .args = "DIR", .summary = "lays the tables out over the nodes of Citus, by jurisdiction",
                                             .exits = "0 done, 2 usage or no Citus, 3 failure", .options = distribute_options,
                                             .options_bytes = sizeof(struct distribute_options), .run = distribute_run};
