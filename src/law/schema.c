#include "law/schema.h"

#include "law/pack.h"

/* The words of a table, in its order, each with a blank after it. */
#define X(name, word, text) word " "
static const char type_words[] = FZ_TYPE_TABLE(X);
static const char kind_words[] = FZ_CLOCK_KINDS(X);
#undef X
#define X(name, word, ...) word " "
static const char directory_words[] = FZ_DIRECTORY_KINDS(X);
#undef X
#define X(name, word, zh) word " "
static const char link_words[] = FZ_LINK_KINDS(X);
#undef X
#define TABLE_INPUT_TYPES "flag int money points choice"
#define TABLE_COLUMN_TYPES "flag int money points share length day choice"
const char fz_table_input_types[] = TABLE_INPUT_TYPES, fz_table_column_types[] = TABLE_COLUMN_TYPES;

#define ARTICLE(T, must)                                                                                       \
    FZ_KEY_TEXTS(T, article, "article", must, "复议法 62",                                                     \
                 "the article it stands on: a declared law, a blank, a number; one or a list",                 \
                 "所依据的条文：已声明的法律简称、空格和条号；一条或者一列")
#define WHEN(T, x)                                                                                             \
    FZ_KEY_EXPR(T, when, "when", FZ_OPTIONAL, x, "only while this holds; always without it", "仅在此条件成立时适用；不写即一律适用")

/* clang-format off */
static const struct fz_key law_keys[] = {
    FZ_KEY_TITLE(struct raw_law, title, "title", FZ_REQUIRED, "中华人民共和国行政复议法", "full title", "全称"),
    FZ_KEY_TEXT(struct raw_law, edition, "edition", FZ_REQUIRED, "2023-09-01", "which text was read: mostly the day it was passed or amended", "所据文本，一般为通过或者修订之日"),
    FZ_KEY_DAY(struct raw_law, in_force, "in_force", FZ_REQUIRED, "2024-01-01", "day from which it is in force", "施行之日"),
    FZ_KEY_DAY(struct raw_law, until, "until", FZ_OPTIONAL, "2026-12-31", "last day in force; none while it is in force", "失效前的最后一日；仍在施行的不写"),
    FZ_KEY_TEXTS(struct raw_law, working, "working_days", FZ_REQUIRED, "[3, 5, 7, 10]", "which numbers of days are working days under it: all, as_written, ..10 (up to ten), or a list", "哪些日数按工作日计算：all（全部）、as_written（以条文所写为准）、..10（十日以内）或者逐个列出"),
    FZ_KEY_END};
static const struct fz_construct law = FZ_CONSTRUCT(struct raw_law, "law", "法律", law_keys, .free_names = true);

static const struct fz_key stage_keys[] = {
    FZ_KEY_TEXT(struct raw_stage, zh, "zh", FZ_REQUIRED, "已受理", "title in Chinese", "中文名称"),
    FZ_KEY_TEXT(struct raw_stage, en, "en", FZ_OPTIONAL, "Accepted", "title in English", "英文名称"),
    FZ_KEY_END};
static const struct fz_key stage_brief = FZ_KEY_TEXT(struct raw_stage, zh, "title", FZ_OPTIONAL, "已受理", "title", "名称");
static const struct fz_construct stage = FZ_CONSTRUCT(struct raw_stage, "stage", "阶段", stage_keys, .brief = &stage_brief, .listed = true);
static const struct fz_construct choice = FZ_CONSTRUCT(struct raw_stage, "choice", "选项", stage_keys, .brief = &stage_brief, .listed = true);

static const struct fz_key config_keys[] = {
    FZ_KEY_WORD(struct raw_config, type, "type", FZ_REQUIRED, type_words, "length", "type of the value", "值的类型"),
    FZ_KEY_TITLE(struct raw_config, title, "title", FZ_OPTIONAL, "补正期限", "what people read", "名称"),
    FZ_KEY_NAMED(struct raw_config, of, "of", FZ_OPTIONAL, &choice, "[strict, mild]", "the names of a choice, or a map of them to titles", "选项的各个名称，可附中文名称"),
    FZ_KEY_TEXT(struct raw_config, value, "default", FZ_REQUIRED, "10 working_days", "the value where a place sets none", "地方未另行设定时的值"),
    FZ_KEY_TEXTS(struct raw_config, bounds, "bounds", FZ_OPTIONAL, "[3 working_days, 10 working_days]", "lowest and highest value that a place may set", "地方可以设定的最低值和最高值"),
    FZ_KEY_WORD(struct raw_config, confidence, "confidence", FZ_REQUIRED, FZ_CONFIDENCE_WORDS, "secondary", "how well the value is known", "该值的可靠程度"),
    FZ_KEY_TEXT(struct raw_config, source, "source", FZ_REQUIRED, "各地做法", "where it comes from, or why it was chosen", "来源或者选取的理由"),
    FZ_KEY_END};
static const struct fz_construct config = FZ_CONSTRUCT(struct raw_config, "config", "配置项", config_keys, .brief = NULL);

static const struct fz_key input_keys[] = {
    FZ_KEY_WORD(struct raw_input, type, "type", FZ_REQUIRED, TABLE_INPUT_TYPES, "money", "type of what is put in", "输入值的类型"),
    FZ_KEY_TITLE(struct raw_input, title, "title", FZ_OPTIONAL, "违法所得", "what people read", "名称"),
    FZ_KEY_NAMED(struct raw_input, of, "of", FZ_OPTIONAL, &choice, "[light, grave]", "the names of a choice, or a map of them to titles", "选项的各个名称，可附中文名称"),
    FZ_KEY_END};
static const struct fz_key input_brief = FZ_KEY_WORD(struct raw_input, type, "type", FZ_OPTIONAL, TABLE_INPUT_TYPES, "money", "its type", "其类型");
static const struct fz_construct input = FZ_CONSTRUCT(struct raw_input, "table input", "裁量表的输入", input_keys, .brief = &input_brief, .listed = true);

static const struct fz_key column_keys[] = {
    FZ_KEY_WORD(struct raw_column, type, "type", FZ_REQUIRED, TABLE_COLUMN_TYPES, "money", "type of what the table gives", "所得值的类型"),
    FZ_KEY_TITLE(struct raw_column, title, "title", FZ_OPTIONAL, "最低罚款数额", "what people read", "名称"),
    FZ_KEY_NAMED(struct raw_column, of, "of", FZ_OPTIONAL, &choice, "[simplified, ordinary]", "the names of a choice, or a map of them to titles", "选项的各个名称，可附中文名称"),
    FZ_KEY_END};
static const struct fz_key column_brief = FZ_KEY_WORD(struct raw_column, type, "type", FZ_OPTIONAL, TABLE_COLUMN_TYPES, "money", "its type", "其类型");
static const struct fz_construct column = FZ_CONSTRUCT(struct raw_column, "table column", "裁量表的结果", column_keys, .brief = &column_brief);

