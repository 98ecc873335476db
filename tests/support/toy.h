/* A small pack and a map for it: what tests of maps and logs read. */
#ifndef FZ_TESTS_TOY_H
#define FZ_TESTS_TOY_H

#include "packs.h"

#include "report/log.h"

#define TOY_HEAD                                                                                                       \
    "pack: toy\ntitle: 试用\npart: permits\ncalendar: none\n"                                                        \
    "laws:\n  试用法: {title: 试用法, edition: 2019-01-01, in_force: 2020-01-01, working_days: as_written}\n"
#define TOY_FIELDS                                                                                                     \
    "      amount: {type: money, title: 数额}\n"                                                                     \
    "      urgent: {type: flag, title: 加急}\n"                                                                      \
    "      pages: {type: int, title: 页数}\n"                                                                        \
    "      score: {type: points, title: 评分}\n"                                                                     \
    "      known_on: {type: day, title: 知道之日}\n"                                                               \
    "      seen_at: {type: instant, title: 见到之时}\n"                                                            \
    "      in_month: {type: month, title: 月份}\n"                                                                     \
    "      channel: {type: choice, title: 渠道, of: [desk, post]}\n"                                                 \
    "      note: {type: text, title: 备注}\n"                                                                        \
    "      place: {type: place, title: 地点}\n"                                                                      \
    "      parties: {type: party, title: 当事人, many: true, personal: true, purpose: 办案, keep: 10 years}\n"    \
    "      double_pages: {type: int, title: 双倍页数, is: pages * 2}\n"
#define TOY_REST                                                                                                                       \
    "    stages: [received, decided]\n    final: [decided]\n"                                                                          \
    "    actions:\n"                                                                                                                   \
    "      receive: {title: 收到, starts: received, by: officer, article: 试用法 1}\n"                                            \
    "      look: {title: 查看, from: received, by: officer, repeats: true, article: 试用法 2}\n"                                  \
    "      decide: {title: 决定, from: received, to: decided, by: officer, outcomes: {granted: 试用法 3, denied: 试用法 3},\n" \
    "               document: letter, article: 试用法 3}\n"                                                                         \
    "    documents: {letter: {title: 决定书, to: all}}\n"
#define TOY_RECORD                                                                                                     \
    "records:\n  application:\n    title: 申请\n    shape: case\n    number: \"{year}/{serial}\"\n    fields:\n"
#define TOY_PACK TOY_HEAD "version: 2020-01-01\n" TOY_RECORD TOY_FIELDS TOY_REST

#define TOY_MAP_HEAD "pack: toy\nrecord: application\nzone: Asia/Shanghai\n"
#define TOY_ACTIONS                                                                                                      \
    "actions:\n  Receive: receive\n  查看: look\n  Look: look\n  Grant: {decide: granted}\n  Deny: {decide: denied}\n" \
    "  Served: served(letter)\n"

/* Loads a map against packs; every problem is printed to `said`, and then it is NULL. */
static inline struct fz_map *load_map(struct fz_arena *arena, const char *text, const struct fz_pack *const *packs,
                                      size_t packs_n, fz_language lang, struct fz_buf *said)
{
    struct fz_source *source = FZ_NEW(arena, struct fz_source);
    struct fz_diags diags;
    struct fz_map *map;

    *source = (struct fz_source){"map.yaml", fz_str_of(text)};
    fz_diags_init(&diags, arena);
    map = fz_map_load(fz_node_read(arena, source, &diags), packs, packs_n, arena, &diags);
    fz_diags_sort(&diags);
    fz_buf_addz(said, "");
    fz_diags_print(&diags, lang, said);
    assert_int_equal(map == NULL, diags.errors > 0);
    return map;
}

#endif
