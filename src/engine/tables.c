#include "engine/tables.h"

#include "engine/wire.h"

#define COLUMN_INT(n) {.name = n, .kind = FZ_COL_INT}
#define COLUMN_TEXT(n) {.name = n, .kind = FZ_COL_TEXT}
#define COLUMN_BLOB(n) {.name = n, .kind = FZ_COL_BLOB}
#define NULLABLE(n, k) {.name = n, .kind = k, .may_be_null = true}
#define TABLE(n, cols, keys, ...)                                                                              \
    {                                                                                                          \
        .name = n, .columns = cols, .columns_n = FZ_COUNT(cols), .key_n = keys, __VA_ARGS__                    \
    }
#define INDEXED(x) .indexes = x, .indexes_n = FZ_COUNT(x)

static const struct fz_column entry_columns[FZ_ENTRY_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_INT("seq"), COLUMN_TEXT("record"), COLUMN_BLOB("leaf"), COLUMN_BLOB("bytes")};
static const int entry_by_record[] = {FZ_ENTRY_JURISDICTION, FZ_ENTRY_RECORD, FZ_ENTRY_SEQ};
static const struct fz_index entry_indexes[] = {{"by_record", entry_by_record, 3, true}};
const struct fz_table fz_table_entry = TABLE("entry", entry_columns, 2, INDEXED(entry_indexes));

static const struct fz_column node_columns[FZ_NODE_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_INT("level"), COLUMN_INT("idx"), COLUMN_BLOB("hash")};
const struct fz_table fz_table_node = TABLE("node", node_columns, 3);

static const struct fz_column head_columns[FZ_HEAD_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_INT("size"), COLUMN_BLOB("note")};
const struct fz_table fz_table_head = TABLE("head", head_columns, 2);

static const struct fz_column private_columns[FZ_PRIVATE_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_INT("seq"), COLUMN_TEXT("name"),
                                                                     NULLABLE("salt", FZ_COL_BLOB), NULLABLE("value", FZ_COL_TEXT)};
const struct fz_table fz_table_private = TABLE("private", private_columns, 3);
const struct fz_table fz_table_locked = TABLE("locked", private_columns, 3);

static const struct fz_column withheld_columns[FZ_WITHHELD_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_INT("entry"), COLUMN_TEXT("name"),
                                                                       COLUMN_TEXT("record"),       COLUMN_INT("by"),    COLUMN_INT("locked")};
const struct fz_table fz_table_withheld = TABLE("withheld", withheld_columns, 3);

static const struct fz_column key_columns[FZ_KEY_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_BLOB("key"), COLUMN_INT("seq")};
const struct fz_table fz_table_key = TABLE("key", key_columns, 2);

static const struct fz_column record_columns[FZ_RECORD_COLUMNS] = {
    COLUMN_TEXT("jurisdiction"), COLUMN_TEXT("record"), COLUMN_TEXT("type"),    COLUMN_TEXT("pack"),  COLUMN_INT("pack_version"),          COLUMN_TEXT("stage"),
    COLUMN_INT("steps"),         COLUMN_INT("opened"),  COLUMN_INT("changed"), COLUMN_TEXT("organ"), NULLABLE("number", FZ_COL_TEXT), COLUMN_INT("ended")};
static const int record_by_type[] = {FZ_RECORD_JURISDICTION, FZ_RECORD_TYPE, FZ_RECORD_STAGE};
static const struct fz_index record_indexes[] = {{"by_type", record_by_type, 3, false}};
const struct fz_table fz_table_record = TABLE("record", record_columns, 2, INDEXED(record_indexes));

static const struct fz_column act_columns[FZ_ACT_COLUMNS] = {
    COLUMN_TEXT("jurisdiction"), COLUMN_TEXT("type"),   COLUMN_TEXT("counted"), COLUMN_TEXT("dims"),              COLUMN_INT("day"),
    COLUMN_INT("seq"),           COLUMN_TEXT("record"), COLUMN_TEXT("action"),  NULLABLE("outcome", FZ_COL_TEXT), COLUMN_TEXT("actor"),
    COLUMN_TEXT("organ")};
const struct fz_table fz_table_act = TABLE("act", act_columns, 6);

static const struct fz_column measure_columns[FZ_MEASURE_COLUMNS] = {
    COLUMN_TEXT("jurisdiction"), COLUMN_TEXT("type"), COLUMN_TEXT("counted"), COLUMN_TEXT("dims"),   COLUMN_TEXT("value"), COLUMN_INT("day"),
    COLUMN_INT("seq"),           COLUMN_INT("n"),     COLUMN_TEXT("record"),  COLUMN_TEXT("action"), COLUMN_TEXT("organ")};
const struct fz_table fz_table_measure = TABLE("measure", measure_columns, 7);

static const struct fz_column held_columns[FZ_HELD_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_TEXT("pack"), COLUMN_TEXT("type"), COLUMN_TEXT("key"), COLUMN_TEXT("record")};
const struct fz_table fz_table_held = TABLE("held", held_columns, 5);

fz_str fz_measure_name(const struct fz_pack *p, const struct fz_indicator *ind, struct fz_arena *arena)
{
    static const char *const words[] = {[FZ_STOCK_OF] = "stock", [FZ_SUM_OF] = "sum", [FZ_MEAN_OF] = "mean", [FZ_DISTINCT_OF] = "distinct"};

    fz_assert(fz_indicator_is_measured(ind));
    return fz_str_printf(arena, "%.*s:%s:%.*s", FZ_STR_ARG(p->name), words[ind->kind], FZ_STR_ARG(ind->name));
}