static const struct fz_key table_keys[] = {
    FZ_KEY_TITLE(struct raw_table, title, "title", FZ_REQUIRED, "罚款裁量基准", "what people read", "名称"),
    FZ_KEY_NAMED(struct raw_table, in, "in", FZ_REQUIRED, &input, "[gravity, illegal_income]", "what it is asked with: fields by their names, or names each with a type", "查表所用的值：字段名称，或者名称及其类型"),
    FZ_KEY_NAMED(struct raw_table, out, "out", FZ_REQUIRED, &column, "{low: money, high: money}", "what it gives, asked as TABLE(...).NAME", "查表所得的值，写作 表(...).名称"),
    FZ_KEY_ROWS(struct raw_table, rows, "rows", FZ_REQUIRED, "[[light, ..10000.00 yuan, 1000.00 yuan, 5000.00 yuan], [light, 10000.00 yuan.., 5000.00 yuan, 10000.00 yuan], ...]", "a cell for each input, then one for each value it gives; of an input a value, a list of them, A..B, A.., ..B, or .. for whatever it is", "每行先列各输入的单元格，再列各结果；输入的单元格是一个值、一列值、A..B、A..、..B，或者 ..（不问其值）"),
    FZ_KEY_WORD(struct raw_table, ends, "ends", FZ_OPTIONAL, "lower upper", "lower", "of A..B only this end belongs to the row (lower: A and above but less than B; upper: above A up to B); both do without it", "A..B 中只有该端属于本行（lower：A以上不满B；upper：超过A至B）；不写即两端均含"),
    FZ_KEY_FLAG(struct raw_table, slices, "slices", FZ_OPTIONAL, "yes", "each slice of the number put in is priced by its own row, and the slices are added up", "对输入的数额分段，各段依其所在的行计算后相加"),
    FZ_KEY_WORD(struct raw_table, round, "round", FZ_OPTIONAL, "down up half_up", "half_up", "slices by shares: how their sum is rounded, once", "按比例分段计算时，合计数的取整方式，只取整一次"),
    FZ_KEY_WORD(struct raw_table, confidence, "confidence", FZ_OPTIONAL, FZ_CONFIDENCE_WORDS, "local", "how well it is known; verified without it", "可靠程度；不写即已核实"),
    FZ_KEY_TEXT(struct raw_table, source, "source", FZ_OPTIONAL, "某市行政处罚裁量权基准（2023）", "where it comes from", "来源"),
    ARTICLE(struct raw_table, FZ_REQUIRED),
    FZ_KEY_END};
static const struct fz_construct table = FZ_CONSTRUCT(struct raw_table, "table", "裁量表", table_keys, .brief = NULL);

static const struct fz_key field_keys[] = {
    FZ_KEY_WORD(struct raw_field, type, "type", FZ_REQUIRED, type_words, "day", "type of the value", "值的类型"),
    FZ_KEY_TITLE(struct raw_field, title, "title", FZ_REQUIRED, "申请人", "what people read", "名称"),
    FZ_KEY_TEXT(struct raw_field, required, "required", FZ_OPTIONAL, "yes", "yes: given when the record begins; the name of an action: given by then", "yes：记录开始时必填；行为的名称：至该行为时必填"),
    FZ_KEY_FLAG(struct raw_field, many, "many", FZ_OPTIONAL, "yes", "a set of such values", "此类值的集合"),
    FZ_KEY_TEXT(struct raw_field, initial, "default", FZ_OPTIONAL, "ordinary", "the value until another is given", "未另行填写时的值"),
    WHEN(struct raw_field, "track = ordinary"),
    FZ_KEY_EXPR(struct raw_field, is, "is", FZ_OPTIONAL, "gravity = grave", "derived by this expression, never entered", "由表达式得出，不得填写"),
    FZ_KEY_NAMED(struct raw_field, of, "of", FZ_OPTIONAL, &choice, "[ordinary, simplified]", "the names of a choice, or a map of them to titles", "选项的各个名称，可附中文名称"),
    FZ_KEY_FLAG(struct raw_field, personal, "personal", FZ_OPTIONAL, "yes", "personal information: purpose and keep must be said", "个人信息：须写明目的和保存期限"),
    FZ_KEY_TEXT(struct raw_field, purpose, "purpose", FZ_OPTIONAL, "办案", "what personal information is used for", "处理个人信息的目的"),
    FZ_KEY_TEXT(struct raw_field, keep, "keep", FZ_OPTIONAL, "permanent", "how long it is kept: permanent, none (as long as the ground for having it lasts), or a length from the end of the record; meanwhile it can be locked, not erased", "保存期限：permanent（永久）、none（依据消失即可删除），或者自记录终结之日起的长度；其间只能封存，不得删除"),
    FZ_KEY_END};
static const struct fz_construct field = FZ_CONSTRUCT(struct raw_field, "field", "字段", field_keys, .brief = NULL);

static const struct fz_key pause_keys[] = {
    FZ_KEY_TITLE(struct raw_pause, title, "title", FZ_REQUIRED, "中止", "what people read", "名称"),
    FZ_KEY_NAMES(struct raw_pause, in, "in", FZ_REQUIRED, "accepted", "stages over which it may lie", "可以中止的阶段"),
    FZ_KEY_NAMES(struct raw_pause, allows, "allows", FZ_REQUIRED, "[resume]", "actions that are taken nonetheless", "中止期间仍可进行的行为"),
    FZ_KEY_END};
static const struct fz_construct pause = FZ_CONSTRUCT(struct raw_pause, "pause", "中止", pause_keys, .brief = NULL);

static const struct fz_key document_keys[] = {
    FZ_KEY_TITLE(struct raw_document, title, "title", FZ_REQUIRED, "行政复议决定书", "what people read", "名称"),
    FZ_KEY_NAMES(struct raw_document, to, "to", FZ_REQUIRED, "applicants", "fields that name the addressees, or all", "受送达人所在的字段，或者 all（全部）"),
    FZ_KEY_TEXT(struct raw_document, number, "number", FZ_OPTIONAL, "{organ.short}复〔{year}〕{serial}号", "pattern of its number", "文号格式"),
    FZ_KEY_TEXT(struct raw_document, public, "public", FZ_OPTIONAL, "masked", "how it is made public", "公开方式"),
    FZ_KEY_NAMES(struct raw_document, service, "service", FZ_OPTIONAL, "[direct, post]", "ways of service that are open to it", "可用的送达方式"),
    FZ_KEY_END};
static const struct fz_construct document = FZ_CONSTRUCT(struct raw_document, "document", "文书", document_keys, .brief = NULL);

static const struct fz_key by_keys[] = {
    FZ_KEY_TEXT(struct raw_by, role, "role", FZ_REQUIRED, "officer@respondent", "a role, and after @ the organ it stands at: a field, or organ, institution, government", "岗位；@ 之后为其所属机关：字段名，或者 organ、institution、government"),
    FZ_KEY_COUNT(struct raw_by, persons, "persons", FZ_OPTIONAL, "2", "at least so many persons", "最少人数"),
    FZ_KEY_NAME(struct raw_by, holding, "holding", FZ_OPTIONAL, "enforcement_certificate", "what they hold on that day", "当日应当持有的资格"),
    FZ_KEY_WORD(struct raw_by, delegated, "delegated", FZ_OPTIONAL, "allowed", "allowed", "allowed: an organ may have entrusted another one with it; without it the organ's own people only", "allowed：可以由受委托的机关、组织的人员进行；不写即只限本机关的人员"),
    FZ_KEY_END};
