#include "cli/verdict.h"

#include <errno.h>

fz_status fz_verdicts_open(struct fz_verdicts *v, const char *name, struct fz_error *err)
{
    *v = (struct fz_verdicts){.out = fopen(name, "wbe"), .name = name};
    if (!v->out)
        return fz_fail(err, FZ_E_IO, "%s: %s", name, strerror(errno));
    fputs("place\tcase\tact\tkey\tverdict\treason\treason_zh\treason_en\tarticle\n", v->out);
    return FZ_OK;
}

/* A text of the file does not get to end a line, nor to be run by a spreadsheet. */
static void add_cell(struct fz_verdicts *v, fz_str s)
{
    struct fz_buf plain = {0};

    fz_buf_add(&plain, s);
    for (size_t i = 0; i < plain.n; i++)
        if ((unsigned char)plain.p[i] < 0x20 || plain.p[i] == 0x7F)
            plain.p[i] = ' ';
    if (v->line.n)
        fz_buf_addc(&v->line, '\t');
    fz_buf_cell(&v->line, fz_buf_str(&plain), '\t');
    fz_buf_release(&plain);
}

/* One column of all grounds of a ruling, between semicolons. */
typedef void part_of_ground(const struct fz_ground *g, struct fz_buf *out);

static void id_of(const struct fz_ground *g, struct fz_buf *out)
{
    fz_buf_add(out, g->id);
}

static void zh_of(const struct fz_ground *g, struct fz_buf *out)
{
    fz_buf_add(out, fz_title_in(g->title, FZ_ZH));
}

static void en_of(const struct fz_ground *g, struct fz_buf *out)
{
    fz_buf_add(out, fz_title_in(g->title, FZ_EN));
}

static void articles_of(const struct fz_ground *g, struct fz_buf *out)
{
    for (size_t i = 0; i < g->articles.n; i++)
        fz_buf_printf(out, "%s%.*s", i ? ", " : "", FZ_STR_ARG(g->articles.items[i].text));
}

static void add_grounds(struct fz_verdicts *v, const struct fz_ruling *ruling, part_of_ground *part)
{
    fz_buf_reset(&v->cell);
    for (size_t i = 0; i < ruling->n; i++) {
        if (i)
            fz_buf_addz(&v->cell, "; ");
        part(&ruling->grounds[i], &v->cell);
    }
    add_cell(v, fz_buf_str(&v->cell));
}

static void add_reasons(struct fz_verdicts *v, const struct fz_verdict_row *row)
{
    static part_of_ground *const parts[] = {id_of, zh_of, en_of, articles_of};
    static const struct fz_why none = {"", {"", 0}, {"", 0}};
    const struct fz_why *why = row->why ? row->why : &none;

    for (size_t i = 0; row->ruling && i < FZ_COUNT(parts); i++)
        add_grounds(v, row->ruling, parts[i]);
    if (row->ruling)
        return;
    add_cell(v, fz_str_of(why->id));
    add_cell(v, why->zh);
    add_cell(v, why->en);
    add_cell(v, (fz_str){0});
}

void fz_verdict_write(struct fz_verdicts *v, const struct fz_log *log, const struct fz_verdict_row *row)
{
    static const char *const words[] = {[FZ_V_TAKEN] = "taken", [FZ_V_REPEATED] = "repeated", [FZ_V_REFUSED] = "refused"};

    fz_buf_reset(&v->line);
    fz_buf_reset(&v->cell);
    fz_log_place(log, row->file, row->line, row->column, &v->cell);
    add_cell(v, fz_buf_str(&v->cell));
    add_cell(v, row->case_id);
    add_cell(v, row->act);
    add_cell(v, row->key);
    add_cell(v, fz_str_of(words[row->kind]));
    add_reasons(v, row);
    fz_buf_addc(&v->line, '\n');
    fwrite(v->line.p, 1, v->line.n, v->out);
}

fz_status fz_verdicts_close(struct fz_verdicts *v, struct fz_error *err)
{
    bool failed;

    fz_buf_release(&v->line);
    fz_buf_release(&v->cell);
    if (!v->out)
        return FZ_OK;
    failed = ferror(v->out) != 0;
    failed |= fclose(v->out) != 0;
    v->out = NULL;
    return failed ? fz_fail(err, FZ_E_IO, "%s: %s", v->name, strerror(errno)) : FZ_OK;
}
