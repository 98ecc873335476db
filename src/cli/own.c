#include "cli/own.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/reproject.h"

#define CALENDAR_BYTES_MAX (1u << 20)

fz_hash fz_own_digest(const struct fz_folder *f, fz_str text)
{
    return fz_hash_of((fz_hasher){f->crypto, FZ_SM3}, &text, 1);
}

fz_str fz_own_record(struct fz_folder *f, const char *kind, const fz_hash *digest)
{
    char hex[FZ_HASH_HEX];

    return fz_str_printf(&f->packs.arena, "%s-%.16s", kind, fz_hash_hex(digest, hex));
}

/* ---- lines of the file `folder` ---- */

struct line {
    fz_str kind, file, digest;
};

static bool next_line(fz_str *rest, fz_str *out)
{
    const char *nl = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;

    *out = (fz_str){rest->p, nl ? (size_t)(nl - rest->p) : rest->n};
    if (rest->n == 0)
        return false;
    rest->n -= out->n + (nl != NULL);
    rest->p += out->n + (nl != NULL);
    return true;
}

/* "KIND FILE DIGEST" of something published; false for the lines that say what the folder is. */
static bool read_line(fz_str text, struct line *out)
{
    const char *first = text.n ? memchr(text.p, ' ', text.n) : NULL,
               *last = text.n ? memrchr(text.p, ' ', text.n) : NULL;

    if (!first || first == last)
        return false;
    out->kind = (fz_str){text.p, (size_t)(first - text.p)};
    out->file = (fz_str){first + 1, (size_t)(last - first) - 1};
    out->digest = (fz_str){last + 1, text.n - (size_t)(last - text.p) - 1};
    return fz_str_is(out->kind, "pack") || fz_str_is(out->kind, "calendar") || fz_str_is(out->kind, "adding");
}

/* Text of a published file, held against its line. */
static fz_status read_published(struct fz_folder *f, const struct line *l, const char **out_path, fz_str *out,
                                struct fz_error *err)
{
    fz_hash want, is;

    *out_path = fz_folder_file(f, fz_str_z(&f->packs.arena, l->file));
    if (!fz_hash_parse(l->digest, &want))
        return fz_fail(err, FZ_E_INPUT, "%s: no digest of %.*s", fz_folder_file(f, "folder"), FZ_STR_ARG(l->file));
    FZ_TRY(fz_cli_read_file(&f->packs.arena, *out_path, FZ_PACK_BYTES_MAX, out, err));
    is = fz_own_digest(f, *out);
    return fz_hash_eq(&want, &is)
               ? FZ_OK
               : fz_fail(err, FZ_E_PACK, "%s: it was published and has been changed since; put back what it was",
                         *out_path);
}

fz_status fz_own_line(struct fz_folder *f, const char *kind, const char *name, const fz_hash *digest,
                      struct fz_error *err)
{
    fz_str rest = f->text, text;
    struct fz_buf out = {0};
    char hex[FZ_HASH_HEX];
    struct line l;
    fz_status s;

    while (next_line(&rest, &text))
        if (!read_line(text, &l) || !fz_str_is(l.file, name)) {
            fz_buf_add(&out, text);
            fz_buf_addc(&out, '\n');
        }
    if (kind)
        fz_buf_printf(&out, "%s %s %s\n", kind, name, fz_hash_hex(digest, hex));
    s = fz_cli_replace_file(fz_folder_file(f, "folder"), fz_buf_str(&out), err);
    if (s == FZ_OK)
        f->text = fz_str_copy(&f->packs.arena, fz_buf_str(&out));
    fz_buf_release(&out);
    return s;
}

