/*
 * What became of each row of an import, as tab-separated values for a clerk: place, case, act, key, verdict, reason, the reason in Chinese and English, articles.
 * A row that holds several acts (a table of cases) has a line for each. Of what was taken the reasons are what the law has against it.
 */
#ifndef FZ_CLI_VERDICT_H
#define FZ_CLI_VERDICT_H

#include <stdio.h>

#include "report/log.h"

typedef enum { FZ_V_TAKEN, FZ_V_REPEATED, FZ_V_REFUSED } fz_verdict_kind;

/* Why a row is refused: a stable id, and words. */
struct fz_why {
    const char *id;
    fz_str zh, en;
};

struct fz_verdict_row {
    uint16_t file;
    uint32_t line, column; /* column from 1; 0: none */
    fz_str case_id, act, key; /* act, key: empty of a row that could not be read */
    fz_verdict_kind kind;
    const struct fz_ruling *ruling; /* NULL: none was made */
    const struct fz_why *why;       /* NULL: none is needed */
};

struct fz_verdicts {
    FILE *out; /* NULL: not open */
    const char *name;
    struct fz_buf line, cell;
};

/** Makes the file with its header line. FZ_E_IO. */
fz_status fz_verdicts_open(struct fz_verdicts *v, const char *name, struct fz_error *err);
/** A failure to write shows when the file is closed. */
void fz_verdict_write(struct fz_verdicts *v, const struct fz_log *log, const struct fz_verdict_row *row);
fz_status fz_verdicts_close(struct fz_verdicts *v, struct fz_error *err); /* accepts a zeroed one */

#endif
