#include "cli/cli.h"

#include "law/manual.h"
#include "law/profile.h"
#include "law/scenario.h"
#include "law/schema.h"
#include "report/log.h"

struct manual_options {
    const char *format, *of;
};

static const struct fz_manual_file files[] = {
    {"pack", "Packs", "制度包", &fz_pack_construct},
    {"profile", "Profiles of places", "地方配置", &fz_profile_construct},
    {"scenarios", "Scenarios", "情景", &fz_scenarios_construct},
    {"map", "Maps of logs", "日志对照图", &fz_map_construct},
};

static const struct fz_manual_file *find_file(const char *name)
{
    for (size_t i = 0; i < FZ_COUNT(files); i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

static fz_status manual_run(struct fz_cli *cli, const void *options)
{
    const struct manual_options *o = options;
    const char *format = o->format ? o->format : "md";
    const struct fz_manual_file *file = o->of ? find_file(o->of) : NULL;

    if (cli->args.n)
        return fz_fail(&cli->err, FZ_E_USAGE, "manual takes no argument: %s", cli->args.items[0]);
    if (o->of && !file)
        return fz_fail(&cli->err, FZ_E_USAGE, "--of is pack, profile, scenarios or map, not %s", o->of);
    if (strcmp(format, "md") == 0)
        fz_manual_print(file ? file : files, file ? 1 : FZ_COUNT(files), cli->lang, cli->out);
    else if (strcmp(format, "schema") == 0)
        fz_manual_schema(file ? file : files, cli->lang, cli->out);
    else
        return fz_fail(&cli->err, FZ_E_USAGE, "--format is md or schema, not %s", format);
    return FZ_OK;
}

static const struct fz_opt manual_options[] = {
    FZ_OPTION_TEXT(struct manual_options, format, "format", "FORMAT",
                   "md: a page to read (default); schema: JSON Schema for editors"),
    FZ_OPTION_TEXT(struct manual_options, of, "of", "FILE",
                   "of pack, profile, scenarios or map only (default: the page of all, the schema of pack)"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_manual = {
    .name = "manual",
    .args = "[--format md|schema] [--of pack|profile|scenarios|map]",
    .summary = "the keys of every file that people write, expressions, and all problems that may be reported",
    .exits = "0 done, 2 usage",
    .options = manual_options,
    .options_bytes = sizeof(struct manual_options),
    .run = manual_run,
};