fz_status fz_own_put(struct fz_folder *f, const char *name, fz_str text, struct fz_error *err)
{
    const char *path = fz_folder_file(f, name);
    char *folder = fz_str_z(&f->packs.arena, fz_str_of(path));
    fz_str there;

    for (char *slash = folder + strlen(f->path) + 1; (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
        *slash = 0;
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            return fz_fail(err, FZ_E_IO, "%s: %s", folder, strerror(errno));
    }
    if (access(path, F_OK) != 0)
        return fz_cli_replace_file(path, text, err);
    FZ_TRY(fz_cli_read_file(&f->packs.arena, path, FZ_PACK_BYTES_MAX, &there, err));
    return fz_str_eq(there, text)
               ? FZ_OK
               : fz_fail(err, FZ_E_EXISTS, "%s: stands there with other bytes; what was published never changes", path);
}

/* ---- packs ---- */

static fz_status add_packs(struct fz_folder *f, struct fz_error *err)
{
    fz_str rest = f->text, text, bytes;
    const char *path;
    struct line l;

    while (next_line(&rest, &text))
        if (read_line(text, &l) && fz_str_is(l.kind, "pack")) {
            FZ_TRY(read_published(f, &l, &path, &bytes, err));
            FZ_TRY(fz_packs_add_file(&f->packs, path, err));
        }
    return FZ_OK;
}

/* What loaded when it was published fails to only if this version has a pack of that name and day itself, or another idea of the language. */
fz_status fz_own_packs(struct fz_folder *f, struct fz_error *err)
{
    struct fz_packs *p = &f->packs;
    size_t shipped;

    FZ_TRY(fz_packs_add_shipped(p, err));
    shipped = p->n;
    FZ_TRY(add_packs(f, err));
    fz_packs_load(p);
    fz_assert(p->n > shipped || p->diags.errors == 0); /* a shipped pack that does not load is a bug of ours */
    if (p->diags.errors)
        return fz_fail(err, FZ_E_PACK, "%s: a pack of this folder no longer loads; `fazhi check` says why", f->path);
    for (size_t i = shipped; i < p->n; i++)
        for (size_t k = 0; k < i; k++)
            if (fz_str_eq(p->items[i].pack->name, p->items[k].pack->name) &&
                p->items[i].pack->version == p->items[k].pack->version)
                return fz_fail(err, FZ_E_PACK, "%s: stands there twice, as %s too", p->items[i].source.name,
                               p->items[k].source.name);
    return FZ_OK;
}

/* ---- calendars ---- */

/* Lays one file over *io, when it is of that calendar. */
static fz_status lay(const char *path, fz_str bytes, fz_str name, struct fz_calendar **io, struct fz_error *err)
{
    struct fz_calendar *over;

    FZ_TRY(fz_calendar_read(&over, *io, path, bytes, err));
    if (!fz_str_eq(fz_calendar_id(over), name)) {
        fz_calendar_free(over);
        return FZ_OK;
    }
    fz_calendar_free(*io);
    *io = over;
    return FZ_OK;
}

static fz_status lay_all(struct fz_folder *f, fz_str name, struct fz_calendar **io, struct fz_error *err)
{
    fz_str rest = f->text, text, bytes;
    const char *path;
    struct line l;

    while (next_line(&rest, &text))
        if (read_line(text, &l) && (fz_str_is(l.kind, "calendar") || (f->takes_added && fz_str_is(l.kind, "adding")))) {
            FZ_TRY(read_published(f, &l, &path, &bytes, err));
            FZ_TRY(lay(path, bytes, name, io, err));
        }
    return f->trial.n ? lay(f->trial_name, f->trial, name, io, err) : FZ_OK;
}

fz_status fz_own_calendar(struct fz_folder *f, fz_str name, const struct fz_calendar **out, struct fz_error *err)
{
    struct fz_calendar *cal;
    fz_status s;

    *out = NULL;
    if (fz_str_is(name, "none"))
        return FZ_OK;
    for (size_t i = 0; i < f->calendars_n; i++)
        if (fz_str_eq(f->calendars[i].name, name)) {
            *out = f->calendars[i].calendar;
            return FZ_OK;
        }
    if (f->calendars_n == FZ_CALENDARS_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "more than %d calendars", FZ_CALENDARS_MAX);
    FZ_TRY(fz_cli_calendar(&f->packs.arena, name, &cal, err));
    s = lay_all(f, name, &cal, err);
    if (s != FZ_OK) {
        fz_calendar_free(cal);
        return s;
    }
    f->calendars[f->calendars_n].name = fz_str_copy(&f->packs.arena, name);
    f->calendars[f->calendars_n++].calendar = cal;
    *out = cal;
    return FZ_OK;
}

void fz_own_forget(struct fz_folder *f)
{
    while (f->aside_n)
        fz_calendar_free(f->aside[--f->aside_n].calendar);
}

void fz_own_change(struct fz_folder *f)
{
    fz_own_forget(f);
    memcpy(f->aside, f->calendars, sizeof(f->aside));
    f->aside_n = f->calendars_n;
    f->calendars_n = 0;
}

/* ---- what broke off ---- */

static void take_added(void *arg)
{
    struct fz_folder *f = arg;

    f->takes_added = true;
    fz_own_change(f);
}

static fz_status pass(void *arg, const struct fz_move *m, struct fz_error *err)
{
    (void)arg;
    (void)m;
    (void)err;
    return FZ_OK;
}

static fz_status finish_one(struct fz_folder *f, const struct line *l, struct fz_error *err)
{
    const char *name = fz_str_z(&f->packs.arena, l->file);
    fz_cell key[] = {FZ_CELL_OF(f->jurisdiction), FZ_CELL_UNSET}, *row;
    fz_hash digest;
    bool found;

    if (!fz_hash_parse(l->digest, &digest))
        return fz_fail(err, FZ_E_INPUT, "%s: no digest of %s", fz_folder_file(f, "folder"), name);
    key[1] = FZ_CELL_OF(fz_own_record(f, "calendar_notice", &digest));
    FZ_TRY(fz_store_get(f->store, &fz_table_record, key, &f->packs.arena, &row, &found, err));
    if (!found) {
        FZ_TRY(fz_own_line(f, NULL, name, NULL, err));
        unlink(fz_folder_file(f, name));
        return FZ_OK;
    }
    FZ_TRY(fz_engine_reproject(f->engine, true, take_added, pass, f, err));
    fz_own_forget(f);
    f->takes_added = false;
    return fz_own_line(f, "calendar", name, &digest, err);
}

static fz_status finish_all(struct fz_folder *f, struct fz_error *err)
{
    fz_str rest = f->text, text;
    struct line l;

    while (next_line(&rest, &text))
        if (read_line(text, &l) && fz_str_is(l.kind, "adding"))
            FZ_TRY(finish_one(f, &l, err));
    return FZ_OK;
}

/* ---- beside other processes ---- */

static bool is_adding(const struct fz_folder *f)
{
    fz_str rest = f->text, text;
    struct line l;

    while (next_line(&rest, &text))
        if (read_line(text, &l) && fz_str_is(l.kind, "adding"))
            return true;
    return false;
}

/* Lines alike but for a notice that was being added and is there now. */
static bool is_alike(fz_str a, fz_str b)
{
    struct line l, m;
    fz_str x, y;
    bool more;

    while ((more = next_line(&a, &x)) && next_line(&b, &y)) {
        if (fz_str_eq(x, y))
            continue;
        if (!read_line(x, &l) || !read_line(y, &m) || !fz_str_is(l.kind, "adding") || !fz_str_is(m.kind, "calendar") || !fz_str_eq(l.file, m.file))
            return false;
    }
    return !more && b.n == 0;
}

/* The file `folder` as it is now, which the one of this process has to be. Calendars that were laid by an older one would be counted with. */
static fz_status read_again(struct fz_folder *f, struct fz_error *err)
{
    fz_str text;

    FZ_TRY(fz_cli_read_file(&f->packs.arena, fz_folder_file(f, "folder"), CALENDAR_BYTES_MAX, &text, err));
    if (!fz_str_eq(f->text, text) && (f->calendars_n || !is_alike(f->text, text)))
        return fz_fail(err, FZ_E_BUSY, "%s: another process has published something since this one began: give the command again", f->path);
    f->text = text;
    return FZ_OK;
}

fz_status fz_own_hold(struct fz_folder *f, struct fz_error *err)
{
    fz_cell place = FZ_CELL_OF(f->jurisdiction);
    fz_status s;

    FZ_TRY(fz_store_hold(f->store, &place, err));
    s = fz_store_is_shared(f->store) ? read_again(f, err) : FZ_OK;
    if (s != FZ_OK)
        fz_store_let_go(f->store);
    return s;
}

void fz_own_let_go(struct fz_folder *f)
{
    fz_store_let_go(f->store);
}

fz_status fz_own_finish(struct fz_folder *f, struct fz_error *err)
{
    fz_status s;

    if (!is_adding(f))
        return FZ_OK;
    if (fz_store_holds(f->store))
        return finish_all(f, err);
    FZ_TRY(fz_own_hold(f, err));
    s = finish_all(f, err);
    fz_own_let_go(f);
    return s;
}

/* Records of upkeep of one kind that no line of the folder is about. */
struct lacking {
    struct fz_folder *f;
    size_t n;
    fz_str first;
};

static bool has_line_of(struct fz_folder *f, fz_str record)
{
    fz_str rest = f->text, text;
    struct line l;

    while (next_line(&rest, &text))
        if (read_line(text, &l) && l.digest.n > 16 && fz_str_ends(record, fz_str_z(&f->packs.arena, (fz_str){l.digest.p, 16})))
            return true;
    return false;
}

static fz_status look_at_upkeep(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct lacking *l = arg;

    (void)err;
    if (has_line_of(l->f, cells[FZ_RECORD_ID].s))
        return FZ_OK;
    if (l->n++ == 0)
        l->first = fz_str_copy(&l->f->packs.arena, cells[FZ_RECORD_ID].s);
    return FZ_OK;
}

static fz_status look_for_lacking(struct fz_folder *f, const char *type, struct lacking *out, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(f->jurisdiction), FZ_CELL_OF(fz_str_of(type))};
    struct fz_scan scan = {.table = &fz_table_record, .index = 0, .prefix = prefix, .prefix_n = 2};

    *out = (struct lacking){.f = f};
    return fz_store_scan(f->reader ? f->reader : f->store, &scan, look_at_upkeep, out, err);
}