static const struct fz_key by_brief = FZ_KEY_TEXT(struct raw_by, role, "role", FZ_OPTIONAL, "head@organ", "a role", "岗位");
static const struct fz_construct by = FZ_CONSTRUCT(struct raw_by, "role", "岗位", by_keys, .brief = &by_brief);

static const struct fz_key after_keys[] = {
    FZ_KEY_NAMES(struct raw_after, need, "need", FZ_OPTIONAL, "[notify, discuss]", "all of these have been done", "均已完成的行为"),
    FZ_KEY_NAMES(struct raw_after, any, "any", FZ_OPTIONAL, "[call_back, call_unanswered]", "one of these has been done", "至少完成其一的行为"),
    WHEN(struct raw_after, "track = ordinary"),
    FZ_KEY_END};
static const struct fz_key after_brief = FZ_KEY_NAMES(struct raw_after, need, "need", FZ_OPTIONAL, "notify", "has been done", "已完成的行为");
static const struct fz_construct after = FZ_CONSTRUCT(struct raw_after, "need", "前置行为", after_keys, .brief = &after_brief);

static const struct fz_key waive_keys[] = {
    FZ_KEY_PARTS(struct raw_waive, by, "by", FZ_REQUIRED, &by, "reviewer", "who may declare that it does not apply", "可以认定不适用的人"),
    WHEN(struct raw_waive, "track = simplified"),
    FZ_KEY_WORD(struct raw_waive, reason, "reason", FZ_OPTIONAL, "required optional", "required", "whether a reason must be given", "是否必须说明理由"),
    ARTICLE(struct raw_waive, FZ_REQUIRED),
    FZ_KEY_END};
static const struct fz_construct waive = FZ_CONSTRUCT(struct raw_waive, "waive", "认定不适用", waive_keys, .brief = NULL);

static const struct fz_key gate_keys[] = {
    FZ_KEY_NAME(struct raw_gate, name, "name", FZ_OPTIONAL, "in_time", "its name in findings", "在审查结果中的名称"),
    FZ_KEY_EXPR(struct raw_gate, that, "that", FZ_REQUIRED, "clock(application) is not missed", "what has to hold", "应当成立的条件"),
    FZ_KEY_TITLE(struct raw_gate, otherwise, "else", FZ_REQUIRED, "超过申请期限", "what is said when it does not", "不成立时的说明"),
    ARTICLE(struct raw_gate, FZ_REQUIRED),
    FZ_KEY_END};
static const struct fz_construct gate = FZ_CONSTRUCT(struct raw_gate, "gate", "条件", gate_keys, .brief = NULL);

static const struct fz_key set_keys[] = {FZ_KEY_END};
static const struct fz_key set_brief = FZ_KEY_EXPR(struct raw_set, value, "value", FZ_OPTIONAL, "simplified", "the value it gets", "所赋的值");
static const struct fz_construct set = FZ_CONSTRUCT(struct raw_set, "field set", "填写的字段", set_keys, .brief = &set_brief, .listed = true);

static const struct fz_key effect_keys[] = {
    FZ_KEY_NAME(struct raw_effect, at, "at", FZ_REQUIRED, "against", "the link: on its record, or on each of its records", "关联：对其记录，或者对其每一记录"),
    FZ_KEY_NAME(struct raw_effect, act, "do", FZ_REQUIRED, "revoke", "the action that happens there by law; it names this record type under caused_by", "在该记录上依法发生的行为；该行为在 caused_by 中列明本记录类型"),
    FZ_KEY_NAMED(struct raw_effect, with, "with", FZ_OPTIONAL, &set, "{revoked_by: outcome_text}", "fields of that record and the values they get; a name alone: from the field of the same name", "该记录的字段及其所得的值；只写名称：取同名字段"),
    WHEN(struct raw_effect, "against is set"),
    FZ_KEY_END};
static const struct fz_construct effect = FZ_CONSTRUCT(struct raw_effect, "effect", "对关联记录的效力", effect_keys, .brief = NULL);

static const struct fz_key open_keys[] = {
    FZ_KEY_TEXT(struct raw_open, record, "record", FZ_REQUIRED, "mediation.mediation_case", "record type that is opened: of this pack, or PACK.RECORD", "所开立的记录类型：本制度包的，或者“制度包.记录”"),
    FZ_KEY_NAME(struct raw_open, act, "do", FZ_REQUIRED, "receive", "the action that begins it", "开始该记录的行为"),
    FZ_KEY_NAME(struct raw_open, link, "link", FZ_REQUIRED, "parts", "the link of this record that gets the new one", "取得新记录的关联"),
    FZ_KEY_NAME(struct raw_open, organ, "organ", FZ_OPTIONAL, "handler", "the field that says whose record it is; the same organ without it", "新记录所属机关所在的字段；不写即同一机关"),
    FZ_KEY_NAMED(struct raw_open, copies, "copies", FZ_OPTIONAL, &set, "{caller: caller, matter: summary}", "fields of the new record and the values they get; a name alone: from the field of the same name", "新记录的字段及其所得的值；只写名称：取同名字段"),
    WHEN(struct raw_open, "kind = dispute"),
    FZ_KEY_END};
static const struct fz_construct opens = FZ_CONSTRUCT(struct raw_open, "opening", "开立记录", open_keys, .brief = NULL);

static const struct fz_key follow_keys[] = {
    FZ_KEY_NAMES(struct raw_follow, on, "on", FZ_REQUIRED, "main.close", "acts heard of linked records, LINK.ACTION: one of them", "所听取的关联记录的行为，写作“关联.行为”，其一即可"),
    WHEN(struct raw_follow, "lawsuit.judge = lost"),
    FZ_KEY_NAME(struct raw_follow, outcome, "outcome", FZ_OPTIONAL, "merged", "with this outcome", "所取的结果"),
    FZ_KEY_END};
static const struct fz_key follow_brief = FZ_KEY_NAMES(struct raw_follow, on, "on", FZ_OPTIONAL, "main.close", "acts heard of linked records", "所听取的关联记录的行为");
static const struct fz_construct follow = FZ_CONSTRUCT(struct raw_follow, "following", "随之发生", follow_keys, .brief = &follow_brief);

static const struct fz_key outcome_keys[] = {
    FZ_KEY_TITLE(struct raw_outcome, title, "title", FZ_OPTIONAL, "维持", "what people read", "名称"),
    FZ_KEY_NAMES(struct raw_outcome, to, "to", FZ_OPTIONAL, "examining", "the stage it leads to, instead of the action's", "所进入的阶段，替代行为自身的去向"),
    FZ_KEY_NAMES(struct raw_outcome, clears, "clears", FZ_OPTIONAL, "[discuss]", "milestones that it undoes", "由其消除的环节"),
    FZ_KEY_PARTS(struct raw_outcome, effect, "effect", FZ_OPTIONAL, &effect, "{at: against, do: revoke}", "what it does to linked records", "对关联记录的效力"),
    FZ_KEY_NAME(struct raw_outcome, change, "change", FZ_OPTIONAL, "added", "the kind of change of the register that it is, instead of the action's", "所属的变动类型，替代行为自身的类型"),
    ARTICLE(struct raw_outcome, FZ_OPTIONAL),
    FZ_KEY_END};
