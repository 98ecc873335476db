#include "cli/cli.h"

#include <stdio.h>

#include "cli/check.h"
#include "law/link.h"

struct check_options {
    const char *profile;
    bool quiet;
};

/* ---- proofs and scenarios ---- */

/* Scenarios run over every version of their pack, so that an amendment is tested beside what it amends. */
static fz_status run_scenarios(struct fz_packs *p, const struct fz_pack_file *f, fz_language lang, struct fz_scenarios *out, struct fz_error *err)
{
    const struct fz_node *node;
    const struct fz_pack *const *versions;
    const struct fz_calendar *cal;
    size_t n;

    if (!f->scenarios.name)
        return FZ_OK;
    node = fz_node_read(&p->arena, &f->scenarios, &p->diags);
    if (!node)
        return FZ_OK;
    if (!fz_str_eq(fz_scenarios_pack(node), f->pack->name)) {
        fz_diag_add(&p->diags, FZ_D_scenario_pack, node->span, fz_scenarios_pack(node), f->pack->name, (fz_str){0});
        return FZ_OK;
    }
    versions = fz_packs_versions(p, f->pack->name, &n);
    FZ_TRY(fz_packs_calendar(p, f->pack->calendar, &cal, err));
    fz_scenarios_run(node, versions, n, cal, lang, &p->arena, &p->diags, out);
    return FZ_OK;
}

/* Acts that no scenario takes are named: nobody has shown yet that they do what the law says. */
static void name_uncovered(struct fz_packs *p, const struct fz_pack_file *f, const struct fz_scenarios *run)
{
    for (size_t r = 0; run->scenarios && r < f->pack->records_n && r < FZ_COUNT(run->taken); r++) {
        const struct fz_record *record = &f->pack->records[r];

        for (int a = 0; a < (int)record->actions_n; a++)
            if (!fz_acts_has(&run->taken[r], a) && record->actions[a].of_link == FZ_NONE)
                fz_diag_add(&p->diags, FZ_D_scenario_uncovered, record->actions[a].span, record->actions[a].name, (fz_str){0}, (fz_str){0});
    }
}

fz_status fz_check_pack(struct fz_packs *p, const struct fz_pack_file *f, fz_language lang, struct fz_checked *out, struct fz_error *err)
{
    fz_prove(f->pack, &p->arena, lang, &p->diags, &out->proof);
    FZ_TRY(run_scenarios(p, f, lang, &out->run, err));
    name_uncovered(p, f, &out->run);
    return FZ_OK;
}

/* Packs that speak of each other are looked at once all of them are there. */
void fz_check_links(struct fz_packs *p)
{
    const struct fz_pack **packs = FZ_NEW_ARRAY(&p->arena, const struct fz_pack *, p->n);
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].pack)
            packs[n++] = p->items[i].pack;
    for (size_t i = 0; i < n; i++)
        fz_links_check(packs[i], packs, n, &p->arena, &p->diags);
}

static fz_status check_all(struct fz_packs *p, struct fz_checked *out, fz_language lang, struct fz_error *err)
{
    fz_packs_load(p);
    fz_check_links(p);
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].pack)
            FZ_TRY(fz_check_pack(p, &p->items[i], lang, &out[i], err));
    return FZ_OK;
}

/* ---- answer ---- */

static void print_pack(struct fz_cli *cli, const struct fz_pack_file *f, const struct fz_checked *c)
{
    size_t stages = 0, actions = 0, clocks = 0;
    char day[FZ_DAY_TEXT];

    for (size_t i = 0; i < f->pack->records_n; i++) {
        stages += f->pack->records[i].stages_n;
        actions += f->pack->records[i].actions_n;
        clocks += f->pack->records[i].clocks_n;
    }
    fz_buf_printf(cli->out,
                  cli->lang == FZ_ZH ? "%s：已证明（%s版：%zu个阶段，%zu项行为，%zu个期限；%zu项性质成立）"
                                     : "%s: proved (version %s: %zu stages, %zu actions, %zu clocks; %zu properties hold)",
                  f->source.name, fz_day_text(f->pack->version, day), stages, actions, clocks, c->proof.properties);
    if (c->run.scenarios)
        fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "；%zu个情景、%zu步如所写明" : "; %zu scenarios of %zu steps come out as written", c->run.scenarios,
                      c->run.steps);
    fz_buf_addc(cli->out, '\n');
}

static fz_status check_run(struct fz_cli *cli, const void *options)
{
    const struct check_options *o = options;
    struct fz_packs p;
    struct fz_checked *checked;
    fz_status s = FZ_OK;

    fz_packs_init(&p);
    checked = FZ_NEW_ARRAY(&p.arena, struct fz_checked, FZ_PACK_FILES_MAX);
    if (cli->args.n == 0)
        s = fz_packs_add_shipped(&p, &cli->err);
    for (size_t i = 0; s == FZ_OK && i < cli->args.n; i++)
        s = fz_packs_add_file(&p, cli->args.items[i], &cli->err);
    if (s == FZ_OK)
        s = check_all(&p, checked, cli->lang, &cli->err);
    if (s == FZ_OK && !p.diags.errors) /* scenarios ran with the defaults that they were written for */
        s = fz_packs_profile(&p, o->profile, cli);
    if (s == FZ_OK)
        s = fz_packs_report(&p, cli);
    for (size_t i = 0; s == FZ_OK && !o->quiet && i < p.n; i++)
        print_pack(cli, &p.items[i], &checked[i]);
    if (s == FZ_OK && o->profile && !o->quiet)
        fz_buf_printf(cli->out, cli->lang == FZ_ZH ? "%s：各项均在允许的范围内\n" : "%s: every value is within the bounds\n", o->profile);
    fz_packs_release(&p);
    return s;
}

static const struct fz_opt check_options[] = {
    FZ_OPTION_PROFILE(struct check_options, profile),
    FZ_OPTION_FLAG(struct check_options, quiet, "quiet", "say nothing when all is well"), FZ_OPTION_END};

const struct fz_command fz_cmd_check = {
    .name = "check",
    .args = "[PACK.yaml...] [--profile PROFILE.yaml] [--quiet]",
    .summary = "packs (by default those shipped): their form, the proof that they are sound and lawful, and the scenarios beside them",
    .exits = "0 all hold, 2 usage or a pack is wrong, 3 failure",
    .options = check_options,
    .options_bytes = sizeof(struct check_options),
    .run = check_run,
};
