/*
 * Subcommands. Each is a row: name, arguments, what it does, exit codes, options. Options land in the command's own
 * struct, so that a test can run it twice. Results go to `out`, talk to standard error.
 */
#ifndef FZ_CLI_CLI_H
#define FZ_CLI_CLI_H

#include "base/base.h"
#include "base/diag.h"

typedef enum { FZ_OPT_TEXT, FZ_OPT_FLAG, FZ_OPT_MANY } fz_opt_kind;

struct fz_opt {
    const char *name; /* without the dashes */
    const char *arg;  /* what follows it; NULL for a flag */
    const char *help;
    fz_opt_kind kind;
    size_t offset; /* of the member: const char *, bool or struct fz_texts */
};

#define FZ_OPTION_TEXT(type, member, name, arg, help) {name, arg, help, FZ_OPT_TEXT, offsetof(type, member)}
#define FZ_OPTION_FLAG(type, member, name, help) {name, NULL, help, FZ_OPT_FLAG, offsetof(type, member)}
#define FZ_OPTION_MANY(type, member, name, arg, help) {name, arg, help, FZ_OPT_MANY, offsetof(type, member)}
#define FZ_OPTION_END {NULL, NULL, NULL, FZ_OPT_TEXT, 0}

#define FZ_TEXTS_MAX 64
struct fz_texts {
    const char *items[FZ_TEXTS_MAX];
    size_t n;
};

struct fz_cli {
    fz_language lang;
    struct fz_buf *out;
    struct fz_texts args; /* what is no option */
    struct fz_error err;
};

struct fz_command {
    const char *name, *args, *summary, *exits;
    const struct fz_opt *options;
    size_t options_bytes;
    fz_status (*run)(struct fz_cli *cli, const void *options);
};

#define X(name) extern const struct fz_command fz_cmd_##name;
#include "cli/commands.def"
#undef X

/** The whole of a file, in the arena. FZ_E_TOO_LARGE past `bytes_max`; FZ_E_INPUT when it cannot be opened. */
fz_status fz_cli_read_file(struct fz_arena *a, const char *name, size_t bytes_max, fz_str *out, struct fz_error *err);
/** Puts a file in the place of one of that name, or of none: whole and durable when it returns FZ_OK, else as it was. Only its owner may read it. */
fz_status fz_cli_replace_file(const char *name, fz_str text, struct fz_error *err);
/** Makes the name of a file as durable as its bytes. */
fz_status fz_cli_sync_folder_of(const char *name, struct fz_error *err);
/** A result goes to the file, or to `out` when `name` is NULL. */
fz_status fz_cli_result(struct fz_cli *cli, const char *name, fz_str text);
/** Prints problems to standard error and empties them. */
void fz_cli_say_problems(const struct fz_cli *cli, struct fz_diags *diags);

#endif