static const struct fz_key outcome_brief = ARTICLE(struct raw_outcome, FZ_OPTIONAL);
static const struct fz_construct outcome = FZ_CONSTRUCT(struct raw_outcome, "outcome", "结果", outcome_keys, .brief = &outcome_brief, .listed = true);

static const struct fz_key action_keys[] = {
    FZ_KEY_TITLE(struct raw_action, title, "title", FZ_REQUIRED, "受理", "what people read", "名称"),
    FZ_KEY_NAME(struct raw_action, starts, "starts", FZ_OPTIONAL, "received", "it begins the record, at this stage; of a register or an activity without `stages` the first action does, and each that is a change into the stock", "由其开始记录，进入该阶段；登记事项和活动不写 stages 的，由首个行为以及各项使存量增加的行为开始"),
    FZ_KEY_NAMES(struct raw_action, from, "from", FZ_OPTIONAL, "[received, accepted]", "stages at which it may be taken; every one that is not final without it", "可以进行的阶段；不写即一切非终局阶段"),
    FZ_KEY_NAMES(struct raw_action, to, "to", FZ_OPTIONAL, "accepted", "the stage it leads to; it stays without it", "所进入的阶段；不写即停留原阶段"),
    FZ_KEY_PARTS(struct raw_action, by, "by", FZ_REQUIRED, &by, "[public, head@organ]", "who may take it; law: nobody does, the law itself", "可以进行的人；law：由法律直接产生，无人为之"),
    FZ_KEY_NAMES(struct raw_action, not_by, "not_by", FZ_OPTIONAL, "[investigate]", "not by persons who took these", "不得由进行过这些行为的人进行"),
    FZ_KEY_FLAG(struct raw_action, milestone, "milestone", FZ_OPTIONAL, "yes", "once done it stands and can be asked for", "完成后成为环节，可供查问"),
    FZ_KEY_PARTS(struct raw_action, after, "after", FZ_OPTIONAL, &after, "[notify, {need: discuss, when: complicated}]", "what has to be done before", "此前应当完成的行为"),
    FZ_KEY_PART(struct raw_action, waive, "waive", FZ_OPTIONAL, &waive, "{by: reviewer, reason: required, article: 复议法 49}", "it may be declared not to apply", "可以认定为不适用"),
    FZ_KEY_NAMED(struct raw_action, outcomes, "outcomes", FZ_OPTIONAL, &outcome, "{upheld: 复议法 68, revoked: 复议法 64}", "its results, one of which is said with it", "各种结果，进行时择一"),
    FZ_KEY_COUNT(struct raw_action, times, "times", FZ_OPTIONAL, "1", "at most so many times", "最多次数"),
    FZ_KEY_FLAG(struct raw_action, repeats, "repeats", FZ_OPTIONAL, "yes", "any number of times", "不限次数"),
    FZ_KEY_NAME(struct raw_action, answers, "answers", FZ_OPTIONAL, "start_test", "closes the oldest open act of this one", "了结最早一次尚未了结的该行为"),
    FZ_KEY_NAMES(struct raw_action, each, "each", FZ_OPTIONAL, "[applicants, third_parties]", "once for each member of these sets", "对这些集合的每一成员各进行一次"),
    FZ_KEY_NAME(struct raw_action, pauses, "pauses", FZ_OPTIONAL, "trial", "lays this pause over the stage", "开始该项中止"),
    FZ_KEY_NAME(struct raw_action, resumes, "resumes", FZ_OPTIONAL, "trial", "lifts this pause", "结束该项中止"),
    FZ_KEY_NAMED(struct raw_action, sets, "sets", FZ_OPTIONAL, &set, "{track: simplified}", "fields entered with it, or fields and the values they get", "随之填写的字段，或者字段及其所赋的值"),
    FZ_KEY_NAMES(struct raw_action, clears, "clears", FZ_OPTIONAL, "[propose]", "milestones that it undoes", "由其消除的环节"),
    FZ_KEY_NAME(struct raw_action, change, "change", FZ_OPTIONAL, "added", "the kind of change of the register that it is", "所属的变动类型"),
    FZ_KEY_NAME(struct raw_action, document, "document", FZ_OPTIONAL, "decision_letter", "the document it produces", "所产生的文书"),
    FZ_KEY_PARTS(struct raw_action, gates, "gates", FZ_OPTIONAL, &gate, "[{that: simple_fit, else: 不符合条件, article: 复议法 53}]", "conditions, each with its article", "各项条件及其条文"),
    FZ_KEY_PARTS(struct raw_action, follows, "follows", FZ_OPTIONAL, &follow, "main.close", "by law: it happens when that is heard of a linked record", "by: law 的行为：听取到关联记录的该行为时随之发生"),
    FZ_KEY_PARTS(struct raw_action, opens, "opens", FZ_OPTIONAL, &opens, "{record: mediation.mediation_case, do: receive, link: mediation, copies: [caller]}", "records that begin with it", "随之开立的记录"),
    FZ_KEY_PARTS(struct raw_action, effect, "effect", FZ_OPTIONAL, &effect, "{at: against, do: revoke}", "what it does to linked records", "对关联记录的效力"),
    FZ_KEY_TEXTS(struct raw_action, caused_by, "caused_by", FZ_OPTIONAL, "reconsideration.reconsideration_case", "by law: record types, PACK.RECORD, whose effects bring it about", "by: law 的行为：由哪些记录类型（制度包.记录）的效力引起"),
    ARTICLE(struct raw_action, FZ_REQUIRED),
    FZ_KEY_END};
static const struct fz_construct action = FZ_CONSTRUCT(struct raw_action, "action", "行为", action_keys, .brief = NULL);

static const struct fz_key suspends_keys[] = {
    FZ_KEY_NAME(struct raw_suspends, pause, "while", FZ_OPTIONAL, "trial", "while this pause lies over the stage", "在该项中止期间"),
    FZ_KEY_NAME(struct raw_suspends, spans, "spans", FZ_OPTIONAL, "obstacles", "during the spans of this field", "在该字段的各段期间"),
    ARTICLE(struct raw_suspends, FZ_OPTIONAL),
    FZ_KEY_END};
static const struct fz_construct suspends = FZ_CONSTRUCT(struct raw_suspends, "suspension", "期限中止", suspends_keys, .brief = NULL);

static const struct fz_key excludes_keys[] = {
    FZ_KEY_NAME(struct raw_excludes, from, "from", FZ_REQUIRED, "start_test", "action after which days are not counted", "自该行为之后不计入"),
    FZ_KEY_NAME(struct raw_excludes, until, "until", FZ_REQUIRED, "end_test", "action with which counting goes on", "至该行为时继续计算"),
    FZ_KEY_NAME(struct raw_excludes, told_by, "told_by", FZ_OPTIONAL, "tell_special", "action by which the party has to be told", "应当以该行为告知当事人"),
    WHEN(struct raw_excludes, "config.inspection_excluded"),
    ARTICLE(struct raw_excludes, FZ_OPTIONAL),
    FZ_KEY_END};