static const struct fz_column clock_columns[FZ_CLOCK_COLUMNS] = {
    COLUMN_TEXT("jurisdiction"),      COLUMN_TEXT("record"),              COLUMN_TEXT("clock"), COLUMN_INT("instance"), COLUMN_INT("started"),
    NULLABLE("due", FZ_COL_INT), NULLABLE("stopped", FZ_COL_INT), COLUMN_INT("late"),   COLUMN_INT("open"),
    COLUMN_INT("paused"), COLUMN_INT("unreached")};
const struct fz_table fz_table_clock = TABLE("clock", clock_columns, 4);

static const struct fz_column due_columns[FZ_DUE_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_INT("due"), COLUMN_TEXT("record"), COLUMN_TEXT("clock"),
                                                             COLUMN_INT("instance")};
const struct fz_table fz_table_due = TABLE("due", due_columns, 5);

static const struct fz_column serial_columns[FZ_SERIAL_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_TEXT("organ"), COLUMN_TEXT("kind"), COLUMN_INT("year"), COLUMN_INT("last")};
const struct fz_table fz_table_serial = TABLE("serial", serial_columns, 4);

#define X(part, word, ...) {.name = "p_" word, .kind = FZ_DP_##part < FZ_DIRECTORY_TEXTS ? FZ_COL_TEXT : FZ_COL_INT, .may_be_null = true},
static const struct fz_column directory_columns[FZ_DIRECTORY_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_TEXT("record"), COLUMN_TEXT("kind"),
                                                                         FZ_DIRECTORY_PARTS(X)};
#undef X
const struct fz_table fz_table_directory = TABLE("directory", directory_columns, 2);

static const struct fz_column link_columns[FZ_LINK_COLUMNS] = {COLUMN_TEXT("jurisdiction"), COLUMN_TEXT("other"), COLUMN_TEXT("record"), COLUMN_TEXT("link")};
const struct fz_table fz_table_link = TABLE("link", link_columns, 4);

const struct fz_table *const fz_projections[] = {&fz_table_link, &fz_table_key, &fz_table_record, &fz_table_act, &fz_table_measure, &fz_table_held, &fz_table_clock, &fz_table_due, &fz_table_serial, &fz_table_directory, &fz_table_withheld};
const size_t fz_projections_n = FZ_COUNT(fz_projections);

/* ---- typed tables ---- */

static bool is_integer(const struct fz_field *f)
{
    return !f->many && (f->type == FZ_TYPE_FLAG || f->type == FZ_TYPE_INT || f->type == FZ_TYPE_MONEY || f->type == FZ_TYPE_POINTS ||
                        f->type == FZ_TYPE_DAY || f->type == FZ_TYPE_MONTH || f->type == FZ_TYPE_YEAR || f->type == FZ_TYPE_INSTANT);
}

bool fz_typed_has(const struct fz_field *f)
{
    return !f->personal && !f->is;
}

int fz_typed_column(const struct fz_table *t, const struct fz_field *f)
{
    for (size_t i = 2; i < t->columns_n; i++)
        if (fz_str_is(f->name, t->columns[i].name + 2))
            return (int)i;
    return -1;
}

const struct fz_table *fz_typed_table_over(struct fz_arena *arena, const struct fz_pack *p, const struct fz_record *const *versions, size_t n)
{
    size_t fields = 0;
    struct fz_column *columns;
    struct fz_table *t = FZ_NEW(arena, struct fz_table);

    for (size_t v = 0; v < n; v++)
        fields += versions[v]->fields_n;
    columns = FZ_NEW_ARRAY(arena, struct fz_column, fields + 2);
    columns[0] = (struct fz_column)COLUMN_TEXT("jurisdiction");
    columns[1] = (struct fz_column)COLUMN_TEXT("record");
    *t = (struct fz_table){.name = fz_str_printf(arena, "of_%.*s_%.*s", FZ_STR_ARG(p->name), FZ_STR_ARG(versions[0]->name)).p, .columns = columns, .columns_n = 2, .key_n = 2};
    for (size_t v = 0; v < n; v++)
        for (size_t i = 0; i < versions[v]->fields_n; i++) {
            const struct fz_field *f = &versions[v]->fields[i];

            if (fz_typed_has(f) && fz_typed_column(t, f) < 0)
                columns[t->columns_n++] = (struct fz_column){fz_str_printf(arena, "f_%.*s", FZ_STR_ARG(f->name)).p, is_integer(f) ? FZ_COL_INT : FZ_COL_TEXT, true};
        }
    return t;
}

const struct fz_table *fz_typed_table(struct fz_arena *arena, const struct fz_pack *p, const struct fz_record *r)
{
    return fz_typed_table_over(arena, p, &r, 1);
}

fz_cell fz_typed_cell(const struct fz_field *f, fz_value v, struct fz_arena *arena)
{
    struct fz_buf b = {0};
    fz_entry_value list;
    fz_cell cell;

    if (!v.set)
        return FZ_CELL_UNSET;
    if (is_integer(f))
        return FZ_CELL_OF_INT(v.n);
    if (f->many) {
        list = fz_wire_value(f, v, arena);
        fz_entry_value_emit(&b, &list);
    } else {
        fz_value_print(f->type, &f->choices, v, &b);
    }
    cell = FZ_CELL_OF(fz_str_copy(arena, fz_buf_str(&b)));
    fz_buf_release(&b);
    return cell;
}
