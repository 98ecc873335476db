/*
 * Any bytes as the log of a map with four kinds of sources; each row that is refused is copied as well. Either it is refused with a text, or every row is accounted for, every index is
 * in range, and the acts of each case stand in the order of their days.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char pack_text[] =
    "pack: toy\nversion: 2020-01-01\ntitle: 试用\npart: permits\ncalendar: none\n"
    "laws:\n  试用法: {title: 试用法, edition: 2019-01-01, in_force: 2020-01-01, working_days: as_written}\n"
    "records:\n  application:\n    title: 申请\n    shape: case\n    number: \"{year}/{serial}\"\n    fields:\n"
    "      amount: {type: money, title: 数额}\n      urgent: {type: flag, title: 加急}\n"
    "      pages: {type: int, title: 页数}\n      known_on: {type: day, title: 知道之日}\n"
    "      channel: {type: choice, title: 渠道, of: [desk, post]}\n"
    "      parties: {type: party, title: 当事人, many: true, personal: true, purpose: 办案, keep: 10 years}\n"
    "    stages: [received, decided]\n    final: [decided]\n    actions:\n"
    "      receive: {title: 收到, starts: received, by: officer, article: 试用法 1}\n"
    "      look: {title: 查看, from: received, by: officer, repeats: true, article: 试用法 2}\n"
    "      decide: {title: 决定, from: received, to: decided, by: officer, article: 试用法 3}\n";
static const char map_text[] =
    "pack: toy\nrecord: application\nsources:\n"
    "  events: {case: id, action: what, on: day, actor: who, fields: {sum: amount, pages: pages}, ignore: [seq]}\n"
    "  cases: {case: id, acts: {from: receive, to: decide}, fields: {way: channel, p: parties}, organ: unit}\n"
    "  notes: {sheet: Sheet, case: id, action: what, on: day, begins: receive, key: nr, fields: {pp: pages}, values: {pages: {'': 0}}}\n"
    "  xes: {case: 'case:n', action: n, on: t, actor: r, fields: {'case:w': channel, k: known_on, u: urgent}}\n"
    "actions: {a: receive, b: look, c: decide}\notherwise: look\nvalues: {channel: {P: post}}\n";

static const struct fz_map *the_map(void)
{
    static struct fz_arena arena;
    static const struct fz_map *map;
    static const struct fz_source pack_source = {"pack.yaml", {pack_text, sizeof(pack_text) - 1}},
                                  map_source = {"map.yaml", {map_text, sizeof(map_text) - 1}};
    const struct fz_pack *pack;
    struct fz_diags diags;

    if (map)
        return map;
    fz_diags_init(&diags, &arena);
    pack = fz_pack_load(fz_node_read(&arena, &pack_source, &diags), &arena, &diags);
    fz_assert(pack);
    map = fz_map_load(fz_node_read(&arena, &map_source, &diags), &pack, 1, &arena, &diags);
    fz_assert(map);
    return map;
}

/* The bytes as a file that can be opened by its name. */
static int make_file(const uint8_t *data, size_t size, char name[64])
{
    int fd = memfd_create("log", MFD_CLOEXEC);

    fz_assert(fd >= 0);
    for (size_t at = 0; at < size;) {
        ssize_t n = write(fd, data + at, size - at);

        fz_assert(n > 0);
        at += (size_t)n;
    }
    snprintf(name, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_case(const struct fz_log *log, const struct fz_log_case *c)
{
    fz_assert(c->id.n && fz_utf8_valid(c->id) && c->line);
    for (uint32_t i = c->first; i < c->first + c->n; i++) {
        const struct fz_log_event *e = &log->events[i];

        fz_assert(e->day >= FZ_DAY_MIN && e->day <= FZ_DAY_MAX && e->minute < 1440 && e->rank <= 2 && e->action < 3 &&
                  e->line);
        if (i > c->first)
            fz_assert(e[-1].day < e->day || (e[-1].day == e->day && e[-1].rank <= e->rank));
        for (uint32_t v = e->values_at; v < e->values_at + e->values_n; v++)
            fz_assert(log->values[v].value.set);
        fz_assert(fz_utf8_valid(log->texts[e->actor]));
    }
    for (uint32_t v = c->values_at; v < c->values_at + c->values_n; v++)
        fz_assert(log->values[v].value.set);
}

/* What was refused can be written out again, all of it. */
static void check_copies(const struct fz_log *log)
{
    struct fz_log_row rows[FZ_REFUSALS_LISTED];
    struct fz_error err = {0};
    size_t n = 0, files;
    fz_status s;

    for (size_t i = 0; i < log->refusals_n; i++)
        if (strcmp(log->refusals[i].id, "repeated") != 0)
            rows[n++] = (struct fz_log_row){log->refusals[i].file, log->refusals[i].line};
    s = fz_log_copy_rows(log, the_map(), rows, n, "/dev/null", FZ_EN, &files, &err);
    fz_assert(s == FZ_OK && files <= 1 && (files == 1) == (n > 0));
}

static void check_log(const struct fz_log *log)
{
    uint64_t acts = 0;

    for (size_t i = 0; i < log->cases_n; i++) {
        check_case(log, &log->cases[i]);
        acts += log->cases[i].n;
    }
    fz_assert(acts == log->events_n + log->column_acts);
    fz_assert(log->files_n);
    fz_assert(log->refusals_n <= log->refused + log->duplicates && log->refusals_n <= FZ_REFUSALS_LISTED);
    for (size_t i = 0; i < log->refusals_n; i++)
        fz_assert(log->refusals[i].why.n && fz_utf8_valid(log->refusals[i].why));
    if (log->refusals_n)
        check_copies(log);
    if (fz_str_is(log->files[0].source, "events"))
        fz_assert(log->files[0].rows == log->events_n + log->refused + log->duplicates);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const bool keep[6] = {true, true, true, true, true, true};
    struct fz_arena arena = {0};
    struct fz_log log;
    struct fz_error err = {0};
    char name[64];
    const char *names[1] = {name};
    int fd = make_file(data, size, name);
    fz_status s = fz_log_read(&log, the_map(), names, 1, keep, size % 2 ? FZ_EN : FZ_ZH, &arena, &err);

    fz_assert(s == FZ_OK || (s == err.status && err.text[0] && fz_utf8_valid(fz_str_of(err.text))));
    if (s == FZ_OK)
        check_log(&log);
    close(fd);
    fz_arena_release(&arena);
    return 0;
}