static const struct fz_construct excludes = FZ_CONSTRUCT(struct raw_excludes, "exclusion", "不计算在期限内", excludes_keys, .brief = NULL);

static const struct fz_key extends_keys[] = {
    FZ_KEY_NAME(struct raw_extends, on, "on", FZ_REQUIRED, "extend", "the action that extends it", "作出延长的行为"),
    FZ_KEY_EXPR(struct raw_extends, by, "by", FZ_REQUIRED, "30 days", "by how much", "延长的长度"),
    WHEN(struct raw_extends, "track = ordinary"),
    ARTICLE(struct raw_extends, FZ_OPTIONAL),
    FZ_KEY_END};
static const struct fz_construct extends = FZ_CONSTRUCT(struct raw_extends, "extension", "延长", extends_keys, .brief = NULL);

static const struct fz_key caps_keys[] = {
    FZ_KEY_EXPR(struct raw_caps, at, "at", FZ_REQUIRED, "due(known_on, 1 year)", "it ends on this day at the latest", "至迟于该日届满"),
    WHEN(struct raw_caps, "told_on is set"),
    ARTICLE(struct raw_caps, FZ_REQUIRED),
    FZ_KEY_END};
static const struct fz_construct caps = FZ_CONSTRUCT(struct raw_caps, "cap", "最长期限", caps_keys, .brief = NULL);

static const struct fz_key rung_keys[] = {
    FZ_KEY_TEXT(struct raw_rung, at, "at", FZ_REQUIRED, "3 working_days before due", "due, or a length before or after due", "due（届满日），或者届满日之前、之后的一段长度"),
    FZ_KEY_WORD(struct raw_rung, act, "do", FZ_REQUIRED, "warn urge escalate", "urge", "what happens then", "届时的处理"),
    FZ_KEY_END};
static const struct fz_construct rung = FZ_CONSTRUCT(struct raw_rung, "rung", "催办节点", rung_keys, .brief = NULL);

static const struct fz_key then_keys[] = {FZ_KEY_END};
static const struct fz_key then_brief = FZ_KEY_NAME(struct raw_then, outcome, "outcome", FZ_OPTIONAL, "granted", "its outcome", "其结果");
static const struct fz_construct then = FZ_CONSTRUCT(struct raw_then, "consequence", "届满的后果", then_keys, .brief = &then_brief, .listed = true);

static const struct fz_key limit_keys[] = {
    WHEN(struct raw_limit, "joint"),
    FZ_KEY_EXPR(struct raw_limit, be, "be", FZ_OPTIONAL, "45 working_days", "the length then", "此时的长度"),
    FZ_KEY_EXPR(struct raw_limit, otherwise, "else", FZ_OPTIONAL, "20 working_days", "the length otherwise; the last of the list", "其余情形的长度；列于最后"),
    FZ_KEY_EXPR(struct raw_limit, until, "until", FZ_OPTIONAL, "valid_to", "not a length: it ends on this day, or at this instant to the minute", "不是长度：于该日或者该时刻（精确到分钟）届满"),
    FZ_KEY_END};
const struct fz_construct fz_limit_construct = FZ_CONSTRUCT(struct raw_limit, "limit", "期限长度", limit_keys, .brief = NULL);

static const struct fz_key clock_keys[] = {
    FZ_KEY_TITLE(struct raw_clock, title, "title", FZ_OPTIONAL, "办理期限", "what people read", "名称"),
    FZ_KEY_WORD(struct raw_clock, kind, "kind", FZ_REQUIRED, kind_words, "at_most", "what its end means", "届满的意义"),
    FZ_KEY_EXPRS(struct raw_clock, starts, "starts", FZ_REQUIRED, "[receive, forward]", "what starts it: an action, a day, served(DOCUMENT) or CLOCK.over; one or a list", "起算点：行为、日期、served(文书) 或者 期限.over；一个或者一列"),
    FZ_KEY_EXPRS(struct raw_clock, stops, "stops", FZ_OPTIONAL, "[accept, refuse]", "what stops it, written likewise", "终止计算的事由，写法相同"),
    FZ_KEY_NAMES(struct raw_clock, used_by, "used_by", FZ_OPTIONAL, "[contest]", "window: the actions that use the chance", "权利期间：行使权利的行为"),
    FZ_KEY_NAMES(struct raw_clock, holds, "holds", FZ_OPTIONAL, "[grant, refuse]", "window: actions that wait until it was used or is over", "权利期间：行使或者届满之前不得进行的行为"),
    FZ_KEY_NAMES(struct raw_clock, blocks, "blocks", FZ_OPTIONAL, "[apply_to_court]", "at_least, retention: actions that may not be taken before its end", "最短期限、保存期限：届满之前不得进行的行为"),
    FZ_KEY_WORD(struct raw_clock, again, "again", FZ_OPTIONAL, "ignore restart another", "restart", "what a second start does", "再次出现起算点时"),
    FZ_KEY_NAMES(struct raw_clock, per, "per", FZ_OPTIONAL, "[applicants]", "one for each member of these sets", "对这些集合的每一成员各计算一个"),
    WHEN(struct raw_clock, "domain = market"),
    FZ_KEY_NODE(struct raw_clock, limit, "limit", FZ_OPTIONAL, &fz_limit_construct, "{ordinary: 60 days, simplified: 30 days}", "its length, but of at_once, fixed_day and recurring: a length, a value of that type, one for each name of a choice, a list of {when, be} and {else}, or {until: DAY or INSTANT}", "长度（立即、固定日期、定期除外）：直接写明、某个长度值、按选项各写一个、{when, be} 与 {else} 的列表，或者 {until: 日期或者时刻}"),
    FZ_KEY_EXPR(struct raw_clock, until, "until", FZ_OPTIONAL, "hearing_on", "at_least: so long before this day", "最短期限：该日之前应当有如此长度"),
    FZ_KEY_PARTS(struct raw_clock, suspends, "suspends", FZ_OPTIONAL, &suspends, "[{while: trial}]", "when it stands still", "期限中止"),
    FZ_KEY_PARTS(struct raw_clock, excludes, "excludes", FZ_OPTIONAL, &excludes, "[{from: start_test, until: end_test, article: 许可法 45}]", "time that is not counted", "不计算在期限内的时间"),
    FZ_KEY_PARTS(struct raw_clock, extends, "extends", FZ_OPTIONAL, &extends, "[{on: extend, by: 30 days, article: 复议法 62}]", "what makes it longer", "延长"),
    FZ_KEY_PARTS(struct raw_clock, caps, "caps", FZ_OPTIONAL, &caps, "[{at: \"due(act_on, 5 years)\", article: 复议法 21}]", "days after which it never ends", "最长期限"),
    FZ_KEY_NAMED(struct raw_clock, then, "then", FZ_OPTIONAL, &then, "accept", "deemed, validity, retention: what the law itself does at its end, an action or {ACTION: OUTCOME}", "视为、有效期、保存期限：届满时由法律直接产生的行为，或者 {行为: 结果}"),
    FZ_KEY_WORD(struct raw_clock, dated, "dated", FZ_OPTIONAL, "due start", "start", "deemed: whether that counts from the end or from the start of the clock", "视为：该行为自届满日还是自起算日起计"),
    FZ_KEY_EXPR(struct raw_clock, promise, "promise", FZ_OPTIONAL, "config.promised_limit", "at_most: a shorter length that the organ promised", "期限：机关承诺的较短长度"),
    FZ_KEY_WORD(struct raw_clock, norm, "norm", FZ_OPTIONAL, "statute service", "service", "service: no statute stands behind it, lateness is no breach", "service：没有法律依据，逾期不构成违法"),
    FZ_KEY_WORD(struct raw_clock, roll, "roll", FZ_OPTIONAL, "none", "none", "none: it ends on its last day even on a day of rest", "none：末日逢休息日也不顺延"),
    FZ_KEY_PARTS(struct raw_clock, ladder, "ladder", FZ_OPTIONAL, &rung, "[{at: due, do: urge}]", "whom it reminds when", "催办安排"),
    FZ_KEY_WORD(struct raw_clock, each, "each", FZ_OPTIONAL, "year month", "year", "fixed_day, recurring: once each year or month", "固定日期、定期：每年或者每月一次"),
    FZ_KEY_TEXT(struct raw_clock, by, "by", FZ_OPTIONAL, "01-31", "by the end of this day: month and day of a year, or day of a month", "至迟于该日：每年的月和日，或者每月的日"),
    FZ_KEY_TEXT(struct raw_clock, before, "before", FZ_OPTIONAL, "03-01", "before this day", "在该日之前"),
    FZ_KEY_LENGTH(struct raw_clock, every, "every", FZ_OPTIONAL, "2 years", "once every so long after the start", "起算后每隔如此长度一次"),
    FZ_KEY_EXPR(struct raw_clock, while_, "while", FZ_OPTIONAL, "stage at valid", "as long as this holds", "在此条件成立期间"),
    FZ_KEY_WORD(struct raw_clock, confidence, "confidence", FZ_OPTIONAL, FZ_CONFIDENCE_WORDS, "chosen", "how well it is known; verified without it", "可靠程度；不写即已核实"),
    ARTICLE(struct raw_clock, FZ_REQUIRED),
    FZ_KEY_END};