fz_status fz_own_check(struct fz_folder *f, struct fz_error *err)
{
    struct lacking l;

    if (!fz_store_is_shared(f->store))
        return FZ_OK;
    FZ_TRY(look_for_lacking(f, "publication", &l, err));
    f->publications_aside = l.n;
    FZ_TRY(look_for_lacking(f, "calendar_notice", &l, err));
    return l.n == 0 ? FZ_OK
                    : fz_fail(err, FZ_E_INPUT,
                              "%s: the log has a notice of holidays, %.*s, that this folder lacks: give the command again when it was added just now; "
                              "else copy calendars/ and its line in the file `folder` from where it was added",
                              f->path, FZ_STR_ARG(l.first));
}

fz_status fz_own_moved(void *folder, struct fz_error *err)
{
    struct fz_folder *f = folder;
    struct lacking packs, notices;

    FZ_TRY(look_for_lacking(f, "publication", &packs, err));
    FZ_TRY(look_for_lacking(f, "calendar_notice", &notices, err));
    return packs.n <= f->publications_aside && notices.n == 0
               ? FZ_OK
               : fz_fail(err, FZ_E_BUSY, "%s: another process has published %.*s since this one began: give the command again, which goes on from here", f->path,
                         FZ_STR_ARG(notices.n ? notices.first : packs.first));
}
