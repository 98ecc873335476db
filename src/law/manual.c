#include "law/manual.h"

#include "law/pack.h"

/* ---- constructs, each once, an owner before its parts ---- */

#define CONSTRUCTS_MAX 64

struct constructs {
    const struct fz_construct *items[CONSTRUCTS_MAX];
    size_t n;
};

static void collect(struct constructs *all, const struct fz_construct *c)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->items[i] == c)
            return;
    fz_assert(all->n < CONSTRUCTS_MAX);
    all->items[all->n++] = c;
    for (const struct fz_key *k = c->keys; k->name; k++)
        if (k->of)
            collect(all, k->of);
    if (c->brief && c->brief->of)
        collect(all, c->brief->of);
}

/* "file of scenarios" as file-of-scenarios: an anchor of the page, a name of the schema. */
static void add_slug(struct fz_buf *out, const char *name)
{
    for (; *name; name++)
        fz_buf_addc(out, (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ? *name : '-');
}

static const char *in(fz_language lang, const char *en, const char *zh)
{
    return lang == FZ_ZH ? zh : en;
}

/* The next of blank-separated words; empty at the end. */
static fz_str next_word(const char **words)
{
    fz_str word;

    while (**words == ' ')
        ++*words;
    word = (fz_str){*words, strcspn(*words, " ")};
    *words += word.n;
    return word;
}

/* ---- Markdown ---- */

static const struct {
    const char *en, *zh;
} kind_texts[] = {
    [FZ_K_TEXT] = {"text", "文字"},
    [FZ_K_TITLE] = {"text, or {zh, en}", "文字，或者 {zh, en}"},
    [FZ_K_NAME] = {"name", "名称"},
    [FZ_K_NAMES] = {"name, or a list", "名称或者列表"},
    [FZ_K_TEXTS] = {"text, or a list", "文字或者列表"},
    [FZ_K_FLAG] = {"yes, no", "yes、no"},
    [FZ_K_COUNT] = {"whole number from 1", "从1起的整数"},
    [FZ_K_DAY] = {"day", "日期"},
    [FZ_K_WORD] = {"one of", "下列之一"},
    [FZ_K_EXPR] = {"expression", "表达式"},
    [FZ_K_EXPRS] = {"expression, or a list", "表达式或者列表"},
    [FZ_K_LENGTH] = {"length", "期限长度"},
    [FZ_K_NODE] = {"several forms", "多种写法"},
    [FZ_K_PART] = {"map of", "映射："},
    [FZ_K_PARTS] = {"one or a list of", "一个或者一列："},
    [FZ_K_NAMED] = {"names, each with", "各名称及其"},
    [FZ_K_VALUES] = {"names, each with a value", "各名称及其值"},
    [FZ_K_ROWS] = {"list of lists", "若干行，每行一列值"},
};

static void add_link(const struct fz_construct *c, fz_language lang, struct fz_buf *out)
{
    fz_buf_printf(out, " [%s](#", in(lang, c->name, c->zh));
    add_slug(out, c->name);
    fz_buf_addc(out, ')');
}

static void add_kind(const struct fz_key *k, fz_language lang, struct fz_buf *out)
{
    const char *words = k->words ? k->words : "";

    fz_buf_addz(out, in(lang, kind_texts[k->kind].en, kind_texts[k->kind].zh));
    for (fz_str w = next_word(&words); w.n; w = next_word(&words))
        fz_buf_printf(out, " `%.*s`", FZ_STR_ARG(w));
    if (k->of)
        add_link(k->of, lang, out);
}

/* A cell of a table ends at a bar. */
static void add_cell(struct fz_buf *out, const char *text)
{
    for (; *text; text++)
        fz_buf_printf(out, "%s%c", *text == '|' ? "\\" : "", *text);
}

static void print_key(const struct fz_key *k, fz_language lang, struct fz_buf *out)
{
    fz_buf_printf(out, k->required ? "| **%s** | " : "| %s | ", k->name);
    add_kind(k, lang, out);
    fz_buf_addz(out, " | ");
    add_cell(out, in(lang, k->en, k->zh));
    fz_buf_addz(out, " | `");
    add_cell(out, k->example);
    fz_buf_addz(out, "` |\n");
}

static void print_brief(const struct fz_construct *c, fz_language lang, struct fz_buf *out)
{
    fz_buf_addz(out, c->keys->name ? in(lang, "Instead of the map: ", "可以不写映射，直接写：")
                                   : in(lang, "Written as: ", "写作："));
    add_kind(c->brief, lang, out);
    fz_buf_printf(out, lang == FZ_ZH ? "，即%s，例如 `%s`。\n\n" : ", %s, like `%s`.\n\n",
                  in(lang, c->brief->en, c->brief->zh), c->brief->example);
}

static void print_construct(const struct fz_construct *c, fz_language lang, struct fz_buf *out)
{
    fz_buf_addz(out, "<a id=\"");
    add_slug(out, c->name);
    fz_buf_printf(out, lang == FZ_ZH ? "\"></a>\n### %s（%s）\n\n" : "\"></a>\n### %s (%s)\n\n",
                  in(lang, c->name, c->zh), in(lang, c->zh, c->name));
    if (c->brief)
        print_brief(c, lang, out);
    if (c->listed)
        fz_buf_addz(out, in(lang, "One name or a list of names may stand for the names.\n\n",
                            "可以只写一个名称或者一列名称。\n\n"));
    if (!c->keys->name)
        return;
    fz_buf_addz(out, in(lang, "| key | holds | meaning | example |\n| --- | --- | --- | --- |\n",
                        "| 键 | 值 | 意义 | 示例 |\n| --- | --- | --- | --- |\n"));
    for (const struct fz_key *k = c->keys; k->name; k++)
        print_key(k, lang, out);
    fz_buf_addc(out, '\n');
}

static const struct {
    const char *word, *en, *zh;
} type_rows[] = {
#define X(name, word, text) {word, text, NULL},
    FZ_TYPE_TABLE(X)
#undef X
};

/* The Chinese of FZ_TYPE_TABLE, in its order. */
static const char *const types_zh[] = {"是或者否",
                                       "整数",
                                       "金额，精确到分",
                                       "分数，精确到百分之一",
                                       "精确的分数，写作 3/4",
                                       "日期",
                                       "年和月",
                                       "年",
                                       "当地民用时间的某一分钟",
                                       "起止两日",
                                       "带单位的长度",
                                       "列明的名称之一",
                                       "文字",
                                       "文件的名称和哈希值",
                                       "法律条文",
                                       "GB/T 2260 代码",
                                       "名录中的机关",
                                       "名录中的公职人员",
                                       "案件中的个人或者组织",
                                       "另一记录；写在 links 之下"};
_Static_assert(FZ_COUNT(types_zh) == FZ_COUNT(type_rows), "a type for each row");

static void print_types(fz_language lang, struct fz_buf *out)
{
    fz_buf_addz(out, in(lang, "## Types of values\n\n| type | meaning |\n| --- | --- |\n",
                        "## 值的类型\n\n| 类型 | 意义 |\n| --- | --- |\n"));
    for (size_t i = 0; i < FZ_COUNT(type_rows); i++)
        fz_buf_printf(out, "| %s | %s |\n", type_rows[i].word, in(lang, type_rows[i].en, types_zh[i]));
    fz_buf_addc(out, '\n');
}

static void print_clocks(fz_language lang, struct fz_buf *out)
{
#define X(name, word, zh) {word, zh},
    static const char *const kinds[][2] = {FZ_CLOCK_KINDS(X)};
#undef X
#define X(name, word) word,
    static const char *const states[] = {FZ_CLOCK_STATES(X)};
#undef X

    fz_buf_addz(out, in(lang, "## Clocks\n\nKinds:", "## 期限\n\n种类："));
    for (size_t i = 0; i < FZ_COUNT(kinds); i++)
        fz_buf_printf(out, lang == FZ_ZH ? " `%s`（%s）" : " `%s` (%s)", kinds[i][0], kinds[i][1]);
    fz_buf_addz(out,
                in(lang, ".\n\nStates, asked with `clock(c) is STATE`:", "。\n\n状态，以 `clock(c) is STATE` 查问："));
    for (size_t i = 0; i < FZ_COUNT(states); i++)
        fz_buf_printf(out, " `%s`", states[i]);
    fz_buf_addz(out, in(lang, ".\n\n", "。\n\n"));
}

/* As in law/expr.h; a test holds the two together. */
static const char grammar[] =
    "    expr  = \"if\" expr \"then\" expr \"else\" expr | or\n"
    "    or    = and { \"or\" and }          and = not { \"and\" not }          not = [ \"not\" ] test\n"
    "    test  = sum [ (\"=\" | \"!=\" | \"<\" | \"<=\" | \">\" | \">=\") sum | [ \"not\" ] \"in\" list\n"
    "                | \"at\" (name | list) | \"is\" [ \"not\" ] name ]\n"
    "    sum   = term { (\"+\" | \"-\") term }     term = value { \"*\" value }     value = prim [ \"otherwise\" value ]\n"
    "    list  = \"[\" [ expr { \",\" expr } ] \"]\"\n"
    "    prim  = int [ unit ] | money | day | \"'\" text \"'\" | \"yes\" | \"no\" | call | path | \"(\" expr \")\" | \"-\" prim\n"
    "    path  = name { \".\" name }\n"
    "    call  = name \"(\" [ arg { \",\" arg } ] \")\" { \".\" name }\n"
    "    arg   = name \"in\" path [ \"where\" expr ] [ \":\" expr ] | expr\n"
    "    unit  = \"hours\" | \"working_days\" | \"days\" | \"months\" | \"month\" | \"years\" | \"year\"\n"
    "    money = digits \".\" digit digit (\"yuan\" | \"euro\")\n\n";

static void print_expressions(fz_language lang, struct fz_buf *out)
{
    const char *usage;

    fz_buf_addz(out, in(lang, "## Expressions\n\n", "## 表达式\n\n"));
    fz_buf_addz(out, grammar);
    fz_buf_addz(
        out,
        in(lang,
           "A name is a field, `config.NAME`, `outcome`, or a name of the choice that stands beside it. Whatever is not yet known makes "
           "the whole unknown, but for `otherwise`, `is set` and what `and`, `or` and `not` can tell all the same.\n\nFunctions:",
           "名称可以是字段、`config.名称`、`outcome`，或者与之比较的选项的某一名称。凡有未知的值，整个表达式即为未知；"
           "`otherwise`、`is set` 以及 `and`、`or`、`not` 仍能判断的除外。\n\n函数："));
    for (size_t i = 0; (usage = fz_function_usage(i)); i++)
        fz_buf_printf(out, " `%s`", usage);
    fz_buf_addz(out, in(lang, ".\n\n", "。\n\n"));
}

static void print_problems(fz_language lang, struct fz_buf *out)
{
    static const char *const severities[2][3] = {{"note", "warning", "error"}, {"说明", "警告", "错误"}};

    fz_buf_addz(out, in(lang, "## Problems\n\n", "## 问题\n\n"));
    for (int i = 0; i < FZ_DIAG_COUNT; i++) {
        const struct fz_diag_row *row = fz_diag_row((fz_diag_id)i);

        fz_buf_printf(out, lang == FZ_ZH ? "### %s\n\n%s：%s\n\n%s\n\n" : "### %s\n\n%s: %s\n\n%s\n\n", row->id,
                      severities[lang][row->severity], in(lang, row->en, row->zh), row->help);
    }
}

void fz_manual_print(const struct fz_manual_file *files, size_t n, fz_language lang, struct fz_buf *out)
{
    struct constructs all = {.n = 0};

    fz_buf_addz(
        out,
        in(lang,
           "# The language of packs\n\nPrinted by `fazhi manual` from the tables that files are read by. Keys in bold are required. A file is "
           "YAML without anchors and tags; every scalar is text until its key gives it a type; one value may stand for a list of one.\n\n",
           "# 制度包语言\n\n由 `fazhi manual` 从读取文件所用的表直接印出。粗体的键必须填写。文件是不含锚点和标签的 YAML；"
           "每个标量都先是文字，由所属的键决定类型；单个值可以代替只有一项的列表。\n\n"));
    for (size_t f = 0; f < n; f++) {
        size_t from = all.n;

        fz_buf_printf(out, "## %s\n\n", in(lang, files[f].en, files[f].zh));
        collect(&all, files[f].construct);
        for (size_t i = from; i < all.n; i++)
            print_construct(all.items[i], lang, out);
    }
    print_types(lang, out);
    print_clocks(lang, out);
    print_expressions(lang, out);
    print_problems(lang, out);
}

/* ---- JSON Schema ---- */

struct schema {
    struct fz_buf *out;
    fz_language lang;
    bool amending; /* nothing is required, and parts are those of an amendment */
};

#define REF(name) "{\"$ref\":\"#/$defs/" name "\"}"
#define ANY_OF(a, b) "{\"anyOf\":[" a "," b "]}"
#define LIST_OF(a) "{\"type\":\"array\",\"items\":" a "}"
#define OBJECT_OF(a) "{\"type\":\"object\",\"additionalProperties\":" a "}"
#define ONE_OR_LIST(a) ANY_OF(a, LIST_OF(a))

/* What needs no table. Editors give numbers and flags types of their own, so a text may be any scalar. */
static const char plain_defs[] =
    "\"text\":{\"type\":[\"string\",\"number\",\"boolean\"]},\n"
    "\"name\":{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9_]*$\"},\n"
    "\"path\":{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)?$\"},\n"
    "\"day\":{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\"},\n"
    "\"flag\":{\"enum\":[true,false,\"true\",\"false\",\"yes\",\"no\"]},\n"
    "\"count\":{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1},{\"type\":\"string\",\"pattern\":\"^[1-9][0-9]*$\"}]},\n"
    "\"length\":{\"type\":\"string\",\"pattern\":\"^[0-9]+ (hour|working_day|day|month|year)s?$\"},\n"
    "\"title\":{\"anyOf\":[" REF("text") ",{\"type\":\"object\",\"properties\":{\"zh\":" REF("text") ",\"en\":" REF(
        "text") "},"
                "\"required\":[\"zh\"],\"additionalProperties\":false}]}";

/* The schemas of kinds that need neither words nor parts. */
static const char *const kind_schemas[] = {
    [FZ_K_TEXT] = REF("text"),
    [FZ_K_TITLE] = REF("title"),
    [FZ_K_NAME] = REF("name"),
    [FZ_K_NAMES] = ONE_OR_LIST(REF("path")),
    [FZ_K_TEXTS] = ONE_OR_LIST(REF("text")),
    [FZ_K_FLAG] = REF("flag"),
    [FZ_K_COUNT] = REF("count"),
    [FZ_K_DAY] = REF("day"),
    [FZ_K_EXPR] = REF("text"),
    [FZ_K_EXPRS] = ONE_OR_LIST(REF("text")),
    [FZ_K_LENGTH] = REF("length"),
    [FZ_K_NODE] = ANY_OF(ONE_OR_LIST(OBJECT_OF(REF("text"))), REF("text")),
    [FZ_K_VALUES] = "{\"type\":\"object\",\"propertyNames\":" REF("path") "}",
    [FZ_K_ROWS] = LIST_OF(LIST_OF(ONE_OR_LIST(REF("text")))),
    [FZ_K_NAMED] = NULL,
};

static void add_ref(struct schema *s, const struct fz_construct *c)
{
    fz_buf_printf(s->out, "{\"$ref\":\"#/$defs/%s", s->amending ? "amending-" : "of-");
    add_slug(s->out, c->name);
    fz_buf_addz(s->out, "\"}");
}

static void add_words(struct schema *s, const char *words)
{
    const char *comma = "";
    int64_t number;

    fz_buf_addz(s->out, "{\"enum\":[");
    for (fz_str w = next_word(&words); w.n; w = next_word(&words)) {
        fz_buf_addz(s->out, comma);
        fz_buf_json(s->out, w);
        if (fz_str_int(w, &number)) /* as other programs read it */
            fz_buf_printf(s->out, ",%lld", (long long)number);
        comma = ",";
    }
    fz_buf_addz(s->out, "]}");
}

static void add_named(struct schema *s, const struct fz_construct *c)
{
    if (c->listed)
        fz_buf_addz(s->out, "{\"anyOf\":[" REF("name") "," LIST_OF(REF("name")) ",");
    fz_buf_addz(s->out, "{\"type\":\"object\",");
    if (!c->free_names)
        fz_buf_addz(s->out, "\"propertyNames\":" REF("name") ",");
    fz_buf_addz(s->out, "\"additionalProperties\":");
    add_ref(s, c);
    fz_buf_addz(s->out, c->listed ? "}]}" : "}");
}

static void add_one_or_list(struct schema *s, const struct fz_construct *c)
{
    fz_buf_addz(s->out, "{\"anyOf\":[");
    add_ref(s, c);
    fz_buf_addz(s->out, ",{\"type\":\"array\",\"items\":");
    add_ref(s, c);
    fz_buf_addz(s->out, "}]}");
}

static void add_key_schema(struct schema *s, const struct fz_key *k)
{
    switch (k->kind) {
    case FZ_K_WORD:
        add_words(s, k->words);
        break;
    case FZ_K_PART:
        add_ref(s, k->of);
        break;
    case FZ_K_PARTS:
        add_one_or_list(s, k->of);
        break;
    case FZ_K_NAMED:
        add_named(s, k->of);
        break;
    default:
        fz_buf_addz(s->out, kind_schemas[k->kind]);
        break;
    }
}

static void add_required(struct schema *s, const struct fz_construct *c)
{
    const char *comma = "";

    fz_buf_addz(s->out, ",\"required\":[");
    for (const struct fz_key *k = c->keys; k->name; k++) {
        if (!k->required)
            continue;
        fz_buf_printf(s->out, "%s\"%s\"", comma, k->name);
        comma = ",";
    }
    fz_buf_addc(s->out, ']');
}

static void add_map(struct schema *s, const struct fz_construct *c)
{
    fz_buf_addz(s->out, "{\"type\":\"object\",\"properties\":{");
    for (const struct fz_key *k = c->keys; k->name; k++) {
        fz_buf_printf(s->out, "%s\n  \"%s\":{\"description\":", k == c->keys ? "" : ",", k->name);
        fz_buf_json(s->out, fz_str_of(in(s->lang, k->en, k->zh)));
        fz_buf_addz(s->out, ",\"allOf\":[");
        add_key_schema(s, k);
        fz_buf_addz(s->out, "]}");
    }
    fz_buf_addc(s->out, '}');
    if (!s->amending)
        add_required(s, c);
    fz_buf_addz(s->out, ",\"additionalProperties\":false}");
}

static void add_construct(struct schema *s, const struct fz_construct *c)
{
    fz_buf_printf(s->out, ",\n\"%s", s->amending ? "amending-" : "of-");
    add_slug(s->out, c->name);
    fz_buf_addz(s->out, "\":");
    if (!c->brief) {
        add_map(s, c);
    } else if (!c->keys->name) {
        add_key_schema(s, c->brief);
    } else {
        fz_buf_addz(s->out, "{\"anyOf\":[");
        add_key_schema(s, c->brief);
        fz_buf_addc(s->out, ',');
        add_map(s, c);
        fz_buf_addz(s->out, "]}");
    }
}

static bool may_amend(const struct fz_construct *c)
{
    for (const struct fz_key *k = c->keys; k->name; k++)
        if (strcmp(k->name, "amends") == 0)
            return true;
    return false;
}

void fz_manual_schema(const struct fz_manual_file *file, fz_language lang, struct fz_buf *out)
{
    struct schema s = {out, lang, false};
    struct constructs all = {.n = 0};
    bool amends = may_amend(file->construct);

    collect(&all, file->construct);
    fz_buf_addz(out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n\"title\":");
    fz_buf_json(out, fz_str_of(in(lang, file->en, file->zh)));
    fz_buf_addz(out, ",\n");
    if (amends) {
        fz_buf_addz(out, "\"if\":{\"required\":[\"amends\"]},\n\"then\":");
        s.amending = true;
        add_ref(&s, file->construct);
        fz_buf_addz(out, ",\n\"else\":");
        s.amending = false;
    } else {
        fz_buf_addz(out, "\"allOf\":[");
    }
    add_ref(&s, file->construct);
    fz_buf_printf(out, "%s,\n\"$defs\":{\n%s", amends ? "" : "]", plain_defs);
    for (size_t i = 0; i < all.n; i++)
        add_construct(&s, all.items[i]);
    s.amending = true;
    for (size_t i = 0; amends && i < all.n; i++)
        add_construct(&s, all.items[i]);
    fz_buf_addz(out, "}}\n");
}