static const struct fz_construct clock_construct = FZ_CONSTRUCT(struct raw_clock, "clock", "期限", clock_keys, .brief = NULL);

static const struct fz_key directory_keys[] = {
    FZ_KEY_WORD(struct raw_directory, kind, "kind", FZ_REQUIRED, directory_words, "mandate", "what a record of this type gives the directory", "此类记录为名录提供的内容"),
#define X(part, word, x, en, zh) FZ_KEY_NAME(struct raw_directory, parts[FZ_DP_##part], word, FZ_OPTIONAL, x, "the field that says " en, "该字段填写" zh),
    FZ_DIRECTORY_PARTS(X)
#undef X
    FZ_KEY_END};
static const struct fz_construct directory = FZ_CONSTRUCT(struct raw_directory, "directory", "名录", directory_keys, .brief = NULL);

static const struct fz_key heard_keys[] = {
    FZ_KEY_TITLE(struct raw_heard, title, "title", FZ_OPTIONAL, "判决", "what people read", "名称"),
    FZ_KEY_NAMED(struct raw_heard, of, "of", FZ_OPTIONAL, &choice, "[won, lost]", "outcomes that are told apart; the rest is `other`", "区分的结果；其余为 other"),
    FZ_KEY_END};
static const struct fz_key heard_brief = FZ_KEY_NAMED(struct raw_heard, of, "of", FZ_OPTIONAL, &choice, "[won, lost]", "outcomes that are told apart", "区分的结果");
static const struct fz_construct heard = FZ_CONSTRUCT(struct raw_heard, "act heard", "听取的行为", heard_keys, .brief = &heard_brief, .listed = true);

static const struct fz_key read_keys[] = {
    FZ_KEY_WORD(struct raw_field, type, "type", FZ_REQUIRED, type_words, "money", "type of the value, as it is there", "值的类型，与该记录中一致"),
    FZ_KEY_TITLE(struct raw_field, title, "title", FZ_REQUIRED, "罚款数额", "what people read", "名称"),
    FZ_KEY_NAMED(struct raw_field, of, "of", FZ_OPTIONAL, &choice, "[ordinary, simplified]", "the names of a choice that are told apart", "区分的选项"),
    FZ_KEY_END};
static const struct fz_construct reads = FZ_CONSTRUCT(struct raw_field, "value read", "读取的值", read_keys, .brief = NULL);

static const struct fz_key link_keys[] = {
    FZ_KEY_TITLE(struct raw_link, title, "title", FZ_REQUIRED, "被申请复议的行政行为", "what people read", "名称"),
    FZ_KEY_TEXT(struct raw_link, to, "to", FZ_REQUIRED, "penalty.penalty_case", "record type it leads to: of this pack, or PACK.RECORD", "所指的记录类型：本制度包的，或者“制度包.记录”"),
    FZ_KEY_WORD(struct raw_link, kind, "kind", FZ_REQUIRED, link_words, "remedy", "part: belongs to one record alone; merged: goes on in that one; remedy, basis, reference: only points", "part：分项，只属于一个记录；merged：并入该记录；remedy（救济）、basis（依据）、reference（参照）：仅指向"),
    FZ_KEY_FLAG(struct raw_link, many, "many", FZ_OPTIONAL, "yes", "a set of records", "一组记录"),
    FZ_KEY_FLAG(struct raw_link, tree, "tree", FZ_OPTIONAL, "yes", "to the same type, and never in a circle", "指向同类记录，不得成环"),
    FZ_KEY_TEXT(struct raw_link, required, "required", FZ_OPTIONAL, "yes", "as of a field", "与字段相同"),
    FZ_KEY_NAMED(struct raw_link, stages, "stages", FZ_OPTIONAL, &stage, "[decided, closed]", "stages of that record that are told apart, asked as LINK at STAGE; the rest is `other`", "区分的该记录的阶段，写作“关联 at 阶段”；其余为 other"),
    FZ_KEY_NAMED(struct raw_link, hears, "hears", FZ_OPTIONAL, &heard, "{decide: [imposed, not_imposed], close: []}", "acts of that record that are heard, each with the outcomes that are told apart; asked as done(LINK.ACTION), LINK.ACTION = OUTCOME", "听取的该记录的行为及其区分的结果，写作 done(关联.行为)、关联.行为 = 结果"),
    FZ_KEY_NAMED(struct raw_link, reads, "reads", FZ_OPTIONAL, &reads, "{fine: {type: money, title: 罚款数额}}", "fields of that record that are read, or its `organ` and `number`; asked as LINK.FIELD", "读取的该记录的字段，或者其 organ（机关）、number（编号），写作“关联.字段”"),
    FZ_KEY_WORD(struct raw_link, competent, "competent", FZ_OPTIONAL, "same superior government", "superior", "how the organ of this record has to stand to that of the linked one", "本记录的机关与该记录的机关应有的关系：same（同一）、superior（上级）、government（本级人民政府）"),
    ARTICLE(struct raw_link, FZ_OPTIONAL),
    FZ_KEY_END};
static const struct fz_construct link_construct = FZ_CONSTRUCT(struct raw_link, "link", "关联", link_keys, .brief = NULL);
static const struct fz_key kind_keys[] = {
    FZ_KEY_TITLE(struct raw_kind, title, "title", FZ_OPTIONAL, "新增", "what people read", "名称"),
    FZ_KEY_WORD(struct raw_kind, effect, "stock", FZ_REQUIRED, FZ_EFFECT_WORDS, "1", "what it does to the stock: 1 enters it, -1 leaves it, 0 neither", "对存量的影响：1 计入，-1 移出，0 不变"),
    FZ_KEY_END};
static const struct fz_key kind_brief = FZ_KEY_WORD(struct raw_kind, effect, "stock", FZ_OPTIONAL, FZ_EFFECT_WORDS, "1", "what it does to the stock", "对存量的影响");
static const struct fz_construct change_kind = FZ_CONSTRUCT(struct raw_kind, "kind of change", "变动类型", kind_keys, .brief = &kind_brief);

static const struct fz_key record_keys[] = {
    FZ_KEY_TITLE(struct raw_record, title, "title", FZ_REQUIRED, "行政复议案件", "what people read", "名称"),
    FZ_KEY_WORD(struct raw_record, shape, "shape", FZ_REQUIRED, "case register activity", "case", "case: a procedure from its beginning to its end; register: an entry that stays and is changed; activity: a fact of one day", "case：有始有终的程序；register：持续存在、可以变动的登记事项；activity：某日发生的一件事"),
    FZ_KEY_TEXT(struct raw_record, number, "number", FZ_OPTIONAL, "{organ.short}复〔{year}〕{serial}号", "pattern of its number", "编号格式"),
    FZ_KEY_NAMED(struct raw_record, fields, "fields", FZ_OPTIONAL, &field, "{known_on: {type: day, title: 知道之日}}", "what is known of it", "字段"),
    FZ_KEY_NAMED(struct raw_record, stages, "stages", FZ_OPTIONAL, &stage, "{received: {zh: 收到, en: Received}}", "where it may stand, one at a time. A register may leave them out, and has `standing` and, if something leads there, `ended`, which is final: an act that is a change out of the stock leads there by itself. So may an activity: it has `recorded` and, if something leads there, `cancelled`, both final. Without `from` an act then belongs to the first of them", "所处的阶段，每次只有一个。登记事项可以不写：其阶段为 standing（在册），有行为使其终结的，另有 ended（已注销），为终局阶段，使存量减少的行为自动进入该阶段。活动也可以不写：其阶段为 recorded（已记录），有行为撤销的，另有 cancelled（已撤销），均为终局阶段。此时行为不写 from 的，在前一阶段进行"),
    FZ_KEY_NAMES(struct raw_record, final, "final", FZ_OPTIONAL, "[closed]", "stages at which it has ended; said where `stages` are", "终局阶段；写明 stages 的，应当写明"),
    FZ_KEY_NAMES(struct raw_record, key, "key", FZ_OPTIONAL, "[code]", "fields, required and public, whose values no two records in the stock have together; `organ` among them: no two of one organ", "键：必填且不涉及个人信息的字段，存量中的任何两项不得全部相同；其中写明 organ 的，只在同一机关内不得相同"),
    FZ_KEY_NAMED(struct raw_record, kinds, "kinds", FZ_OPTIONAL, &change_kind, "{added: 1, cancelled: -1, moved: 0}", "the kinds of change that its actions are (`change`), and what each does to the stock. Without them a record is in the stock from its beginning until a final stage", "各行为所属的变动类型（change）及其对存量的影响。不写的，记录自开始之日至进入终局阶段计入存量"),
    FZ_KEY_NAMES(struct raw_record, in_stock, "in_stock", FZ_OPTIONAL, "[permanent]", "final stages at which it stays in the stock", "仍计入存量的终局阶段"),
    FZ_KEY_NAMED(struct raw_record, pauses, "pauses", FZ_OPTIONAL, &pause, "{trial: {title: 中止, in: accepted, allows: [resume]}}", "what may lie over a stage", "可以加于阶段之上的中止"),
    FZ_KEY_NAMED(struct raw_record, actions, "actions", FZ_REQUIRED, &action, "{accept: {title: 受理, from: received, by: reviewer, article: 复议法 30}}", "what is done", "行为"),
    FZ_KEY_NAMED(struct raw_record, documents, "documents", FZ_OPTIONAL, &document, "{notice: {title: 通知书, to: all}}", "what is written and served", "文书"),
    FZ_KEY_NAMED(struct raw_record, clocks, "clocks", FZ_OPTIONAL, &clock_construct, "{decision: {kind: at_most, starts: accept, stops: decide, limit: 60 days, article: 复议法 62}}", "time limits", "期限"),
    FZ_KEY_NAMED(struct raw_record, links, "links", FZ_OPTIONAL, &link_construct, "{against: {title: 被申请的行为, to: penalty.penalty_case, kind: remedy, reads: {fine: {type: money, title: 罚款}}}}", "other records that it is linked to, and what it wants to know of them", "所关联的其他记录，以及需要了解的内容"),
    FZ_KEY_PART(struct raw_record, directory, "directory", FZ_OPTIONAL, &directory, "{kind: certificate, person: holder, holding: kind, from: valid_from, until: valid_to}", "what it gives the directory by which the rights of acts are judged", "为判断行为人权限的名录所提供的内容"),
    FZ_KEY_END};
static const struct fz_construct record = FZ_CONSTRUCT(struct raw_record, "record", "记录", record_keys, .brief = NULL);

static const struct fz_key rule_keys[] = {
    FZ_KEY_NAME(struct raw_rule, name, "name", FZ_OPTIONAL, "heard_first", "its name in findings", "在审查结果中的名称"),
    FZ_KEY_TITLE(struct raw_rule, title, "title", FZ_OPTIONAL, "先听证后决定", "what people read", "名称"),
    FZ_KEY_NAME(struct raw_rule, never, "never", FZ_OPTIONAL, "decide", "never this action, with before, while or after", "不得进行的行为，与 before、while 或者 after 连用"),
    FZ_KEY_NAME(struct raw_rule, before, "before", FZ_OPTIONAL, "hear", "before this one was done", "在该行为完成之前"),
    FZ_KEY_EXPR(struct raw_rule, unless, "unless", FZ_OPTIONAL, "track = simplified", "the rule does not ask while this holds", "此条件成立时不适用"),
    FZ_KEY_NAME(struct raw_rule, pause, "while", FZ_OPTIONAL, "trial", "while this pause lies over the stage", "在该项中止期间"),
    FZ_KEY_NAME(struct raw_rule, after, "after", FZ_OPTIONAL, "accept", "after this action", "在该行为之后"),
    FZ_KEY_NAMES(struct raw_rule, always, "always", FZ_OPTIONAL, "[decide, dismiss]", "one of these always follows", "必有其一"),
    FZ_KEY_NAME(struct raw_rule, once, "once", FZ_OPTIONAL, "decide", "at most once", "最多一次"),
    FZ_KEY_NAMES(struct raw_rule, differ, "differ", FZ_OPTIONAL, "[propose, decide]", "taken by different persons", "应当由不同的人进行"),
    ARTICLE(struct raw_rule, FZ_REQUIRED),
    FZ_KEY_END};
static const struct fz_construct rule = FZ_CONSTRUCT(struct raw_rule, "rule", "规则", rule_keys, .brief = NULL);

static const struct fz_key basis_keys[] = {FZ_KEY_END};
static const struct fz_key basis_brief = FZ_KEY_NAMES(struct raw_basis, acts, "acts", FZ_OPTIONAL, "[decide, dismiss]", "the actions counted", "计入的行为");
static const struct fz_construct basis = FZ_CONSTRUCT(struct raw_basis, "basis", "基数", basis_keys, .brief = &basis_brief);

static const struct fz_key indicator_keys[] = {
    FZ_KEY_TITLE(struct raw_indicator, title, "title", FZ_REQUIRED, "法定期限内审结率", "what people read", "名称"),
    FZ_KEY_TITLE(struct raw_indicator, unit, "unit", FZ_OPTIONAL, "件", "unit of the figure", "单位"),
    FZ_KEY_NAME(struct raw_indicator, count, "count", FZ_OPTIONAL, "reconsideration_case", "counts acts of this record, with on", "计数的记录，与 on 连用"),
    FZ_KEY_NAME(struct raw_indicator, stock, "stock", FZ_OPTIONAL, "power_item", "counts the records of this type in the stock at the end of a day, with at", "某日终了时存量中的此类记录数，与 at 连用"),
    FZ_KEY_WORD(struct raw_indicator, at, "at", FZ_OPTIONAL, FZ_AT_WORDS, "period.end", "stock: at the end of the period, or of the day before it", "存量：期末，或者期初（前一日终了时）"),
    FZ_KEY_NAME(struct raw_indicator, changes, "changes", FZ_OPTIONAL, "power_item", "counts the acts that are a change of this register; `by` may name kind", "此类登记事项的变动数；by 可以写 kind（变动类型）"),
    FZ_KEY_TEXT(struct raw_indicator, sum, "sum", FZ_OPTIONAL, "penalty_case.fine", "adds up this field after each act of on: int, money, points", "合计各次 on 行为之后该字段的值：int、money、points"),
    FZ_KEY_TEXT(struct raw_indicator, mean, "mean", FZ_OPTIONAL, "session.people", "the same, divided by how many values there are: an exact fraction", "同上，再除以值的个数，为精确的分数"),
    FZ_KEY_TEXT(struct raw_indicator, distinct, "distinct", FZ_OPTIONAL, "session.audience", "how many different values of this field", "该字段不同值的个数"),
    FZ_KEY_NAMES(struct raw_indicator, on, "on", FZ_OPTIONAL, "receive", "the actions counted, or after which the field is read", "计入的行为，或者在其之后读取字段的行为"),
    FZ_KEY_EXPR(struct raw_indicator, where, "where", FZ_OPTIONAL, "clock(decision) is met", "only acts for which this holds; stock: only records, and without clocks, for those move by themselves", "仅计此条件成立的行为；存量：仅计此条件成立的记录，不得涉及期限，因其随时间自行变化"),
    FZ_KEY_NAMES(struct raw_indicator, share_of, "share_of", FZ_OPTIONAL, "[decide, dismiss]", "the share of these actions for which where holds", "这些行为中符合 where 的占比"),
    FZ_KEY_NAMES(struct raw_indicator, by, "by", FZ_OPTIONAL, "[channel]", "fields it is broken down by", "分组的字段"),
    FZ_KEY_NAMED(struct raw_indicator, bases, "bases", FZ_OPTIONAL, &basis, "{all: [decide, dismiss], merits: decide}", "other bases of the share, a figure for each", "占比的各个基数，各得一个数"),
    FZ_KEY_END};
static const struct fz_construct indicator = FZ_CONSTRUCT(struct raw_indicator, "indicator", "指标", indicator_keys, .brief = NULL);

static const struct fz_key pack_keys[] = {
    FZ_KEY_NAME(struct raw_pack, pack, "pack", FZ_REQUIRED, "reconsideration", "name of the pack", "制度包的名称"),
    FZ_KEY_DAY(struct raw_pack, version, "version", FZ_REQUIRED, "2024-01-01", "day on which this version takes force", "本版施行之日"),
    FZ_KEY_DAY(struct raw_pack, amends, "amends", FZ_OPTIONAL, "1993-01-01", "the version that this file amends", "所修改的版本"),
    FZ_KEY_TITLE(struct raw_pack, title, "title", FZ_REQUIRED, "{zh: 行政复议, en: Administrative reconsideration}", "what people read", "名称"),
    FZ_KEY_NAME(struct raw_pack, part, "part", FZ_REQUIRED, "disputes", "part of the whole it belongs to", "所属部分"),
    FZ_KEY_NAME(struct raw_pack, calendar, "calendar", FZ_REQUIRED, "cn", "calendar of working days; none: plain days", "工作日历；none：只计自然日"),
    FZ_KEY_NAMED(struct raw_pack, laws, "laws", FZ_REQUIRED, &law, "{复议法: {title: 中华人民共和国行政复议法, edition: 2023-09-01, in_force: 2024-01-01, working_days: [3, 5, 7, 10]}}", "the laws cited, under their short names", "所引法律及其简称"),
    FZ_KEY_NAMED(struct raw_pack, config, "config", FZ_OPTIONAL, &config, "{hearing: {type: length, default: 5 working_days, confidence: chosen, source: 待定}}", "what the law leaves open", "法律留白之处"),
    FZ_KEY_NAMED(struct raw_pack, tables, "tables", FZ_OPTIONAL, &table, "{fine_range: {title: 罚款裁量基准, in: [gravity], out: {low: money, high: money}, rows: [[light, 1000.00 yuan, 10000.00 yuan], [grave, 30000.00 yuan, 50000.00 yuan]], article: 处罚法 34}}", "discretion benchmarks, thresholds, fees", "裁量基准、标准、收费"),
    FZ_KEY_NAMED(struct raw_pack, records, "records", FZ_REQUIRED, &record, "{reconsideration_case: {title: 行政复议案件, shape: case, ...}}", "record types", "记录类型"),
    FZ_KEY_PARTS(struct raw_pack, rules, "rules", FZ_OPTIONAL, &rule, "[{once: decide, article: 复议法 61}]", "what holds of every case", "一切案件均应遵守的规则"),
    FZ_KEY_NAMED(struct raw_pack, indicators, "indicators", FZ_OPTIONAL, &indicator, "{received: {title: 新收案件, count: reconsideration_case, on: receive}}", "what is counted", "指标"),
    FZ_KEY_END};
const struct fz_construct fz_pack_construct = FZ_CONSTRUCT(struct raw_pack, "pack", "制度包", pack_keys, .brief = NULL);
/* clang-format on */
